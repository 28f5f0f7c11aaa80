/* The owner's word: its section is made as it would be with it, asked for when that lets more out,
 * and leaves only as it was granted, to the letter. While it is not, nothing shows that it is
 * waited for. */
#include "tests/unit/release_bench.h"

/* An item that needs its owner's word, one that does not, one that stays in silently. */
static void items_new(Item items[3]) {
    items[0] = police(CLASS_offence, "ALPHA");
    items[1] = police(CLASS_risk_factor, "BRAVO");
    items[2] = police(CLASS_intelligence, "CHARLIE");
}

Test(grant, what_needs_the_owners_word_leaves_with_it_and_not_before) {
    _cleanup_(arena_freep) Arena *a = arena_new(16 << 20);
    Bench b = bench_new(a);
    Item items[3];
    items_new(items);
    cr_assert(bench_run(&b, items, 3) == 0);
    cr_expect(!shows(&b, "ALPHA") && shows(&b, "BRAVO") && !shows(&b, "Ask:"));
    cr_expect(b.cuts[0].kind == VERDICT_silent && b.cuts[0].rule == &b.policies[0].rules[4]);
    cr_assert(b.wanted_count == 1 && str_is(b.wanted[0].owner, "police"));
    cr_assert(bench_grant(&b, items, 3) == 0);
    cr_expect(shows(&b, "ALPHA") && shows(&b, "BRAVO") && !shows(&b, "CHARLIE"));
    cr_expect(b.cuts[0].kind == VERDICT_full && b.wanted_count == 0);
}

Test(grant, prose_leaves_in_full_when_its_exact_words_are_authorised) {
    _cleanup_(arena_freep) Arena *a = arena_new(16 << 20);
    Bench b = bench_new(a);
    Item items[] = {police(CLASS_concern, "ALPHA"), health(CLASS_risk_factor, "BRAVO")};
    items[0].free_text = true;
    cr_assert(bench_run(&b, items, 2) == 0);
    cr_expect(!shows(&b, "ALPHA") && b.wanted_count == 1);
    cr_expect(b.cuts[0].kind == VERDICT_fact && shows(&b, "worried about"), "less leaves before");
    items[0].summary = STR("CHARLIE");
    cr_assert(bench_run(&b, items, 2) == 0 && b.wanted_count == 1);
    cr_expect(b.cuts[0].kind == VERDICT_summary && shows(&b, "CHARLIE"));
    cr_assert(bench_grant(&b, items, 2) == 0);
    cr_expect(shows(&b, "ALPHA") && !shows(&b, "CHARLIE"));
    items[0].text = STR("ALPHA.");
    cr_assert(bench_run(&b, items, 2) == 0);
    cr_expect(!shows(&b, "ALPHA") && b.wanted_count == 1, "one more mark is another text");
}

/* ---- what voids a grant ---------------------------------------------------------------------- */

typedef enum Change {
    CHANGE_none,
    CHANGE_word,
    CHANGE_item_more,
    CHANGE_item_less,
    CHANGE_recipient,
    CHANGE_purpose,
    CHANGE_child,
    CHANGE_birth_date,
    CHANGE_owner_name,
    CHANGE_grantor,
    CHANGE_digest,
    CHANGE_signpost,
    CHANGE_COUNT
} Change;

static void change_make(Change c, Bench *b, Item items[3], Subject *child, Grant *grant) {
    switch (c) {
    case CHANGE_none:
    case CHANGE_COUNT: return;
    case CHANGE_word: items[1].text = STR("BRAVO!"); return;
    case CHANGE_item_more: items[2] = police(CLASS_risk_factor, "DELTA"); return;
    case CHANGE_item_less: items[1] = items[2]; return;
    case CHANGE_recipient: b->request.recipient = STR("health"); return;
    case CHANGE_purpose: b->request.purpose = STR("school_support"); return;
    case CHANGE_child: child->name = STR("Leah Pryce"); return;
    case CHANGE_birth_date: child->birth_date = STR("2016-04-03"); return;
    case CHANGE_owner_name:
        for (size_t i = 0; i < 3; i++) items[i].owner_name = STR("Westmarch Police");
        return;
    case CHANGE_grantor: grant->owner = STR("health"); return;
    case CHANGE_digest: grant->section.at[31] ^= 1; return;
    case CHANGE_signpost: items[2] = police(CLASS_domestic_abuse, "x"); return;
    }
}

Test(grant, any_change_voids_it) {
    for (Change c = CHANGE_none; c < CHANGE_COUNT; c++) {
        _cleanup_(arena_freep) Arena *a = arena_new(16 << 20);
        Bench b = bench_new(a);
        b.policies[0] = kit_policy(
            a, "police",
            "police allow offence to go to any school " WHEN "full; owner authorises" YEAR
            "police allow offence to go to any school for school_support when rating is any; show "
            "full; owner authorises" YEAR
            "police allow risk_factor to go to any school " WHEN "full" YEAR
            "police allow risk_factor to go to any school for school_support when rating is any; "
            "show full" YEAR
            "police never allow domestic_abuse to go to any school; signpost\n");
        Item items[3];
        items_new(items);
        Subject child = leah;
        b.request.subjects = &child;
        cr_assert(bench_run(&b, items, 3) == 0 && b.wanted_count == 1);
        Grant grant = {b.wanted[0].owner, b.wanted[0].digest};
        b.request.grants = &grant;
        b.request.grant_count = 1;
        change_make(c, &b, items, &child, &grant);
        bool product = bench_run(&b, items, 3) == 0;
        cr_expect((product && shows(&b, "ALPHA")) == (c == CHANGE_none), "change %d", (int)c);
    }
}

