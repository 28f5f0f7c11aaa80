/* Sentences: what they mean, what is refused and in which words, and that one rule has one
 * spelling. */
#include "tests/unit/release_kit.h"

#define YEAR "from 2026-09-01 until 2027-08-31"

Test(sentence, reads_every_part_of_an_allow_rule) {
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
    Policy p =
        kit_policy(a, "police",
                   "# a comment\n\n"
                   "police allow offence to go to agency education for early_help when rating "
                   "is amber or higher; show fact; owner authorises; signpost; " YEAR "\n");
    cr_assert(p.count == 1);
    Rule want = {.owner = STR("police"),
                 .class = CLASS_offence,
                 .recipient_kind = RECIPIENT_agency,
                 .recipient = STR("education"),
                 .purpose = STR("early_help"),
                 .least = RATING_amber,
                 .show = SHOW_fact,
                 .owner_authorises = true,
                 .signpost = true,
                 .from = STR("2026-09-01"),
                 .until = STR("2027-08-31")};
    cr_expect(rule_same(&p.rules[0], &want));
    cr_expect(p.rules[0].line == 3);
}

Test(sentence, reads_every_part_of_a_never_rule) {
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
    Policy p =
        kit_policy(a, "health",
                   "health never allow sexual_health to go to any school for school_support; "
                   "signpost; from 2026-10-01\r\n"
                   "\thealth  never allow adoption to go to anyone ");
    cr_assert(p.count == 2);
    Rule first = {.owner = STR("health"),
                  .never = true,
                  .class = CLASS_sexual_health,
                  .recipient_kind = RECIPIENT_type,
                  .recipient = STR("school"),
                  .purpose = STR("school_support"),
                  .signpost = true,
                  .from = STR("2026-10-01")};
    Rule second = {.owner = STR("health"), .never = true, .class = CLASS_adoption};
    cr_expect(rule_same(&p.rules[0], &first));
    cr_expect(rule_same(&p.rules[1], &second));
}

Test(sentence, takes_a_policy_without_rules) {
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
    cr_expect(kit_policy(a, "police", "").count == 0);
    cr_expect(kit_policy(a, "police", "\n# nothing leaves\n").count == 0);
}

