/* What comes from the hub by the courier: letters, checks, answers, checkpoints, proofs. */
#include "adapters/common/desk.h"
#include "adapters/common/letters.h"
#include "adapters/common/letters_text.h"
#include "adapters/common/witness.h"
#include "broker/base/seal.h"
#include "broker/ledger/ledger.h"
#include "tests/unit/adapters_kit.h"

#include <criterion/criterion.h>

static Kit k;
static Letters *letters;

static void open_letters(void) {
    kit_open(&k);
    cr_assert(letters_open(&k.adapter.self, k.adapter.spool, &letters) == 0);
}

static void close_letters(void) {
    letters_close(letters);
    kit_close(&k);
}

TestSuite(adapters_hub, .init = open_letters, .fini = close_letters);

/* ---- letters --------------------------------------------------------------------------------- */

static Id random_id(void) {
    Id id;
    cr_assert(id_random(&id) == 0);
    return id;
}

static Value *letter_new(Id letter_id, const char *kind) {
    Value *v = head_new(k.arena, STRUCT_letter);
    Value *plain = value_map(k.arena);
    value_set_number(k.arena, plain, F_letter_version, value_number(v, F_letter_version));
    value_set_id(k.arena, plain, F_letter_letter_id, &letter_id);
    value_set_text(k.arena, plain, F_letter_realm, STR("demonstration"));
    value_set_text(k.arena, plain, F_letter_agency, STR("police"));
    value_set_text(k.arena, plain, F_letter_kind, str_z(kind));
    return plain;
}

static void subject_add(Value *to, uint32_t key) {
    Value *subject = value_add_map(k.arena, to, key);
    value_set_text(k.arena, subject, F_subject_name, STR("Mei Chan"));
    value_set_text(k.arena, subject, F_subject_birth_date, STR("2017-05-05"));
}

static Value *check_letter(Id letter_id, Id check_id) {
    Value *letter = letter_new(letter_id, "check");
    Value *check = value_set_map(k.arena, letter, F_letter_check);
    value_set_id(k.arena, check, F_check_check_id, &check_id);
    value_set_text(k.arena, check, F_check_gateway, STR("ca1989_s17"));
    value_set_text(k.arena, check, F_check_threshold, STR("s17"));
    value_set_text(k.arena, check, F_check_family_informed, STR("yes"));
    subject_add(check, F_check_subject);
    value_set_text(k.arena, check, F_check_question, STR("What is known of the family?"));
    value_set_text(k.arena, check, F_check_answer_by, STR("2026-11-23T14:00:00Z"));
    return letter;
}

static Value *product_letter(Id letter_id, Id product_id) {
    Value *letter = letter_new(letter_id, "product");
    Value *product = value_set_map(k.arena, letter, F_letter_product);
    value_set_id(k.arena, product, F_product_product_id, &product_id);
    value_set_text(k.arena, product, F_product_purpose, STR("safeguarding_assessment"));
    value_set_text(k.arena, product, F_product_marking, STR("OFFICIAL-SENSITIVE"));
    subject_add(product, F_product_subject);
    value_set_text(k.arena, product, F_product_text, STR("The text.\n"));
    value_set_text(k.arena, product, F_product_html, STR("<p>The text.</p>\n"));
    return letter;
}

/* As the hub does it: sign, put the signature before, seal to the recipient. */
static Bytes seal(Id letter_id, const Value *letter, const Key *sign_secret) {
    SealFor purpose = {.realm = STR("demonstration"),
                       .use = STR("letter"),
                       .agency = STR("police"),
                       .id = letter_id};
    const Sealed *sealed = NULL;
    Signature s;
    Bytes body;
    cr_assert(codec_encode(k.arena, letter, &body) == 0);
    cr_assert(head_sign(k.arena, sign_secret, STRUCT_letter, body, &s) == 0);
    uint8_t *plain = arena_alloc(k.arena, SIG_LEN + body.len);
    memcpy(plain, s.at, SIG_LEN);
    memcpy(plain + SIG_LEN, body.at, body.len);
    cr_assert(letter_seal(k.arena, &k.adapter.self.letter.public, purpose,
                          bytes_of(plain, SIG_LEN + body.len), &sealed) == 0);
    return sealed_bytes(sealed);
}

