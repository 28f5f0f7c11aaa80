/* A model out of a hub's own people, without anybody saying who is who: how often strangers agree
 * from pairs drawn at random, how often one person's descriptions do by expectation and
 * maximisation over pairs that agree on something else. The same people and seed give the same
 * model. Pure. */
#ifndef MASH_TRAIN_H
#define MASH_TRAIN_H

#include "broker/hub/match/model.h"

/* ERR_MEMORY. `number`: of the new model. */
int model_train(const Identity *people, size_t count, uint64_t number, uint64_t seed,
                Model **ret) _must_check_;

/* A small generator that is the same on every machine. */
uint64_t random_next(uint64_t *state);

/* ---- what it is made of: train_*.c ----------------------------------------------------------- */

typedef struct DrawnPair {
    uint8_t level[TRAIT_COUNT];
} DrawnPair;

typedef struct Pairs {
    DrawnPair *at;
    size_t count, cap;
} Pairs;

/* ERR_MEMORY. Pairs of people that share what `key` says (0: nothing); not all of a group that is
 * large. */
typedef uint64_t PairKey(const Identity *p);
int pairs_sharing(const Identity *people, size_t count, PairKey *key, uint64_t *seed,
                  Pairs *ret) _must_check_;

/* One session: which share of `pairs` is one person, and how often those stand at each level (or,
 * `of_others`: those that are not). Traits in `blocked` (bits) are what the pairs were chosen by
 * and tell nothing. `known` has the shares at the start; `ret` gets weighted counts by level. The
 * share of one person. */
double pairs_learn(const Pairs *pairs, unsigned blocked, const Shares *known, Against against,
                   bool of_others, double ret[LEVEL_COUNT]);

#endif
