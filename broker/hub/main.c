/* mash-hub: settings, keys, stores, the staff's socket, the loop. Two things happen here: messages
 * become items (pipeline.c) and members of staff ask (commands.c), one at a time, in one thread. It
 * opens no connection to an agency, and nobody without a usable staff key gets in. */
#include "broker/hub/commands.h"

#include "broker/base/config.h"
#include "broker/io/log.h"

#include <argp.h>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>

enum {
    DATABASE_WAIT_MS = 30000,
    PIPELINE_EVERY_MS = 1000, /* the wake-up that cannot be lost; NOTIFY is the quick one */
    REGISTER_EVERY_MS = 2000, /* a revocation acts within five seconds (F4) */
    BATCH = 16,               /* messages between two looks at what staff ask */
};

static const Setting settings[] = {
    {"hub.realm", NULL, "live or demonstration; must be the database's"},
    {"hub.database", NULL, "how to reach the database, as libpq takes it (user=mash_hub)"},
    {"hub.vault", NULL, "how to reach the vault's database (user=mash_vault)"},
    {"hub.endpoint", "tcp://127.0.0.1:*", "where staff's programs connect"},
    {"hub.endpoint_file", NULL, "the real endpoint is written here"},
    {"keys.intake", NULL, "x25519-secret: opens what intake sealed"},
    {"keys.storage", NULL, "aes-secret: wraps the keys in the vault"},
    {"keys.index", NULL, "hmac-secret: match keys and references"},
    {"keys.letter_sign", NULL, "ed25519-secret: signs what is inside letters"},
    {"keys.curve", NULL, "curve-secret: the hub's own, for staff's programs"},
    {0},
};

typedef struct Arguments {
    const char *config;
    int ready_fd;
} Arguments;

typedef struct Program {
    Hub hub;
    Key curve;
    char endpoint[ENDPOINT_MAX];
    int more; /* an eventfd, readable while messages wait */
} Program;

static const struct argp_option options[] = {
    {"ready-fd", 'r', "N", 0, "write \"ready\" to this descriptor when at work", 0},
    {0},
};

static error_t argument(int key, char *value, struct argp_state *state) {
    Arguments *args = state->input;
    uint64_t fd;
    switch (key) {
    case 'r':
        if (!str_u64(str_z(value), &fd) || fd > 1024) argp_error(state, "not a descriptor");
        args->ready_fd = (int)fd;
        return 0;
    case ARGP_KEY_ARG:
        if (args->config) argp_usage(state);
        args->config = value;
        return 0;
    case ARGP_KEY_NO_ARGS: argp_usage(state); return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

/* Names and keys live in this process: nobody may trace it or find them in a core file. */
static int harden(void) {
    bool ok = prctl(PR_SET_DUMPABLE, 0) == 0 && setrlimit(RLIMIT_CORE, &(struct rlimit){0}) == 0;
    return ok ? 0 : ERR_CONFIG;
}

/* ---- opening ------------------------------------------------------------------------- */

/* Hashes of the two realms can never be compared, even under one key file. */
static int index_for_realm(Hub *h) {
    Bytes realm = str_bytes(h->realm), salt = str_bytes(STR("mash/1 index"));
    Key file = h->index;
    int r = hkdf_sha256(salt, BYTES_OF(file.at), realm, h->index.at, sizeof(h->index.at));
    key_wipe(&file);
    return r;
}

static int keys_load(Program *p, const Config *c) {
    Hub *h = &p->hub;
    const struct {
        const char *setting, *kind;
        Key *key;
    } files[] = {
        {"keys.intake", "x25519-secret", &h->intake.secret},
        {"keys.storage", "aes-secret", &h->storage},
        {"keys.index", "hmac-secret", &h->index},
        {"keys.letter_sign", "ed25519-secret", &h->letter_sign},
        {"keys.curve", "curve-secret", &p->curve},
    };
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        int r = keyfile_load(config_text(c, files[i].setting), files[i].kind, files[i].key);
        if (r < 0) {
            log_event(LOG_error, "settings_wrong", "setting=%s error=\"%s\"", files[i].setting,
                      err_name(r));
            return r;
        }
    }
    int r = x25519_public(&h->intake.secret, &h->intake.public);
    return r < 0 ? r : index_for_realm(h);
}

/* A hub of the other realm would open nothing, and set aside all. */
static int realm_check(const Hub *h) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    int r = store_call(h->store, "SELECT door.hub_realm()", NULL, 0, &rows);
    if (r) return r < 0 ? r : ERR_STORE;
    if (rows_count(rows) == 1 && str_eq(row_text(rows, 0, 0), h->realm)) return 0;
    log_event(LOG_error, "settings_wrong", "setting=hub.realm error=\"%s\"",
              "the database is for another realm");
    return ERR_CONFIG;
}

