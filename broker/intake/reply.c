/* See reply.h. A peer that is gone, or does not read, gets no answer: it keeps its copy, sends it
 * again, and is then answered the same (R2). */
#include "broker/intake/reply.h"

#include "broker/io/fault.h"

static int reply_put(const Speaker *s, Arena *a, Bytes routing, StructKind kind,
                     const Value *head) {
    Bytes bytes;
    Signature signature;
    if (arena_failed(a)) return ERR_MEMORY;
    if (routing.len == 0) return 0;
    int r = codec_encode(a, head, &bytes);
    if (r == 0) r = head_sign(a, &s->ack, kind, bytes, &signature);
    if (r < 0) return r;
    Bytes parts[] = {bytes, BYTES_OF(signature.at)};
    FAULT_POINT(reply_before_send);
    r = wire_put(s->router, routing, parts, COUNT_OF(parts));
    FAULT_POINT(reply_after_send);
    return r < 0 ? r : 0;
}

static void add_entry(Arena *a, Value *head, const Entry *e, const Outcome *o) {
    Value *v = value_add_map(a, head, F_acknowledgement_entry);
    int known = (int)reason_by_name(o->reason);
    value_set_id(a, v, F_ack_entry_message_id, &e->message_id);
    value_set_text(a, v, F_ack_entry_outcome, o->outcome);
    value_set_number(a, v, F_ack_entry_leaf_index, o->leaf_index);
    value_set_bytes(a, v, F_ack_entry_leaf, o->leaf);
    value_set_text(a, v, F_ack_entry_reason, o->reason);
    value_set_text(a, v, F_ack_entry_path, o->path);
    if (known) value_set_text(a, v, F_ack_entry_sentence, str_z(reason_sentence(known)));
}

int reply_acknowledgement(const Speaker *s, Arena *a, const Submission *to,
                          const Outcome *outcomes, int64_t credit) {
    Value *head = head_new(a, STRUCT_acknowledgement);
    value_set_id(a, head, F_acknowledgement_submission_id, &to->id);
    value_set_text(a, head, F_acknowledgement_realm, s->realm);
    value_set_text(a, head, F_acknowledgement_agency, to->agency);
    value_set_number(a, head, F_acknowledgement_credit, credit);
    for (size_t i = 0; i < to->count; i++) add_entry(a, head, &to->entries[i], &outcomes[i]);
    return reply_put(s, a, to->routing, STRUCT_acknowledgement, head);
}

int reply_refusal(const Speaker *s, Arena *a, const Turned *t) {
    Value *head = head_new(a, STRUCT_refusal);
    if (t->submission) value_set_id(a, head, F_refusal_submission_id, t->submission);
    value_set_text(a, head, F_refusal_realm, s->realm);
    value_set_text(a, head, F_refusal_reason, str_z(reason_name((int)t->reason)));
    value_set_text(a, head, F_refusal_path, str_z(t->path));
    value_set_text(a, head, F_refusal_sentence, str_z(reason_sentence((int)t->reason)));
    if (t->credit) value_set_number(a, head, F_refusal_credit, t->credit);
    if (t->retry_ms) value_set_number(a, head, F_refusal_retry_ms, t->retry_ms);
    return reply_put(s, a, t->routing, STRUCT_refusal, head);
}
