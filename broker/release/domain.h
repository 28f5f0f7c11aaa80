/* The finite domain: every case that some policies of one owner can tell apart. It is small enough
 * to be tried whole, so what a new version changes is not sampled but known.
 *
 *   class x recipient (each agency that a rule names, and one unnamed of each type) x purpose
 *         x rating x day (one of each interval between the rules' dates)
 *         x tier x what the item has (summary, prose, authorised, a desk of its owner)
 *
 * What stands in the first two lines is a setting: one compiled table of verdicts each. */
#ifndef MASH_DOMAIN_H
#define MASH_DOMAIN_H

#include "broker/release/policy.h"

/* An agency and its type, when that is known; a file of `mashctl policy --agencies`. */
typedef struct AgencyKnown {
    Str code, type;
} AgencyKnown;

/* `agency` is UNNAMED for one that no rule names; a named one whose type is not known stands here
 * once for each type. */
typedef struct Recipient {
    Str agency, type;
} Recipient;

#define UNNAMED "*" /* no agency's code */

typedef struct Domain {
    Str owner;
    const Recipient *recipients;
    size_t recipient_count;
    const Str *purposes;
    size_t purpose_count;
    const Str *days; /* the first of each interval; of the first interval, its last */
    size_t day_count;
} Domain;

enum {
    RATING_COUNT = RATING_red + 1,
    CASES_OF_SETTING = (CLASS_COUNT - 1) * TIER_COUNT * ITEM_FLAGS
};

/* Of all rules in `policies`, which are one owner's versions. ERR_MEMORY. */
int domain_of(Arena *a, const Policy *policies, size_t count, const AgencyKnown *known,
              size_t known_count, Domain *ret) _must_check_;

size_t domain_settings(const Domain *d);
uint64_t domain_cases(const Domain *d);

/* The i-th setting: a Question without its item. Days go round first, then ratings, purposes,
 * recipients. */
Question domain_setting(const Domain *d, size_t i);

/* The last day of an interval; {0} when it does not end. Into the arena. */
Str domain_day_until(Arena *a, const Domain *d, size_t day);

#endif
