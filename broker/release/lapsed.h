/* Lapsed paperwork warns and is recorded, and never stops an emergency share (S84): for immediate
 * protection alone, what an owner had allowed and signed still counts when its time is over. The
 * verdict itself (policy.c) knows nothing of this: it is asked with the rules made here, and its
 * never-rules, tiers and obligations hold as ever. A rule that is not in the version in force, or
 * whose time has not come, is no lapsed rule. */
#ifndef MASH_LAPSED_H
#define MASH_LAPSED_H

#include "broker/release/policy.h"

/* The same policies, but that their allow-rules for immediate protection that ended before today
 * are in force today. NULL when the arena failed. `today` must outlive them. */
Policy *lapsed_obeyed(Arena *a, const Policy *policies, size_t count, Str today);
/* Whether this rule of those policies is such a one. */
bool lapsed_rule(const Policy *signed_as, size_t count, const Rule *obeyed, Str today);

#endif
