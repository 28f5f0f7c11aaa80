/* mash-intake: the one ROUTER to which agencies push. It writes and can never read: contents are
 * sealed to a key that it does not hold before they reach the database, whose doors give nothing
 * back but leaves. Opens everything, proves that its door is shut to strangers, then follows the
 * loop. It is crash-only: a lost database ends it, and its supervisor starts it again. */
#include "broker/base/config.h"
#include "broker/intake/batch.h"
#include "broker/io/clock.h"
#include "broker/io/log.h"
#include "broker/io/loop.h"

#include <argp.h>
#include <sys/prctl.h>
#include <sys/resource.h>

enum {
    DATABASE_WAIT_MS = 30000,
    REGISTER_MS = 2000,
    TAKE_AT_ONCE = 32, /* messages taken in before the loop looks at anything else */
    LAST_ANSWERS_MS = 1000,
    /* A byte of content costs at most 56 once decoded (an empty list), a submission is bounded. */
    SCRATCH = 64 * LIMIT_SUBMISSION + 4 * 1024 * 1024,
};

static const Setting settings[] = {
    {"hub.realm", NULL, "live or demonstration"},
    {"hub.database", NULL, "conninfo of the hub's database, role mash_intake"},
    {"hub.endpoint", "tcp://127.0.0.1:*", "where agencies push"},
    {"hub.endpoint_file", NULL, "takes the endpoint that was bound"},
    {"keys.curve", NULL, "key file, curve-secret"},
    {"keys.hub_intake_public", NULL, "key file, x25519-public: contents are sealed to it"},
    {"keys.ack", NULL, "key file, ed25519-secret: signs acknowledgements and refusals"},
    {NULL, NULL, NULL},
};

typedef struct Intake {
    Gate gate;
    Speaker speaker;
    Register *keys;
    Sealer *sealer;
    Store *batches;   /* for the writer alone */
    Store *register_; /* the register, NOTIFY, and what is refused */
    Writer *writer;
    Arena *scratch;
    Loop *loop;
    void *zmq;
    void *router;
    Zap *zap;
    size_t not_obeyed; /* rows of the register, as last logged */
} Intake;

/* ---- messages -------------------------------------------------------------------------------- */

/* Kept sealed for a person, recorded once; then answered. */
static int keep_refused(Intake *in, const Frames *f, const Refused *why) {
    const Sealed *sealed = NULL;
    Hash digest;
    Id id;
    Str agency = str_z(why->from->owner);
    int r = id_v7(clock_ms(), &id);
    if (r == 0) r = receive_refused(&in->gate, in->scratch, f, agency, id, &digest, &sealed);
    if (r < 0) return r;
    return STORE_CALL(in->register_, NULL, "SELECT door.intake_refuse($1, $2, $3, $4, $5, $6)",
                      p_id(id), p_text(agency), p_z(reason_name((int)why->reason)), p_z(why->path),
                      p_bytes(BYTES_OF(digest.at)), p_bytes(sealed_bytes(sealed)));
}

static int refuse_message(Intake *in, const Frames *f, const Refused *why) {
    log_event(LOG_warn, "refused", "reason=%s path=%s key=%s", reason_name((int)why->reason),
              why->path, f->user);
    writer_counts(in->writer)->refused++;
    int r = why->keep ? keep_refused(in, f, why) : 0;
    if (r) return r < 0 ? r : ERR_STORE;
    return reply_refusal(&in->speaker, in->scratch, bytes_of(f->routing, f->routing_len),
                         why->read ? &why->submission_id : NULL, why->reason, why->path);
}

static int take_message(Intake *in, const Frames *f, int taken) {
    const Envelope *envelope = NULL;
    Refused why;
    Submission s;
    int r = receive_envelope(&in->gate, in->scratch, f, taken, &envelope, &why);
    if (r > 0) return refuse_message(in, f, &why);
    if (r == 0) {
        r = receive_submission(&in->gate, in->scratch, writer_arena(in->writer), envelope, &s);
    }
    if (r == 0) writer_join(in->writer, &s);
    return r;
}

static int next_message(Intake *in) {
    Frames f;
    int r = wire_take(in->router, true, &f);
    if (r == 1 || r < 0) return r;
    r = take_message(in, &f, r);
    frames_clear(&f);
    arena_reset(in->scratch);
    return r;
}

