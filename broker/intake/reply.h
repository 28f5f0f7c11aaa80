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

/* One outcome for each entry. Only after their commit (R1). */
int reply_acknowledgement(const Speaker *s, Arena *a, const Submission *to,
                          const Outcome *outcomes) _must_check_;
/* `submission` NULL when it could not be read. */
int reply_refusal(const Speaker *s, Arena *a, Bytes routing, const Id *submission, Reason reason,
                  const char *path) _must_check_;

#endif
