/* mash-verify's judgement over small exports made here: what is right is proven, and whatever a
 * person with every right in the database does to it is found and named (R16-R18). */
#include "broker/ctl/prove.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <unistd.h>

enum { ROWS = 50, ARENA = 1 << 22 };

static const char origin[] = "mash.example/test/demonstration";
static const uint64_t head_sizes[] = {1, 8, 21, 50};

typedef struct Row {
    uint64_t idx;
    char body[256];
    Hash hash;
} Row;

/* What stands in the files; a test alters it before they are written. */
typedef struct Copy {
    Row row[ROWS + 1];
    size_t rows;
    uint64_t head;
    Hash node[7][ROWS];
    size_t nodes[7];
    Str note[COUNT_OF(head_sizes)];
    size_t notes;
    Str line; /* the witness's, over the newest head */
    uint64_t line_size;
} Copy;

static Arena *arena;
static Copy copy;
static KeyPair log_key, witness_key;
static char folder[] = "/tmp/mash-verify-XXXXXX";
static char *said;

static void body_make(Row *row, uint64_t idx) {
    row->idx = idx;
    (void)snprintf(
        row->body, sizeof(row->body),
        "mash-leaf/1\nmessage 00000000-0000-7000-8000-0000000000%02x\ncommitment %064x\n",
        (unsigned)idx, (unsigned)idx);
    cr_assert(leaf_hash(str_bytes(str_z(row->body)), &row->hash) == 0);
}

static void tree_make(void) {
    for (size_t i = 0; i < ROWS; i++) copy.node[0][i] = copy.row[i].hash;
    copy.nodes[0] = ROWS;
    for (size_t level = 1; level < 7; level++) {
        copy.nodes[level] = copy.nodes[level - 1] / 2;
        for (size_t i = 0; i < copy.nodes[level]; i++) {
            const Hash *below = copy.node[level - 1];
            cr_assert(node_hash(&below[2 * i], &below[2 * i + 1], &copy.node[level][i]) == 0);
        }
    }
}

static Checkpoint head_of(uint64_t size) {
    Checkpoint c = {.origin = str_z(origin), .size = size};
    Frontier f = {0};
    for (uint64_t i = 0; i < size; i++) cr_assert(frontier_append(&f, &copy.row[i].hash) == 0);
    cr_assert(frontier_root(&f, &c.root) == 0);
    return c;
}

static void setup(void) {
    arena = arena_new(ARENA);
    cr_assert(mkdtemp(folder) && ed25519_pair(&log_key) == 0 && ed25519_pair(&witness_key) == 0);
    copy = (Copy){.rows = ROWS, .head = ROWS, .notes = COUNT_OF(head_sizes), .line_size = ROWS};
    for (size_t i = 0; i < ROWS; i++) body_make(&copy.row[i], i);
    tree_make();
    for (size_t i = 0; i < COUNT_OF(head_sizes); i++) {
        Checkpoint c = head_of(head_sizes[i]);
        cr_assert(checkpoint_sign(arena, &c, &log_key, &copy.note[i]) == 0);
    }
    Checkpoint newest = head_of(ROWS);
    cr_assert(cosignature_make(arena, &newest, STR("w.example/police"), &witness_key, 1,
                               &copy.line) == 0);
}

static const char *const files[] = {"head.tsv",        "leaves.tsv",       "nodes.tsv",
                                    "checkpoints.tsv", "cosignatures.tsv", "acks.tsv"};

static const char *path_of(const char *name) {
    return arena_printf(arena, "%s/%s", folder, name).at;
}

static void teardown(void) {
    for (size_t i = 0; i < COUNT_OF(files); i++) (void)unlink(path_of(files[i]));
    (void)rmdir(folder);
    arena_free(arena);
    free(said);
}

TestSuite(verify, .init = setup, .fini = teardown);

/* ---- writing and judging -------------------------------------------------------------------- */

static const char *hex(Bytes b) {
    char *out = arena_alloc(arena, 2 * b.len + 1);
    cr_assert(out);
    hex_encode(b, out);
    return out;
}

static FILE *file_new(const char *name) {
    FILE *f = fopen(path_of(name), "w");
    cr_assert(f);
    return f;
}

static void text_put(FILE *f, Str text) {
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '\n')
            (void)fputs("\\n", f);
        else
            (void)fputc(text.at[i], f);
    }
    (void)fputc('\n', f);
}