static const struct {
    const char *text, *sentence;
} faults[] = {
    {"health never allow incident to go to anyone",
     "line 1: \"health\" is not the agency whose policy this is; use police"},
    {"\n\npolice never allow incidnet to go to anyone",
     "line 3: \"incidnet\" is not an information class; did you mean incident?"},
    {"police never allow xylophone to go to anyone",
     "line 1: \"xylophone\" is not an information class; `mashctl policy words` lists them"},
    {"police never allow incident to go to any shcool",
     "line 1: \"shcool\" is not a type of agency; did you mean school?"},
    {"police never allow incident to go to agency educaton",
     "line 1: \"educaton\" is not an agency known here; did you mean education?"},
    {"police alow incident",
     "line 1: \"alow\" is not the next word of the sentence; did you mean allow?"},
    {"police never incident",
     "line 1: \"incident\" is not the next word of the sentence; use allow"},
    {"police allow incident to go to anyone",
     "line 1: \"anyone\" may stand only in a rule that says never; say \"any\" and a type of "
     "agency, or \"agency\" and its code"},
    {"police allow incident to go to any school",
     "line 1: the line ends where the next word of the sentence must stand; use for"},
    {"police allow incident to go to any school for fun",
     "line 1: \"fun\" is not a purpose; use safeguarding_assessment, immediate_protection, "
     "school_support, early_help or referrer_feedback"},
    {"police allow incident to go to any school for early_help; show full; " YEAR,
     "line 1: \";\" is not the next word of the sentence; use when"},
    {"police allow incident to go to any school for early_help when rating is blue; show "
     "full; " YEAR,
     "line 1: \"blue\" is not a rating; use any, green, amber or red"},
    {"police allow incident to go to any school for early_help when rating is amber; show "
     "full; " YEAR,
     "line 1: \";\" is not the next word of the sentence; use or"},
    {"police allow incident to go to any school for early_help when rating is red or higher; show "
     "full",
     "line 1: \"or\" is not the next word of the sentence; use ;"},
    {"police allow incident to go to any school for early_help when rating is any; " YEAR,
     "line 1: \"from\" is not the next word of the sentence; use show"},
    {"police allow incident to go to any school for early_help when rating is any; show ful; " YEAR,
     "line 1: \"ful\" is not something to show; did you mean full?"},
    {"police allow incident to go to any school for early_help when rating is any; show full",
     "line 1: the line ends where the next word of the sentence must stand; use ;"},
    {"police allow incident to go to any school for early_help when rating is any; show full; "
     "from 2026-09-01",
     "line 1: the line ends where the next word of the sentence must stand; use until"},
    {"police allow incident to go to any school for early_help when rating is any; show full; "
     "until 2026-09-01",
     "line 1: \"until\" is not the next word of the sentence; use from, signpost or owner"},
    {"police allow incident to go to any school for early_help when rating is any; show full; "
     "from 2026-02-29 until 2026-09-01",
     "line 1: \"2026-02-29\" is not a day of the calendar, written YYYY-MM-DD; did you mean "
     "2026-02-28?"},
    {"police allow incident to go to any school for early_help when rating is any; show full; "
     "from 2026-09 until 2026-09-01",
     "line 1: \"2026-09\" is not a day of the calendar, written YYYY-MM-DD"},
    {"police allow incident to go to any school for early_help when rating is any; show full; "
     "from 2026-09-02 until 2026-09-01",
     "line 1: \"2026-09-01\" is before the day on which the rule begins"},
    {"police allow incident to go to any school for early_help when rating is any; show full; "
     "from 2026-09-01 until 2027-09-01",
     "line 1: \"2027-09-01\" is too late: a rule allows for twelve months at most"},
    {"police allow incident to go to any school for early_help when rating is any; show full; " YEAR
     " please",
     "line 1: \"please\" comes after the end of the rule"},
    {"police never allow incident to go to anyone; signpst",
     "line 1: \"signpst\" is not the next word of the sentence; did you mean signpost?"},
    {"police never allow incident to go to anyone; from 2026-09-01 until 2026-10-01",
     "line 1: \"until\" comes after the end of the rule"},
    {"police never allow incident to go to anyone; from tomorrow",
     "line 1: \"tomorrow\" is not a day of the calendar, written YYYY-MM-DD"},
    {"polise never allow incident to go to anyone",
     "line 1: \"polise\" is not the agency whose policy this is; did you mean police?"},
    {"police never allow incident to go to agencies education",
     "line 1: \"agencies\" is not the next word of the sentence; did you mean agency?"},
    {"police allow incident to go to any school for erly_help",
     "line 1: \"erly_help\" is not a purpose; did you mean early_help?"},
    {"police allow incident to go to any school for early_help when rating is ambre or higher",
     "line 1: \"ambre\" is not a rating; did you mean amber?"},
    {"police allow incident to go to any school for early_help when rating is any; show sumary",
     "line 1: \"sumary\" is not something to show; did you mean summary?"},
    {"police allow incident to go to any school for early_help when rating is any; show fact; "
     "owner autorises; " YEAR,
     "line 1: \"autorises\" is not the next word of the sentence; did you mean authorises?"},
    {"police allow incident to go to any school for early_help when rating is any; show fact; "
     "signpost; owner authorises; " YEAR,
     "line 1: \"owner\" is not the next word of the sentence; use from"},
    {"police allow incident to go to any school for early_help when rating is any; show fact; "
     "owner authorises; owner authorises; " YEAR,
     "line 1: \"owner\" is not the next word of the sentence; use from or signpost"},
    {"police never allow incident to go to anyone; owner authorises",
     "line 1: \"owner\" is not the next word of the sentence; use from or signpost"},
    {"police never allow incident to go to anyone; from 1/9/2026",
     "line 1: \"1/9/2026\" is not a day of the calendar, written YYYY-MM-DD; did you mean "
     "2026-09-01?"},
    {"police never allow incident to go to anyone; from 2026-9-31",
     "line 1: \"2026-9-31\" is not a day of the calendar, written YYYY-MM-DD; did you mean "
     "2026-09-30?"},
    {"police never allow domestic abuse to go to anyone",
     "line 1: \"domestic\" is not an information class; did you mean domestic_abuse, in one word?"},
    {"police never allow incident to go to education",
     "line 1: \"education\" is not the next word of the sentence; did you mean agency education?"},
    {"police never allow incident to go to school",
     "line 1: \"school\" is not the next word of the sentence; did you mean any school?"},
    {"police never allow incident to go to police",
     "line 1: \"police\" is not the next word of the sentence; did you mean agency police or any "
     "police?"},
    {"police never allow incident to go to anyone police",
     "line 1: \"police\" comes after the end of the rule"},
    {"Police never allow incident to go to anyone",
     "line 1: \"Police\" is not the agency whose policy this is; did you mean police?"},
    {"police never allow inc\"<\x01>ident to go to anyone",
     "line 1: \"inc?<?>ident\" is not an information class; did you mean incident?"},
    {"police allow offence to go to any school for early_help when rating is any; show full; " YEAR
     "\n\npolice never allow offence to go to any school",
     "line 3: \"offence\" is allowed and never allowed to the same recipient: lines 1 and 3 "
     "contradict each other; remove one"},
    {"police never allow offence to go to agency health for early_help\n"
     "police allow offence to go to agency health for early_help when rating is red; show "
     "fact; " YEAR,
     "line 2: \"offence\" is allowed and never allowed to the same recipient: lines 1 and 2 "
     "contradict each other; remove one"},
};

