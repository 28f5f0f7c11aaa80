/* See witness.h. A fork is not repaired here: the last good head stays, and people are told. */
#include "adapters/common/witness.h"

#include "adapters/common/alarm.h"
#include "broker/base/err.h"
#include "broker/io/clock.h"
#include "broker/io/fault.h"
#include "broker/io/log.h"
#include "broker/ledger/ledger.h"

static const char fork_sentence[] =
    "The hub's ledger does not extend what this adapter saw before: something was changed, or the "
    "hub went back to an older state. Nothing was cosigned. Tell the hub and your SIRO.";
static const char wrong_sentence[] =
    "The hub acknowledged a message, and its proof that the message is in the ledger does not "
    "hold. The adapter keeps asking. Tell the hub and your SIRO.";

int witness_size(Spool *spool, int64_t *ret) {
    SpoolHead head;
    int r = spool_head(spool, &head);
    if (r == 0) *ret = head.size;
    return r;
}

static Hash *proof_path(Arena *a, const Value *v, uint32_t key, size_t *ret_count) {
    *ret_count = value_count(v, key);
    Hash *path = arena_array(a, *ret_count + 1, sizeof(*path));
    for (size_t i = 0; path && i < *ret_count; i++) {
        const Value *hash = value_item(v, key, i);
        if (hash->bytes.len == HASH_LEN) memcpy(path[i].at, hash->bytes.at, HASH_LEN);
    }
    return path;
}

static int cosignature_head(const Identity *self, Arena *a, const Checkpoint *c, Bytes *ret_head) {
    Value *head = head_new(a, STRUCT_cosignature);
    Str line;
    Str name = str_z(self->witness_name);
    int r = cosignature_make(a, c, name, &self->witness, clock_ms() / 1000, &line);
    if (r < 0) return r;
    value_set_text(a, head, F_cosignature_realm, self->realm);
    value_set_text(a, head, F_cosignature_agency, self->agency);
    value_set_number(a, head, F_cosignature_tree_size, (int64_t)c->size);
    value_set_text(a, head, F_cosignature_line, line);
    return arena_failed(a) ? ERR_MEMORY : codec_encode(a, head, ret_head);
}

/* From nothing everything extends: the pinned log key is the trust of the first time. */
static bool extends(Arena *a, const SpoolHead *old, const Checkpoint *c, const Value *checkpoint) {
    size_t count;
    Hash *path = proof_path(a, checkpoint, F_checkpoint_proof, &count);
    if (!path) return false;
    if (old->size == 0) return c->size > 0;
    return consistency_holds((uint64_t)old->size, &old->root, c->size, &c->root, path, count);
}

int witness_checkpoint(const Identity *self, Spool *spool, Arena *a, const Value *checkpoint,
                       Bytes *ret_head) {
    Str note = value_text(checkpoint, F_checkpoint_note);
    SpoolHead old;
    Checkpoint c;
    *ret_head = (Bytes){0};
    if (!checkpoint_open(a, note, self->log_origin, &self->log_public, &c) || c.size > INT64_MAX) {
        log_event(LOG_warn, "checkpoint_not_trusted", "%s", "");
        return 0;
    }
    int r = spool_head(spool, &old);
    if (r < 0) return r;
    if (value_number(checkpoint, F_checkpoint_old_size) != old.size) return 0; /* to an older ask */
    if ((int64_t)c.size == old.size && hash_eq(&c.root, &old.root)) return 0;
    bool good = extends(a, &old, &c, checkpoint);
    if (arena_failed(a)) return ERR_MEMORY;
    if (!good) {
        alarm_raise(self->dir, "ledger_forked", fork_sentence);
        return 0;
    }
    FAULT_POINT(witness_before_head);
    r = spool_head_put(spool, &(SpoolHead){.size = (int64_t)c.size, .root = c.root}, note);
    FAULT_POINT(witness_after_head);
    return r < 0 ? r : cosignature_head(self, a, &c, ret_head);
}

static int prove_head(const Identity *self, Arena *a, int64_t index, int64_t size,
                      Bytes *ret_head) {
    Value *head = head_new(a, STRUCT_prove);
    value_set_text(a, head, F_prove_realm, self->realm);
    value_set_text(a, head, F_prove_agency, self->agency);
    value_set_number(a, head, F_prove_leaf_index, index);
    value_set_number(a, head, F_prove_tree_size, size);
    return arena_failed(a) ? ERR_MEMORY : codec_encode(a, head, ret_head);
}

int witness_prove(const Identity *self, Spool *spool, Arena *a, Bytes ret_heads[PROVE_AT_ONCE],
                  size_t *ret_count) {
    int64_t indexes[PROVE_AT_ONCE], size = 0;
    *ret_count = 0;
    size_t count = 0;
    int r = witness_size(spool, &size);
    if (r == 0) r = spool_unproven(spool, size, indexes, PROVE_AT_ONCE, &count);
    for (size_t i = 0; r == 0 && i < count; i++) {
        r = prove_head(self, a, indexes[i], size, &ret_heads[i]);
    }
    if (r == 0) *ret_count = count;
    return r;
}

int witness_proof(const Identity *self, Spool *spool, Arena *a, const Value *proof) {
    int64_t index = value_number(proof, F_proof_leaf_index);
    SpoolHead head;
    Bytes leaf;
    Hash hash;
    size_t count;
    int r = spool_head_at(spool, value_number(proof, F_proof_tree_size), &head);
    if (r == 0) r = spool_leaf(spool, a, index, &leaf);
    if (r < 0) return r;
    if (head.size == 0 || !leaf.at) return 0; /* a head no longer held, or no leaf of ours */
    Hash *path = proof_path(a, proof, F_proof_hash, &count);
    r = leaf_hash(leaf, &hash);
    if (r < 0 || !path) return r < 0 ? r : ERR_MEMORY;
    if (inclusion_holds((uint64_t)index, (uint64_t)head.size, &hash, path, count, &head.root)) {
        FAULT_POINT(proof_before_store);
        r = spool_proven(spool, index);
        FAULT_POINT(proof_after_store);
        return r;
    }
    alarm_raise(self->dir, "proof_wrong", wrong_sentence);
    return 0;
}
