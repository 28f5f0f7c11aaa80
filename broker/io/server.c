/* See server.h. */
#include "broker/io/server.h"

#include "broker/io/log.h"
#include "broker/io/program.h"

#include <errno.h>
#include <fcntl.h>

enum { REGISTER_MS = 2000, ALARMS_MS = 1000 };

static bool may_enter(void *server, const Key *curve_public, char user[USER_MAX]) {
    const Server *s = server;
    const RegisteredKey *k = register_by_public(s->keys, s->admits, curve_public);
    if (!k || !k->usable) return false;
    (void)snprintf(user, USER_MAX, "%s", k->id);
    return true;
}

static int on_zap(void *server) {
    return zap_answer(((Server *)server)->zap);
}

int server_refresh(void *server) {
    Server *s = server;
    size_t bad = 0;
    int r = register_load(s->keys, s->store, &bad);
    if (r < 0) return r;
    alarm_level(&s->alarms, ALARM_register_not_obeyed, (double)bad, 1, 0);
    return 0;
}

/* ZAP answers before anything is bound; a stranger is tried before anything is served. */
static int bind_and_test(Server *s, const Config *c, size_t max_frame) {
    char endpoint[ENDPOINT_MAX];
    Key secret, public;
    int r = keyfile_load(config_text(c, "keys.curve"), "curve-secret", &secret);
    if (r == 0) r = wire_public(&secret, &public);
    if (r == 0) r = zap_open(s->zmq, may_enter, s, &s->zap);
    if (r == 0) {
        r = wire_serve(s->zmq, config_text(c, "hub.endpoint"), &secret, max_frame, endpoint,
                       &s->router);
    }
    key_wipe(&secret);
    if (r == 0) r = wire_self_test(s->zmq, endpoint, &public, s->zap);
    if (r == 0) r = program_publish(config_text(c, "hub.endpoint_file"), endpoint);
    if (r == 0) log_event(LOG_info, "open", "endpoint=%s", endpoint);
    return r;
}

/* Without a free descriptor nobody new comes in, and libzmq tries again without pause (F6). */
static int descriptors_look(void *server) {
    Server *s = server;
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (fd < 0 && (errno == EMFILE || errno == ENFILE)) {
        alarm_seen(&s->alarms, ALARM_descriptors_out, (Str){0});
    }
    fd_closep(&fd);
    return 0;
}

/* A room without numbers of its own still tells what every program tells. */
static int tell(Server *s, const Config *c, Loop *loop) {
    int r = s->metrics ? 0 : metrics_new(NULL, 0, &s->metrics);
    if (r < 0) return r;
    alarms_open(&s->alarms, s->metrics);
    alarm_watch(&s->alarms, ALARM_descriptors_out);
    r = loop_add_timer(loop, ALARMS_MS, descriptors_look, s);
    if (r == 0) r = loop_add_timer(loop, ALARMS_MS, alarms_tick, &s->alarms);
    if (r < 0) return r;
    return status_open(loop, config_text(c, "hub.status"), s->metrics, &s->hooks, &s->status);
}

int server_open(Server *s, const Config *c, KeyKind admits, size_t max_frame, Store *store,
                Loop *loop, LoopCall on_message, void *context) {
    /* Only who serves staff asks what an agency's people signed. */
    Str wanted = admits == KEY_staff ? str_z(config_text(c, "hub.realm")) : (Str){0};
    s->admits = admits;
    s->store = store;
    s->zmq = zmq_ctx_new();
    if (!s->zmq) return ERR_WIRE;
    int r = tell(s, c, loop);
    if (r == 0) r = register_new(&s->keys, wanted);
    if (r == 0) r = server_refresh(s);
    if (r == 0) r = bind_and_test(s, c, max_frame);
    if (r == 0) r = loop_add_socket(loop, zap_socket(s->zap), on_zap, s);
    if (r == 0) r = loop_add_socket(loop, s->router, on_message, context);
    return r < 0 ? r : loop_add_timer(loop, REGISTER_MS, server_refresh, s);
}

void server_close(Server *s) {
    if (s->router) (void)zmq_close(s->router); /* fails only for what is no socket */
    zap_close(s->zap);
    if (s->zmq) (void)zmq_ctx_term(s->zmq);
    register_free(s->keys);
    status_close(s->status);
    metrics_free(s->metrics);
}
