/* See link.h. Each place of the setting keeps the endpoint that was last read there, also while its
 * file is away. When one changes, the new is connected and the old let go, on the same socket.
 *
 * ZeroMQ connects again by itself when a connection ends, but gives up for good once a flipped bit
 * on the way breaks the protocol. So the socket's events are followed, and a place that has been
 * without a server for a while is dialled anew. */
#include "adapters/common/link.h"

#include "broker/io/clock.h"
#include "broker/io/log.h"

enum { TAKE_AT_ONCE = 32, WORD_MAX = 1024, AGAIN_MS = 6000 };
enum {
    EVENTS_LOST = ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                  ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH,
    EVENTS = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | EVENTS_LOST,
};

typedef struct Place {
    char setting[WORD_MAX];      /* its word of the setting */
    char endpoint[ENDPOINT_MAX]; /* connected; empty while none is known */
    bool joined;                 /* a server is there */
    int64_t away_ms;             /* since when it is not, or was dialled */
} Place;

struct Link {
    Loop *loop;
    void *zmq, *socket;
    void *events; /* of the socket */
    LinkCall call;
    void *context;
    Place places[LINK_ENDPOINTS];
    size_t count;
};

static int setting_split(Link *k, const char *setting) {
    Str rest = str_z(setting), word;
    while (str_split(&rest, ' ', &word)) {
        if (word.len == 0) continue;
        if (word.len >= WORD_MAX || k->count == LINK_ENDPOINTS) return ERR_CONFIG;
        memcpy(k->places[k->count++].setting, word.at, word.len);
    }
    return k->count ? 0 : ERR_CONFIG;
}

static bool endpoint_read(const char *setting, char out[ENDPOINT_MAX]) {
    if (!str_starts(str_z(setting), STR("file:"))) {
        int n = snprintf(out, ENDPOINT_MAX, "%s", setting);
        return n > 0 && n < ENDPOINT_MAX;
    }
    _cleanup_(file_closep) FILE *f = fopen(setting + strlen("file:"), "re");
    char line[ENDPOINT_MAX];
    if (!f || !fgets(line, sizeof(line), f)) return false;
    Str text = str_trim(str_z(line));
    memcpy(out, text.at, text.len);
    out[text.len] = '\0';
    return text.len > 0;
}

static int link_call(void *context) {
    Link *k = context;
    for (int i = 0; i < TAKE_AT_ONCE; i++) {
        Frames frames = {0};
        int r = wire_take(k->socket, false, &frames);
        if (r == 1) return 0;
        if (r < 0) return r;
        if (r == 0) r = k->call(k->context, &frames);
        frames_clear(&frames);
        if (r < 0) return r;
    }
    return 0;
}

/* Two places may name the same server: it is connected once. */
static bool is_connected(const Link *k, const char *endpoint) {
    for (size_t i = 0; i < k->count; i++) {
        if (strcmp(k->places[i].endpoint, endpoint) == 0) return true;
    }
    return false;
}

static bool place_connect(Link *k, const char *endpoint) {
    if (zmq_connect(k->socket, endpoint) == 0) return true;
    log_event(LOG_warn, "endpoint_unusable", "why=\"%s\" mend=\"the setting hub.*_endpoint\"",
              zmq_strerror(errno));
    return false;
}

static void place_follow(Link *k, Place *p) {
    char endpoint[ENDPOINT_MAX], old[ENDPOINT_MAX];
    if (!endpoint_read(p->setting, endpoint) || strcmp(endpoint, p->endpoint) == 0) return;
    if (!is_connected(k, endpoint) && !place_connect(k, endpoint)) return;
    memcpy(old, p->endpoint, sizeof(old));
    memcpy(p->endpoint, endpoint, strlen(endpoint) + 1);
    p->joined = false;
    p->away_ms = clock_mono_ms();
    /* It may have gone by itself. */
    if (old[0] && !is_connected(k, old)) (void)zmq_disconnect(k->socket, old);
}

