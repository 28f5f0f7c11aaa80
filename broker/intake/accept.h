/* The one call of door.intake_accept: submissions as its parameters, and what became of each of
 * their messages. A database is let in nowhere else in this room. */
#ifndef MASH_ACCEPT_H
#define MASH_ACCEPT_H

#include "broker/intake/receive.h"
#include "broker/io/store.h"

/* What became of one message; borrowed from the rows. */
typedef struct Outcome {
    Str outcome; /* ack_outcome */
    int64_t leaf_index;
    Bytes leaf;
    Str reason, path;
} Outcome;

/* Sends `count` submissions as one transaction; the parameters live in `a`. `fault` is put where a
 * message has none of its own: REFUSE_none, or the reason why all of them go to quarantine. */
int accept_send(Store *s, Arena *a, const Submission *at, size_t count, Reason fault) _must_check_;

/* The outcomes of all their messages, in order, out of what the store answered. ERR_BROKEN when a
 * message has none: then nothing of the batch may be promised. */
int accept_outcomes(Arena *a, const Rows *rows, const Submission *at, size_t count,
                    Outcome **ret) _must_check_;

#endif
