/* The desk: people (or a program) at the agency answer the hub's checks. A filled-in form dropped
 * into <dir>/desk/reply as <check id>.json becomes an `answer` in the spool; then a <check
 * id>.receipt stands there and the form is gone. A form that cannot be used moves to
 * desk/reply/rejected with a .reason file that names the field and never repeats what was written.
 *
 * {"outcome": "answered" | "nil_return" | "refused", "reason": "...", "answered_by": "...",
 *  "items": [{"class": "health", "text": "...", "summary": "...", "tier": "share"}],
 *  "risk_factors": ["3A"]}; "check_id" and "question" may stay as the form had them. An item
 * that is wholly empty, as the form has one, is left out.
 *
 * In the same way <request id>.json, which `authorise` signed (authorise.h), becomes an
 * `authorisation`, if that request came here (desk/authorise). */
#ifndef MASH_DESK_H
#define MASH_DESK_H

#include "adapters/common/folder.h"
#include "adapters/common/keep.h"

typedef struct Desk Desk;

int desk_open(Loop *l, const Identity *self, Spool *spool, Desk **ret) _must_check_;
void desk_close(Desk *d);
void desk_scan(Desk *d);

/* The form as an answer. 0, or a REFUSE_* with the field's place in ret_fault. */
int desk_read(Arena *a, Id check_id, Bytes form, int64_t now_ms, Value **ret,
              Fault *ret_fault) _must_check_;

DEFINE_FREEP(Desk, desk_close)

#endif
