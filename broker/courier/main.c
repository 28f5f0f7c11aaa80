/* mash-courier: the one ROUTER that agencies collect from. Opens everything, proves that its door
 * is shut to strangers, then follows the loop: a message, a NOTIFY, the register every two seconds.
 * It is crash-only: a lost database ends it, and its supervisor starts it again. */
#include "broker/courier/courier.h"

#include "broker/io/log.h"
#include "broker/io/program.h"

enum {
    DATABASE_WAIT_MS = 30000,
    COURIER_ARENA = CODEC_COST * LIMIT_HEAD + 1024 * 1024,
    LOOK_EVERY_MS = 2000,
    READY_EVERY_MS = 250, /* how soon after its tick a letter leaves */
    LETTER_LATE_S = 900,
    UNSIGNED_LATE_S = 30,
};

static const Setting settings[] = {
    {"hub.realm", NULL, "live or demonstration"},
    {"hub.database", NULL, "conninfo of the hub's database, role mash_courier"},
    SERVER_SETTINGS,
    {NULL, NULL, NULL},
};

static const Metric table[M_COUNT] = {
    [M_sent] = {"mash_courier_sent_total", METRIC_counter, "Letters put on the wire, also again",
                NULL},
    [M_receipts] = {"mash_courier_receipts_total", METRIC_counter, "Signed receipts", "outcome"},
    [M_left] = {"mash_courier_left_total", METRIC_counter,
                "Messages of agencies that were not obeyed", "reason"},
    [M_connected] = {"mash_courier_connected", METRIC_gauge, "Adapters that collect", NULL},
    [M_letters] = {"mash_courier_letters", METRIC_gauge, "Letters that wait", NULL},
    [M_oldest_seconds] = {"mash_courier_oldest_letter_seconds", METRIC_gauge,
                          "How long the oldest letter waits", NULL},
    [M_parked] = {"mash_courier_parked", METRIC_gauge,
                  "Letters that their agency could not read, for a person to look at", NULL},
    [M_unsigned] = {"mash_courier_unsigned_leaves", METRIC_gauge,
                    "Leaves of the ledger that no checkpoint covers", NULL},
    [M_unsigned_seconds] = {"mash_courier_unsigned_seconds", METRIC_gauge,
                            "How long the oldest of them waits", NULL},
};

/* ---- messages -------------------------------------------------------------------------------- */

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
    return r < 0 ? r : wire_put(c->server.router, routing, parts, rest.len ? 2 : 1);
}

static int mail_take(Courier *c, Mail *m) {
    StructKind kind = STRUCT_none;
    Fault fault;
    m->from = register_by_id(c->server.keys, KEY_transport, str_z(m->frames->user));
    if (!m->from) return REFUSE_key_unknown;
    if (!m->from->usable) return REFUSE_key_revoked;
    if (frame(m->frames, 0).len > LIMIT_HEAD) return REFUSE_too_large;
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
    int r = wire_take(c->server.router, true, &frames);
    if (r == 1) return 0;
    if (r < 0) return r;
    if (r == 0) r = mail_take(c, &(Mail){.frames = &frames});
    if (r > 0) {
        metric_add_for(c->server.metrics, M_left, str_z(reason_name(r)), 1);
        log_event(LOG_warn, "mail_left", "key=%s reason=%s", frames.user, reason_name(r));
    }
    frames_clear(&frames);
    arena_reset(c->arena);
    return r < 0 ? r : 0;
}

/* Whatever channel it was: the register is small and letters are looked for by index. */
static int on_notify(void *context) {
    Courier *c = context;
    if (!store_notified(c->store)) return 0;
    int r = server_refresh(&c->server);
    return r < 0 ? r : deliver_ready(c);
}

static int on_tick(void *context) {
    return deliver_ready(context);
}

/* ---- what waits ------------------------------------------------------------------------------ */

/* Of the notary's work too: it cannot tell of itself that it is gone. */
static int look(void *context) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    Courier *c = context;
    int r = store_call(c->store,
                       "SELECT letters, oldest_s, parked, unsigned, unsigned_s "
                       "FROM door.courier_watch()",
                       NULL, 0, &rows);
    if (r) return r < 0 ? r : ERR_STORE;
    if (rows_count(rows) != 1) return ERR_STORE;
    for (int k = 0; k < M_COUNT - M_letters; k++) {
        metric_set(c->server.metrics, M_letters + k, (double)row_number(rows, 0, k));
    }
    metric_set(c->server.metrics, M_connected, (double)c->peers);
    alarm_level(&c->server.alarms, ALARM_letters_late, (double)row_number(rows, 0, 1),
                LETTER_LATE_S, 0);
    alarm_level(&c->server.alarms, ALARM_checkpoint_late, (double)row_number(rows, 0, 4),
                UNSIGNED_LATE_S, 0);
    return 0;
}

/* ---- the program ----------------------------------------------------------------------------- */

static int open_all(Courier *c, const Config *settings_in) {
    c->realm = str_z(config_text(settings_in, "hub.realm"));
    c->arena = arena_new(COURIER_ARENA);
    int r = c->arena ? loop_new(&c->loop) : ERR_MEMORY;
    if (r == 0) {
        r = store_open(config_text(settings_in, "hub.database"), "mash-courier", DATABASE_WAIT_MS,
                       &c->store);
    }
    if (r == 0) r = store_listen(c->store, "letter");
    if (r == 0) r = store_listen(c->store, "register");
    if (r == 0) r = metrics_new(table, M_COUNT, &c->server.metrics);
    if (r == 0) {
        r = server_open(&c->server, settings_in, KEY_transport, LIMIT_HEAD, c->store, c->loop,
                        on_message, c);
    }
    if (r == 0) r = look(c);
    if (r == 0) r = loop_add_timer(c->loop, LOOK_EVERY_MS, look, c);
    if (r == 0) r = loop_add_timer(c->loop, READY_EVERY_MS, on_tick, c);
    return r < 0 ? r : loop_add_fd(c->loop, store_fd(c->store), on_notify, c);
}

static void close_all(Courier *c) {
    server_close(&c->server);
    store_close(c->store);
    arena_free(c->arena);
    loop_free(c->loop);
}

static int run(const Started *s, void *context) {
    Courier *c = context;
    int r = open_all(c, s->config);
    if (r == 0) {
        program_ready(s);
        r = loop_run(c->loop);
    }
    close_all(c);
    return r;
}

int main(int argc, char **argv) {
    Courier courier = {0};
    const Program program = {
        .name = "mash-courier",
        .doc = "Carries sealed letters to agencies and their receipts back.",
        .settings = settings,
        .run = run,
        .context = &courier,
    };
    return program_main(argc, argv, &program);
}
