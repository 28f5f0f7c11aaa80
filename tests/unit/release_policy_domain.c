/* The finite domain, tried whole: the compiled table against the decision itself, one day against
 * all days of its interval, one unnamed agency against any other, and a rule that is called dead
 * against a policy without it. */
#include "tests/unit/release_kit.h"

#include "broker/release/domain.h"
#include "broker/release/findings.h"

static const char *const examples[] = {"police", "health", "education", "social-care"};
static const AgencyKnown known[] = {{{"police", 6}, {"police", 6}},
                                    {{"health", 6}, {"health_acute", 12}},
                                    {{"education", 9}, {"school", 6}}};

static Question with_item(Question q, InfoClass class, Tier tier, unsigned flags) {
    q.class = class;
    q.tier = tier;
    q.has_summary = flags & ITEM_summary;
    q.free_text = flags & ITEM_free_text;
    q.authorised = flags & ITEM_authorised;
    q.has_desk = flags & ITEM_desk;
    return q;
}

static bool same(const Verdict *v, const Verdict *w) {
    return verdict_kind(v) == verdict_kind(w) && verdict_withheld(v) == verdict_withheld(w) &&
           verdict_signposts(v) == verdict_signposts(w) && verdict_rule(v) == verdict_rule(w) &&
           verdict_reason(v) == verdict_reason(w);
}

/* Every case of one setting; returns how many. */
static uint64_t compare_setting(Arena *a, const Policy *p, const Question *base) {
    const Verdicts *table = verdicts_compile(a, p, 1, base);
    uint64_t cases = 0;
    cr_assert(table);
    for (int class = 1; class < CLASS_COUNT; class ++) {
        for (int tier = 0; tier < TIER_COUNT; tier++) {
            for (unsigned flags = 0; flags < ITEM_FLAGS; flags++, cases++) {
                Question q = with_item(*base, (InfoClass) class, (Tier)tier, flags);
                const Verdict *w = policy_ask(a, p, 1, &q);
                const Verdict *v = verdicts_at(table, (InfoClass) class, (Tier)tier, flags);
                cr_assert(same(v, w), "%s, tier %d, flags %u", class_name((InfoClass) class), tier,
                          flags);
                cr_assert(verdicts_at(table, (InfoClass) class, (Tier)tier, flags) == v,
                          "what was decided is kept");
            }
        }
    }
    return cases;
}

/* Of every `step`-th setting. */
static uint64_t compare_whole(const Policy *p, size_t step) {
    _cleanup_(arena_freep) Arena *a = arena_new(4 << 20);
    _cleanup_(arena_freep) Arena *scratch = arena_new(4 << 20);
    Domain d;
    uint64_t cases = 0;
    cr_assert(domain_of(a, p, 1, known, COUNT_OF(known), &d) == 0);
    for (size_t i = 0; i < domain_settings(&d); i += step) {
        Question base = domain_setting(&d, i);
        cases += compare_setting(scratch, p, &base);
        arena_reset(scratch);
    }
    cr_expect(step != 1 || cases == domain_cases(&d));
    return cases;
}

Test(domain, the_table_is_the_decision_in_every_case, .timeout = 120) {
    uint64_t cases = 0;
    for (size_t i = 0; i < COUNT_OF(examples); i++) {
        _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
        Policy p = kit_example(a, examples[i]);
        cases += compare_whole(&p, i == 0 ? 1 : 5); /* `make agree` tries the others whole */
    }
    (void)fprintf(stderr, "release: the table was asked %llu times\n", (unsigned long long)cases);
    cr_expect(cases > 5 * 1000 * 1000);
}

static Policy random_policy(Random *random, Arena *a, size_t most) {
    size_t count = random_below(random, most + 1);
    Rule *rules = arena_array(a, count + 1, sizeof(*rules));
    for (size_t i = 0; i < count; i++) {
        rules[i] = random_any_rule(random, a, STR("police"), STR("2026-01-01"));
        rules[i].line = i + 1;
    }
    return (Policy){.owner = STR("police"), .rules = rules, .count = count};
}

Test(domain, the_table_is_the_decision_for_any_policy, .timeout = 120) {
    Random random = random_new("the_table_is_the_decision_for_any_policy");
    for (int i = 0; i < 20; i++) {
        _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
        Policy p = random_policy(&random, a, 30);
        (void)compare_whole(&p, 1 + random_below(&random, 200));
    }
}

/* Where the same is shown, by another rule, or with and without whom to ask beside it. */
Test(domain, the_table_keeps_the_rule_and_whom_to_ask, .timeout = 120) {
#define TO "police allow incident to go to any school for early_help when rating is any; show "
#define YEAR "; from 2026-09-01 until 2027-08-31\n"
    static const char *const texts[] = {TO "full; owner authorises" YEAR TO "summary" YEAR,
                                        TO "full" YEAR TO "fact; signpost" YEAR};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
        Policy p = kit_policy(a, "police", texts[i]);
        (void)compare_whole(&p, 1);
    }
}

