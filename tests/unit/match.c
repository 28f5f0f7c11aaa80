/* Who is certainly the same person, and how urgent a message is. */
#include <criterion/criterion.h>

#include "broker/hub/match/keys.h"
#include "broker/hub/rate.h"

enum { MEMORY = 4 * 1024 * 1024 };

static const Key index_key = {.at = {7}};

/* ---- people -------------------------------------------------------------------------- */

typedef struct Name {
    const char *family, *given, *use;
} Name;

typedef struct Described {
    Name names[2];
    const char *born, *accuracy;
    const char *scheme, *number, *check;
} Described;

static Value *person(Arena *a, const Described *d) {
    Value *p = value_map(a);
    for (size_t i = 0; i < COUNT_OF(d->names); i++) {
        if (!d->names[i].family && !d->names[i].given) continue;
        Value *name = value_add_map(a, p, F_person_name);
        value_set_text(a, name, F_name_family, str_z(d->names[i].family));
        value_set_text(a, name, F_name_given, str_z(d->names[i].given));
        value_set_text(a, name, F_name_use, str_z(d->names[i].use));
    }
    value_set_text(a, p, F_person_birth_date, str_z(d->born));
    value_set_text(a, p, F_person_birth_date_accuracy, str_z(d->accuracy));
    if (!d->number) return p;
    Value *identifier = value_add_map(a, p, F_person_identifier);
    value_set_text(a, identifier, F_identifier_scheme, str_z(d->scheme));
    value_set_text(a, identifier, F_identifier_value, str_z(d->number));
    value_set_text(a, identifier, F_identifier_check, str_z(d->check ? d->check : "ok"));
    return p;
}

static size_t keys_of(Arena *a, const Described *d, MatchKey **ret) {
    size_t count = 0;
    cr_assert_eq(match_keys(a, &index_key, person(a, d), ret, &count), 0);
    return count;
}

/* The strongest kind that both have with one hash; "" when none. */
static const char *meet(Arena *a, const Described *x, const Described *y) {
    static const char *const kinds[] = {"nhs_dob", "nhs_family", "upn_dob", "upn_family",
                                        "name_dob"};
    MatchKey *kx, *ky;
    size_t nx = keys_of(a, x, &kx), ny = keys_of(a, y, &ky);
    for (size_t k = 0; k < COUNT_OF(kinds); k++) {
        for (size_t i = 0; i < nx; i++) {
            for (size_t j = 0; j < ny; j++) {
                bool kind = strcmp(kx[i].kind, kinds[k]) == 0 && strcmp(ky[j].kind, kinds[k]) == 0;
                if (kind && hash_eq(&kx[i].hash, &ky[j].hash)) return kinds[k];
            }
        }
    }
    return "";
}

#define WHO(family_, given_, ...) \
    { .names = {{.family = (family_), .given = (given_)}}, __VA_ARGS__ }
#define BORN(date) .born = (date)
#define NHS(value) .scheme = "nhs_number", .number = (value)
#define UPN(value) .scheme = "upn", .number = (value)

static const char mei_nhs[] = "9434765919", mei_upn[] = "H801200001001", day[] = "2014-03-02";

