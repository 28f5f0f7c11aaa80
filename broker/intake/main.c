/* mash-intake: the one ROUTER to which agencies push. It writes and can never read: contents are
 * sealed to a key that it does not hold before they reach the database, whose doors give nothing
 * back but leaves. Opens everything, proves that its door is shut to strangers, then follows the
 * loop. It is crash-only: a lost database ends it, and its supervisor starts it again. */
#include "broker/intake/batch.h"
#include "broker/io/clock.h"
#include "broker/io/log.h"
#include "broker/io/program.h"
#include "broker/io/server.h"

enum {
    DATABASE_WAIT_MS = 30000,
    TAKE_AT_ONCE = 32, /* messages taken in before the loop looks at anything else */
    LAST_ANSWERS_MS = 1000,
    /* A byte of content costs at most 56 once decoded (an empty list), a submission is bounded. */
    SCRATCH = 64 * LIMIT_SUBMISSION + 4 * 1024 * 1024,
};

static const Setting settings[] = {
    {"hub.realm", NULL, "live or demonstration"},
    {"hub.database", NULL, "conninfo of the hub's database, role mash_intake"},
    SERVER_SETTINGS,
    {"keys.hub_intake_public", NULL, "key file, x25519-public: contents are sealed to it"},
    {"keys.ack", NULL, "key file, ed25519-secret: signs acknowledgements and refusals"},
    {NULL, NULL, NULL},
};

typedef struct Intake {
    Gate gate;
    Speaker speaker;
    Sealer *sealer;
    Store *batches;   /* for the writer alone */
    Store *others;    /* the register, NOTIFY, and what is refused */
    Writer *writer;
    Arena *scratch;
    Loop *loop;
    Server server;
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
    return STORE_CALL(in->others, NULL, "SELECT door.intake_refuse($1, $2, $3, $4, $5, $6)",
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
    int r = wire_take(in->server.router, true, &f);
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
    (void)zmq_setsockopt(in->server.router, ZMQ_LINGER, &linger,
                         sizeof(linger)); /* else: sent again */
    return r;
}

static int on_notify(void *context) {
    Intake *in = context;
    return store_notified(in->others) ? server_refresh(&in->server) : 0;
}

/* ---- opening --------------------------------------------------------------------------------- */

/* Every seal is bound to the realm: under another than the hub's nothing could be opened again. */
static int check_realm(Intake *in) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    int r = store_call(in->others, "SELECT door.intake_realm()", NULL, 0, &rows);
    if (r) return r < 0 ? r : ERR_STORE;
    return str_eq(row_text(rows, 0, 0), in->gate.realm) ? 0 : ERR_CONFIG;
}

static int open_database(Intake *in, const char *conninfo) {
    int r = store_open(conninfo, "mash-intake", DATABASE_WAIT_MS, &in->batches);
    if (r == 0) r = store_open(conninfo, "mash-intake", DATABASE_WAIT_MS, &in->others);
    if (r == 0) r = check_realm(in);
    if (r == 0) r = store_listen(in->others, "register");
    return r < 0 ? r : writer_new(in->batches, &in->speaker, &in->writer);
}

static int open_keys(Intake *in, const Config *c) {
    Key hub;
    int r = keyfile_load(config_text(c, "keys.hub_intake_public"), "x25519-public", &hub);
    if (r == 0) r = keyfile_load(config_text(c, "keys.ack"), "ed25519-secret", &in->speaker.ack);
    return r < 0 ? r : sealer_new(&hub, &in->sealer);
}

/* The gate and the speaker look into what the server has just opened. */
static int open_server(Intake *in, const Config *c) {
    int r = server_open(&in->server, c, KEY_transport, LIMIT_SUBMISSION, in->others, in->loop,
                        on_message, in);
    in->gate.keys = in->server.keys;
    in->speaker.router = in->server.router;
    if (r == 0) r = loop_add_fd(in->loop, store_fd(in->batches), on_result, in);
    if (r == 0) r = loop_add_fd(in->loop, store_fd(in->others), on_notify, in);
    loop_set_idle(in->loop, on_idle, in);
    return r;
}

static void say_counts(const Counts *n) {
    log_event(LOG_info, "counts",
              "accepted=%llu duplicate=%llu quarantined=%llu refused=%llu batches=%llu",
              (unsigned long long)n->accepted, (unsigned long long)n->duplicate,
              (unsigned long long)n->quarantined, (unsigned long long)n->refused,
              (unsigned long long)n->batches);
}

static void close_all(Intake *in) {
    server_close(&in->server);
    writer_free(in->writer);
    sealer_free(in->sealer);
    store_close(in->batches);
    store_close(in->others);
    arena_free(in->scratch);
    loop_free(in->loop);
    key_wipe(&in->speaker.ack);
}

static int open_all(Intake *in, const Config *c) {
    Str realm = str_z(config_text(c, "hub.realm"));
    in->gate.realm = in->speaker.realm = realm;
    in->scratch = arena_new(SCRATCH);
    if (!in->scratch) return ERR_MEMORY;
    if (!code_known(LIST_realm, realm)) return ERR_CONFIG;
    int r = loop_new(&in->loop);
    if (r == 0) r = open_keys(in, c);
    in->gate.sealer = in->sealer;
    if (r == 0) r = open_database(in, config_text(c, "hub.database"));
    return r < 0 ? r : open_server(in, c);
}

static int run(const Started *s, void *context) {
    Intake *in = context;
    int r = open_all(in, s->config);
    if (r == 0) {
        program_ready(s);
        r = loop_run(in->loop);
        if (r == 0) r = drain(in);
        say_counts(writer_counts(in->writer));
    }
    close_all(in);
    return r;
}

int main(int argc, char **argv) {
    Intake intake = {0};
    const Program program = {
        .name = "mash-intake",
        .doc = "Takes in what agencies push: checks, seals, commits, acknowledges.",
        .settings = settings,
        .run = run,
        .context = &intake,
    };
    return program_main(argc, argv, &program);
}
