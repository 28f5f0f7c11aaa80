/* See promise.h. */
#include "adapters/common/promise.h"

#include "schemas/leaf.h"

bool answer_trusted(const Identity *self, Arena *a, StructKind kind, const Value *head, Bytes bytes,
                    Bytes signature) {
    bool ack = kind == STRUCT_acknowledgement;
    if (!ack && kind != STRUCT_refusal) return false;
    if (!head_verify(a, &self->ack_public, kind, bytes, signature)) return false;
    uint32_t realm = ack ? F_acknowledgement_realm : F_refusal_realm;
    if (!str_eq(value_text(head, realm), self->realm)) return false;
    return !ack || str_eq(value_text(head, F_acknowledgement_agency), self->agency);
}

/* The promise is about our message and our content, made to us, in our realm, and of the kind that
 * the outcome says: a leaf that another act left is no promise. The submission and key that brought
 * it are there, and may be earlier ones: a duplicate gets its first leaf again (R2). */
static bool leaf_is_ours(const Identity *self, const SpoolAnswer *answer, const Hash *commitment) {
    char hex[2 * HASH_LEN + 1];
    Str leaf = bytes_str(answer->leaf);
    hex_encode(BYTES_OF(commitment->at), hex);
    return str_starts(leaf, STR("mash-leaf/1\n")) && leaf_says(leaf, "realm", self->realm) &&
           leaf_says(leaf, "act", answer->quarantined ? STR("quarantine") : STR("accept")) &&
           leaf_says(leaf, "agency", self->agency) &&
           leaf_says_id(leaf, "message", answer->message_id) &&
           leaf_says(leaf, "commitment", str_z(hex)) && leaf_word(leaf, "submission").len &&
           leaf_word(leaf, "origin_key").len;
}

static bool promise_read(const Identity *self, Id message_id, const Hash *commitment,
                         const Value *entry, SpoolAnswer *ret) {
    Id id;
    if (!value_id(entry, F_ack_entry_message_id, &id) || !id_eq(id, message_id)) return false;
    *ret = (SpoolAnswer){
        .message_id = id,
        .quarantined = str_is(value_text(entry, F_ack_entry_outcome), "quarantined"),
        .leaf_index = value_number(entry, F_ack_entry_leaf_index),
        .leaf = value_bytes(entry, F_ack_entry_leaf),
        .reason = value_text(entry, F_ack_entry_reason),
    };
    return leaf_is_ours(self, ret, commitment);
}

bool promises_read(const Identity *self, const Submission *s, const SubmissionEntry *entries,
                   const Value *acknowledgement, SpoolAnswer ret[LIMIT_ENTRIES]) {
    if (value_count(acknowledgement, F_acknowledgement_entry) != s->count) return false;
    for (size_t i = 0; i < s->count; i++) {
        const Value *entry = value_item(acknowledgement, F_acknowledgement_entry, i);
        if (!promise_read(self, entries[i].message_id, &s->commitments[i], entry, &ret[i])) {
            return false;
        }
    }
    return true;
}
