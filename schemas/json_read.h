/* JSON by field names into a tree, the reverse of codec_json: what a person corrected, as it was
 * shown, becomes a message again; and what stands on paper. Driven by schemas/fields.def alone.
 * Apart from codec.h, because only hub, mashctl and adapters read JSON (with jansson, whose
 * memory the hub wipes). */
#ifndef MASH_JSON_READ_H
#define MASH_JSON_READ_H

#include "schemas/codec.h"

/* 0 and a tree that has passed schema_check, a REFUSE_*, or ERR_MEMORY. Strict: one object and
 * nothing after it (argument_wrong; ret_fault->offset says where it ends to be JSON); no name
 * twice; a field that the schema does not have (field_unknown), "#7" as well, is refused and not
 * kept. A field left empty is one that is not there. Ids are UUIDs and bytes are hex digits, as
 * codec_json writes them. The tree lives in the arena and borrows nothing from `text`. */
int json_read(Arena *a, StructKind kind, Str text, const Value **ret, Fault *ret_fault)
    _must_check_;

#endif
