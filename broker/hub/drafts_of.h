/* Between drafts.c and drafts_person.c only. */
#ifndef MASH_DRAFTS_OF_H
#define MASH_DRAFTS_OF_H

#include "broker/hub/drafts.h"

typedef struct Drafts {
    Arena *a;
    Draft *at;
    size_t count, cap;
    Str *hidden; /* folded addresses that are protected somewhere in the message */
    size_t hidden_count;
} Drafts;

/* A composed sentence about the person `about` (a ref, may be empty). No text adds nothing. */
void fact_add(Drafts *d, InfoClass class, Str about, Str text);
/* Before the first person_add of a referral. */
void places_learn(Drafts *d, const Value *referral);
void person_add(Drafts *d, const Value *referral, const Value *person);

/* The meaning of a code, or the code itself where its list gives none. */
Str meaning_of(CodeList list, Str code);
/* Both with `between`, or the one that is not empty. */
Str joined(Arena *a, Str have, const char *between, Str more);

#endif
