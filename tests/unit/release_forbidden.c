/* Who must not be named outside: read from what was sealed, with the decided child as the only
 * exception, and nothing taken for granted of whom nobody can read. */
#include "broker/release/persons.h"
#include "broker/release/release.h"

#include <criterion/criterion.h>

static const Id child = {{1}}, brother = {{2}}, neighbour = {{3}};

static const Value *person(Arena *a, const char *role, const char *given, const char *family) {
    Value *v = value_map(a);
    value_add_text(a, v, F_person_role, STR("child"));
    value_add_text(a, v, F_person_role, str_z(role));
    Value *name = value_add_map(a, v, F_person_name);
    value_set_text(a, name, F_name_given, str_z(given));
    value_set_text(a, name, F_name_family, str_z(family));
    Value *id = value_add_map(a, v, F_person_identifier);
    value_set_text(a, id, F_identifier_value, STR("26/0001"));
    Value *telecom = value_add_map(a, v, F_person_telecom);
    value_set_text(a, telecom, F_telecom_value, STR("01632 960999"));
    return v;
}

typedef enum Search { UNSEARCHED, CUT, HIDES } Search;

/* What becomes of a text that holds `word`. */
static Search searched(Arena *a, const Person *p, size_t count, const char *word) {
    NetWord *words = NULL;
    size_t n = 0;
    Search ret = UNSEARCHED;
    cr_assert(forbidden_words(a, p, count, &child, 1, (Between){0}, &words, &n) == 0);
    for (size_t i = 0; i < n; i++) {
        Search one = words[i].hides ? HIDES : CUT;
        if (str_is(words[i].text, word) && ret < one) ret = one;
    }
    return ret;
}

static const struct {
    const char *what, *role;
    const Id *who;
    bool subject;
    Search name, number;
} cases[] = {
    {"the decided child, a victim", "victim", &child, true, UNSEARCHED, CUT},
    {"the decided child, who told", "informant", &child, true, UNSEARCHED, CUT},
    {"another child of the enquiry who told", "informant", &brother, true, HIDES, HIDES},
    {"another child of the enquiry, a victim", "victim", &brother, true, HIDES, HIDES},
    {"another child of the enquiry, no more", "child", &brother, true, CUT, CUT},
    {"a neighbour who told", "informant", &neighbour, false, HIDES, HIDES},
    {"a neighbour who saw", "witness", &neighbour, false, HIDES, HIDES},
    {"a neighbour", "other_adult", &neighbour, false, CUT, CUT},
    {"a professional", "professional", &neighbour, false, CUT, CUT},
    {"no subject, under the child's id", "informant", &child, false, HIDES, HIDES},
};

Test(forbidden, everybody_is_searched_for_and_only_the_decided_child_named) {
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
        Person p = {.person_id = *cases[i].who,
                       .value = person(a, cases[i].role, "Zarathene", "Vexmoor"),
                       .subject = cases[i].subject,
                       .roles = STR("child"), /* whatever a row says */
                       .agency = STR("police")};
        cr_expect(searched(a, &p, 1, "Vexmoor, Zarathene") == cases[i].name, "%s", cases[i].what);
        cr_expect(searched(a, &p, 1, "26/0001") == cases[i].number, "%s", cases[i].what);
        cr_expect(searched(a, &p, 1, "01632 960999") == cases[i].number, "%s", cases[i].what);
    }
}

Test(forbidden, a_protected_address_is_nobodys_to_tell_not_even_the_childs) {
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
    Value *v = value_map(a), *address = value_add_map(a, v, F_person_address);
    value_set_text(a, address, F_address_postcode, STR("ZZ1 1ZZ"));
    value_add_text(a, address, F_address_line, STR("1 Example Row"));
    Person p = {.person_id = child, .value = v, .subject = true};
    cr_expect(searched(a, &p, 1, "ZZ1 1ZZ") == CUT);
    value_set_yes(a, address, F_address_protected, true);
    cr_expect(searched(a, &p, 1, "ZZ1 1ZZ") == HIDES);
    cr_expect(searched(a, &p, 1, "1 Example Row") == HIDES);
}

