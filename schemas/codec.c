/* The bounded msgpack reader and the packer; see codec.h. */
#include "schemas/codec.h"

#include <msgpack.h>

enum { KEY_MAX = 0x7fffffff };

typedef struct Reader {
    Arena *arena;
    Bytes in;
    size_t at;
    size_t owed; /* values and keys that open lists and maps still promise */
    Fault *fault;
    int error; /* sticky: the first refusal or ERR_MEMORY */
} Reader;

static Value *read_value(Reader *r, int depth);

static void *read_fail(Reader *r, int error) {
    if (r->error == 0) {
        r->error = error;
        r->fault->offset = r->at;
        if (error > 0) r->fault->reason = (Reason)error;
    }
    return NULL;
}

/* `width` bytes, big-endian. */
static uint64_t read_bits(Reader *r, size_t width) {
    if (r->error || r->in.len - r->at < width) {
        read_fail(r, REFUSE_not_msgpack);
        return 0;
    }
    uint64_t bits = 0;
    for (size_t i = 0; i < width; i++) bits = bits << 8 | r->in.at[r->at++];
    return bits;
}

/* A length or number in `width` bytes that no shorter form could have held. */
static uint64_t read_minimal(Reader *r, size_t width, uint64_t least) {
    uint64_t bits = read_bits(r, width);
    if (bits < least) read_fail(r, REFUSE_not_msgpack);
    return bits;
}

static Value *read_new(Reader *r, ValueKind kind) {
    Value *v = r->error ? NULL : arena_alloc(r->arena, sizeof(*v));
    if (!v) return read_fail(r, ERR_MEMORY);
    v->kind = kind;
    return v;
}

static Value *read_number(Reader *r, uint64_t number) {
    if (number > INT64_MAX) return read_fail(r, REFUSE_wrong_type);
    Value *v = read_new(r, VALUE_number);
    if (v) v->number = (int64_t)number;
    return v;
}

static Value *read_yes(Reader *r, bool yes) {
    Value *v = read_new(r, VALUE_yes);
    if (v) v->yes = yes;
    return v;
}

static Value *read_span(Reader *r, ValueKind kind, uint64_t len) {
    if (r->error || len > r->in.len - r->at) return read_fail(r, REFUSE_not_msgpack);
    Bytes span = bytes_of(r->in.at + r->at, (size_t)len);
    if (kind == VALUE_text && !utf8_valid(span)) return read_fail(r, REFUSE_bad_utf8);
    r->at += (size_t)len;
    Value *v = read_new(r, kind);
    if (!v) return NULL;
    if (kind == VALUE_text) {
        v->text = bytes_str(span);
    } else {
        v->bytes = span;
    }
    return v;
}

/* What is promised takes at least a byte each, and no byte is promised twice: a claim beyond what
 * is left is a bomb (F8), also when lists within lists claim the same bytes again and again. */
static bool read_claim(Reader *r, uint64_t count) {
    size_t left = r->in.len - r->at;
    if (r->error || count > left || r->owed > left - count) return false;
    r->owed += (size_t)count;
    return true;
}

static Value *read_list(Reader *r, uint64_t count, int depth) {
    if (!read_claim(r, count)) return read_fail(r, REFUSE_not_msgpack);
    Value *v = read_new(r, VALUE_list);
    if (!v) return NULL;
    v->list.at = arena_array(r->arena, (size_t)count, sizeof(Value *));
    if (!v->list.at) return read_fail(r, ERR_MEMORY);
    v->list.cap = (size_t)count;
    while (v->list.count < count && !r->error) {
        r->owed--;
        v->list.at[v->list.count++] = read_value(r, depth + 1);
    }
    return v;
}

static uint32_t read_key(Reader *r) {
    uint64_t head = read_bits(r, 1);
    uint64_t key = head;
    if (head == 0xcc) key = read_minimal(r, 1, 0x80);
    else if (head == 0xcd) key = read_minimal(r, 2, 0x100);
    else if (head == 0xce) key = read_minimal(r, 4, 0x10000);
    else if (head > 0x7f) read_fail(r, REFUSE_wrong_type);
    if (key > KEY_MAX) read_fail(r, REFUSE_wrong_type);
    return (uint32_t)key;
}

static Value *read_map(Reader *r, uint64_t count, int depth) {
    if (!read_claim(r, 2 * count)) return read_fail(r, REFUSE_not_msgpack);
    Value *v = read_new(r, VALUE_map);
    if (!v) return NULL;
    v->map.at = arena_array(r->arena, (size_t)count, sizeof(ValueEntry));
    if (!v->map.at) return read_fail(r, ERR_MEMORY);
    v->map.cap = (size_t)count;
    int64_t last = -1;
    while (v->map.count < count && !r->error) {
        r->owed -= 2;
        uint32_t key = read_key(r);
        if (!r->error && key == last) return read_fail(r, REFUSE_duplicate_key);
        if (!r->error && key < last) return read_fail(r, REFUSE_not_msgpack);
        last = key;
        Value *value = r->error ? NULL : read_value(r, depth + 1);
        v->map.at[v->map.count++] = (ValueEntry){.key = key, .value = value};
    }
    return v;
}

