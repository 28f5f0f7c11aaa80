/* Values to and from PostgreSQL's binary form (store.h): a parameter out of ours, ours out of a
 * row's column. Knows nothing of a connection. */
#include "broker/io/store.h"

#include <arpa/inet.h>
#include <endian.h>

/* Types by their numbers in pg_type, which are fixed for ever. */
enum {
    OID_BOOL = 16,
    OID_BYTEA = 17,
    OID_INT8 = 20,
    OID_TEXT = 25,
    OID_UUID = 2950,
    OID_BYTEA_LIST = 1001,
    OID_TEXT_LIST = 1009,
    OID_INT8_LIST = 1016,
    OID_UUID_LIST = 2951,
};

/* ---- parameters ------------------------------------------------------------------------------ */

Param p_text(Str v) {
    return (Param){.oid = OID_TEXT, .value = str_bytes(v), .null = v.at == NULL};
}

Param p_z(const char *v) {
    return p_text(str_z(v));
}

Param p_bytes(Bytes v) {
    return (Param){.oid = OID_BYTEA, .value = v, .null = v.at == NULL};
}

Param p_null(void) {
    return (Param){.oid = 0, .null = true};
}

/* Fixed-width values live in the Param itself: `value.at` stays NULL and `small` is sent. */
Param p_id(Id v) {
    Param p = {.oid = OID_UUID, .value = {.len = sizeof(v.at)}};
    memcpy(p.small, v.at, sizeof(v.at));
    return p;
}

Param p_number(int64_t v) {
    Param p = {.oid = OID_INT8, .value = {.len = sizeof(v)}};
    uint64_t wire = htobe64((uint64_t)v);
    memcpy(p.small, &wire, sizeof(wire));
    return p;
}

Param p_yes(bool v) {
    Param p = {.oid = OID_BOOL, .value = {.len = 1}};
    p.small[0] = v;
    return p;
}

static uint8_t *put32(uint8_t *at, int64_t v) {
    uint32_t wire = htonl((uint32_t)v);
    memcpy(at, &wire, sizeof(wire));
    return at + sizeof(wire);
}

/* PostgreSQL's binary array: dimensions, has-null, element type, length, lower bound, elements. */
static Param p_list(Arena *a, unsigned oid, unsigned element, const Bytes *v, size_t count) {
    size_t len = 20;
    for (size_t i = 0; i < count; i++) len += 4 + v[i].len;
    uint8_t *at = arena_alloc(a, len), *start = at;
    if (!at || !v) return (Param){.oid = oid, .broken = true};
    at = put32(at, count ? 1 : 0);
    at = put32(at, 1);
    at = put32(at, element);
    if (count == 0) return (Param){.oid = oid, .value = bytes_of(start, 12)};
    at = put32(at, (int64_t)count);
    at = put32(at, 1);
    for (size_t i = 0; i < count; i++) {
        at = put32(at, v[i].at ? (int64_t)v[i].len : -1);
        if (v[i].at && v[i].len) memcpy(at, v[i].at, v[i].len);
        if (v[i].at) at += v[i].len;
    }
    return (Param){.oid = oid, .value = bytes_of(start, (size_t)(at - start))};
}

Param p_text_list(Arena *a, const Str *v, size_t count) {
    Bytes *b = arena_array(a, count, sizeof(*b));
    for (size_t i = 0; b && i < count; i++) b[i] = str_bytes(v[i]);
    return p_list(a, OID_TEXT_LIST, OID_TEXT, b, b ? count : 0);
}

Param p_bytes_list(Arena *a, const Bytes *v, size_t count) {
    return p_list(a, OID_BYTEA_LIST, OID_BYTEA, v, count);
}

Param p_id_list(Arena *a, const Id *v, size_t count) {
    Bytes *b = arena_array(a, count, sizeof(*b));
    for (size_t i = 0; b && i < count; i++) b[i] = id_bytes(&v[i]);
    return p_list(a, OID_UUID_LIST, OID_UUID, b, b ? count : 0);
}

Param p_number_list(Arena *a, const int64_t *v, size_t count) {
    Bytes *b = arena_array(a, count, sizeof(*b));
    for (size_t i = 0; b && i < count; i++) {
        uint64_t wire = htobe64((uint64_t)v[i]);
        b[i] = arena_copy(a, bytes_of(&wire, sizeof(wire)));
    }
    return p_list(a, OID_INT8_LIST, OID_INT8, b, b ? count : 0);
}

/* ---- rows ------------------------------------------------------------------------------------ */

Str row_text(const Rows *r, size_t row, int column) {
    return bytes_str(row_bytes(r, row, column));
}

int64_t row_number(const Rows *r, size_t row, int column) {
    Bytes b = row_bytes(r, row, column);
    uint64_t bits = 0;
    for (size_t i = 0; i < b.len && i < 8; i++) bits = bits << 8 | b.at[i];
    if (b.len == 2) return (int16_t)bits;
    return b.len == 4 ? (int32_t)bits : (int64_t)bits;
}

bool row_yes(const Rows *r, size_t row, int column) {
    Bytes b = row_bytes(r, row, column);
    return b.len == 1 && b.at[0] == 1;
}

Id row_id(const Rows *r, size_t row, int column) {
    Bytes b = row_bytes(r, row, column);
    Id id = {{0}};
    if (b.len == sizeof(id.at)) memcpy(id.at, b.at, sizeof(id.at));
    return id;
}

const IdAt *rows_by_id(Arena *a, const Rows *r, int column) {
    size_t count = rows_count(r);
    IdAt *list = arena_array(a, count, sizeof(*list));
    for (size_t i = 0; list && i < count; i++) {
        list[i] = (IdAt){.id = row_id(r, i, column), .at = i};
    }
    if (list) ids_sort(list, count);
    return list;
}
