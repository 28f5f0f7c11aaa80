/* What became of what was sent: proven or not, waiting for how long, erased when it is time. See
 * spool.h. */
#include "adapters/common/spool_db.h"

#include "broker/base/err.h"

/* ---- proofs ---------------------------------------------------------------------------------- */

int spool_unproven(Spool *s, int64_t size, int64_t *ret_indexes, size_t most, size_t *ret_count) {
    _cleanup_(statement_freep) sqlite3_stmt *q = NULL;
    int r = db_prepare(s,
                       "SELECT DISTINCT leaf_index FROM outbound WHERE leaf_index < ?"
                       " AND leaf_index IS NOT NULL AND proven = 0 ORDER BY 1 LIMIT ?",
                       &q);
    if (r < 0) return r;
    (void)sqlite3_bind_int64(q, 1, size);
    (void)sqlite3_bind_int64(q, 2, (int64_t)most);
    *ret_count = 0;
    for (bool row = true;;) {
        r = db_step(s, q, &row);
        if (r < 0 || !row) return r;
        ret_indexes[(*ret_count)++] = sqlite3_column_int64(q, 0);
    }
}

int spool_leaf(Spool *s, Arena *a, int64_t index, Bytes *ret) {
    _cleanup_(statement_freep) sqlite3_stmt *q = NULL;
    bool row = false;
    int r = db_prepare(s, "SELECT leaf FROM outbound WHERE leaf_index = ? LIMIT 1", &q);
    if (r < 0) return r;
    (void)sqlite3_bind_int64(q, 1, index);
    r = db_step(s, q, &row);
    *ret = r == 0 && row ? db_column(a, q, 0) : (Bytes){0};
    return r;
}

/* `sql` takes one number. */
static int number_change(Spool *s, const char *sql, int64_t number) {
    _cleanup_(statement_freep) sqlite3_stmt *q = NULL;
    int r = db_prepare(s, sql, &q);
    if (r < 0) return r;
    (void)sqlite3_bind_int64(q, 1, number);
    return db_run(s, q);
}

int spool_proven(Spool *s, int64_t index) {
    return number_change(s, "UPDATE outbound SET proven = 1 WHERE leaf_index = ?", index);
}

int spool_tidy(Spool *s, int64_t before_ms) {
    return number_change(s,
                         "UPDATE outbound SET sealed = NULL WHERE stored_ms < ? AND proven = 1"
                         " AND state = 'acknowledged' AND sealed IS NOT NULL",
                         before_ms);
}

/* ---- what waits ------------------------------------------------------------------------------ */

/* `sql` gives one row of up to two numbers, or none: then both are 0. */
static int numbers_read(Spool *s, const char *sql, int64_t *ret_first, int64_t *ret_second) {
    _cleanup_(statement_freep) sqlite3_stmt *q = NULL;
    bool row = false;
    int r = db_prepare(s, sql, &q);
    if (r == 0) r = db_step(s, q, &row);
    if (r < 0) return r;
    *ret_first = row ? sqlite3_column_int64(q, 0) : 0;
    *ret_second = row ? sqlite3_column_int64(q, 1) : 0;
    return 0;
}

/* The oldest queued by place: that is the order of storing, and the queue's index holds it. */
int spool_waiting(Spool *s, SpoolWaiting *ret) {
    int64_t unused;
    int r = numbers_read(s,
                         "SELECT stored_ms FROM outbound WHERE place ="
                         " (SELECT min(place) FROM outbound WHERE state = 'queued')",
                         &ret->queued_ms, &unused);
    if (r < 0) return r;
    return numbers_read(s,
                        "SELECT answered_ms, leaf_index FROM outbound WHERE leaf_index IS NOT NULL"
                        " AND proven = 0 ORDER BY answered_ms LIMIT 1",
                        &ret->unproven_ms, &ret->unproven_index);
}

int spool_unsent(Spool *s, Arena *a, size_t most, SpoolUnsent *ret, size_t *ret_count) {
    _cleanup_(statement_freep) sqlite3_stmt *q = NULL;
    *ret_count = 0;
    int r = db_prepare(s,
                       "SELECT message_id, content, immediate, stored_ms FROM outbound"
                       " WHERE state = 'queued' ORDER BY immediate DESC, max(alone, 1), place"
                       " LIMIT ?",
                       &q);
    if (r < 0) return r;
    (void)sqlite3_bind_int64(q, 1, (int64_t)most);
    for (bool row = true;;) {
        r = db_step(s, q, &row);
        if (r < 0 || !row) return r;
        SpoolUnsent *one = &ret[(*ret_count)++];
        if (sqlite3_column_bytes(q, 0) != sizeof(one->message_id.at)) return ERR_BROKEN;
        memcpy(one->message_id.at, sqlite3_column_blob(q, 0), sizeof(one->message_id.at));
        one->content = bytes_str(db_column(a, q, 1));
        one->immediate = sqlite3_column_int(q, 2) != 0;
        one->stored_ms = sqlite3_column_int64(q, 3);
    }
}

int spool_damaged(Spool *s, bool *ret_found, Id *ret) {
    _cleanup_(statement_freep) sqlite3_stmt *q = NULL;
    *ret_found = false;
    int r = db_prepare(s,
                       "SELECT message_id FROM outbound WHERE state = 'damaged'"
                       " AND answered_ms IS NULL LIMIT 1",
                       &q);
    if (r == 0) r = db_step(s, q, ret_found);
    if (r < 0 || !*ret_found) return r;
    if (sqlite3_column_bytes(q, 0) != sizeof(ret->at)) return ERR_BROKEN;
    memcpy(ret->at, sqlite3_column_blob(q, 0), sizeof(ret->at));
    return 0;
}

int spool_damaged_told(Spool *s, Id message_id, int64_t now_ms) {
    _cleanup_(statement_freep) sqlite3_stmt *q = NULL;
    int r = db_prepare(s,
                       "UPDATE outbound SET answered_ms = ?2"
                       " WHERE message_id = ?1 AND state = 'damaged'",
                       &q);
    if (r < 0) return r;
    db_bind_bytes(q, 1, id_bytes(&message_id));
    (void)sqlite3_bind_int64(q, 2, now_ms);
    return db_run(s, q);
}

int spool_counts(Spool *s, SpoolCounts *ret) {
    _cleanup_(statement_freep) sqlite3_stmt *q = NULL;
    bool row = false;
    int r = db_prepare(s,
                       "SELECT count(*) FILTER (WHERE state = 'queued'),"
                       " count(*) FILTER (WHERE state = 'acknowledged'),"
                       " count(*) FILTER (WHERE state = 'quarantined'),"
                       " count(*) FILTER (WHERE state = 'refused'), coalesce(sum(proven), 0)"
                       " FROM outbound",
                       &q);
    if (r == 0) r = db_step(s, q, &row);
    if (r < 0) return r;
    *ret = (SpoolCounts){
        .queued = sqlite3_column_int64(q, 0),
        .acknowledged = sqlite3_column_int64(q, 1),
        .quarantined = sqlite3_column_int64(q, 2),
        .refused = sqlite3_column_int64(q, 3),
        .proven = sqlite3_column_int64(q, 4),
    };
    return 0;
}
