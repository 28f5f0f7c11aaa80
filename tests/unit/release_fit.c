/* A letter holds so much: one owner's volume keeps nobody else's words in, and nothing that stays
 * in has a say in what gives way. */
#include "tests/unit/release_bench.h"

enum { MOST = 400 };

static const char ask_police[] = "Eastmarch Police may be able to tell you more. Ask:";
static const char ask_health[] = "Eastmarch Hospital may be able to tell you more. Ask:";

/* `count` risk factors of some `len` bytes each, all different. */
static size_t fill(Arena *a, Item *items, Item like, size_t count, size_t len) {
    for (size_t i = 0; i < count; i++) {
        items[i] = like;
        items[i].text = arena_printf(a, "ALPHA %zu%*s.", 1000 + i, (int)len, "");
    }
    return count;
}

Test(fit, one_owners_volume_gives_way_to_whom_to_ask_and_the_others_words_leave) {
    _cleanup_(arena_freep) Arena *a = arena_new(256 << 20);
    Bench b = bench_new(a);
    Item items[MOST] = {police(CLASS_risk_factor, ""), police(CLASS_domestic_abuse, "x")};
    size_t n = fill(a, items, items[0], 60, 1900);
    items[n++] = health(CLASS_risk_factor, "BRAVO");
    items[n++] = police(CLASS_intelligence, "x");
    cr_assert(bench_run(&b, items, n) == 0);
    cr_expect(shows(&b, "BRAVO") && shows(&b, ask_police) && !shows(&b, "ALPHA"));
    for (size_t i = 0; i < 60; i++) {
        cr_expect(b.cuts[i].kind == VERDICT_signpost && b.cuts[i].kept == KEPT_too_large);
        cr_expect(b.cuts[i].rule == NULL, "its rule lets it out");
        cr_expect_str_eq(b.cuts[i].reason,
                         "Too much of this owner's would leave for one letter: ask it.");
    }
    cr_expect(b.cuts[60].kind == VERDICT_full && b.cuts[60].kept == KEPT_not);
    cr_expect(b.cuts[61].kept == KEPT_not && b.cuts[61].rule, "a rule keeps it in as before");
}

Test(fit, without_a_desk_nothing_stands_instead) {
    _cleanup_(arena_freep) Arena *a = arena_new(256 << 20);
    Bench b = bench_new(a);
    Item items[MOST], like = police(CLASS_risk_factor, "");
    like.owner_desk = (Str){0};
    size_t n = fill(a, items, like, 60, 1900);
    items[n++] = health(CLASS_risk_factor, "BRAVO");
    cr_assert(bench_run(&b, items, n) == 0);
    cr_expect(shows(&b, "BRAVO") && !shows(&b, "Police"));
    cr_expect(b.cuts[0].kind == VERDICT_silent && b.cuts[0].kept == KEPT_too_large);
}

Test(fit, the_fullest_gives_way_first_and_of_equals_the_first_by_code) {
    _cleanup_(arena_freep) Arena *a = arena_new(256 << 20);
    Bench b = bench_new(a);
    Item items[MOST];
    size_t n = fill(a, items, police(CLASS_risk_factor, ""), 31, 1000);
    n += fill(a, items + n, health(CLASS_risk_factor, ""), 61, 1000);
    cr_assert(bench_run(&b, items, n) == 0);
    cr_expect(shows(&b, ask_health) && !shows(&b, ask_police) && shows(&b, "ALPHA 1030"));
    n = fill(a, items, police(CLASS_risk_factor, ""), 50, 1000);
    n += fill(a, items + n, health(CLASS_risk_factor, ""), 50, 1000);
    for (size_t i = 0; i < n; i++) items[i].owner_name = STR("Twins");
    cr_assert(bench_run(&b, items, n) == 0);
    cr_expect(b.cuts[0].kind == VERDICT_full, "police stays");
    cr_expect(b.cuts[n - 1].kind == VERDICT_signpost, "health goes");
}

/* However short, more lines than a list may have are in no letter; nor is one line that the cuts
 * have made longer than a line may be. Longer sections of others stay. */
Test(fit, what_no_letter_holds_gives_way_before_the_fullest) {
    _cleanup_(arena_freep) Arena *a = arena_new(256 << 20);
    Bench b = bench_new(a);
    const NetWord cut = {STR("Al Bo"), NET_name, false, false};
    b.request.words = &cut;
    b.request.word_count = 1;
    Item items[MOST];
    size_t n = fill(a, items, police(CLASS_risk_factor, ""), 257, 1);
    n += fill(a, items + n, health(CLASS_risk_factor, ""), 20, 1000);
    cr_assert(bench_run(&b, items, n) == 0);
    cr_expect(shows(&b, ask_police) && shows(&b, "ALPHA 1019"));
    cr_assert(bench_run(&b, items + 1, n - 1) == 0);
    cr_expect(!shows(&b, ask_police) && shows(&b, "ALPHA 1255"), "256 are one list");
    char *names = arena_alloc(a, 20001);
    cr_assert(names);
    for (size_t i = 0; i < 20000; i++) names[i] = "Al Bo, and "[i % 11];
    items[0] = police(CLASS_risk_factor, "");
    items[0].text = str_z(names);
    n = 1 + fill(a, items + 1, health(CLASS_risk_factor, ""), 40, 1000);
    cr_assert(bench_run(&b, items, n) == 0);
    cr_expect(shows(&b, ask_police) && shows(&b, "ALPHA 1039"));
}