static int register_refresh(void *hub) {
    Hub *h = hub;
    size_t bad = 0;
    int r = register_load(h->keys, h->store, &bad);
    if (r == 0 && bad) log_event(LOG_error, "register_rows_not_obeyed", "rows=%zu", bad);
    return r < 0 ? r : 0;
}

static int stores_open(Hub *h, const Config *c) {
    int r = store_open(config_text(c, "hub.database"), "mash-hub", DATABASE_WAIT_MS, &h->store);
    if (r == 0)
        r = store_open(config_text(c, "hub.vault"), "mash-hub", DATABASE_WAIT_MS, &h->vault);
    if (r == 0) r = realm_check(h);
    if (r == 0) r = store_listen(h->store, "message");
    if (r == 0) r = register_new(&h->keys);
    return r == 0 ? register_refresh(h) : r;
}

static bool staff_known(void *hub, const Key *curve_public, char user[USER_MAX]) {
    const Hub *h = hub;
    const RegisteredKey *k = register_by_public(h->keys, KEY_staff, curve_public);
    if (!k || !k->usable) return false;
    (void)snprintf(user, USER_MAX, "%s", k->id);
    return true;
}

/* Written beside and renamed, so that a reader never sees half of it. */
static int endpoint_publish(const char *path, const char *endpoint) {
    char beside[4096];
    int len = snprintf(beside, sizeof(beside), "%s.new", path);
    if (len < 0 || (size_t)len >= sizeof(beside)) return ERR_CONFIG;
    FILE *f = fopen(beside, "we");
    if (!f) return ERR_FILE;
    bool ok = fprintf(f, "%s\n", endpoint) > 0;
    ok = fclose(f) == 0 && ok;
    return ok && rename(beside, path) == 0 ? 0 : ERR_FILE;
}

static int counter_open(Program *p, const Config *c) {
    Hub *h = &p->hub;
    Key public;
    h->zmq = zmq_ctx_new();
    if (!h->zmq) return ERR_WIRE;
    int r = wire_public(&p->curve, &public);
    if (r == 0) r = zap_open(h->zmq, staff_known, h, &h->zap);
    if (r == 0) {
        r = wire_serve(h->zmq, config_text(c, "hub.endpoint"), &p->curve, LIMIT_COMMAND,
                       p->endpoint, &h->router);
    }
    if (r == 0) r = wire_self_test(h->zmq, p->endpoint, &public, h->zap);
    if (r == 0) r = endpoint_publish(config_text(c, "hub.endpoint_file"), p->endpoint);
    return r;
}

/* ---- working ------------------------------------------------------------------------- */

static int pipeline_go(void *program) {
    Program *p = program;
    size_t done = 0;
    uint64_t count = 1;
    ssize_t n = read(p->more, &count, sizeof(count)); /* empty unless this call came by it */
    int r = pipeline_run(&p->hub, BATCH, &done);
    if (r < 0 || done < BATCH) return r;
    count = 1;
    n = write(p->more, &count, sizeof(count));
    return n == (ssize_t)sizeof(count) ? 0 : ERR_FILE;
}

