/* The reader; see json_read.h. The path grows on the way down and is left standing where something
 * is wrong. It holds names of the schema and what looks like one, never other text of the input. */
#include "schemas/json_read.h"

#include <jansson.h>

typedef struct Reader {
    Arena *arena;
    Fault *fault;
} Reader;

static int read_struct(Reader *r, StructKind kind, const json_t *json, Value **ret);

static Value *make(Reader *r, ValueKind kind) {
    Value *v = arena_alloc(r->arena, sizeof(*v));
    if (v) v->kind = kind;
    return v;
}

/* ---- the path -------------------------------------------------------------------------------- */

/* Returns how long it was before, for path_back. */
static size_t path_name(Reader *r, const char *name) {
    Fault *f = r->fault;
    size_t before = strlen(f->path), room = sizeof(f->path) - before;
    (void)snprintf(f->path + before, room, "%s%s", before ? "." : "", name); /* deepest: cut */
    return before;
}

static size_t path_index(Reader *r, size_t i) {
    Fault *f = r->fault;
    size_t before = strlen(f->path), room = sizeof(f->path) - before;
    (void)snprintf(f->path + before, room, "[%zu]", i);
    return before;
}

static void path_back(Reader *r, size_t before) {
    r->fault->path[before] = '\0';
}

/* ---- values ---------------------------------------------------------------------------------- */

static int read_text(Reader *r, const json_t *json, Value **ret) {
    Value *v = make(r, VALUE_text);
    if (!json_is_string(json)) return REFUSE_wrong_type;
    Str text = {.at = json_string_value(json), .len = json_string_length(json)};
    if (v) v->text = arena_str(r->arena, text);
    *ret = v;
    return v && v->text.at ? 0 : ERR_MEMORY;
}

static int read_id(Reader *r, Str text, Value **ret) {
    Value *v = make(r, VALUE_bytes);
    Id id;
    if (!id_parse(text, &id)) return REFUSE_wrong_type;
    if (v) v->bytes = arena_copy(r->arena, BYTES_OF(id.at));
    *ret = v;
    return v && v->bytes.at ? 0 : ERR_MEMORY;
}

static int read_hex(Reader *r, Str text, Value **ret) {
    Value *v = make(r, VALUE_bytes);
    size_t len = text.len / 2;
    uint8_t *at = arena_alloc(r->arena, len + 1);
    if (!v || !at) return ERR_MEMORY;
    if (text.len % 2 || !hex_decode(text, at, len)) return REFUSE_wrong_type;
    v->bytes = bytes_of(at, len);
    *ret = v;
    return 0;
}

static int read_bytes(Reader *r, const Field *f, const json_t *json, Value **ret) {
    if (!json_is_string(json)) return REFUSE_wrong_type;
    Str text = {.at = json_string_value(json), .len = json_string_length(json)};
    return f->type == TYPE_id ? read_id(r, text, ret) : read_hex(r, text, ret);
}

static int read_number(Reader *r, const json_t *json, Value **ret) {
    Value *v = make(r, VALUE_number);
    if (!json_is_integer(json)) return REFUSE_wrong_type;
    if (v) v->number = json_integer_value(json);
    *ret = v;
    return v ? 0 : ERR_MEMORY;
}

static int read_yes(Reader *r, const json_t *json, Value **ret) {
    Value *v = make(r, VALUE_yes);
    if (!json_is_boolean(json)) return REFUSE_wrong_type;
    if (v) v->yes = json_is_true(json);
    *ret = v;
    return v ? 0 : ERR_MEMORY;
}

static int read_one(Reader *r, const Field *f, const json_t *json, Value **ret) {
    switch (f->type) {
    case TYPE_none: return REFUSE_wrong_type;
    case TYPE_text:
    case TYPE_code:
    case TYPE_time:
    case TYPE_date: return read_text(r, json, ret);
    case TYPE_id:
    case TYPE_bytes:
    case TYPE_hash: return read_bytes(r, f, json, ret);
    case TYPE_number: return read_number(r, json, ret);
    case TYPE_yes: return read_yes(r, json, ret);
    case TYPE_map: return read_struct(r, f->of, json, ret);
    }
    return REFUSE_wrong_type;
}

