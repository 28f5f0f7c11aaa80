/* mash-notary: settings, key, database, then a timer. Growth is asked for twice a second: one row
 * read costs less than a wake-up for every act. Exit codes: 0 stopped, 1 failed (start again), 3
 * the database contradicts what was signed (do not start again before a person has looked; see
 * notary.h). */
#include "broker/notary/notary.h"

#include "broker/base/config.h"
#include "broker/io/keyfile.h"
#include "broker/io/log.h"
#include "broker/io/loop.h"

#include <argp.h>
#include <sys/prctl.h>
#include <sys/resource.h>

enum { EVERY_MS = 500, DATABASE_WAIT_MS = 30000, EXIT_BROKEN = 3 };

static const Setting settings[] = {
    {"hub.realm", NULL, "live or demonstration; must be the last part of the origin"},
    {"hub.database", NULL, "how to reach the database, as libpq takes it (user=mash_notary)"},
    {"hub.origin", NULL, "the ledger's name in every signed head, e.g. mash.example/hub/live"},
    {"keys.log", NULL, "file with the ledger's ed25519-secret"},
    {"notary.state", NULL, "file in which the notary remembers what it signed"},
    {0},
};

typedef struct Arguments {
    const char *config;
    int ready_fd;
    bool adopt;
} Arguments;

static const struct argp_option options[] = {
    {"ready-fd", 'r', "N", 0, "write \"ready\" to this descriptor when at work", 0},
    {"adopt", 'a', NULL, 0,
     "the state file is lost: begin from the newest head in the database. A person's decision; "
     "refused while there is a state file",
     0},
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
    case 'a': args->adopt = true; return 0;
    case ARGP_KEY_ARG:
        if (args->config) argp_usage(state);
        args->config = value;
        return 0;
    case ARGP_KEY_NO_ARGS: argp_usage(state); return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

/* The log key lives in this process: nobody may trace it or find it in a core file. */
static int harden(void) {
    bool ok = prctl(PR_SET_DUMPABLE, 0) == 0 && setrlimit(RLIMIT_CORE, &(struct rlimit){0}) == 0;
    return ok ? 0 : ERR_CONFIG;
}

static bool origin_in_realm(Str origin, Str realm) {
    if (origin.len < realm.len + 2) return false;
    Str tail = {.at = origin.at + origin.len - realm.len, .len = realm.len};
    return realm.len > 0 && str_eq(tail, realm) && tail.at[-1] == '/';
}

static int notary_configure(Notary *n, const Config *c) {
    n->origin = str_z(config_text(c, "hub.origin"));
    n->state = config_text(c, "notary.state");
    if (!origin_in_realm(n->origin, str_z(config_text(c, "hub.realm")))) {
        log_event(LOG_error, "settings_wrong", "%s", "setting=hub.origin");
        return ERR_CONFIG;
    }
    int r = keyfile_load(config_text(c, "keys.log"), "ed25519-secret", &n->key.secret);
    if (r < 0) log_event(LOG_error, "settings_wrong", "%s", "setting=keys.log");
    return r < 0 ? r : ed25519_public(&n->key.secret, &n->key.public);
}

static int tick(void *context) {
    return notary_sign(context, false);
}

static void say_ready(int fd) {
    if (fd < 0) return;
    if (write(fd, "ready\n", 6) != 6) log_event(LOG_warn, "ready_not_told", "%s", "");
    (void)close(fd);
}

static int work(Notary *n, const Arguments *args) {
    _cleanup_(loop_freep) Loop *loop = NULL;
    int r = loop_new(&loop);
    if (r == 0) r = notary_open(n, args->adopt);
    if (r == 0) r = notary_sign(n, true);
    if (r == 0) r = loop_add_timer(loop, EVERY_MS, tick, n);
    if (r < 0) return r;
    say_ready(args->ready_fd);
    log_event(LOG_info, "started", "size=%llu", (unsigned long long)n->memory.frontier.size);
    r = loop_run(loop);
    if (r == 0) r = notary_sign(n, true); /* what is there is signed before leaving */
    if (r == 0) {
        log_event(LOG_info, "stopped", "size=%llu", (unsigned long long)n->memory.frontier.size);
    }
    return r;
}

static int run(const Arguments *args) {
    _cleanup_(config_freep) Config *config = NULL;
    _cleanup_(store_closep) Store *store = NULL;
    char why[300] = "this process cannot be protected from being traced";
    int r = harden();
    if (r == 0) r = config_load(args->config, settings, &config, why, sizeof(why));
    if (r < 0) {
        log_event(LOG_error, "settings_wrong", "why=\"%s\"", config ? "" : why);
        return r;
    }
    Notary n = {0};
    r = notary_configure(&n, config);
    if (r == 0) {
        r = store_open(config_text(config, "hub.database"), "mash-notary", DATABASE_WAIT_MS,
                       &store);
    }
    n.store = store;
    if (r == 0) r = work(&n, args);
    key_wipe(&n.key.secret);
    if (r < 0) log_event(LOG_error, "failed", "error=\"%s\"", err_name(r));
    return r;
}

int main(int argc, char **argv) {
    static const struct argp parser = {
        options, argument, "CONFIG.ini", "Signs the heads of the hub's ledger.", NULL, NULL, NULL};
    Arguments args = {.ready_fd = -1};
    log_open("mash-notary");
    if (argp_parse(&parser, argc, argv, 0, NULL, &args) != 0) return EXIT_FAILURE;
    int r = run(&args);
    if (r == ERR_BROKEN) return EXIT_BROKEN;
    return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
