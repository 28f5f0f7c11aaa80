/* What agreement is worth: a numbered set of frequencies, and the score that follows from it.
 *
 * A score is the log2 of the odds that two descriptions are of one person, in hundredths of a bit,
 * whole numbers: the prior and one bar a trait, which add up to it exactly. It is told against two
 * others whom they might be instead, a stranger and, where the two may live together, another
 * member of the same home (whose family name and address are the same anyway); the smaller one
 * counts, and the score says which. Immutable once made. Pure. */
#ifndef MASH_MODEL_H
#define MASH_MODEL_H

#include "broker/hub/match/compare.h"
#include "broker/hub/match/table.h"

#include <stdio.h>

typedef int32_t Bits; /* hundredths of a bit */

typedef enum Against { AGAINST_stranger, AGAINST_home, AGAINST_COUNT } Against;

/* What is counted, stored and read again. Shares are in parts of a million million, so that text
 * and memory say the same. */
typedef struct Shares {
    uint64_t number; /* of the model */
    uint64_t people; /* descriptions it was trained on */
    Bits prior[AGAINST_COUNT];
    uint64_t m[LEVEL_COUNT];                /* among pairs that are one person */
    uint64_t u[AGAINST_COUNT][LEVEL_COUNT]; /* among those that are not */
    uint64_t given[TRAIT_COUNT];            /* values there were, of traits where rarity counts */
} Shares;

#define SHARE_ONE UINT64_C(1000000000000)

typedef struct Model {
    Shares shares;
    Bits weight[AGAINST_COUNT][LEVEL_COUNT];
    Bits usual[TRAIT_COUNT];  /* the surprise of an average value */
    Bits rarest[TRAIT_COUNT]; /* of a value that occurs once, or never */
    Table *counts;            /* how often a value occurs: by Text.hash; owned */
} Model;

typedef struct Score {
    Bits total, prior;
    Bits bar[TRAIT_COUNT];
    Bits rare[TRAIT_COUNT]; /* the part of the bar that comes from how rare the value is */
    Against against;        /* which of the two decided */
    bool slip; /* one given name is the other misspelt: a letter off, and hardly anybody's name */
} Score;

/* What a new hub starts with: levels.def, and a prior for `people` descriptions of which each has
 * `partners` hundredths of an earlier one. */
void shares_start(uint64_t people, uint64_t partners, Shares *ret);

/* Takes `counts` over. NULL: no memory. */
Model *model_new(const Shares *shares, Table *counts);
void model_free(Model *m);
DEFINE_FREEP(Model, model_free)

void score(const Model *m, const Identity *a, const Identity *b, const Comparison *c, Score *ret);

/* Compares and scores; false, early, when the pair cannot reach `least`. */
bool score_reaches(const Model *m, const Identity *a, const Identity *b, Bits least, Comparison *c,
                   Score *ret);

/* A model as text, a line a number. model_read: ERR_FILE when it is none, or not whole. */
int model_write(const Model *m, FILE *out) _must_check_;
int model_read(FILE *in, Model **ret) _must_check_;

/* ---- names of things, for explanations and for the text -------------------------------------- */

const char *trait_name(Trait f);
const char *trait_title(Trait f);
const char *level_name(Level l);
const char *level_sentence(Level l); /* "day and month exchanged" */
Trait level_trait(Level l);
bool trait_rare(Trait f);
Bits level_least(Level l); /* the weight never leaves these two */
Bits level_most(Level l);

#endif
