/* What a checker says of a policy that parses: rules that stand twice, that can never change
 * anything, that forbid what another allows, that have ended or are about to. None of it is wrong;
 * all of it is worth a look. */
#ifndef MASH_FINDINGS_H
#define MASH_FINDINGS_H

#include "broker/release/domain.h"

typedef enum FindingKind {
    FINDING_again,     /* the same rule stands before it, in `by` */
    FINDING_dead,      /* what `by` say, together, is the same in every case without it */
    FINDING_guards,    /* a never-rule: what it forbids no rule allows, or another forbids */
    FINDING_forbidden, /* an allow-rule: each of `by` forbids some case that it covers, not all */
    FINDING_perhaps,   /* as FINDING_forbidden, should an agency be of the type that a rule names */
    FINDING_expired,   /* ended before today */
    FINDING_expiring,  /* ends within EXPIRING_DAYS */
    FINDING_later      /* begins after today */
} FindingKind;

enum { EXPIRING_DAYS = 30 };

typedef struct Finding {
    FindingKind kind;
    const Rule *rule;
    const Rule *const *by; /* in the order of lines; none when it is a matter of days */
    size_t by_count;
} Finding;

/* Of a sound policy, over its whole domain (domain.h), with the agencies whose types are known. In
 * the order of lines. All rules that stand again, are dead or only guard can be taken out at once,
 * and no case says anything else; of what then is left only a never-rule that makes another dead
 * may change nothing itself. ERR_MEMORY. */
int policy_findings(Arena *a, const Policy *p, const AgencyKnown *known, size_t known_count,
                    Str today, Finding **ret, size_t *ret_count) _must_check_;

/* "line 4: can never change anything: ..."; {0} when the arena failed. */
Str finding_text(Arena *a, const Finding *f, Str today);

/* The never-rule forbids, at equal scope, some day of what the allow-rule allows: such a policy is
 * not taken at all. A never-rule of another scope (anyone, or any school against one school) simply
 * wins; it is a finding. */
bool rules_contradict(const Rule *a, const Rule *b);

/* ---- dead.c: inside this room ---------------------------------------------------------------- */

/* Of each rule that is not in `gone`: the others that make it dead, into by[i] and by_count[i]; it
 * is then gone, too. In a class with more than 64 rules that no one other makes dead none is found:
 * what so many come to together is too much to try. ERR_MEMORY. */
int rules_dead(Arena *a, const Policy *p, const Domain *d, bool *gone, const Rule *const **by,
               size_t *by_count) _must_check_;

#endif
