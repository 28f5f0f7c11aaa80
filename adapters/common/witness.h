/* The adapter as a witness: it cosigns a checkpoint of the hub's ledger only when the hub's log key
 * signed it and it extends the last one this adapter saw (R16), and it proves, leaf by leaf, that
 * every acknowledged message is in there (R15, R17). What does not hold raises an alarm that the
 * agency sees itself, without asking the hub. */
#ifndef MASH_WITNESS_H
#define MASH_WITNESS_H

#include "adapters/common/identity.h"
#include "adapters/common/spool.h"
#include "schemas/envelope.h"

enum { PROVE_AT_ONCE = 16 };

/* The size that the witness holds; goes into `collect`. */
int witness_size(Spool *spool, int64_t *ret) _must_check_;

/* A `checkpoint` head, decoded. When it holds and is newer: stored, then the head of our
 * `cosignature` in the arena; {0} when there is nothing to say. */
int witness_checkpoint(const Identity *self, Spool *spool, Arena *a, const Value *checkpoint,
                       Bytes *ret_head) _must_check_;

/* Heads of `prove` for acknowledged leaves that are not proven yet. */
int witness_prove(const Identity *self, Spool *spool, Arena *a, Bytes ret_heads[PROVE_AT_ONCE],
                  size_t *ret_count) _must_check_;
/* A `proof` head, decoded. */
int witness_proof(const Identity *self, Spool *spool, Arena *a, const Value *proof) _must_check_;

#endif
