/* The level of each trait; see compare.h and, for what the levels mean, levels.def. */
#include "broker/hub/match/compare.h"

enum {
    CLOSE = 920, /* Jaro-Winkler, thousandths */
    SOMEWHAT = 880,
    ALIKE = 750,
    ADDRESS_ALIKE = 840,
    PART_LEAST = 3, /* letters: "o" of "o dowd" is no name */
};

/* ---- one value against another --------------------------------------------------------------- */

static bool part_equal(const Name *a, const Name *b) {
    if (a->parts == 1 && b->parts == 1) return false;
    for (int i = 0; i < a->parts; i++) {
        for (int j = 0; j < b->parts; j++) {
            Str part = name_part(a, i);
            if (part.len >= PART_LEAST && str_eq(part, name_part(b, j))) return true;
        }
    }
    return false;
}

static bool shortened(Str a, Str b) {
    return a.len < b.len ? a.len >= PART_LEAST && str_starts(b, a)
                         : b.len >= PART_LEAST && str_starts(a, b);
}

/* Jaro-Winkler, or 0 where the letters that only one of them has keep it below what counts. */
static int names_alike(const Name *a, const Name *b) {
    int la = (int)a->whole.text.len, lb = (int)b->whole.text.len;
    int met_a = la - __builtin_popcount(a->letters & ~b->letters);
    int met_b = lb - __builtin_popcount(b->letters & ~a->letters);
    int met = met_a < met_b ? met_a : met_b;
    int jaro = (1000 * met / la + 1000 * met / lb + 1000) / 3 + 1;
    int begin = a->whole.text.at[0] == b->whole.text.at[0] ? (1000 - jaro) * 4 / 10 : 0;
    if (met <= 0 || jaro + begin < ALIKE) return 0;
    return jaro_winkler(a->whole.text, b->whole.text);
}

static bool begin_same(const Name *a, const Name *b) {
    return a->whole.text.at[0] == b->whole.text.at[0];
}

static Level forename_level(const Name *a, const Name *b) {
    if (a->whole.hash == b->whole.hash) return LEVEL_forename_exact;
    int alike = names_alike(a, b);
    if (alike >= CLOSE) return LEVEL_forename_close;
    bool nick = nick_of(name_part(a, 0), a->nicks, name_part(b, 0), b->nicks);
    bool called =
        (nick && begin_same(a, b)) || shortened(a->whole.text, b->whole.text) || part_equal(a, b);
    if (called) return LEVEL_forename_called;
    if (nick || alike >= SOMEWHAT) return LEVEL_forename_similar;
    return alike >= ALIKE ? LEVEL_forename_alike : LEVEL_forename_other;
}

static Level surname_level(const Name *a, const Name *b) {
    if (a->whole.hash == b->whole.hash) return LEVEL_surname_exact;
    int alike = names_alike(a, b);
    if (alike >= CLOSE) return LEVEL_surname_close;
    if (alike >= SOMEWHAT || part_equal(a, b)) return LEVEL_surname_part;
    return alike >= ALIKE ? LEVEL_surname_alike : LEVEL_surname_other;
}

/* Digits in the same place that differ; `*ret_exchanged`: two neighbours, exchanged. */
static int digits_differ(const Birth *a, const Birth *b, bool *ret_exchanged) {
    int count = 0, last = 0;
    *ret_exchanged = false;
    for (int i = 0; i < 8; i++) {
        if (a->digits[i] == b->digits[i]) continue;
        bool crossed =
            i > 0 && a->digits[i] == b->digits[i - 1] && a->digits[i - 1] == b->digits[i];
        *ret_exchanged = count == 1 && last == i - 1 && crossed;
        last = i;
        count++;
    }
    *ret_exchanged = *ret_exchanged && count == 2;
    return count;
}

static Level birth_level(const Birth *a, const Birth *b) {
    bool exchanged, same_year = a->year == b->year, days = a->month && b->month;
    if (!days) return same_year ? LEVEL_birth_year_only : LEVEL_birth_other;
    if (a->hash == b->hash) return LEVEL_birth_exact;
    if (same_year && a->day == b->month && a->month == b->day) return LEVEL_birth_swapped;
    int differ = digits_differ(a, b, &exchanged);
    if (differ == 1 || exchanged) return LEVEL_birth_one_edit;
    Str text_a = {.at = a->digits, .len = 8}, text_b = {.at = b->digits, .len = 8};
    if (differ == 2 || (differ <= 4 && edits(text_a, text_b, 2) <= 2)) return LEVEL_birth_two_edits;
    return same_year ? LEVEL_birth_same_year : LEVEL_birth_other;
}

static Level postcode_level(const Text *a, const Text *b) {
    if (a->hash == b->hash) return LEVEL_postcode_exact;
    if (edits(a->text, b->text, 1) <= 1) return LEVEL_postcode_close;
    size_t sector = a->text.len - 2;
    bool same = a->text.len > 3 && b->text.len == a->text.len &&
                memcmp(a->text.at, b->text.at, sector) == 0;
    return same ? LEVEL_postcode_sector : LEVEL_postcode_other;
}

static Level city_level(const Text *a, const Text *b) {
    if (a->hash == b->hash) return LEVEL_city_exact;
    return jaro_winkler(a->text, b->text) >= SOMEWHAT ? LEVEL_city_close : LEVEL_city_other;
}