static int database_spoke(void *program) {
    Program *p = program;
    return store_notified(p->hub.store) ? pipeline_go(program) : 0;
}

static int pipeline_tick(void *program) {
    Program *p = program;
    (void)store_notified(p->hub.store); /* what came while a door was called is worked off now */
    return pipeline_go(program);
}

static int zap_serve(void *hub) {
    Hub *h = hub;
    return zap_answer(h->zap);
}

static int loop_fill(Program *p) {
    Hub *h = &p->hub;
    int r = loop_new(&h->loop);
    p->more = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (r == 0 && p->more < 0) r = ERR_FILE;
    if (r == 0) r = loop_add_socket(h->loop, zap_socket(h->zap), zap_serve, h);
    if (r == 0) r = loop_add_socket(h->loop, h->router, commands_serve, h);
    if (r == 0) r = loop_add_fd(h->loop, store_fd(h->store), database_spoke, p);
    if (r == 0) r = loop_add_fd(h->loop, p->more, pipeline_go, p);
    if (r == 0) r = loop_add_timer(h->loop, PIPELINE_EVERY_MS, pipeline_tick, p);
    if (r == 0) r = loop_add_timer(h->loop, REGISTER_EVERY_MS, register_refresh, h);
    return r;
}

static void say_ready(int fd) {
    if (fd < 0) return;
    if (write(fd, "ready\n", 6) != 6) log_event(LOG_warn, "ready_not_told", "%s", "");
    (void)close(fd);
}

static int work(Program *p, const Config *c, int ready_fd) {
    p->hub.realm = str_z(config_text(c, "hub.realm"));
    int r = keys_load(p, c);
    if (r == 0) r = stores_open(&p->hub, c);
    if (r == 0) r = counter_open(p, c);
    if (r == 0) r = loop_fill(p);
    if (r < 0) return r;
    say_ready(ready_fd);
    log_event(LOG_info, "started", "realm=%s", config_text(c, "hub.realm"));
    r = pipeline_go(p); /* what waited while nobody was here */
    return r < 0 ? r : loop_run(p->hub.loop);
}

static void program_close(Program *p) {
    Hub *h = &p->hub;
    loop_freep(&h->loop);
    if (h->router) (void)zmq_close(h->router);
    zap_closep(&h->zap);
    if (h->zmq) (void)zmq_ctx_term(h->zmq);
    register_freep(&h->keys);
    store_closep(&h->vault);
    store_closep(&h->store);
    fd_closep(&p->more);
    Key *keys[] = {&h->intake.secret, &h->storage, &h->index, &h->letter_sign, &p->curve};
    for (size_t i = 0; i < COUNT_OF(keys); i++) key_wipe(keys[i]);
}

static int run(const Arguments *args) {
    _cleanup_(config_freep) Config *config = NULL;
    Program program = {.more = -1};
    char why[300] = "this process cannot be protected from being traced";
    int r = harden();
    if (r == 0) r = config_load(args->config, settings, &config, why, sizeof(why));
    if (r < 0) {
        log_event(LOG_error, "not_started", "why=\"%s\"", why);
        return r;
    }
    r = work(&program, config, args->ready_fd);
    program_close(&program);
    if (r < 0)
        log_event(LOG_error, "stopped", "error=\"%s\"", err_name(r));
    else
        log_event(LOG_info, "stopped", "%s", "");
    return r;
}

int main(int argc, char **argv) {
    static const struct argp argp = {
        options, argument, "CONFIG.ini", "The room of the Multi-Agency Safeguarding Hub.",
        NULL,    NULL,     NULL};
    Arguments args = {.ready_fd = -1};
    log_open("mash-hub");
    if (argp_parse(&argp, argc, argv, 0, NULL, &args) != 0) return EXIT_FAILURE;
    return run(&args) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
