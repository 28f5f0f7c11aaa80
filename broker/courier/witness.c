/* What witnesses need: the newest signed head with the proof that it extends theirs, the proofs of
 * single leaves, and the way back for their cosignatures. The courier only carries these: it signs
 * nothing, and what a cosignature is worth is for its readers to verify. */
#include "broker/courier/courier.h"

#include "broker/io/fault.h"

/* Hashes come as one byte string, 32 bytes each. ERR_BROKEN when they do not. */
static int add_hashes(Courier *c, Value *head, uint32_t key, Bytes hashes) {
    if (hashes.len % HASH_LEN != 0) return ERR_BROKEN;
    for (size_t at = 0; at < hashes.len; at += HASH_LEN) {
        Value *v = arena_alloc(c->arena, sizeof(*v));
        if (!v) return ERR_MEMORY;
        *v = (Value){.kind = VALUE_bytes, .bytes = bytes_of(hashes.at + at, HASH_LEN)};
        value_add(c->arena, head, key, v);
    }
    return 0;
}

/* A peer that is gone asks again. */
static int answer(Courier *c, const Mail *m, const Value *head) {
    int r = courier_put(c, mail_routing(m), head, (Bytes){0});
    return r < 0 ? r : 0;
}

int send_checkpoint(Courier *c, const Mail *m) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    int64_t held = value_number(m->head, F_collect_tree_size);
    int r = STORE_CALL(c->store, &rows, "SELECT note, proof, size FROM door.courier_checkpoint($1)",
                       p_number(held));
    if (r || rows_count(rows) == 0) return r;
    /* A smaller one goes, too: the witness has to see that the hub was put back. */
    if (row_number(rows, 0, 2) == held) return 0;
    Value *head = head_new(c->arena, STRUCT_checkpoint);
    value_set_text(c->arena, head, F_checkpoint_realm, c->realm);
    value_set_text(c->arena, head, F_checkpoint_note, row_text(rows, 0, 0));
    value_set_number(c->arena, head, F_checkpoint_old_size, held);
    r = add_hashes(c, head, F_checkpoint_proof, row_bytes(rows, 0, 1));
    return r < 0 ? r : answer(c, m, head);
}

int take_cosignature(Courier *c, const Mail *m) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    FAULT_POINT(cosign_before_store);
    int r = STORE_CALL(c->store, &rows, "SELECT door.courier_cosign($1, $2, $3)",
                       p_text(m->agency), p_number(value_number(m->head, F_cosignature_tree_size)),
                       p_text(value_text(m->head, F_cosignature_line)));
    FAULT_POINT(cosign_after_store);
    if (r) return r;
    return rows_count(rows) == 1 && row_yes(rows, 0, 0) ? 0 : REFUSE_not_found;
}

int take_prove(Courier *c, const Mail *m) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    int64_t index = value_number(m->head, F_prove_leaf_index);
    int64_t size = value_number(m->head, F_prove_tree_size);
    int r = STORE_CALL(c->store, &rows, "SELECT door.courier_proof($1, $2)", p_number(index),
                       p_number(size));
    if (r) return r;
    if (rows_count(rows) == 0 || row_null(rows, 0, 0)) return REFUSE_not_found;
    Value *head = head_new(c->arena, STRUCT_proof);
    value_set_text(c->arena, head, F_proof_realm, c->realm);
    value_set_number(c->arena, head, F_proof_leaf_index, index);
    value_set_number(c->arena, head, F_proof_tree_size, size);
    r = add_hashes(c, head, F_proof_hash, row_bytes(rows, 0, 0));
    return r < 0 ? r : answer(c, m, head);
}
