/* Into which pieces a message is cut: one class each, and nothing in a piece that is stricter than
 * it. */
#include <criterion/criterion.h>

#include "broker/hub/drafts.h"

enum { MEMORY = 4 * 1024 * 1024 };

typedef struct Cuts {
    Draft *at;
    size_t count;
} Cuts;

static Cuts cut(Arena *a, StructKind kind, const Value *message) {
    Cuts c = {0};
    cr_assert_eq(drafts_make(a, kind, message, &c.at, &c.count), 0);
    return c;
}

static Str draft_text(const Draft *d) {
    return value_text(d->content, F_item_content_text);
}

/* Does any draft of another class than `class` hold these words? */
static bool elsewhere(const Cuts *c, InfoClass class, const char *words) {
    size_t at;
    for (size_t i = 0; i < c->count; i++) {
        if (c->at[i].class != class && str_find(draft_text(&c->at[i]), str_z(words), &at))
            return true;
    }
    return false;
}

static const Draft *of_class(const Cuts *c, InfoClass class) {
    for (size_t i = 0; i < c->count; i++) {
        if (c->at[i].class == class) return &c->at[i];
    }
    return NULL;
}

static Value *named(Arena *a, Value *referral, const char *ref, const char *role,
                    const char *given) {
    Value *p = value_add_map(a, referral, F_referral_person);
    value_set_text(a, p, F_person_ref, str_z(ref));
    value_add_text(a, p, F_person_role, str_z(role));
    Value *name = value_add_map(a, p, F_person_name);
    value_set_text(a, name, F_name_given, str_z(given));
    value_set_text(a, name, F_name_family, STR("Chan"));
    return p;
}

static Value *address(Arena *a, Value *p, const char *line, bool protected) {
    Value *v = value_add_map(a, p, F_person_address);
    value_add_text(a, v, F_address_line, str_z(line));
    if (protected) value_set_yes(a, v, F_address_protected, true);
    return v;
}

static const struct {
    const char *role;
    InfoClass class;
} identities[] = {
    {"child", CLASS_child_identity},      {"unborn", CLASS_child_identity},
    {"parent", CLASS_family_identity},    {"carer", CLASS_family_identity},
    {"household", CLASS_family_identity}, {"sibling", CLASS_family_identity},
    {"suspect", CLASS_third_party},       {"victim", CLASS_third_party},
    {"witness", CLASS_third_party},       {"informant", CLASS_source_identity},
    {"professional", CLASS_professional},
};

Test(drafts, who_somebody_is_decides_the_class_of_the_name) {
    for (size_t i = 0; i < COUNT_OF(identities); i++) {
        _cleanup_(arena_freep) Arena *a = arena_new(MEMORY);
        Value *r = value_map(a);
        named(a, r, "p1", identities[i].role, "Wei");
        Cuts c = cut(a, STRUCT_referral, r);
        cr_expect_not_null(of_class(&c, identities[i].class), "%s", identities[i].role);
        cr_expect(!elsewhere(&c, identities[i].class, "Wei"), "%s", identities[i].role);
    }
}

Test(drafts, who_told_is_silent_even_when_they_are_family) {
    _cleanup_(arena_freep) Arena *a = arena_new(MEMORY);
    Value *r = value_map(a);
    Value *p = named(a, r, "p1", "parent", "Wei");
    value_add_text(a, p, F_person_role, STR("informant"));
    Cuts c = cut(a, STRUCT_referral, r);
    cr_assert_not_null(of_class(&c, CLASS_source_identity));
    cr_expect_eq(of_class(&c, CLASS_source_identity)->tier, TIER_silent);
    cr_expect(!elsewhere(&c, CLASS_source_identity, "gave the information"));
}

static const struct {
    const char *scheme;
    InfoClass class;
} flags[] = {
    {"CP-IS", CLASS_care_status},    {"FGM", CLASS_honour_based_abuse},
    {"MARAC", CLASS_domestic_abuse}, {"MAPPA", CLASS_offence},
    {"EHCP", CLASS_care_status},
};

Test(drafts, a_flag_is_of_the_class_of_what_it_is_about) {
    for (size_t i = 0; i < COUNT_OF(flags); i++) {
        _cleanup_(arena_freep) Arena *a = arena_new(MEMORY);
        Value *r = value_map(a), *flag = value_add_map(a, r, F_referral_flag);
        value_set_text(a, flag, F_flag_scheme, str_z(flags[i].scheme));
        value_set_text(a, flag, F_flag_code, STR("applies"));
        Cuts c = cut(a, STRUCT_referral, r);
        cr_expect_not_null(of_class(&c, flags[i].class), "%s", flags[i].scheme);
        cr_expect(!elsewhere(&c, flags[i].class, "applies"), "%s", flags[i].scheme);
    }
}

