/* Lapsed rules in an emergency: what had been allowed counts, and nothing else changes. */
#include "tests/unit/release_kit.h"

#include "broker/release/lapsed.h"

static Arena *arena;

static void setup(void) {
    arena = arena_new(1 << 22);
}

static void teardown(void) {
    arena_free(arena);
}

TestSuite(lapsed, .init = setup, .fini = teardown);

#define OLD "from 2026-01-01 until 2026-06-30\n"
#define RULE(class, purpose) \
    "police allow " class " to go to any school for " purpose " when rating is any; show fact; " OLD

static VerdictKind asked(const Policy *p, InfoClass class, const char *purpose) {
    Question q = {.owner = STR("police"), .class = class, .recipient = STR("education"),
                  .recipient_type = STR("school"), .purpose = str_z(purpose),
                  .rating = RATING_amber, .today = STR("2026-11-28"), .has_summary = true};
    return verdict_kind(policy_ask(arena, p, 1, &q));
}

static Policy parsed(Str text) {
    Policy p;
    PolicyFault fault;
    cr_assert(kit_parse(arena, "police", text, &p, &fault) == 0, "%s", fault.sentence);
    return p;
}

Test(lapsed, counts_for_immediate_protection_alone) {
    Policy p = parsed(STR(RULE("incident", "immediate_protection")
                              RULE("offence", "safeguarding_assessment")));
    Policy *o = lapsed_obeyed(arena, &p, 1, STR("2026-11-28"));
    cr_expect(asked(&p, CLASS_incident, "immediate_protection") < VERDICT_fact);
    cr_expect(asked(o, CLASS_incident, "immediate_protection") == VERDICT_fact);
    cr_expect(asked(o, CLASS_offence, "safeguarding_assessment") < VERDICT_fact);
    cr_expect(asked(o, CLASS_incident, "safeguarding_assessment") < VERDICT_fact);
    cr_expect(lapsed_rule(&p, 1, &o->rules[0], STR("2026-11-28")));
    cr_expect(!lapsed_rule(&p, 1, &o->rules[1], STR("2026-11-28")));
    cr_expect(str_is(p.rules[0].until, "2026-06-30"), "what was signed is left as it was");
}

Test(lapsed, never_beats_it_and_what_has_not_begun_stays_closed) {
    Policy p = parsed(STR(RULE("incident", "immediate_protection")
                          "police never allow incident to go to anyone\n"
                          "police allow offence to go to any school for immediate_protection when "
                          "rating is any; show fact; from 2027-01-01 until 2027-06-30\n"));
    Policy *o = lapsed_obeyed(arena, &p, 1, STR("2026-11-28"));
    cr_expect(asked(o, CLASS_incident, "immediate_protection") < VERDICT_fact);
    cr_expect(asked(o, CLASS_offence, "immediate_protection") < VERDICT_fact);
}

Test(lapsed, a_day_that_is_none_opens_nothing) {
    Policy p = parsed(STR(RULE("incident", "immediate_protection")));
    Policy *o = lapsed_obeyed(arena, &p, 1, STR("soon"));
    cr_expect(asked(o, CLASS_incident, "immediate_protection") < VERDICT_fact);
}