Test(domain, an_unsound_question_has_a_table_of_silence) {
    _cleanup_(arena_freep) Arena *a = arena_new(4 << 20);
    Policy p = kit_example(a, "police");
    Question base = {.owner = STR("police"),
                     .recipient = STR("education"),
                     .recipient_type = STR("school"),
                     .purpose = STR("curiosity"),
                     .today = STR("2026-11-22")};
    const Verdicts *t = verdicts_compile(a, &p, 1, &base);
    cr_expect(verdict_kind(verdicts_at(t, CLASS_incident, TIER_share, 0)) == VERDICT_silent);
    base.purpose = STR("early_help");
    t = verdicts_compile(a, &p, 1, &base);
    cr_expect(verdict_kind(verdicts_at(t, CLASS_incident, TIER_share, 0)) == VERDICT_signpost);
    cr_expect(verdict_kind(verdicts_at(t, CLASS_none, TIER_share, 0)) == VERDICT_silent);
    cr_expect(verdict_kind(verdicts_at(t, CLASS_COUNT, TIER_share, 0)) == VERDICT_silent);
    cr_expect(verdict_kind(verdicts_at(t, CLASS_incident, (Tier)9, 0)) == VERDICT_silent);
    cr_expect(verdict_kind(verdicts_at(t, CLASS_incident, TIER_share, 16)) == VERDICT_silent);
    Policy two[] = {p, p};
    t = verdicts_compile(a, two, 2, &base);
    cr_expect(verdict_kind(verdicts_at(t, CLASS_incident, TIER_share, 0)) == VERDICT_silent);
}

/* ---- one stands for all ---------------------------------------------------------------------- */

/* Any other day of the interval, and any other agency that no rule names, is answered alike. */
static void compare_any(Random *random, Arena *a, const Policy *p, const Domain *d) {
    size_t day = random_below(random, d->day_count);
    Question base = domain_setting(d, day + d->day_count * random_below(random, 20 * 5 * 4));
    Str until = domain_day_until(a, d, day);
    long length = until.len && day ? days_between(base.today, until) : 0;
    Question other = with_item(base, (InfoClass)(1 + random_below(random, CLASS_COUNT - 1)),
                               (Tier)random_below(random, TIER_COUNT),
                               (unsigned)random_below(random, ITEM_FLAGS));
    Question q = other;
    if (day == 0) length = -(long)random_below(random, 4000);
    if (day + 1 == d->day_count) length = 4000;
    long step = length < 0 ? length : (long)random_below(random, (size_t)length + 1);
    other.today = day_plus(a, base.today, step);
    if (str_is(other.recipient, UNNAMED)) other.recipient = STR("nobody-knows");
    const Verdict *v = policy_ask(a, p, 1, &q), *w = policy_ask(a, p, 1, &other);
    cr_assert(verdict_kind(v) == verdict_kind(w) && verdict_signposts(v) == verdict_signposts(w),
              "%.*s and %.*s", STR_ARG(base.today), STR_ARG(other.today));
}

Test(domain, one_day_and_one_agency_stand_for_all_alike, .timeout = 120) {
    Random random = random_new("one_day_and_one_agency_stand_for_all_alike");
    for (int round = 0; round < 100; round++) {
        _cleanup_(arena_freep) Arena *a = arena_new(64 << 20);
        Policy p = random_policy(&random, a, 20);
        Domain d;
        cr_assert(domain_of(a, &p, 1, NULL, 0, &d) == 0);
        for (int i = 0; i < 2000; i++) compare_any(&random, a, &p, &d);
    }
}

Test(domain, tries_each_day_that_changes_something_and_each_agency_as_what_it_is) {
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
    static const char *const days[] = {"2026-08-31", "2026-09-01", "2026-10-01"};
    Domain d;
    Policy p = kit_policy(a, "police",
                          "police allow incident to go to agency education for early_help when "
                          "rating is any; show fact; from 2026-09-01 until 2026-09-30");
    cr_assert(domain_of(a, &p, 1, known, COUNT_OF(known), &d) == 0);
    cr_assert(d.day_count == COUNT_OF(days));
    for (size_t i = 0; i < COUNT_OF(days); i++) cr_expect(str_is(d.days[i], days[i]));
    cr_expect(str_is(domain_day_until(a, &d, 1), "2026-09-30"));
    size_t named = 0;
    for (size_t i = 0; i < d.recipient_count; i++) {
        if (!str_is(d.recipients[i].agency, "education")) continue;
        cr_expect(str_is(d.recipients[i].type, "school"));
        named++;
    }
    cr_expect(named == 1);
}

Test(domain, counts_its_cases) {
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
    Domain d;
    Policy p = kit_policy(a, "police",
                          "police never allow offence to go to agency health; from 2026-09-01\n"
                          "police never allow incident to go to agency education");
    cr_assert(domain_of(a, &p, 1, known, COUNT_OF(known), &d) == 0);
    cr_expect(d.recipient_count == 21 + 2, "%zu", d.recipient_count);
    cr_expect(d.day_count == 2 && str_is(d.days[0], "2026-08-31"));
    cr_expect(domain_cases(&d) == 23u * 5 * 4 * 2 * (CLASS_COUNT - 1) * 5 * 16);
    cr_expect(str_is(domain_day_until(a, &d, 0), "2026-08-31"));
    cr_expect(domain_day_until(a, &d, 1).len == 0);
    cr_assert(domain_of(a, &p, 1, NULL, 0, &d) == 0);
    cr_expect(d.recipient_count == 21 + 2 * 21, "a type that is not known may be any");
    cr_assert(domain_of(a, NULL, 0, NULL, 0, &d) == 0);
    cr_expect(d.recipient_count == 21 && d.day_count == 1);
}

