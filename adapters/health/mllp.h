/* MLLP over TCP, the server's side: 0x0B, message, 0x1C 0x0D. Bounded in every way (R23): bytes of
 * a frame, connections, time from a frame's first byte to its last. A peer that does not read its
 * answer is cut off; it sends again and gets the same answer. */
#ifndef MASH_MLLP_H
#define MASH_MLLP_H

#include "broker/base/arena.h"
#include "broker/io/loop.h"

enum {
    MLLP_FRAME_MOST = 1024 * 1024,
    MLLP_CONNECTIONS = 32,
    MLLP_FRAME_MS = 30 * 1000,
    MLLP_IDLE_MS = 10 * 60 * 1000,
    MLLP_ENDPOINT = 64,
};

typedef struct Mllp Mllp;

/* One message without its framing; the answer, likewise, in the arena. An empty answer closes the
 * connection: the sender keeps its message. */
typedef Str (*MllpCall)(void *context, Arena *a, Bytes message);

/* "127.0.0.1:2575"; port 0 for any. The real one comes back. */
int mllp_open(Loop *l, const char *endpoint, MllpCall call, void *context,
              char ret_endpoint[MLLP_ENDPOINT], Mllp **ret) _must_check_;
void mllp_close(Mllp *m);
void mllp_expire(Mllp *m); /* closes what has been slow or silent too long; call now and then */

DEFINE_FREEP(Mllp, mllp_close)

/* The framing alone: how many of `in` make up one whole frame (0: not yet), with the message in
 * ret_message. -1 when the bytes cannot become a frame. */
int64_t mllp_frame(Bytes in, Bytes *ret_message);

#endif
