/* See courier.h. */
#include "adapters/common/courier.h"

#include "adapters/common/witness.h"
#include "broker/base/err.h"
#include "broker/io/fault.h"
#include "broker/io/log.h"

enum { COURIER_ARENA = 8 * 1024 * 1024 };

struct Courier {
    const Identity *self;
    Spool *spool;
    Letters *letters;
    SendCall send;
    void *send_context;
    Arena *arena; /* of the message in hand */
};

int courier_open(const Identity *self, Spool *spool, Letters *letters, SendCall send,
                 void *send_context, Courier **ret) {
    Courier *c = calloc(1, sizeof(*c));
    if (!c) return ERR_MEMORY;
    *c = (Courier){.self = self,
                   .spool = spool,
                   .letters = letters,
                   .send = send,
                   .send_context = send_context,
                   .arena = arena_new(COURIER_ARENA)};
    *ret = c;
    return c->arena ? 0 : ERR_MEMORY;
}

void courier_close(Courier *c) {
    if (!c) return;
    arena_free(c->arena);
    free(c);
}

/* A link that is not there or full is no failure: the courier, or the next tick, comes again. */
static int courier_send(Courier *c, const Bytes *parts, size_t count) {
    int r = c->send(c->send_context, parts, count);
    return r < 0 ? r : 0;
}

static int collect_send(Courier *c) {
    Value *head = head_new(c->arena, STRUCT_collect);
    int64_t size = 0;
    Bytes bytes;
    int r = witness_size(c->spool, &size);
    if (r < 0) return r;
    value_set_text(c->arena, head, F_collect_realm, c->self->realm);
    value_set_text(c->arena, head, F_collect_agency, c->self->agency);
    value_set_number(c->arena, head, F_collect_tree_size, size);
    r = arena_failed(c->arena) ? ERR_MEMORY : codec_encode(c->arena, head, &bytes);
    return r < 0 ? r : courier_send(c, &bytes, 1);
}

static int prove_send(Courier *c) {
    Bytes heads[PROVE_AT_ONCE];
    size_t count = 0;
    int r = witness_prove(c->self, c->spool, c->arena, heads, &count);
    for (size_t i = 0; r == 0 && i < count; i++) r = courier_send(c, &heads[i], 1);
    return r;
}

/* The spool's own trouble passes or is looked at; only a broken socket or no memory stops. */
static int courier_done(Courier *c, int r) {
    arena_reset(c->arena);
    if (r == ERR_WIRE || r == ERR_MEMORY) return r;
    if (r < 0) log_event(LOG_error, "courier_waits", "why=\"%s\"", err_name(r));
    return 0;
}

int courier_tick(Courier *c) {
    int r = collect_send(c);
    if (r == 0) r = prove_send(c);
    return courier_done(c, r);
}

static int parcel_take(Courier *c, const Value *parcel, Bytes sealed) {
    Bytes receipt[2];
    Id letter_id;
    bool ours = str_eq(value_text(parcel, F_parcel_agency), c->self->agency) &&
                value_id(parcel, F_parcel_letter_id, &letter_id);
    if (!ours || sealed.len == 0 || sealed.len > LIMIT_LETTER) return 0;
    int r = letters_take(c->letters, c->arena, letter_id, sealed, &receipt[0], &receipt[1]);
    if (r == 0) r = courier_send(c, receipt, 2);
    FAULT_POINT(receipt_after_send);
    return r;
}

static int checkpoint_take(Courier *c, const Value *checkpoint) {
    Bytes cosignature;
    int r = witness_checkpoint(c->self, c->spool, c->arena, checkpoint, &cosignature);
    if (r < 0 || !cosignature.at) return r;
    r = courier_send(c, &cosignature, 1);
    FAULT_POINT(cosign_after_send);
    return r < 0 ? r : prove_send(c);
}

static int head_take(Courier *c, StructKind kind, const Value *head, Bytes sealed) {
    if (kind == STRUCT_parcel) return parcel_take(c, head, sealed);
    if (kind == STRUCT_checkpoint) return checkpoint_take(c, head);
    if (kind == STRUCT_proof) return witness_proof(c->self, c->spool, c->arena, head);
    log_event(LOG_warn, "courier_message_unknown", "%s", "");
    return 0;
}

/* Where a message of this kind says its realm. */
static uint32_t realm_key(StructKind kind) {
    if (kind == STRUCT_parcel) return F_parcel_realm;
    return kind == STRUCT_checkpoint ? F_checkpoint_realm : F_proof_realm;
}

int courier_take(Courier *c, Bytes head, Bytes sealed) {
    StructKind kind = STRUCT_none;
    const Value *value = NULL;
    Fault fault;
    int r = head_decode(c->arena, head, &kind, &value, &fault);
    if (r > 0) log_event(LOG_warn, "courier_message_bad", "reason=%s", reason_name(r));
    bool here = r == 0 && str_eq(value_text(value, realm_key(kind)), c->self->realm);
    if (here) r = head_take(c, kind, value, sealed);
    return courier_done(c, r < 0 ? r : 0);
}
