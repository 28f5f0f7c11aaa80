/* Two identities side by side: one level a trait, the best over all of their values. Pure. */
#ifndef MASH_COMPARE_H
#define MASH_COMPARE_H

#include "broker/hub/match/identity.h"

typedef enum Level {
#define TRAIT(name, title, rare)
#define LEVEL(trait, name, m, u, home, least, most, sentence) LEVEL_##trait##_##name,
#include "broker/hub/match/levels.def"
#undef TRAIT
#undef LEVEL
    LEVEL_COUNT,
    LEVEL_none = LEVEL_COUNT, /* not given on one side: says nothing */
} Level;

typedef struct Comparison {
    uint8_t level[TRAIT_COUNT];
    uint8_t ways[TRAIT_COUNT];                    /* pairs of values that were tried */
    uint8_t of_a[TRAIT_COUNT], of_b[TRAIT_COUNT]; /* which values stand at that level */
    bool home; /* may live together: an address, or postcode and surname */
} Comparison;

/* In two steps, so that a pair that is nobody's can be given up after the first: what is quick and
 * says most (numbers, birth, names, sex), then places and `home`. */
void compare_person(const Identity *a, const Identity *b, Comparison *ret);
void compare_places(const Identity *a, const Identity *b, Comparison *ret);
void compare(const Identity *a, const Identity *b, Comparison *ret);

#endif
