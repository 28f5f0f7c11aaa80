/* The codec: one encoding for every message, nothing else decodes, no input costs more than it is
 * worth (R23, F8), msgpack-c reads what is written, and the JSON view says the same. */
#include "tests/unit/sample.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <msgpack.h>

static Arena *arena;

static void setup(void) {
    arena = arena_new(1 << 24);
}

static void teardown(void) {
    arena_free(arena);
}

TestSuite(codec, .init = setup, .fini = teardown);
TestSuite(json, .init = setup, .fini = teardown);

static bool tree_eq(const Value *a, const Value *b);

static bool map_eq(const Value *a, const Value *b) {
    if (a->map.count != b->map.count) return false;
    for (size_t i = 0; i < a->map.count; i++) {
        if (a->map.at[i].key != b->map.at[i].key) return false;
        if (!tree_eq(a->map.at[i].value, b->map.at[i].value)) return false;
    }
    return true;
}

static bool list_eq(const Value *a, const Value *b) {
    if (a->list.count != b->list.count) return false;
    for (size_t i = 0; i < a->list.count; i++) {
        if (!tree_eq(a->list.at[i], b->list.at[i])) return false;
    }
    return true;
}

static bool tree_eq(const Value *a, const Value *b) {
    if (a->kind != b->kind) return false;
    switch (a->kind) {
    case VALUE_yes: return a->yes == b->yes;
    case VALUE_number: return a->number == b->number;
    case VALUE_text: return str_eq(a->text, b->text);
    case VALUE_bytes: return bytes_eq(a->bytes, b->bytes);
    case VALUE_list: return list_eq(a, b);
    case VALUE_map: return map_eq(a, b);
    }
    return false;
}

Test(codec, every_structure_goes_there_and_back) {
    for (int k = STRUCT_none + 1; k < STRUCT_COUNT; k++) {
        for (int full = 0; full < 2; full++) {
            StructKind kind = (StructKind)k;
            const Value *made = sample_tree(arena, kind, full), *back = NULL;
            Bytes out, again;
            Fault fault;
            cr_assert(codec_encode(arena, made, &out) == 0);
            cr_assert(codec_decode(arena, out, &back, &fault) == 0, "%s", schema_struct_name(kind));
            cr_expect(tree_eq(made, back), "%s", schema_struct_name(kind));
            cr_expect(schema_check(kind, back, &fault) == 0, "%s: %s", schema_struct_name(kind),
                      fault.path);
            cr_expect(!fault.unknown_fields);
            cr_expect(codec_encode(arena, back, &again) == 0 && bytes_eq(out, again));
            arena_reset(arena);
        }
    }
}

