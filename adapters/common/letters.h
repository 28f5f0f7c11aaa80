/* Letters: sealed by the hub, carried by a courier that cannot read them, opened here. A letter is
 * stored as it came, opened, checked (the hub's signature, our realm, our agency), written into the
 * agency's folders and synced; only then is there a receipt (R8). The same letter again gets the
 * same receipt. What does not open or is not the hub's gets a receipt that says so.
 *
 *   product   <dir>/inbox/<product id>.txt, .html and .json; .ask.json where it says whom to ask
 *   notice    <dir>/inbox/<notice id>.txt and .json: what was decided
 *   reply     <dir>/inbox/<question id>.txt and .json: what an owner replied
 *   recall    <dir>/inbox/<recall id>.txt and .json; .confirm.json to fill in
 *   check, signpost question
 *             <dir>/desk/questions/<id>.txt to read, <id>.json to fill in
 *
 * desk.h and word_desk.h say where filled-in forms go. */
#ifndef MASH_LETTERS_H
#define MASH_LETTERS_H

#include "adapters/common/identity.h"
#include "adapters/common/spool.h"
#include "schemas/envelope.h"

typedef struct Letters Letters;

int letters_open(const Identity *self, Spool *spool, Letters **ret) _must_check_;
void letters_close(Letters *l);

/* The receipt, head and signature, in the arena. Negative: nothing is known to be delivered and
 * nothing may be answered; the courier comes again. */
int letters_take(Letters *l, Arena *a, Id letter_id, Bytes sealed, Bytes *ret_head,
                 Bytes *ret_signature) _must_check_;
/* Finishes what a crash interrupted. */
int letters_resume(Letters *l) _must_check_;

DEFINE_FREEP(Letters, letters_close)

#endif
