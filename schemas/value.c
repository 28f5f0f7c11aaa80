/* The tree's readers and builders; see value.h. */
#include "schemas/value.h"

const Value *value_get(const Value *map, uint32_t key) {
    if (!map || map->kind != VALUE_map) return NULL;
    for (size_t i = 0; i < map->map.count; i++) {
        if (map->map.at[i].key == key) return map->map.at[i].value;
    }
    return NULL;
}

Str value_text(const Value *map, uint32_t key) {
    const Value *v = value_get(map, key);
    return v && v->kind == VALUE_text ? v->text : (Str){0};
}

Bytes value_bytes(const Value *map, uint32_t key) {
    const Value *v = value_get(map, key);
    return v && v->kind == VALUE_bytes ? v->bytes : (Bytes){0};
}

int64_t value_number(const Value *map, uint32_t key) {
    const Value *v = value_get(map, key);
    return v && v->kind == VALUE_number ? v->number : 0;
}

bool value_yes(const Value *map, uint32_t key) {
    const Value *v = value_get(map, key);
    return v && v->kind == VALUE_yes && v->yes;
}

bool value_id(const Value *map, uint32_t key, Id *ret) {
    Bytes b = value_bytes(map, key);
    if (b.len != sizeof(ret->at)) return false;
    memcpy(ret->at, b.at, sizeof(ret->at));
    return true;
}

bool value_hash(const Value *map, uint32_t key, Hash *ret) {
    Bytes b = value_bytes(map, key);
    if (b.len != sizeof(ret->at)) return false;
    memcpy(ret->at, b.at, sizeof(ret->at));
    return true;
}

size_t value_count(const Value *map, uint32_t key) {
    const Value *v = value_get(map, key);
    return v && v->kind == VALUE_list ? v->list.count : 0;
}

const Value *value_item(const Value *map, uint32_t key, size_t i) {
    const Value *v = value_get(map, key);
    return v && v->kind == VALUE_list && i < v->list.count ? v->list.at[i] : NULL;
}

Str value_item_text(const Value *map, uint32_t key, size_t i) {
    const Value *v = value_item(map, key, i);
    return v && v->kind == VALUE_text ? v->text : (Str){0};
}

static Value *value_new(Arena *a, ValueKind kind) {
    Value *v = arena_alloc(a, sizeof(*v));
    if (v) v->kind = kind;
    return v;
}

Value *value_map(Arena *a) {
    return value_new(a, VALUE_map);
}

static ValueEntry *entry_find(Value *map, uint32_t key) {
    for (size_t i = 0; i < map->map.count; i++) {
        if (map->map.at[i].key == key) return &map->map.at[i];
    }
    return NULL;
}

void value_set(Arena *a, Value *map, uint32_t key, Value *v) {
    if (!map || !v) return; /* the arena has failed, and says so */
    ValueEntry *old = entry_find(map, key);
    if (old) {
        old->value = v;
        return;
    }
    if (map->map.count == map->map.cap) {
        size_t cap = map->map.cap ? 2 * map->map.cap : 8;
        ValueEntry *at = arena_array(a, cap, sizeof(*at));
        if (!at) return;
        if (map->map.count) memcpy(at, map->map.at, map->map.count * sizeof(*at));
        map->map.at = at;
        map->map.cap = cap;
    }
    size_t i = map->map.count++;
    for (; i && map->map.at[i - 1].key > key; i--) map->map.at[i] = map->map.at[i - 1];
    map->map.at[i] = (ValueEntry){.key = key, .value = v};
}

void value_set_text(Arena *a, Value *map, uint32_t key, Str text) {
    if (text.len == 0) return;
    Value *v = value_new(a, VALUE_text);
    if (v) v->text = text;
    value_set(a, map, key, v);
}

void value_set_bytes(Arena *a, Value *map, uint32_t key, Bytes bytes) {
    Value *v = value_new(a, VALUE_bytes);
    if (v) v->bytes = bytes;
    value_set(a, map, key, v);
}

void value_set_number(Arena *a, Value *map, uint32_t key, int64_t number) {
    Value *v = value_new(a, VALUE_number);
    if (v) v->number = number;
    value_set(a, map, key, v);
}

void value_set_yes(Arena *a, Value *map, uint32_t key, bool yes) {
    Value *v = value_new(a, VALUE_yes);
    if (v) v->yes = yes;
    value_set(a, map, key, v);
}

void value_set_id(Arena *a, Value *map, uint32_t key, const Id *id) {
    value_set_bytes(a, map, key, arena_copy(a, id_bytes(id)));
}

void value_set_hash(Arena *a, Value *map, uint32_t key, const Hash *hash) {
    value_set_bytes(a, map, key, arena_copy(a, BYTES_OF(hash->at)));
}

static Value *value_list_at(Arena *a, Value *map, uint32_t key) {
    if (!map) return NULL;
    ValueEntry *old = entry_find(map, key);
    if (old) return old->value->kind == VALUE_list ? old->value : NULL;
    Value *list = value_new(a, VALUE_list);
    value_set(a, map, key, list);
    return list;
}

void value_add(Arena *a, Value *map, uint32_t key, Value *v) {
    Value *list = value_list_at(a, map, key);
    if (!list || !v) return;
    if (list->list.count == list->list.cap) {
        size_t cap = list->list.cap ? 2 * list->list.cap : 4;
        Value **at = arena_array(a, cap, sizeof(*at));
        if (!at) return;
        if (list->list.count) memcpy(at, list->list.at, list->list.count * sizeof(*at));
        list->list.at = at;
        list->list.cap = cap;
    }
    list->list.at[list->list.count++] = v;
}

void value_add_text(Arena *a, Value *map, uint32_t key, Str text) {
    if (text.len == 0) return;
    Value *v = value_new(a, VALUE_text);
    if (v) v->text = text;
    value_add(a, map, key, v);
}

void value_add_id(Arena *a, Value *map, uint32_t key, const Id *id) {
    Value *v = value_new(a, VALUE_bytes);
    if (v) v->bytes = arena_copy(a, id_bytes(id));
    value_add(a, map, key, v);
}

Value *value_add_map(Arena *a, Value *map, uint32_t key) {
    Value *v = value_map(a);
    value_add(a, map, key, v);
    return v;
}

Value *value_set_map(Arena *a, Value *map, uint32_t key) {
    Value *v = value_map(a);
    value_set(a, map, key, v);
    return v;
}
