/* Redaction, case by case: what is shown, what stays in and in which form, who may not be named.
 * release_leak.c tries the property behind them. */
#include "tests/unit/release_bench.h"

static const char signpost[] = "Eastmarch Police may be able to tell you more";

/* ---- plain cases ----------------------------------------------------------------------------- */

Test(redact, shows_what_the_rules_show) {
    _cleanup_(arena_freep) Arena *a = arena_new(16 << 20);
    Bench b = bench_new(a);
    Item items[] = {police(CLASS_incident, "ALPHA"), police(CLASS_risk_factor, "BRAVO"),
                    police(CLASS_missing_episode, "CHARLIE"), police(CLASS_intelligence, "DELTA")};
    items[0].summary = STR("ECHO");
    cr_assert(bench_run(&b, items, 4) == 0);
    cr_expect(!shows(&b, "ALPHA") && shows(&b, "ECHO") && shows(&b, "BRAVO"));
    cr_expect(!shows(&b, "CHARLIE") &&
              shows(&b, "holds information of this kind: a child missing"));
    cr_expect(!shows(&b, "DELTA") && !shows(&b, signpost));
    static const VerdictKind kinds[] = {VERDICT_summary, VERDICT_full, VERDICT_fact,
                                        VERDICT_silent};
    for (size_t i = 0; i < 4; i++) cr_expect(b.cuts[i].kind == kinds[i] && b.cuts[i].reason[0]);
    cr_expect(b.cuts[3].rule == &b.policies[0].rules[6]);
}

Test(redact, gives_every_item_its_cut_in_order) {
    _cleanup_(arena_freep) Arena *a = arena_new(16 << 20);
    Bench b = bench_new(a);
    Item items[20];
    for (size_t i = 0; i < 20; i++) {
        items[i] = police(i % 2 ? CLASS_risk_factor : CLASS_intelligence, "ALPHA");
        items[i].id.at[0] = (uint8_t)(i + 1);
    }
    cr_assert(bench_run(&b, items, 20) == 0);
    for (size_t i = 0; i < 20; i++) {
        cr_expect(id_eq(b.cuts[i].item, items[i].id));
        cr_expect((b.cuts[i].kind == VERDICT_full) == (i % 2 == 1));
    }
}

Test(redact, one_signpost_however_many_items_stay_in) {
    _cleanup_(arena_freep) Arena *a = arena_new(16 << 20);
    Bench b = bench_new(a);
    Item items[] = {police(CLASS_domestic_abuse, "x"), police(CLASS_domestic_abuse, "y"),
                    police(CLASS_housing, "z")};
    Hash one, three;
    cr_assert(bench_run(&b, items, 1) == 0 && shareable_digest(b.shareable, &one));
    Str text = shareable_text(b.shareable);
    cr_expect(shows(&b, signpost) && shows(&b, "Ask: the safeguarding desk."));
    cr_assert(bench_run(&b, items, 3) == 0 && shareable_digest(b.shareable, &three));
    cr_expect(hash_eq(&one, &three) && str_eq(text, shareable_text(b.shareable)));
}

Test(redact, an_owner_with_nothing_but_silence_does_not_appear) {
    _cleanup_(arena_freep) Arena *a = arena_new(16 << 20);
    Bench b = bench_new(a);
    Item items[] = {police(CLASS_risk_factor, "ALPHA"), health(CLASS_sexual_health, "BRAVO")};
    cr_assert(bench_run(&b, items, 2) == 0);
    cr_expect(shows(&b, "Eastmarch Police") && !shows(&b, "Eastmarch Hospital"));
}

Test(redact, refuses_when_nothing_may_leave) {
    _cleanup_(arena_freep) Arena *a = arena_new(16 << 20);
    Bench b = bench_new(a);
    Item items[] = {police(CLASS_intelligence, "ALPHA"), health(CLASS_sexual_health, "BRAVO")};
    cr_expect(bench_run(&b, NULL, 0) == REFUSE_nothing_to_share);
    cr_expect(bench_run(&b, items, 2) == REFUSE_nothing_to_share);
    cr_expect(b.shareable == NULL && b.cuts[1].kind == VERDICT_silent);
}

