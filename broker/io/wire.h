/* ZeroMQ with CURVE, the only way programs on different sides talk. Servers are fail-closed: a ZAP
 * domain and ZMQ_ZAP_ENFORCE_DOMAIN are always set (F1-F3), a handler answers before any socket is
 * bound, and who sent a message is the User-Id that the handler gave, never a field. */
#ifndef MASH_WIRE_H
#define MASH_WIRE_H

#include "broker/base/crypto.h"
#include "broker/base/err.h"
#include "schemas/schema.h"

#include <zmq.h>

enum {
    FRAMES_MAX = LIMIT_ENTRIES + 3, /* routing id, head, signature, contents */
    ROUTING_MAX = 64,
    USER_MAX = 64,
    ENDPOINT_MAX = 128,
};

typedef struct Frames {
    zmq_msg_t at[FRAMES_MAX];
    size_t count;
    uint8_t routing[ROUTING_MAX]; /* a ROUTER's first frame, taken off */
    size_t routing_len;
    char user[USER_MAX]; /* ZAP's User-Id; empty on a client */
} Frames;

/* The CURVE pair of a program as ZeroMQ makes it (raw, 32 bytes each). */
int wire_pair(KeyPair *ret) _must_check_;
int wire_public(const Key *secret, Key *ret) _must_check_;

/* A ROUTER that serves. `endpoint` may end in ":*"; the real one is put in ret_endpoint. All
 * limits are set: frame size, high-water marks, handshake time, heartbeats, mandatory routing. */
int wire_serve(void *zmq, const char *endpoint, const Key *secret, size_t max_frame,
               char ret_endpoint[ENDPOINT_MAX], void **ret) _must_check_;
/* A DEALER for such servers of one key, not connected yet: it sends heartbeats and reconnects with
 * pauses that grow from a random one, so that clients that lost a server together do not come back
 * together. */
int wire_dealer(void *zmq, const Key *secret, const Key *server_public, void **ret) _must_check_;
/* The same, connected. What is sent before the connection stands waits for it. */
int wire_dial(void *zmq, const char *endpoint, const Key *secret, const Key *server_public,
              void **ret) _must_check_;

/* Takes one waiting message, never blocks. 0 with the frames (frames_clear them), 1 when nothing
 * waits, REFUSE_frames_wrong when there were too many frames (drained; routing and user are set so
 * that it can be answered), ERR_WIRE. */
int wire_take(void *socket, bool router, Frames *ret) _must_check_;
void frames_clear(Frames *f);
Bytes frame(const Frames *f, size_t i); /* {0} past the end */
size_t frames_bytes(const Frames *f);   /* of all together */

/* One message; `routing` {0} on a DEALER. 1 when the peer is gone or its queue is full: it will ask
 * again. ERR_WIRE. */
int wire_put(void *socket, Bytes routing, const Bytes *parts, size_t count) _must_check_;

/* ZAP. The check answers true and fills `user` for a key that may come in now. */
typedef bool (*ZapCheck)(void *context, const Key *curve_public, char user[USER_MAX]);
typedef struct Zap Zap;
int zap_open(void *zmq, ZapCheck check, void *context, Zap **ret) _must_check_;
void *zap_socket(Zap *z);
int zap_answer(Zap *z) _must_check_; /* one waiting request; for the loop */
/* A refused client tries again by itself, so that a key enrolled a moment later gets in. After a
 * final refusal it never would; the self-test asks for those, to see them at once. */
void zap_refuse_finally(Zap *z, bool final);
void zap_close(Zap *z);
DEFINE_FREEP(Zap, zap_close)

/* The start-up self-test (F1-F3, F5): a stranger's CURVE key and a NULL client must both be refused
 * by the server just bound. ERR_BROKEN when either is let in, ERR_WIRE when an answer does not come
 * in 5 s; the program then ends rather than serve. Answers the ZAP requests itself meanwhile. */
int wire_self_test(void *zmq, const char *endpoint, const Key *server_public, Zap *zap)
    _must_check_;

#endif