/* Every head byte of msgpack, in its shortest and in a needlessly long use. */
static const struct {
    const char *hex;
    Reason reason;
} forms[] = {
    {"00", REFUSE_none},
    {"7f", REFUSE_none},
    {"80", REFUSE_none},
    {"8101c3", REFUSE_none},
    {"90", REFUSE_none},
    {"92c2c3", REFUSE_none},
    {"a0", REFUSE_none},
    {"a2c3a9", REFUSE_none},
    {"c400", REFUSE_none},
    {"c402ffff", REFUSE_none},
    {"cc80", REFUSE_none},
    {"cd0100", REFUSE_none},
    {"ce00010000", REFUSE_none},
    {"cf0000000100000000", REFUSE_none},
    {"cf7fffffffffffffff", REFUSE_none},
    {"d920" "2020202020202020202020202020202020202020202020202020202020202020", REFUSE_none},
    {"81cc80c3", REFUSE_none},
    {"81cd0100c3", REFUSE_none},
    {"81ce00010000c3", REFUSE_none},
    {"81ce7fffffffc3", REFUSE_none},
    {"9191919191919191c3", REFUSE_none},
    /* needlessly long */
    {"cc7f", REFUSE_not_msgpack},
    {"cd00ff", REFUSE_not_msgpack},
    {"ce0000ffff", REFUSE_not_msgpack},
    {"cf00000000ffffffff", REFUSE_not_msgpack},
    {"d90161", REFUSE_not_msgpack},
    {"da000161", REFUSE_not_msgpack},
    {"db0000000161", REFUSE_not_msgpack},
    {"c5000161", REFUSE_not_msgpack},
    {"c60000000161", REFUSE_not_msgpack},
    {"dc0001c3", REFUSE_not_msgpack},
    {"dd00000001c3", REFUSE_not_msgpack},
    {"de000101c3", REFUSE_not_msgpack},
    {"df0000000101c3", REFUSE_not_msgpack},
    {"81cc01c3", REFUSE_not_msgpack},
    {"81cd0001c3", REFUSE_not_msgpack},
    {"81ce00000001c3", REFUSE_not_msgpack},
    /* what is not spoken here */
    {"c0", REFUSE_wrong_type},
    {"c1", REFUSE_wrong_type},
    {"ff", REFUSE_wrong_type},
    {"e0", REFUSE_wrong_type},
    {"d0ff", REFUSE_wrong_type},
    {"d1ff00", REFUSE_wrong_type},
    {"d2ff000000", REFUSE_wrong_type},
    {"d3ff00000000000000", REFUSE_wrong_type},
    {"d001", REFUSE_wrong_type},
    {"ca3f800000", REFUSE_wrong_type},
    {"cb3ff0000000000000", REFUSE_wrong_type},
    {"d40100", REFUSE_wrong_type},
    {"d5010000", REFUSE_wrong_type},
    {"d60100000000", REFUSE_wrong_type},
    {"d7ff0000000000000000", REFUSE_wrong_type},
    {"d80100000000000000000000000000000000", REFUSE_wrong_type},
    {"c70100ff", REFUSE_wrong_type},
    {"c8000100ff", REFUSE_wrong_type},
    {"c90000000100ff", REFUSE_wrong_type},
    {"cf8000000000000000", REFUSE_wrong_type},
    {"81a161c3", REFUSE_wrong_type},
    {"81ffc3", REFUSE_wrong_type},
    {"81ce80000000c3", REFUSE_wrong_type},
    {"81cf0000000100000000c3", REFUSE_wrong_type},
    {"81c0c3", REFUSE_wrong_type},
    {"8101c0", REFUSE_wrong_type},
    /* shape */
    {"", REFUSE_not_msgpack},
    {"8201c201c3", REFUSE_duplicate_key},
    {"8301c205c205c3", REFUSE_duplicate_key},
    {"8202c201c3", REFUSE_not_msgpack},
    {"0000", REFUSE_trailing_bytes},
    {"8101c3c3", REFUSE_trailing_bytes},
    {"a1ff", REFUSE_bad_utf8},
    {"a100", REFUSE_bad_utf8},
    {"a3eda080", REFUSE_bad_utf8},
    {"a2c080", REFUSE_bad_utf8},
    {"8101a1c3", REFUSE_bad_utf8},
    {"919191919191919191c3", REFUSE_too_deep},
    {"8101810181018101810181018101810181018101c3", REFUSE_too_deep},
};

static Bytes unhex(const char *hex) {
    size_t len = strlen(hex) / 2;
    uint8_t *at = arena_alloc(arena, len + 1);
    cr_assert(at && hex_decode(str_z(hex), at, len), "%s", hex);
    return bytes_of(at, len);
}

Test(codec, knows_every_form_and_takes_the_minimal_one_only) {
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        const Value *v = NULL;
        Fault fault;
        Bytes in = unhex(forms[i].hex), out;
        int r = codec_decode(arena, in, &v, &fault);
        cr_expect(r == (int)forms[i].reason, "%s: %s", forms[i].hex, reason_name(r));
        cr_expect(fault.reason == forms[i].reason, "%s", forms[i].hex);
        cr_expect(fault.offset <= in.len, "%s", forms[i].hex);
        if (r) continue;
        cr_expect(codec_encode(arena, v, &out) == 0 && bytes_eq(in, out), "%s", forms[i].hex);
    }
}

