/* What is queued in the spool, on its way to intake: several submissions under way at once. Each is
 * sent again, byte for byte, until a signed answer about it is there (R2, R4); without a hub all
 * waits, and nothing is lost (R1). Nothing is written down to send: a crash forgets what was under
 * way, and it goes again from the queue.
 *
 * Credit. At most as many messages are under way as intake's last answer allowed; while none said,
 * one submission. A message is in one of them at most. No credit at all is read as one message, or
 * nothing would ever bring more.
 *
 * Gathering. The first to come goes at once; what comes after it fills one submission while that
 * one is on its way, for half a second at most (window.h).
 *
 * Lanes. Immediate messages go first and share a submission with no other. One immediate submission
 * may always be under way, whatever the credit: intake keeps room for it.
 *
 * Busy. The same bytes go again after intake's retry_ms and up to half as much again, and count as
 * under way till then; meanwhile nothing new of the routine lane starts.
 *
 * An acknowledgement counts when it promises what was sent (promise.h). A refusal of one message is
 * final: it stays in the spool, and a file in <dir>/unsent tells a person until it is taken after
 * all. A refusal of several makes each go alone. But a refusal for the hub's trouble, a key or the
 * set-up says nothing about the message: it stays queued and goes again, with growing pauses (R1);
 * what the hub failed at goes alone then, and lets the others by. */
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
int client_take(Client *c, Bytes head, Bytes signature, int64_t now_mono_ms) _must_check_;
size_t client_under_way(const Client *c); /* messages, sent and not answered */

DEFINE_FREEP(Client, client_close)

#endif
