/* See link_kit.h. */
#include "tests/unit/link_kit.h"

#include "broker/hub/match/train.h"

#include <criterion/criterion.h>

static const Trait order[] = {TRAIT_forename, TRAIT_surname, TRAIT_birth, TRAIT_sex,
                              TRAIT_postcode, TRAIT_address, TRAIT_nhs};

Identity link_person(Arena *a, const char *line) {
    Described d = {0};
    Identity p;
    Str rest = str_z(line), cell, value;
    for (size_t i = 0; i < COUNT_OF(order) && str_split(&rest, ';', &cell); i++) {
        while (str_split(&cell, '|', &value)) described_add(&d, order[i], str_trim(value));
    }
    cr_assert_eq(identity_make(a, &d, &p), 0);
    return p;
}

Model *link_model(uint64_t people) {
    Shares shares;
    shares_start(people, 100, &shares);
    Table *counts = table_new();
    cr_assert(counts);
    Model *m = model_new(&shares, counts);
    cr_assert(m);
    return m;
}

static Str made_name(Arena *a, uint64_t n) {
    static const char *const parts[] = {"ab", "bel", "cor", "dan", "ev", "fay", "gil", "hol",
                                        "im", "jo",  "kal", "lor", "mi", "nev", "os",  "pim"};
    return arena_printf(a, "%s%s%s", parts[n % 16], parts[n / 16 % 16], parts[n / 256 % 16]);
}

Identity *link_crowd(Arena *a, size_t count, uint64_t seed, bool same) {
    Identity *people = arena_array(a, count, sizeof(Identity));
    for (size_t i = 0; i < count; i++) {
        Str line = arena_printf(
            a, "%s;%s;%d%s;%s;zq%d %dab;%d %s road;", made_name(a, random_next(&seed)).at,
            same ? "smith" : made_name(a, random_next(&seed)).at,
            same ? 2015 : (int)(1950 + random_next(&seed) % 70),
            same ? "-01-01"
                 : arena_printf(a, "%02d%02d", (int)(2 + random_next(&seed) % 11),
                                (int)(1 + random_next(&seed) % 28))
                       .at,
            random_next(&seed) % 2 ? "f" : "m", (int)(random_next(&seed) % 90 + 1),
            (int)(random_next(&seed) % 10), (int)(random_next(&seed) % 200 + 1),
            made_name(a, random_next(&seed)).at);
        people[i] = link_person(a, line.at);
    }
    return people;
}
