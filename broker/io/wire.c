/* ZeroMQ with CURVE behind wire.h. Every socket of every program is made here: no server can be
 * opened without its ZAP domain, no socket without its limits. The handler is in zap.c. */
#include "broker/io/wire.h"

#include "broker/io/clock.h"

#include <errno.h>
#include <openssl/crypto.h>

enum {
    /* ZMQ_ZAP_ENFORCE_DOMAIN: Debian's zmq.h hides it behind the draft API, the library knows it.
     * Without it a server that finds no handler, or no domain, lets everybody in (F1, F2). */
    ENFORCE_DOMAIN = 93,
    Z85_LEN = 41,     /* 32 bytes as ZeroMQ's text, with its NUL */
    CURVE_EXTRA = 33, /* what encryption adds to a frame, and ZMQ_MAXMSGSIZE counts */
    SELF_TEST_MS = 5000,
    RECONNECT_LEAST_MS = 80, /* the first pause; up to three times as long by chance */
};

static const char zap_domain[] = "mash";

typedef struct Option {
    int name, value;
} Option;

/* For both sides: queues are short because every sender keeps its copy until it is answered, and a
 * silent peer is found by heartbeats (F7). */
static const Option common_options[] = {
    {ZMQ_SNDHWM, 100},          {ZMQ_RCVHWM, 100},         {ZMQ_LINGER, 0},
    {ZMQ_HANDSHAKE_IVL, 3000},  {ZMQ_HEARTBEAT_IVL, 5000}, {ZMQ_HEARTBEAT_TIMEOUT, 15000},
    {ZMQ_HEARTBEAT_TTL, 20000},
};

/* The heartbeats are the clients': each says how long it counts for. libzmq 4.3 aborts when a
 * heartbeat of its own falls due to a peer that has hung up while its queue here is full, so a
 * server sends none, and whoever vanishes before its first one is found by TCP. */
static const Option server_options[] = {
    {ENFORCE_DOMAIN, 1},        {ZMQ_CURVE_SERVER, 1},       {ZMQ_ROUTER_MANDATORY, 1},
    {ZMQ_BACKLOG, 256},         {ZMQ_HEARTBEAT_IVL, 0},      {ZMQ_TCP_KEEPALIVE, 1},
    {ZMQ_TCP_KEEPALIVE_CNT, 3}, {ZMQ_TCP_KEEPALIVE_IDLE, 5}, {ZMQ_TCP_KEEPALIVE_INTVL, 5},
};

static const Option client_options[] = {
    {ZMQ_RECONNECT_IVL_MAX, 5000},
    {ZMQ_CONNECT_TIMEOUT, 5000},
};

static void socket_closep(void **socket) {
    if (*socket) (void)zmq_close(*socket); /* fails only for what is no socket */
    *socket = NULL;
}

static bool set_options(void *socket, const Option *options, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const Option *o = &options[i];
        if (zmq_setsockopt(socket, o->name, &o->value, sizeof(o->value)) != 0) return false;
    }
    return true;
}

static bool set_key(void *socket, int option, const Key *key) {
    return zmq_setsockopt(socket, option, key->at, sizeof(key->at)) == 0;
}

static bool key_from_z85(const char *text, Key *ret) {
    return zmq_z85_decode(ret->at, text) != NULL;
}

int wire_pair(KeyPair *ret) {
    char public[Z85_LEN], secret[Z85_LEN];
    bool ok = zmq_curve_keypair(public, secret) == 0 && key_from_z85(public, &ret->public) &&
              key_from_z85(secret, &ret->secret);
    OPENSSL_cleanse(secret, sizeof(secret));
    return ok ? 0 : ERR_CRYPTO;
}

int wire_public(const Key *secret, Key *ret) {
    char public[Z85_LEN], text[Z85_LEN];
    bool ok = zmq_z85_encode(text, secret->at, sizeof(secret->at)) &&
              zmq_curve_public(public, text) == 0 && key_from_z85(public, ret);
    OPENSSL_cleanse(text, sizeof(text));
    return ok ? 0 : ERR_CRYPTO;
}