Test(domain, knows_the_ends_of_the_calendar) {
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
    Domain d;
    Policy p = kit_policy(a, "police",
                          "police never allow offence to go to anyone; from 1800-01-01\n"
                          "police allow incident to go to any school for early_help when rating is "
                          "any; show fact; from 9999-01-01 until 9999-12-31");
    cr_assert(domain_of(a, &p, 1, NULL, 0, &d) == 0);
    cr_expect(d.day_count == 2);
    cr_expect(str_is(d.days[0], "1800-01-01") && str_is(d.days[1], "9999-01-01"));
}

/* ---- dead rules ------------------------------------------------------------------------------ */

static Policy without(Arena *a, const Policy *p, const Rule *gone) {
    Rule *rules = arena_array(a, p->count, sizeof(*rules));
    Policy less = {.owner = p->owner, .rules = rules};
    for (size_t i = 0; i < p->count; i++) {
        if (p->rules[i].line != gone->line) rules[less.count++] = p->rules[i];
    }
    return less;
}

/* Whether the two differ in any case of the one class. */
static bool differ(const Policy *p, const Policy *less, InfoClass class) {
    _cleanup_(arena_freep) Arena *a = arena_new(4 << 20);
    _cleanup_(arena_freep) Arena *scratch = arena_new(4 << 20);
    Domain d;
    cr_assert(domain_of(a, p, 1, known, COUNT_OF(known), &d) == 0);
    for (size_t i = 0; i < domain_settings(&d); i++) {
        Question base = domain_setting(&d, i);
        for (unsigned n = 0; n < TIER_COUNT * ITEM_FLAGS; n++) {
            Question q = with_item(base, class, (Tier)(n / ITEM_FLAGS), n % ITEM_FLAGS);
            const Verdict *v = policy_ask(scratch, p, 1, &q), *w = policy_ask(scratch, less, 1, &q);
            if (verdict_kind(v) != verdict_kind(w)) return true;
            if (verdict_signposts(v) != verdict_signposts(w)) return true;
        }
        arena_reset(scratch);
    }
    return false;
}

/* Rules close enough to each other that some stand in another's shadow, or in several others'. */
static Rule close_rule(Random *random, Arena *a) {
    Rule r = random_any_rule(random, a, STR("police"), STR("2026-01-01"));
    r.class = random_yes(random) ? CLASS_incident : CLASS_intelligence;
    if (r.recipient_kind == RECIPIENT_type) r.recipient = STR("school");
    if (r.recipient_kind == RECIPIENT_agency) r.recipient = STR("education");
    if (r.purpose.len) r.purpose = STR("early_help");
    if (!r.until.len) return r;
    r.from = random_yes(random) ? STR("2026-06-01") : STR("2026-07-01");
    r.until = day_plus(a, STR("2026-06-01"), random_yes(random) ? 40 : 100);
    return r;
}

/* Tried the slow way: no rule that was found is missed, and each one that was not is. */
static void expect_found(Arena *a, const Policy *p, const Finding *at, size_t count, size_t *dead) {
    Policy less = *p;
    for (size_t i = 0; i < count; i++) {
        if (at[i].kind > FINDING_guards) continue;
        less = without(a, &less, at[i].rule);
        (*dead)++;
    }
    cr_assert(!differ(p, &less, CLASS_incident) && !differ(p, &less, CLASS_intelligence));
    for (size_t i = 0; i < p->count; i++) {
        const Rule *r = &p->rules[i];
        bool told = false;
        for (size_t k = 0; k < count; k++) {
            told |= at[k].rule == r && at[k].kind <= FINDING_guards;
            for (size_t b = 0; b < at[k].by_count; b++) told |= at[k].by[b] == r;
        }
        Policy one_less = without(a, p, r);
        cr_assert(told || differ(p, &one_less, r->class), "line %zu is dead and was not found", i);
    }
}

Test(domain, dead_rules_are_those_that_no_case_misses, .timeout = 240) {
    Random random = random_new("dead_rules_are_those_that_no_case_misses");
    size_t dead = 0;
    for (int round = 0; round < 24; round++) {
        _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
        Rule rules[5];
        for (size_t i = 0; i < COUNT_OF(rules); i++) {
            rules[i] = close_rule(&random, a);
            rules[i].line = i;
        }
        Policy p = {.owner = STR("police"), .rules = rules, .count = COUNT_OF(rules)};
        Finding *at = NULL;
        size_t count = 0;
        cr_assert(policy_findings(a, &p, known, COUNT_OF(known), STR("2026-11-22"), &at, &count) ==
                  0);
        expect_found(a, &p, at, count, &dead);
    }
    cr_expect(dead > 5, "%zu were found", dead);
}
