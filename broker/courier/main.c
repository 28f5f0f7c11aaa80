/* mash-courier: the one ROUTER that agencies collect from. Opens everything, proves that its door is
 * shut to strangers, then follows the loop: a message, a NOTIFY, the register every two seconds.
 * It is crash-only: a lost database ends it, and its supervisor starts it again. */
#include "broker/courier/courier.h"

#include "broker/base/config.h"
#include "broker/io/log.h"

#include <argp.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>

enum { DATABASE_WAIT_MS = 30000, REGISTER_MS = 2000, COURIER_ARENA = 1024 * 1024 };

static const Setting settings[] = {
    {"hub.realm", NULL, "live or demonstration"},
    {"hub.database", NULL, "conninfo of the hub's database, role mash_courier"},
    {"hub.endpoint", "tcp://127.0.0.1:*", "where agencies collect"},
    {"hub.endpoint_file", NULL, "takes the endpoint that was bound"},
    {"keys.curve", NULL, "key file, curve-secret"},
    {NULL, NULL, NULL},
};

/* ---- messages ------------------------------------------------------------------------------------ */

/* Legend: what may come in by this door, and who handles it. */
static const struct {
    StructKind kind;
    int (*take)(Courier *c, const Mail *m);
} handlers[] = {
    {STRUCT_collect, take_collect},
    {STRUCT_receipt, take_receipt},
    {STRUCT_cosignature, take_cosignature},
    {STRUCT_prove, take_prove},
};

/* One place reads realm and agency of all of them. */
_Static_assert(F_collect_realm == 3 && F_receipt_realm == 3 && F_cosignature_realm == 3 &&
                   F_prove_realm == 3, "realm is field 3");
_Static_assert(F_collect_agency == 4 && F_receipt_agency == 4 && F_cosignature_agency == 4 &&
                   F_prove_agency == 4, "agency is field 4");

Bytes mail_routing(const Mail *m) {
    return bytes_of(m->frames->routing, m->frames->routing_len);
}

int courier_put(Courier *c, Bytes routing, const Value *head, Bytes rest) {
    Bytes parts[2] = {{0}, rest};
    if (arena_failed(c->arena)) return ERR_MEMORY;
    int r = codec_encode(c->arena, head, &parts[0]);
    return r < 0 ? r : wire_put(c->router, routing, parts, rest.len ? 2 : 1);
}

static int mail_take(Courier *c, Mail *m) {
    StructKind kind = STRUCT_none;
    Fault fault;
    m->from = register_by_id(c->keys, KEY_transport, str_z(m->frames->user));
    if (!m->from) return REFUSE_key_unknown;
    if (!m->from->usable) return REFUSE_key_revoked;
    int r = head_decode(c->arena, frame(m->frames, 0), &kind, &m->head, &fault);
    if (r) return r;
    m->agency = value_text(m->head, F_collect_agency);
    for (size_t i = 0; i < COUNT_OF(handlers); i++) {
        if (handlers[i].kind != kind) continue;
        if (!str_eq(value_text(m->head, F_collect_realm), c->realm)) return REFUSE_realm_mismatch;
        if (!str_is(m->agency, m->from->owner)) return REFUSE_agency_mismatch;
        return handlers[i].take(c, m);
    }
    return REFUSE_message_not_allowed;
}

static int on_message(void *context) {
    Courier *c = context;
    Frames frames;
    int r = wire_take(c->router, true, &frames);
    if (r == 1) return 0;
    if (r < 0) return r;
    if (r == 0) r = mail_take(c, &(Mail){.frames = &frames});
    if (r > 0) log_event(LOG_warn, "mail_left", "key=%s reason=%s", frames.user, reason_name(r));
    frames_clear(&frames);
    arena_reset(c->arena);
    return r < 0 ? r : 0;
}

/* ---- who may come in ----------------------------------------------------------------------------- */

static bool may_enter(void *context, const Key *curve_public, char user[USER_MAX]) {
    const Courier *c = context;
    const RegisteredKey *k = register_by_public(c->keys, KEY_transport, curve_public);
    if (!k || !k->usable) return false;
    (void)snprintf(user, USER_MAX, "%s", k->id);
    return true;
}

static int on_zap(void *context) {
    return zap_answer(((Courier *)context)->zap);
}

static int on_register(void *context) {
    Courier *c = context;
    size_t bad = 0;
    int r = register_load(c->keys, c->store, &bad);
    if (bad) log_event(LOG_error, "register_not_obeyed", "rows=%zu", bad);
    return r;
}

/* Whatever channel it was: the register is small and letters are looked for by index. */
static int on_notify(void *context) {
    Courier *c = context;
    if (!store_notified(c->store)) return 0;
    int r = on_register(c);
    return r < 0 ? r : deliver_all(c);
}

/* ---- opening ------------------------------------------------------------------------------------- */

static int open_database(Courier *c, const Config *settings_in) {
    int r = store_open(config_text(settings_in, "hub.database"), "mash-courier", DATABASE_WAIT_MS,
                       &c->store);
    if (r == 0) r = store_listen(c->store, "letter");
    if (r == 0) r = store_listen(c->store, "register");
    if (r == 0) r = register_new(&c->keys);
    return r < 0 ? r : on_register(c);
}

