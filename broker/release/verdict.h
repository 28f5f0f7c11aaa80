/* Inside the release room only: what a Verdict is, and the decision that makes it. */
#ifndef MASH_VERDICT_H
#define MASH_VERDICT_H

#include "broker/release/rule.h"

struct Verdict {
    VerdictKind kind;
    VerdictKind withheld; /* what it becomes when something later withholds it */
    bool signposts;
    const Rule *rule;
    const char *reason;
};

/* The owner's one policy, sound, or NULL when there is none; or what to answer instead. */
typedef struct Basis {
    const Policy *policy;
    const char *unsound; /* why everything is silent; NULL: nothing is wrong */
} Basis;

Basis basis_of(const Policy *policies, size_t count, Str owner);
bool question_sound(const Question *q);
Verdict verdict_unsound(const char *reason);
/* Of a sound question and a sound policy (or NULL) of its owner. Rules that do not cover the case
 * may be left out of `p`: they change nothing. */
Verdict decide(const Policy *p, const Question *q);
bool rule_covers(const Rule *r, const Question *q);   /* its class, purpose and recipient */
bool rule_in_force(const Rule *r, const Question *q); /* on the question's day */

/* ---- verdicts.c ----------------------------------------------------------------------------- */

/* What the question says of the item; `flags` as in policy.h. */
void question_item(Question *q, InfoClass class, Tier tier, unsigned flags);

#endif