static const struct {
    const char *why;
    Described x, y;
    const char *meet;
} pairs[] = {
    {"HL7 in capitals and JSON", WHO("CHAN", "MEI", BORN(day), NHS(mei_nhs)),
     WHO("Chan", "Mei", BORN(day), .accuracy = "exact", NHS("943 476 5919")), "nhs_dob"},
    {"number and family name, birth date known on one side only",
     WHO("CHAN", "MEI", BORN(day), NHS(mei_nhs)), WHO("Chan", NULL, NHS(mei_nhs)), "nhs_family"},
    {"a pupil number in two spellings", WHO("Chan", "Mei", BORN(day), UPN(mei_upn)),
     WHO("chan", "mei li", BORN(day), UPN(" h801200001001")), "upn_dob"},
    {"a pupil number that is former now", WHO("Chan", "Mei", UPN(mei_upn)),
     WHO("Chan", "M", .scheme = "former_upn", .number = mei_upn), "upn_family"},
    {"CSV without a number", WHO("Chan", "Mei", BORN(day)), WHO("CHAN ", "MEI", BORN(day)),
     "name_dob"},
    {"accents, apostrophes and hyphens", WHO("O'Dowd-Núñez", "Zoë", BORN(day)),
     WHO("ODOWD NUNEZ", "Zoe", BORN(day)), "name_dob"},
    {"the order of names", WHO("Chan", "Mei", BORN(day)), WHO("Mei", "Chan", BORN(day)),
     "name_dob"},
    {"an alias",
     {.names = {{.family = "Chan", .given = "Mei"},
                {.family = "Wong", .given = "Mei", .use = "alias"}},
      BORN(day)},
     WHO("Wong", "Mei", BORN(day)),
     "name_dob"},
    {"a wrong check digit is no number", WHO("Chan", "Mei", NHS("9434765918")),
     WHO("Chan", "Mei", NHS("9434765918")), ""},
    {"a number that the sender calls bad is no number",
     WHO("Chan", "Mei", NHS(mei_nhs), .check = "bad"), WHO("Chan", "Mei", NHS(mei_nhs)), ""},
    {"ten equal digits are no number", WHO("Chan", "Mei", NHS("1111111111")),
     WHO("Chan", "Mei", NHS("1111111111")), ""},
    {"a number alone is no key", WHO(NULL, NULL, NHS(mei_nhs)), WHO(NULL, NULL, NHS(mei_nhs)), ""},
    {"a number of another scheme is no key",
     WHO("Chan", "Mei", .scheme = "local", .number = mei_nhs), WHO("Chan", "Mei", NHS(mei_nhs)),
     ""},
    {"the year alone is no birthday", WHO("Chan", "Mei", BORN("2014")),
     WHO("Chan", "Mei", BORN("2014")), ""},
    {"nor is a date known to the year", WHO("Chan", "Mei", BORN("2014-01-01"), .accuracy = "year"),
     WHO("Chan", "Mei", BORN("2014-01-01"), .accuracy = "year"), ""},
    {"nor is an estimate", WHO("Chan", "Mei", BORN(day), .accuracy = "estimated"),
     WHO("Chan", "Mei", BORN(day)), ""},
    {"nor is what systems write for unknown", WHO("Chan", "Mei", BORN("1900-01-01")),
     WHO("Chan", "Mei", BORN("1900-01-01")), ""},
    {"twins without names are two", WHO("Chan", "Baby", BORN(day)), WHO("Chan", "BABY", BORN(day)),
     ""},
    {"a name alone is no key", WHO("Chan", "Mei", .born = NULL), WHO("Chan", "Mei", .born = NULL),
     ""},
    {"half a name is no name", WHO("Chan", NULL, BORN(day)), WHO("Chan", NULL, BORN(day)), ""},
    {"another birthday", WHO("Chan", "Mei", BORN(day)), WHO("Chan", "Mei", BORN("2014-02-03")), ""},
    {"another name", WHO("Chan", "Mei", BORN(day)), WHO("Chan", "Li", BORN(day)), ""},
    {"parts that only run together alike", WHO("Ab", "C", BORN(day)), WHO("A", "Bc", BORN(day)),
     ""},
};

Test(match, the_same_person_and_nobody_else) {
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        _cleanup_(arena_freep) Arena *a = arena_new(MEMORY);
        cr_expect_str_eq(meet(a, &pairs[i].x, &pairs[i].y), pairs[i].meet, "%s", pairs[i].why);
        cr_expect_str_eq(meet(a, &pairs[i].y, &pairs[i].x), pairs[i].meet, "%s, turned round",
                         pairs[i].why);
    }
}

/* A mention with the numbers of two children would make one enquiry of two families. */
Test(match, two_different_numbers_tie_nobody) {
    _cleanup_(arena_freep) Arena *a = arena_new(MEMORY);
    const Described one = {.names = {{"Chan", "Mei", NULL}}, .born = "2017-05-05",
                           .scheme = "nhs_number", .number = "9993041785"};
    Value *both = person(a, &one);
    MatchKey *keys = NULL;
    size_t count = 0;
    Value *second = value_add_map(a, both, F_person_identifier);
    value_set_text(a, second, F_identifier_scheme, STR("nhs_number"));
    value_set_text(a, second, F_identifier_value, STR("999 304 1785"));
    value_set_text(a, second, F_identifier_check, STR("ok"));
    cr_assert_eq(match_keys(a, &index_key, both, &keys, &count), 0);
    cr_expect_eq(count, 3, "the same number twice is one number");
    Value *other = value_add_map(a, both, F_person_identifier);
    value_set_text(a, other, F_identifier_scheme, STR("nhs_number"));
    value_set_text(a, other, F_identifier_value, STR("9998061008"));
    value_set_text(a, other, F_identifier_check, STR("ok"));
    cr_assert_eq(match_keys(a, &index_key, both, &keys, &count), 0);
    cr_expect(count == 1 && strcmp(keys[0].kind, "name_dob") == 0);
}

