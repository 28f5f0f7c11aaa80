/* The owner's later will: a person (or the agency's system) drops <anything>.json into
 * <dir>/desk/choices, with the fields of the struct `choice` (PROTOCOL.md), and it goes to the hub
 * as the agency's word on its own earlier message; its receipt stands beside it, and the file is
 * gone. `message_id` is in the receipt of what was sent. Silent and held at source need two people
 * first: `mashctl choice-sign`. A file that cannot be used moves to desk/choices/rejected with a
 * .reason that names the field and never repeats what was written.
 *
 * {"message_id": "0197...", "class": "incident", "tier": "signpost", "reason": "live_operation",
 *  "review_on": "2027-03-01", "chosen_at": "2026-11-29T10:00:00Z"} */
#ifndef MASH_ADAPTER_CHOICES_H
#define MASH_ADAPTER_CHOICES_H

#include "adapters/common/folder.h"
#include "adapters/common/keep.h"

typedef struct ChoiceDesk ChoiceDesk;

int choice_desk_open(Loop *l, const Identity *self, Spool *spool, ChoiceDesk **ret) _must_check_;
void choice_desk_close(ChoiceDesk *d);
void choice_desk_scan(ChoiceDesk *d);

DEFINE_FREEP(ChoiceDesk, choice_desk_close)

#endif
