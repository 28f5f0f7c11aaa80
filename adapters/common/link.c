/* See link.h. The socket is made once an endpoint is known and then stays in the loop; a new
 * endpoint is connected on the same socket, and the old one let go. */
#include "adapters/common/link.h"

#include "broker/io/log.h"

enum { TAKE_AT_ONCE = 32 };

struct Link {
    Loop *loop;
    void *zmq, *socket;
    const char *setting;
    const Key *secret, *server_public;
    LinkCall call;
    void *context;
    char endpoint[ENDPOINT_MAX];
};

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

static int link_dial(Link *k, const char *endpoint) {
    int r = wire_dial(k->zmq, endpoint, k->secret, k->server_public, &k->socket);
    return r < 0 ? r : loop_add_socket(k->loop, k->socket, link_call, k);
}

static int link_move(Link *k, const char *endpoint) {
    if (zmq_connect(k->socket, endpoint) != 0) return 1;
    (void)zmq_disconnect(k->socket, k->endpoint); /* it may have gone by itself */
    return 0;
}

int link_tick(Link *k) {
    char endpoint[ENDPOINT_MAX];
    if (!endpoint_read(k->setting, endpoint) || strcmp(endpoint, k->endpoint) == 0) return 0;
    int r = k->socket ? link_move(k, endpoint) : link_dial(k, endpoint);
    if (r != 0) {
        log_event(LOG_warn, "endpoint_unusable", "%s", "");
        return r == 1 || !k->socket ? 0 : r;
    }
    memcpy(k->endpoint, endpoint, sizeof(endpoint));
    return 0;
}

int link_open(Loop *l, void *zmq, const char *setting, const Key *secret, const Key *server_public,
              LinkCall call, void *context, Link **ret) {
    _cleanup_(link_closep) Link *k = calloc(1, sizeof(*k));
    if (!k) return ERR_MEMORY;
    *k = (Link){.loop = l,
                .zmq = zmq,
                .setting = setting,
                .secret = secret,
                .server_public = server_public,
                .call = call,
                .context = context};
    int r = link_tick(k);
    if (r == 0) *ret = TAKE(k);
    return r;
}

void link_close(Link *k) {
    if (!k) return;
    int now = 0;
    if (k->socket) (void)zmq_setsockopt(k->socket, ZMQ_LINGER, &now, sizeof(now));
    if (k->socket) (void)zmq_close(k->socket);
    free(k);
}

int link_send(void *link, const Bytes *parts, size_t count) {
    Link *k = link;
    return k->socket ? wire_put(k->socket, (Bytes){0}, parts, count) : 1;
}