Test(redact, orders_by_owner_class_and_text_and_says_a_thing_once) {
    _cleanup_(arena_freep) Arena *a = arena_new(16 << 20);
    Bench b = bench_new(a);
    Item items[] = {police(CLASS_risk_factor, "BRAVO"),    police(CLASS_missing_episode, "x"),
                    health(CLASS_risk_factor, "CHARLIE"),  police(CLASS_risk_factor, "ALPHA"),
                    police(CLASS_risk_factor, " BRAVO\n"), health(CLASS_risk_factor, "ALPHA")};
    cr_assert(bench_run(&b, items, 6) == 0);
    static const char *const order[] = {
        "Eastmarch Hospital", "ALPHA", "CHARLIE", "Eastmarch Police",
        "of this kind",       "ALPHA", "BRAVO"};
    Str rest = shareable_text(b.shareable);
    size_t at;
    for (size_t i = 0; i < COUNT_OF(order); i++) {
        cr_assert(str_find(rest, str_z(order[i]), &at), "%s is missing or out of order", order[i]);
        rest = (Str){.at = rest.at + at + 1, .len = rest.len - at - 1};
    }
    cr_expect(!str_find(rest, STR("BRAVO"), &at));
}

/* ---- what is not anybody's to send ----------------------------------------------------------- */

Test(redact, what_a_later_message_says_anew_stays_in_and_leaves_no_trace) {
    _cleanup_(arena_freep) Arena *a = arena_new(16 << 20);
    Bench b = bench_new(a);
    Item items[] = {police(CLASS_risk_factor, "BRAVO"), police(CLASS_risk_factor, "ALPHA")};
    Hash with, without;
    items[1].replaced = true;
    cr_assert(bench_run(&b, items, 2) == 0 && shareable_digest(b.shareable, &with));
    cr_expect(shows(&b, "BRAVO") && !shows(&b, "ALPHA"));
    cr_expect(b.cuts[1].kind == VERDICT_silent && b.cuts[1].rule == NULL);
    cr_assert(bench_run(&b, items, 1) == 0 && shareable_digest(b.shareable, &without));
    cr_expect(hash_eq(&with, &without));
}

Test(redact, what_staff_corrected_in_quarantine_is_nobodys_to_send) {
    _cleanup_(arena_freep) Arena *a = arena_new(16 << 20);
    Bench b = bench_new(a);
    Item items[] = {police(CLASS_risk_factor, "BRAVO"), police(CLASS_risk_factor, "ALPHA")};
    items[1].corrected = true;
    cr_assert(bench_run(&b, items, 2) == 0);
    cr_expect(shows(&b, "BRAVO") && !shows(&b, "ALPHA") && !shows(&b, "Ask:"));
    cr_expect(b.cuts[1].kind == VERDICT_silent && b.cuts[1].rule == NULL);
}

Test(redact, what_kept_an_item_in_is_told_apart) {
    _cleanup_(arena_freep) Arena *a = arena_new(16 << 20);
    Bench b = bench_new(a);
    NetWord hidden = {STR("Okafor"), NET_name, true, false};
    Item items[] = {police(CLASS_risk_factor, "ALPHA"),        police(CLASS_risk_factor, "Okafor"),
                    police(CLASS_risk_factor, "BRAVO"),        police(CLASS_risk_factor, "CHARLIE"),
                    police(CLASS_risk_factor, "DELTA"),        police(CLASS_risk_factor, "ECHO")};
    b.request.words = &hidden;
    b.request.word_count = 1;
    items[2].held = items[3].corrected = items[4].replaced = true;
    items[5].owner = STR("education");
    items[5].owner_name = STR("Garnet Primary School");
    cr_assert(bench_run(&b, items, COUNT_OF(items)) == 0);
    for (size_t i = 0; i < COUNT_OF(items); i++) {
        cr_expect(b.cuts[i].kept == (KeptBy)i, "item %zu", i);
        cr_expect(kept_by_name(str_z(kept_name((KeptBy)i))) == (KeptBy)i);
        cr_expect(kept_always((KeptBy)i) == (i > KEPT_words));
    }
    cr_expect(kept_by_name(STR("always")) == KEPT_unread, "what is not known is the strictest");
}

