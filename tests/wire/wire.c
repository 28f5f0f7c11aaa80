/* What leaves, on the wire: pairs of enquiries that differ only in what stays in go through a
 * running hub, from real agencies' submissions to real letters, and every agency that may not know
 * of the difference must receive the same for both: as many messages, of as many frames, of the
 * same lengths, and, opened, the same words but for the ids and the children's names.
 *
 *   wire PAIRS SEED      in the hub's folder; MASH_WIRE_DATABASE is the conninfo of an onlooker.
 *                        Prints TAP; what is to be remembered goes to descriptor 9 */
#include "tests/wire/pairs.h"
#include "tests/wire/refused.h"

#include "broker/io/clock.h"
#include "broker/io/store.h"

#include <unistd.h>

enum { AT_ONCE = 24, LETTERS_MOST = 8, MEMORY = 512 << 20, PATIENCE_SECONDS = 120 };

/* What became of one enquiry: its letters, by agency. */
typedef struct Course {
    Id product;
    bool shared;
    Str refused; /* why nothing was */
    Arrived letter[SIDES][LETTERS_MOST];
    size_t letters[SIDES];
} Course;

typedef struct Campaign {
    Arena *arena; /* of one batch */
    void *zmq;
    Store *look;
    Agency agency[SIDES];
    Staff decider;
    Endorsers endorsers;
    Pair pair[AT_ONCE];
    Course course[AT_ONCE][2];
    uint64_t seed, products, silent, letters, refused, lengths_seen;
    size_t count; /* pairs of this batch */
} Campaign;

static void pause_ms(long ms) {
    (void)zmq_poll(NULL, 0, ms);
}

static Rows *look(Campaign *k, const char *sql, Param one, Param two) {
    Rows *rows = NULL;
    NEEDED(STORE_CALL(k->look, &rows, sql, one, two) == 0);
    return rows;
}

/* Until the hub has done with everything that was sent: its work list is empty. */
static void worked_in(Campaign *k) {
    int64_t until = clock_mono_ms() + 1000 * PATIENCE_SECONDS;
    for (;;) {
        _cleanup_(rows_freep) Rows *rows = look(
            k, "SELECT count(*) FROM mash.message_todo WHERE $1::int8 IS NULL AND $2::int8 IS NULL",
            p_null(), p_null());
        if (row_number(rows, 0, 0) == 0) return;
        if (clock_mono_ms() > until) give_up("the hub does not come to the end of its work");
        pause_ms(20);
    }
}

/* ---- in -----------------------------------------------------------------------------------------
 */

static void send_all(Campaign *k, Side side, bool choices) {
    SubmissionEntry entries[2 * AT_ONCE];
    size_t count = 0;
    for (size_t i = 0; i < k->count; i++) {
        for (size_t n = 0; n < 2; n++) {
            const Case *c = &k->pair[i].at[n];
            const SubmissionEntry *e = choices ? &c->silenced : &c->said[side];
            if (e->frame.at) entries[count++] = *e;
        }
    }
    agency_send(&k->agency[side], k->arena, entries, count);
}

/* ---- decided and shared
 * --------------------------------------------------------------------------- */

#define ASK(k, ret, reason, command, ...)                                                    \
    do {                                                                                     \
        const Word words[] = {__VA_ARGS__};                                                  \
        ret = staff_ask(&(k)->decider, (k)->arena, command, words, COUNT_OF(words), reason); \
    } while (0)

static Str json_word(Campaign *k, const json_t *body, const char *key) {
    const char *text = json_string_value(json_object_get(body, key));
    return arena_str(k->arena, str_z(text ? text : ""));
}

static Str number_text(Campaign *k, int64_t n) {
    return arena_printf(k->arena, "%lld", (long long)n);
}

static void must(const json_t *body, const char *command, Str reason) {
    if (!body) give_up("%s was refused: %.*s", command, STR_ARG(reason));
}