/* As much as waits, within reason. A full batch stops the reading until the one under way is done:
 * ZeroMQ's queues, and then the adapters', hold what comes meanwhile. */
static int on_message(void *context) {
    Intake *in = context;
    int r = 0;
    for (int i = 0; i < TAKE_AT_ONCE && r == 0; i++) {
        if (!writer_has_room(in->writer)) r = writer_finish(in->writer);
        if (r == 0 && !writer_has_room(in->writer)) r = writer_start(in->writer);
        if (r == 0) r = next_message(in);
    }
    return r < 0 ? r : 0;
}

static int on_result(void *context) {
    return writer_arrived(((Intake *)context)->writer);
}

static int on_idle(void *context) {
    return writer_start(((Intake *)context)->writer);
}

/* What has been taken in is committed and answered before the end. */
static int drain(Intake *in) {
    int r = 0;
    while (r == 0 && writer_busy(in->writer)) {
        r = writer_start(in->writer);
        if (r == 0) r = writer_finish(in->writer);
    }
    int linger = LAST_ANSWERS_MS;
    (void)zmq_setsockopt(in->router, ZMQ_LINGER, &linger, sizeof(linger)); /* else: sent again */
    return r;
}

/* ---- who may come in ------------------------------------------------------------------------- */

static bool may_enter(void *context, const Key *curve_public, char user[USER_MAX]) {
    const Intake *in = context;
    const RegisteredKey *k = register_by_public(in->keys, KEY_transport, curve_public);
    if (!k || !k->usable) return false;
    (void)snprintf(user, USER_MAX, "%s", k->id);
    return true;
}

static int on_zap(void *context) {
    return zap_answer(((Intake *)context)->zap);
}

static int on_register(void *context) {
    Intake *in = context;
    size_t bad = 0;
    int r = register_load(in->keys, in->register_, &bad);
    if (r < 0) return r;
    if (bad != in->not_obeyed) log_event(LOG_error, "register_not_obeyed", "rows=%zu", bad);
    in->not_obeyed = bad;
    return 0;
}

static int on_notify(void *context) {
    Intake *in = context;
    return store_notified(in->register_) ? on_register(in) : 0;
}

/* ---- opening --------------------------------------------------------------------------------- */

/* Every seal is bound to the realm: under another than the hub's nothing could be opened again. */
static int check_realm(Intake *in) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    int r = store_call(in->register_, "SELECT door.intake_realm()", NULL, 0, &rows);
    if (r) return r < 0 ? r : ERR_STORE;
    return str_eq(row_text(rows, 0, 0), in->gate.realm) ? 0 : ERR_CONFIG;
}

static int open_database(Intake *in, const char *conninfo) {
    int r = store_open(conninfo, "mash-intake", DATABASE_WAIT_MS, &in->batches);
    if (r == 0) r = store_open(conninfo, "mash-intake", DATABASE_WAIT_MS, &in->register_);
    if (r == 0) r = check_realm(in);
    if (r == 0) r = store_listen(in->register_, "register");
    if (r == 0) r = register_new(&in->keys);
    if (r == 0) r = writer_new(in->batches, &in->speaker, &in->writer);
    return r < 0 ? r : on_register(in);
}

static int open_keys(Intake *in, const Config *c) {
    Key hub;
    int r = keyfile_load(config_text(c, "keys.hub_intake_public"), "x25519-public", &hub);
    if (r == 0) r = keyfile_load(config_text(c, "keys.ack"), "ed25519-secret", &in->speaker.ack);
    return r < 0 ? r : sealer_new(&hub, &in->sealer);
}

static int open_door(Intake *in, const Config *c, char endpoint[ENDPOINT_MAX]) {
    Key secret, public;
    in->zmq = zmq_ctx_new();
    if (!in->zmq) return ERR_WIRE;
    int r = keyfile_load(config_text(c, "keys.curve"), "curve-secret", &secret);
    if (r == 0) r = wire_public(&secret, &public);
    if (r == 0) r = zap_open(in->zmq, may_enter, in, &in->zap);
    if (r == 0) {
        r = wire_serve(in->zmq, config_text(c, "hub.endpoint"), &secret, LIMIT_SUBMISSION, endpoint,
                       &in->router);
    }
    key_wipe(&secret);
    return r < 0 ? r : wire_self_test(in->zmq, endpoint, &public, in->zap);
}