/* The receipt's outcome; its signature and digest are checked here for every test. */
static Str take_letter(Id letter_id, Bytes sealed, Bytes *ret_head) {
    Bytes signature;
    StructKind kind;
    const Value *receipt = NULL;
    Fault fault;
    Key origin_public;
    Hash digest, said;
    cr_assert(letters_take(letters, k.arena, letter_id, sealed, ret_head, &signature) == 0);
    cr_assert(ed25519_public(&k.adapter.self.origin, &origin_public) == 0);
    cr_expect(head_verify(k.arena, &origin_public, STRUCT_receipt, *ret_head, signature));
    cr_assert(head_decode(k.arena, *ret_head, &kind, &receipt, &fault) == 0);
    cr_assert(sha256(&sealed, 1, &digest) == 0);
    cr_assert(value_hash(receipt, F_receipt_digest, &said) && hash_eq(&digest, &said));
    return value_text(receipt, F_receipt_outcome);
}

static Str file_of(const char *dir, Id id, const char *ending) {
    char text[ID_TEXT], name[ID_TEXT + 8];
    id_text(id, text);
    (void)snprintf(name, sizeof(name), "%s.%s", text, ending);
    return kit_file(&k, dir, name);
}

Test(adapters_hub, a_product_is_written_three_times_and_receipted) {
    Id letter_id = random_id(), product_id = random_id();
    Bytes receipt;
    Bytes sealed = seal(letter_id, product_letter(letter_id, product_id), &k.letter_sign.secret);
    cr_expect(str_is(take_letter(letter_id, sealed, &receipt), "delivered"));
    cr_expect(str_is(file_of("inbox", product_id, "txt"), "The text.\n"));
    cr_expect(str_is(file_of("inbox", product_id, "html"), "<p>The text.</p>\n"));
    cr_expect(contains(file_of("inbox", product_id, "json"), "\"Mei Chan\""));
}

Test(adapters_hub, the_same_letter_gets_the_same_receipt) {
    Id letter_id = random_id();
    Bytes first, again;
    Bytes sealed = seal(letter_id, check_letter(letter_id, random_id()), &k.letter_sign.secret);
    take_letter(letter_id, sealed, &first);
    kit_reopen_spool(&k);
    letters_close(letters);
    cr_assert(letters_open(&k.adapter.self, k.adapter.spool, &letters) == 0);
    take_letter(letter_id, sealed, &again);
    cr_expect(bytes_eq(first, again));
}

Test(adapters_hub, a_check_becomes_a_question_and_a_form) {
    Id letter_id = random_id(), check_id = random_id();
    Bytes receipt;
    Bytes sealed = seal(letter_id, check_letter(letter_id, check_id), &k.letter_sign.secret);
    cr_expect(str_is(take_letter(letter_id, sealed, &receipt), "delivered"));
    Str text = file_of("desk/questions", check_id, "txt");
    cr_expect(contains(text, "What is known of the family?"));
    cr_expect(contains(text, "Mei Chan, born 2017-05-05"));
    cr_expect(contains(text, "Children Act 1989 section 17"));
    Str form = file_of("desk/questions", check_id, "json");
    Value *answer = NULL;
    Fault fault;
    cr_expect_gt(desk_read(k.arena, check_id, str_bytes(form), KIT_NOW_MS, &answer, &fault), 0);
    cr_expect_str_eq(fault.path, "outcome");
}

Test(adapters_hub, what_is_not_the_hubs_letter_is_unreadable_and_written_nowhere) {
    Id letter_id = random_id(), product_id = random_id();
    Bytes receipt;
    KeyPair stranger;
    cr_assert(ed25519_pair(&stranger) == 0);
    Value *letter = product_letter(letter_id, product_id);
    Bytes forged = seal(letter_id, letter, &stranger.secret);
    cr_expect(str_is(take_letter(letter_id, forged, &receipt), "unreadable"));
    Bytes moved = seal(random_id(), letter, &k.letter_sign.secret);
    cr_expect(str_is(take_letter(letter_id, moved, &receipt), "unreadable"));
    Bytes noise = str_bytes(STR("not a letter at all"));
    cr_expect(str_is(take_letter(letter_id, noise, &receipt), "unreadable"));
    cr_expect(file_of("inbox", product_id, "txt").at == NULL);
}