static int read_list(Reader *r, const Field *f, const json_t *json, Value **ret) {
    size_t count = json_array_size(json);
    if (!json_is_array(json)) return REFUSE_wrong_type;
    if (count > LIMIT_LIST) return REFUSE_too_many;
    Value *v = make(r, VALUE_list);
    Value **at = arena_array(r->arena, count + 1, sizeof(*at));
    if (!v || !at) return ERR_MEMORY;
    for (size_t i = 0; i < count; i++) {
        size_t before = path_index(r, i);
        int e = read_one(r, f, json_array_get(json, i), &at[i]);
        if (e) return e;
        path_back(r, before);
    }
    v->list.at = at;
    v->list.count = v->list.cap = count;
    *ret = v;
    return 0;
}

static int read_field(Reader *r, const Field *f, const json_t *json, Value **ret) {
    bool list = f->count == COUNT_many || f->count == COUNT_some;
    return list ? read_list(r, f, json, ret) : read_one(r, f, json, ret);
}

/* ---- structures ------------------------------------------------------------------------------ */

static const Field *field_find(StructKind kind, const char *name, uint32_t *ret_key) {
    for (uint32_t key = 0; key <= FIELD_KEY_MAX; key++) {
        const Field *f = schema_field(kind, key);
        if (!f || strcmp(f->name, name) != 0) continue;
        *ret_key = key;
        return f;
    }
    return NULL;
}

/* What can be taken for a mistyped name is told; anything else could be somebody's words. */
static const char *name_told(const char *name) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_#";
    size_t len = strlen(name);
    return len > 0 && len <= 40 && strspn(name, letters) == len ? name : "(unknown)";
}

/* A field left empty says as little as one that is not there. */
static bool left_empty(const Field *f, const json_t *json) {
    return f && f->type == TYPE_text && json_is_string(json) && json_string_length(json) == 0;
}

static int read_struct(Reader *r, StructKind kind, const json_t *json, Value **ret) {
    Value *map = value_map(r->arena), *v = NULL;
    if (!json_is_object(json)) return REFUSE_wrong_type;
    void *at = json_object_iter((json_t *)(uintptr_t)json);
    for (; at; at = json_object_iter_next((json_t *)(uintptr_t)json, at)) {
        const char *name = json_object_iter_key(at);
        uint32_t key = 0;
        const Field *f = field_find(kind, name, &key);
        if (left_empty(f, json_object_iter_value(at))) continue;
        size_t before = path_name(r, f ? f->name : name_told(name));
        int e = f ? read_field(r, f, json_object_iter_value(at), &v) : REFUSE_field_unknown;
        if (e) return e;
        value_set(r->arena, map, key, v);
        path_back(r, before);
    }
    *ret = map;
    return arena_failed(r->arena) ? ERR_MEMORY : 0;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static int text_parse(Str text, json_t **ret, Fault *fault) {
    json_error_t error;
    if (text.len > LIMIT_RESULT) return REFUSE_too_large;
    *ret = json_loadb(text.at ? text.at : "", text.len, JSON_REJECT_DUPLICATES, &error);
    if (*ret) return 0;
    enum json_error_code code = json_error_code(&error);
    fault->offset = error.position > 0 ? (size_t)error.position : 0;
    if (code == json_error_out_of_memory) return ERR_MEMORY;
    if (code == json_error_duplicate_key) return REFUSE_duplicate_key;
    return code == json_error_invalid_utf8 ? REFUSE_bad_utf8 : REFUSE_argument_wrong;
}

int json_read(Arena *a, StructKind kind, Str text, const Value **ret, Fault *ret_fault) {
    _cleanup_(json_decrefp) json_t *json = NULL;
    Value *v = NULL;
    *ret_fault = (Fault){0};
    Reader r = {.arena = a, .fault = ret_fault};
    int e = text_parse(text, &json, ret_fault);
    if (e == 0) e = read_struct(&r, kind, json, &v);
    if (e < 0) return e;
    if (e > 0) ret_fault->reason = (Reason)e;
    if (e == 0) e = schema_check(kind, v, ret_fault);
    if (e == 0) *ret = v;
    return e;
}