Test(sentence, tells_line_and_word_and_what_was_meant) {
    for (size_t i = 0; i < COUNT_OF(faults); i++) {
        _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
        Policy p;
        PolicyFault fault;
        int r = kit_parse(a, "police", str_z(faults[i].text), &p, &fault);
        cr_expect(r == REFUSE_policy_wrong, "taken: %s", faults[i].text);
        cr_expect(strcmp(fault.sentence, faults[i].sentence) == 0, "%s\n  is not\n%s",
                  fault.sentence, faults[i].sentence);
        cr_expect(p.rules == NULL);
    }
}

/* Wider, narrower, or at another time: a never-rule wins there, but nothing contradicts. */
static const char *const no_contradictions[] = {
    "police never allow offence to go to anyone",
    "police never allow offence to go to agency education",
    "police never allow offence to go to any police",
    "police never allow offence to go to any school for early_help",
    "police never allow incident to go to any school",
    "police never allow offence to go to any school; from 2027-09-01",
};

Test(sentence, leaves_a_never_rule_of_another_scope_in_peace) {
    for (size_t i = 0; i < COUNT_OF(no_contradictions); i++) {
        _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
        Str text = arena_printf(a,
                                "police allow offence to go to any school for school_support when "
                                "rating is any; show full; " YEAR "\n%s",
                                no_contradictions[i]);
        Policy p;
        PolicyFault fault;
        cr_expect(kit_parse(a, "police", text, &p, &fault) == 0, "%s", fault.sentence);
    }
}

Test(sentence, sees_a_contradiction_that_begins_on_the_last_day) {
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
    Policy p;
    PolicyFault fault;
    Str text =
        STR("police allow offence to go to any school for school_support when rating is any; "
            "show full; " YEAR "\npolice never allow offence to go to any school; "
            "from 2027-08-31");
    cr_expect(kit_parse(a, "police", text, &p, &fault) == REFUSE_policy_wrong);
}

static int parse_lines(size_t count, PolicyFault *fault) {
    static const char line[] = "police never allow incident to go to anyone\n";
    _cleanup_(arena_freep) Arena *a = arena_new(4 << 20);
    size_t len = sizeof(line) - 1;
    char *text = arena_array(a, count, len);
    for (size_t i = 0; i < count; i++) memcpy(text + i * len, line, len);
    Policy p;
    return kit_parse(a, "police", (Str){.at = text, .len = count * len}, &p, fault);
}

Test(sentence, takes_512_rules_and_no_more) {
    PolicyFault fault;
    cr_expect(parse_lines(512, &fault) == 0);
    cr_expect(parse_lines(513, &fault) == REFUSE_policy_wrong);
    cr_expect(strcmp(fault.sentence, "line 513: a policy holds at most 512 rules") == 0);
}

static const struct {
    const char *from, *last, *late;
} years[] = {
    {"2026-09-01", "2027-08-31", "2027-09-01"}, {"2026-01-01", "2026-12-31", "2027-01-01"},
    {"2027-03-01", "2028-02-29", "2028-03-01"}, {"2028-02-29", "2029-02-28", "2029-03-01"},
    {"2028-02-28", "2029-02-27", "2029-02-28"}, {"2026-12-31", "2027-12-30", "2028-12-30"},
};

Test(sentence, an_allow_rule_lasts_twelve_months_at_most) {
    for (size_t i = 0; i < COUNT_OF(years); i++) {
        Rule r = {.owner = STR("police"), .class = CLASS_incident, .show = SHOW_full,
                  .recipient_kind = RECIPIENT_type, .recipient = STR("school"),
                  .purpose = STR("early_help"), .from = str_z(years[i].from)};
        r.until = str_z(years[i].last);
        cr_expect(rule_sound(&r), "%s until %s", years[i].from, years[i].last);
        r.until = str_z(years[i].late);
        cr_expect_not(rule_sound(&r), "%s until %s", years[i].from, years[i].late);
    }
}

