/* What is queued in the spool, on its way to intake. One submission is under way at a time, so that
 * under load the next one fills by itself. It is sent again, byte for byte, until a signed answer
 * about it is there (R2, R4); without a hub it waits, and nothing is lost (R1).
 *
 * An acknowledgement counts when intake's pinned key signed it, realm, agency, submission and
 * message ids are ours, and each leaf is the acceptance (or quarantine) of our message with our
 * commitment: the promise can then be proved by the witness. A refusal of one message is final: it
 * stays in the spool, and a file in <dir>/unsent tells a person until it is taken after all. A
 * refusal of several makes each go alone. But a refusal for the hub's trouble, a key or the set-up
 * says nothing about the message: it stays queued and goes again, with growing pauses (R1). */
#ifndef MASH_CLIENT_H
#define MASH_CLIENT_H

#include "adapters/common/identity.h"
#include "adapters/common/link.h"
#include "adapters/common/spool.h"

typedef struct Client Client;

int client_open(const Identity *self, Spool *spool, SendCall send, void *send_context,
                Client **ret) _must_check_;
void client_close(Client *c);

/* Sends what is due at `now_mono_ms`; call often. A failing spool is logged and tried again. */
int client_pump(Client *c, int64_t now_mono_ms) _must_check_;
/* An answer from intake: head and signature. What is not trusted is logged and left. */
int client_take(Client *c, Bytes head, Bytes signature) _must_check_;
bool client_busy(const Client *c); /* a submission is under way */

DEFINE_FREEP(Client, client_close)

#endif
