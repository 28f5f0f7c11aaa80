/* mash-intake: the one ROUTER to which agencies push. It writes and can never read: contents are
 * sealed to a key that it does not hold before they reach the database, whose doors give nothing
 * back but leaves. Opens everything, proves that its door is shut to strangers, then follows the
 * loop. It is crash-only: a lost database ends it, and its supervisor starts it again. */
#include "broker/intake/batch.h"
#include "broker/io/log.h"
#include "broker/io/program.h"

enum {
    DATABASE_WAIT_MS = 30000,
    WAITING_BYTES = 64 * 1024 * 1024, /* in each lane */
    SCRATCH = CODEC_COST * LIMIT_SUBMISSION + 4 * 1024 * 1024, /* all of one submission as trees */
};

static const Setting settings[] = {
    {"hub.realm", NULL, "live or demonstration"},
    {"hub.name", "intake", "tells this intake from another on the same database"},
    {"hub.database", NULL, "conninfo of the hub's database, role mash_intake"},
    SERVER_SETTINGS,
    {"keys.hub_intake_public", NULL, "key file, x25519-public: contents are sealed to it"},
    {"keys.ack", NULL, "key file, ed25519-secret: signs acknowledgements and refusals"},
    {"intake.writers", "1", "how many batches may be with the database at once, 1 to 4"},
    {NULL, NULL, NULL},
};

/* What an intake needs until it is closed, beside what its rooms share. */
typedef struct Running {
    Intake in;
    Sealer *sealer;
} Running;

static int on_notify(void *context) {
    Intake *in = context;
    if (!store_notified(in->others)) return 0;
    int r = server_refresh(&in->server);
    return r < 0 ? r : limits_load(in->limits, in->others);
}

/* ---- opening --------------------------------------------------------------------------------- */

/* Every seal is bound to the realm: under another than the hub's nothing could be opened again. */
static int check_realm(Intake *in) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    int r = store_call(in->others, "SELECT door.intake_realm()", NULL, 0, &rows);
    if (r) return r < 0 ? r : ERR_STORE;
    if (str_eq(row_text(rows, 0, 0), in->gate.realm)) return 0;
    log_event(LOG_error, "settings_wrong",
              "setting=hub.realm error=\"the database is of another realm\"");
    return ERR_CONFIG;
}

/* An acknowledgement says that it is on the disk: a database that does not wait for that is no
 * place to give one from (R1). Told again by /ready, should it be set while we run. */
static int check_durable(Intake *in) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    int r = store_call(in->others, "SELECT door.intake_ready()", NULL, 0, &rows);
    if (r) return r < 0 ? r : ERR_STORE;
    if (!str_is(row_text(rows, 0, 0), "not_durable")) return 0;
    log_event(LOG_error, "not_durable",
              "mend=\"synchronous_commit, fsync and full_page_writes have to be on\"");
    return ERR_CONFIG;
}

static int open_writer(Intake *in, const char *conninfo, Lane lane) {
    Store *store = NULL;
    int r = store_open(conninfo, "mash-intake", DATABASE_WAIT_MS, &store);
    if (r < 0) return r;
    r = writer_new(in, store, lane, &in->writers[in->writer_count]);
    if (r == 0) in->writer_count++;
    if (r < 0) store_close(store);
    return r;
}

static int open_reporter(Intake *in, const Config *c) {
    Store *store = NULL;
    int r = store_open(config_text(c, "hub.database"), "mash-intake", DATABASE_WAIT_MS, &store);
    return r < 0 ? r : reporter_new(store, config_text(c, "hub.name"), in->lanes, &in->reporter);
}

static int open_database(Intake *in, const Config *c) {
    const char *conninfo = config_text(c, "hub.database");
    int64_t writers = config_number(c, "intake.writers", 1, WRITERS_MAX - 1);
    int r = store_open(conninfo, "mash-intake", DATABASE_WAIT_MS, &in->others);
    if (r == 0) r = check_realm(in);
    if (r == 0) r = check_durable(in);
    if (r == 0) r = store_listen(in->others, "register");
    if (r == 0) r = limits_new(&in->limits);
    if (r == 0) r = limits_load(in->limits, in->others);
    if (r == 0) r = open_reporter(in, c);
    if (r == 0) r = open_writer(in, conninfo, LANE_reserved);
    for (int64_t i = 0; i < writers && r == 0; i++) r = open_writer(in, conninfo, LANE_ordinary);
    return r;
}