int wire_serve(void *zmq, const char *endpoint, const Key *secret, size_t max_frame,
               char ret_endpoint[ENDPOINT_MAX], void **ret) {
    _cleanup_(socket_closep) void *socket = zmq_socket(zmq, ZMQ_ROUTER);
    int64_t max = (int64_t)max_frame + CURVE_EXTRA;
    size_t len = ENDPOINT_MAX;
    if (!socket) return ERR_WIRE;
    if (!set_options(socket, common_options, COUNT_OF(common_options))) return ERR_WIRE;
    if (!set_options(socket, server_options, COUNT_OF(server_options))) return ERR_WIRE;
    if (zmq_setsockopt(socket, ZMQ_ZAP_DOMAIN, zap_domain, strlen(zap_domain)) != 0 ||
        zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &max, sizeof(max)) != 0 ||
        !set_key(socket, ZMQ_CURVE_SECRETKEY, secret)) {
        return ERR_WIRE;
    }
    if (zmq_bind(socket, endpoint) != 0) return ERR_WIRE;
    if (zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, ret_endpoint, &len) != 0) return ERR_WIRE;
    *ret = TAKE(socket);
    return 0;
}

/* Without randomness there is merely no spread. */
static bool set_reconnect(void *socket) {
    uint32_t n = 0;
    if (random_bytes(&n, sizeof(n)) < 0) n = 0;
    Option first = {ZMQ_RECONNECT_IVL, RECONNECT_LEAST_MS + (int)(n % (2 * RECONNECT_LEAST_MS))};
    return set_options(socket, &first, 1);
}

int wire_dealer(void *zmq, const Key *secret, const Key *server_public, void **ret) {
    _cleanup_(socket_closep) void *socket = zmq_socket(zmq, ZMQ_DEALER);
    Key public;
    int r = wire_public(secret, &public);
    if (r < 0) return r;
    if (!socket || !set_reconnect(socket)) return ERR_WIRE;
    if (!set_options(socket, common_options, COUNT_OF(common_options))) return ERR_WIRE;
    if (!set_options(socket, client_options, COUNT_OF(client_options))) return ERR_WIRE;
    if (!set_key(socket, ZMQ_CURVE_SERVERKEY, server_public) ||
        !set_key(socket, ZMQ_CURVE_PUBLICKEY, &public) ||
        !set_key(socket, ZMQ_CURVE_SECRETKEY, secret)) {
        return ERR_WIRE;
    }
    *ret = TAKE(socket);
    return 0;
}

int wire_dial(void *zmq, const char *endpoint, const Key *secret, const Key *server_public,
              void **ret) {
    _cleanup_(socket_closep) void *socket = NULL;
    int r = wire_dealer(zmq, secret, server_public, &socket);
    if (r < 0) return r;
    if (zmq_connect(socket, endpoint) != 0) return ERR_WIRE;
    *ret = TAKE(socket);
    return 0;
}

/* One frame; 1 when nothing waits. Of a message that has begun, the rest is always there. */
static int take_part(void *socket, zmq_msg_t *part) {
    (void)zmq_msg_init(part); /* cannot fail */
    if (zmq_msg_recv(part, socket, ZMQ_DONTWAIT) >= 0) return 0;
    (void)zmq_msg_close(part);
    return errno == EAGAIN || errno == EINTR ? 1 : ERR_WIRE;
}

static int take_routing(void *socket, Frames *f) {
    zmq_msg_t part;
    int r = take_part(socket, &part);
    if (r) return r;
    f->routing_len = zmq_msg_size(&part);
    bool fits = f->routing_len <= sizeof(f->routing);
    if (fits) memcpy(f->routing, zmq_msg_data(&part), f->routing_len);
    if (!fits) f->routing_len = 0; /* a name of the peer's own making; it gets no answer */
    (void)zmq_msg_close(&part);
    return 0;
}

