/* Valid trees of any structure, made from the schema tables alone: what the codec's tests and the
 * fuzzers' seeds are built from. A new field or message is in them without a further word. */
#ifndef MASH_SAMPLE_H
#define MASH_SAMPLE_H

#include "schemas/envelope.h"

/* Every field when `full`, else the required ones. Lists hold two elements. */
Value *sample_tree(Arena *a, StructKind kind, bool full);

/* The same, encoded. */
Bytes sample_bytes(Arena *a, StructKind kind, bool full);

#endif