Test(adapters_hub, a_letter_that_a_crash_interrupted_is_finished_at_start) {
    Id letter_id = random_id(), product_id = random_id();
    Hash digest;
    Bytes head, signature;
    Bytes sealed = seal(letter_id, product_letter(letter_id, product_id), &k.letter_sign.secret);
    cr_assert(sha256(&sealed, 1, &digest) == 0);
    cr_assert(spool_letter_put(k.adapter.spool, letter_id, &digest, sealed, KIT_NOW_MS) == 0);
    cr_assert(letters_resume(letters) == 0);
    cr_expect(str_is(file_of("inbox", product_id, "txt"), "The text.\n"));
    cr_assert(spool_receipt(k.adapter.spool, k.arena, letter_id, &digest, &head, &signature) == 0);
    cr_expect(head.at != NULL);
}

/* ---- the desk -------------------------------------------------------------------------------- */

/* Legend: the form, the place of its fault; NULL when it is good. */
static const struct {
    const char *form, *path;
} forms[] = {
    {"{\"outcome\":\"nil_return\"}", NULL},
    {"{\"outcome\":\"refused\",\"reason\":\"detriment\"}", NULL},
    {"{\"outcome\":\"answered\",\"answered_by\":\"Desk\",\"items\":[{\"class\":\"health\","
     "\"text\":\"Words\",\"summary\":\"S\",\"tier\":\"share\"}],\"risk_factors\":[\"3A\"]}",
     NULL},
    {"{\"outcome\":\"answered\",\"items\":[{\"class\":\"\",\"text\":\"\",\"summary\":\"\","
     "\"tier\":\"signpost\"},{\"class\":\"health\",\"text\":\"Words\"}]}",
     NULL},
    {"{\"outcome\":\"answered\"}", "items"},
    {"{\"outcome\":\"refused\"}", "reason"},
    {"{\"outcome\":\"refused\",\"reason\":\"No power.\"}", "reason"},
    {"{\"outcome\":\"nil_return\",\"reason\":\"detriment\"}", "reason"},
    {"{\"outcome\":\"maybe\"}", "outcome"},
    {"{\"outcome\":\"nil_return\",\"items\":[{\"class\":\"health\",\"text\":\"W\"}]}", "items"},
    {"{\"outcome\":\"answered\",\"items\":[{\"class\":\"gossip\",\"text\":\"W\"}]}",
     "items[0].class"},
    {"{\"outcome\":\"answered\",\"items\":[{\"class\":\"health\",\"text\":\"W\",\"tier\":\"x\"}]}",
     "items[0].tier"},
    {"{\"outcome\":\"answered\",\"items\":[{\"class\":\"health\",\"summary\":\"W\"}]}",
     "items[0].text"},
    {"{\"outcome\":\"answered\",\"items\":[{\"class\":\"health\",\"text\":7}]}", "items[0].text"},
    {"{\"outcome\":\"answered\",\"risk_factors\":[\"99\"]}", "risk_factors[0]"},
    {"{\"outcome\":\"nil_return\",\"check_id\":\"other\"}", "check_id"},
    {"{\"outcome\":\"nil_return\",\"outcomes\":1}", ""},
    {"[]", ""},
    {"{", ""},
};

Test(adapters_hub, a_form_is_read_or_its_fault_is_named) {
    Id check_id = random_id();
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        Value *answer = NULL;
        Fault fault;
        Bytes form = str_bytes(str_z(forms[i].form));
        int r = desk_read(k.arena, check_id, form, KIT_NOW_MS, &answer, &fault);
        cr_expect_eq(r == 0, forms[i].path == NULL, "form %zu at %s", i, fault.path);
        if (forms[i].path) cr_expect_str_eq(fault.path, forms[i].path, "form %zu", i);
    }
}

static void drop(const char *name, const char *form) {
    char reply[PATH_LEN];
    (void)snprintf(reply, sizeof(reply), "%s/desk/reply", k.dir);
    cr_assert(file_write(reply, name, str_bytes(str_z(form))) == 0);
}

