/* Rules in their three forms (sentence, structure, row), texts of several owners, and what a
 * checker finds. */
#include "tests/unit/release_kit.h"

#include "broker/release/findings.h"

#define YEAR "from 2026-09-01 until 2027-08-31"

/* ---- one rule, three forms ------------------------------------------------------------------- */

Test(rules, a_hundred_thousand_read_back_as_they_were_written, .timeout = 120) {
    Random random = random_new("a_hundred_thousand_read_back_as_they_were_written");
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
    for (int i = 0; i < 100000; i++) {
        Rule r = random_any_rule(&random, a, STR("police"), STR("2026-01-01"));
        Str line = rule_print(a, &r);
        cr_assert(line.at, "rule %d is not sound", i);
        Policy p = kit_policy(a, "police", line.at);
        cr_assert(p.count == 1 && rule_same(&p.rules[0], &r), "%s", line.at);
        cr_assert(str_eq(rule_print(a, &p.rules[0]), line), "%s", line.at);
        RuleRow row;
        Rule back;
        rule_to_row(&r, &row);
        for (size_t k = 0; k < ROW_COLUMNS; k++) cr_assert(row.text[k].at, "column %zu", k);
        cr_assert(rule_from_row(r.owner, &row, &back) && rule_same(&back, &r), "%s", line.at);
        arena_reset(a);
    }
}

/* However it is spaced, it is the same rule, and prints in the one spelling. */
Test(rules, white_space_is_the_only_freedom) {
    Random random = random_new("white_space_is_the_only_freedom");
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
    for (int i = 0; i < 2000; i++) {
        Rule r = random_any_rule(&random, a, STR("police"), STR("2026-01-01"));
        Str line = rule_print(a, &r);
        char *loose = arena_alloc(a, 4 * line.len);
        size_t len = 0;
        for (size_t k = 0; k < line.len; k++) {
            bool space = line.at[k] == ' ' || line.at[k] == ';';
            if (space && random_yes(&random)) loose[len++] = random_yes(&random) ? ' ' : '\t';
            loose[len++] = line.at[k];
        }
        Policy p = kit_policy(a, "police", loose);
        cr_assert(p.count == 1 && str_eq(rule_print(a, &p.rules[0]), line), "%s", loose);
        arena_reset(a);
    }
}

Test(rules, a_damaged_row_is_no_rule) {
    static const Str wrong = {"neither", 7};
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
    Policy p = kit_policy(a, "police",
                          "police allow offence to go to agency education for early_help when "
                          "rating is amber or higher; show fact; " YEAR);
    for (size_t i = 0; i < ROW_COLUMNS; i++) {
        RuleRow row;
        Rule back;
        rule_to_row(&p.rules[0], &row);
        cr_assert(rule_from_row(STR("police"), &row, &back));
        if (i != ROW_recipient) { /* any text may be an agency's code */
            row.text[i] = wrong;
            cr_expect(!rule_from_row(STR("police"), &row, &back), "column %zu", i);
        }
        row.text[i] = (Str){0};
        cr_expect(!rule_from_row(STR("police"), &row, &back), "column %zu is empty", i);
    }
}

/* ---- a text of several owners ---------------------------------------------------------------- */

static int paper(Arena *a, const char *text, Policy **ret, size_t *count, PolicyFault *fault) {
    return policies_parse(a, str_z(text), NULL, 0, ret, count, fault);
}

static const char two_owners[] = "# on one sheet\n"
                                 "police never allow incident to go to anyone\n"
                                 "health never allow health to go to agency acme-2; signpost\n"
                                 "\n"
                                 "police never allow offence to go to anyone\n";

Test(rules, a_sheet_of_several_owners_comes_apart) {
    _cleanup_(arena_freep) Arena *a = arena_new(4 << 20);
    Policy *p = NULL;
    PolicyFault fault;
    size_t count = 0;
    cr_assert(paper(a, two_owners, &p, &count, &fault) == 0, "%s", fault.sentence);
    cr_assert(count == 2);
    cr_expect(str_is(p[0].owner, "police") && p[0].count == 2);
    cr_expect(str_is(p[1].owner, "health") && p[1].count == 1);
    cr_expect(p[0].rules[0].line == 2 && p[1].rules[0].line == 3 && p[0].rules[1].line == 5);
}

Test(rules, a_sheet_takes_only_known_agencies_when_there_is_a_list) {
    _cleanup_(arena_freep) Arena *a = arena_new(4 << 20);
    Policy *p = NULL;
    PolicyFault fault;
    size_t count = 0;
    Str text = str_z(two_owners);
    int r = policies_parse(a, text, kit_agencies, COUNT_OF(kit_agencies), &p, &count, &fault);
    cr_expect(r == REFUSE_policy_wrong);
    cr_expect_str_eq(fault.sentence, "line 3: \"acme-2\" is not an agency known here; use police, "
                                     "health, education or social-care");
}

