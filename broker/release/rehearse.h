/* A new text tried on what was decided before: what would have left of an item, had these been its
 * owner's rules. Asked of the same engine with what it was told then. What was found in the words
 * themselves is not looked at again: nothing here is opened. */
#ifndef MASH_REHEARSE_H
#define MASH_REHEARSE_H

#include "broker/release/redact.h"

typedef struct Past {
    Question asked; /* as the rules were told it; authorised: the owner's word counted */
    VerdictKind then;
    KeptBy kept;
    bool emergency; /* lapsed rules counted (lapsed.h) */
} Past;

typedef enum Rehearsed {
    REHEARSED_same,
    REHEARSED_withheld, /* it left, and would stay */
    REHEARSED_released, /* it stayed, and would leave */
    REHEARSED_lesser,   /* it would leave in a lesser form */
    REHEARSED_fuller,
    REHEARSED_signposted, /* it would stay as before, but for the signpost that comes */
    REHEARSED_silenced,   /* or goes */
    REHEARSED_COUNT
} Rehearsed;

typedef struct Replay {
    VerdictKind now;
    const Rule *rule; /* NULL when none decides */
    const char *reason;
    Rehearsed change;
} Replay;

/* What only lacks its owner's word stays silent, as in redact. An item that the rules have no say
 * in is the same; one whose words name somebody leaves no fuller than it could then, and not at all
 * when they kept it in. ERR_MEMORY. */
int rehearse_item(Arena *a, const Policy *policy, const Past *past, Replay *ret) _must_check_;

#endif