static int open_keys(Running *run, const Config *c) {
    Key hub;
    Key *ack = &run->in.speaker.ack;
    int r = keyfile_load(config_text(c, "keys.hub_intake_public"), "x25519-public", &hub);
    if (r == 0) r = keyfile_load(config_text(c, "keys.ack"), "ed25519-secret", ack);
    if (r == 0) r = sealer_new(&hub, &run->sealer);
    run->in.gate.sealer = run->sealer;
    return r;
}

static int open_lanes(Intake *in) {
    in->scratch = arena_new(SCRATCH);
    if (!in->scratch) return ERR_MEMORY;
    int r = lanes_new(WAITING_BYTES, &in->lanes);
    if (r < 0) return r;
    in->nobody = lanes_sender(in->lanes, "", "");
    return in->nobody ? 0 : ERR_MEMORY;
}

/* The gate and the speaker look into what the server has just opened. */
static int open_server(Running *run, const Config *c) {
    Intake *in = &run->in;
    int r = metrics_new(intake_metrics, M_COUNT, &in->server.metrics);
    in->server.hooks = (StatusHooks){.refresh = flow_gauges, .ready = flow_ready, .context = in};
    if (r == 0) {
        r = server_open(&in->server, c, KEY_transport, LIMIT_SUBMISSION, in->others, run->in.loop,
                        flow_arrive, in);
    }
    in->gate.keys = in->server.keys;
    in->speaker.router = in->server.router;
    alarm_watch(&in->server.alarms, ALARM_immediate_overflow);
    alarm_watch(&in->server.alarms, ALARM_intake_full);
    alarm_watch(&in->server.alarms, ALARM_commit_slow);
    for (size_t i = 0; i < in->writer_count && r == 0; i++) {
        r = loop_add_fd(run->in.loop, writer_fd(in->writers[i]), writer_arrived, in->writers[i]);
    }
    if (r == 0) r = loop_add_fd(run->in.loop, store_fd(in->others), on_notify, in);
    if (r == 0) {
        r = loop_add_fd(run->in.loop, reporter_fd(in->reporter), report_arrived, in->reporter);
    }
    if (r == 0) r = loop_add_timer(run->in.loop, 1000, flow_second, in);
    if (r == 0) r = loop_add_timer(run->in.loop, REPORT_EVERY_MS, report_tick, in->reporter);
    loop_set_idle(run->in.loop, flow_work, in);
    return r;
}

static int open_all(Running *run, const Config *c) {
    Str realm = str_z(config_text(c, "hub.realm"));
    run->in.gate.realm = run->in.speaker.realm = realm;
    if (!code_known(LIST_realm, realm)) return ERR_CONFIG;
    int r = loop_new(&run->in.loop);
    if (r == 0) r = open_lanes(&run->in);
    if (r == 0) r = open_keys(run, c);
    if (r == 0) r = open_database(&run->in, c);
    return r < 0 ? r : open_server(run, c);
}

static void close_all(Running *run) {
    Intake *in = &run->in;
    server_close(&in->server);
    for (size_t i = 0; i < in->writer_count; i++) writer_free(in->writers[i]);
    reporter_free(in->reporter);
    lanes_free(in->lanes);
    limits_free(in->limits);
    sealer_free(run->sealer);
    store_close(in->others);
    arena_free(in->scratch);
    loop_free(run->in.loop);
    key_wipe(&in->speaker.ack);
}

static int run(const Started *s, void *context) {
    Running *run = context;
    int r = open_all(run, s->config);
    if (r == 0) {
        program_ready(s);
        r = loop_run(run->in.loop);
        if (r == 0) r = flow_drain(&run->in);
    }
    close_all(run);
    return r;
}

int main(int argc, char **argv) {
    Running running = {0};
    const Program program = {
        .name = "mash-intake",
        .doc = "Takes in what agencies push: checks, seals, commits, acknowledges.",
        .settings = settings,
        .run = run,
        .context = &running,
    };
    return program_main(argc, argv, &program);
}
