/* Who shares a key, in memory: for a trial over a file and for loading in bulk. Pure. */
#ifndef MASH_INDEX_H
#define MASH_INDEX_H

#include "broker/hub/match/block.h"
#include "broker/hub/match/table.h"

typedef struct Index Index;

Index *index_new(void); /* NULL: no memory */
void index_free(Index *x);
DEFINE_FREEP(Index, index_free)

/* Records are numbered from 0 in the order in which they are added. ERR_MEMORY. */
int index_add(Index *x, const BlockKey *keys, size_t count) _must_check_;

/* All that share a key which is not too common, none twice; valid until the next call. */
int index_find(Index *x, const BlockKey *keys, size_t count, const uint32_t **ret,
               size_t *ret_count) _must_check_;

/* How often a key of this kind was not used because too many share it. */
uint64_t index_too_common(const Index *x, BlockKind kind);

#endif
