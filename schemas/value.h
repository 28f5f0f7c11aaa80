/* A decoded message as a small tree in an arena: maps with integer keys, lists, text, bytes,
 * numbers, booleans. Made by codec_decode or, on the sending side, by the builders below.
 *
 * Readers never fail: a missing or differently typed field reads as empty, zero or NULL, so a tree
 * must have passed schema_check() (or be known) before its absence may mean anything. Builders
 * tolerate a failed arena; ask arena_failed() once at the end. */
#ifndef MASH_VALUE_H
#define MASH_VALUE_H

#include "broker/base/arena.h"
#include "broker/base/crypto.h"
#include "broker/base/id.h"

typedef enum ValueKind {
    VALUE_yes,
    VALUE_number,
    VALUE_text,
    VALUE_bytes,
    VALUE_list,
    VALUE_map
} ValueKind;

typedef struct Value Value;

typedef struct ValueEntry {
    uint32_t key;
    Value *value;
} ValueEntry;

struct Value {
    ValueKind kind;
    union {
        bool yes;
        int64_t number;
        Str text;
        Bytes bytes;
        struct {
            Value **at;
            size_t count, cap;
        } list;
        struct {
            ValueEntry *at; /* ascending keys */
            size_t count, cap;
        } map;
    };
};

/* Reading. `v` may be NULL everywhere. */
const Value *value_get(const Value *map, uint32_t key); /* NULL when absent */
Str value_text(const Value *map, uint32_t key);
Bytes value_bytes(const Value *map, uint32_t key);
int64_t value_number(const Value *map, uint32_t key);
bool value_yes(const Value *map, uint32_t key);
bool value_id(const Value *map, uint32_t key, Id *ret);
bool value_hash(const Value *map, uint32_t key, Hash *ret);
size_t value_count(const Value *map, uint32_t key); /* elements of the list there, else 0 */
const Value *value_item(const Value *map, uint32_t key, size_t i);
Str value_item_text(const Value *map, uint32_t key, size_t i);

/* Building. Texts and bytes are borrowed, not copied. An empty text sets nothing. */
Value *value_map(Arena *a);
void value_set(Arena *a, Value *map, uint32_t key, Value *v);
void value_set_text(Arena *a, Value *map, uint32_t key, Str text);
void value_set_bytes(Arena *a, Value *map, uint32_t key, Bytes bytes);
void value_set_number(Arena *a, Value *map, uint32_t key, int64_t number);
void value_set_yes(Arena *a, Value *map, uint32_t key, bool yes);
void value_set_id(Arena *a, Value *map, uint32_t key, const Id *id);
void value_set_hash(Arena *a, Value *map, uint32_t key, const Hash *hash);
/* Appends to the list at `key`, making it at need. value_add_map returns the new element. */
void value_add(Arena *a, Value *map, uint32_t key, Value *v);
void value_add_text(Arena *a, Value *map, uint32_t key, Str text);
void value_add_id(Arena *a, Value *map, uint32_t key, const Id *id);
Value *value_add_map(Arena *a, Value *map, uint32_t key);
Value *value_set_map(Arena *a, Value *map, uint32_t key);

#endif