/* One value; the msgpack format's heads in the order of its specification. */
static Value *read_value(Reader *r, int depth) {
    if (depth > LIMIT_DEPTH) return read_fail(r, REFUSE_too_deep);
    uint8_t head = (uint8_t)read_bits(r, 1);
    if (r->error) return NULL;
    if (head <= 0x7f) return read_number(r, head);
    if (head <= 0x8f) return read_map(r, head & 0x0f, depth);
    if (head <= 0x9f) return read_list(r, head & 0x0f, depth);
    if (head <= 0xbf) return read_span(r, VALUE_text, head & 0x1f);
    switch (head) {
    case 0xc2: return read_yes(r, false);
    case 0xc3: return read_yes(r, true);
    case 0xc4: return read_span(r, VALUE_bytes, read_bits(r, 1));
    case 0xc5: return read_span(r, VALUE_bytes, read_minimal(r, 2, 0x100));
    case 0xc6: return read_span(r, VALUE_bytes, read_minimal(r, 4, 0x10000));
    case 0xcc: return read_number(r, read_minimal(r, 1, 0x80));
    case 0xcd: return read_number(r, read_minimal(r, 2, 0x100));
    case 0xce: return read_number(r, read_minimal(r, 4, 0x10000));
    case 0xcf: return read_number(r, read_minimal(r, 8, 0x100000000));
    case 0xd9: return read_span(r, VALUE_text, read_minimal(r, 1, 0x20));
    case 0xda: return read_span(r, VALUE_text, read_minimal(r, 2, 0x100));
    case 0xdb: return read_span(r, VALUE_text, read_minimal(r, 4, 0x10000));
    case 0xdc: return read_list(r, read_minimal(r, 2, 0x10), depth);
    case 0xdd: return read_list(r, read_minimal(r, 4, 0x10000), depth);
    case 0xde: return read_map(r, read_minimal(r, 2, 0x10), depth);
    case 0xdf: return read_map(r, read_minimal(r, 4, 0x10000), depth);
    default: return read_fail(r, REFUSE_wrong_type); /* nil, ext, float, negative */
    }
}

int codec_decode(Arena *a, Bytes in, const Value **ret, Fault *ret_fault) {
    *ret_fault = (Fault){0};
    Reader r = {.arena = a, .in = in, .fault = ret_fault};
    const Value *v = read_value(&r, 0);
    if (r.error == 0 && r.at != in.len) read_fail(&r, REFUSE_trailing_bytes);
    if (r.error == 0) *ret = v;
    return r.error;
}

static int pack(msgpack_packer *pk, const Value *v);

static int pack_list(msgpack_packer *pk, const Value *v) {
    int r = msgpack_pack_array(pk, v->list.count);
    for (size_t i = 0; i < v->list.count && r == 0; i++) r = pack(pk, v->list.at[i]);
    return r;
}

static int pack_map(msgpack_packer *pk, const Value *v) {
    int r = msgpack_pack_map(pk, v->map.count);
    for (size_t i = 0; i < v->map.count && r == 0; i++) {
        r = msgpack_pack_uint32(pk, v->map.at[i].key);
        if (r == 0) r = pack(pk, v->map.at[i].value);
    }
    return r;
}

static int pack(msgpack_packer *pk, const Value *v) {
    switch (v->kind) {
    case VALUE_yes: return v->yes ? msgpack_pack_true(pk) : msgpack_pack_false(pk);
    case VALUE_number: return msgpack_pack_int64(pk, v->number);
    case VALUE_text: return msgpack_pack_str_with_body(pk, v->text.at, v->text.len);
    case VALUE_bytes: return msgpack_pack_bin_with_body(pk, v->bytes.at, v->bytes.len);
    case VALUE_list: return pack_list(pk, v);
    case VALUE_map: return pack_map(pk, v);
    }
    return -1;
}

static int write_count(void *total, const char *data, size_t len) {
    (void)data; /* the first pass only measures */
    *(size_t *)total += len;
    return 0;
}

static int write_bytes(void *at, const char *data, size_t len) {
    uint8_t **out = at;
    if (len) memcpy(*out, data, len);
    *out += len;
    return 0;
}

/* Measured, then written into the arena: no buffer of msgpack-c's keeps a copy unwiped. */
int codec_encode(Arena *a, const Value *v, Bytes *ret) {
    msgpack_packer pk;
    size_t len = 0;
    msgpack_packer_init(&pk, &len, write_count);
    if (!v || arena_failed(a) || pack(&pk, v) != 0) return ERR_MEMORY;
    uint8_t *at = arena_alloc(a, len);
    if (!at) return ERR_MEMORY;
    uint8_t *out = at;
    msgpack_packer_init(&pk, &out, write_bytes);
    if (pack(&pk, v) != 0) return ERR_MEMORY;
    *ret = bytes_of(at, len);
    return 0;
}
