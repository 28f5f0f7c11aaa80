/* Who is known, and what becomes of who arrives: persons as sets of descriptions, in memory. A
 * description joins at most one person, and the machine never joins two persons: whoever is known
 * twice stays so until somebody says it. Pure. */
#ifndef MASH_KNOWN_H
#define MASH_KNOWN_H

#include "broker/hub/match/decide.h"
#include "broker/hub/match/index.h"

enum { CANDIDATES_SHOWN = 5 };

typedef struct Known Known;

/* Every pair that was scored, `mention` being the earlier one. */
typedef void ScoredFn(void *ctx, uint32_t arrived, uint32_t mention, const Score *s);

typedef struct Arrival {
    Decision decision;
    Candidate best[CANDIDATES_SHOWN]; /* one a person, the most likely first */
    size_t count;
} Arrival;

/* Borrows all three. `told` may be NULL. NULL: no memory. */
Known *known_new(const Model *model, const Preset *preset, const Identity *identities,
                 ScoredFn *told, void *ctx);
void known_free(Known *p);
DEFINE_FREEP(Known, known_free)

/* The next of `identities` arrives, is decided upon, and is known from now on. ERR_MEMORY. */
int known_arrive(Known *p, Arrival *ret) _must_check_;

/* The first description of the person that this one belongs to. */
uint32_t known_person(const Known *p, uint32_t mention);
uint64_t known_pairs(const Known *p); /* compared so far */
const Index *known_index(const Known *p);

#endif
