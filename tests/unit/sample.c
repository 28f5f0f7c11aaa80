/* See sample.h. */
#include "tests/unit/sample.h"

#include <stdlib.h>

static Value *sample_new(Arena *a, ValueKind kind) {
    Value *v = arena_alloc(a, sizeof(*v));
    if (!v) abort(); /* a test's arena is large enough */
    v->kind = kind;
    return v;
}

static const char *sample_code(CodeList list) {
    CodeList at;
    const char *value, *doc;
    for (size_t i = 0; code_at(i, &at, &value, &doc); i++) {
        if (at == list) return value;
    }
    return "";
}

static Value *sample_text(Arena *a, const char *text) {
    Value *v = sample_new(a, VALUE_text);
    v->text = str_z(text);
    return v;
}

static Value *sample_bytes_of(Arena *a, size_t len) {
    uint8_t *at = arena_alloc(a, len);
    Value *v = sample_new(a, VALUE_bytes);
    if (!at) abort();
    for (size_t i = 0; i < len; i++) at[i] = (uint8_t)(0xa0 + i);
    v->bytes = bytes_of(at, len);
    return v;
}

static Value *sample_number(Arena *a, int64_t number) {
    Value *v = sample_new(a, VALUE_number);
    v->number = number;
    return v;
}

static Value *sample_yes(Arena *a) {
    Value *v = sample_new(a, VALUE_yes);
    v->yes = true;
    return v;
}

static Value *sample_one(Arena *a, StructKind owner, const Field *f, bool full) {
    bool message = f == schema_field(owner, KEY_HEAD_MESSAGE) && strcmp(f->name, "message") == 0;
    bool version = strcmp(f->name, "version") == 0;
    switch (f->type) {
    case TYPE_none: abort();
    case TYPE_text: return sample_text(a, message ? schema_struct_name(owner) : "\xc3\xa9\"\\\n/");
    case TYPE_code: return sample_text(a, sample_code(f->list));
    case TYPE_time: return sample_text(a, "2026-11-22T14:00:00.5+01:00");
    case TYPE_date: return sample_text(a, "2019-05-31");
    case TYPE_id: return sample_bytes_of(a, sizeof(Id));
    case TYPE_hash: return sample_bytes_of(a, HASH_LEN);
    case TYPE_bytes: return sample_bytes_of(a, 40);
    case TYPE_number: return sample_number(a, version ? PROTOCOL_VERSION : 70000);
    case TYPE_yes: return sample_yes(a);
    case TYPE_map: return sample_tree(a, f->of, full);
    }
    abort();
}

Value *sample_tree(Arena *a, StructKind kind, bool full) {
    Value *map = value_map(a);
    for (uint32_t key = 0; key <= FIELD_KEY_MAX; key++) {
        const Field *f = schema_field(kind, key);
        if (!f || (!full && (f->count == COUNT_opt || f->count == COUNT_many))) continue;
        if (f->count == COUNT_one || f->count == COUNT_opt) {
            value_set(a, map, key, sample_one(a, kind, f, full));
            continue;
        }
        value_add(a, map, key, sample_one(a, kind, f, full));
        value_add(a, map, key, sample_one(a, kind, f, false));
    }
    return map;
}

Bytes sample_bytes(Arena *a, StructKind kind, bool full) {
    Bytes out = {0};
    if (codec_encode(a, sample_tree(a, kind, full), &out) != 0) abort();
    return out;
}