Test(redact, the_recipients_own_words_are_not_sent_back_to_it) {
    _cleanup_(arena_freep) Arena *a = arena_new(16 << 20);
    Bench b = bench_new(a);
    Item items[] = {police(CLASS_risk_factor, "BRAVO"), police(CLASS_risk_factor, "ALPHA")};
    items[1].owner = b.request.recipient;
    items[1].owner_name = b.request.recipient_name;
    cr_assert(bench_run(&b, items, 2) == 0);
    cr_expect(shows(&b, "BRAVO") && !shows(&b, "ALPHA") && !shows(&b, "Ask:"));
    cr_expect(b.cuts[1].kind == VERDICT_silent);
}

Test(redact, a_rule_may_name_whom_to_ask_beside_what_it_releases) {
    _cleanup_(arena_freep) Arena *a = arena_new(16 << 20);
    Bench b = bench_new(a);
    b.policies[0] = kit_policy(
        a, "police",
        "police allow risk_factor to go to any school " WHEN "full; signpost" YEAR
        "police allow offence to go to any school " WHEN "full; owner authorises; signpost" YEAR);
    Item items[] = {police(CLASS_risk_factor, "ALPHA"), health(CLASS_risk_factor, "BRAVO"),
                    police(CLASS_offence, "CHARLIE")};
    cr_assert(bench_run(&b, items, 2) == 0);
    cr_expect(shows(&b, "ALPHA") && shows(&b, signpost));
    items[0].owner_desk = (Str){0}; /* whom could it name? */
    cr_assert(bench_run(&b, items, 2) == 0);
    cr_expect(!shows(&b, "ALPHA"));
    cr_expect(bench_run(&b, &items[2], 1) == REFUSE_nothing_to_share, "what waits names nobody");
    cr_assert(bench_grant(&b, &items[2], 1) == 0);
    cr_expect(shows(&b, "CHARLIE") && shows(&b, signpost));
}

Test(redact, an_owner_is_asked_where_its_word_would_only_say_whom_to_ask) {
    static const char asks[] =
        "police allow offence to go to any school " WHEN "fact; owner authorises; signpost" YEAR;
    static const char plain[] = "police allow offence to go to any school " WHEN "fact" YEAR;
    for (int first = 0; first < 2; first++) { /* whichever stands first */
        _cleanup_(arena_freep) Arena *a = arena_new(16 << 20);
        Bench b = bench_new(a);
        Str text = arena_printf(a, "%s%s", first ? asks : plain, first ? plain : asks);
        b.policies[0] = kit_policy(a, "police", text.at);
        Item items[] = {police(CLASS_offence, "ALPHA")};
        cr_assert(bench_run(&b, items, 1) == 0);
        cr_expect(!shows(&b, signpost));
        cr_assert(b.wanted_count == 1, "%d", first);
        cr_assert(bench_grant(&b, items, 1) == 0);
        cr_expect(shows(&b, signpost));
    }
}

Test(redact, a_smaller_form_leaves_where_the_words_of_a_fuller_one_may_not) {
    _cleanup_(arena_freep) Arena *a = arena_new(16 << 20);
    Bench b = bench_new(a);
    NetWord hides = {.text = STR("Okafor"), .kind = NET_name, .hides = true};
    b.request.words = &hides;
    b.request.word_count = 1;
    b.policies[0] =
        kit_policy(a, "police",
                   "police allow risk_factor to go to any school " WHEN "full" YEAR
                   "police allow offence to go to any school " WHEN "full" YEAR
                   "police allow offence to go to agency education " WHEN "fact" YEAR);
    Item items[] = {police(CLASS_risk_factor, "Okafor rang"), police(CLASS_offence, "Okafor rang"),
                    police(CLASS_risk_factor, "Mrs Okafor rang"),
                    police(CLASS_risk_factor, "BRAVO")};
    items[0].summary = STR("ALPHA");
    items[2].summary = STR("BRAVO, Okafor");
    items[3].summary = STR("BRAVO for Okafor");
    cr_assert(bench_run(&b, items, 4) == 0);
    static const VerdictKind kinds[] = {VERDICT_summary, VERDICT_signpost, VERDICT_signpost,
                                        VERDICT_signpost};
    for (size_t i = 0; i < 4; i++) cr_expect(b.cuts[i].kind == kinds[i], "item %zu", i);
    cr_expect(shows(&b, "ALPHA") && !shows(&b, "of this kind") && !shows(&b, "Okafor"));
    cr_expect(!shows(&b, "BRAVO"), "what its owner wrote for outside hides somebody");
    cr_expect_str_eq(b.cuts[0].reason, b.cuts[2].reason, "both say why the text stays in");
}

