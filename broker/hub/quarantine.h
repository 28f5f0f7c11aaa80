/* What the commands of the quarantine share; quarantine.c looks and leaves out, quarantine_put.c
 * puts through. Not for other files. */
#ifndef MASH_QUARANTINE_H
#define MASH_QUARANTINE_H

#include "broker/hub/commands.h"

#include "schemas/envelope.h"

/* One row that was opened. */
typedef struct Kept {
    Rows *rows; /* the caller's to free; what follows borrows from it */
    Id id, message;
    Str agency, content; /* "referral", "answer"; empty: the frames of a whole submission */
    bool waits;          /* nothing has been done about it */
    Bytes plain;         /* salt and content as they came, or the frames; {0}: does not open */
} Kept;

/* The row that "id" names, its look recorded and committed first. REFUSE_not_found, _argument_*. */
int quarantine_open(Call *c, Kept *ret) _must_check_;

/* Opens what intake sealed for the row; false when it does not open. */
bool quarantine_unseal(const Hub *h, Arena *a, const Kept *k, Bytes sealed, Bytes *ret_plain);

/* What content of this name is shown and corrected as. */
StructKind quarantine_kind(Str content);
/* 0 when the schemas of today take it, as intake would; REFUSE_*, ERR_MEMORY. */
int quarantine_readable(Arena *a, Str content, Bytes plain, Fault *ret_fault) _must_check_;

/* What the arguments narrow the quarantine down to. `reason` is one of reasons.def, `since` is
 * RFC 3339; each {0} when it was not given. REFUSE_argument_wrong. */
typedef struct Narrow {
    Str agency, reason, since;
} Narrow;
int quarantine_narrow(Call *c, Narrow *ret) _must_check_;

#endif
