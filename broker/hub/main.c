/* mash-hub: settings, keys, stores, the staff's socket, the loop. Two things happen here: messages
 * become items (pipeline.c) and members of staff ask (commands.c), one at a time, in one thread. It
 * opens no connection to an agency, and nobody without a usable staff key gets in. */
#include "broker/hub/commands.h"
#include "broker/hub/ending.h"
#include "broker/hub/pipeline.h"

#include "broker/io/clock.h"
#include "broker/io/log.h"
#include "broker/io/program.h"

#include <sys/eventfd.h>

enum {
    DATABASE_WAIT_MS = 30000,
    PIPELINE_EVERY_MS = 1000,  /* the wake-up that cannot be lost; NOTIFY is the quick one */
    RECONCILE_EVERY_MS = 1000, /* a step, while there is something to look at; then */
    RECONCILE_AGAIN_S = 3600,
    CLIMB_EVERY_MS = 1000,
};

static const Setting settings[] = {
    {"hub.realm", NULL, "live or demonstration; must be the database's"},
    {"hub.database", NULL, "how to reach the database, as libpq takes it (user=mash_hub)"},
    {"hub.vault", NULL, "how to reach the vault's database (user=mash_vault)"},
    SERVER_SETTINGS,
    {"hub.state", "run/hub.ending", "where a hub leaves over which message it ended"},
    {"keys.intake", NULL, "x25519-secret: opens what intake sealed"},
    {"keys.storage", NULL, "aes-secret: wraps the keys in the vault"},
    {"keys.index", NULL, "hmac-secret: match keys and references"},
    {"keys.letter_sign", NULL, "ed25519-secret: signs what is inside letters"},
    {0},
};

typedef struct Room {
    Hub hub;
    int more;             /* an eventfd, readable while messages wait */
    int64_t reconcile_us; /* when next, by the clock that never jumps */
} Room;

/* ---- opening ------------------------------------------------------------------------- */

/* Hashes of the two realms can never be compared, even under one key file. */
static int index_for_realm(Hub *h) {
    Bytes realm = str_bytes(h->realm), salt = str_bytes(STR("mash/1 index"));
    Key file = h->index;
    int r = hkdf_sha256(salt, BYTES_OF(file.at), realm, h->index.at, sizeof(h->index.at));
    key_wipe(&file);
    return r;
}