/* Rated and decided by hand, as every enquiry is. Returns its reference. */
static Str decide(Campaign *k, const Pair *p, const Case *c) {
    Str reason, ref, token;
    json_t *body;
    _cleanup_(rows_freep) Rows *rows = look(
        k,
        "SELECT e.reference FROM mash.enquiry e JOIN mash.enquiry_message m USING (enquiry_id) "
        "WHERE m.message_id = $1 AND $2::int8 IS NULL",
        p_id(c->said[SIDE_police].message_id), p_null());
    NEEDED(rows_count(rows) == 1);
    ref = arena_str(k->arena, row_text(rows, 0, 0));
    ASK(k, body, &reason, "claim", {"ref", ref});
    must(body, "claim", reason);
    token = number_text(
        k, json_integer_value(json_object_get(json_object_get(body, "claim"), "token")));
    json_decref(body);
    ASK(k, body, &reason, "rate", {"ref", ref}, {"token", token}, {"rating", p->rating},
        {"reason", STR("As we see it.")});
    must(body, "rate", reason);
    json_decref(body);
    _cleanup_(rows_freep) Rows *version =
        look(k, "SELECT version::int8 FROM mash.enquiry WHERE reference = $1 AND $2::int8 IS NULL",
             p_text(ref), p_null());
    ASK(k, body, &reason, "decide", {"ref", ref}, {"token", token}, {"subject", STR("1")},
        {"outcome", STR("assessment_s17")}, {"gateway", STR("ca1989_s17")},
        {"rationale", STR("Why.")}, {"necessity", STR("Needed.")},
        {"version", number_text(k, row_number(version, 0, 0))});
    must(body, "decide", reason);
    json_decref(body);
    return ref;
}

static void share(Campaign *k, const Pair *p, Str ref, Course *ret) {
    json_t *body;
    Str product, digest;
    ASK(k, body, &ret->refused, "preview", {"ref", ref}, {"recipient", STR("education")},
        {"purpose", p->purpose});
    if (!body && str_is(ret->refused, "nothing_to_share")) return;
    must(body, "preview", ret->refused);
    product = json_word(k, body, "product");
    digest = json_word(k, body, "digest");
    json_decref(body);
    ASK(k, body, &ret->refused, "share", {"ref", ref}, {"recipient", STR("education")},
        {"purpose", p->purpose}, {"product", product}, {"digest", digest},
        {"gateway", STR("ca1989_s17")});
    must(body, "share", ret->refused);
    json_decref(body);
    ret->shared = true;
    NEEDED(id_parse(product, &ret->product));
}

/* ---- out
 * ------------------------------------------------------------------------------------------ */

static bool is_about(const Case *c, const Course *o, Side side, const Value *letter) {
    Id id;
    const Value *product = value_get(letter, F_letter_product);
    const Value *notice = value_get(letter, F_letter_notice);
    if (value_id(product, F_product_product_id, &id)) return o->shared && id_eq(id, o->product);
    return value_id(notice, F_notice_message_id, &id) && id_eq(id, c->said[side].message_id);
}

/* What came again is the same letter, and no second one. */
static void letter_add(Course *o, Side side, const Arrived *arrived) {
    for (size_t i = 0; i < o->letters[side]; i++) {
        if (id_eq(o->letter[side][i].letter_id, arrived->letter_id)) return;
    }
    NEEDED(o->letters[side] < LETTERS_MOST);
    o->letter[side][o->letters[side]++] = *arrived;
}

static void letter_file(Campaign *k, Side side, const Arrived *arrived) {
    for (size_t i = 0; i < k->count; i++) {
        for (size_t n = 0; n < 2; n++) {
            Course *o = &k->course[i][n];
            if (!is_about(&k->pair[i].at[n], o, side, arrived->letter)) continue;
            letter_add(o, side, arrived);
            return;
        }
    }
    /* of the batch before, put on the wire again before its receipt was read */
    _cleanup_(rows_freep) Rows *known =
        look(k, "SELECT FROM mash.receipt WHERE letter_id = $1 AND $2::int8 IS NULL",
             p_id(arrived->letter_id), p_null());
    if (rows_count(known) == 0) give_up("a letter to %s is about nothing of this", side_code[side]);
}

