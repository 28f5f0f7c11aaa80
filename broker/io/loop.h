/* The event loop: zmq_poll over ZeroMQ sockets and file descriptors, timers, and SIGTERM/SIGINT as
 * an ordinary event that stops it. One thread, no locks; every program's heart is loop_run. */
#ifndef MASH_LOOP_H
#define MASH_LOOP_H

#include "broker/base/cleanup.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct Loop Loop;

/* 0 to go on; negative stops the loop, and loop_run returns it. */
typedef int (*LoopCall)(void *context);

int loop_new(Loop **ret) _must_check_; /* blocks SIGTERM and SIGINT, to read them here */
void loop_free(Loop *l);

/* Called while the socket or descriptor is readable. Level-triggered: one message per call is
 * fair; what is left calls again. ERR_MEMORY past 64 of them. */
int loop_add_socket(Loop *l, void *zmq_socket, LoopCall call, void *context) _must_check_;
int loop_add_fd(Loop *l, int fd, LoopCall call, void *context) _must_check_;
void loop_remove_fd(Loop *l, int fd);
/* `yes`: the descriptor's call also comes while it can be written to. */
void loop_want_write(Loop *l, int fd, bool yes);
/* For so long the socket is not looked at: what comes fills its queues, and then its senders'. */
void loop_rest(Loop *l, void *zmq_socket, int64_t ms);
/* Every `ms`, first after `ms`; drift is not made up. */
int loop_add_timer(Loop *l, int64_t ms, LoopCall call, void *context) _must_check_;
/* Called once after each round of events, before waiting again: for natural batching. Positive: it
 * has more to do, so that the next round does not wait. */
void loop_set_idle(Loop *l, LoopCall call, void *context);

int loop_run(Loop *l) _must_check_; /* 0 after a signal or loop_stop */
void loop_stop(Loop *l);

DEFINE_FREEP(Loop, loop_free)

#endif
