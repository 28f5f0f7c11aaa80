/* The owners' policies as the hub obeys them: parsed anew from the signed text each time, so that
 * neither an edited row nor an edited rule table changes what leaves. */
#ifndef MASH_POLICIES_H
#define MASH_POLICIES_H

#include "broker/hub/hub.h"

typedef struct AgencyEntry {
    Str code, name, type, desk;
} AgencyEntry;

/* An agency whose row is not what its enrolment's leaf says is left out and logged. */
int agencies_load(Hub *h, Arena *a, AgencyEntry **ret, size_t *ret_count) _must_check_;
const AgencyEntry *agency_find(const AgencyEntry *agencies, size_t count, Str code);

typedef struct Policies {
    Policy *at;
    int64_t *version; /* beside each */
    size_t count;
    Hash digest; /* over the versions' digests, in the order of owners: goes into every release */
} Policies;

/* Those in force whose text two people of its owner signed as this very version, and after which
 * the ledger knows of none. Any other, and one that does not parse, is left out and logged: its
 * owner's items are then withheld (R25). */
int policies_load(Hub *h, Arena *a, const AgencyEntry *agencies, size_t count, Policies *ret)
    _must_check_;

#endif
