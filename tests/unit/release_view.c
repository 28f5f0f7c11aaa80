/* What an owner is shown when it is asked for its word: its own section, without the cuts that
 * would tell it whom others mentioned. What leaves has them all. */
#include "broker/release/persons.h"
#include "tests/unit/release_bench.h"

/* Of two people whom the whole enquiry knows, the police told of one. */
static const NetWord known[] = {{{"Vexmoor", 7}, NET_name, false, false},
                                {{"Quistgaard", 10}, NET_name, false, false}};
static Bench bench_viewed(Arena *a, const NetWord words[2]) {
    Bench b = bench_new(a);
    View *view = arena_alloc(a, sizeof(*view));
    cr_assert(view);
    *view = (View){.owner = STR("police"), .subjects = &leah, .subject_count = 1,
                   .named = &leah, .named_count = 1,
                   .words = words, .word_count = 2, .own = known, .own_count = 1};
    b.request.views = view;
    b.request.view_count = 1;
    return b;
}

static bool asked_holds(const Bench *b, const char *word) {
    Bytes bytes;
    size_t at;
    cr_assert(b->wanted_count == 1);
    cr_assert(codec_encode(b->arena, b->wanted[0].rendering, &bytes) == 0);
    return str_find(bytes_str(bytes), str_z(word), &at);
}

static int run_and_grant(Bench *b, const Item *items, size_t count) {
    int r = bench_run(b, items, count);
    cr_assert(r >= 0);
    return bench_grant(b, items, count);
}

Test(view, whom_others_mentioned_is_cut_of_what_leaves_and_not_of_what_is_asked) {
    _cleanup_(arena_freep) Arena *a = arena_new(16 << 20);
    Bench b = bench_viewed(a, known);
    Item item = police(CLASS_offence, "ALPHA: Quistgaard, then Vexmoor");
    cr_assert(bench_run(&b, &item, 1) == REFUSE_nothing_to_share);
    cr_expect(asked_holds(&b, "Quistgaard") && !asked_holds(&b, "Vexmoor"));
    cr_assert(bench_grant(&b, &item, 1) == 0);
    cr_expect(shows(&b, "ALPHA: [removed], then [removed]"));
    cr_expect(b.cuts[0].span_count == 2);
}

Test(view, whom_others_protect_keeps_in_what_was_granted) {
    _cleanup_(arena_freep) Arena *a = arena_new(16 << 20);
    static const NetWord hidden[] = {{{"Vexmoor", 7}, NET_name, false, false},
                                     {{"Quistgaard", 10}, NET_name, true, true}};
    Bench b = bench_viewed(a, hidden);
    Item items[] = {police(CLASS_offence, "ALPHA: Quistgaard"), police(CLASS_offence, "BRAVO")};
    cr_assert(bench_run(&b, items, 2) == REFUSE_nothing_to_share);
    cr_expect(asked_holds(&b, "Quistgaard"));
    cr_assert(bench_grant(&b, items, 2) == 0);
    cr_expect(shows(&b, "BRAVO") && !shows(&b, "ALPHA") && !shows(&b, "Ask:"));
    cr_expect(b.cuts[0].kept == KEPT_words && b.cuts[0].kind == VERDICT_silent);
}

Test(view, a_grant_is_for_these_words_and_no_lesser_ones) {
    _cleanup_(arena_freep) Arena *a = arena_new(16 << 20);
    static const NetWord hidden[] = {{{"Vexmoor", 7}, NET_name, false, false},
                                     {{"Quistgaard", 10}, NET_name, true, true}};
    Bench b = bench_viewed(a, hidden);
    Item item = police(CLASS_offence, "ALPHA: Quistgaard");
    item.summary = STR("CHARLIE");
    cr_expect(run_and_grant(&b, &item, 1) == REFUSE_nothing_to_share, "the summary was not asked");
    item.class = CLASS_concern; /* whose summary leaves unasked, prose with its owner's word */
    item.free_text = true;
    cr_assert(run_and_grant(&b, &item, 1) == 0);
    cr_expect(shows(&b, "CHARLIE") && !shows(&b, "ALPHA"), "what left unasked still does");
}

Test(view, nothing_leaves_that_its_owner_was_shown_a_cut_for) {
    _cleanup_(arena_freep) Arena *a = arena_new(16 << 20);
    static const NetWord others[] = {{{"Torben", 6}, NET_name, false, false},
                                     {{"Quistgaard", 10}, NET_name, false, false}};
    Bench b = bench_viewed(a, others);
    Item item = police(CLASS_offence, " ALPHA: Vexmoor, BRAVO ");
    cr_assert(run_and_grant(&b, &item, 1) == 0);
    cr_expect(shows(&b, "ALPHA: [removed], BRAVO") && !shows(&b, "Vexmoor"));
}

/* Nobody learns by what is still told which words stand in a text that is not. */
Test(view, whom_others_protect_keeps_in_the_words_and_not_the_fact) {
    for (int foreign = 0; foreign < 2; foreign++) {
        _cleanup_(arena_freep) Arena *a = arena_new(16 << 20);
        NetWord hidden[] = {known[0], {STR("heroin"), NET_name, true, foreign}};
        Bench b = bench_viewed(a, hidden);
        Item items[] = {police(CLASS_missing_episode, "Her mother uses heroin."),
                        police(CLASS_risk_factor, "heroin ALPHA")};
        cr_assert(bench_run(&b, items, 2) == 0);
        for (size_t i = 0; i < 2; i++) {
            cr_expect(b.cuts[i].kind == (foreign ? VERDICT_fact : VERDICT_signpost), "%zu", i);
        }
        cr_expect(!shows(&b, "ALPHA"));
    }
}

Test(view, the_child_is_named_as_its_owner_names_her) {
    _cleanup_(arena_freep) Arena *a = arena_new(16 << 20);
    static const Subject lee = {.name = {"Lee Jones", 9}};
    Bench b = bench_viewed(a, known);
    View view = *b.request.views;
    view.subjects = &lee;
    b.request.views = &view;
    Item item = police(CLASS_offence, "ALPHA");
    cr_assert(bench_run(&b, &item, 1) == REFUSE_nothing_to_share);
    cr_expect(asked_holds(&b, "Lee Jones") && !asked_holds(&b, "Leah"));
    cr_assert(bench_grant(&b, &item, 1) == 0);
    cr_expect(shows(&b, "Leah Pryce-Jones") && !shows(&b, "Lee Jones"));
}

Test(view, a_word_on_one_child_is_none_on_another) {
    _cleanup_(arena_freep) Arena *a = arena_new(16 << 20);
    static const Id twins[] = {{{1}}, {{2}}};
    Bench b = bench_viewed(a, known);
    Known one = {.about = &twins[0], .about_count = 1};
    Item item = police(CLASS_offence, "ALPHA");
    b.request.known = &one;
    cr_assert(bench_run(&b, &item, 1) == REFUSE_nothing_to_share && b.wanted_count == 1);
    one.about = &twins[1];
    cr_expect(bench_grant(&b, &item, 1) == REFUSE_nothing_to_share);
    one.about = &twins[0];
    cr_expect(bench_run(&b, &item, 1) == 0 && shows(&b, "ALPHA"));
}
