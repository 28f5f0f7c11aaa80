/* What may be believed of intake's answers. An answer counts when intake's pinned key signed it and
 * it names our realm (and agency); an acknowledgement, when besides it names our messages in order,
 * and each leaf is the acceptance, or quarantine, of our message with our commitment: the promise
 * can then be proved by the witness. Pure. */
#ifndef MASH_PROMISE_H
#define MASH_PROMISE_H

#include "adapters/common/identity.h"
#include "adapters/common/spool.h"
#include "adapters/common/submission.h"
#include "schemas/envelope.h"

/* Intake's own word, to us. `head` is `bytes` decoded as `kind`. */
bool answer_trusted(const Identity *self, Arena *a, StructKind kind, const Value *head, Bytes bytes,
                    Bytes signature);

/* Every entry of a trusted acknowledgement, one for each message of the submission; false, and
 * nothing of it may count, when one is not what was promised for what was sent. */
bool promises_read(const Identity *self, const Submission *s, const SubmissionEntry *entries,
                   const Value *acknowledgement, SpoolAnswer ret[LIMIT_ENTRIES]);

#endif
