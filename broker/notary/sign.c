/* Fold, read, compare, sign, remember, publish: in this order, always; see notary.h. */
#include "broker/notary/notary.h"

#include "broker/io/clock.h"
#include "broker/io/fault.h"
#include "broker/io/log.h"

enum {
    FOLD_AT_ONCE = 16384, /* leaves a transaction: bounds how long one holds its locks */
    READ_AT_ONCE = 4096,
    BETWEEN_MS = 1000,
    ARENA_CAP = 64 * 1024,
};

typedef struct Head {
    uint64_t size, folded, signed_size;
} Head;

static int inconsistent(const Notary *n, const char *why, const Head *head) {
    log_event(LOG_error, "head_inconsistent",
              "why=%s own_size=%llu database_size=%llu published_size=%llu", why,
              (unsigned long long)n->memory.frontier.size, (unsigned long long)head->size,
              (unsigned long long)head->signed_size);
    return ERR_BROKEN;
}

/* ---- the database's side -------------------------------------------------------------------- */

static int head_read(Notary *n, Head *ret) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    int r = store_call(n->store, "SELECT size, folded, signed, origin FROM door.notary_head()",
                       NULL, 0, &rows);
    if (r < 0) return r;
    if (rows_count(rows) != 1) return ERR_STORE;
    *ret = (Head){.size = (uint64_t)row_number(rows, 0, 0),
                  .folded = (uint64_t)row_number(rows, 0, 1),
                  .signed_size = (uint64_t)row_number(rows, 0, 2)};
    if (str_eq(row_text(rows, 0, 3), n->origin)) return 0;
    log_event(LOG_error, "origin_differs", "%s", "hint=the_settings_name_another_ledger");
    return ERR_CONFIG;
}

static int fold_to(Notary *n, Head *head, uint64_t size) {
    while (head->folded < size) {
        _cleanup_(rows_freep) Rows *rows = NULL;
        int r = STORE_CALL(n->store, &rows, "SELECT door.notary_fold($1)", p_number(FOLD_AT_ONCE));
        if (r < 0) return r;
        if (rows_count(rows) != 1) return ERR_STORE;
        uint64_t folded = (uint64_t)row_number(rows, 0, 0);
        if (folded <= head->folded) return inconsistent(n, "leaf_missing", head);
        head->folded = folded;
    }
    return 0;
}

/* Appends the leaves up to `size` to `f`, from the hashes as they stand in the database. */
static int leaves_read(Notary *n, const Head *head, uint64_t size, Frontier *f) {
    while (f->size < size) {
        _cleanup_(rows_freep) Rows *rows = NULL;
        uint64_t to = size - f->size > READ_AT_ONCE ? f->size + READ_AT_ONCE : size;
        int r = STORE_CALL(n->store, &rows, "SELECT door.notary_leaves($1, $2)",
                           p_number((int64_t)f->size), p_number((int64_t)to));
        if (r < 0) return r;
        Bytes joined = rows_count(rows) == 1 ? row_bytes(rows, 0, 0) : (Bytes){0};
        if (joined.len != (to - f->size) * HASH_LEN) return inconsistent(n, "leaf_missing", head);
        for (size_t at = 0; r == 0 && at < joined.len; at += HASH_LEN) {
            Hash leaf;
            memcpy(leaf.at, joined.at + at, HASH_LEN);
            r = frontier_append(f, &leaf);
        }
        if (r < 0) return r;
    }
    return 0;
}

/* The root of the database's tree at the frontier's size must be the frontier's. */
static int roots_compare(Notary *n, const Head *head, const Frontier *f) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    Hash own;
    int r = frontier_root(f, &own);
    if (r == 0) {
        r = STORE_CALL(n->store, &rows, "SELECT door.notary_root($1)", p_number((int64_t)f->size));
    }
    if (r < 0) return r;
    Bytes theirs = rows_count(rows) == 1 ? row_bytes(rows, 0, 0) : (Bytes){0};
    if (bytes_eq(theirs, BYTES_OF(own.at))) return 0;
    return inconsistent(n, "roots_differ", head);
}

/* Also right for a note that has been published before. */
static int publish(Notary *n, const Head *head) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    Hash root;
    int r = frontier_root(&n->memory.frontier, &root);
    if (r == 0) {
        r = STORE_CALL(n->store, &rows, "SELECT door.notary_sign($1, $2, $3)",
                       p_number((int64_t)n->memory.frontier.size), p_bytes(BYTES_OF(root.at)),
                       p_text(memory_note(&n->memory)));
    }
    if (r < 0) return r;
    if (rows_count(rows) == 1 && row_yes(rows, 0, 0)) return 0;
    return inconsistent(n, "another_head_stands_there", head);
}

/* ---- signing -------------------------------------------------------------------------------- */

