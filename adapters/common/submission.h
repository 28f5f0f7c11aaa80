/* One signed submission out of messages: the frames as they go to intake. Pure: no spool, no
 * socket, no clock but the time given. Used by the client, and by what plays a sender in benches
 * and tests.
 *
 * Each entry says its traceparent (W3C trace context), and it is the same for ever: the trace-id is
 * the message id, the parent-id the first 8 bytes of the commitment, the flag "sampled". So what is
 * sent again, in whatever company, agrees with the leaf of the first time, and nothing about it has
 * to be stored. */
#ifndef MASH_SUBMISSION_H
#define MASH_SUBMISSION_H

#include "broker/base/arena.h"
#include "broker/base/crypto.h"
#include "broker/base/id.h"
#include "schemas/schema.h"

enum { TRACEPARENT_LEN = 55 };

/* In whose name; borrowed. */
typedef struct Sender {
    Str realm, agency, origin_id;
    const Key *origin; /* Ed25519, secret */
} Sender;

typedef struct SubmissionEntry {
    Id message_id;
    Str content; /* "referral", "answer" */
    bool immediate;
    Bytes frame; /* salt || content */
} SubmissionEntry;

typedef struct Submission {
    Id submission_id;
    size_t count; /* messages */
    Hash commitments[LIMIT_ENTRIES];
    Bytes parts[LIMIT_ENTRIES + 2]; /* head, signature, and the frames, borrowed from the entries */
    size_t part_count;
} Submission;

/* 1 to LIMIT_ENTRIES entries; head and signature live in the arena. ERR_BROKEN for another count,
 * ERR_MEMORY, ERR_CRYPTO. */
int submission_make(Arena *a, const Sender *by, int64_t now_ms, const SubmissionEntry *entries,
                    size_t count, Submission *ret) _must_check_;

void traceparent_text(Id message_id, const Hash *commitment, char out[TRACEPARENT_LEN + 1]);

#endif
