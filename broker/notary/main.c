/* mash-notary: settings, key, database, then a timer. Growth is asked for twice a second: one row
 * read costs less than a wake-up for every act. Exit codes: 0 stopped, 1 failed (start again), 3
 * the database contradicts what was signed (do not start again before a person has looked; see
 * notary.h). */
#include "broker/notary/notary.h"

#include "broker/io/keyfile.h"
#include "broker/io/log.h"
#include "broker/io/loop.h"
#include "broker/io/program.h"

enum { EVERY_MS = 500, DATABASE_WAIT_MS = 30000 };

static const Setting settings[] = {
    {"hub.realm", NULL, "live or demonstration; must be the last part of the origin"},
    {"hub.database", NULL, "how to reach the database, as libpq takes it (user=mash_notary)"},
    {"hub.origin", NULL, "the ledger's name in every signed head, e.g. mash.example/hub/live"},
    {"keys.log", NULL, "file with the ledger's ed25519-secret"},
    {"notary.state", NULL, "file in which the notary remembers what it signed"},
    {0},
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

static int work(Notary *n, const Started *s) {
    _cleanup_(loop_freep) Loop *loop = NULL;
    int r = loop_new(&loop);
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