/* The page and the value hold less than the text alone would: whatever is full, all of it fits. */
Test(fit, whatever_is_full_the_letter_is_whole) {
    static const char marks[] = "x<&\"\n\x01";
    for (size_t mark = 0; mark < sizeof(marks) - 1; mark++) {
        bool gave_way = false;
        for (size_t lines = 1; !gave_way && lines <= 250; lines += 1 + lines / 16) {
            _cleanup_(arena_freep) Arena *a = arena_new(256 << 20);
            Bench b = bench_new(a);
            Item items[MOST];
            size_t n = fill(a, items, police(CLASS_risk_factor, ""), lines, 1);
            char *like = arena_alloc(a, 701);
            cr_assert(like);
            memset(like, marks[mark], 700);
            for (size_t i = 0; i < n; i++) items[i].text = arena_printf(a, "%zu%s.", i, like);
            items[n++] = health(CLASS_risk_factor, "BRAVO");
            cr_assert(bench_run(&b, items, n) == 0, "%zu lines of %02x", lines, marks[mark]);
            gave_way = b.cuts[0].kept == KEPT_too_large;
            cr_expect(gave_way || b.cuts[0].kind == VERDICT_full);
        }
        cr_expect(gave_way, "%02x", marks[mark]);
    }
}

Test(fit, a_granted_section_gives_way_whole) {
    _cleanup_(arena_freep) Arena *a = arena_new(256 << 20);
    Bench b = bench_new(a);
    Item items[MOST];
    size_t n = fill(a, items, police(CLASS_offence, ""), 100, 1000);
    items[n++] = police(CLASS_risk_factor, "CHARLIE");
    items[n++] = health(CLASS_risk_factor, "BRAVO");
    cr_assert(bench_run(&b, items, n) == 0);
    cr_expect(shows(&b, "CHARLIE") && b.wanted_count == 1);
    cr_assert(bench_grant(&b, items, n) == 0);
    cr_expect(!shows(&b, "CHARLIE") && !shows(&b, "ALPHA") && shows(&b, "BRAVO"));
    cr_expect(b.cuts[0].kept == KEPT_too_large && !b.cuts[0].authorised);
    cr_expect(b.cuts[n - 2].kept == KEPT_too_large && b.cuts[n - 2].kind == VERDICT_signpost);
}

/* What stays in takes no room, however much it is. */
Test(fit, what_stays_in_has_no_say) {
    _cleanup_(arena_freep) Arena *a = arena_new(256 << 20);
    Bench b = bench_new(a);
    Item items[MOST];
    size_t n = fill(a, items, police(CLASS_risk_factor, ""), 30, 1000);
    size_t shared = n + fill(a, items + n, health(CLASS_risk_factor, ""), 20, 1000);
    Hash with, without;
    cr_assert(bench_run(&b, items, shared) == 0 && shareable_digest(b.shareable, &without));
    n = shared + fill(a, items + shared, police(CLASS_intelligence, ""), 120, 1900);
    n += fill(a, items + n, health(CLASS_sexual_health, ""), 120, 1900);
    cr_assert(bench_run(&b, items, n) == 0 && shareable_digest(b.shareable, &with));
    cr_expect(hash_eq(&with, &without));
}

/* The one case in which a stricter rule adds words to a letter, and they were free under the laxer
 * rule as well: to heed what stays in would be to tell of it. */
Test(fit, a_rule_that_lets_out_less_may_make_room_for_what_was_free_before) {
    _cleanup_(arena_freep) Arena *a = arena_new(256 << 20);
    Bench b = bench_new(a);
    Item items[MOST] = {police(CLASS_risk_factor, "CHARLIE")};
    size_t n = 1 + fill(a, items + 1, police(CLASS_risk_factor, ""), 60, 1900);
    cr_assert(bench_run(&b, items, n) == 0 && !shows(&b, "CHARLIE"));
    cr_expect(b.cuts[0].kept == KEPT_too_large && b.cuts[1].kept == KEPT_too_large);
    for (size_t i = 1; i < n; i++) items[i].tier = TIER_silent;
    cr_assert(bench_run(&b, items, n) == 0);
    cr_expect(shows(&b, "CHARLIE") && !shows(&b, "ALPHA"));
}
