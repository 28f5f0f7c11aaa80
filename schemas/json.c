/* A tree as JSON by field names, for people and tests; see codec.h. It is written twice, once to
 * measure and once into the arena, so no copy of the content lies anywhere that is not wiped. It
 * must never fail on a tree that does not fit its schema: what has no field of its own is shown
 * under "#<key>", and by the kind of value that it is. */
#include "schemas/codec.h"

#include <inttypes.h>

/* Where the text goes; `at` NULL while measuring. */
typedef struct Out {
    char *at;
    size_t len;
} Out;

static void json_value(Out *out, const Field *f, const Value *v);

static void put(Out *out, const char *at, size_t len) {
    if (out->at && len) memcpy(out->at + out->len, at, len);
    out->len += len;
}

static void put_z(Out *out, const char *z) {
    put(out, z, strlen(z));
}

static void put_escape(Out *out, char c) {
    static const char plain[] = "\"\\\b\f\n\r\t", letter[] = "\"\\bfnrt";
    char text[8] = {'\\', 0};
    const char *short_form = c ? strchr(plain, c) : NULL;
    if (short_form) {
        text[1] = letter[short_form - plain];
    } else {
        (void)snprintf(text, sizeof(text), "\\u%04x", (unsigned)c);
    }
    put_z(out, text);
}

static void json_text(Out *out, Str text) {
    put_z(out, "\"");
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        bool escape = c == '"' || c == '\\' || (unsigned char)c < 0x20;
        if (escape) put_escape(out, c);
        else put(out, &text.at[i], 1);
    }
    put_z(out, "\"");
}

static void json_bytes(Out *out, const Field *f, Bytes bytes) {
    put_z(out, "\"");
    if (f && f->type == TYPE_id && bytes.len == sizeof(Id)) {
        Id id;
        char text[ID_TEXT];
        memcpy(id.at, bytes.at, sizeof(id.at));
        id_text(id, text);
        put_z(out, text);
    } else {
        for (size_t i = 0; i < bytes.len; i++) {
            char hex[3];
            hex_encode(bytes_of(bytes.at + i, 1), hex);
            put(out, hex, 2);
        }
    }
    put_z(out, "\"");
}

static void json_map(Out *out, StructKind kind, const Value *v) {
    put_z(out, "{");
    for (size_t i = 0; i < v->map.count; i++) {
        uint32_t key = v->map.at[i].key;
        const Field *f = schema_field(kind, key);
        char unknown[16];
        (void)snprintf(unknown, sizeof(unknown), "#%" PRIu32, key);
        put_z(out, i ? ",\"" : "\"");
        put_z(out, f ? f->name : unknown);
        put_z(out, "\":");
        json_value(out, f, v->map.at[i].value);
    }
    put_z(out, "}");
}

static void json_list(Out *out, const Field *f, const Value *v) {
    put_z(out, "[");
    for (size_t i = 0; i < v->list.count; i++) {
        if (i) put_z(out, ",");
        json_value(out, f, v->list.at[i]);
    }
    put_z(out, "]");
}

static void json_value(Out *out, const Field *f, const Value *v) {
    char number[24];
    switch (v->kind) {
    case VALUE_yes: put_z(out, v->yes ? "true" : "false"); return;
    case VALUE_number:
        (void)snprintf(number, sizeof(number), "%" PRId64, v->number);
        put_z(out, number);
        return;
    case VALUE_text: json_text(out, v->text); return;
    case VALUE_bytes: json_bytes(out, f, v->bytes); return;
    case VALUE_list: json_list(out, f, v); return;
    case VALUE_map: json_map(out, f ? f->of : STRUCT_none, v); return;
    }
}

Str codec_json(Arena *a, StructKind kind, const Value *v) {
    if (!v || arena_failed(a)) return (Str){0};
    const Field top = {.type = TYPE_map, .of = kind};
    Out out = {0};
    json_value(&out, &top, v);
    out.at = arena_alloc(a, out.len + 1);
    if (!out.at) return (Str){0};
    out.len = 0;
    json_value(&out, &top, v);
    return (Str){.at = out.at, .len = out.len};
}