Test(grant, the_recipients_number_for_the_child_and_the_day_do_not_void_it) {
    _cleanup_(arena_freep) Arena *a = arena_new(16 << 20);
    Bench b = bench_new(a);
    Item items[3];
    items_new(items);
    Subject child = leah;
    b.request.subjects = &child;
    cr_assert(bench_run(&b, items, 3) == 0);
    child.identifier = (Str){0};
    b.request.today = STR("2026-11-25");
    cr_assert(bench_grant(&b, items, 3) == 0);
    cr_expect(shows(&b, "ALPHA"));
}

/* ---- what the owner is asked ---------------------------------------------------------------- */

Test(grant, the_owner_is_asked_about_its_own_section_as_it_would_leave) {
    _cleanup_(arena_freep) Arena *a = arena_new(16 << 20);
    Bench b = bench_new(a);
    Item items[] = {police(CLASS_offence, "ALPHA"), police(CLASS_risk_factor, "BRAVO"),
                    health(CLASS_risk_factor, "DELTA"), police(CLASS_intelligence, "CHARLIE")};
    cr_assert(bench_run(&b, items, 4) == 0 && b.wanted_count == 1);
    const Wanted *w = &b.wanted[0];
    Bytes bytes;
    Hash digest;
    Fault fault;
    size_t at;
    cr_assert(schema_check(STRUCT_rendering, w->rendering, &fault) == 0, "%s", fault.path);
    cr_assert(codec_encode(a, w->rendering, &bytes) == 0 && sha256(&bytes, 1, &digest) == 0);
    cr_expect(hash_eq(&digest, &w->digest), "whoever is asked can compute what she signs");
    static const char *const shown[] = {"ALPHA", "BRAVO", "Eastmarch Police", "Leah Pryce-Jones",
                                        "product/1", "education", "safeguarding_assessment"};
    for (size_t i = 0; i < COUNT_OF(shown); i++) {
        cr_expect(str_find(bytes_str(bytes), str_z(shown[i]), &at), "%s", shown[i]);
    }
    static const char *const hidden[] = {"CHARLIE", "DELTA", "Hospital", "T123456789012"};
    for (size_t i = 0; i < COUNT_OF(hidden); i++) {
        cr_expect(!str_find(bytes_str(bytes), str_z(hidden[i]), &at), "%s", hidden[i]);
    }
}

Test(grant, nobody_is_asked_where_it_would_let_nothing_more_out) {
    _cleanup_(arena_freep) Arena *a = arena_new(16 << 20);
    Bench b = bench_new(a);
    NetWord hidden = {STR("Okafor"), NET_name, true, false};
    b.request.words = &hidden;
    b.request.word_count = 1;
    Item items[] = {police(CLASS_risk_factor, "BRAVO"),  police(CLASS_offence, "Okafor did it"),
                    police(CLASS_domestic_abuse, "E"),   police(CLASS_offence, "DELTA"),
                    police(CLASS_concern, "FOXTROT"),    police(CLASS_concern, "FOXTROT")};
    items[3].tier = TIER_signpost;
    items[5].free_text = true;
    cr_assert(bench_run(&b, items, 5) == 0);
    cr_expect(b.wanted_count == 0);
    cr_assert(bench_run(&b, items, 6) == 0);
    cr_expect(b.wanted_count == 1, "the same words leave by another item, which may have to stay");
}

Test(grant, one_that_nobody_asked_for_lets_nothing_out) {
    _cleanup_(arena_freep) Arena *a = arena_new(16 << 20);
    Bench b = bench_new(a);
    Item items[] = {police(CLASS_offence, "ALPHA"), health(CLASS_risk_factor, "BRAVO")};
    cr_assert(bench_run(&b, items, 2) == 0);
    cr_assert(bench_grant(&b, items, 2) == 0 && shows(&b, "ALPHA"));
    b.policies[0] = kit_policy(a, "police", "police never allow offence to go to anyone\n");
    cr_assert(bench_run(&b, items, 2) == 0);
    cr_expect(!shows(&b, "ALPHA"), "a grant is no rule");
}

