/* One DEALER to the hub that follows its endpoints. The setting names up to LINK_ENDPOINTS of them,
 * with spaces between, each "tcp://host:port", or "file:PATH" whose first line is that: read again
 * at every link_tick, so that a hub which comes back on another port is found, and a hub which is
 * not there yet does not stop the adapter. All must have the same server key.
 *
 * With several, what is sent goes to each in turn, and only to one that is connected: nothing is
 * queued for a server that is away. What a server took and did not answer can reach another by
 * being sent again. */
#ifndef MASH_LINK_H
#define MASH_LINK_H

#include "broker/io/loop.h"
#include "broker/io/wire.h"

enum { LINK_ENDPOINTS = 8 };

typedef struct Link Link;

/* Called with each message; the frames are borrowed. Negative stops the program. */
typedef int (*LinkCall)(void *context, const Frames *frames);

/* Hands parts to the hub, or to whatever stands in for it: 0 sent, 1 not now, ERR_WIRE. */
typedef int (*SendCall)(void *context, const Bytes *parts, size_t count);

/* ERR_CONFIG for a setting with no endpoint, too many, or a path that is too long. */
int link_open(Loop *l, void *zmq, const char *setting, const Key *secret, const Key *server_public,
              LinkCall call, void *context, Link **ret) _must_check_;
void link_close(Link *k);
int link_tick(Link *k) _must_check_;
int link_send(void *link, const Bytes *parts, size_t count) _must_check_; /* a SendCall */

DEFINE_FREEP(Link, link_close)

#endif