/* Whether only the fact, the summary or all of it may be shown: an item that hides somebody stays
 * in, so that no stricter rule lets out what a laxer one keeps. */
Test(redact, what_hides_somebody_leaves_in_no_form) {
    static const char *const shows_at_most[] = {"full", "summary", "fact"};
    for (size_t i = 0; i < COUNT_OF(shows_at_most); i++) {
        _cleanup_(arena_freep) Arena *a = arena_new(16 << 20);
        Bench b = bench_new(a);
        NetWord hides = {.text = STR("Okafor"), .kind = NET_name, .hides = true};
        b.request.words = &hides;
        b.request.word_count = 1;
        b.policies[0] = kit_policy(
            a, "police",
            arena_printf(a, "police allow risk_factor to go to any school " WHEN "%s" YEAR,
                         shows_at_most[i]).at);
        Item items[] = {police(CLASS_risk_factor, "Okafor rang"),
                        health(CLASS_risk_factor, "ALPHA")};
        cr_assert(bench_run(&b, items, 2) == 0);
        cr_expect(b.cuts[0].kind == VERDICT_signpost, "%s", shows_at_most[i]);
        items[0].text = STR("somebody rang");
        cr_assert(bench_run(&b, items, 2) == 0);
        cr_expect(b.cuts[0].kind >= VERDICT_fact, "%s", shows_at_most[i]);
    }
}

Test(redact, the_fact_leaves_where_there_are_no_words) {
    _cleanup_(arena_freep) Arena *a = arena_new(16 << 20);
    Bench b = bench_new(a);
    Item items[] = {police(CLASS_risk_factor, " \n"), police(CLASS_incident, "ALPHA")};
    items[1].summary = STR("  ");
    cr_assert(bench_run(&b, items, 2) == 0);
    cr_expect(b.cuts[0].kind == VERDICT_fact && b.cuts[1].kind == VERDICT_fact);
    cr_expect(b.cuts[1].kept == KEPT_not, "its rule itself gives the fact");
    cr_expect(!shows(&b, "ALPHA"));
}

/* ---- who may not be named -------------------------------------------------------------------- */

Test(redact, an_item_that_names_the_forbidden_stays_in_whole) {
    _cleanup_(arena_freep) Arena *a = arena_new(16 << 20);
    Bench b = bench_new(a);
    const NetWord hidden[] = {{STR("Margaret Okafor"), NET_name, true, false},
                              {STR("07700 900123"), NET_telephone, true, false}};
    b.request.words = hidden;
    b.request.word_count = 2;
    Item items[] = {police(CLASS_risk_factor, "Seen by OKAFOR, Margaret"),
                    police(CLASS_risk_factor, "ring 07700-900123"),
                    police(CLASS_risk_factor, "ALPHA"), police(CLASS_incident, "Margaret Okafor"),
                    police(CLASS_risk_factor, "\xff")};
    items[1].tier = TIER_silent;
    items[3].summary = STR("BRAVO");
    cr_assert(bench_run(&b, items, 5) == 0);
    static const VerdictKind kinds[] = {VERDICT_signpost, VERDICT_silent, VERDICT_full,
                                        VERDICT_summary, VERDICT_signpost};
    for (size_t i = 0; i < 5; i++) cr_expect(b.cuts[i].kind == kinds[i], "item %zu", i);
    cr_expect(!shows(&b, "Margaret") && shows(&b, "ALPHA") && shows(&b, "BRAVO"));
}

Test(redact, a_withheld_name_keeps_the_owners_silent_form) {
    _cleanup_(arena_freep) Arena *a = arena_new(16 << 20);
    Bench b = bench_new(a);
    b.policies[0] = kit_policy(
        a, "police", "police allow source_identity to go to any school " WHEN "full" YEAR);
    NetWord hidden = {STR("Okafor"), NET_name, true, false};
    b.request.words = &hidden;
    b.request.word_count = 1;
    Item items[] = {police(CLASS_source_identity, "Okafor said so"),
                    health(CLASS_risk_factor, "ALPHA")};
    cr_assert(bench_run(&b, items, 2) == 0);
    cr_expect(b.cuts[0].kind == VERDICT_silent && !shows(&b, "Eastmarch Police"));
}

