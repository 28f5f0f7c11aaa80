/* What a program tells whoever runs it, over a small HTTP/1.0 of its own:
 *   GET /metrics  the numbers, for Prometheus
 *   GET /live     200 while the loop turns
 *   GET /ready    200, or 503 with one reason code a line: do not send work here now
 * Reachable from this machine only: the setting hub.status is unix:PATH, 127.0.0.1:PORT or
 * [::1]:PORT; anything else is refused with a sentence, nothing is told when it is empty. At most 8
 * connections of 2 seconds and 4 KB of request each; it never blocks the loop that it lives in. */
#ifndef MASH_STATUS_H
#define MASH_STATUS_H

#include "broker/base/config.h"
#include "broker/io/loop.h"
#include "broker/io/metrics.h"

typedef struct Status Status;

#define STATUS_SETTING                                                                             \
    {"hub.status", "", "where to tell numbers and health: unix:PATH or 127.0.0.1:PORT; empty: no"}

/* Why a program is not ready: a handful of codes, e.g. database_read_only. */
enum { UNREADY_MAX = 8, UNREADY_CODE_MAX = 48 };
typedef struct Unready {
    char codes[UNREADY_MAX][UNREADY_CODE_MAX];
    size_t count;
} Unready;
void unready_because(Unready *u, Str codes); /* one, or several with spaces between; {0}: none */

/* What a room adds. Both are quick, and may be NULL. */
typedef struct StatusHooks {
    /* Sets the gauges that are looked up rather than counted; called before /metrics is answered,
     * at most once a second. Negative stops the program's loop, as any LoopCall's answer does. */
    int (*refresh)(void *context, Metrics *m);
    /* Names what stands in the way; called before /ready is answered, at most once a second. */
    int (*ready)(void *context, Unready *ret);
    void *context;
} StatusHooks;

/* `address` is the setting; `*ret` stays NULL when it is empty. `metrics` is borrowed and may be
 * NULL. ERR_CONFIG after a sentence in the log. Close after the loop has stopped. */
int status_open(Loop *l, const char *address, Metrics *metrics, const StatusHooks *hooks,
                Status **ret) _must_check_;
void status_close(Status *s);
/* As bound: with the real port when the setting said 0. */
const char *status_address(const Status *s);

DEFINE_FREEP(Status, status_close)

#endif