static void export_write(void) {
    FILE *f = file_new("head.tsv");
    (void)fprintf(f, "%zu\t%zu\n", (size_t)copy.head, (size_t)copy.head);
    cr_assert(fclose(f) == 0);
    f = file_new("leaves.tsv");
    for (size_t i = 0; i < copy.rows; i++) {
        const Row *r = &copy.row[i];
        (void)fprintf(f, "%zu\t%s\t%s\n", (size_t)r->idx, hex(str_bytes(str_z(r->body))),
                      hex(BYTES_OF(r->hash.at)));
    }
    cr_assert(fclose(f) == 0);
    f = file_new("nodes.tsv");
    for (size_t level = 0; level < 7; level++) {
        for (size_t i = 0; i < copy.nodes[level]; i++) {
            (void)fprintf(f, "%zu\t%zu\t%s\n", level, i, hex(BYTES_OF(copy.node[level][i].at)));
        }
    }
    cr_assert(fclose(f) == 0);
    f = file_new("checkpoints.tsv");
    for (size_t i = 0; i < copy.notes; i++) {
        (void)fprintf(f, "%zu\t", (size_t)head_sizes[i]);
        text_put(f, copy.note[i]);
    }
    cr_assert(fclose(f) == 0);
    f = file_new("cosignatures.tsv");
    (void)fprintf(f, "%zu\tpolice\t", (size_t)copy.line_size);
    text_put(f, copy.line);
    cr_assert(fclose(f) == 0);
}

static Trusted trusted_with(size_t quorum) {
    Trusted t = {
        .origin = str_z(origin), .log_key = log_key.public, .witnesses = 1, .quorum = quorum};
    t.witness[0] = (Witness){.name = STR("w.example/police"), .public = witness_key.public};
    return t;
}

/* How many things are wrong; `said` is what a person reads. Negative: could not be read. */
static int judge(Trusted trusted, Str own_head, bool acks) {
    _cleanup_(ledger_freep) Ledger *l = NULL;
    size_t len;
    free(said);
    FILE *out = open_memstream(&said, &len);
    cr_assert(out);
    int r = ledger_prove(folder, &trusted, out, &l);
    if (r == 0 && own_head.at) r = ledger_prove_head(l, &trusted, own_head);
    if (r == 0 && acks) r = ledger_prove_acks(l, path_of("acks.tsv"));
    if (r == 0) ledger_verdict(l, &trusted);
    cr_assert(fclose(out) == 0);
    return r < 0 ? r : (int)ledger_wrong(l);
}

static int judge_plain(void) {
    export_write();
    return judge(trusted_with(1), (Str){0}, false);
}

#define EXPECT_SAID(text) cr_expect(strstr(said, text), "not said: %s\nsaid: %s", text, said)

/* ---- what is right -------------------------------------------------------------------------- */

Test(verify, proves_an_untouched_ledger) {
    cr_expect(judge_plain() == 0);
    EXPECT_SAID("PROVEN: every row under a signed head");
    EXPECT_SAID("50 rows read; 4 signed heads, the newest over 50 rows.");
    EXPECT_SAID("Witness w.example/police cosigned up to 50 rows.");
}

Test(verify, rows_above_the_newest_head_are_said_to_be_so) {
    copy.notes--;
    copy.line_size = 21;
    export_write();
    cr_expect(judge(trusted_with(0), (Str){0}, false) == 0);
    EXPECT_SAID("The last 29 are not under a signed head yet.");
}

/* ---- what a superuser may do ---------------------------------------------------------------- */

Test(verify, names_every_row_whose_text_was_altered) {
    for (size_t i = 0; i < ROWS; i++) {
        char kept = copy.row[i].body[20];
        copy.row[i].body[20] = '#';
        cr_expect(judge_plain() > 0);
        EXPECT_SAID(arena_printf(arena, "Row %zu was altered", i).at);
        EXPECT_SAID("NOT PROVEN");
        copy.row[i].body[20] = kept;
    }
}

Test(verify, names_every_row_whose_text_and_hash_were_altered) {
    for (size_t i = 0; i < ROWS; i++) {
        Row kept = copy.row[i];
        copy.row[i].body[20] = '#';
        cr_assert(leaf_hash(str_bytes(str_z(copy.row[i].body)), &copy.row[i].hash) == 0);
        cr_expect(judge_plain() > 0);
        EXPECT_SAID(arena_printf(arena, "Row %zu is not the row that was signed.", i).at);
        copy.row[i] = kept;
    }
}

Test(verify, narrows_a_rewritten_tree_to_the_rows_between_two_heads) {
    copy.row[30].body[20] = '#';
    cr_assert(leaf_hash(str_bytes(str_z(copy.row[30].body)), &copy.row[30].hash) == 0);
    tree_make();
    cr_expect(judge_plain() > 0);
    EXPECT_SAID("At least one of the rows 21 to 49 is not the row that was signed");
}