/* They are the register's: else an informant with an agency's name would silence that agency. */
Test(redact, an_owners_name_and_desk_may_be_told_whoever_has_the_same) {
    _cleanup_(arena_freep) Arena *a = arena_new(16 << 20);
    Bench b = bench_new(a);
    NetWord hidden[] = {{STR("Okafor"), NET_name, true, false},
                        {STR("Eastmarch Police"), NET_name, true, false}};
    b.request.words = hidden;
    b.request.word_count = 2;
    Item items[] = {police(CLASS_risk_factor, "ALPHA"), police(CLASS_housing, "x"),
                    police(CLASS_risk_factor, "Okafor said BRAVO")};
    for (size_t i = 0; i < 3; i++) items[i].owner_desk = STR("Sgt Okafor");
    cr_assert(bench_run(&b, items, 3) == 0);
    cr_expect(shows(&b, "ALPHA") && shows(&b, "Eastmarch Police") && shows(&b, "Ask: Sgt Okafor"));
    cr_expect(!shows(&b, "BRAVO"), "in its words nobody is named");
}

static const struct {
    const char *hidden, *text;
    bool leaves;
} own_names[] = {
    {"Leah", "Leah was tired", true},
    {"Jones", "Leah Pryce-Jones was tired", true},
    {"Leah Pryce-Jones", "Leah Pryce-Jones was tired", false}, /* somebody hidden bears it, too */
    {"Pryce-Jones", "Leah Pryce-Jones was tired", true}, /* her own, wherever it stands alone */
    {"Gareth Pryce-Jones", "Leah Pryce-Jones was tired", true},
    {"Gareth Pryce-Jones", "Gareth Pryce-Jones was tired", false},
    {"Lloyd-Jones", "Leah Pryce-Jones was tired", true},
    {"Lloyd-Jones", "Mrs Lloyd-Jones was tired", false},
    {"Lloyd-Evans", "Mrs Evans was tired", false},
};

Test(redact, a_subjects_own_name_may_be_told) {
    for (size_t i = 0; i < COUNT_OF(own_names); i++) {
        _cleanup_(arena_freep) Arena *a = arena_new(16 << 20);
        Bench b = bench_new(a);
        NetWord hidden = {str_z(own_names[i].hidden), NET_name, true, false};
        b.request.words = &hidden;
        b.request.word_count = 1;
        Item item = police(CLASS_risk_factor, own_names[i].text);
        cr_assert(bench_run(&b, &item, 1) == 0);
        cr_expect((b.cuts[0].kind == VERDICT_full) == own_names[i].leaves, "case %zu", i);
    }
}

Test(redact, what_names_others_is_cut_and_kept_for_the_record_inside) {
    _cleanup_(arena_freep) Arena *a = arena_new(16 << 20);
    Bench b = bench_new(a);
    const NetWord words[] = {{STR("Vexmoor, Torben"), NET_name, false, false}};
    b.request.words = words;
    b.request.word_count = 1;
    Item items[] = {police(CLASS_risk_factor, " \nT. Vexmoor's van hit Leah; ring 07700 900123"),
                    police(CLASS_risk_factor, "Torben Vexmoor"), police(CLASS_incident, "x")};
    items[2].summary = STR("Torben was seen by a neighbour");
    cr_assert(bench_run(&b, items, 3) == 0);
    cr_expect(shows(&b, "[removed] van hit Leah; ring [removed]"));
    cr_expect(b.cuts[0].span_count == 2 && b.cuts[0].spans[0].from == 2 &&
              b.cuts[0].spans[1].kind == NET_telephone);
    cr_expect(b.cuts[1].kind == VERDICT_fact && b.cuts[1].span_count == 0);
    cr_expect(shows(&b, "[removed] was seen by a neighbour") && b.cuts[2].warning_count == 0);
}

/* ---- the request ----------------------------------------------------------------------------- */

