/* From the leaves alone: was everything that was taken in worked on? A message is taken in by
 * `accept`, or by a person's `replay` or `mend` of one set aside; the hub ends that by `process`,
 * `answer` or `quarantine`. The database's work lists and states are believed nowhere (R1). */
#ifndef MASH_WORKED_H
#define MASH_WORKED_H

#include "broker/base/id.h"
#include "broker/base/str.h"

enum { WORKED_WITHIN_S = 24 * 60 * 60, AGENCY_MAX = 32 };

typedef struct Passed {
    Id message;
    char agency[AGENCY_MAX];
    uint64_t idx;
    int64_t at_s;
    bool taken; /* taken in; else ended */
} Passed;

typedef struct Steps {
    Passed *step;
    size_t count, room;
    int64_t newest_s; /* of any leaf, also of acts that are no steps */
} Steps;

/* Every leaf in the order of rows; those of other acts only tell the time. */
int steps_add(Steps *s, uint64_t idx, Str leaf) _must_check_;
/* Of the next message whose last step is that it was taken in, more than a day before the newest
 * leaf; NULL when there is no more. *at begins at 0, after steps_sort. */
void steps_sort(Steps *s);
const Passed *steps_open(const Steps *s, size_t *at);
void steps_clear(Steps *s);

#endif