static int open_door(Courier *c, const Config *settings_in, char endpoint[ENDPOINT_MAX]) {
    Key secret, public;
    c->zmq = zmq_ctx_new();
    if (!c->zmq) return ERR_WIRE;
    int r = keyfile_load(config_text(settings_in, "keys.curve"), "curve-secret", &secret);
    if (r == 0) r = wire_public(&secret, &public);
    if (r == 0) r = zap_open(c->zmq, may_enter, c, &c->zap);
    if (r == 0) {
        r = wire_serve(c->zmq, config_text(settings_in, "hub.endpoint"), &secret, LIMIT_HEAD,
                       endpoint, &c->router);
    }
    key_wipe(&secret);
    return r < 0 ? r : wire_self_test(c->zmq, endpoint, &public, c->zap);
}

static int open_loop(Courier *c) {
    int r = loop_add_socket(c->loop, zap_socket(c->zap), on_zap, c);
    if (r == 0) r = loop_add_socket(c->loop, c->router, on_message, c);
    if (r == 0) r = loop_add_fd(c->loop, store_fd(c->store), on_notify, c);
    return r < 0 ? r : loop_add_timer(c->loop, REGISTER_MS, on_register, c);
}

/* Written beside and renamed: a reader sees the old endpoint or the new one, never half of it. */
static int endpoint_write(const char *path, const char *endpoint) {
    char beside[4096];
    int n = snprintf(beside, sizeof(beside), "%s.tmp", path);
    if (n < 0 || (size_t)n >= sizeof(beside)) return ERR_CONFIG;
    FILE *f = fopen(beside, "we");
    if (!f) return ERR_FILE;
    bool ok = fprintf(f, "%s\n", endpoint) > 0;
    ok = fclose(f) == 0 && ok;
    return ok && rename(beside, path) == 0 ? 0 : ERR_FILE;
}

static void say_ready(int fd) {
    if (fd < 0) return;
    if (write(fd, "ready\n", 6) != 6) log_event(LOG_warn, "ready_unsaid", "%s", "");
    (void)close(fd);
}

static void courier_close(Courier *c) {
    if (c->router) (void)zmq_close(c->router); /* fails only for what is no socket */
    zap_close(c->zap);
    if (c->zmq) (void)zmq_ctx_term(c->zmq);
    register_free(c->keys);
    store_close(c->store);
    arena_free(c->arena);
    loop_free(c->loop);
}

static int courier_run(const Config *settings_in, int ready_fd) {
    char endpoint[ENDPOINT_MAX];
    Courier c = {.realm = str_z(config_text(settings_in, "hub.realm")),
                 .arena = arena_new(COURIER_ARENA)};
    int r = c.arena ? loop_new(&c.loop) : ERR_MEMORY;
    if (r == 0) r = open_database(&c, settings_in);
    if (r == 0) r = open_door(&c, settings_in, endpoint);
    if (r == 0) r = open_loop(&c);
    if (r == 0) r = endpoint_write(config_text(settings_in, "hub.endpoint_file"), endpoint);
    if (r == 0) {
        log_event(LOG_info, "open", "endpoint=%s", endpoint);
        say_ready(ready_fd);
        r = loop_run(c.loop);
    }
    if (r < 0) log_event(LOG_error, "ended", "why=\"%s\"", err_name(r));
    courier_close(&c);
    return r < 0 ? 1 : 0;
}

/* ---- the command line ---------------------------------------------------------------------------- */

typedef struct Options {
    const char *settings;
    int ready_fd;
} Options;

static error_t option(int key, char *arg, struct argp_state *state) {
    Options *o = state->input;
    uint64_t fd = 0;
    switch (key) {
    case 'r':
        if (!str_u64(str_z(arg), &fd) || fd > 1023) argp_error(state, "N is a file descriptor");
        o->ready_fd = (int)fd;
        return 0;
    case ARGP_KEY_ARG:
        if (o->settings) argp_usage(state);
        o->settings = arg;
        return 0;
    case ARGP_KEY_END:
        if (!o->settings) argp_usage(state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option command_options[] = {
    {"ready-fd", 'r', "N", 0, "write \"ready\" to descriptor N once letters can be collected", 0},
    {0},
};

static const struct argp command_line = {
    .options = command_options,
    .parser = option,
    .args_doc = "SETTINGS.ini",
    .doc = "Carries sealed letters to agencies and their receipts back.",
};

int main(int argc, char **argv) {
    Options o = {.ready_fd = -1};
    _cleanup_(config_freep) Config *c = NULL;
    char why[400];
    (void)argp_parse(&command_line, argc, argv, 0, NULL, &o);
    log_open("mash-courier");
    (void)prctl(PR_SET_DUMPABLE, 0); /* no core, no reading of our memory */
    (void)setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    if (config_load(o.settings, settings, &c, why, sizeof(why)) < 0) {
        (void)fprintf(stderr, "mash-courier: %s\n", why);
        return 1;
    }
    return courier_run(c, o.ready_fd);
}