Test(forbidden, however_many_there_are_each_is_searched_for) {
    _cleanup_(arena_freep) Arena *a = arena_new(4 << 20);
    enum { MANY = 2000 };
    Person *p = arena_array(a, MANY, sizeof(*p));
    for (size_t i = 0; i < MANY; i++) {
        p[i] = (Person){.person_id = neighbour, .value = person(a, "witness", "A", "B")};
    }
    p[MANY - 1].value = person(a, "informant", "Zarathene", "Vexmoor");
    cr_expect(searched(a, p, MANY, "Vexmoor, Zarathene") == HIDES);
}

/* The police's witness is the hospital's other adult: whoever comes first, she may not be known. */
Test(forbidden, what_one_agency_makes_of_somebody_takes_nothing_from_what_another_does) {
    static const char *const roles[][2] = {{"witness", "other_adult"}, {"other_adult", "witness"}};
    static const Str agencies[][2] = {{{"police", 6}, {"health", 6}},
                                      {{"health", 6}, {"police", 6}}};
    for (size_t i = 0; i < 4; i++) {
        _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
        Person p[2];
        NetWord *words = NULL;
        size_t n = 0, hides = 0, own = 0;
        for (size_t k = 0; k < 2; k++) {
            p[k] = (Person){.person_id = neighbour, .agency = agencies[i / 2][k],
                            .value = person(a, roles[i % 2][k], "Zarathene", "Vexmoor")};
        }
        Between between = {.owner = STR("police"), .recipient = STR("education")};
        cr_assert(forbidden_words(a, p, 2, &child, 1, between, &words, &n) == 0);
        for (size_t k = 0; k < n; k++) {
            bool name = words[k].kind == NET_name;
            hides += name && words[k].hides;
            own += name && !words[k].foreign;
        }
        cr_expect(hides == 1 && own == 1, "%zu", i);
    }
}

/* ---- who the child is called ----------------------------------------------------------------- */

static const Addressee school = {.agency = {"education", 9}, .type = {"school", 6}};

static const struct {
    const char *what, *own, *others, *shown;
} called[] = {
    {"the recipient alone knows her", "Cara Castle", NULL, "Cara Castle"},
    {"all call her the same", "CARA CASTLE", "Cara Castle", "CARA CASTLE"},
    {"the recipient calls her by an informant's name", "Zelda Quirk", "Cara Castle", "Cara Castle"},
    {"the recipient does not know her", NULL, "Cara Castle", "Cara Castle"},
};

Test(subject, the_recipients_word_for_a_child_counts_when_another_agency_says_the_same) {
    for (size_t i = 0; i < COUNT_OF(called); i++) {
        _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
        const char *const names[] = {called[i].own, called[i].others};
        const Str agencies[] = {STR("education"), STR("police")};
        Person p[2];
        Subject s = {0};
        size_t n = 0;
        for (size_t k = 0; k < 2; k++) {
            Str rest = str_z(names[k]), given;
            if (!names[k] || !str_split(&rest, ' ', &given)) continue;
            Str first = arena_str(a, given), last = arena_str(a, rest);
            p[n++] = (Person){.person_id = child,
                                 .subject = true,
                                 .agency = agencies[k],
                                 .value = person(a, "child", first.at, last.at)};
        }
        Known known = {.at = p, .count = n};
        cr_assert(subject_choose(a, &known, child, &school, &s));
        cr_expect(str_is(s.name, called[i].shown), "%s", called[i].what);
    }
}

/* All incidents, in full, to any school. */
static Rule school_rule(Str owner) {
    return (Rule){.owner = owner, .class = CLASS_incident, .recipient_kind = RECIPIENT_type,
                  .recipient = STR("school"), .show = SHOW_full,
                  .purpose = STR("safeguarding_assessment"),
                  .from = STR("2026-01-01"), .until = STR("2026-12-31")};
}

