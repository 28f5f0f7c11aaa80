/* What an agency's people sign about themselves: one text for each act and no two acts with one. */
#include "schemas/people.h"

#include <criterion/criterion.h>

#define PUBLIC "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static Arena *arena;

static void setup(void) {
    arena = arena_new(1 << 20);
}

static void teardown(void) {
    arena_free(arena);
}

TestSuite(people, .init = setup, .fini = teardown);

static const PeopleAct acts[] = {
    {.agency = STR("fire"), .act = STR("enrol"), .public = STR(PUBLIC), .holder = STR("fire-head"),
     .until = STR("2027-11-28")},
    {.agency = STR("fire"), .act = STR("rotate"), .public = STR(PUBLIC), .holder = STR("fire-head"),
     .until = STR("2027-11-28"), .replaces = STR("0123456789abcdef")},
    {.agency = STR("fire"), .act = STR("revoke"), .key = STR("0123456789abcdef"),
     .reason = STR("left")},
    {.agency = STR("fire"), .act = STR("delegate"), .lead = STR("police"),
     .holder = STR("police-dpo"), .until = STR("2027-11-28"), .number = STR("2")},
    {.agency = STR("fire"), .act = STR("withdraw"), .number = STR("2")},
};
static const char *const names[] = {"agency", "act",      "key",    "public", "holder",
                                    "until",  "replaces", "reason", "lead",   "number"};

Test(people, signs_the_words_of_the_act_in_their_order) {
    Str text = people_message(arena, STR("live"), &acts[1]);
    cr_expect(str_is(text, "mash/1 people\nrealm live\nagency fire\nact rotate\npublic " PUBLIC
                           "\nholder fire-head\nuntil 2027-11-28\nreplaces 0123456789abcdef\n"));
    text = people_message(arena, STR("live"), &acts[3]);
    cr_expect(str_is(text, "mash/1 people\nrealm live\nagency fire\nact delegate\nholder police-dpo"
                           "\nuntil 2027-11-28\nlead police\nnumber 2\n"));
}

Test(people, every_act_says_all_its_words_and_no_other) {
    for (size_t i = 0; i < COUNT_OF(acts); i++) {
        cr_expect_null(people_fault(&acts[i]), "act %zu", i);
        for (size_t k = 0; k < COUNT_OF(names); k++) {
            PeopleAct act = acts[i];
            Str *word = people_word(&act, str_z(names[k]));
            cr_assert_not_null(word);
            *word = word->len ? (Str){0} : STR("2");
            cr_expect_str_eq(people_fault(&act), names[k], "act %zu, %s", i, names[k]);
            cr_expect_null(people_message(arena, STR("live"), &act).at);
        }
    }
    cr_expect_null(people_word(&(PeopleAct){0}, STR("realm")));
}

Test(people, a_word_is_one_word_in_its_form) {
    static const struct {
        size_t act;
        const char *name, *value;
    } wrong[] = {
        {0, "holder", "fire-head\nuntil 2099-01-01"}, {0, "holder", "fire head"},
        {0, "holder", "-head"},                       {0, "holder", "Head"},
        {0, "until", "2027-11-2"},                    {0, "until", "2027/11/28"},
        {0, "until", "28-11-2027"},                   {0, "public", "0011"},
        {0, "public", "00112233445566778899AABBCCDDEEFF00112233445566778899aabbccddeeff"},
        {1, "replaces", "0123456789abcdeg"},          {2, "key", "0123456789abcdef0"},
        {2, "reason", "tired"},                       {2, "reason", "rotated"},
        {3, "number", "0"},                           {3, "number", "02"},
        {3, "number", "99999999999"},                 {4, "act", "withdrawn"},
    };
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        PeopleAct act = acts[wrong[i].act];
        *people_word(&act, str_z(wrong[i].name)) = str_z(wrong[i].value);
        cr_expect_str_eq(people_fault(&act), wrong[i].name, "case %zu", i);
    }
}

Test(people, any_other_realm_or_word_is_another_text) {
    for (size_t i = 0; i < COUNT_OF(acts); i++) {
        Str one = people_message(arena, STR("live"), &acts[i]);
        cr_assert(one.len > 0);
        cr_expect(!str_eq(one, people_message(arena, STR("demonstration"), &acts[i])));
        for (size_t k = 0; k < i; k++) {
            cr_expect(!str_eq(one, people_message(arena, STR("live"), &acts[k])));
        }
    }
}

Test(people, a_public_half_is_read_from_its_file_or_alone) {
    cr_expect(str_is(public_hex(STR("ed25519-public " PUBLIC "\n")), PUBLIC));
    cr_expect(str_is(public_hex(STR(PUBLIC)), PUBLIC));
    cr_expect_null(public_hex(STR("ed25519-secret " PUBLIC "\n")).at);
    cr_expect_null(public_hex(STR("ed25519-public 00\n")).at);
    cr_expect_null(public_hex(STR("")).at);
}
