/* The table of levels, read as C; see levels.def and model.h. */
#include "broker/hub/match/model.h"

#include <math.h>

typedef struct TraitRow {
    const char *name, *title;
    bool rare;
} TraitRow;

typedef struct LevelRow {
    Trait trait;
    const char *name, *sentence;
    double m, u, home; /* hundredths */
    Bits least, most;
} LevelRow;

static const TraitRow traits[] = {
#define TRAIT(name, title, rare) {#name, title, rare},
#define LEVEL(trait, name, m, u, home, least, most, sentence)
#include "broker/hub/match/levels.def"
#undef TRAIT
#undef LEVEL
};

static const LevelRow levels[] = {
#define TRAIT(name, title, rare)
#define LEVEL(trait, name, m, u, home, least, most, sentence) \
    {TRAIT_##trait, #name, sentence, m, u, home, (least)*100, (most)*100},
#include "broker/hub/match/levels.def"
#undef TRAIT
#undef LEVEL
};

const char *trait_name(Trait f) {
    return traits[f].name;
}

const char *trait_title(Trait f) {
    return traits[f].title;
}

bool trait_rare(Trait f) {
    return traits[f].rare;
}

const char *level_name(Level l) {
    return levels[l].name;
}

const char *level_sentence(Level l) {
    return l == LEVEL_none ? "not given" : levels[l].sentence;
}

Trait level_trait(Level l) {
    return levels[l].trait;
}

Bits level_least(Level l) {
    return levels[l].least;
}

Bits level_most(Level l) {
    return levels[l].most;
}

static uint64_t share(double hundredths) {
    return (uint64_t)(hundredths * (double)(SHARE_ONE / 100) + .5);
}

/* Each arrival has `partners` / 100 partners among `people`. */
static Bits prior_bits(uint64_t people, uint64_t partners) {
    double odds = (double)partners / 100 / (double)(people ? people : 1);
    return (Bits)(odds < 1 ? lround(100 * log2(odds)) : 0);
}

void shares_start(uint64_t people, uint64_t partners, Shares *ret) {
    *ret = (Shares){.number = 1, .people = people};
    ret->prior[AGAINST_stranger] = prior_bits(people, partners ? partners : 1);
    ret->prior[AGAINST_home] = -200;
    for (int l = 0; l < LEVEL_COUNT; l++) {
        ret->m[l] = share(levels[l].m);
        ret->u[AGAINST_stranger][l] = share(levels[l].u);
        ret->u[AGAINST_home][l] = share(levels[l].home);
    }
}
