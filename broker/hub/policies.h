/* The owners' policies as the hub obeys them: parsed anew from the signed text each time, so that
 * neither an edited row nor an edited rule table changes what leaves. */
#ifndef MASH_POLICIES_H
#define MASH_POLICIES_H

#include "broker/hub/commands.h"

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
    Str day;     /* on which they are in force: today, Europe/London */
} Policies;

/* Those in force whose text two people of its owner signed as this very version, to begin on this
 * very day, and after which the ledger knows of none that has begun. Any other, and one that does
 * not parse, is left out and logged: its owner's items are then withheld (R25). */
int policies_load(Hub *h, Arena *a, const AgencyEntry *agencies, size_t count, Policies *ret)
    _must_check_;

/* The version of an owner among them; 0: none that is obeyed. */
int64_t policies_version(const Policies *p, Str owner);

/* What the digest in an act's leaf speaks of is kept before the act. */
int policies_note(Call *c, const Policies *p) _must_check_;
/* Into the result's `to`, as "policy" the digest and as "policies" the versions of these owners (a
 * space between them). Nothing when there is no digest. */
int policies_told(Call *c, Bytes digest, Str owners, json_t *to) _must_check_;

/* A text as an owner's next version would be read: by the agencies there are. REFUSE_policy_wrong
 * says the fault. */
int policy_read(Call *c, Str text, Str owner, const AgencyEntry *agencies, size_t count,
                Rule **ret, size_t *ret_count) _must_check_;

#endif
