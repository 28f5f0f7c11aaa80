/* The ZAP handler (ZeroMQ RFC 27) behind wire.h: who may come in is asked of the program's register
 * for each new connection, from the program's own loop. What is not a well-formed CURVE request is
 * denied, and a handler that fails lets nobody in. */
#include "broker/io/wire.h"

/* Frames of a request. */
enum {
    ZAP_version,
    ZAP_request,
    ZAP_domain,
    ZAP_address,
    ZAP_identity,
    ZAP_mechanism,
    ZAP_key,
    ZAP_FRAMES
};

struct Zap {
    void *socket;
    ZapCheck check;
    void *context;
    bool final;
};

int zap_open(void *zmq, ZapCheck check, void *context, Zap **ret) {
    _cleanup_(zap_closep) Zap *z = calloc(1, sizeof(*z));
    if (!z) return ERR_MEMORY;
    *z = (Zap){.socket = zmq_socket(zmq, ZMQ_REP), .check = check, .context = context};
    static const int no_linger = 0;
    if (!z->socket) return ERR_WIRE;
    if (zmq_setsockopt(z->socket, ZMQ_LINGER, &no_linger, sizeof(no_linger)) != 0) return ERR_WIRE;
    if (zmq_bind(z->socket, "inproc://zeromq.zap.01") != 0) return ERR_WIRE;
    *ret = TAKE(z);
    return 0;
}

void zap_refuse_finally(Zap *z, bool final) {
    z->final = final;
}

void *zap_socket(Zap *z) {
    return z->socket;
}

static bool zap_admits(const Zap *z, const Frames *f, char user[USER_MAX]) {
    Key key;
    if (f->count != ZAP_FRAMES || frame(f, ZAP_key).len != sizeof(key.at)) return false;
    if (!str_is(bytes_str(frame(f, ZAP_version)), "1.0")) return false;
    if (!str_is(bytes_str(frame(f, ZAP_mechanism)), "CURVE")) return false;
    memcpy(key.at, frame(f, ZAP_key).at, sizeof(key.at));
    return z->check(z->context, &key, user);
}

int zap_answer(Zap *z) {
    Frames f;
    char user[USER_MAX] = "";
    int r = wire_take(z->socket, false, &f);
    if (r) return r == 1 ? 0 : ERR_WIRE;
    bool in = zap_admits(z, &f, user);
    Str refusal = z->final ? STR("400") : STR("300"); /* for good, or for now */
    Bytes reply[] = {
        str_bytes(STR("1.0")),
        frame(&f, ZAP_request),
        str_bytes(in ? STR("200") : refusal),
        str_bytes(in ? STR("welcome") : STR("refused")),
        str_bytes(in ? str_z(user) : STR("")),
        str_bytes(STR("")), /* no further metadata */
    };
    r = wire_put(z->socket, (Bytes){0}, reply, COUNT_OF(reply));
    frames_clear(&f);
    return r ? ERR_WIRE : 0; /* unanswered, a REP is never asked again: the door would stay shut */
}

void zap_close(Zap *z) {
    if (!z) return;
    if (z->socket) (void)zmq_close(z->socket); /* fails only for what is no socket */
    free(z);
}
