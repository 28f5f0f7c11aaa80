/* What a checker says of a policy that parses: rules that stand twice, that can never change
 * anything, that have ended or are about to. None of it is wrong; all of it is worth a look. */
#ifndef MASH_FINDINGS_H
#define MASH_FINDINGS_H

#include "broker/release/policy.h"

typedef enum FindingKind {
    FINDING_again,    /* the same rule stands before it, in `by` */
    FINDING_dead,     /* `by` takes away, or gives, at least as much in every case */
    FINDING_expired,  /* ended before today */
    FINDING_expiring, /* ends within EXPIRING_DAYS */
    FINDING_later     /* begins after today */
} FindingKind;

enum { EXPIRING_DAYS = 30 };

typedef struct Finding {
    FindingKind kind;
    const Rule *rule;
    const Rule *by; /* NULL when it is a matter of days */
} Finding;

/* In the order of lines. ERR_MEMORY. */
int policy_findings(Arena *a, const Policy *p, Str today, Finding **ret,
                    size_t *ret_count) _must_check_;

/* The never-rule forbids, at equal scope, some day of what the allow-rule allows. A never-rule of
 * wider scope (anyone, or any school against one school) is no contradiction: it simply wins. */
bool rules_contradict(const Rule *a, const Rule *b);

#endif