Test(verify, names_a_removed_row) {
    memmove(&copy.row[17], &copy.row[18], (ROWS - 18) * sizeof(Row));
    copy.rows--;
    cr_expect(judge_plain() > 0);
    EXPECT_SAID("Row 17 is missing.");
}

Test(verify, names_a_removed_row_although_the_others_moved_up) {
    for (size_t i = 17; i < ROWS - 1; i++) {
        copy.row[i] = copy.row[i + 1];
        copy.row[i].idx = i;
    }
    copy.rows--;
    copy.head--;
    cr_expect(judge_plain() > 0);
    EXPECT_SAID("Row 17 is not the row that was signed.");
    EXPECT_SAID("Row 49 is missing.");
}

Test(verify, names_two_rows_that_changed_places) {
    Row five = copy.row[5];
    copy.row[5] = copy.row[40];
    copy.row[40] = five;
    copy.row[5].idx = 5;
    copy.row[40].idx = 40;
    cr_expect(judge_plain() > 0);
    EXPECT_SAID("Row 5 is not the row that was signed.");
    EXPECT_SAID("Row 40 is not the row that was signed.");
}

Test(verify, names_the_rows_cut_off_the_end) {
    copy.rows = copy.head = 45;
    cr_expect(judge_plain() > 0);
    EXPECT_SAID("Rows 45 to 49 are missing.");
}

Test(verify, finds_a_head_removed_with_its_rows_by_what_the_witness_wrote) {
    copy.rows = copy.head = 21;
    copy.notes--;
    cr_expect(judge_plain() > 0);
    EXPECT_SAID("A head of 50 rows was cosigned, and is not here.");
}

Test(verify, finds_a_row_too_many) {
    copy.rows++;
    body_make(&copy.row[ROWS], ROWS);
    cr_expect(judge_plain() > 0);
    EXPECT_SAID("The ledger counts 50 rows, and 51 are there.");
}

Test(verify, finds_a_row_that_stands_twice) {
    copy.row[9].idx = 8;
    cr_expect(judge_plain() > 0);
    EXPECT_SAID("Row 8 stands twice or in the wrong place.");
}

Test(verify, finds_heads_that_the_log_did_not_sign) {
    KeyPair other;
    Checkpoint c = head_of(21);
    cr_assert(ed25519_pair(&other) == 0);
    cr_assert(checkpoint_sign(arena, &c, &other, &copy.note[2]) == 0);
    cr_expect(judge_plain() == 1);
    EXPECT_SAID("The head of 21 rows is not one that the ledger's key signed.");
}

Test(verify, proves_nothing_without_any_head) {
    copy.notes = 0;
    cr_expect(judge_plain() > 0);
    EXPECT_SAID("There is no signed head: nothing is proven.");
}

/* ---- what was acknowledged is worked on ------------------------------------------------------ */

typedef struct WorkCase {
    const char *sentence; /* NULL: nothing is wrong */
    const char *second;   /* act, agency and actor of a later row about the same message */
    unsigned day, newest_day;
} WorkCase;

static const WorkCase work_cases[] = {
    {"Row 10: message 00000000-0000-7000-8000-00000000000a of police was acknowledged and never "
     "processed.",
     NULL, 20, 22},
    {NULL, NULL, 21, 21},
    {NULL, NULL, 21, 22}, /* a day is not over */
    {NULL, "process\nagency police\nactor hub", 20, 28},
    {NULL, "answer\nagency police\nactor hub", 20, 28},
    {NULL, "quarantine\nagency police\nactor hub", 20, 28},
    {"Row 10: ", "quarantine\nagency police\nactor intake", 20, 28},
    {"Row 10: ", "process\nagency health\nactor hub", 20, 28},
    {"Row 10: ", "view\nagency police\nactor hub", 20, 28},
    {"Row 12: ", "replay\nagency police\nactor hub.manager", 20, 28},
    {"Row 12: ", "mend\nagency police\nactor hub.manager", 20, 28},
};

static void step_put(size_t at, unsigned day, const char *act) {
    Row *row = &copy.row[at];
    (void)snprintf(row->body, sizeof(row->body),
                   "mash-leaf/1\nrealm demonstration\nat 2026-11-%02uT14:00:00.000000Z\nact %s\n"
                   "message 00000000-0000-7000-8000-00000000000a\n",
                   day, act);
    cr_assert(leaf_hash(str_bytes(str_z(row->body)), &row->hash) == 0);
}

