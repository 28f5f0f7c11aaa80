/* MLLP over TCP, the server's side: 0x0B, message, 0x1C 0x0D. Bounded in every way (R23): who may
 * connect, connections, bytes of a frame, time from a frame's first byte to its last. A peer that
 * does not read its answer is cut off; it sends again and gets the same answer.
 *
 * When every place is taken, a new connection gets the place of the one whose frame has been
 * incomplete longest, or else of the one that has been silent longest. Neither loses anything: what
 * was not answered is sent again. So half-open frames lock nobody out. */
#ifndef MASH_MLLP_H
#define MASH_MLLP_H

#include "broker/base/arena.h"
#include "broker/io/loop.h"

enum {
    MLLP_FRAME_MOST = 1024 * 1024,
    MLLP_CONNECTIONS = 32,
    MLLP_ALLOWED = 16,
    MLLP_FRAME_MS = 30 * 1000,
    MLLP_IDLE_MS = 10 * 60 * 1000,
    MLLP_ENDPOINT = 64,
};

typedef struct Mllp Mllp;

/* One message without its framing; the answer, likewise, in the arena. An empty answer closes the
 * connection: the sender keeps its message. */
typedef Str (*MllpCall)(void *context, Arena *a, Bytes message);

/* "127.0.0.1:2575"; port 0 for any. The real one comes back. `allowed` are the IPv4 addresses that
 * may connect, "127.0.0.1, 10.1.2.3", at least one and at most MLLP_ALLOWED; any other is closed at
 * once. ERR_CONFIG when either cannot be read. */
int mllp_open(Loop *l, const char *endpoint, const char *allowed, MllpCall call, void *context,
              char ret_endpoint[MLLP_ENDPOINT], Mllp **ret) _must_check_;
void mllp_close(Mllp *m);
/* Closes what has been slow or silent too long, and logs how many connections were turned away or
 * lost their place; call now and then. */
void mllp_expire(Mllp *m);

DEFINE_FREEP(Mllp, mllp_close)

/* The framing alone: how many of `in` make up one whole frame (0: not yet), with the message in
 * ret_message. -1 when the bytes cannot become a frame. */
int64_t mllp_frame(Bytes in, Bytes *ret_message);

#endif