static Level address_level(const Address *a, const Address *b) {
    if (a->whole.hash == b->whole.hash) return LEVEL_address_exact;
    Str number_a = {.at = a->whole.text.at, .len = a->number_len};
    Str number_b = {.at = b->whole.text.at, .len = b->number_len};
    int alike = jaro_winkler(a->whole.text, b->whole.text);
    if (alike >= CLOSE && str_eq(number_a, number_b)) return LEVEL_address_close;
    bool street = a->street && a->street == b->street;
    bool no_number = !number_a.len || !number_b.len || edits(number_a, number_b, 1) <= 1;
    if (alike >= ADDRESS_ALIKE || (street && no_number)) return LEVEL_address_alike;
    return LEVEL_address_other;
}

static Level nhs_level(const Text *a, const Text *b) {
    if (a->hash == b->hash) return LEVEL_nhs_exact;
    return edits(a->text, b->text, 1) <= 1 ? LEVEL_nhs_one_edit : LEVEL_nhs_other;
}

static Level upn_level(const Text *a, const Text *b) {
    if (a->hash == b->hash) return LEVEL_upn_exact;
    return edits(a->text, b->text, 1) <= 1 ? LEVEL_upn_one_edit : LEVEL_upn_other;
}

/* ---- the best over all values ---------------------------------------------------------------- */

/* Earlier in levels.def is better. */
static void keep_best(Comparison *c, Trait trait, Level level, int i, int j) {
    c->ways[trait]++;
    if (level >= c->level[trait]) return;
    c->level[trait] = (uint8_t)level;
    c->of_a[trait] = (uint8_t)i;
    c->of_b[trait] = (uint8_t)j;
}

#define BEST(trait)                                                      \
    do {                                                                 \
        c->level[TRAIT_##trait] = LEVEL_none;                            \
        for (int i = 0; i < a->count[TRAIT_##trait]; i++) {              \
            for (int j = 0; j < b->count[TRAIT_##trait]; j++) {          \
                Level level = trait##_level(&a->trait[i], &b->trait[j]); \
                keep_best(c, TRAIT_##trait, level, i, j);                \
            }                                                            \
        }                                                                \
    } while (0)

static bool crosswise(const Name *forename, const Name *surname, int least) {
    return jaro_winkler(forename->whole.text, surname->whole.text) >= least;
}

static bool sound_same(const Name *a, const Name *b) {
    return a->sound[PARTS_MOST] == b->sound[PARTS_MOST];
}

/* Family name first, in one of the two. Looked for only where the names do not fit as they stand,
 * and, because that is most pairs, only where sounds or initials say that it may be worth it. */
static void swapped_names(const Identity *a, const Identity *b, Comparison *c) {
    const Name *fa = a->count[TRAIT_forename] ? a->forename : NULL;
    const Name *fb = b->count[TRAIT_forename] ? b->forename : NULL;
    const Name *sa = a->count[TRAIT_surname] ? a->surname : NULL;
    const Name *sb = b->count[TRAIT_surname] ? b->surname : NULL;
    if (c->level[TRAIT_forename] < LEVEL_forename_swapped) return;
    if (c->level[TRAIT_surname] < LEVEL_surname_swapped) return;
    bool there = fa && sb && sound_same(fa, sb) && crosswise(fa, sb, CLOSE);
    bool back = fb && sa && sound_same(fb, sa) && crosswise(fb, sa, CLOSE);
    bool begin = fa && fb && sa && sb && begin_same(fa, sb) && begin_same(fb, sa);
    if (!there && !back && !begin) return;
    bool both = fa && fb && sa && sb && crosswise(fa, sb, SOMEWHAT) && crosswise(fb, sa, SOMEWHAT);
    if (!both && !there && !back) return;
    c->level[TRAIT_forename] = both ? LEVEL_forename_swapped : LEVEL_forename_crossed;
    c->of_a[TRAIT_forename] = c->of_b[TRAIT_forename] = 0;
    if (!both) return;
    c->level[TRAIT_surname] = LEVEL_surname_swapped;
    c->of_a[TRAIT_surname] = c->of_b[TRAIT_surname] = 0;
}

void compare_person(const Identity *a, const Identity *b, Comparison *c) {
    *c = (Comparison){0};
    BEST(nhs);
    BEST(upn);
    BEST(birth);
    BEST(forename);
    BEST(surname);
    swapped_names(a, b, c);
    c->level[TRAIT_sex] = LEVEL_none;
    if (a->sex && b->sex) {
        c->level[TRAIT_sex] = a->sex == b->sex ? LEVEL_sex_same : LEVEL_sex_other;
        c->ways[TRAIT_sex] = 1;
    }
}

void compare_places(const Identity *a, const Identity *b, Comparison *c) {
    BEST(postcode);
    BEST(address);
    BEST(city);
    bool address = c->level[TRAIT_address] <= LEVEL_address_close;
    bool family = c->level[TRAIT_surname] < LEVEL_surname_swapped;
    c->home = address || (family && c->level[TRAIT_postcode] == LEVEL_postcode_exact);
}

void compare(const Identity *a, const Identity *b, Comparison *ret) {
    compare_person(a, b, ret);
    compare_places(a, b, ret);
}