static Request school_asks(void) {
    return (Request){.recipient = STR("education"), .recipient_name = STR("S"),
                     .recipient_type = STR("school"), .purpose = STR("safeguarding_assessment"),
                     .today = STR("2026-11-22")};
}

/* The name that only a silent agency has for the child is one of the things that it keeps. */
Test(subject, is_called_as_those_who_tell_something_call_the_child) {
    _cleanup_(arena_freep) Arena *a = arena_new(4 << 20);
    static const Item items[] = {
        {.owner = {"health", 6}, .owner_name = {"H", 1}, .tier = TIER_silent},
        {.owner = {"police", 6},
         .owner_name = {"P", 1},
         .class = CLASS_incident,
         .text = {"B", 1}}};
    Person p[] = {{.person_id = child, .subject = true, .agency = STR("health"),
                      .value = person(a, "child", "Aurelia", "Hidewell")},
                     {.person_id = child, .subject = true, .agency = STR("police"),
                      .value = person(a, "child", "Cara", "Castle")}};
    Rule rule = school_rule(STR("police"));
    Policy policy = {.owner = STR("police"), .rules = &rule, .count = 1};
    Known known = {.at = p, .count = 2, .about = &child, .about_count = 1};
    Request q = school_asks();
    Redacted r;
    size_t at;
    for (int asked = 0; asked < 2; asked++) {
        rule.owner_authorises = asked;
        q.grant_count = 0;
        int e = redact_about(a, &q, &known, items, 2, &policy, 1, &r);
        cr_assert(e == (asked ? REFUSE_nothing_to_share : 0));
        if (asked) {
            Grant grant = {r.wanted[0].owner, r.wanted[0].digest};
            q.grants = &grant;
            q.grant_count = 1;
            cr_assert(redact_about(a, &q, &known, items, 2, &policy, 1, &r) == 0);
        }
        cr_expect(str_find(shareable_text(r.product), STR("Cara Castle"), &at));
        cr_expect(!str_find(shareable_text(r.product), STR("Aurelia"), &at));
    }
    known.count = 1;
    p[0].held = true;
    cr_expect(redact_about(a, &q, &known, items, 2, &policy, 1, &r) == REFUSE_nothing_to_share);
}

/* The informant is an Abbott; only silent police call the child one, under which name the
 * hospital's words would be about the child. */
Test(subject, what_a_silent_agency_calls_the_child_changes_nothing) {
    Hash digest[2];
    for (size_t n = 3; n <= 4; n++) {
        _cleanup_(arena_freep) Arena *a = arena_new(8 << 20);
        static const Item items[] = {
            {.owner = {"health", 6}, .owner_name = {"H", 1}, .class = CLASS_incident,
             .text = {"Abbott came in", 14}},
            {.owner = {"social-care", 11}, .owner_name = {"S", 1}, .class = CLASS_incident,
             .text = {"B", 1}}};
        Person p[] = {{.person_id = neighbour, .agency = STR("social-care"),
                       .value = person(a, "informant", "Jane", "Abbott")},
                      {.person_id = child, .subject = true, .agency = STR("social-care"),
                       .value = person(a, "child", "Leo", "Pryce")},
                      {.person_id = child, .subject = true, .agency = STR("health"),
                       .value = person(a, "child", "Leon", "Price")},
                      {.person_id = child, .subject = true, .agency = STR("police"),
                       .value = person(a, "child", "Leo", "Abbott")}};
        Person silent = p[3]; /* what it says comes first */
        if (n == 4) memmove(&p[1], &p[0], 3 * sizeof(*p));
        if (n == 4) p[0] = silent;
        Rule rules[2];
        Policy policies[2];
        for (size_t i = 0; i < 2; i++) {
            rules[i] = school_rule(items[i].owner);
            policies[i] = (Policy){.owner = items[i].owner, .rules = &rules[i], .count = 1};
        }
        Known known = {.at = p, .count = n, .about = &child, .about_count = 1};
        Request q = school_asks();
        Redacted r;
        size_t at;
        cr_assert(redact_about(a, &q, &known, items, 2, policies, 2, &r) == 0);
        cr_expect(!str_find(shareable_text(r.product), STR("Abbott"), &at), "%zu", n);
        cr_expect(r.cuts[0].kept == KEPT_words && r.cuts[0].kind == VERDICT_fact, "%zu", n);
        cr_assert(shareable_digest(r.product, &digest[n - 3]));
    }
    cr_expect(hash_eq(&digest[0], &digest[1]));
}

