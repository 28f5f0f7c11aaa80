/* The file itself, and storing. What goes out of it is in spool_queue.c, what became of that in
 * spool_sent.c, what comes from the hub in spool_hub.c. See spool.h. */
#include "adapters/common/spool_db.h"

#include "broker/base/err.h"
#include "broker/base/seal.h"
#include "broker/io/fault.h"
#include "broker/io/log.h"

#include <sys/stat.h>

static const char schema[] =
    "CREATE TABLE IF NOT EXISTS outbound ("
    " place INTEGER PRIMARY KEY,"
    " message_id BLOB NOT NULL UNIQUE,"
    " native BLOB NOT NULL,"         /* keyed hash of the native reference */
    " native_content BLOB NOT NULL," /* keyed hash of the native bytes */
    " content TEXT NOT NULL,"
    " immediate INTEGER NOT NULL,"
    " alone INTEGER NOT NULL DEFAULT 0,"
    " sealed BLOB,"
    " state TEXT NOT NULL DEFAULT 'queued',"
    " reason TEXT,"
    " leaf_index INTEGER,"
    " leaf BLOB,"
    " proven INTEGER NOT NULL DEFAULT 0,"
    " stored_ms INTEGER NOT NULL,"
    " answered_ms INTEGER,"
    " UNIQUE (native, native_content)) STRICT;"
    "CREATE INDEX IF NOT EXISTS outbound_lane ON outbound (immediate DESC, max(alone, 1), place)"
    " WHERE state = 'queued';"
    "CREATE INDEX IF NOT EXISTS outbound_damaged ON outbound (place)"
    " WHERE state = 'damaged' AND answered_ms IS NULL;"
    "CREATE INDEX IF NOT EXISTS outbound_unproven ON outbound (leaf_index)"
    " WHERE leaf_index IS NOT NULL AND proven = 0;"
    "CREATE INDEX IF NOT EXISTS outbound_leaf ON outbound (leaf_index);"
    "CREATE INDEX IF NOT EXISTS outbound_overdue ON outbound (answered_ms)"
    " WHERE leaf_index IS NOT NULL AND proven = 0;"
    "CREATE TABLE IF NOT EXISTS letter ("
    " letter_id BLOB NOT NULL,"
    " digest BLOB NOT NULL,"
    " sealed BLOB,"
    " receipt_head BLOB,"
    " receipt_signature BLOB,"
    " received_ms INTEGER NOT NULL,"
    " PRIMARY KEY (letter_id, digest)) STRICT;"
    "CREATE TABLE IF NOT EXISTS head ("
    " size INTEGER PRIMARY KEY,"
    " root BLOB NOT NULL,"
    " note TEXT NOT NULL) STRICT;";

/* ---- SQLite, in this project's error contract ------------------------------------------------ */

int db_fail(Spool *s, const char *at) {
    log_event(LOG_error, "spool_failed", "at=%s code=%d", at, sqlite3_extended_errcode(s->db));
    return ERR_STORE;
}

int db_prepare(Spool *s, const char *sql, sqlite3_stmt **ret) {
    return sqlite3_prepare_v2(s->db, sql, -1, ret, NULL) == SQLITE_OK ? 0 : db_fail(s, "prepare");
}

int db_step(Spool *s, sqlite3_stmt *q, bool *ret_row) {
    int r = sqlite3_step(q);
    *ret_row = r == SQLITE_ROW;
    return r == SQLITE_ROW || r == SQLITE_DONE ? 0 : db_fail(s, "step");
}

int db_run(Spool *s, sqlite3_stmt *q) {
    bool row;
    return db_step(s, q, &row);
}

int db_exec(Spool *s, const char *sql) {
    return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : db_fail(s, "exec");
}

void db_rollback(Spool *s) {
    if (sqlite3_get_autocommit(s->db)) return;
    int r = db_exec(s, "ROLLBACK");
    (void)r; /* logged there; closing the file rolls back too */
}

void db_bind_bytes(sqlite3_stmt *q, int at, Bytes b) {
    (void)sqlite3_bind_blob64(q, at, b.at ? (const void *)b.at : "", b.len, SQLITE_TRANSIENT);
}

Bytes db_column(Arena *a, sqlite3_stmt *q, int at) {
    const void *blob = sqlite3_column_blob(q, at);
    int len = sqlite3_column_bytes(q, at);
    return blob ? arena_copy(a, bytes_of(blob, (size_t)len)) : (Bytes){0};
}

/* ---- opening --------------------------------------------------------------------------------- */

static int spool_count_queued(Spool *s) {
    _cleanup_(statement_freep) sqlite3_stmt *q = NULL;
    bool row = false;
    int r = db_prepare(s, "SELECT count(*) FROM outbound WHERE state = 'queued'", &q);
    if (r == 0) r = db_step(s, q, &row);
    if (r == 0) s->queued = (size_t)sqlite3_column_int64(q, 0);
    return r;
}

/* A spool belongs to one key, realm and agency: with another it must not open, or everything would
 * look new and what waits could not be read. */
static int spool_owner(Spool *s) {
    _cleanup_(statement_freep) sqlite3_stmt *q = NULL;
    Bytes parts[] = {str_bytes(STR("owner\n")), str_bytes(s->realm), str_bytes(STR("\n")),
                     str_bytes(s->agency)};
    Hash mark;
    bool row = false;
    char set[64];
    int r = hmac_sha256(&s->key, parts, COUNT_OF(parts), &mark);
    if (r == 0) r = db_prepare(s, "PRAGMA user_version", &q);
    if (r == 0) r = db_step(s, q, &row);
    if (r < 0) return r;
    int owner = (mark.at[0] & 0x7f) << 24 | mark.at[1] << 16 | mark.at[2] << 8 | 1;
    int found = sqlite3_column_int(q, 0);
    if (found) return found == owner ? 0 : ERR_CONFIG;
    (void)snprintf(set, sizeof(set), "PRAGMA user_version = %d", owner);
    return db_exec(s, set);
}

