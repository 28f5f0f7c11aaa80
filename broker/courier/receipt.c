/* Receipts: the recipient's signed word that a letter is in its system. The origin key that signed
 * must be usable now and the same agency's; the signature is kept with the head, as evidence. */
#include "broker/courier/courier.h"

#include "broker/io/fault.h"
#include "broker/io/log.h"

/* 0 or why this receipt proves nothing. */
static int receipt_verify(const Courier *c, const Mail *m) {
    Str key = value_text(m->head, F_receipt_origin_key);
    const RegisteredKey *origin = register_by_id(c->server.keys, KEY_origin, key);
    if (!origin) return REFUSE_key_unknown;
    if (!origin->usable) return REFUSE_key_revoked;
    if (!str_eq(m->agency, str_z(origin->owner))) return REFUSE_agency_mismatch;
    bool holds = head_verify(c->arena, &origin->public, STRUCT_receipt, frame(m->frames, 0),
                             frame(m->frames, 1));
    if (!holds && arena_failed(c->arena)) return ERR_MEMORY;
    return holds ? 0 : REFUSE_signature_wrong;
}

int take_receipt(Courier *c, const Mail *m) {
    Id letter_id;
    int r = receipt_verify(c, m);
    if (r) return r;
    if (!value_id(m->head, F_receipt_letter_id, &letter_id)) return REFUSE_missing_field;
    FAULT_POINT(receipt_before_store);
    r = STORE_CALL(c->store, NULL, "SELECT door.courier_receipt($1, $2, $3, $4, $5, $6)",
                   p_text(m->agency), p_id(letter_id),
                   p_text(value_text(m->head, F_receipt_outcome)),
                   p_bytes(value_bytes(m->head, F_receipt_digest)), p_bytes(frame(m->frames, 0)),
                   p_bytes(frame(m->frames, 1)));
    FAULT_POINT(receipt_after_store);
    if (r) return r;
    metric_add_for(c->server.metrics, M_receipts, value_text(m->head, F_receipt_outcome), 1);
    char id[ID_TEXT];
    id_text(letter_id, id);
    log_event(LOG_info, "receipt", "agency=%.*s letter=%s outcome=%.*s", STR_ARG(m->agency), id,
              STR_ARG(value_text(m->head, F_receipt_outcome)));
    return 0;
}
