/* The database: doors are called by name with typed parameters, and answer rows. Parameters and
 * results travel in binary; nothing is ever pasted into SQL. Synchronous; who overlaps its own
 * work with the database's uses store_send and store_result.
 *
 * A door refuses by raising SQLSTATE MH001 with the reason's name as its message: that comes back
 * as a positive REFUSE_*, and the transaction has to be rolled back. Everything else that fails is
 * ERR_STORE: nothing is known to be done, and the program gives up its connection. */
#ifndef MASH_STORE_H
#define MASH_STORE_H

#include "broker/base/arena.h"
#include "broker/base/id.h"
#include "schemas/schema.h"

typedef struct Store Store;
typedef struct Rows Rows;

/* `conninfo` as libpq takes it; the password comes from its passfile. Tries for `wait_ms` while
 * the server is starting. Logs why it failed (without values). */
int store_open(const char *conninfo, const char *program, int64_t wait_ms, Store **ret)
    _must_check_;
void store_close(Store *s);
int store_fd(const Store *s); /* for the loop: NOTIFY arrives here */

typedef struct Param {
    unsigned oid;
    Bytes value; /* binary form */
    bool null;
    bool broken; /* made without memory: store_send answers ERR_MEMORY instead of sending NULL */
    uint8_t small[16];
} Param;

Param p_text(Str v); /* {0} is NULL */
Param p_z(const char *v);
Param p_bytes(Bytes v); /* {NULL} is NULL */
Param p_id(Id v);
Param p_number(int64_t v);
Param p_yes(bool v);
Param p_null(void);
/* Arrays, built in the arena; a NULL `at` is a NULL element. */
Param p_text_list(Arena *a, const Str *v, size_t count);
Param p_bytes_list(Arena *a, const Bytes *v, size_t count);
Param p_id_list(Arena *a, const Id *v, size_t count);
Param p_number_list(Arena *a, const int64_t *v, size_t count);

/* Up to 24 parameters. `ret` may be NULL when no rows are wanted. */
int store_call(Store *s, const char *sql, const Param *params, size_t count, Rows **ret)
    _must_check_;
#define STORE_CALL(s, ret, sql, ...)                                                               \
    store_call(s, sql, (const Param[]){__VA_ARGS__},                                               \
               sizeof((const Param[]){__VA_ARGS__}) / sizeof(Param), ret)

int store_begin(Store *s) _must_check_;
int store_commit(Store *s) _must_check_;
void store_rollback(Store *s); /* of no interest if it fails: the server does it then */

/* The overlapping way: one statement in flight. store_ready reads what has arrived. */
int store_send(Store *s, const char *sql, const Param *params, size_t count) _must_check_;
/* As store_send, for the one statement that a connection sends all the time: the server reads and
 * plans it once. Known by the address of `sql`, a literal; another one goes as store_send. */
int store_send_kept(Store *s, const char *sql, const Param *params, size_t count) _must_check_;
int store_ready(Store *s, bool *ret_ready) _must_check_;
int store_result(Store *s, Rows **ret) _must_check_;
/* True when the last call failed because of what it was given (data, a constraint, a deadlock, a
 * door's own exception): the server has undone all of it, and the connection is good. */
bool store_fault_in_data(const Store *s);

/* What the failure of the last call speaks for, as far as its SQLSTATE tells. */
typedef enum StoreBlame {
    STORE_outage,  /* the server's: it cannot write, shuts down, refuses us, is held up */
    STORE_data,    /* what it was given: it does not fit, or nobody foresaw it */
    STORE_unclear, /* the connection went without a word, or by none of the above */
} StoreBlame;
StoreBlame store_blame(const Store *s);

int store_listen(Store *s, const char *channel) _must_check_;
/* Reads from the socket; true when at least one NOTIFY has come since the last call. */
bool store_notified(Store *s);

/* Rows. Columns by position; NULL reads as empty or zero. Borrowed from the Rows. */
size_t rows_count(const Rows *r);
bool row_null(const Rows *r, size_t row, int column);
Str row_text(const Rows *r, size_t row, int column);
Bytes row_bytes(const Rows *r, size_t row, int column);
int64_t row_number(const Rows *r, size_t row, int column); /* int2, int4, int8 */
bool row_yes(const Rows *r, size_t row, int column);
Id row_id(const Rows *r, size_t row, int column);
/* Every row by the id in this column, for ids_find. NULL: the arena failed. */
const IdAt *rows_by_id(Arena *a, const Rows *r, int column);
void rows_free(Rows *r);

DEFINE_FREEP(Store, store_close)
DEFINE_FREEP(Rows, rows_free)

#endif