/* Lengths beside each boundary between two forms, where writer and reader must agree. */
Test(codec, agrees_with_itself_at_every_boundary) {
    static const size_t lengths[] = {0, 1, 15, 16, 31, 32, 255, 256, 65535, 65536};
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        size_t len = lengths[i];
        char *letters = arena_alloc(arena, len + 1);
        memset(letters, 'a', len);
        Value text = {.kind = VALUE_text, .text = {letters, len}};
        Value bytes = {.kind = VALUE_bytes, .bytes = bytes_of(letters, len)};
        Value number = {.kind = VALUE_number, .number = (int64_t)len};
        Value **many = arena_array(arena, len, sizeof(*many));
        for (size_t k = 0; k < len; k++) many[k] = &number;
        Value list = {.kind = VALUE_list, .list = {many, len, len}};
        ValueEntry *entries = arena_array(arena, len, sizeof(*entries));
        for (size_t k = 0; k < len; k++) entries[k] = (ValueEntry){(uint32_t)k, &number};
        Value map = {.kind = VALUE_map, .map = {entries, len, len}};
        const Value *all[] = {&text, &bytes, &number, &list, &map};
        for (size_t k = 0; k < COUNT_OF(all); k++) {
            const Value *back = NULL;
            Bytes out;
            Fault fault;
            cr_assert(codec_encode(arena, all[k], &out) == 0);
            cr_expect(codec_decode(arena, out, &back, &fault) == 0, "%zu of %zu", k, len);
            cr_expect(back && tree_eq(all[k], back), "%zu of %zu", k, len);
        }
        arena_reset(arena);
    }
}

static const char *const bombs[] = {
    "ddffffffff", "dfffffffff", "dcffff", "deffff", "dbffffffff", "c6ffffffff", "c9ffffffff00",
    "91ddffffffff", "8101dfffffffff", "9f", "8f", "bf", "c4ff",
    "ddffffffffddffffffffddffffffffddffffffff", /* each claims, none holds */
};

Test(codec, a_claim_costs_nothing) { /* F8 */
    for (size_t i = 0; i < COUNT_OF(bombs); i++) {
        arena_reset(arena);
        Bytes in = unhex(bombs[i]);
        size_t before = arena_used(arena);
        const Value *v = NULL;
        Fault fault;
        cr_expect(codec_decode(arena, in, &v, &fault) > 0, "%s", bombs[i]);
        cr_expect(arena_used(arena) - before <= 256, "%s: %zu", bombs[i], arena_used(arena));
        cr_expect(!arena_failed(arena) && !v, "%s", bombs[i]);
    }
}

/* Lists within lists that all claim the same bytes, which are empty lists. */
Test(codec, no_byte_is_promised_twice) { /* F8, R23 */
    enum { LEN = 60000 };
    for (size_t levels = 1; levels <= LIMIT_DEPTH; levels++) {
        arena_reset(arena);
        uint8_t *in = arena_alloc(arena, LEN);
        memset(in, 0x90, LEN);
        for (size_t i = 0; i < levels; i++) {
            size_t claim = LEN - 3 * (i + 1);
            memcpy(in + 3 * i, (uint8_t[]){0xdc, (uint8_t)(claim >> 8), (uint8_t)claim}, 3);
        }
        size_t before = arena_used(arena);
        const Value *v = NULL;
        Fault fault;
        int r = codec_decode(arena, bytes_of(in, LEN), &v, &fault);
        cr_expect(levels == 1 ? r == 0 : r == REFUSE_not_msgpack, "%zu levels: %d", levels, r);
        cr_expect(arena_used(arena) - before <= (size_t)LEN * CODEC_COST, "%zu levels", levels);
    }
}

Test(codec, memory_stays_in_proportion_to_the_bytes) { /* R23 */
    uint8_t *in = arena_alloc(arena, 60003);
    in[0] = 0xdc;
    in[1] = 0xea;
    in[2] = 0x60; /* 60000 elements of one byte: the dearest there is */
    size_t before = arena_used(arena);
    const Value *v = NULL;
    Fault fault;
    cr_assert(codec_decode(arena, bytes_of(in, 60003), &v, &fault) == 0);
    cr_expect(arena_used(arena) - before <= 60003 * 48);
    arena_reset(arena);
    _cleanup_(arena_freep) Arena *small = arena_new(4096);
    uint8_t many[2003] = {0xdc, 0x07, 0xd0};
    cr_expect(codec_decode(small, BYTES_OF(many), &v, &fault) == ERR_MEMORY);
}

Test(codec, refuses_a_message_cut_anywhere) {
    Bytes whole = sample_bytes(arena, STRUCT_referral, true);
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
    for (size_t len = 0; len < whole.len; len++) {
        const Value *v = NULL;
        Fault fault;
        cr_expect(codec_decode(a, bytes_of(whole.at, len), &v, &fault) == REFUSE_not_msgpack,
                  "cut after %zu", len);
        arena_reset(a);
    }
}

