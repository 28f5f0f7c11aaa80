/* The letter that asks an owner for its word: its own section exactly as it would leave, and
 * nothing that depends on what another owner holds or on what of its own stays in. */
#include "tests/unit/release_bench.h"

static AuthoriseRequest request_of(const Wanted *w) {
    AuthoriseRequest q = {.wanted = w,
                          .recipient_name = STR("Example Primary School"),
                          .expires_on = STR("2026-12-08"),
                          .answer_by = STR("2026-11-24T18:00:00Z")};
    memset(q.request_id.at, 7, sizeof(q.request_id.at));
    return q;
}

/* The police's letter about these items, as the bytes that are sealed. */
static Bytes letter_of(Arena *a, Bench *b, const Item *items, size_t count, const Shareable **ret) {
    Bytes bytes;
    Id letter_id = {{9}};
    cr_assert(bench_run(b, items, count) >= 0);
    for (size_t i = 0; i < b->wanted_count; i++) {
        if (!str_is(b->wanted[i].owner, "police")) continue;
        AuthoriseRequest q = request_of(&b->wanted[i]);
        cr_assert(authorise_shareable(a, &q, ret) == 0);
        Value *letter = shareable_letter(a, *ret, &letter_id, STR("demonstration"));
        cr_assert(codec_encode(a, letter, &bytes) == 0);
        return bytes;
    }
    cr_assert_fail("the police are not asked");
    return (Bytes){0};
}

Test(authorise, the_owner_gets_its_own_section_and_nothing_else) {
    _cleanup_(arena_freep) Arena *a = arena_new(16 << 20);
    Bench b = bench_new(a);
    Item items[] = {police(CLASS_offence, "ALPHA"), police(CLASS_risk_factor, "BRAVO"),
                    health(CLASS_risk_factor, "DELTA"), police(CLASS_intelligence, "CHARLIE"),
                    police(CLASS_incident, "ECHO")};
    const Shareable *s = NULL;
    Bytes bytes = letter_of(a, &b, items, COUNT_OF(items), &s);
    cr_expect(str_is(shareable_recipient(s), "police"));
    static const char *const shown[] = {
        "ALPHA",      "BRAVO",    "Leah Pryce-Jones", "2016-04-02", "Example Primary School",
        "2026-12-08", "product/1"};
    static const char *const hidden[] = {"CHARLIE",  "DELTA",         "ECHO",
                                         "Hospital", "T123456789012", "upn"};
    size_t at;
    for (size_t i = 0; i < COUNT_OF(shown); i++) {
        cr_expect(str_find(bytes_str(bytes), str_z(shown[i]), &at), "%s", shown[i]);
    }
    for (size_t i = 0; i < COUNT_OF(hidden); i++) {
        cr_expect(!str_find(bytes_str(bytes), str_z(hidden[i]), &at), "%s", hidden[i]);
        cr_expect(!str_find(shareable_html(s), str_z(hidden[i]), &at), "%s", hidden[i]);
    }
}

/* Whoever signs reads the text: all that the word hangs on stands there, and that text is sent. */
Test(authorise, the_owner_reads_about_whom_to_whom_for_what_and_until_when) {
    _cleanup_(arena_freep) Arena *a = arena_new(16 << 20);
    Bench b = bench_new(a);
    Item items[] = {police(CLASS_offence, "ALPHA"), police(CLASS_risk_factor, "BRAVO")};
    const Shareable *s = NULL;
    StructKind kind;
    (void)letter_of(a, &b, items, COUNT_OF(items), &s);
    static const char *const read[] = {"ALPHA",
                                       "BRAVO",
                                       "Leah Pryce-Jones, born 2016-04-02",
                                       "It would go to: Example Primary School",
                                       "Purpose: to assess the child's need or risk",
                                       "Answer by: 2026-11-24T18:00:00Z",
                                       "A grant counts until: 2026-12-08"};
    size_t at;
    for (size_t i = 0; i < COUNT_OF(read); i++) {
        cr_expect(str_find(shareable_text(s), str_z(read[i]), &at), "%s", read[i]);
    }
    const Value *v = shareable_value(s, &kind);
    cr_expect(str_eq(value_text(v, F_authorise_text), shareable_text(s)));
    cr_expect(str_is(value_text(v, F_authorise_expires_on), "2026-12-08"));
    cr_expect(str_is(value_text(v, F_authorise_answer_by), "2026-11-24T18:00:00Z"));
}

Test(authorise, what_it_signs_is_what_it_reads) {
    _cleanup_(arena_freep) Arena *a = arena_new(16 << 20);
    Bench b = bench_new(a);
    Item items[] = {police(CLASS_offence, "ALPHA"), police(CLASS_domestic_abuse, "x")};
    const Shareable *s = NULL;
    StructKind kind;
    Hash section, digest;
    Bytes bytes;
    (void)letter_of(a, &b, items, COUNT_OF(items), &s);
    const Value *v = shareable_value(s, &kind);
    cr_assert(kind == STRUCT_authorise && value_hash(v, F_authorise_section, &section));
    cr_assert(codec_encode(a, value_get(v, F_authorise_rendering), &bytes) == 0);
    cr_assert(sha256(&bytes, 1, &digest) == 0);
    cr_expect(hash_eq(&section, &digest) && hash_eq(&section, &b.wanted[0].digest));
    Grant grant = {STR("police"), section};
    b.request.grants = &grant;
    b.request.grant_count = 1;
    cr_assert(bench_run(&b, items, COUNT_OF(items)) == 0);
    cr_expect(shows(&b, "ALPHA"), "and its word on that lets it out");
}

/* Whatever another owner holds, and whatever of its own stays in, the letter is the same bytes. */
Test(authorise, no_byte_of_it_depends_on_what_it_does_not_show) {
    static const InfoClass classes[] = {CLASS_risk_factor, CLASS_health, CLASS_sexual_health,
                                        CLASS_concern, CLASS_intelligence};
    unsigned seed = 20261124;
    Bytes first = {0};
    _cleanup_(arena_freep) Arena *keep = arena_new(16 << 20);
    for (int round = 0; round < 200; round++) {
        _cleanup_(arena_freep) Arena *a = arena_new(16 << 20);
        Bench b = bench_new(a);
        Item items[12] = {police(CLASS_offence, "ALPHA"), police(CLASS_risk_factor, "BRAVO")};
        size_t count = 2, more = (size_t)rand_r(&seed) % 10;
        for (size_t i = 0; i < more; i++) {
            Str words = arena_printf(a, "DELTA %d", rand_r(&seed));
            InfoClass class = classes[(size_t)rand_r(&seed) % COUNT_OF(classes)];
            bool own = rand_r(&seed) % 2 == 0;
            items[count] = own ? police(CLASS_intelligence, words.at) : health(class, words.at);
            items[count].free_text = rand_r(&seed) % 2 == 0;
            count++;
        }
        const Shareable *s = NULL;
        Bytes bytes = letter_of(a, &b, items, count, &s);
        if (!first.at) first = arena_copy(keep, bytes);
        cr_expect(bytes_eq(first, bytes), "seed 20261124, round %d", round);
    }
}
