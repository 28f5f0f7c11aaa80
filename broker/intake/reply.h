/* Intake's two answers, each signed once by its acknowledgement key. Nothing of a content is in
 * them: ids, reasons, field names and leaves only. */
#ifndef MASH_REPLY_H
#define MASH_REPLY_H

#include "broker/intake/accept.h"

typedef struct Speaker {
    void *router;
    Str realm;
    Key ack; /* Ed25519 secret */
} Speaker;

/* One outcome for each entry. Only after their commit (R1). `credit`: lanes.h. */
int reply_acknowledgement(const Speaker *s, Arena *a, const Submission *to, const Outcome *outcomes,
                          int64_t credit) _must_check_;
typedef struct Turned {
    Bytes routing;
    const Id *submission; /* NULL when it could not be read */
    Reason reason;
    const char *path;
    int64_t credit, retry_ms; /* 0: not said */
} Turned;

int reply_refusal(const Speaker *s, Arena *a, const Turned *t) _must_check_;

#endif
