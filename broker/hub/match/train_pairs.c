/* Pairs to learn from, and learning from them; see train.h. */
#include "broker/base/err.h"
#include "broker/hub/match/train.h"

#include <math.h>

enum {
    GROUP_MOST = 12, /* people of a group that are paired with each newcomer */
    PAIRS_MOST = 300000,
    ROUNDS = 25,
};

/* ---- choosing -------------------------------------------------------------------------------- */

static int pair_add(Pairs *pairs, const Identity *a, const Identity *b) {
    Comparison c;
    if (pairs->count == pairs->cap) {
        size_t cap = pairs->cap ? 2 * pairs->cap : 4096;
        DrawnPair *more = reallocarray(pairs->at, cap, sizeof(DrawnPair));
        if (!more) return ERR_MEMORY;
        pairs->at = more;
        pairs->cap = cap;
    }
    compare(a, b, &c);
    memcpy(pairs->at[pairs->count++].level, c.level, sizeof(c.level));
    return 0;
}

/* The last of each group, counted from 1, and before each the one before. A walk over the first
 * PAIRS_MOST pairs from a random place is as good as any. */
int pairs_sharing(const Identity *people, size_t count, PairKey *key, uint64_t *seed, Pairs *ret) {
    _cleanup_(table_freep) Table *last = table_new();
    _cleanup_(mem_freep) size_t *before = calloc(count + 1, sizeof(size_t));
    size_t start = count ? (size_t)(random_next(seed) % count) : 0;
    int r = last && before ? 0 : ERR_MEMORY;
    for (size_t n = 0; r == 0 && n < count && ret->count < PAIRS_MOST; n++) {
        size_t i = (start + n) % count;
        uint64_t hash = key(&people[i]);
        if (hash == 0) continue;
        uint64_t *at = table_at(last, hash);
        if (!at) return ERR_MEMORY;
        before[i] = (size_t)*at;
        *at = i + 1;
        size_t other = before[i];
        for (int k = 0; r == 0 && other && k < GROUP_MOST; k++, other = before[other - 1]) {
            r = pair_add(ret, &people[i], &people[other - 1]);
        }
    }
    return r;
}

/* ---- learning -------------------------------------------------------------------------------- */

typedef struct Learner {
    const Pairs *pairs;
    double m[LEVEL_COUNT], u[LEVEL_COUNT]; /* shares; equal where nothing is told */
    double m0[LEVEL_COUNT], u0[LEVEL_COUNT];
    double one; /* share of pairs that are one person */
    bool of_others;
} Learner;

enum { FAITH = 20 };

/* Counts each pair at its levels, as one person (or as others) as far as it is likely. */
static double expect(const Learner *l, double seen[LEVEL_COUNT]) {
    double ratio[LEVEL_COUNT + 1], sum = 0;
    for (int i = 0; i < LEVEL_COUNT; i++) {
        ratio[i] = l->m[i] / l->u[i];
        seen[i] = 0;
    }
    ratio[LEVEL_none] = 1;
    for (size_t p = 0; p < l->pairs->count; p++) {
        const DrawnPair *pair = &l->pairs->at[p];
        double odds = l->one / (1 - l->one);
        for (int f = 0; f < TRAIT_COUNT; f++) odds *= ratio[pair->level[f]];
        double likely = odds / (1 + odds);
        sum += likely;
        for (int f = 0; f < TRAIT_COUNT; f++) {
            if (pair->level[f] == LEVEL_none) continue;
            seen[pair->level[f]] += l->of_others ? 1 - likely : likely;
        }
    }
    return sum;
}

static void maximise(Learner *l, const double seen[LEVEL_COUNT], unsigned blocked) {
    double *to = l->of_others ? l->u : l->m, sum[TRAIT_COUNT] = {0};
    const double *start = l->of_others ? l->u0 : l->m0;
    for (int i = 0; i < LEVEL_COUNT; i++) sum[level_trait((Level)i)] += seen[i];
    for (int i = 0; i < LEVEL_COUNT; i++) {
        Trait f = level_trait((Level)i);
        bool swapped = i == LEVEL_forename_swapped || i == LEVEL_surname_swapped;
        if (blocked & 1U << f || swapped) continue;
        to[i] = (seen[i] + FAITH * start[i]) / (sum[f] + FAITH);
        if (to[i] < 1e-7) to[i] = 1e-7;
    }
}

double pairs_learn(const Pairs *pairs, unsigned blocked, const Shares *known, Against against,
                   bool of_others, double ret[LEVEL_COUNT]) {
    Learner l = {.pairs = pairs, .one = .3, .of_others = of_others};
    for (int i = 0; i < LEVEL_COUNT; i++) {
        bool told = !(blocked & 1U << level_trait((Level)i));
        uint64_t u = known->u[against][i] ? known->u[against][i] : 1;
        l.m[i] = l.m0[i] = told ? (double)known->m[i] / (double)SHARE_ONE : 1;
        l.u[i] = l.u0[i] = told ? (double)u / (double)SHARE_ONE : 1;
    }
    for (int round = 0; round < ROUNDS; round++) {
        double sum = expect(&l, ret);
        l.one = (sum + .5) / ((double)pairs->count + 1);
        if (l.one > .999) l.one = .999;
        maximise(&l, ret, blocked);
    }
    (void)expect(&l, ret);
    for (int i = 0; i < LEVEL_COUNT; i++) {
        if (blocked & 1U << level_trait((Level)i)) ret[i] = 0;
    }
    return l.one;
}
