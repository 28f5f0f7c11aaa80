/* mash-notary: settings, key, database, then a timer. Growth is asked for twice a second: one row
 * read costs less than a wake-up for every act. Exit codes: 0 stopped, 1 failed (start again), 3
 * the database contradicts what was signed (do not start again before a person has looked; see
 * notary.h). */
#include "broker/notary/notary.h"

#include "broker/io/clock.h"
#include "broker/io/keyfile.h"
#include "broker/io/log.h"
#include "broker/io/loop.h"
#include "broker/io/program.h"
#include "broker/io/status.h"

enum { EVERY_MS = 500, DATABASE_WAIT_MS = 30000 };

static const Setting settings[] = {
    {"hub.realm", NULL, "live or demonstration; must be the last part of the origin"},
    {"hub.database", NULL, "how to reach the database, as libpq takes it (user=mash_notary)"},
    STATUS_SETTING,
    {"hub.origin", NULL, "the ledger's name in every signed head, e.g. mash.example/hub/live"},
    {"keys.log", NULL, "file with the ledger's ed25519-secret"},
    {"notary.state", NULL, "file in which the notary remembers what it signed"},
    {0},
};

enum { M_size, M_unsigned, M_age_seconds, M_COUNT };

static const Metric table[M_COUNT] = {
    [M_size] = {"mash_notary_size", METRIC_gauge, "Leaves under the last checkpoint", NULL},
    [M_unsigned] = {"mash_notary_unsigned_leaves", METRIC_gauge, "Leaves after it", NULL},
    [M_age_seconds] = {"mash_notary_checkpoint_age_seconds", METRIC_gauge,
                       "Since this process signed last, or started; a ledger at rest is not signed",
                       NULL},
};

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

static int look(void *context, Metrics *m) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    const Notary *n = context;
    int r = store_call(n->store, "SELECT size FROM door.notary_head()", NULL, 0, &rows);
    if (r) return r < 0 ? r : ERR_STORE;
    int64_t size = (int64_t)n->memory.frontier.size;
    metric_set(m, M_size, (double)size);
    metric_set(m, M_unsigned, (double)(row_number(rows, 0, 0) - size));
    metric_set(m, M_age_seconds, (double)(clock_mono_ms() - n->signed_ms) / 1000);
    return 0;
}

static int work(Notary *n, const Started *s) {
    _cleanup_(loop_freep) Loop *loop = NULL;
    _cleanup_(metrics_freep) Metrics *metrics = NULL;
    _cleanup_(status_closep) Status *status = NULL;
    const StatusHooks hooks = {.refresh = look, .context = n};
    n->signed_ms = clock_mono_ms();
    int r = loop_new(&loop);
    if (r == 0) r = metrics_new(table, M_COUNT, &metrics);
    if (r == 0) {
        r = status_open(loop, config_text(s->config, "hub.status"), metrics, &hooks, &status);
    }
    if (r == 0) r = notary_open(n, s->flag);
    if (r == 0) r = notary_sign(n, true);
    if (r == 0) r = loop_add_timer(loop, EVERY_MS, tick, n);
    if (r < 0) return r;
    program_ready(s);
    log_event(LOG_info, "started", "size=%llu", (unsigned long long)n->memory.frontier.size);
    r = loop_run(loop);
    if (r == 0) r = notary_sign(n, true); /* what is there is signed before leaving */
    if (r == 0) {
        log_event(LOG_info, "stopped", "size=%llu", (unsigned long long)n->memory.frontier.size);
    }
    return r;
}

static int run(const Started *s, void *context) {
    _cleanup_(store_closep) Store *store = NULL;
    Notary *n = context;
    int r = notary_configure(n, s->config);
    if (r == 0) {
        r = store_open(config_text(s->config, "hub.database"), "mash-notary", DATABASE_WAIT_MS,
                       &store);
    }
    n->store = store;
    if (r == 0) r = work(n, s);
    key_wipe(&n->key.secret);
    return r;
}

int main(int argc, char **argv) {
    Notary notary = {0};
    const Program program = {
        .name = "mash-notary",
        .doc = "Signs the heads of the hub's ledger.",
        .settings = settings,
        .flag = {"adopt", 'a',
                 "the state file is lost: begin from the newest head in the database. A person's "
                 "decision; refused while there is a state file"},
        .person_when_broken = true,
        .run = run,
        .context = &notary,
    };
    return program_main(argc, argv, &program);
}