int spool_open(const char *path, const Key *key, Str realm, Str agency, Spool **ret) {
    _cleanup_(spool_closep) Spool *s = calloc(1, sizeof(*s));
    if (!s) return ERR_MEMORY;
    s->key = *key;
    s->realm = realm;
    s->agency = agency;
    mode_t mask = umask(077);
    int opened = sqlite3_open_v2(path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
    (void)umask(mask);
    if (opened != SQLITE_OK) return db_fail(s, "open");
    (void)sqlite3_busy_timeout(s->db, 5000);
    int r = db_exec(s, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                       "PRAGMA secure_delete=ON; PRAGMA trusted_schema=OFF;");
    if (r == 0) r = db_exec(s, schema);
    if (r == 0) r = spool_owner(s);
    if (r == 0) r = spool_count_queued(s);
    if (r == 0) *ret = TAKE(s);
    return r;
}

void spool_close(Spool *s) {
    if (!s) return;
    (void)sqlite3_close(s->db); /* every statement is finalised; the WAL is folded in */
    key_wipe(&s->key);
    free(s);
}

/* ---- storing --------------------------------------------------------------------------------- */

static int native_hash(const Spool *s, const char *use, Bytes b, Hash *ret) {
    Bytes parts[] = {str_bytes(str_z(use)), b};
    return hmac_sha256(&s->key, parts, COUNT_OF(parts), ret);
}

SealFor spool_purpose(const Spool *s, Id message_id) {
    return (SealFor){.realm = s->realm, .use = STR("spool"), .agency = s->agency, .id = message_id};
}

int spool_look(Spool *s, Str native, Bytes content, SpoolKnown *ret, Id *ret_id,
               int64_t *ret_stored_ms) {
    _cleanup_(statement_freep) sqlite3_stmt *q = NULL;
    Hash reference, digest;
    bool row = false;
    int r = native_hash(s, "native\n", str_bytes(native), &reference);
    if (r == 0) r = native_hash(s, "content\n", content, &digest);
    if (r == 0) {
        r = db_prepare(s,
                       "SELECT message_id, stored_ms, native_content = ?2"
                       " FROM outbound WHERE native = ?1 ORDER BY 3 DESC LIMIT 1",
                       &q);
    }
    if (r < 0) return r;
    db_bind_bytes(q, 1, BYTES_OF(reference.at));
    db_bind_bytes(q, 2, BYTES_OF(digest.at));
    r = db_step(s, q, &row);
    if (r < 0) return r;
    *ret = !row ? SPOOL_new : sqlite3_column_int(q, 2) ? SPOOL_again : SPOOL_changed;
    if (*ret != SPOOL_again) return 0;
    if (sqlite3_column_bytes(q, 0) != sizeof(ret_id->at)) return ERR_BROKEN;
    memcpy(ret_id->at, sqlite3_column_blob(q, 0), sizeof(ret_id->at));
    *ret_stored_ms = sqlite3_column_int64(q, 1);
    return 0;
}

/* salt || content, sealed. */
static int frame_seal(Spool *s, Arena *a, Id message_id, Bytes content, Bytes *ret) {
    const Sealed *sealed = NULL;
    uint8_t *frame = arena_alloc(a, SALT_LEN + content.len);
    if (!frame) return ERR_MEMORY;
    int r = random_bytes(frame, SALT_LEN);
    memcpy(frame + SALT_LEN, content.at, content.len);
    if (r == 0) {
        r = box_seal(a, &s->key, spool_purpose(s, message_id),
                     bytes_of(frame, SALT_LEN + content.len), &sealed);
    }
    if (r == 0) *ret = sealed_bytes(sealed);
    return r;
}

int spool_put(Spool *s, Arena *a, Str native, Bytes native_content, const SpoolEntry *entry,
              Bytes content, int64_t now_ms) {
    _cleanup_(statement_freep) sqlite3_stmt *q = NULL;
    Hash reference, digest;
    Bytes sealed;
    int r = native_hash(s, "native\n", str_bytes(native), &reference);
    if (r == 0) r = native_hash(s, "content\n", native_content, &digest);
    if (r == 0) r = frame_seal(s, a, entry->message_id, content, &sealed);
    if (r == 0) {
        r = db_prepare(s,
                       "INSERT INTO outbound (message_id, native, native_content, content,"
                       " immediate, sealed, stored_ms) VALUES (?, ?, ?, ?, ?, ?, ?)",
                       &q);
    }
    if (r < 0) return r;
    db_bind_bytes(q, 1, id_bytes(&entry->message_id));
    db_bind_bytes(q, 2, BYTES_OF(reference.at));
    db_bind_bytes(q, 3, BYTES_OF(digest.at));
    (void)sqlite3_bind_text(q, 4, entry->content.at, (int)entry->content.len, SQLITE_TRANSIENT);
    (void)sqlite3_bind_int(q, 5, entry->immediate);
    db_bind_bytes(q, 6, sealed);
    (void)sqlite3_bind_int64(q, 7, now_ms);
    FAULT_POINT(spool_before_put);
    r = db_run(s, q);
    FAULT_POINT(spool_after_put);
    if (r == 0) s->queued++;
    return r;
}
