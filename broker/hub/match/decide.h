/* From scores to one of three words: the same person (`auto`), a person must look (`review`), or
 * nobody who is known (`new`). A machine says `auto` only when the score is high, the guards hold
 * and nobody else comes near. Pure. */
#ifndef MASH_LINK_DECIDE_H
#define MASH_LINK_DECIDE_H

#include "broker/hub/match/model.h"

typedef enum Band { BAND_auto, BAND_review, BAND_new } Band;

/* Why it is not `auto`; the first that holds. */
#define WHYS(W)                                                                    \
    W(clear, "nothing is against it")                                              \
    W(nobody, "nobody who is known comes near")                                    \
    W(low, "the score is not high enough for a machine")                           \
    W(thin, "a given name and a birth date, or a valid number, do not support it") \
    W(number, "two valid numbers contradict each other")                           \
    W(contradiction, "another description of that person contradicts it")          \
    W(family, "may be a twin, or a parent of the same name")                       \
    W(twin, "two people of that birth date are known at that address")             \
    W(close, "too close to call: another person is nearly as likely")

typedef enum Why {
#define W(name, sentence) WHY_##name,
    WHYS(W)
#undef W
        WHY_COUNT
} Why;

typedef struct Preset {
    const char *name;
    Bits automatic, review; /* from these on */
    Bits margin;            /* by which the best must lead */
    bool strict; /* the very given name or the very birth date, and no second of that birth */
} Preset;

const Preset *preset_find(const char *name); /* "cautious", "balanced"; NULL: none */

/* Somebody who is known: the best of her descriptions beside the one that arrived. */
typedef struct Candidate {
    uint32_t mention, person;
    Comparison c;
    Score s;
    bool contradicted; /* by another of her descriptions; asked only of the best */
    bool same_as_best; /* would itself be joined to the best: she is known twice */
} Candidate;

typedef struct Decision {
    Band band;
    Why why;
} Decision;

/* Do two descriptions exclude each other: another valid number, or quite another birth date? */
bool contradicts(const Comparison *c);

/* Would this pair be `auto`, were nobody else there? WHY_clear: yes. */
Why guard(const Preset *preset, const Comparison *c, const Score *s);

/* The best first; one a person. */
Decision link_decide(const Preset *preset, const Candidate *at, size_t count);

const char *band_name(Band b);
const char *why_sentence(Why w);

#endif
