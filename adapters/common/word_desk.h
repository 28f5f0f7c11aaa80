/* The desk's other folders: people (or a program) at the agency say something about what is at the
 * hub already. A filled-in form (word_form.h) dropped here becomes a message in the spool; then a
 * .receipt stands there and the form is gone. One that cannot be used moves to rejected/ beside a
 * .reason, which names the field and never repeats what was written.
 *
 *   desk/ask/      form_ask      the blank one lies beside the product: inbox/<product id>.ask.json
 *   desk/confirm/  form_confirm  beside the recall: inbox/<recall id>.confirm.json
 *   desk/correct/  form_correct  of what this agency itself said: by the message id of its receipt
 *
 * form_reply comes by desk/reply, as the answers to checks do (desk.h). */
#ifndef MASH_WORD_DESK_H
#define MASH_WORD_DESK_H

#include "adapters/common/folder.h"
#include "adapters/common/identity.h"
#include "adapters/common/keep.h"
#include "adapters/common/word_form.h"

typedef struct WordDesk WordDesk;

int word_desk_open(Loop *l, const Identity *self, Spool *spool, WordDesk **ret) _must_check_;
void word_desk_close(WordDesk *d);
void word_desk_scan(WordDesk *d);

/* One form into the spool. 0 with what was kept; REFUSE_* with its place; negative: later again. */
int word_keep(const Identity *self, Spool *spool, Arena *a, const WordForm *f, Bytes content,
              Kept *ret, Fault *ret_fault) _must_check_;
/* {"message_id", "stored_at", "state"} as <dir>/<name>.receipt. */
int word_receipt(const char *dir, const char *name, const Kept *kept) _must_check_;

DEFINE_FREEP(WordDesk, word_desk_close)

#endif