static const struct {
    const char *what, *names[4], *agencies[4], *shown;
} naming[] = {
    {"one against two", {"Zelda Quirk", "Cara Castle", "CARA CASTLE"}, {"evil", "police", "health"},
     "Cara Castle"},
    {"however often it says so", {"Zelda Quirk", "Zelda Quirk", "Cara Castle", "Cara Castle"},
     {"evil", "evil", "police", "health"}, "Cara Castle"},
    {"one without a name", {"", "Cara Castle"}, {"evil", "police"}, "Cara Castle"},
};

Test(subject, is_called_as_most_of_those_who_speak_do) {
    for (size_t i = 0; i < COUNT_OF(naming); i++) {
        _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
        Person p[4];
        Subject s = {0};
        size_t n = 0;
        for (; n < 4 && naming[i].names[n]; n++) {
            Str rest = str_z(naming[i].names[n]), given = {0};
            (void)str_split(&rest, ' ', &given);
            Str first = arena_str(a, given), last = arena_str(a, rest);
            p[n] = (Person){.person_id = child, .subject = true,
                            .agency = str_z(naming[i].agencies[n]),
                            .value = person(a, "child", first.at, last.at)};
        }
        Known known = {.at = p, .count = n};
        cr_assert(subject_choose(a, &known, child, &school, &s));
        cr_expect(str_is(s.name, naming[i].shown), "%s", naming[i].what);
    }
}

/* An agency is one voice, also where one of its mentions has her number and another has none. */
Test(subject, whoever_knows_her_number_in_one_mention_speaks_once_all_the_same) {
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
    Value *numbered = value_map(a), *name = value_add_map(a, numbered, F_person_name);
    value_add_text(a, numbered, F_person_role, STR("child"));
    value_set_text(a, name, F_name_given, STR("Zelda"));
    value_set_text(a, name, F_name_family, STR("Quirk"));
    Value *id = value_add_map(a, numbered, F_person_identifier);
    value_set_text(a, id, F_identifier_scheme, STR("upn"));
    value_set_text(a, id, F_identifier_value, STR("A000000000000"));
    value_set_text(a, id, F_identifier_check, STR("ok"));
    Person p[] = {{.person_id = child, .subject = true, .agency = STR("police"),
                   .value = person(a, "child", "Cara", "Castle")},
                  {.person_id = child, .subject = true, .agency = STR("evil"),
                   .value = person(a, "child", "Zelda", "Quirk")},
                  {.person_id = child, .subject = true, .agency = STR("evil"), .value = numbered}};
    Known known = {.at = p, .count = 3};
    Subject s;
    cr_assert(subject_choose(a, &known, child, &school, &s));
    cr_expect(str_is(s.name, "Cara Castle"));
    known.at = &p[1];
    known.count = 2;
    cr_assert(subject_choose(a, &known, child, &school, &s));
    cr_expect(str_is(s.identifier, "A000000000000"), "and the number is hers under this name");
}

/* Also in thousands of messages, each time the same or each time another. */
Test(subject, mentioned_ever_so_often_is_called_as_most_agencies_do) {
    enum { MANY = 3000 };
    for (int other = 0; other < 2; other++) {
        _cleanup_(arena_freep) Arena *a = arena_new(64 << 20);
        Person *p = arena_array(a, MANY, sizeof(*p));
        Subject s = {0};
        for (size_t i = 0; i < MANY; i++) {
            Str given = arena_printf(a, "Zelda%zu", other ? i : 0);
            p[i] = (Person){.person_id = child, .subject = true, .agency = STR("police"),
                            .value = person(a, "child", given.at, "Quirk")};
        }
        for (size_t i = MANY - 2; i < MANY; i++) {
            p[i].agency = i % 2 ? STR("health") : STR("social-care");
            p[i].value = person(a, "child", "Cara", "Castle");
        }
        Known known = {.at = p, .count = MANY};
        cr_assert(subject_choose(a, &known, child, &school, &s));
        cr_expect(str_is(s.name, "Cara Castle"));
    }
}