static int keys_load(Hub *h, const Config *c) {
    const struct {
        const char *setting, *kind;
        Key *key;
    } files[] = {
        {"keys.intake", "x25519-secret", &h->intake.secret},
        {"keys.storage", "aes-secret", &h->storage},
        {"keys.index", "hmac-secret", &h->index},
        {"keys.letter_sign", "ed25519-secret", &h->letter_sign},
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

static int stores_open(Hub *h, const Config *c) {
    int r = store_open(config_text(c, "hub.database"), "mash-hub", DATABASE_WAIT_MS, &h->store);
    if (r == 0)
        r = store_open(config_text(c, "hub.vault"), "mash-hub", DATABASE_WAIT_MS, &h->vault);
    if (r == 0) r = realm_check(h);
    if (r == 0) r = store_listen(h->store, "message");
    return r < 0 ? r : store_listen(h->store, "register");
}

/* ---- working ------------------------------------------------------------------------- */

/* One round, and between two of them a look at what staff ask. */
static int pipeline_go(void *room) {
    Room *p = room;
    bool more = false;
    uint64_t count = 1;
    ssize_t n = read(p->more, &count, sizeof(count)); /* empty unless this call came by it */
    int r = pipeline_run(&p->hub, &more);
    if (r < 0 || !more) return r;
    count = 1;
    n = write(p->more, &count, sizeof(count));
    return n == (ssize_t)sizeof(count) ? 0 : ERR_FILE;
}

static int database_spoke(void *room) {
    Room *p = room;
    if (!store_notified(p->hub.store)) return 0;
    int r = server_refresh(&p->hub.server); /* whichever channel it was: both are quick */
    return r < 0 ? r : pipeline_go(room);
}

static int pipeline_tick(void *room) {
    Room *p = room;
    (void)store_notified(p->hub.store); /* what came while a door was called is worked off now */
    int r = waiting_look(&p->hub);
    return r < 0 ? r : pipeline_go(room);
}

/* What was taken in and has dropped out of the work is put back, and named: a work list is not
 * evidence, the ledger is (R1, R5). In small steps, because the ledger is long and staff wait. */
static int reconcile(void *room) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    Room *p = room;
    Hub *h = &p->hub;
    if (clock_mono_us() < p->reconcile_us) return 0;
    int r = store_call(h->store, "SELECT sentence, more FROM door.hub_reconcile()", NULL, 0, &rows);
    if (r) return r < 0 ? r : ERR_STORE;
    bool more = false;
    for (size_t i = 0; i < rows_count(rows); i++) {
        more = more || row_yes(rows, i, 1);
        if (row_null(rows, i, 0)) continue;
        log_event(LOG_error, "not_reconciled", "what=\"%.*s\"", STR_ARG(row_text(rows, i, 0)));
        alarm_seen(&h->server.alarms, ALARM_not_reconciled, (Str){0});
    }
    p->reconcile_us = more ? 0 : clock_mono_us() + (int64_t)RECONCILE_AGAIN_S * 1000000;
    return 0;
}

static int server_start(Hub *h, const Config *c) {
    int r =
        server_open(&h->server, c, KEY_staff, LIMIT_COMMAND, h->store, h->loop, commands_serve, h);
    h->keys = h->server.keys;
    return r;
}

static int loop_fill(Room *p) {
    Hub *h = &p->hub;
    p->more = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    int r = p->more < 0 ? ERR_FILE : 0;
    if (r == 0) r = loop_add_fd(h->loop, store_fd(h->store), database_spoke, p);
    if (r == 0) r = loop_add_fd(h->loop, p->more, pipeline_go, p);
    if (r == 0) r = loop_add_timer(h->loop, RECONCILE_EVERY_MS, reconcile, p);
    if (r == 0) r = loop_add_timer(h->loop, CLIMB_EVERY_MS, deadlines_climb, h);
    return r < 0 ? r : loop_add_timer(h->loop, PIPELINE_EVERY_MS, pipeline_tick, p);
}

static int ending_start(Hub *h, const Config *c) {
    int r = ending_open(config_text(c, "hub.state"), &h->ending);
    if (r < 0) {
        log_event(LOG_error, "settings_wrong", "setting=hub.state error=\"%s\"",
                  "it cannot be written, or another hub has it");
    }
    return r;
}

static int open_all(Room *p, const Config *c) {
    Hub *h = &p->hub;
    h->realm = str_z(config_text(c, "hub.realm"));
    int r = loop_new(&h->loop);
    if (r == 0) r = waiting_metrics(&h->server.metrics);
    if (r == 0) r = keys_load(h, c);
    if (r == 0) r = opener_new(&h->intake, &h->opener);
    if (r == 0) r = pipeline_new(&h->pipeline);
    if (r == 0) r = ending_start(h, c);
    if (r == 0) r = stores_open(h, c);
    if (r == 0) r = pipeline_blame(h);
    if (r == 0) r = server_start(h, c);
    return r < 0 ? r : loop_fill(p);
}

static void close_all(Room *p) {
    Hub *h = &p->hub;
    server_close(&h->server);
    pipeline_freep(&h->pipeline);
    ending_closep(&h->ending);
    opener_freep(&h->opener);
    store_closep(&h->vault);
    store_closep(&h->store);
    loop_freep(&h->loop);
    fd_closep(&p->more);
    Key *keys[] = {&h->intake.secret, &h->storage, &h->index, &h->letter_sign};
    for (size_t i = 0; i < COUNT_OF(keys); i++) key_wipe(keys[i]);
}

static int run(const Started *s, void *context) {
    Room *p = context;
    int r = open_all(p, s->config);
    if (r == 0) {
        program_ready(s);
        r = reconcile(p);
    }
    if (r == 0) {
        r = pipeline_go(p); /* what waited while nobody was here */
    }
    if (r == 0) r = loop_run(p->hub.loop);
    close_all(p);
    return r;
}

int main(int argc, char **argv) {
    Room room = {.more = -1};
    const Program program = {
        .name = "mash-hub",
        .doc = "The room of the Multi-Agency Safeguarding Hub.",
        .settings = settings,
        .run = run,
        .context = &room,
    };
    return program_main(argc, argv, &program);
}