Test(sentence, a_year_may_hold_a_leap_day) {
    cr_expect(days_between(STR("2027-09-01"), STR("2028-09-01")) == 366);
    cr_expect(days_between(STR("2026-09-01"), STR("2027-09-01")) == 365);
    cr_expect(days_between(STR("2000-02-28"), STR("2000-03-01")) == 2);
    cr_expect(days_between(STR("1900-02-28"), STR("1900-03-01")) == 1);
    cr_expect(days_between(STR("2026-12-31"), STR("2027-01-01")) == 1);
    cr_expect(days_between(STR("2027-01-01"), STR("2026-12-31")) == -1);
}

Test(sentence, says_memory_when_there_is_none) {
    Policy p;
    PolicyFault fault;
    _cleanup_(arena_freep) Arena *a = arena_new(1000);
    cr_expect(kit_parse(a, "police", STR("police never allow incident to go to anyone"), &p,
                        &fault) == ERR_MEMORY);
}

/* Every combination of the rule's parts; classes, types and purposes take turns. */
static size_t each_rule(void (*see)(const Rule *)) {
    static const Str types[] = {{"school", 6}, {"health_acute", 12}, {"court_cafcass", 13}};
    static const Str purposes[] = {{"", 0}, {"early_help", 10}, {"safeguarding_assessment", 23}};
    static const Str days[] = {{"", 0}, {"2026-09-01", 10}, {"2027-08-31", 10}};
    size_t sound = 0;
    for (size_t n = 0; n < 2u * CLASS_COUNT * 4 * 3 * 5 * 4 * 2 * 2 * 3 * 3; n++) {
        size_t i = n;
        Rule r = {.owner = STR("police")};
        r.never = i % 2, i /= 2;
        r.signpost = i % 2, i /= 2;
        r.owner_authorises = i % 2, i /= 2;
        r.from = days[i % 3], i /= 3;
        r.until = days[i % 3], i /= 3;
        r.purpose = purposes[i % 3], i /= 3;
        r.least = (Rating)(i % 5), i /= 5;
        r.show = (Show)(i % 4), i /= 4;
        r.recipient_kind = (RecipientKind)(i % 4), i /= 4;
        r.class = (InfoClass)i;
        if (r.recipient_kind == RECIPIENT_type) r.recipient = types[n % 3];
        if (r.recipient_kind == RECIPIENT_agency) r.recipient = kit_agencies[n % 4];
        if (!rule_sound(&r)) continue;
        sound++;
        see(&r);
    }
    return sound;
}

static void expect_round_trip(const Rule *r) {
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
    Str line = rule_print(a, r);
    cr_assert(line.at);
    Policy p = kit_policy(a, "police", line.at);
    cr_assert(p.count == 1 && rule_same(&p.rules[0], r), "%s", line.at);
    cr_assert(rule_sound(&p.rules[0]));
    cr_assert(str_eq(rule_print(a, &p.rules[0]), line), "%s", line.at);
}

Test(sentence, prints_every_sound_rule_so_that_it_reads_back_the_same) {
    cr_expect(each_rule(expect_round_trip) > 10000);
}

Test(sentence, prints_no_unsound_rule) {
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
    Rule r = {.owner = STR("police"), .class = CLASS_incident};
    cr_expect(rule_print(a, &r).at == NULL);
}

/* A word lost, doubled or swapped makes a fault or another rule, never a crash or the same rule. */
Test(sentence, survives_broken_sentences) {
    static const char line[] = "police allow offence to go to agency education for early_help when "
                               "rating is amber or higher; show fact; owner authorises; " YEAR;
    Random random = random_new("survives_broken_sentences");
    for (int i = 0; i < 20000; i++) {
        _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
        char text[sizeof(line)];
        memcpy(text, line, sizeof(line));
        for (size_t k = random_below(&random, 4) + 1; k; k--) {
            text[random_below(&random, sizeof(line) - 1)] = (char)random_below(&random, 256);
        }
        Policy p;
        PolicyFault fault;
        int r = kit_parse(a, "police", (Str){.at = text, .len = sizeof(line) - 1}, &p, &fault);
        cr_assert(r == 0 || r == REFUSE_policy_wrong);
        cr_assert(r == 0 || (fault.line > 0 && fault.sentence[0]));
        for (size_t k = 0; r == 0 && k < p.count; k++) expect_round_trip(&p.rules[k]);
    }
}

static const char *const examples[] = {"police", "health", "education", "social-care"};

Test(sentence, the_example_policies_parse) {
    for (size_t i = 0; i < COUNT_OF(examples); i++) {
        _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
        cr_expect(kit_example(a, examples[i]).count >= 8);
    }
}
