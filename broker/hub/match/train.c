/* The order of training; see train.h. */
#include "broker/hub/match/train.h"

#include "broker/base/err.h"

#include <math.h>

enum {
    RANDOM_PAIRS = 400000,
    RECALL_PERCENT = 70, /* of pairs of one person, how many agree on what lambda is counted by */
    PARTNERS_LEAST = 10, /* hundredths of a partner per arrival, whatever was counted */
    PARTNERS_MOST = 400,
    FAITH_U = 4000, /* pairs that the starting shares count for, beside those seen */
    FAITH_M = 40,
    FAITH_HOME = 60,
    PRIOR_MOST = 1000, /* where nobody shares a home with another */
    HOME_LEAST = 40,   /* pairs; fewer teach nothing about homes */
};

#define BIT(trait) (1U << TRAIT_##trait)

typedef struct Trainer {
    const Identity *people;
    size_t count;
    uint64_t seed;
    Table *counts;
    Shares shares;
} Trainer;

uint64_t random_next(uint64_t *state) {
    *state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t x = *state;
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

/* ---- how common each value is ---------------------------------------------------------------- */

static int value_count(Trainer *t, Trait f, uint64_t hash) {
    uint64_t *at = table_at(t->counts, hash);
    if (!at) return ERR_MEMORY;
    ++*at;
    t->shares.given[f]++;
    return 0;
}

static int values_count(Trainer *t) {
    int r = 0;
    for (size_t i = 0; r == 0 && i < t->count; i++) {
        const Identity *p = &t->people[i];
        for (int k = 0; r == 0 && k < p->count[TRAIT_forename]; k++)
            r = value_count(t, TRAIT_forename, p->forename[k].whole.hash);
        for (int k = 0; r == 0 && k < p->count[TRAIT_surname]; k++)
            r = value_count(t, TRAIT_surname, p->surname[k].whole.hash);
        for (int k = 0; r == 0 && k < p->count[TRAIT_postcode]; k++)
            r = value_count(t, TRAIT_postcode, p->postcode[k].hash);
        for (int k = 0; r == 0 && k < p->count[TRAIT_address]; k++)
            r = value_count(t, TRAIT_address, p->address[k].whole.hash);
        for (int k = 0; r == 0 && k < p->count[TRAIT_city]; k++)
            r = value_count(t, TRAIT_city, p->city[k].hash);
    }
    return r;
}

/* ---- what pairs are chosen by ---------------------------------------------------------------- */

static uint64_t birth_key(const Identity *p) {
    return p->count[TRAIT_birth] && p->birth->month ? p->birth->hash : 0;
}

static uint64_t name_key(const Identity *p) {
    if (!p->count[TRAIT_forename] || !p->count[TRAIT_surname]) return 0;
    return hash_join(p->forename->whole.hash, p->surname->whole.hash);
}

static uint64_t home_key(const Identity *p) {
    return p->count[TRAIT_address] ? p->address->whole.hash : 0;
}

static uint64_t sure_key(const Identity *p) {
    uint64_t name = name_key(p), birth = birth_key(p);
    return name && birth ? hash_join(name, birth) : 0;
}

/* ---- lambda ---------------------------------------------------------------------------------- */

/* Pairs that agree on full name and birth are taken for one person's; some of its pairs do not. */
static int partners_count(Trainer *t) {
    _cleanup_(table_freep) Table *seen = table_new();
    double pairs = 0;
    if (!seen) return ERR_MEMORY;
    for (size_t i = 0; i < t->count; i++) {
        uint64_t key = sure_key(&t->people[i]);
        uint64_t *at = key ? table_at(seen, key) : NULL;
        if (key && !at) return ERR_MEMORY;
        if (at) pairs += (double)(*at)++;
    }
    double each = t->count ? 200 * pairs / (double)t->count * 100 / RECALL_PERCENT : 0;
    uint64_t partners = each < PARTNERS_LEAST  ? PARTNERS_LEAST
                        : each > PARTNERS_MOST ? PARTNERS_MOST
                                               : (uint64_t)each;
    shares_start(t->count, partners, &t->shares);
    return 0;
}

/* ---- strangers ------------------------------------------------------------------------------- */

/* Shares within each trait, the start counting for `faith` pairs; swapped names keep theirs, which
 * are too rare to be counted. */
static void shares_of(const double *seen, double faith, uint64_t *shares) {
    double sum[TRAIT_COUNT] = {0};
    uint64_t start[LEVEL_COUNT];
    memcpy(start, shares, sizeof(start));
    for (int l = 0; l < LEVEL_COUNT; l++) sum[level_trait((Level)l)] += seen[l];
    for (int l = 0; l < LEVEL_COUNT; l++) {
        if (l == LEVEL_forename_swapped || l == LEVEL_surname_swapped) continue;
        double all = sum[level_trait((Level)l)] + faith;
        double share = (seen[l] + faith * (double)start[l] / (double)SHARE_ONE) / all;
        shares[l] = (uint64_t)(share * (double)SHARE_ONE + .5);
    }
}

/* Pairs that the starting model already takes for one person are left out: among few people, pairs
 * drawn at random hold some. */
static int strangers_learn(Trainer *t) {
    double seen[LEVEL_COUNT] = {0};
    _cleanup_(table_freep) Table *none = table_new();
    _cleanup_(model_freep) Model *start = none ? model_new(&t->shares, TAKE(none)) : NULL;
    if (!start) return ERR_MEMORY;
    for (size_t i = 0; t->count > 1 && i < RANDOM_PAIRS; i++) {
        const Identity *a = &t->people[random_next(&t->seed) % t->count];
        const Identity *b = &t->people[random_next(&t->seed) % t->count];
        Comparison c;
        Score s;
        if (a == b || score_reaches(start, a, b, 0, &c, &s)) continue;
        compare(a, b, &c);
        for (int f = 0; f < TRAIT_COUNT; f++) {
            if (c.level[f] != LEVEL_none) seen[c.level[f]]++;
        }
    }
    shares_of(seen, FAITH_U, t->shares.u[AGAINST_stranger]);
    return 0;
}

/* ---- one person, and homes ------------------------------------------------------------------- */

typedef struct Session {
    PairKey *key;
    unsigned blocked;
} Session;

static const Session sessions[] = {
    {birth_key, BIT(birth)},
    {name_key, BIT(forename) | BIT(surname)},
};

static int persons_learn(Trainer *t) {
    double seen[LEVEL_COUNT] = {0};
    for (size_t i = 0; i < COUNT_OF(sessions); i++) {
        _cleanup_(mem_freep) void *owned = NULL;
        double counts[LEVEL_COUNT];
        Pairs pairs = {0};
        int r = pairs_sharing(t->people, t->count, sessions[i].key, &t->seed, &pairs);
        owned = pairs.at;
        if (r < 0) return r;
        (void)pairs_learn(&pairs, sessions[i].blocked, &t->shares, AGAINST_stranger, false, counts);
        for (int l = 0; l < LEVEL_COUNT; l++) seen[l] += counts[l];
    }
    shares_of(seen, FAITH_M, t->shares.m);
    return 0;
}

/* Who shares an address is one person or a family: the same m, another u. */
static int homes_learn(Trainer *t) {
    const unsigned blocked = BIT(address) | BIT(postcode) | BIT(city);
    _cleanup_(mem_freep) void *owned = NULL;
    double seen[LEVEL_COUNT];
    Pairs pairs = {0};
    int r = pairs_sharing(t->people, t->count, home_key, &t->seed, &pairs);
    owned = pairs.at;
    if (r < 0 || pairs.count < HOME_LEAST) return r;
    double one = pairs_learn(&pairs, blocked, &t->shares, AGAINST_home, true, seen);
    shares_of(seen, FAITH_HOME, t->shares.u[AGAINST_home]);
    Bits prior = (Bits)lround(100 * log2(one / (1 - one)));
    Bits least = t->shares.prior[AGAINST_stranger];
    t->shares.prior[AGAINST_home] = prior > PRIOR_MOST ? PRIOR_MOST : prior < least ? least : prior;
    return 0;
}

int model_train(const Identity *people, size_t count, uint64_t number, uint64_t seed, Model **ret) {
    _cleanup_(table_freep) Table *counts = table_new();
    Trainer t = {.people = people, .count = count, .seed = seed, .counts = counts};
    if (!counts) return ERR_MEMORY;
    int r = partners_count(&t);
    if (r == 0) r = values_count(&t);
    if (r == 0) r = strangers_learn(&t);
    if (r == 0) r = persons_learn(&t);
    if (r == 0) r = homes_learn(&t);
    if (r < 0) return r;
    t.shares.number = number;
    *ret = model_new(&t.shares, TAKE(counts));
    return *ret ? 0 : ERR_MEMORY;
}
