/* The adapter's talk with the courier: says that it is there (`collect`, about every second, which
 * is also the heartbeat), takes letters and checkpoints, gives receipts and cosignatures, and asks
 * for the proofs of what was acknowledged. */
#ifndef MASH_COURIER_H
#define MASH_COURIER_H

#include "adapters/common/letters.h"
#include "adapters/common/link.h"

typedef struct Courier Courier;

int courier_open(const Identity *self, Spool *spool, Letters *letters, SendCall send,
                 void *send_context, Courier **ret) _must_check_;
void courier_close(Courier *c);
int courier_tick(Courier *c) _must_check_;
/* One message; `sealed` {0} unless it came with a letter. A failing spool is logged and nothing is
 * answered: the courier sends again. */
int courier_take(Courier *c, Bytes head, Bytes sealed) _must_check_;

DEFINE_FREEP(Courier, courier_close)

#endif