/* A bomb of names and numbers costs no more than a family. */
Test(match, a_person_has_a_bounded_number_of_keys) {
    _cleanup_(arena_freep) Arena *a = arena_new(MEMORY);
    const Described one = {.born = "2017-05-05", .scheme = "nhs_number", .number = "9993041785"};
    Value *many = person(a, &one);
    MatchKey *keys = NULL;
    size_t count = 0;
    for (int i = 0; i < 250; i++) {
        Value *name = value_add_map(a, many, F_person_name);
        value_set_text(a, name, F_name_family, arena_printf(a, "Family%d", i));
        value_set_text(a, name, F_name_given, STR("Mei"));
    }
    cr_assert_eq(match_keys(a, &index_key, many, &keys, &count), 0);
    cr_expect_leq(count, 1 + 16 + 16);
}

Test(match, gives_no_key_twice) {
    _cleanup_(arena_freep) Arena *a = arena_new(MEMORY);
    Described d = {
        .names = {{.family = "Chan", .given = "Mei"}, {.family = "CHAN", .given = "Mei"}},
        BORN(day),
        NHS(mei_nhs)};
    MatchKey *keys;
    cr_expect_eq(keys_of(a, &d, &keys), 3);
}

Test(match, hashes_differ_under_another_index_key) {
    _cleanup_(arena_freep) Arena *a = arena_new(MEMORY);
    Key other = {.at = {8}};
    Hash one, two;
    Str part = STR("mei");
    cr_assert_eq(index_hash(a, &index_key, "use", &part, 1, &one), 0);
    cr_assert_eq(index_hash(a, &other, "use", &part, 1, &two), 0);
    cr_expect(!hash_eq(&one, &two));
}

Test(match, lists_that_join_alike_hash_differently) {
    _cleanup_(arena_freep) Arena *a = arena_new(MEMORY);
    Str one[] = {STR("ab"), STR("c")}, two[] = {STR("a"), STR("bc")};
    Hash h1, h2, h3;
    cr_assert_eq(index_hash(a, &index_key, "use", one, 2, &h1), 0);
    cr_assert_eq(index_hash(a, &index_key, "use", two, 2, &h2), 0);
    cr_assert_eq(index_hash(a, &index_key, "other", one, 2, &h3), 0);
    cr_expect(!hash_eq(&h1, &h2));
    cr_expect(!hash_eq(&h1, &h3), "uses are kept apart");
}

/* ---- ratings ------------------------------------------------------------------------- */

static void factor(Arena *a, Value *message, uint32_t key, const char *code) {
    Value *v = value_add_map(a, message, key);
    value_set_text(a, v, F_risk_factor_code, str_z(code));
}

/* A referral in which exactly this row of risk.def applies; `immediate` is set for the lane's row.
 */
static Value *referral_with(Arena *a, const char *row, bool situation, bool *immediate) {
    static const struct {
        const char *row;
        uint32_t key;
    } safety[] = {{"at_risk", F_immediate_safety_at_risk},
                  {"police_protection", F_immediate_safety_police_protection},
                  {"section_47", F_immediate_safety_section_47}};
    Value *r = value_map(a);
    *immediate = situation && strcmp(row, "immediate") == 0;
    if (!situation) factor(a, r, F_referral_risk_factor, row);
    if (situation && strcmp(row, "stat") == 0) {
        value_set_text(a, r, F_referral_priority, STR("stat"));
    }
    for (size_t i = 0; i < COUNT_OF(safety); i++) {
        if (!situation || strcmp(row, safety[i].row) != 0) continue;
        value_set_yes(a, value_set_map(a, r, F_referral_immediate_safety), safety[i].key, true);
    }
    return r;
}

