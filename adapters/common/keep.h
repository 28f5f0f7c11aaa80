/* The one door into the spool: a draft or an answer is checked against the schema as intake will
 * check it, gets its message id and is on disk when this returns 0. Only then may an adapter answer
 * the agency's system (R1). */
#ifndef MASH_KEEP_H
#define MASH_KEEP_H

#include "adapters/common/mapping.h"
#include "adapters/common/spool.h"

typedef enum KeptAs { KEPT_new, KEPT_again, KEPT_update } KeptAs;

typedef struct Kept {
    Id message_id;
    int64_t stored_ms; /* of the first time, when KEPT_again */
    KeptAs as;
} Kept;

/* 0, a REFUSE_* with the place in ret_fault (nothing is stored), or negative (try again later).
 * Changed content under a known reference goes as an update, unless it is a withdrawal. */
int keep_referral(Spool *spool, Draft *d, int64_t now_ms, Kept *ret, Fault *ret_fault) _must_check_;
/* Content of any other kind. `native` and `content` as in spool_look. */
int keep_content(Spool *spool, Arena *a, StructKind kind, Str native, Bytes content,
                 const Value *v, int64_t now_ms, Kept *ret, Fault *ret_fault) _must_check_;

const char *kept_word(KeptAs as); /* for receipts: "stored", "known", "update" */

#endif