static const struct {
    const char *source;
    bool protected;
    InfoClass class;
} referrers[] = {
    {"2A", false, CLASS_professional},    {"2A", true, CLASS_source_identity},
    {"1A", false, CLASS_source_identity}, {"1D", false, CLASS_source_identity},
    {"9", false, CLASS_source_identity},  {"10", false, CLASS_professional},
};

Test(drafts, a_protected_or_private_referrer_is_a_source) {
    for (size_t i = 0; i < COUNT_OF(referrers); i++) {
        _cleanup_(arena_freep) Arena *a = arena_new(MEMORY);
        Value *r = value_map(a), *referrer = value_set_map(a, r, F_referral_referrer);
        value_set_text(a, r, F_referral_source, str_z(referrers[i].source));
        value_set_text(a, referrer, F_contact_name, STR("Jo Bloggs"));
        if (referrers[i].protected) value_set_yes(a, referrer, F_contact_protected, true);
        Cuts c = cut(a, STRUCT_referral, r);
        cr_expect_not_null(of_class(&c, referrers[i].class), "row %zu", i);
        cr_expect(!elsewhere(&c, referrers[i].class, "Jo Bloggs"), "row %zu", i);
    }
}

Test(drafts, one_protected_mark_hides_the_place_for_everybody) {
    _cleanup_(arena_freep) Arena *a = arena_new(MEMORY);
    Value *r = value_map(a);
    address(a, named(a, r, "p1", "child", "Mei"), "1 Refuge Road", false);
    address(a, named(a, r, "p2", "parent", "Wei"), "1 REFUGE ROAD", true);
    address(a, named(a, r, "p3", "carer", "Jun"), "2 Open Street", false);
    Cuts c = cut(a, STRUCT_referral, r);
    cr_expect(!elsewhere(&c, CLASS_hidden_address, "Refuge Road"));
    cr_expect(!elsewhere(&c, CLASS_hidden_address, "REFUGE ROAD"));
    cr_expect(!elsewhere(&c, CLASS_address, "Open Street"));
}

Test(drafts, a_tie_to_a_hidden_person_is_hidden_with_them) {
    _cleanup_(arena_freep) Arena *a = arena_new(MEMORY);
    Value *r = value_map(a);
    Value *p = named(a, r, "p1", "child", "Mei");
    named(a, r, "p2", "witness", "Stranger");
    Value *tie = value_add_map(a, p, F_person_relationship);
    value_set_text(a, tie, F_relationship_to, STR("p2"));
    value_set_text(a, tie, F_relationship_type, STR("sibling"));
    Cuts c = cut(a, STRUCT_referral, r);
    cr_expect(!elsewhere(&c, CLASS_third_party, "Stranger"));
}

Test(drafts, a_former_name_or_number_is_kept_apart) {
    _cleanup_(arena_freep) Arena *a = arena_new(MEMORY);
    Value *r = value_map(a);
    Value *p = named(a, r, "p1", "child", "Mei");
    Value *name = value_add_map(a, p, F_person_name);
    value_set_text(a, name, F_name_use, STR("former"));
    value_set_text(a, name, F_name_family, STR("Birthname"));
    Value *number = value_add_map(a, p, F_person_identifier);
    value_set_text(a, number, F_identifier_scheme, STR("former_upn"));
    value_set_text(a, number, F_identifier_value, STR("H801200001001"));
    Cuts c = cut(a, STRUCT_referral, r);
    cr_assert_not_null(of_class(&c, CLASS_adoption));
    cr_expect(!elsewhere(&c, CLASS_adoption, "Birthname"));
    cr_expect(!elsewhere(&c, CLASS_adoption, "H801200001001"));
}

/* Prose never travels inside a fact that we composed. */
Test(drafts, the_senders_words_are_free_text_and_nothing_else_is) {
    _cleanup_(arena_freep) Arena *a = arena_new(MEMORY);
    Value *r = value_map(a);
    Value *narrative = value_add_map(a, r, F_referral_narrative);
    value_set_text(a, narrative, F_narrative_class, STR("incident"));
    value_set_text(a, narrative, F_narrative_text, STR("WORDS one"));
    value_set_text(a, r, F_referral_voice_of_child, STR("WORDS two"));
    Value *risk = value_add_map(a, r, F_referral_risk_factor);
    value_set_text(a, risk, F_risk_factor_code, STR("16A"));
    value_set_text(a, risk, F_risk_factor_source_text, STR("WORDS three"));
    Value *safety = value_set_map(a, r, F_referral_immediate_safety);
    value_set_text(a, safety, F_immediate_safety_action_taken, STR("WORDS four"));
    Value *consent = value_set_map(a, r, F_referral_consent);
    value_set_text(a, consent, F_consent_reason, STR("WORDS five"));
    named(a, r, "p1", "child", "Mei");
    Cuts c = cut(a, STRUCT_referral, r);
    size_t words = 0;
    for (size_t i = 0; i < c.count; i++) {
        bool prose = str_starts(draft_text(&c.at[i]), STR("WORDS"));
        size_t at;
        words += prose;
        cr_expect_eq(c.at[i].free_text, prose, "draft %zu", i);
        cr_expect(prose || !str_find(draft_text(&c.at[i]), STR("WORDS"), &at), "draft %zu", i);
    }
    cr_expect_eq(words, 5);
}

