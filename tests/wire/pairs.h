/* Two enquiries that agree in all that may leave and differ in all else, as the messages that make
 * them: each about a child of its own, whose names are as long as the other's. */
#ifndef MASH_WIRE_PAIRS_H
#define MASH_WIRE_PAIRS_H

#include "tests/properties/world.h"
#include "tests/wire/played.h"

typedef enum Side { SIDE_police, SIDE_health, SIDE_social_care, SIDE_education, SIDES } Side;
extern const char *const side_code[SIDES];

/* One enquiry: what each agency says of its child (frame {0}: nothing). */
typedef struct Case {
    Str given, family;
    SubmissionEntry said[SIDES];
    SubmissionEntry silenced; /* a choice for what social care said, as its two people signed it */
    bool silent_side;         /* social care says something, and wants none of it to show */
} Case;

typedef struct Pair {
    Str rating, purpose;
    Case at[2];
} Pair;

/* The keys of the two people of social care who endorse its choices; loaded from the hub's folder.
 */
typedef struct Endorsers {
    Key secret[2];
    char id[2][KEY_ID_LEN + 1];
} Endorsers;
void endorsers_load(Endorsers *e);

Pair pair_new(Arena *a, Dice *d, uint64_t number, const Endorsers *e);

#endif