static void collect_all(Campaign *k) {
    int64_t until = clock_mono_ms() + 1000 * PATIENCE_SECONDS;
    static Arrived arrived[4 * AT_ONCE * LETTERS_MOST];
    for (;;) {
        for (size_t side = 0; side < SIDES; side++) {
            size_t count = agency_collect(&k->agency[side], k->arena, arrived, COUNT_OF(arrived));
            for (size_t i = 0; i < count; i++) letter_file(k, (Side)side, &arrived[i]);
        }
        _cleanup_(rows_freep) Rows *rows = look(
            k, "SELECT count(*) FROM mash.letter_todo WHERE $1::int8 IS NULL AND $2::int8 IS NULL",
            p_null(), p_null());
        if (row_number(rows, 0, 0) == 0) return;
        if (clock_mono_ms() > until) give_up("letters do not come");
    }
}

/* ---- judged
 * ----------------------------------------------------------------------------------------- */

static const char fault_count[] = "another number of letters";
static const char fault_frames[] = "letters of another number of frames or of another length";
static const char fault_words[] = "other words";
static const char fault_canary[] = "a word that stays is heard";

/* `text` with this enquiry's own names and product id made neutral; all are as long as the other's.
 */
static Str neutral(Arena *a, Str text, const Case *c, const Course *o) {
    char id[ID_TEXT];
    char *at = arena_alloc(a, text.len + 1);
    NEEDED(at);
    if (text.len) memcpy(at, text.at, text.len);
    id_text(o->product, id);
    const Str own[] = {c->given, c->family, str_z(id)};
    for (size_t i = 0; i < COUNT_OF(own); i++) {
        char *found = at;
        while ((found = memmem(found, text.len - (size_t)(found - at), own[i].at, own[i].len))) {
            memset(found, '.', own[i].len);
        }
    }
    return (Str){.at = at, .len = text.len};
}

static Str words_of(const Value *letter, size_t form) {
    const Value *product = value_get(letter, F_letter_product);
    const Value *notice = value_get(letter, F_letter_notice);
    if (!product) return form ? (Str){0} : value_text(notice, F_notice_outcome);
    return value_text(product, form ? F_product_html : F_product_text);
}

static const char *letters_differ(Campaign *k, const Case *one, const Course *o,
                                  const Arrived *first, const Case *other, const Course *p,
                                  const Arrived *second) {
    size_t plain = 0;
    bool same = first->frames == second->frames &&
                memcmp(first->lengths, second->lengths, sizeof(first->lengths)) == 0;
    if (!same) return fault_frames;
    k->lengths_seen |= (uint64_t)1 << (first->lengths[1] / 1024 % 64);
    for (size_t form = 0; form < 2; form++) {
        Str a = words_of(first->letter, form), b = words_of(second->letter, form);
        if (canary_encoded(a, &plain) || plain || canary_encoded(b, &plain) || plain) {
            return fault_canary;
        }
        if (!str_eq(neutral(k->arena, a, one, o), neutral(k->arena, b, other, p))) {
            return fault_words;
        }
    }
    return NULL;
}

static Str kind_of(const Arrived *letter) {
    return value_text(letter->letter, F_letter_kind);
}

/* The letter of the other side that is to be like this one: each agency has at most one of a kind.
 */
static const Arrived *twin(const Course *o, Side side, Str kind) {
    for (size_t i = 0; i < o->letters[side]; i++) {
        if (str_eq(kind_of(&o->letter[side][i]), kind)) return &o->letter[side][i];
    }
    return NULL;
}

static const char *courses_differ(Campaign *k, size_t pair, Side side) {
    const Case *c = k->pair[pair].at;
    const Course *o = k->course[pair];
    /* who said something for one child alone hears of its own message alone */
    if (side == SIDE_social_care && (c[0].silent_side || c[1].silent_side)) return NULL;
    if (o[0].letters[side] != o[1].letters[side]) return fault_count;
    k->letters += 2 * o[0].letters[side];
    for (size_t i = 0; i < o[0].letters[side]; i++) {
        const Arrived *first = &o[0].letter[side][i], *second = twin(&o[1], side, kind_of(first));
        if (!second) return fault_count;
        const char *fault = letters_differ(k, &c[0], &o[0], first, &c[1], &o[1], second);
        if (fault) return fault;
    }
    return NULL;
}