static void take_user(Frames *f, zmq_msg_t *part) {
    const char *user = zmq_msg_gets(part, "User-Id");
    if (user && strlen(user) < sizeof(f->user)) memcpy(f->user, user, strlen(user) + 1);
}

int wire_take(void *socket, bool router, Frames *ret) {
    bool more = true, fits = true;
    ret->count = ret->routing_len = 0;
    ret->user[0] = '\0';
    int r = router ? take_routing(socket, ret) : 0;
    if (r) return r;
    while (more) {
        zmq_msg_t part;
        r = take_part(socket, &part);
        if (r) break;
        more = zmq_msg_more(&part);
        fits = ret->count < FRAMES_MAX - 1;
        if (ret->count == 0) take_user(ret, &part);
        if (fits) (void)zmq_msg_init(&ret->at[ret->count]);
        if (fits) (void)zmq_msg_move(&ret->at[ret->count++], &part);
        (void)zmq_msg_close(&part);
    }
    if (r == 0 && fits) return 0;
    bool begun = router || ret->count > 0;
    frames_clear(ret);
    if (r == 0) return REFUSE_frames_wrong;
    return begun ? ERR_WIRE : r;
}

/* Contents are in clear in here, so they are wiped first. */
void frames_clear(Frames *f) {
    for (size_t i = 0; i < f->count; i++) {
        OPENSSL_cleanse(zmq_msg_data(&f->at[i]), zmq_msg_size(&f->at[i]));
        (void)zmq_msg_close(&f->at[i]); /* all were opened */
    }
    f->count = 0;
}

Bytes frame(const Frames *f, size_t i) {
    if (i >= f->count) return (Bytes){0};
    /* zmq_msg_data asks for a plain pointer but changes nothing. */
    zmq_msg_t *part = (zmq_msg_t *)(uintptr_t)&f->at[i];
    return bytes_of(zmq_msg_data(part), zmq_msg_size(part));
}

size_t frames_bytes(const Frames *f) {
    size_t total = 0;
    for (size_t i = 0; i < f->count; i++) total += frame(f, i).len;
    return total;
}

static int put_part(void *socket, Bytes part, bool more) {
    int flags = ZMQ_DONTWAIT | (more ? ZMQ_SNDMORE : 0);
    if (zmq_send(socket, part.at, part.len, flags) >= 0) return 0;
    return errno == EAGAIN || errno == EHOSTUNREACH || errno == EINTR ? 1 : ERR_WIRE;
}

/* Only the first part can find no room or no peer: ZeroMQ takes or drops a message as a whole.
 * After half of one the socket is of no use: what came next would be its end. */
int wire_put(void *socket, Bytes routing, const Bytes *parts, size_t count) {
    int r = routing.len ? put_part(socket, routing, count > 0) : 0;
    bool begun = routing.len > 0;
    for (size_t i = 0; i < count && r == 0; i++) {
        r = put_part(socket, parts[i], i + 1 < count);
        if (r && begun) return ERR_WIRE;
        begun = true;
    }
    return r;
}

/* ---- the self-test --------------------------------------------------------------------------- */

enum {
    EVENT_IN = ZMQ_EVENT_HANDSHAKE_SUCCEEDED,
    EVENT_OUT = ZMQ_EVENT_HANDSHAKE_FAILED_AUTH | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL,
};

typedef struct Probe {
    void *socket;
    void *monitor;
    int seen; /* the first handshake event */
} Probe;

static void probe_closep(Probe *p) {
    if (p->socket) (void)zmq_socket_monitor(p->socket, NULL, 0); /* gone with its socket anyway */
    socket_closep(&p->monitor);
    socket_closep(&p->socket);
}