static int open_loop(Intake *in) {
    int r = loop_add_socket(in->loop, zap_socket(in->zap), on_zap, in);
    if (r == 0) r = loop_add_socket(in->loop, in->router, on_message, in);
    if (r == 0) r = loop_add_fd(in->loop, store_fd(in->batches), on_result, in);
    if (r == 0) r = loop_add_fd(in->loop, store_fd(in->register_), on_notify, in);
    if (r == 0) r = loop_add_timer(in->loop, REGISTER_MS, on_register, in);
    loop_set_idle(in->loop, on_idle, in);
    return r;
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
    if (write(fd, "ready\n", 6) != 6) log_event(LOG_warn, "ready_unsaid", "fd=%d", fd);
    (void)close(fd);
}

static void say_counts(const Counts *n) {
    log_event(LOG_info, "counts",
              "accepted=%llu duplicate=%llu quarantined=%llu refused=%llu batches=%llu",
              (unsigned long long)n->accepted, (unsigned long long)n->duplicate,
              (unsigned long long)n->quarantined, (unsigned long long)n->refused,
              (unsigned long long)n->batches);
}

static void close_all(Intake *in) {
    if (in->router) (void)zmq_close(in->router); /* fails only for what is no socket */
    zap_close(in->zap);
    if (in->zmq) (void)zmq_ctx_term(in->zmq);
    writer_free(in->writer);
    register_free(in->keys);
    sealer_free(in->sealer);
    store_close(in->batches);
    store_close(in->register_);
    arena_free(in->scratch);
    loop_free(in->loop);
    key_wipe(&in->speaker.ack);
}

static int open_all(Intake *in, const Config *c, char endpoint[ENDPOINT_MAX]) {
    Str realm = str_z(config_text(c, "hub.realm"));
    in->gate.realm = in->speaker.realm = realm;
    in->scratch = arena_new(SCRATCH);
    if (!in->scratch) return ERR_MEMORY;
    if (!code_known(LIST_realm, realm)) return ERR_CONFIG;
    int r = loop_new(&in->loop);
    if (r == 0) r = open_keys(in, c);
    if (r == 0) r = open_database(in, config_text(c, "hub.database"));
    in->gate.keys = in->keys;
    in->gate.sealer = in->sealer;
    if (r == 0) r = open_door(in, c, endpoint);
    in->speaker.router = in->router;
    if (r == 0) r = open_loop(in);
    return r < 0 ? r : endpoint_write(config_text(c, "hub.endpoint_file"), endpoint);
}

static int run(const Config *c, int ready_fd) {
    char endpoint[ENDPOINT_MAX];
    Intake in = {0};
    int r = open_all(&in, c, endpoint);
    if (r == 0) {
        log_event(LOG_info, "open", "endpoint=%s", endpoint);
        say_ready(ready_fd);
        r = loop_run(in.loop);
        if (r == 0) r = drain(&in);
        say_counts(writer_counts(in.writer));
    }
    if (r < 0) log_event(LOG_error, "ended", "why=\"%s\"", err_name(r));
    close_all(&in);
    return r < 0 ? 1 : 0;
}

/* ---- the command line ------------------------------------------------------------------------ */

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
    default: return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option command_options[] = {
    {"ready-fd", 'r', "N", 0, "write \"ready\" to descriptor N once agencies can push", 0},
    {0},
};

static const struct argp command_line = {
    .options = command_options,
    .parser = option,
    .args_doc = "SETTINGS.ini",
    .doc = "Takes in what agencies push: checks, seals, commits, acknowledges.",
};

int main(int argc, char **argv) {
    Options o = {.ready_fd = -1};
    _cleanup_(config_freep) Config *c = NULL;
    char why[400];
    (void)argp_parse(&command_line, argc, argv, 0, NULL, &o);
    log_open("mash-intake");
    (void)prctl(PR_SET_DUMPABLE, 0); /* no core, no reading of our memory */
    (void)setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    if (config_load(o.settings, settings, &c, why, sizeof(why)) < 0) {
        (void)fprintf(stderr, "mash-intake: %s\n", why);
        return 1;
    }
    return run(c, o.ready_fd);
}