Test(redact, gives_an_identifier_only_to_those_who_use_it) {
    _cleanup_(arena_freep) Arena *a = arena_new(16 << 20);
    Bench b = bench_new(a);
    Item item = police(CLASS_risk_factor, "ALPHA");
    cr_assert(bench_run(&b, &item, 1) == 0);
    cr_expect(shows(&b, "T123456789012") && shows(&b, "born 2016-04-02"));
    Subject other = leah;
    other.identifier_scheme = STR("nhs_number");
    b.request.subjects = &other;
    cr_assert(bench_run(&b, &item, 1) == 0);
    cr_expect(!shows(&b, "T123456789012") && shows(&b, "Leah Pryce-Jones"));
}

Test(redact, refuses_what_no_letter_can_hold) {
    _cleanup_(arena_freep) Arena *a = arena_new(256 << 20);
    Bench b = bench_new(a);
    Item items[300];
    for (size_t i = 0; i < COUNT_OF(items); i++) {
        items[i] = police(CLASS_risk_factor, "");
        items[i].text = arena_printf(a, "%zu", i);
    }
    for (size_t i = 0; i < COUNT_OF(items); i++) items[i].owner_desk = (Str){0};
    cr_expect(bench_run(&b, items, 200) == 0);
    cr_expect(bench_run(&b, items, 300) == REFUSE_too_large); /* lines */
    for (size_t i = 0; i < 12; i++) items[i].text = arena_printf(a, "%zu%*s.", i, 9000, "");
    cr_expect(bench_run(&b, items, 12) == REFUSE_too_large); /* bytes: text, page and lines */
    for (size_t i = 0; i < 105; i++) items[i].text = arena_printf(a, "%zu%*s.", i, 900, "");
    cr_expect(bench_run(&b, items, 105) ==
              REFUSE_too_large); /* all within bounds, the sum is not */
    cr_expect(b.cuts[0].kind == VERDICT_silent && b.cuts[0].kept == KEPT_too_large);
    cr_expect(bench_run(&b, items, 75) == 0);
}

Test(redact, refuses_a_subject_without_a_name) {
    _cleanup_(arena_freep) Arena *a = arena_new(16 << 20);
    Bench b = bench_new(a);
    Item item = police(CLASS_risk_factor, "ALPHA");
    Subject nobody = {.birth_date = STR("2016-04-02")},
            unborn = {.name = STR("x"), .birth_date = STR("x")};
    b.request.subjects = &nobody;
    cr_expect(bench_run(&b, &item, 1) == REFUSE_missing_field);
    b.request.subjects = &unborn;
    cr_expect(bench_run(&b, &item, 1) == REFUSE_bad_time);
    b.request.subject_count = 0;
    cr_expect(bench_run(&b, &item, 1) == REFUSE_missing_field);
}

Test(redact, an_owner_under_two_names_breaks_an_invariant) {
    _cleanup_(arena_freep) Arena *a = arena_new(16 << 20);
    Bench b = bench_new(a);
    Item items[] = {police(CLASS_risk_factor, "ALPHA"), police(CLASS_intelligence, "x")};
    items[1].owner_name = STR("Other");
    cr_expect(bench_run(&b, items, 2) == ERR_BROKEN);
    items[1] = police(CLASS_intelligence, "x");
    items[1].owner_desk = STR("Other");
    cr_expect(bench_run(&b, items, 2) == ERR_BROKEN);
}

/* With every size of memory the answer is the whole product or none. */
Test(redact, failing_memory_never_releases_a_part) {
    _cleanup_(arena_freep) Arena *whole = arena_new(16 << 20);
    Bench b = bench_new(whole);
    Item items[] = {police(CLASS_risk_factor, "ALPHA"), police(CLASS_incident, "x"),
                    health(CLASS_risk_factor, "BRAVO")};
    cr_assert(bench_run(&b, items, 3) == 0);
    Str all = shareable_text(b.shareable);
    bool done = false;
    for (size_t cap = 0; !done && cap < (4 << 20); cap += 61) {
        _cleanup_(arena_freep) Arena *a = arena_new(cap);
        b.arena = a;
        int r = bench_run(&b, items, 3);
        done = r == 0;
        cr_assert(done ? str_eq(shareable_text(b.shareable), all) : r == ERR_MEMORY, "cap %zu",
                  cap);
    }
    cr_expect(done);
}