/* As an agency that answers a question about her. */
Test(subject, whom_no_speaker_mentions_is_called_as_the_recipient_or_else_as_others_do) {
    for (int known_there = 0; known_there < 2; known_there++) {
        _cleanup_(arena_freep) Arena *a = arena_new(4 << 20);
        static const Item item = {.owner = {"health", 6}, .owner_name = {"H", 1},
                                  .class = CLASS_incident, .text = {"Seen.", 5}};
        Person p[] = {{.person_id = child, .subject = true, .agency = STR("police"),
                       .value = person(a, "child", "Cara", "Castle")},
                      {.person_id = child, .subject = true, .agency = STR("education"),
                       .value = person(a, "child", "Carrie", "Castle")}};
        Rule rule = school_rule(STR("health"));
        Policy policy = {.owner = STR("health"), .rules = &rule, .count = 1};
        Known known = {.at = p, .count = known_there ? 2 : 1, .about = &child, .about_count = 1};
        Request q = school_asks();
        Redacted r;
        size_t at;
        cr_assert(redact_about(a, &q, &known, &item, 1, &policy, 1, &r) == 0);
        const char *name = known_there ? "Carrie Castle" : "Cara Castle";
        cr_expect(str_find(shareable_text(r.product), str_z(name), &at), "%s", name);
    }
}

/* A former name may be the trace of an adoption. */
Test(subject, a_former_name_heads_nothing_and_is_cut) {
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
    Value *v = value_map(a);
    value_add_text(a, v, F_person_role, STR("child"));
    static const char *const names[][3] = {{"former", "Aurelia", "Hidewell"},
                                           {"official", "Cara", "Castle"}};
    for (size_t i = 0; i < 2; i++) {
        Value *name = value_add_map(a, v, F_person_name);
        value_set_text(a, name, F_name_use, str_z(names[i][0]));
        value_set_text(a, name, F_name_given, str_z(names[i][1]));
        value_set_text(a, name, F_name_family, str_z(names[i][2]));
    }
    Person p = {.person_id = child, .subject = true, .agency = STR("police"), .value = v};
    Known known = {.at = &p, .count = 1};
    Subject s;
    cr_assert(subject_choose(a, &known, child, &school, &s));
    cr_expect(str_is(s.name, "Cara Castle"));
    cr_expect(searched(a, &p, 1, "Hidewell, Aurelia") == CUT);
    cr_expect(searched(a, &p, 1, "Castle, Cara") == UNSEARCHED);
}

/* A machine, or a person, may have taken her for the child. */
Test(forbidden, an_informant_under_the_childs_id_is_an_informant) {
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
    Value *v = value_map(a), *name = value_add_map(a, v, F_person_name);
    value_add_text(a, v, F_person_role, STR("informant"));
    value_set_text(a, name, F_name_family, STR("Vexmoor"));
    Person p = {.person_id = child, .subject = true, .agency = STR("police"), .value = v};
    cr_expect(searched(a, &p, 1, "Vexmoor") == HIDES);
}

Test(forbidden, whom_the_recipient_told_of_itself_is_only_cut) {
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
    Person p = {.person_id = neighbour, .agency = STR("education"),
                .value = person(a, "informant", "Zarathene", "Vexmoor")};
    static const Str recipients[] = {{"education", 9}, {"health", 6}};
    for (size_t i = 0; i < 2; i++) {
        NetWord *words = NULL;
        size_t n = 0;
        Between between = {.owner = STR("police"), .recipient = recipients[i]};
        cr_assert(forbidden_words(a, &p, 1, &child, 1, between, &words, &n) == 0 && n > 0);
        cr_expect(words[0].hides == (i == 1) && words[0].foreign);
    }
}

