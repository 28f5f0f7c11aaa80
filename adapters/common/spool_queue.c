/* The way out of the spool: what is next, and what the hub said about it. See spool.h. */
#include "adapters/common/spool_db.h"

#include "broker/base/err.h"
#include "broker/io/fault.h"
#include "broker/io/log.h"

size_t spool_queued(const Spool *s) {
    return s->queued;
}

/* ---- what is next ---------------------------------------------------------------------------- */

/* Out of the queue, so that one bad place on the disk does not hold up all behind it. Its native
 * reference is let go: sent again, the same message is new. */
static int entry_damaged(Spool *s, Id message_id) {
    _cleanup_(statement_freep) sqlite3_stmt *q = NULL;
    char id[ID_TEXT];
    int r = db_prepare(s,
                       "UPDATE outbound SET state = 'damaged', reason = 'not_opened',"
                       " native = message_id WHERE message_id = ? AND state = 'queued'",
                       &q);
    if (r < 0) return r;
    db_bind_bytes(q, 1, id_bytes(&message_id));
    r = db_run(s, q);
    if (r < 0) return r;
    s->queued -= (size_t)sqlite3_changes(s->db);
    id_text(message_id, id);
    log_event(LOG_error, "spool_damaged", "message=%s", id);
    return 0;
}

/* The columns of spool_next. */
enum { AT_PLACE, AT_ID, AT_CONTENT, AT_ALONE, AT_SEALED };

/* ERR_CRYPTO when what is sealed does not open. */
static int entry_read(Spool *s, Arena *a, sqlite3_stmt *q, SpoolEntry *ret) {
    Bytes id = db_column(a, q, AT_ID), content = db_column(a, q, AT_CONTENT);
    Bytes sealed = db_column(a, q, AT_SEALED);
    if (arena_failed(a)) return ERR_MEMORY;
    if (id.len != sizeof(ret->message_id.at)) return ERR_BROKEN;
    memcpy(ret->message_id.at, id.at, id.len);
    ret->content = bytes_str(content);
    ret->place = sqlite3_column_int64(q, AT_PLACE);
    SealFor purpose = spool_purpose(s, ret->message_id);
    if (box_open(a, &s->key, purpose, sealed, &ret->frame)) return 0;
    return arena_failed(a) ? ERR_MEMORY : ERR_CRYPTO;
}

