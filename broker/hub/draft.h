/* What a preview, a share and the question to an owner have in common: one recipient, one purpose,
 * the frozen set of one decision, judged by the policies in force. Nothing here decides what may
 * leave: broker/release does. */
#ifndef MASH_DRAFT_H
#define MASH_DRAFT_H

#include "broker/hub/commands.h"
#include "broker/hub/policies.h"

typedef struct Draft {
    Id enquiry, decision, person;
    Id product; /* the caller's: random for a new preview, the previewed one's for its share */
    Str rating;
    AgencyEntry *agencies;
    size_t agency_count;
    const AgencyEntry *recipient;
    Str purpose;
    Item *items;
    size_t item_count;
    Policies policies;
    const Shareable *shareable; /* NULL unless draft_make gave 0 */
    Cut *cuts;
    const Wanted *wanted; /* owners whose word would let more out */
    size_t wanted_count;
    Hash digest;
} Draft;

/* Its steps, for a release that no decision goes before (emergency.c): the enquiry and who is to
 * have it, from the command; the items that the rows name (decision_id, person_id, rating,
 * item_id); what may leave of them by d->policies. */
int draft_begin(Call *c, Draft *d, Str purpose) _must_check_;
int draft_take(Call *c, Draft *d, const Rows *basis) _must_check_;
int draft_redact(Call *c, Draft *d) _must_check_;

/* All that a release keeps and sends, sealed, and its cuts as columns. (share.c) */
typedef struct Packed {
    const Sealed *shared, *full, *letter;
    Id full_id, letter_id;
    Id *item;
    Str *verdict, *reason, *tier, *kept;
    int64_t *version, *line, *flags; /* flags: the ITEM_ bits of policy.h, as the rules were told */
} Packed;
int draft_pack(Call *c, const Draft *d, Packed *ret) _must_check_;

/* From the command's ref, recipient, purpose and decision; the look is recorded first. 0, ERR_*, or
 * a refusal; REFUSE_nothing_to_share may still come with cuts and with owners to ask. */
int draft_make(Call *c, Draft *d) _must_check_;

#endif