/* A client that tries once; `server_public` NULL for one without encryption. */
static int probe_open(void *zmq, const char *endpoint, const Key *server_public, Probe *ret) {
    static const Option once[] = {{ZMQ_LINGER, 0}, {ZMQ_RECONNECT_IVL, -1}};
    char name[2 * KEY_LEN + 1], events[ENDPOINT_MAX];
    KeyPair stranger;
    int r = wire_pair(&stranger);
    if (r < 0) return r;
    hex_encode(BYTES_OF(stranger.public.at), name);
    (void)snprintf(events, sizeof(events), "inproc://%s", name); /* nobody else's */
    ret->socket = zmq_socket(zmq, ZMQ_DEALER);
    ret->monitor = zmq_socket(zmq, ZMQ_PAIR);
    if (!ret->socket || !ret->monitor) return ERR_WIRE;
    if (!set_options(ret->socket, once, COUNT_OF(once))) return ERR_WIRE;
    if (server_public && (!set_key(ret->socket, ZMQ_CURVE_SERVERKEY, server_public) ||
                          !set_key(ret->socket, ZMQ_CURVE_PUBLICKEY, &stranger.public) ||
                          !set_key(ret->socket, ZMQ_CURVE_SECRETKEY, &stranger.secret))) {
        return ERR_WIRE;
    }
    if (zmq_socket_monitor(ret->socket, events, EVENT_IN | EVENT_OUT) != 0) return ERR_WIRE;
    if (zmq_connect(ret->monitor, events) != 0) return ERR_WIRE;
    return zmq_connect(ret->socket, endpoint) == 0 ? 0 : ERR_WIRE;
}

/* An event is two frames: its number (16 bits) and value, then the address. */
static int probe_read(Probe *p) {
    Frames f;
    int r = wire_take(p->monitor, false, &f);
    if (r) return r == 1 ? 0 : ERR_WIRE;
    uint16_t event = 0;
    Bytes first = frame(&f, 0);
    if (first.len >= sizeof(event)) memcpy(&event, first.at, sizeof(event));
    if (!p->seen) p->seen = event;
    frames_clear(&f);
    return 0;
}

/* Waits a little and serves whatever came: our own ZAP requests and the probes' news. */
static int probes_step(Zap *zap, Probe *a, Probe *b, int64_t wait_ms) {
    zmq_pollitem_t items[] = {
        {.socket = zap_socket(zap), .events = ZMQ_POLLIN},
        {.socket = a->monitor, .events = ZMQ_POLLIN},
        {.socket = b->monitor, .events = ZMQ_POLLIN},
    };
    if (zmq_poll(items, (int)COUNT_OF(items), (long)wait_ms) < 0) {
        return errno == EINTR ? 0 : ERR_WIRE;
    }
    int r = items[0].revents ? zap_answer(zap) : 0;
    if (r == 0 && items[1].revents) r = probe_read(a);
    if (r == 0 && items[2].revents) r = probe_read(b);
    return r;
}

int wire_self_test(void *zmq, const char *endpoint, const Key *server_public, Zap *zap) {
    _cleanup_(probe_closep) Probe stranger = {0};
    _cleanup_(probe_closep) Probe plain = {0};
    int64_t until = clock_mono_ms() + SELF_TEST_MS;
    int r = probe_open(zmq, endpoint, server_public, &stranger);
    if (r == 0) r = probe_open(zmq, endpoint, NULL, &plain);
    zap_refuse_finally(zap, true);
    while (r == 0 && !(stranger.seen && plain.seen)) {
        int64_t left = until - clock_mono_ms();
        r = left > 0 ? probes_step(zap, &stranger, &plain, left) : ERR_WIRE;
    }
    zap_refuse_finally(zap, false);
    if (r < 0) return r;
    /* The stranger must have been told by the handler: a connection that broke proves nothing. */
    bool shut = stranger.seen == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH && (plain.seen & EVENT_OUT);
    return shut ? 0 : ERR_BROKEN;
}
