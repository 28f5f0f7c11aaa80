/* Seeds of what the hub answers and sends to agencies. */
#include "tests/fuzz/seeds.h"

#include "broker/ledger/ledger.h"
#include "schemas/envelope.h"
#include "tests/fuzz/fake_spool.h"

/* ---- from intake ----------------------------------------------------------------------------- */

static Bytes leaf_of(Seeds *s, size_t nth, bool quarantined) {
    char id[ID_TEXT], hex[2 * HASH_LEN + 1];
    Hash commitment;
    if (content_commit(fake_message_frame(nth), &commitment) != 0) abort();
    id_text(fake_message_id(nth), id);
    hex_encode(BYTES_OF(commitment.at), hex);
    return str_bytes(arena_printf(
        s->arena,
        "mash-leaf/1\nrealm demonstration\nat 2026-11-22T14:00:00.123456Z\nact %s\n"
        "agency police\nactor intake\nsubject %s\nmessage %s\ncommitment %s\n"
        "submission %s\norigin_key 0123456789abcdef\ncontent referral\nlane routine\n",
        quarantined ? "quarantine" : "accept", id, id, hex, id));
}

/* The first submission has the first id there is. */
static Id *submission_id(Seeds *s) {
    Id *id = arena_alloc(s->arena, sizeof(*id));
    ids_again();
    if (!id || id_v7(0, id) != 0) abort();
    return id;
}

static void acknowledgement(Seeds *s, const char *name, size_t count, const char *outcome) {
    Value *head = head_new(s->arena, STRUCT_acknowledgement);
    bool quarantined = strcmp(outcome, "quarantined") == 0;
    value_set_id(s->arena, head, F_acknowledgement_submission_id, submission_id(s));
    value_set_text(s->arena, head, F_acknowledgement_realm, FUZZ_REALM);
    value_set_text(s->arena, head, F_acknowledgement_agency, FUZZ_AGENCY);
    value_set_number(s->arena, head, F_acknowledgement_credit, 64);
    for (size_t i = 0; i < count; i++) {
        Value *entry = value_add_map(s->arena, head, F_acknowledgement_entry);
        Id *id = arena_alloc(s->arena, sizeof(*id));
        if (!id) abort();
        *id = fake_message_id(i);
        value_set_id(s->arena, entry, F_ack_entry_message_id, id);
        value_set_text(s->arena, entry, F_ack_entry_outcome, str_z(outcome));
        value_set_number(s->arena, entry, F_ack_entry_leaf_index, (int64_t)i);
        value_set_bytes(s->arena, entry, F_ack_entry_leaf, leaf_of(s, i, quarantined));
        if (quarantined) value_set_text(s->arena, entry, F_ack_entry_reason, STR("bad_time"));
    }
    Bytes parts[] = {seed_encode(s, head), seed_signature(s)};
    seed_frames(s, name, (uint8_t)(count - 1), parts, COUNT_OF(parts));
}

/* The same twice, for what comes again. */
static void refusal(Seeds *s, Reason reason, uint8_t queued) {
    Value *head = head_new(s->arena, STRUCT_refusal);
    value_set_id(s->arena, head, F_refusal_submission_id, submission_id(s));
    value_set_text(s->arena, head, F_refusal_realm, FUZZ_REALM);
    value_set_text(s->arena, head, F_refusal_reason, str_z(reason_name((int)reason)));
    value_set_text(s->arena, head, F_refusal_sentence, STR("A sentence."));
    value_set_number(s->arena, head, F_refusal_credit, 3);
    value_set_number(s->arena, head, F_refusal_retry_ms, 100);
    Bytes bytes = seed_encode(s, head);
    Bytes parts[] = {bytes, seed_signature(s), bytes, seed_signature(s)};
    seed_frames(s, reason_name((int)reason), queued, parts, COUNT_OF(parts));
}