/* Canonical: what decodes is exactly what would be encoded, so two different byte strings can
 * never mean the same tree. */
Test(codec, a_changed_bit_is_refused_or_means_something_else) {
    static const StructKind kinds[] = {STRUCT_referral, STRUCT_submission, STRUCT_letter};
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
    size_t refused = 0, other = 0;
    for (size_t k = 0; k < COUNT_OF(kinds); k++) {
        Bytes whole = sample_bytes(arena, kinds[k], true);
        uint8_t *in = arena_alloc(arena, whole.len);
        memcpy(in, whole.at, whole.len);
        const Value *right = sample_tree(arena, kinds[k], true), *v = NULL;
        for (size_t bit = 0; bit < 8 * whole.len; bit++) {
            Fault fault;
            Bytes again;
            in[bit / 8] ^= (uint8_t)(1u << bit % 8);
            int r = codec_decode(a, bytes_of(in, whole.len), &v, &fault);
            cr_assert(r >= 0, "bit %zu: %d", bit, r);
            if (r == 0) {
                other++;
                cr_expect(!tree_eq(right, v), "bit %zu", bit);
                cr_expect(codec_encode(a, v, &again) == 0 &&
                              bytes_eq(again, bytes_of(in, whole.len)), "bit %zu", bit);
                int checked = schema_check(kinds[k], v, &fault); /* may refuse */
                cr_expect(checked >= 0 && checked == (int)fault.reason, "bit %zu", bit);
            } else {
                refused++;
            }
            in[bit / 8] ^= (uint8_t)(1u << bit % 8);
            arena_reset(a);
        }
    }
    cr_expect(refused > 1000 && other > 1000, "both happen: %zu %zu", refused, other);
}

/* ---- msgpack-c as the judge ----------------------------------------------------------------- */

static bool object_eq(const Value *v, const msgpack_object *o);

static bool object_list_eq(const Value *v, const msgpack_object *o) {
    if (o->via.array.size != v->list.count) return false;
    for (size_t i = 0; i < v->list.count; i++) {
        if (!object_eq(v->list.at[i], &o->via.array.ptr[i])) return false;
    }
    return true;
}

static bool object_map_eq(const Value *v, const msgpack_object *o) {
    if (o->via.map.size != v->map.count) return false;
    for (size_t i = 0; i < v->map.count; i++) {
        const msgpack_object_kv *kv = &o->via.map.ptr[i];
        if (kv->key.type != MSGPACK_OBJECT_POSITIVE_INTEGER) return false;
        if (kv->key.via.u64 != v->map.at[i].key) return false;
        if (!object_eq(v->map.at[i].value, &kv->val)) return false;
    }
    return true;
}

static bool object_eq(const Value *v, const msgpack_object *o) {
    static const msgpack_object_type types[] = {
        [VALUE_yes] = MSGPACK_OBJECT_BOOLEAN, [VALUE_number] = MSGPACK_OBJECT_POSITIVE_INTEGER,
        [VALUE_text] = MSGPACK_OBJECT_STR,    [VALUE_bytes] = MSGPACK_OBJECT_BIN,
        [VALUE_list] = MSGPACK_OBJECT_ARRAY,  [VALUE_map] = MSGPACK_OBJECT_MAP};
    if (o->type != types[v->kind]) return false;
    switch (v->kind) {
    case VALUE_yes: return o->via.boolean == v->yes;
    case VALUE_number: return o->via.u64 == (uint64_t)v->number;
    case VALUE_text: return str_eq(v->text, (Str){o->via.str.ptr, o->via.str.size});
    case VALUE_bytes: return bytes_eq(v->bytes, bytes_of(o->via.bin.ptr, o->via.bin.size));
    case VALUE_list: return object_list_eq(v, o);
    case VALUE_map: return object_map_eq(v, o);
    }
    return false;
}