Test(subject, what_is_held_at_source_is_searched_for_and_tells_nobody_who_she_is) {
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
    Subject s = {0};
    Person p[] = {{.person_id = neighbour,
                      .agency = STR("police"),
                      .held = true,
                      .value = person(a, "other_adult", "Zarathene", "Vexmoor")},
                     {.person_id = child,
                      .subject = true,
                      .agency = STR("police"),
                      .held = true,
                      .value = person(a, "child", "Cara", "Castle")}};
    Known known = {.at = p, .count = 2};
    cr_expect(searched(a, p, 2, "Vexmoor, Zarathene") == CUT, "her name is cut");
    cr_expect_not(persons_unread(p, 2, STR("police")), "and was read for it");
    cr_expect_not(subject_choose(a, &known, child, &school, &s));
    p[1].held = false;
    cr_expect(subject_choose(a, &known, child, &school, &s));
}

Test(forbidden, whoever_cannot_be_read_is_told_of_her_agency) {
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
    Person p[] = {{.person_id = neighbour, .agency = STR("police")},
                     {.value = person(a, "child", "A", "B"), .agency = STR("health")}};
    cr_expect(persons_unread(p, 2, STR("police")));
    cr_expect_not(persons_unread(p, 2, STR("health")));
    cr_expect(persons_unread(p, 2, (Str){0}));
    cr_expect_not(persons_unread(&p[1], 1, (Str){0}));
    cr_expect(searched(a, p, 2, "B, A") == CUT, "and has no words");
}

/* The police mention so many; the last of them told. The hospital's is the child. */
static Person *many(Arena *a, size_t count, size_t different) {
    Person *p = arena_array(a, count + 2, sizeof(*p));
    for (size_t i = 0; i < count; i++) {
        Str given = arena_printf(a, "Zarathene%zu", i % different);
        p[i] = (Person){.person_id = neighbour, .agency = STR("police"),
                        .value = person(a, "other_adult", given.at, "Vexmoor")};
    }
    p[count] = (Person){.person_id = neighbour, .agency = STR("police"),
                        .value = person(a, "informant", "Oriel", "Quilloby")};
    p[count + 1] = (Person){.person_id = child, .subject = true, .agency = STR("health"),
                            .value = person(a, "child", "Cara", "Castle")};
    return p;
}

static int product_of_health(Arena *a, Person *p, size_t count, Redacted *r) {
    static const Item item = {.owner = {"health", 6}, .owner_name = {"H", 1},
                              .class = CLASS_incident, .text = {"Mrs Quilloby rang.", 18}};
    static Rule rule;
    rule = school_rule(STR("health"));
    Policy policy = {.owner = STR("health"), .rules = &rule, .count = 1};
    Known known = {.at = p, .count = count, .about = &child, .about_count = 1};
    Request q = school_asks();
    return redact_about(a, &q, &known, &item, 1, &policy, 1, r);
}

Test(forbidden, however_many_are_mentioned_the_last_is_searched_for) {
    _cleanup_(arena_freep) Arena *a = arena_new(64 << 20);
    enum { MANY = 3000 };
    Redacted r;
    cr_assert(product_of_health(a, many(a, MANY, MANY), MANY + 2, &r) == 0);
    cr_expect(r.cuts[0].kind == VERDICT_fact && r.cuts[0].kept == KEPT_words);
}

Test(forbidden, where_more_are_mentioned_than_can_be_searched_for_nothing_leaves) {
    _cleanup_(arena_freep) Arena *a = arena_new(64 << 20);
    enum { MANY = 15000 };
    Redacted r;
    cr_expect(product_of_health(a, many(a, MANY, MANY), MANY + 2, &r) == REFUSE_too_many_names);
    cr_expect_null(r.product);
    cr_expect(product_of_health(a, many(a, MANY, 20), MANY + 2, &r) == 0, "the same people again");
}