/* An event is two frames: its number (16 bits) and value, then the endpoint. */
static void event_take(Link *k, const Frames *f) {
    uint16_t event = 0;
    Bytes first = frame(f, 0);
    if (first.len >= sizeof(event)) memcpy(&event, first.at, sizeof(event));
    for (size_t i = 0; i < k->count; i++) {
        Place *p = &k->places[i];
        if (!str_is(bytes_str(frame(f, 1)), p->endpoint)) continue;
        if (p->joined && (event & EVENTS_LOST)) p->away_ms = clock_mono_ms();
        p->joined = event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED;
    }
}

static int events_take(Link *k) {
    for (;;) {
        Frames frames = {0};
        int r = wire_take(k->events, false, &frames);
        if (r) return r == 1 ? 0 : r;
        event_take(k, &frames);
        frames_clear(&frames);
    }
}

static void place_again(Link *k, Place *p) {
    int64_t now = clock_mono_ms();
    if (!p->endpoint[0] || p->joined || now - p->away_ms < AGAIN_MS) return;
    (void)zmq_disconnect(k->socket, p->endpoint); /* it may have gone by itself */
    (void)place_connect(k, p->endpoint);
    p->away_ms = now;
}

int link_tick(Link *k) {
    int r = events_take(k);
    for (size_t i = 0; r == 0 && i < k->count; i++) {
        place_follow(k, &k->places[i]);
        place_again(k, &k->places[i]);
    }
    return r;
}

/* Without bound, so that ZeroMQ never waits for whoever listens. */
static int events_follow(Link *k) {
    char name[64];
    int unbounded = 0;
    (void)snprintf(name, sizeof(name), "inproc://events-%p", (void *)k);
    k->events = zmq_socket(k->zmq, ZMQ_PAIR);
    if (!k->events) return ERR_WIRE;
    bool ok = zmq_setsockopt(k->events, ZMQ_RCVHWM, &unbounded, sizeof(unbounded)) == 0 &&
              zmq_socket_monitor(k->socket, name, EVENTS) == 0 &&
              zmq_connect(k->events, name) == 0;
    return ok ? 0 : ERR_WIRE;
}

static int link_dial(Link *k, const Key *secret, const Key *server_public) {
    int yes = 1;
    int r = wire_dealer(k->zmq, secret, server_public, &k->socket);
    if (r < 0) return r;
    if (zmq_setsockopt(k->socket, ZMQ_IMMEDIATE, &yes, sizeof(yes)) != 0) return ERR_WIRE;
    r = events_follow(k);
    if (r < 0) return r;
    return loop_add_socket(k->loop, k->socket, link_call, k);
}

int link_open(Loop *l, void *zmq, const char *setting, const Key *secret, const Key *server_public,
              LinkCall call, void *context, Link **ret) {
    _cleanup_(link_closep) Link *k = calloc(1, sizeof(*k));
    if (!k) return ERR_MEMORY;
    *k = (Link){.loop = l, .zmq = zmq, .call = call, .context = context};
    int r = setting_split(k, setting);
    if (r == 0) r = link_dial(k, secret, server_public);
    if (r == 0) r = link_tick(k);
    if (r == 0) *ret = TAKE(k);
    return r;
}

void link_close(Link *k) {
    if (!k) return;
    int now = 0;
    if (k->socket) (void)zmq_setsockopt(k->socket, ZMQ_LINGER, &now, sizeof(now));
    if (k->socket) (void)zmq_socket_monitor(k->socket, NULL, 0); /* gone with its socket anyway */
    if (k->events) (void)zmq_close(k->events);
    if (k->socket) (void)zmq_close(k->socket);
    free(k);
}

int link_send(void *link, const Bytes *parts, size_t count) {
    Link *k = link;
    return wire_put(k->socket, (Bytes){0}, parts, count);
}
