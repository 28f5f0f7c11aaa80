/* An agency's acknowledgements against the ledger: was every promise kept? What was promised is a
 * leaf's exact bytes at an exact row, under a head that is signed (R1, R15). */
#include "broker/ctl/prove.h"

#include "broker/base/err.h"
#include "broker/base/id.h"

enum { ARENA_CAP = 256 * 1024 };

typedef struct Ack {
    unsigned long long line; /* in the file: names the acknowledgement in sentences */
    Str message;
    uint64_t idx;
    Bytes leaf;
    Hash commitment;
    bool committed;
} Ack;

/* 1 with an acknowledgement, 0 at the end. */
static int ack_next(Table *t, Ack *ret) {
    int r = table_next(t, 3, 4);
    if (r <= 0) return r;
    *ret = (Ack){.line = t->line, .message = t->field[0], .committed = t->fields == 4};
    bool ok = field_number(t, 1, &ret->idx) && field_bytes(t, 2, &ret->leaf) &&
              (!ret->committed || field_hash(t, 3, &ret->commitment));
    return ok ? 1 : table_wrong(t);
}

/* The leaf has the line "<key> <value>". */
static bool leaf_says(Arena *a, Bytes leaf, const char *key, Str value) {
    Str line = arena_printf(a, "\n%s %.*s\n", key, STR_ARG(value));
    size_t at;
    return line.at && str_find(bytes_str(leaf), line, &at);
}

/* An id comes as a UUID's text, or as 32 hex digits out of a spool. */
static bool names_message(Arena *a, const Ack *ack) {
    Id id;
    char text[ID_TEXT];
    if (!id_parse(ack->message, &id) && !hex_decode(ack->message, id.at, sizeof(id.at)))
        return false;
    id_text(id, text);
    return leaf_says(a, ack->leaf, "message", str_z(text));
}

static bool holds_commitment(Arena *a, const Ack *ack) {
    char hex[2 * HASH_LEN + 1];
    hex_encode(BYTES_OF(ack->commitment.at), hex);
    return !ack->committed || leaf_says(a, ack->leaf, "commitment", str_z(hex));
}

static int ack_judge(Ledger *l, Arena *a, const Ack *ack) {
    const Hash *row = ledger_row(l, ack->idx);
    unsigned long long idx = ack->idx;
    Hash hash;
    int r = leaf_hash(ack->leaf, &hash);
    if (r < 0) return r;
    if (!names_message(a, ack)) {
        say_wrong(l, "Acknowledgement %llu: its leaf does not name the message.", ack->line);
    }
    if (!holds_commitment(a, ack)) {
        say_wrong(l, "Acknowledgement %llu: its leaf does not hold the commitment.", ack->line);
    }
    if (!row) {
        say_wrong(l, "Acknowledgement %llu: row %llu was promised and is not there.", ack->line,
                  idx);
    } else if (!hash_eq(&hash, row)) {
        say_wrong(l, "Acknowledgement %llu: row %llu is not what was promised.", ack->line, idx);
    } else if (idx >= ledger_newest(l)) {
        say_wrong(l, "Acknowledgement %llu: row %llu is under no head that holds.", ack->line, idx);
    }
    return 0;
}

int ledger_prove_acks(Ledger *l, const char *path) {
    _cleanup_(arena_freep) Arena *a = arena_new(ARENA_CAP);
    _cleanup_(table_freep) Table *t = table_open(NULL, path);
    Ack ack;
    int more, r = 0;
    if (!a) return ERR_MEMORY;
    if (!t) return ERR_FILE;
    while (r == 0 && (more = ack_next(t, &ack)) != 0) {
        if (more < 0) return more;
        arena_reset(a);
        r = ack_judge(l, a, &ack);
    }
    return r;
}