static const struct {
    const char *text, *sentence;
} no_sheets[] = {
    {"Police never allow incident to go to anyone",
     "line 1: \"Police\" is no agency's code: small letters, digits and hyphens, at most 32"},
    {"police never allow incident to go to agency 2nd",
     "line 1: \"2nd\" is no agency's code: small letters, digits and hyphens, at most 32"},
    {"police never allow incident to go to any school\n"
     "health never allow incident to go to any school\n"
     "health allow incident to go to any school for early_help when rating is any; show "
     "fact; " YEAR,
     "line 3: \"incident\" is allowed and never allowed to the same recipient: lines 2 and 3 "
     "contradict each other; remove one"},
};

Test(rules, a_sheet_is_refused_as_a_policy_is) {
    for (size_t i = 0; i < COUNT_OF(no_sheets); i++) {
        _cleanup_(arena_freep) Arena *a = arena_new(4 << 20);
        Policy *p = NULL;
        PolicyFault fault;
        size_t count = 0;
        cr_expect(paper(a, no_sheets[i].text, &p, &count, &fault) == REFUSE_policy_wrong);
        cr_expect_str_eq(fault.sentence, no_sheets[i].sentence);
    }
}

Test(rules, of_one_owner_a_sheet_holds_512) {
    static const char line[] = "police never allow incident to go to anyone\n";
    _cleanup_(arena_freep) Arena *a = arena_new(8 << 20);
    char *text = arena_alloc(a, 600 * sizeof(line));
    for (size_t i = 0; i < 513; i++) memcpy(text + i * (sizeof(line) - 1), line, sizeof(line));
    Policy *p = NULL;
    PolicyFault fault;
    size_t count = 0;
    cr_expect(paper(a, text, &p, &count, &fault) == REFUSE_policy_wrong);
    cr_expect_str_eq(fault.sentence, "line 513: a policy holds at most 512 rules");
    text[512 * (sizeof(line) - 1)] = '\0';
    cr_expect(paper(a, text, &p, &count, &fault) == 0 && p[0].count == 512);
}

/* ---- what a checker finds -------------------------------------------------------------------- */

#define ALLOW(to, rest) "police allow incident to go to " to " for early_help when rating is " rest
#define TIMES "; " YEAR "\n"
#define NEVER "police never allow incident to go to "
#define ANY ALLOW("any school", "any; show fact") TIMES /* a rule that stands for something */