Test(adapters_hub, a_reply_becomes_an_answer_and_a_bad_one_is_put_aside) {
    Loop *loop = NULL;
    Desk *desk = NULL;
    Id letter_id = random_id(), check_id = random_id(), unknown = random_id();
    char id[ID_TEXT], name[ID_TEXT + 8];
    Bytes receipt;
    take_letter(letter_id,
                seal(letter_id, check_letter(letter_id, check_id), &k.letter_sign.secret),
                &receipt);
    cr_assert(loop_new(&loop) == 0);
    cr_assert(desk_open(loop, &k.adapter.self, k.adapter.spool, &desk) == 0);
    id_text(check_id, id);
    (void)snprintf(name, sizeof(name), "%s.json", id);
    drop(name, "{\"outcome\":\"refused\",\"reasons\":\"Zanzibar\"}");
    desk_scan(desk);
    Str reason = kit_file(&k, "desk/reply/rejected", ".reason");
    cr_expect(contains(reason, "argument_wrong") && !contains(reason, "Zanzibar"));
    cr_expect_eq(spool_queued(k.adapter.spool), 0);
    drop(name, "{\"outcome\":\"nil_return\"");
    desk_scan(desk);
    cr_expect(contains(kit_file(&k, "desk/reply/rejected", ".reason"), "is not one JSON object"));
    drop(name, "{\"outcome\":\"nil_return\"}");
    desk_scan(desk);
    cr_expect_eq(spool_queued(k.adapter.spool), 1);
    cr_expect(file_of("desk/reply", check_id, "json").at == NULL);
    cr_expect(contains(file_of("desk/reply", check_id, "receipt"), id));
    id_text(unknown, id);
    (void)snprintf(name, sizeof(name), "%s.json", id);
    drop(name, "{\"outcome\":\"nil_return\"}");
    desk_scan(desk);
    cr_expect_eq(spool_queued(k.adapter.spool), 1);
    cr_expect(contains(file_of("desk/reply/rejected", unknown, "json.reason"), "not_found"));
    desk_close(desk);
    loop_free(loop);
}

/* ---- the witness ----------------------------------------------------------------------------- */

static Hash leaf_of(const char *text) {
    Hash h;
    cr_assert(leaf_hash(str_bytes(str_z(text)), &h) == 0);
    return h;
}

static Hash node_of(Hash left, Hash right) {
    Hash h;
    cr_assert(node_hash(&left, &right, &h) == 0);
    return h;
}

static Value *checkpoint(uint64_t size, Hash root, int64_t old_size, const Hash *path,
                         size_t count) {
    Checkpoint c = {.origin = k.adapter.self.log_origin, .size = size, .root = root};
    Value *v = head_new(k.arena, STRUCT_checkpoint);
    Str note;
    cr_assert(checkpoint_sign(k.arena, &c, &k.log, &note) == 0);
    value_set_text(k.arena, v, F_checkpoint_realm, STR("demonstration"));
    value_set_text(k.arena, v, F_checkpoint_note, note);
    value_set_number(k.arena, v, F_checkpoint_old_size, old_size);
    for (size_t i = 0; i < count; i++) {
        Value *holder = value_map(k.arena);
        value_set_hash(k.arena, holder, 1, &path[i]);
        value_add(k.arena, v, F_checkpoint_proof, holder->map.at[0].value);
    }
    return v;
}

static Bytes show(const Value *v) {
    Bytes head;
    cr_assert(witness_checkpoint(&k.adapter.self, k.adapter.spool, k.arena, v, &head) == 0);
    return head;
}

static int64_t size_held(void) {
    int64_t size = -1;
    cr_assert(witness_size(k.adapter.spool, &size) == 0);
    return size;
}