static int place_order(const void *a, const void *b) {
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static bool is_passed(const SpoolAsk *ask, int64_t place) {
    return ask->passed_count &&
           bsearch(&place, ask->passed, ask->passed_count, sizeof(place), place_order);
}

int spool_next(Spool *s, Arena *a, const SpoolAsk *ask, SpoolEntry *ret, size_t *ret_count) {
    _cleanup_(statement_freep) sqlite3_stmt *q = NULL;
    size_t bytes = 0;
    *ret_count = 0;
    if (ask->passed_count) qsort(ask->passed, ask->passed_count, sizeof(int64_t), place_order);
    int r = db_prepare(s,
                       "SELECT place, message_id, content, alone, sealed FROM outbound"
                       " WHERE state = 'queued' AND immediate = ?"
                       " ORDER BY max(alone, 1), place",
                       &q);
    if (r < 0) return r;
    (void)sqlite3_bind_int(q, 1, ask->immediate);
    for (bool row, alone = false; !alone && *ret_count < ask->most;) {
        SpoolEntry *e = &ret[*ret_count];
        r = db_step(s, q, &row);
        if (r < 0 || !row) return r;
        if (is_passed(ask, sqlite3_column_int64(q, AT_PLACE))) continue;
        alone = sqlite3_column_int(q, AT_ALONE) != 0;
        size_t len = (size_t)sqlite3_column_bytes(q, AT_SEALED);
        if (*ret_count && (alone || bytes + len > ask->most_bytes)) return 0;
        r = entry_read(s, a, q, e);
        if (r == ERR_CRYPTO) {
            alone = false;
            r = entry_damaged(s, e->message_id);
            if (r < 0) return r;
            continue;
        }
        if (r < 0) return r;
        e->immediate = ask->immediate;
        bytes += len;
        (*ret_count)++;
    }
    return 0;
}

/* ---- what the hub said ----------------------------------------------------------------------- */

/* Ends what db_exec "BEGIN IMMEDIATE" began. */
static int spool_end(Spool *s, int r) {
    if (r == 0) r = db_exec(s, "COMMIT");
    if (r < 0) db_rollback(s);
    return r;
}

/* One message out of the queue, with its answer. */
static int answer_store(Spool *s, sqlite3_stmt *q, const SpoolAnswer *answer) {
    db_bind_bytes(q, 1, id_bytes(&answer->message_id));
    const char *state = answer->quarantined ? "quarantined" : "acknowledged";
    (void)sqlite3_bind_text(q, 2, state, -1, SQLITE_STATIC);
    (void)sqlite3_bind_int64(q, 3, answer->leaf_index);
    db_bind_bytes(q, 4, answer->leaf);
    (void)sqlite3_bind_text(q, 5, answer->reason.at, (int)answer->reason.len, SQLITE_TRANSIENT);
    int r = db_run(s, q);
    (void)sqlite3_reset(q); /* reports the step's error again */
    return r;
}

int spool_acknowledge(Spool *s, const SpoolAnswer *answers, size_t count, int64_t now_ms) {
    _cleanup_(statement_freep) sqlite3_stmt *q = NULL;
    size_t left = 0;
    int r = db_prepare(s,
                       "UPDATE outbound SET state = ?2, leaf_index = ?3, leaf = ?4, reason = ?5,"
                       " answered_ms = ?6 WHERE message_id = ?1 AND state = 'queued'",
                       &q);
    if (r == 0) r = db_exec(s, "BEGIN IMMEDIATE");
    if (r < 0) return r;
    (void)sqlite3_bind_int64(q, 6, now_ms);
    for (size_t i = 0; r == 0 && i < count; i++) {
        r = answer_store(s, q, &answers[i]);
        if (r == 0) left += (size_t)sqlite3_changes(s->db);
    }
    FAULT_POINT(ack_before_commit);
    r = spool_end(s, r);
    if (r == 0) s->queued -= left;
    return r;
}

int spool_refuse(Spool *s, Id message_id, Str reason) {
    _cleanup_(statement_freep) sqlite3_stmt *q = NULL;
    int r = db_prepare(s,
                       "UPDATE outbound SET state = 'refused', reason = ?2"
                       " WHERE message_id = ?1 AND state = 'queued'",
                       &q);
    if (r < 0) return r;
    db_bind_bytes(q, 1, id_bytes(&message_id));
    (void)sqlite3_bind_text(q, 2, reason.at, (int)reason.len, SQLITE_TRANSIENT);
    r = db_run(s, q);
    if (r == 0) s->queued -= (size_t)sqlite3_changes(s->db);
    return r;
}

int spool_alone(Spool *s, const Id *message_ids, size_t count) {
    _cleanup_(statement_freep) sqlite3_stmt *q = NULL;
    int r = db_prepare(s, "UPDATE outbound SET alone = alone + 1 WHERE message_id = ?", &q);
    if (r == 0) r = db_exec(s, "BEGIN IMMEDIATE");
    if (r < 0) return r;
    for (size_t i = 0; r == 0 && i < count; i++) {
        db_bind_bytes(q, 1, id_bytes(&message_ids[i]));
        r = db_run(s, q);
        (void)sqlite3_reset(q); /* reports the step's error again */
    }
    return spool_end(s, r);
}

int spool_requeue(Spool *s, size_t *ret_count) {
    int r = db_exec(s, "UPDATE outbound SET state = 'queued', reason = NULL"
                       " WHERE state = 'refused' AND sealed IS NOT NULL");
    *ret_count = r == 0 ? (size_t)sqlite3_changes(s->db) : 0;
    s->queued += *ret_count;
    return r;
}
