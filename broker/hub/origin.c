/* See origin.h. */
#include "broker/hub/origin.h"

enum { ORIGIN_head, ORIGIN_signature, ORIGIN_key };

static bool head_names(const Value *head, const Work *w) {
    for (size_t i = 0; i < value_count(head, F_submission_entry); i++) {
        const Value *e = value_item(head, F_submission_entry, i);
        Id id;
        if (!value_id(e, F_entry_message_id, &id) || !id_eq(id, w->id)) continue;
        if (!str_eq(value_text(e, F_entry_content), w->content)) continue;
        if (bytes_eq(value_bytes(e, F_entry_commitment), w->commitment)) return true;
    }
    return false;
}

static bool head_proves(const Hub *h, Arena *a, const Work *w, const Rows *rows, size_t i) {
    Bytes bytes = row_bytes(rows, i, ORIGIN_head);
    const RegisteredKey *k = register_by_id(h->keys, KEY_origin, row_text(rows, i, ORIGIN_key));
    StructKind kind = STRUCT_none;
    const Value *head = NULL;
    Fault fault;
    if (!k || !k->usable || !str_is(w->agency, k->owner)) return false;
    if (!head_verify(a, &k->public, STRUCT_submission, bytes, row_bytes(rows, i, ORIGIN_signature)))
        return false;
    if (head_decode(a, bytes, &kind, &head, &fault) != 0 || kind != STRUCT_submission) return false;
    return str_eq(value_text(head, F_submission_realm), h->realm) &&
           str_eq(value_text(head, F_submission_agency), w->agency) && head_names(head, w);
}

int origin_proved(Hub *h, Arena *a, const Work *w) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    int r = STORE_CALL(h->store, &rows,
                       "SELECT head, signature, origin_key FROM door.hub_origin($1, $2)",
                       p_text(w->agency), p_id(w->id));
    if (r) return r;
    for (size_t i = 0; i < rows_count(rows); i++) {
        if (head_proves(h, a, w, rows, i)) return 0;
    }
    return arena_failed(a) ? ERR_MEMORY : REFUSE_signature_wrong;
}