Test(adapters_hub, cosigns_what_extends_the_last_head) {
    Hash a = leaf_of("a"), b = leaf_of("b"), both = node_of(a, b);
    StructKind kind;
    const Value *head = NULL;
    Fault fault;
    cr_expect(show(checkpoint(1, a, 0, NULL, 0)).at != NULL);
    Bytes bytes = show(checkpoint(2, both, 1, &b, 1));
    cr_assert(bytes.at != NULL);
    cr_assert(head_decode(k.arena, bytes, &kind, &head, &fault) == 0);
    cr_expect_eq(value_number(head, F_cosignature_tree_size), 2);
    Checkpoint c = {.origin = k.adapter.self.log_origin, .size = 2, .root = both};
    cr_expect(cosignature_holds(k.arena, &c, TEXT(head, F_cosignature_line),
                                str_z(k.adapter.self.witness_name),
                                &k.adapter.self.witness.public));
    kit_reopen_spool(&k);
    cr_expect_eq(size_held(), 2);
}

Test(adapters_hub, never_cosigns_a_fork_or_a_rollback_and_raises_the_alarm) {
    Hash a = leaf_of("a"), b = leaf_of("b"), c = leaf_of("c"), both = node_of(a, b);
    show(checkpoint(2, both, 0, NULL, 0));
    cr_expect(show(checkpoint(2, node_of(a, c), 2, NULL, 0)).at == NULL);
    cr_expect(contains(kit_file(&k, ".", "alarm.txt"), "ledger_forked"));
    cr_expect(show(checkpoint(3, node_of(node_of(a, c), b), 2, &b, 1)).at == NULL);
    cr_expect(show(checkpoint(1, a, 2, NULL, 0)).at == NULL);
    cr_expect_eq(size_held(), 2);
}

Test(adapters_hub, passes_over_a_head_of_another_log_or_to_an_older_question) {
    Hash a = leaf_of("a");
    KeyPair other;
    KeyPair log = k.log;
    show(checkpoint(1, a, 0, NULL, 0));
    cr_assert(ed25519_pair(&other) == 0);
    k.log = other;
    cr_expect(show(checkpoint(2, node_of(a, a), 1, &a, 1)).at == NULL);
    k.log = log;
    cr_expect(show(checkpoint(2, node_of(a, a), 0, NULL, 0)).at == NULL);
    cr_expect_eq(size_held(), 1);
    cr_expect(kit_file(&k, ".", "alarm.txt").at == NULL);
}

static void prove(int64_t index, int64_t size, Hash path) {
    Value *v = head_new(k.arena, STRUCT_proof);
    Value *holder = value_map(k.arena);
    value_set_number(k.arena, v, F_proof_leaf_index, index);
    value_set_number(k.arena, v, F_proof_tree_size, size);
    value_set_hash(k.arena, holder, 1, &path);
    value_add(k.arena, v, F_proof_hash, holder->map.at[0].value);
    cr_assert(witness_proof(&k.adapter.self, k.adapter.spool, k.arena, v) == 0);
}

Test(adapters_hub, proves_what_was_acknowledged_and_alarms_when_it_cannot) {
    Hash a = leaf_of("a"), b = leaf_of("b");
    SpoolEntry e = {.content = STR("referral")};
    Bytes heads[PROVE_AT_ONCE], content = str_bytes(STR("words"));
    size_t count = 0;
    SpoolCounts counts;
    cr_assert(id_v7(KIT_NOW_MS, &e.message_id) == 0);
    cr_assert(spool_put(k.adapter.spool, k.arena, STR("n"), content, &e, content, 1) == 0);
    SpoolAnswer answer = {.message_id = e.message_id, .leaf_index = 1, .leaf = str_bytes(STR("b"))};
    cr_assert(spool_acknowledge(k.adapter.spool, &answer, 1, KIT_NOW_MS) == 0);
    cr_assert(witness_prove(&k.adapter.self, k.adapter.spool, k.arena, heads, &count) == 0);
    cr_expect_eq(count, 0);
    show(checkpoint(2, node_of(a, b), 0, NULL, 0));
    cr_assert(witness_prove(&k.adapter.self, k.adapter.spool, k.arena, heads, &count) == 0);
    cr_expect_eq(count, 1);
    prove(1, 2, b);
    cr_expect(contains(kit_file(&k, ".", "alarm.txt"), "proof_wrong"));
    cr_assert(spool_counts(k.adapter.spool, &counts) == 0);
    cr_expect_eq(counts.proven, 0);
    prove(1, 2, a);
    cr_assert(spool_counts(k.adapter.spool, &counts) == 0);
    cr_expect_eq(counts.proven, 1);
}
