/* Inside the spool only: its SQLite connection and the few helpers that both halves share. A
 * failing bind shows as a failing step, so binds are not checked one by one. */
#ifndef MASH_SPOOL_DB_H
#define MASH_SPOOL_DB_H

#include "adapters/common/spool.h"
#include "broker/base/seal.h"

#include <sqlite3.h>

struct Spool {
    sqlite3 *db;
    Key key;
    Str realm, agency;
    size_t queued;
};

static inline void statement_freep(sqlite3_stmt **q) {
    (void)sqlite3_finalize(*q); /* reports the step's error again */
}

/* ERR_STORE, logged by number: SQLite's words may hold values. */
int db_fail(Spool *s, const char *at) _must_check_;
int db_prepare(Spool *s, const char *sql, sqlite3_stmt **ret) _must_check_;
/* ret_row is false when done. */
int db_step(Spool *s, sqlite3_stmt *q, bool *ret_row) _must_check_;
/* Runs one statement that returns nothing. */
int db_run(Spool *s, sqlite3_stmt *q) _must_check_;
int db_exec(Spool *s, const char *sql) _must_check_;
/* After a failure nothing more can be done about it than this. */
void db_rollback(Spool *s);

SealFor spool_purpose(const Spool *s, Id message_id); /* of a stored frame */

void db_bind_bytes(sqlite3_stmt *q, int at, Bytes b);
Bytes db_column(Arena *a, sqlite3_stmt *q, int at); /* copied; {0} when NULL */

#endif