static const struct {
    const char *text, *said; /* NULL: nothing is found */
} found[] = {
    {ANY ANY, "line 2: the same rule stands in line 1; remove one"},
    {ANY ALLOW("any school", "red; show fact") TIMES,
     "line 2: can never change anything: line 1 gives as much in every case"},
    {ALLOW("any school", "red; show fact") TIMES ANY,
     "line 1: can never change anything: line 2 gives as much in every case"},
    {ALLOW("any school", "any; show full; owner authorises")
         TIMES ALLOW("any school", "any; show full") TIMES,
     "line 1: can never change anything: line 2 gives as much in every case"},
    {ALLOW("any school", "any; show summary; owner authorises")
         TIMES ALLOW("any school", "any; show full") TIMES,
     "line 1: can never change anything: line 2 gives as much in every case"},
    {ANY ALLOW("any school", "any; show summary") TIMES,
     "line 1: can never change anything: line 2 gives as much in every case"},
    {ALLOW("any school", "any; show full") TIMES ALLOW("any school", "any; show summary") TIMES,
     "line 2: can never change anything: line 1 gives as much in every case"},
    {ALLOW("any school", "any; show full; owner authorises")
         TIMES ALLOW("any school", "any; show summary") TIMES,
     NULL},
    {ALLOW("any school", "any; show fact; signpost") TIMES ANY, NULL},
    /* what one rule forbids */
    {ANY NEVER "anyone", "line 1: can never change anything: line 2 forbids it in every case"},
    {NEVER "anyone; from 2026-09-01\n" ALLOW("agency health", "any; show fact") TIMES,
     "line 2: can never change anything: line 1 forbids it in every case"},
    {ANY NEVER "anyone; signpost",
     "line 1: can never change anything: line 2 forbids it in every case"},
    {NEVER "any school; signpost\n" NEVER "any school",
     "line 1: can never change anything: line 2 forbids it in every case"},
    {NEVER "any school for early_help; from 2026-09-01\n" NEVER "anyone",
     "line 1: can never change anything: line 2 forbids it in every case"},
    {NEVER "any school\n" NEVER "anyone; signpost",
     "line 2: changes nothing as the rules stand: what it forbids no rule allows, or another "
     "forbids already"},
    /* which agency is of which type: education is a school, health none */
    {ALLOW("agency education", "any; show fact") TIMES NEVER "any school",
     "line 1: can never change anything: line 2 forbids it in every case"},
    {ALLOW("agency education", "any; show fact") TIMES ANY,
     "line 1: can never change anything: line 2 gives as much in every case"},
    {ALLOW("agency health", "any; show fact") TIMES NEVER "any school", NULL},
    {ALLOW("agency social-care", "any; show fact") TIMES NEVER "any school",
     "line 1: line 2 forbids some of what it allows if the agency that one names is of the type "
     "that the other names; `policy check --agencies FILE` tells"},
    /* what several rules do together */
    {ALLOW("any school", "any; show fact; from 2026-09-01 until 2026-12-31\n")
         ALLOW("any school", "any; show fact; from 2026-11-01 until 2027-08-31\n") ANY,
     "line 1: can never change anything: line 3 gives as much in every case\n"
     "line 2: can never change anything: line 3 gives as much in every case"},
    {ALLOW("any school", "any; show fact; from 2026-09-01 until 2026-12-31\n")
         ALLOW("any school", "any; show summary; from 2026-11-01 until 2027-08-31\n") ANY,
     "line 1: can never change anything: line 3 gives as much in every case"},
    {ALLOW("any school", "any; show fact; from 2026-09-01 until 2026-12-31\n")
         ALLOW("any school", "any; show summary; from 2026-11-01 until 2027-08-30\n")
             ALLOW("any school", "any; show fact; from 2026-10-01 until 2027-08-30\n"),
     "line 3: can never change anything: lines 1 and 2 together give as much in every case"},
    {ALLOW("any school", "any; show fact; from 2026-09-01 until 2026-12-31\n") NEVER
     "anyone for early_help; from 2026-11-01",
     "line 1: line 2 forbids some of what it allows, and there nothing leaves; if that is not "
     "meant, change one"},
    /* what is forbidden in part */
    {ANY NEVER "anyone; from 2026-09-02",
     "line 1: line 2 forbids some of what it allows, and there nothing leaves; if that is not "
     "meant, change one"},
    {NEVER "agency education\n" ANY,
     "line 2: line 1 forbids some of what it allows, and there nothing leaves; if that is not "
     "meant, change one"},
    {ANY NEVER "anyone; from 2027-09-01", "line 2: begins only on 2027-09-01"},
    {ANY NEVER "any school for safeguarding_assessment", NULL},
    {ANY "police never allow intelligence to go to anyone", NULL},
};

static Str findings_text(Arena *a, const Policy *p) {
    static const AgencyKnown types[] = {{{"education", 9}, {"school", 6}},
                                        {{"health", 6}, {"health_acute", 12}}};
    Finding *at = NULL;
    size_t count = 0;
    Str today = STR("2026-11-22"), all = {0};
    cr_assert(policy_findings(a, p, types, COUNT_OF(types), today, &at, &count) == 0);
    for (size_t i = 0; i < count; i++) {
        Str one = finding_text(a, &at[i], today);
        all = arena_printf(a, "%.*s%s%.*s", STR_ARG(all), i ? "\n" : "", STR_ARG(one));
    }
    return all;
}

Test(rules, a_rule_that_stands_for_nothing_is_found) {
    for (size_t i = 0; i < COUNT_OF(found); i++) {
        _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
        Policy p = kit_policy(a, "police", found[i].text);
        Str said = findings_text(a, &p);
        cr_expect(str_eq(said, str_z(found[i].said ? found[i].said : "")), "%s\nsays %.*s",
                  found[i].text, STR_ARG(said));
    }
}

static const struct {
    const char *today;
    int kind; /* -1: none */
} days[] = {
    {"2026-08-31", FINDING_later},
    {"2026-09-01", -1},
    {"2027-07-31", -1},
    {"2027-08-01", FINDING_expiring},
    {"2027-08-31", FINDING_expiring},
    {"2027-09-01", FINDING_expired},
};

Test(rules, a_rule_that_has_not_begun_or_has_ended_is_found) {
    for (size_t i = 0; i < COUNT_OF(days); i++) {
        _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
        Policy p = kit_policy(a, "police", ALLOW("any school", "any; show fact") TIMES);
        Finding *at = NULL;
        size_t count = 0;
        cr_assert(policy_findings(a, &p, NULL, 0, str_z(days[i].today), &at, &count) == 0);
        cr_expect(count == (days[i].kind < 0 ? 0 : 1), "%s", days[i].today);
        cr_expect(count == 0 || (int)at->kind == days[i].kind, "%s", days[i].today);
    }
}
