/* What two policies say differently, as few boxes: a box is the same change for every combination
 * of some recipients, purposes, days, ratings, tiers and forms of an item. Every case that differs
 * is in exactly one. */
#ifndef MASH_POLICY_BOXES_H
#define MASH_POLICY_BOXES_H

#include "broker/release/domain.h"

/* A verdict as two policies may differ in it. */
typedef struct Told {
    VerdictKind kind;
    bool signposts;
} Told;

enum {
    DIM_recipient,
    DIM_purpose,
    DIM_day,
    DIM_rating,
    DIM_tier,
    DIM_summary,
    DIM_free_text,
    DIM_authorised,
    DIM_desk,
    DIMS
};

typedef struct Box {
    bool classes[CLASS_COUNT];
    Told was, now;
    bool *in[DIMS]; /* in[d][i]: the i-th value of that dimension belongs to it */
    uint64_t cases; /* of all its classes */
} Box;

typedef struct Boxes {
    const Domain *domain;
    size_t sizes[DIMS];
    Box *at;
    size_t count;
    uint64_t cases; /* all that were compared */
} Boxes;

/* All cases of `d` are tried. ERR_MEMORY, also when they are too many to keep. */
int boxes_compare(Arena *a, const Domain *d, const Policy *old, const Policy *new,
                  Boxes *ret) _must_check_;

#endif