Test(verify, names_what_was_acknowledged_and_never_processed) {
    for (size_t i = 0; i < COUNT_OF(work_cases); i++) {
        const WorkCase *c = &work_cases[i];
        copy.rows = copy.head = ROWS;
        step_put(10, c->day, "accept\nagency police\nactor intake");
        if (c->second)
            step_put(12, c->day, c->second);
        else
            body_make(&copy.row[12], 12);
        step_put(ROWS - 1, c->newest_day, "sign_in\nactor triage.officer");
        tree_make();
        copy.notes = 0; /* no head: one thing is wrong already */
        export_write();
        int wrong = judge(trusted_with(0), (Str){0}, false);
        cr_expect(wrong == (c->sentence ? 3 : 2), "case %zu: %s", i, said);
        if (c->sentence) EXPECT_SAID(c->sentence);
    }
}

/* ---- witnesses and agencies ----------------------------------------------------------------- */

Test(verify, needs_the_quorum) {
    Checkpoint c = head_of(ROWS);
    KeyPair other;
    cr_assert(ed25519_pair(&other) == 0);
    cr_assert(cosignature_make(arena, &c, STR("w.example/police"), &other, 1, &copy.line) == 0);
    cr_expect(judge_plain() == 1);
    EXPECT_SAID("0 of the 1 witnesses cosigned a head that holds; 1 are needed.");
}

Test(verify, finds_that_an_agency_was_shown_another_ledger) {
    Row kept = copy.row[3];
    Str fork;
    export_write();
    cr_expect(judge(trusted_with(1), copy.note[1], false) == 0);
    body_make(&copy.row[3], 99);
    Checkpoint c = head_of(8);
    cr_assert(checkpoint_sign(arena, &c, &log_key, &fork) == 0);
    copy.row[3] = kept;
    cr_expect(judge(trusted_with(1), fork, false) == 1);
    EXPECT_SAID("You were shown another ledger: the first 8 rows do not give your head.");
}

typedef struct AckCase {
    const char *sentence; /* NULL: kept */
    unsigned idx, leaf_of, message_of, commitment_of;
} AckCase;

static const AckCase ack_cases[] = {
    {NULL, 12, 12, 12, 12},
    {"row 13 is not what was promised.", 13, 12, 12, 12},
    {"row 70 was promised and is not there.", 70, 12, 12, 12},
    {"its leaf does not name the message.", 12, 12, 13, 12},
    {"its leaf does not hold the commitment.", 12, 12, 12, 13},
};

Test(verify, acknowledgements_are_promises) {
    export_write();
    for (size_t i = 0; i < COUNT_OF(ack_cases); i++) {
        const AckCase *c = &ack_cases[i];
        FILE *f = file_new("acks.tsv");
        (void)fprintf(f, "000000000000700080000000000000%02X\t%u\t%s\t%064x\n", c->message_of,
                      c->idx, hex(str_bytes(str_z(copy.row[c->leaf_of].body))), c->commitment_of);
        cr_assert(fclose(f) == 0);
        int wrong = judge(trusted_with(1), (Str){0}, true);
        cr_expect(wrong == (c->sentence ? 1 : 0), "case %zu: %s", i, said);
        if (c->sentence) EXPECT_SAID(c->sentence);
    }
}

/* ---- files that are no export --------------------------------------------------------------- */

static const struct {
    const char *name, *text;
} broken_files[] = {
    {"head.tsv", ""},
    {"head.tsv", "50\n"},
    {"leaves.tsv", "0\tzz\t00\n"},
    {"leaves.tsv", "0\t00\n"},
    {"leaves.tsv", "0\t00\t00\t00\t00\n"},
    {"leaves.tsv", "0\t00\t6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"},
    {"leaves.tsv", "-1\t00\t6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d\n"},
    {"checkpoints.tsv", "1\ta\\tb\n"},
    {"checkpoints.tsv", "1\ta\\\n"},
    {"cosignatures.tsv", "1\tpolice\n"},
};

Test(verify, says_nothing_about_files_that_it_does_not_understand) {
    for (size_t i = 0; i < COUNT_OF(broken_files); i++) {
        export_write();
        FILE *f = file_new(broken_files[i].name);
        (void)fputs(broken_files[i].text, f);
        cr_assert(fclose(f) == 0);
        cr_expect(judge(trusted_with(1), (Str){0}, false) == ERR_FILE, "case %zu", i);
    }
    cr_assert(unlink(path_of("leaves.tsv")) == 0);
    cr_expect(judge(trusted_with(1), (Str){0}, false) == ERR_FILE);
}