Test(codec, writes_what_msgpack_c_reads) {
    for (int k = STRUCT_none + 1; k < STRUCT_COUNT; k++) {
        const Value *made = sample_tree(arena, (StructKind)k, true);
        Bytes out;
        cr_assert(codec_encode(arena, made, &out) == 0);
        msgpack_unpacked unpacked;
        msgpack_unpacked_init(&unpacked);
        size_t at = 0;
        int r = msgpack_unpack_next(&unpacked, (const char *)out.at, out.len, &at);
        cr_expect(r == MSGPACK_UNPACK_SUCCESS && at == out.len, "%s",
                  schema_struct_name((StructKind)k));
        cr_expect(object_eq(made, &unpacked.data), "%s", schema_struct_name((StructKind)k));
        msgpack_unpacked_destroy(&unpacked);
        arena_reset(arena);
    }
}

/* ---- JSON ----------------------------------------------------------------------------------- */

static void json_agrees(StructKind kind, const Value *v, const json_t *j);

static void json_field_agrees(const Field *f, const Value *v, const json_t *j) {
    char text[ID_TEXT], *hex;
    Id id;
    switch (v->kind) {
    case VALUE_yes: cr_expect(json_is_true(j) == v->yes); return;
    case VALUE_number: cr_expect(json_integer_value(j) == v->number); return;
    case VALUE_text:
        cr_expect(str_eq(v->text, (Str){json_string_value(j), json_string_length(j)}));
        return;
    case VALUE_bytes:
        hex = arena_alloc(arena, 2 * v->bytes.len + 1);
        hex_encode(v->bytes, hex);
        memcpy(id.at, v->bytes.at, sizeof(id.at));
        id_text(id, text);
        cr_expect_str_eq(json_string_value(j), f->type == TYPE_id ? text : hex);
        return;
    case VALUE_list:
        cr_expect(json_array_size(j) == v->list.count);
        for (size_t i = 0; i < v->list.count; i++) {
            json_field_agrees(f, v->list.at[i], json_array_get(j, i));
        }
        return;
    case VALUE_map: json_agrees(f->of, v, j); return;
    }
}

static void json_agrees(StructKind kind, const Value *v, const json_t *j) {
    cr_expect(json_object_size(j) == v->map.count, "%s", schema_struct_name(kind));
    for (size_t i = 0; i < v->map.count; i++) {
        const Field *f = schema_field(kind, v->map.at[i].key);
        const json_t *member = json_object_get(j, f->name);
        cr_assert(member, "%s.%s", schema_struct_name(kind), f->name);
        json_field_agrees(f, v->map.at[i].value, member);
    }
}

Test(json, says_what_the_tree_says) {
    for (int k = STRUCT_none + 1; k < STRUCT_COUNT; k++) {
        const Value *v = sample_tree(arena, (StructKind)k, true);
        Str text = codec_json(arena, (StructKind)k, v);
        json_error_t error;
        json_t *j = json_loadb(text.at, text.len, JSON_REJECT_DUPLICATES, &error);
        cr_assert(j, "%s: %s", schema_struct_name((StructKind)k), error.text);
        json_agrees((StructKind)k, v, j);
        json_decref(j);
        arena_reset(arena);
    }
}

Test(json, escapes_and_shows_what_has_no_field) {
    Value *v = value_map(arena);
    Value *inner = value_set_map(arena, v, 9);
    value_set_text(arena, v, F_reference_value, STR("\"\\\b\f\n\r\t\x01\x1f/\x7f\xc3\xa9"));
    value_set_bytes(arena, v, F_reference_scheme, bytes_of("\x00\xff", 2)); /* not its type */
    value_set_number(arena, inner, 1, 5);
    value_set_yes(arena, inner, 2, false);
    Str text = codec_json(arena, STRUCT_reference, v);
    cr_expect(str_is(text, "{\"scheme\":\"00ff\","
                           "\"value\":\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001f/\x7f\xc3\xa9\","
                           "\"#9\":{\"#1\":5,\"#2\":false}}"), "%.*s", STR_ARG(text));
    cr_expect(text.at[text.len] == '\0');
    cr_expect(str_is(codec_json(arena, STRUCT_reference, value_map(arena)), "{}"));
}

Test(json, gives_nothing_when_memory_is_out) {
    const Value *v = sample_tree(arena, STRUCT_referral, true);
    _cleanup_(arena_freep) Arena *small = arena_new(64);
    cr_expect_null(codec_json(small, STRUCT_referral, v).at);
    cr_expect_null(codec_json(arena, STRUCT_referral, NULL).at);
}