Test(drafts, a_narrative_keeps_what_its_owner_said_about_it) {
    _cleanup_(arena_freep) Arena *a = arena_new(MEMORY);
    Value *r = value_map(a);
    Value *narrative = value_add_map(a, r, F_referral_narrative);
    value_set_text(a, narrative, F_narrative_class, STR("intelligence"));
    value_set_text(a, narrative, F_narrative_tier, STR("sanitise"));
    value_set_text(a, narrative, F_narrative_text, STR("all of it"));
    value_set_text(a, narrative, F_narrative_summary, STR("a little"));
    value_add_text(a, narrative, F_narrative_about, STR("p7"));
    Cuts c = cut(a, STRUCT_referral, r);
    const Draft *d = of_class(&c, CLASS_intelligence);
    cr_assert_not_null(d);
    cr_expect_eq(d->tier, TIER_sanitise);
    cr_expect(str_is(value_text(d->content, F_item_content_summary), "a little"));
    cr_expect(str_is(value_item_text(d->content, F_item_content_about, 0), "p7"));
}

Test(drafts, a_class_that_is_not_known_stays_silent) {
    _cleanup_(arena_freep) Arena *a = arena_new(MEMORY);
    Value *r = value_map(a);
    Value *narrative = value_add_map(a, r, F_referral_narrative);
    value_set_text(a, narrative, F_narrative_class, STR("of_tomorrow"));
    value_set_text(a, narrative, F_narrative_tier, STR("share"));
    value_set_text(a, narrative, F_narrative_text, STR("all of it"));
    Cuts c = cut(a, STRUCT_referral, r);
    for (size_t i = 0; i < c.count; i++) {
        if (str_is(draft_text(&c.at[i]), "all of it")) cr_expect_eq(c.at[i].tier, TIER_silent);
    }
    cr_expect(elsewhere(&c, CLASS_none, "all of it"));
}

Test(drafts, a_sentence_too_long_for_an_item_is_cut_between_characters) {
    _cleanup_(arena_freep) Arena *a = arena_new(64 * 1024 * 1024);
    Value *r = value_map(a), *v = address(a, named(a, r, "p1", "child", "Mei"), "é", false);
    for (int i = 0; i < 600; i++) {
        value_add_text(a, v, F_address_line, STR("éééééééééééééééééééé"));
    }
    Cuts c = cut(a, STRUCT_referral, r);
    const Draft *d = of_class(&c, CLASS_address);
    cr_assert_not_null(d);
    cr_expect_leq(draft_text(d).len, 20000);
    cr_expect(utf8_valid(str_bytes(draft_text(d))));
}

Test(drafts, a_refused_check_says_why_in_the_lists_words) {
    _cleanup_(arena_freep) Arena *a = arena_new(MEMORY);
    Value *answer = value_map(a);
    value_set_text(a, answer, F_answer_outcome, STR("refused"));
    value_set_text(a, answer, F_answer_reason, STR("court_order"));
    Cuts c = cut(a, STRUCT_answer, answer);
    cr_assert_eq(c.count, 2);
    cr_expect_eq(c.at[1].class, CLASS_check_outcome);
    cr_expect(str_is(draft_text(&c.at[1]), "a court forbids it"));
    cr_expect(!c.at[1].free_text);
}

static const char *const outcomes[] = {"answered", "nil_return", "refused"};

Test(drafts, every_answer_says_that_there_was_one) {
    for (size_t i = 0; i < COUNT_OF(outcomes); i++) {
        _cleanup_(arena_freep) Arena *a = arena_new(MEMORY);
        Value *answer = value_map(a);
        value_set_text(a, answer, F_answer_outcome, str_z(outcomes[i]));
        Cuts c = cut(a, STRUCT_answer, answer);
        cr_assert_eq(c.count, 1);
        cr_expect_eq(c.at[0].class, CLASS_check_outcome);
        cr_expect(!c.at[0].free_text);
    }
}