static void judge(Campaign *k, size_t pair, uint64_t number) {
    const Course *o = k->course[pair];
    k->products += o[0].shared;
    k->silent += k->pair[pair].at[0].silent_side != k->pair[pair].at[1].silent_side;
    if (o[0].shared != o[1].shared)
        give_up("pair %llu: one leaves, one not", (unsigned long long)number);
    for (size_t side = 0; side < SIDES; side++) {
        const char *fault = courses_differ(k, pair, (Side)side);
        if (fault) {
            give_up("pair %llu, seed %llu, to %s: %s", (unsigned long long)number,
                    (unsigned long long)k->seed, side_code[side], fault);
        }
    }
}

/* ---- the campaign
 * ------------------------------------------------------------------------------------ */

static void batch(Campaign *k, uint64_t first) {
    memset(k->course, 0, sizeof(k->course));
    for (size_t i = 0; i < k->count; i++) {
        Dice d = {k->seed + first + i};
        k->pair[i] = pair_new(k->arena, &d, k->seed % 100000 * 10000 + first + i, &k->endorsers);
    }
    for (size_t side = 0; side < SIDES; side++) send_all(k, (Side)side, false);
    worked_in(k);
    send_all(k, SIDE_social_care, true);
    worked_in(k);
    for (size_t i = 0; i < k->count; i++) {
        for (size_t n = 0; n < 2; n++) {
            Str ref = decide(k, &k->pair[i], &k->pair[i].at[n]);
            if (i == 0) k->refused += refused_all(&k->decider, k->arena, ref);
            share(k, &k->pair[i], ref, &k->course[i][n]);
        }
    }
    collect_all(k);
    for (size_t i = 0; i < k->count; i++) judge(k, i, first + i);
    arena_reset(k->arena);
}

static void tell(FILE *out, const Campaign *k, uint64_t pairs, double seconds) {
    (void)fprintf(
        out,
        "%llu pairs of enquiries that differ only in what stays in, %llu with a product, "
        "%llu where an agency is silent about one child alone: %llu letters in messages of as many "
        "frames and the same lengths (in %d size "
        "classes), opened the same words but for ids and names, and no word that stays in "
        "%d encodings, nor in the answers to %llu commands that were refused; %.0f seconds.\n",
        (unsigned long long)pairs, (unsigned long long)k->products, (unsigned long long)k->silent,
        (unsigned long long)k->letters, __builtin_popcountll(k->lengths_seen), ENCODINGS,
        (unsigned long long)k->refused, seconds);
}

int main(int argc, char **argv) {
    static Campaign k;
    const char *database = getenv("MASH_WIRE_DATABASE");
    uint64_t pairs = 0;
    bool called = argc == 3 && database && str_u64(str_z(argv[1]), &pairs) &&
                  str_u64(str_z(argv[2]), &k.seed) && pairs;
    if (!called) give_up("usage: wire PAIRS SEED, with MASH_WIRE_DATABASE");
    int64_t began = clock_mono_ms();
    NEEDED((k.arena = arena_new(MEMORY)) && (k.zmq = zmq_ctx_new()));
    NEEDED(store_open(database, "wire", 10000, &k.look) == 0);
    for (size_t side = 0; side < SIDES; side++) {
        agency_open(&k.agency[side], k.zmq, side_code[side]);
    }
    staff_open(&k.decider, k.zmq, "decision.maker");
    endorsers_load(&k.endorsers);
    for (uint64_t done = 0; done < pairs; done += k.count) {
        k.count = pairs - done < AT_ONCE ? (size_t)(pairs - done) : AT_ONCE;
        batch(&k, done);
        (void)fprintf(stderr, "# %llu of %llu pairs\n", (unsigned long long)(done + k.count),
                      (unsigned long long)pairs);
    }
    double seconds = (double)(clock_mono_ms() - began) / 1000;
    (void)printf("ok 1 - ");
    tell(stdout, &k, pairs, seconds);
    FILE *record = fdopen(9, "w");
    if (record) tell(record, &k, pairs, seconds);
    for (size_t side = 0; side < SIDES; side++) agency_close(&k.agency[side]);
    staff_close(&k.decider);
    store_close(k.look);
    arena_free(k.arena);
    (void)zmq_ctx_term(k.zmq);
    return record && fclose(record) != 0;
}