void seeds_answer(Seeds *s) {
    acknowledgement(s, "accepted-one", 1, "accepted");
    acknowledgement(s, "accepted-three", 3, "accepted");
    acknowledgement(s, "duplicate", 2, "duplicate");
    acknowledgement(s, "quarantined", 1, "quarantined");
    refusal(s, REFUSE_busy, 4);
    refusal(s, REFUSE_hub_failed, 2);
    refusal(s, REFUSE_signature_wrong, 0);
    refusal(s, REFUSE_too_large, 2);
    refusal(s, REFUSE_key_revoked, 0);
}

/* ---- from the courier ------------------------------------------------------------------------ */

static void plain(Seeds *s, const char *name, const Bytes *parts, size_t count) {
    seed_write(s, name, frames_join(s->arena, parts, count));
}

static void letter(Seeds *s, const char *kind) {
    Value *parcel = seed_head(s, STRUCT_parcel), *inside = seed_head(s, STRUCT_letter);
    value_set_text(s->arena, inside, F_letter_kind, str_z(kind));
    Bytes body = seed_encode(s, inside), signature = seed_signature(s);
    Str sealed = arena_printf(s->arena, "open%.*s", (int)signature.len, (const char *)signature.at);
    uint8_t *all = arena_alloc(s->arena, sealed.len + body.len);
    if (!all) abort();
    memcpy(all, sealed.at, sealed.len);
    memcpy(all + sealed.len, body.at, body.len);
    Bytes parts[] = {seed_encode(s, parcel), bytes_of(all, sealed.len + body.len)};
    plain(s, kind, parts, COUNT_OF(parts));
}

static void checkpoint(Seeds *s) {
    KeyPair log = {.secret = cast_key(CAST_hub), .public = cast_key(CAST_hub)};
    Checkpoint c = {.origin = STR("mash.example/hub/demonstration"), .size = 3};
    Value *head = head_new(s->arena, STRUCT_checkpoint);
    Hash *third = arena_alloc(s->arena, sizeof(*third));
    Value *path = arena_alloc(s->arena, sizeof(*path));
    SpoolHead old = fake_head();
    Str note;
    if (!third || !path || leaf_hash(str_bytes(STR("mash-leaf/1\nact share\n")), third) != 0 ||
        node_hash(&old.root, third, &c.root) != 0 ||
        checkpoint_sign(s->arena, &c, &log, &note) != 0) {
        abort();
    }
    *path = (Value){.kind = VALUE_bytes, .bytes = BYTES_OF(third->at)};
    value_set_text(s->arena, head, F_checkpoint_realm, FUZZ_REALM);
    value_set_text(s->arena, head, F_checkpoint_note, note);
    value_set_number(s->arena, head, F_checkpoint_old_size, old.size);
    value_add(s->arena, head, F_checkpoint_proof, path);
    Bytes parts[] = {seed_encode(s, head)};
    plain(s, "checkpoint", parts, COUNT_OF(parts));
}

static void proof(Seeds *s) {
    Value *head = head_new(s->arena, STRUCT_proof);
    Hash *other = arena_alloc(s->arena, sizeof(*other));
    Value *path = arena_alloc(s->arena, sizeof(*path));
    if (!other || !path || leaf_hash(str_bytes(fake_leaf(1)), other) != 0) abort();
    *path = (Value){.kind = VALUE_bytes, .bytes = BYTES_OF(other->at)};
    value_set_text(s->arena, head, F_proof_realm, FUZZ_REALM);
    value_set_number(s->arena, head, F_proof_leaf_index, 0);
    value_set_number(s->arena, head, F_proof_tree_size, SPOOL_LEAVES);
    value_add(s->arena, head, F_proof_hash, path);
    Bytes parts[] = {seed_encode(s, head)};
    plain(s, "proof", parts, COUNT_OF(parts));
}

void seeds_letter(Seeds *s) {
    letter(s, "product");
    letter(s, "check");
    checkpoint(s);
    proof(s);
}