Test(rate, every_row_alone_gives_its_rating) {
    RiskRow row;
    for (size_t i = 0; risk_row(i, &row); i++) {
        _cleanup_(arena_freep) Arena *a = arena_new(MEMORY);
        bool immediate;
        Suggestion s;
        Value *r = referral_with(a, row.name, row.situation, &immediate);
        rate_suggest(STRUCT_referral, r, immediate, &s);
        cr_expect_eq(s.rate, row.rate, "%s", row.name);
        cr_expect_eq(s.count, row.rate == RATE_green ? 0 : 1, "%s", row.name);
        if (s.count) cr_expect(str_is(s.reasons[0], row.name), "%s", row.name);
    }
}

Test(rate, every_risk_factor_of_the_code_list_has_one_row) {
    CodeList list;
    const char *code, *meaning;
    for (size_t i = 0; code_at(i, &list, &code, &meaning); i++) {
        if (list != LIST_risk_factor) continue;
        RiskRow row;
        size_t found = 0;
        for (size_t k = 0; risk_row(k, &row); k++)
            found += !row.situation && !strcmp(row.name, code);
        cr_expect_eq(found, 1, "%s", code);
    }
}

Test(rate, every_factor_row_is_in_the_code_list) {
    RiskRow row;
    for (size_t i = 0; risk_row(i, &row); i++) {
        cr_expect(row.situation || code_known(LIST_risk_factor, str_z(row.name)), "%s", row.name);
        cr_expect(strlen(row.why) > 0, "%s", row.name);
    }
}

/* What this table must say whatever else changes in it. */
static const struct {
    const char *row;
    bool situation;
    Rate rate;
} fixed[] = {
    {"police_protection", true, RATE_red},
    {"S46", false, RATE_red},
    {"at_risk", true, RATE_red},
    {"immediate", true, RATE_red},
    {"DX42", false, RATE_red},
    {"DASH_HIGH", false, RATE_red},
    {"11A", false, RATE_red},
    {"24A", false, RATE_red},
    {"19C", false, RATE_red},
    {"22A", false, RATE_red},
    {"INJURY", false, RATE_amber},
    {"DASH_MEDIUM", false, RATE_amber},
    {"3A", false, RATE_amber},
    {"3B", false, RATE_amber},
    {"16A", false, RATE_amber},
    {"10A", false, RATE_amber},
    {"stat", true, RATE_amber},
    {"1B", false, RATE_green},
};

Test(rate, police_protection_and_its_like_are_always_red) {
    for (size_t i = 0; i < COUNT_OF(fixed); i++) {
        _cleanup_(arena_freep) Arena *a = arena_new(MEMORY);
        bool immediate;
        Suggestion s;
        Value *r = referral_with(a, fixed[i].row, fixed[i].situation, &immediate);
        rate_suggest(STRUCT_referral, r, immediate, &s);
        cr_expect_eq(s.rate, fixed[i].rate, "%s", fixed[i].row);
    }
}

Test(rate, the_highest_row_decides_and_only_it_is_the_reason) {
    _cleanup_(arena_freep) Arena *a = arena_new(MEMORY);
    static const char *const orders[][4] = {{"16A", "19C", "3A", "19C"},
                                            {"19C", "16A", "19C", "3A"}};
    for (size_t o = 0; o < COUNT_OF(orders); o++) {
        Value *r = value_map(a);
        Suggestion s;
        for (size_t i = 0; i < 4; i++) factor(a, r, F_referral_risk_factor, orders[o][i]);
        rate_suggest(STRUCT_referral, r, false, &s);
        cr_expect_eq(s.rate, RATE_red);
        cr_assert_eq(s.count, 1);
        cr_expect(str_is(s.reasons[0], "19C"));
    }
}

Test(rate, an_answer_is_rated_by_its_factors) {
    _cleanup_(arena_freep) Arena *a = arena_new(MEMORY);
    Value *answer = value_map(a);
    Suggestion s;
    factor(a, answer, F_answer_risk_factor, "24A");
    rate_suggest(STRUCT_answer, answer, false, &s);
    cr_expect_eq(s.rate, RATE_red);
}

Test(rate, nothing_known_and_unknown_words_are_green) {
    _cleanup_(arena_freep) Arena *a = arena_new(MEMORY);
    Value *r = value_map(a);
    Suggestion s;
    factor(a, r, F_referral_risk_factor, "immediate"); /* a situation's name is no factor's code */
    rate_suggest(STRUCT_referral, r, false, &s);
    cr_expect_eq(s.rate, RATE_green);
    cr_expect_eq(s.count, 0);
}