static int note_make(const Notary *n, Memory *m) {
    _cleanup_(arena_freep) Arena *a = arena_new(ARENA_CAP);
    Checkpoint c = {.origin = n->origin, .size = m->frontier.size};
    Str note;
    if (!a) return ERR_MEMORY;
    int r = frontier_root(&m->frontier, &c.root);
    if (r == 0) r = checkpoint_sign(a, &c, &n->key, &note);
    if (r < 0) return r;
    if (note.len > sizeof(m->note)) return ERR_CONFIG; /* an origin of that length is a mistake */
    memcpy(m->note, note.at, note.len);
    m->note_len = note.len;
    return 0;
}

int notary_sign(Notary *n, bool now) {
    Head head;
    if (!now && clock_mono_ms() - n->signed_ms < BETWEEN_MS) return 0;
    int r = head_read(n, &head);
    if (r < 0) return r;
    if (head.size < n->memory.frontier.size) return inconsistent(n, "database_went_back", &head);
    if (head.size == n->memory.frontier.size) return 0;
    Memory next = n->memory;
    r = fold_to(n, &head, head.size);
    if (r == 0) r = leaves_read(n, &head, head.size, &next.frontier);
    if (r == 0) r = roots_compare(n, &head, &next.frontier);
    FAULT_POINT(head_before_sign);
    if (r == 0) r = note_make(n, &next);
    FAULT_POINT(head_after_sign);
    if (r == 0) r = memory_store(n->state, &next);
    if (r < 0) return r;
    n->memory = next;
    n->signed_ms = clock_mono_ms();
    FAULT_POINT(head_before_publish);
    r = publish(n, &head);
    FAULT_POINT(head_after_publish);
    return r;
}

/* ---- beginning ------------------------------------------------------------------------------ */

/* The note is ours, and says what the frontier says. */
static bool note_holds(const Notary *n, Str note, const Frontier *f) {
    _cleanup_(arena_freep) Arena *a = arena_new(ARENA_CAP);
    Checkpoint c;
    Hash root;
    return a && checkpoint_open(a, note, n->origin, &n->key.public, &c) && c.size == f->size &&
           frontier_root(f, &root) == 0 && hash_eq(&root, &c.root);
}

static int memory_check(Notary *n, Head *head) {
    const Frontier *f = &n->memory.frontier;
    if (!note_holds(n, memory_note(&n->memory), f)) return inconsistent(n, "state_damaged", head);
    if (head->size < f->size) return inconsistent(n, "database_went_back", head);
    int r = fold_to(n, head, f->size);
    if (r == 0) r = roots_compare(n, head, f);
    return r < 0 ? r : publish(n, head);
}

/* The memory is lost and heads were published: all leaves are read again, and must give the newest
 * of them. What was signed after a restored state is beyond anybody's knowledge but the witnesses'.
 */
static int memory_adopt(Notary *n, Head *head) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    int r = store_call(n->store, "SELECT note FROM door.notary_note()", NULL, 0, &rows);
    if (r < 0) return r;
    Str note = rows_count(rows) == 1 ? row_text(rows, 0, 0) : (Str){0};
    Memory m = {.note_len = note.len};
    if (note.len == 0 || note.len > sizeof(m.note)) return inconsistent(n, "no_such_head", head);
    memcpy(m.note, note.at, note.len);
    if (head->size < head->signed_size) return inconsistent(n, "database_went_back", head);
    r = leaves_read(n, head, head->signed_size, &m.frontier);
    if (r == 0) r = fold_to(n, head, head->signed_size);
    if (r == 0) r = roots_compare(n, head, &m.frontier);
    if (r < 0) return r;
    if (!note_holds(n, note, &m.frontier)) return inconsistent(n, "head_not_of_these_leaves", head);
    r = memory_store(n->state, &m);
    if (r < 0) return r;
    n->memory = m;
    log_event(LOG_warn, "state_adopted", "size=%llu", (unsigned long long)m.frontier.size);
    return 0;
}

int notary_open(Notary *n, bool adopt) {
    Head head;
    int r = head_read(n, &head);
    if (r < 0) return r;
    int there = memory_load(n->state, &n->memory);
    if (there == ERR_BROKEN) return inconsistent(n, "state_damaged", &head);
    if (there < 0) {
        log_event(LOG_error, "state_unreadable", "%s", "");
        return there;
    }
    if (there == 0 && adopt) {
        log_event(LOG_error, "adopt_refused", "%s", "hint=there_is_a_state_file");
        return ERR_CONFIG;
    }
    if (there == 0) return memory_check(n, &head);
    if (head.signed_size == 0) return 0;
    return adopt ? memory_adopt(n, &head) : inconsistent(n, "state_missing", &head);
}
