/* What arrives, made trustworthy step by step: frames -> Envelope (who sent it is proved) ->
 * Submission (every content checked and sealed). Each step has one maker, here; the next takes
 * nothing else. */
#ifndef MASH_RECEIVE_H
#define MASH_RECEIVE_H

#include "broker/base/seal.h"
#include "broker/intake/lanes.h"
#include "broker/io/register.h"
#include "broker/io/wire.h"
#include "schemas/envelope.h"

typedef struct Gate {
    Str realm;
    const Register *keys;
    Sealer *sealer;
} Gate;

/* Why a message is refused as a whole, and whom the refusal concerns. */
typedef struct Refused {
    Reason reason;
    const char *path; /* names fields, never a value; borrowed from `fault` */
    Fault fault;
    const RegisteredKey *from; /* NULL unless its transport key may speak now */
    bool keep;                 /* all of it is there, and within bounds: for quarantine */
    bool read;                 /* submission_id could be read */
    Id submission_id;
} Refused;

/* What a message claims to be, looked at cheaply and believed only so far as to let it wait in its
 * sender's own queue: whoever lies about it harms nobody else's. */
typedef struct Look {
    const RegisteredKey *from;
    Id submission_id;
    size_t messages, bytes;
    bool immediate;
} Look;

/* `taken` is what wire_take said: 0, or its refusal. 0, a REFUSE_* (also in ret_refused), ERR_*. */
int receive_look(const Gate *g, Arena *a, const Frames *f, int taken, Look *ret,
                 Refused *ret_refused) _must_check_;

/* Transport key usable now (R7, F4: asked for every message), agency, realm, origin key, signature
 * and every commitment fit. Borrows from the frames. */
typedef struct Envelope Envelope;

/* 0, a REFUSE_* (also in ret_refused), ERR_*. Asks everything anew: a key may have been revoked
 * while the message waited. */
int receive_envelope(const Gate *g, Arena *a, const Frames *f, const Envelope **ret,
                     Refused *ret_refused) _must_check_;

/* One message of a submission. `sealed` holds its content frame (salt and content), bound to use
 * "message", agency and message id. */
typedef struct Entry {
    Id message_id;
    Id quarantine_id; /* its name if it has to go there */
    Str content, lane;
    Bytes commitment;
    Reason reason; /* not REFUSE_none: a fault in the content, for a person to look at */
    Str path;
    Str traceparent; /* W3C trace context; empty when none came, or none in its form */
    bool reserved;   /* overtakes in the hub too: its lane has not been taken from it by a cap */
    const Sealed *sealed;
} Entry;

typedef struct Submission {
    Id id;
    Str agency, origin_key;
    Bytes head, signature;
    Bytes routing; /* where the answer goes */
    const Entry *entries;
    size_t count;
    Sender *sender;
    int64_t wait_ms; /* how much later than now its turn in the hub is: lanes_turn_ms */
} Submission;

/* Decodes in `scratch`, makes the result in `keep`. `reserved`: it came by the lane that overtakes.
 * A content at fault is sealed all the same and marked, so that it harms no other message of the
 * submission. 0 or ERR_*. */
int receive_submission(const Gate *g, Arena *scratch, Arena *keep, const Envelope *e,
                       bool reserved, Submission *ret) _must_check_;

/* The frames of what was refused as a whole, each after its length (32 bits, big-endian), bound to
 * use "refused", agency and quarantine id. The digest is of all that: the same again is known by
 * it. */
int receive_refused(const Gate *g, Arena *a, const Frames *f, Str agency, Id quarantine_id,
                    Hash *ret_digest, const Sealed **ret) _must_check_;

#endif
