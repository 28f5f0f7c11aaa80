/* Letters on their way out. An agency says that it is there (`collect`, its heartbeat); what is due
 * for it goes at once, and comes again with growing pauses until its receipt is here: a letter is
 * never given up (R25). What is due, and when again, is the database's to say. */
#include "broker/courier/courier.h"

#include "broker/io/fault.h"
#include "broker/io/log.h"

enum { LETTERS_AT_ONCE = 16 };

static Peer *peer_find(Courier *c, const char *key) {
    for (size_t i = 0; i < c->peers; i++) {
        if (strcmp(c->peer[i].key, key) == 0) return &c->peer[i];
    }
    return NULL;
}

static void peer_forget(Courier *c, Peer *p) {
    *p = c->peer[--c->peers];
}

static bool peer_usable(const Courier *c, const Peer *p) {
    const RegisteredKey *k = register_by_id(c->server.keys, KEY_transport, str_z(p->key));
    return k && k->usable;
}

/* Remembers where the agency is now. `ret_anew`: it was not here, or by another connection. */
static Peer *peer_note(Courier *c, const Mail *m, bool *ret_anew) {
    Bytes routing = mail_routing(m);
    Peer *p = peer_find(c, m->from->id);
    if (!p && c->peers == PEERS_MAX) return NULL;
    *ret_anew = !p || !bytes_eq(routing, bytes_of(p->routing, p->routing_len));
    if (!p) p = &c->peer[c->peers++];
    *p = (Peer){.routing_len = routing.len};
    memcpy(p->routing, routing.at, routing.len);
    (void)snprintf(p->key, sizeof(p->key), "%s", m->from->id);
    (void)snprintf(p->agency, sizeof(p->agency), "%s", m->from->owner);
    return p;
}

static int parcel_put(Courier *c, const Peer *p, Id letter_id, Bytes sealed) {
    Value *head = head_new(c->arena, STRUCT_parcel);
    value_set_text(c->arena, head, F_parcel_realm, c->realm);
    value_set_text(c->arena, head, F_parcel_agency, str_z(p->agency));
    value_set_id(c->arena, head, F_parcel_letter_id, &letter_id);
    FAULT_POINT(parcel_before_send);
    int r = courier_put(c, bytes_of(p->routing, p->routing_len), head, sealed);
    FAULT_POINT(parcel_after_send);
    if (r == 0) metric_add(c->server.metrics, M_sent, 1);
    return r;
}

/* 0, 1 when the agency is gone: what was marked as tried comes again when it is back. */
static int deliver_due(Courier *c, const Peer *p, bool anew) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    int r = STORE_CALL(c->store, &rows,
                       "SELECT letter_id, sealed FROM door.courier_due($1, $2, $3)",
                       p_z(p->agency), p_number(LETTERS_AT_ONCE), p_yes(anew));
    for (size_t i = 0; r == 0 && i < rows_count(rows); i++) {
        r = parcel_put(c, p, row_id(rows, i, 0), row_bytes(rows, i, 1));
    }
    if (r == 0 && rows_count(rows) > 0) {
        log_event(LOG_info, "letters_sent", "agency=%s count=%zu", p->agency, rows_count(rows));
    }
    return r;
}

int take_collect(Courier *c, const Mail *m) {
    bool anew = false;
    Peer *p = peer_note(c, m, &anew);
    if (!p) return REFUSE_too_many;
    if (anew) log_event(LOG_info, "agency_present", "agency=%s key=%s", p->agency, p->key);
    int r = deliver_due(c, p, anew);
    if (r == 1) peer_forget(c, p);
    return r == 0 ? send_checkpoint(c, m) : r < 0 ? r : 0;
}

static bool among(const Rows *agencies, Str agency) {
    for (size_t i = 0; i < rows_count(agencies); i++) {
        if (str_eq(row_text(agencies, i, 0), agency)) return true;
    }
    return false;
}

int deliver_ready(Courier *c) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    int r = store_call(c->store, "SELECT agency FROM door.courier_ready()", NULL, 0, &rows);
    if (r) return r < 0 ? r : ERR_STORE;
    for (size_t i = c->peers; i > 0 && rows_count(rows) > 0; i--) {
        Peer *p = &c->peer[i - 1];
        if (!among(rows, str_z(p->agency))) continue;
        r = peer_usable(c, p) ? deliver_due(c, p, false) : 1;
        arena_reset(c->arena);
        if (r < 0) return r;
        if (r > 0) peer_forget(c, p);
    }
    return 0;
}
