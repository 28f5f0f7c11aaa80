/* See loop.h. */
#include "broker/io/loop.h"

#include "broker/base/err.h"
#include "broker/io/clock.h"

#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <zmq.h>

enum { SOURCES_MAX = 64, TIMERS_MAX = 16, WAIT_MAX_MS = 1000 };

typedef struct Timer {
    int64_t every_ms, due_ms;
    LoopCall call;
    void *context;
} Timer;

typedef struct Source {
    LoopCall call;
    void *context;
    int64_t rests_until_ms; /* 0: it does not */
} Source;

struct Loop {
    zmq_pollitem_t items[SOURCES_MAX];
    Source sources[SOURCES_MAX];
    int count;
    Timer timers[TIMERS_MAX];
    int timer_count;
    Source idle;
    int signal_fd;
    bool again; /* the idle call has more to do */
    bool stopped;
};

static int loop_signal(void *context) {
    Loop *l = context;
    struct signalfd_siginfo info;
    ssize_t n = read(l->signal_fd, &info, sizeof(info));
    if (n == sizeof(info)) l->stopped = true;
    return 0;
}

int loop_new(Loop **ret) {
    _cleanup_(loop_freep) Loop *l = calloc(1, sizeof(*l));
    sigset_t signals;
    if (!l) return ERR_MEMORY;
    l->signal_fd = -1;
    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGINT);
    if (sigprocmask(SIG_BLOCK, &signals, NULL) != 0) return ERR_FILE;
    l->signal_fd = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
    if (l->signal_fd < 0) return ERR_FILE;
    int r = loop_add_fd(l, l->signal_fd, loop_signal, l);
    if (r < 0) return r;
    *ret = TAKE(l);
    return 0;
}

void loop_free(Loop *l) {
    if (!l) return;
    fd_closep(&l->signal_fd);
    free(l);
}

static int loop_add(Loop *l, void *socket, int fd, LoopCall call, void *context) {
    if (l->count == SOURCES_MAX) return ERR_MEMORY;
    l->items[l->count] = (zmq_pollitem_t){.socket = socket, .fd = fd, .events = ZMQ_POLLIN};
    l->sources[l->count] = (Source){.call = call, .context = context};
    l->count++;
    return 0;
}

int loop_add_socket(Loop *l, void *zmq_socket, LoopCall call, void *context) {
    return loop_add(l, zmq_socket, 0, call, context);
}

int loop_add_fd(Loop *l, int fd, LoopCall call, void *context) {
    if (fd < 0) return ERR_FILE; /* zmq_poll would pass it over for ever */
    return loop_add(l, NULL, fd, call, context);
}

void loop_remove_fd(Loop *l, int fd) {
    for (int i = 0; i < l->count; i++) {
        if (l->items[i].socket || l->items[i].fd != fd) continue;
        l->count--;
        l->items[i] = l->items[l->count];
        l->sources[i] = l->sources[l->count];
        return;
    }
}

void loop_want_write(Loop *l, int fd, bool yes) {
    for (int i = 0; i < l->count; i++) {
        if (l->items[i].socket || l->items[i].fd != fd) continue;
        l->items[i].events = (short)(yes ? ZMQ_POLLIN | ZMQ_POLLOUT : ZMQ_POLLIN);
    }
}

void loop_rest(Loop *l, void *zmq_socket, int64_t ms) {
    for (int i = 0; i < l->count; i++) {
        if (l->items[i].socket != zmq_socket) continue;
        l->items[i].events = 0;
        l->sources[i].rests_until_ms = clock_mono_ms() + ms;
    }
}

int loop_add_timer(Loop *l, int64_t ms, LoopCall call, void *context) {
    if (l->timer_count == TIMERS_MAX) return ERR_MEMORY;
    l->timers[l->timer_count++] =
        (Timer){.every_ms = ms, .due_ms = clock_mono_ms() + ms, .call = call, .context = context};
    return 0;
}

void loop_set_idle(Loop *l, LoopCall call, void *context) {
    l->idle = (Source){.call = call, .context = context};
}

void loop_stop(Loop *l) {
    l->stopped = true;
}

/* How long there is nothing to do but wait; whoever has rested is looked at again. */
static long loop_wait_ms(Loop *l) {
    int64_t now = clock_mono_ms(), wait = l->again ? 0 : WAIT_MAX_MS;
    for (int i = 0; i < l->count; i++) {
        int64_t left = l->sources[i].rests_until_ms - now;
        if (!l->sources[i].rests_until_ms) continue;
        if (left > 0) {
            wait = left < wait ? left : wait;
            continue;
        }
        l->items[i].events = ZMQ_POLLIN;
        l->sources[i].rests_until_ms = 0;
    }
    for (int i = 0; i < l->timer_count; i++) {
        int64_t left = l->timers[i].due_ms - now;
        if (left < wait) wait = left > 0 ? left : 0;
    }
    return (long)wait;
}

static int loop_timers(Loop *l) {
    for (int i = 0; i < l->timer_count; i++) {
        Timer *t = &l->timers[i];
        if (clock_mono_ms() < t->due_ms) continue;
        t->due_ms = clock_mono_ms() + t->every_ms;
        int r = t->call(t->context);
        if (r < 0) return r;
    }
    return 0;
}

/* Sources may be added or removed by a call: what moved is seen again in the next round. */
static int loop_events(Loop *l) {
    const int events = ZMQ_POLLIN | ZMQ_POLLOUT | ZMQ_POLLERR;
    for (int i = l->count - 1; i >= 0; i--) {
        if (i >= l->count || !(l->items[i].revents & events)) continue;
        l->items[i].revents = 0;
        int r = l->sources[i].call(l->sources[i].context);
        if (r < 0) return r;
    }
    return 0;
}

int loop_run(Loop *l) {
    int r = 0;
    while (!l->stopped && r == 0) {
        long wait = loop_wait_ms(l);
        int ready = zmq_poll(l->items, l->count, wait);
        if (ready < 0 && errno != EINTR) return ERR_WIRE;
        if (ready > 0) r = loop_events(l);
        if (r == 0) r = loop_timers(l);
        if (r == 0 && l->idle.call) r = l->idle.call(l->idle.context);
        l->again = r > 0;
        r = r > 0 ? 0 : r;
    }
    return r;
}
