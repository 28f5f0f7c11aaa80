/* Bytes to tree and back, and the check of a tree against schemas/fields.def.
 *
 * Decoding is our own bounded reader, because msgpack-c reserves what a length *claims* (a 5-byte
 * message makes it reserve gigabytes). One value fills the input exactly; counts are compared with
 * the bytes left, less what is promised already, before anything is reserved: a tree takes at most
 * CODEC_COST times its bytes; depth <= LIMIT_DEPTH; no ext, no nil, no float, no
 * negative number; minimal encodings only; ascending, unique, unsigned keys below 2^31; valid
 * UTF-8. So one message has one encoding. Encoding is msgpack-c's packer. */
#ifndef MASH_CODEC_H
#define MASH_CODEC_H

#include "schemas/schema.h"
#include "schemas/value.h"

/* What is wrong, and where: a path of field names and positions, never a value. */
typedef struct Fault {
    Reason reason;
    char path[120]; /* "person[0].birth_date"; empty when the whole is meant */
    size_t offset;  /* byte where decoding stopped; 0 from schema_check */
    bool unknown_fields; /* not a fault: a later minor version's fields were seen, and kept */
} Fault;

/* A tree's bytes a byte of input, at most (an empty list in one: pointer, value, no elements). */
enum { CODEC_COST = 64 };

/* 0 and the tree, a REFUSE_* (also in ret_fault), or ERR_MEMORY. The tree borrows from `in`. */
int codec_decode(Arena *a, Bytes in, const Value **ret, Fault *ret_fault) _must_check_;

/* Canonical bytes of a tree; ERR_MEMORY. */
int codec_encode(Arena *a, const Value *v, Bytes *ret) _must_check_;

/* 0 or a REFUSE_*. Unknown keys pass (evolution) and set fault->unknown_fields. */
int schema_check(StructKind kind, const Value *v, Fault *ret_fault) _must_check_;

/* RFC 3339 date-time with offset; and YYYY, YYYY-MM or YYYY-MM-DD. Real calendar days only. */
bool time_valid(Str text);
bool date_valid(Str text);

/* The tree as JSON by field names, for people and tests. Ids as UUIDs, bytes as hex. {0} when the
 * arena failed. */
Str codec_json(Arena *a, StructKind kind, const Value *v);

#endif
