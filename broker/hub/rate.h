/* The rating that a message by itself suggests, from broker/hub/risk.def and nothing else. Pure. A
 * suggestion can only raise what an enquiry has: the door sees to that (S39). */
#ifndef MASH_RATE_H
#define MASH_RATE_H

#include "schemas/schema.h"
#include "schemas/value.h"

typedef enum Rate { RATE_green, RATE_amber, RATE_red } Rate;

enum { RATE_REASONS_MAX = 48 };

typedef struct Suggestion {
    Rate rate;
    Str reasons[RATE_REASONS_MAX]; /* names of the rows that decided, each once; none when green */
    size_t count;
} Suggestion;

/* `message`: a STRUCT_referral or STRUCT_answer; `immediate`: it came by the lane of that name. */
void rate_suggest(StructKind kind, const Value *message, bool immediate, Suggestion *ret);
const char *rate_name(Rate r); /* "red", as in LIST_rating */

/* The rows of risk.def, to show and to test; false past the end. */
typedef struct RiskRow {
    const char *name;
    bool situation;
    Rate rate;
    const char *why;
} RiskRow;
bool risk_row(size_t i, RiskRow *ret);

#endif
