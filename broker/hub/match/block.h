/* Which two people are compared at all: those that share a key. A key is a 64-bit hash of a
 * composite that one person's descriptions mostly agree on, each on another, so that one mistake
 * leaves the others. Pure; makes keys and stores none: an index in memory and one of keyed hashes
 * in a database look for the same. */
#ifndef MASH_BLOCK_H
#define MASH_BLOCK_H

#include "broker/hub/match/identity.h"

typedef enum BlockKind {
#define BLOCK(kind, most, what) BLOCK_##kind,
#include "broker/hub/match/blocks.def"
#undef BLOCK
    BLOCK_COUNT,
} BlockKind;

typedef struct BlockKey {
    uint64_t hash;
    BlockKind kind;
} BlockKey;

enum { BLOCK_KEYS_MOST = 128 };

/* At most BLOCK_KEYS_MOST, none twice. */
size_t block_keys(const Identity *p, BlockKey ret[BLOCK_KEYS_MOST]);

/* How many people may share a key of this kind before it is too common to be used. */
uint32_t block_most(BlockKind kind);
const char *block_what(BlockKind kind); /* "date of birth and family name" */

#endif
