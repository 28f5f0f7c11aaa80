/* The half of the spool for what comes from the hub: letters and verified heads. See spool.h. */
#include "adapters/common/spool_db.h"

#include "broker/base/err.h"

enum { HEADS_KEPT = 64 };

/* ---- letters --------------------------------------------------------------------------------- */

static void bind_letter(sqlite3_stmt *q, Id letter_id, const Hash *digest) {
    db_bind_bytes(q, 1, id_bytes(&letter_id));
    db_bind_bytes(q, 2, BYTES_OF(digest->at));
}

int spool_letter_put(Spool *s, Id letter_id, const Hash *digest, Bytes sealed, int64_t now_ms) {
    _cleanup_(statement_freep) sqlite3_stmt *q = NULL;
    int r = db_prepare(s,
                       "INSERT INTO letter (letter_id, digest, sealed, received_ms)"
                       " VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                       &q);
    if (r < 0) return r;
    bind_letter(q, letter_id, digest);
    db_bind_bytes(q, 3, sealed);
    (void)sqlite3_bind_int64(q, 4, now_ms);
    return db_run(s, q);
}

int spool_receipt(Spool *s, Arena *a, Id letter_id, const Hash *digest, Bytes *ret_head,
                  Bytes *ret_signature) {
    _cleanup_(statement_freep) sqlite3_stmt *q = NULL;
    bool row = false;
    *ret_head = *ret_signature = (Bytes){0};
    int r = db_prepare(s,
                       "SELECT receipt_head, receipt_signature FROM letter"
                       " WHERE letter_id = ? AND digest = ?",
                       &q);
    if (r < 0) return r;
    bind_letter(q, letter_id, digest);
    r = db_step(s, q, &row);
    if (r < 0 || !row) return r;
    *ret_head = db_column(a, q, 0);
    *ret_signature = db_column(a, q, 1);
    return arena_failed(a) ? ERR_MEMORY : 0;
}

int spool_receipt_put(Spool *s, Id letter_id, const Hash *digest, Bytes head, Bytes signature) {
    _cleanup_(statement_freep) sqlite3_stmt *q = NULL;
    int r = db_prepare(s,
                       "UPDATE letter SET receipt_head = ?3, receipt_signature = ?4,"
                       " sealed = NULL WHERE letter_id = ?1 AND digest = ?2",
                       &q);
    if (r < 0) return r;
    bind_letter(q, letter_id, digest);
    db_bind_bytes(q, 3, head);
    db_bind_bytes(q, 4, signature);
    return db_run(s, q);
}

int spool_letter_open(Spool *s, Arena *a, bool *ret_found, SpoolLetter *ret) {
    _cleanup_(statement_freep) sqlite3_stmt *q = NULL;
    int r = db_prepare(s,
                       "SELECT letter_id, digest, sealed, received_ms FROM letter"
                       " WHERE receipt_head IS NULL ORDER BY received_ms LIMIT 1",
                       &q);
    if (r == 0) r = db_step(s, q, ret_found);
    if (r < 0 || !*ret_found) return r;
    Bytes id = db_column(a, q, 0), digest = db_column(a, q, 1);
    ret->sealed = db_column(a, q, 2);
    ret->received_ms = sqlite3_column_int64(q, 3);
    if (arena_failed(a)) return ERR_MEMORY;
    if (id.len != sizeof(ret->letter_id.at) || digest.len != HASH_LEN) return ERR_BROKEN;
    memcpy(ret->letter_id.at, id.at, id.len);
    memcpy(ret->digest.at, digest.at, digest.len);
    return 0;
}

/* ---- heads ----------------------------------------------------------------------------------- */

static int head_read(Spool *s, sqlite3_stmt *q, SpoolHead *ret) {
    bool row = false;
    *ret = (SpoolHead){0};
    int r = db_step(s, q, &row);
    if (r < 0 || !row) return r;
    if (sqlite3_column_bytes(q, 1) != HASH_LEN) return ERR_BROKEN;
    ret->size = sqlite3_column_int64(q, 0);
    memcpy(ret->root.at, sqlite3_column_blob(q, 1), HASH_LEN);
    return 0;
}

int spool_head(Spool *s, SpoolHead *ret) {
    _cleanup_(statement_freep) sqlite3_stmt *q = NULL;
    int r = db_prepare(s, "SELECT size, root FROM head ORDER BY size DESC LIMIT 1", &q);
    return r < 0 ? r : head_read(s, q, ret);
}

int spool_head_at(Spool *s, int64_t size, SpoolHead *ret) {
    _cleanup_(statement_freep) sqlite3_stmt *q = NULL;
    int r = db_prepare(s, "SELECT size, root FROM head WHERE size = ?", &q);
    if (r < 0) return r;
    (void)sqlite3_bind_int64(q, 1, size);
    return head_read(s, q, ret);
}

static int head_insert(Spool *s, const SpoolHead *head, Str note) {
    _cleanup_(statement_freep) sqlite3_stmt *q = NULL;
    int r = db_prepare(s, "INSERT INTO head (size, root, note) VALUES (?, ?, ?)", &q);
    if (r < 0) return r;
    (void)sqlite3_bind_int64(q, 1, head->size);
    db_bind_bytes(q, 2, BYTES_OF(head->root.at));
    (void)sqlite3_bind_text(q, 3, note.at, (int)note.len, SQLITE_TRANSIENT);
    return db_run(s, q);
}

static int heads_prune(Spool *s) {
    _cleanup_(statement_freep) sqlite3_stmt *q = NULL;
    int r = db_prepare(s,
                       "DELETE FROM head WHERE size NOT IN"
                       " (SELECT size FROM head ORDER BY size DESC LIMIT ?)",
                       &q);
    if (r < 0) return r;
    (void)sqlite3_bind_int(q, 1, HEADS_KEPT);
    return db_run(s, q);
}

int spool_head_put(Spool *s, const SpoolHead *head, Str note) {
    int r = db_exec(s, "BEGIN IMMEDIATE");
    if (r == 0) r = head_insert(s, head, note);
    if (r == 0) r = heads_prune(s);
    if (r == 0) r = db_exec(s, "COMMIT");
    if (r < 0) db_rollback(s);
    return r;
}