Test(grant, the_owners_word_takes_nothing_away) {
    _cleanup_(arena_freep) Arena *a = arena_new(16 << 20);
    Bench b = bench_new(a);
    b.policies[0] =
        kit_policy(a, "police",
                   "police allow incident to go to any school " WHEN "summary" YEAR
                   "police allow incident to go to any school " WHEN "full; owner authorises" YEAR
                   "police allow offence to go to any school " WHEN "full; owner authorises" YEAR);
    NetWord hidden = {STR("Okafor"), NET_name, true, false};
    b.request.words = &hidden;
    b.request.word_count = 1;
    Item items[] = {police(CLASS_incident, "Okafor ALPHA"), police(CLASS_offence, "BRAVO")};
    items[0].summary = STR("CHARLIE");
    cr_assert(bench_run(&b, items, 2) == 0 && b.wanted_count == 1);
    cr_expect(shows(&b, "CHARLIE"));
    cr_assert(bench_grant(&b, items, 2) == 0);
    cr_expect(shows(&b, "CHARLIE") && shows(&b, "BRAVO") && !shows(&b, "ALPHA"));
    items[0].text = STR("ALPHA");
    cr_assert(bench_run(&b, items, 2) == 0 && bench_grant(&b, items, 2) == 0);
    cr_expect(shows(&b, "ALPHA") && !shows(&b, "CHARLIE"), "the fuller text in its place");
}

/* ---- what the recipient sees of it ---------------------------------------------------------- */

Test(grant, an_owner_that_has_not_answered_looks_like_one_that_holds_nothing) {
    _cleanup_(arena_freep) Arena *a = arena_new(16 << 20);
    Bench b = bench_new(a);
    Item items[] = {health(CLASS_risk_factor, "BRAVO"), police(CLASS_offence, "ALPHA"),
                    police(CLASS_offence, " "), police(CLASS_offence, "Okafor said so"),
                    police(CLASS_offence, "DELTA")};
    items[3].free_text = items[4].free_text = true;
    NetWord hidden = {STR("Okafor"), NET_name, true, false};
    b.request.words = &hidden;
    b.request.word_count = 1;
    Hash with, without;
    cr_assert(bench_run(&b, items, 1) == 0 && shareable_digest(b.shareable, &without));
    for (size_t count = 2; count <= 5; count++) {
        cr_assert(bench_run(&b, items, count) == 0 && shareable_digest(b.shareable, &with));
        cr_expect(hash_eq(&with, &without), "%zu items", count);
    }
    cr_expect(bench_run(&b, &items[1], 4) == REFUSE_nothing_to_share);
    cr_expect(b.wanted_count == 1 && b.cuts[0].kind == VERDICT_silent, "and it can still be asked");
    cr_assert(bench_grant(&b, items, 5) == 0);
    cr_expect(shows(&b, "DELTA") && !shows(&b, "Ask:"), "its words keep it in, silently still");
}

Test(grant, only_a_tier_that_the_owner_chose_makes_a_signpost_of_what_would_wait) {
    _cleanup_(arena_freep) Arena *a = arena_new(16 << 20);
    Bench b = bench_new(a);
    Item item = police(CLASS_offence, "ALPHA");
    item.tier = TIER_signpost;
    cr_assert(bench_run(&b, &item, 1) == 0);
    cr_expect(shows(&b, "Ask:") && b.wanted_count == 0);
    static const Tier others[] = {TIER_none, TIER_share, TIER_sanitise, TIER_silent};
    item.summary = STR("BRAVO");
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        item.tier = others[i];
        cr_expect(bench_run(&b, &item, 1) == REFUSE_nothing_to_share, "tier %zu", i);
        cr_expect(b.wanted_count == (others[i] != TIER_silent));
    }
}

Test(grant, sanitise_allows_at_most_the_summary_even_with_the_owners_word) {
    _cleanup_(arena_freep) Arena *a = arena_new(16 << 20);
    Bench b = bench_new(a);
    Item item = police(CLASS_offence, "ALPHA");
    item.tier = TIER_sanitise;
    item.summary = STR("BRAVO");
    cr_expect(bench_run(&b, &item, 1) == REFUSE_nothing_to_share);
    cr_assert(bench_grant(&b, &item, 1) == 0);
    cr_expect(shows(&b, "BRAVO") && !shows(&b, "ALPHA"));
}

Test(grant, each_owner_answers_for_itself) {
    _cleanup_(arena_freep) Arena *a = arena_new(16 << 20);
    Bench b = bench_new(a);
    b.policies[1] = kit_policy(
        a, "health", "health allow health to go to any school " WHEN "full; owner authorises" YEAR);
    Item items[] = {police(CLASS_offence, "ALPHA"), health(CLASS_health, "BRAVO")};
    cr_assert(bench_run(&b, items, 2) == REFUSE_nothing_to_share && b.wanted_count == 2);
    cr_expect(str_is(b.wanted[0].owner, "health") && str_is(b.wanted[1].owner, "police"));
    Grant grant = {b.wanted[0].owner, b.wanted[0].digest};
    b.request.grants = &grant;
    b.request.grant_count = 1;
    cr_assert(bench_run(&b, items, 2) == 0 && b.wanted_count == 1);
    cr_expect(shows(&b, "BRAVO") && !shows(&b, "ALPHA"));
    cr_expect(b.cuts[0].kind == VERDICT_silent && b.cuts[1].kind == VERDICT_full);
}
