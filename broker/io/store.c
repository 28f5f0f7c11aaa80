/* libpq behind store.h. */
#include "broker/io/store.h"

#include "broker/base/err.h"
#include "broker/io/clock.h"
#include "broker/io/fault.h"
#include "broker/io/log.h"

#include <libpq-fe.h>
#include <poll.h>
#include <sys/socket.h>

enum { PARAMS_MAX = 32, RETRY_MS = 50 };

static const char refusal_state[] = "MH001";
static const char kept_name[] = "kept";

struct Store {
    PGconn *conn;
    char state[6]; /* SQLSTATE of the last failure */
    const char *kept; /* the statement that the server keeps under kept_name */
};

struct Rows {
    PGresult *result;
};

/* Server messages may quote parameters, so only the SQLSTATE is logged (R26). */
static void log_failure(const char *what, const PGresult *result) {
    const char *state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    log_event(LOG_error, "database_failed", "call=%s sqlstate=%s", what, state ? state : "none");
}

/* Warnings may quote what a statement was given (R26). */
static void notice_drop(void *nothing, const char *message) {
    (void)nothing;
    (void)message;
}

int store_open(const char *conninfo, const char *program, int64_t wait_ms, Store **ret) {
    _cleanup_(store_closep) Store *s = calloc(1, sizeof(*s));
    if (!s) return ERR_MEMORY;
    const char *keys[] = {"dbname", "application_name", "connect_timeout", NULL};
    const char *values[] = {conninfo, program, "10", NULL};
    int64_t until = clock_mono_ms() + wait_ms;
    for (;;) {
        s->conn = PQconnectdbParams(keys, values, 1);
        if (PQstatus(s->conn) == CONNECTION_OK) break;
        PQfinish(TAKE(s->conn));
        if (clock_mono_ms() >= until) {
            log_event(LOG_error, "database_unreachable", "waited_ms=%lld", (long long)wait_ms);
            return ERR_STORE;
        }
        (void)poll(NULL, 0, RETRY_MS); /* an early wake only means an early try */
    }
    (void)PQsetNoticeProcessor(s->conn, notice_drop, NULL);
    *ret = TAKE(s);
    return 0;
}

void store_close(Store *s) {
    if (!s) return;
    PQfinish(s->conn);
    free(s);
}

int store_fd(const Store *s) {
    return PQsocket(s->conn);
}

int store_send(Store *s, const char *sql, const Param *params, size_t count) {
    Oid types[PARAMS_MAX];
    const char *values[PARAMS_MAX];
    int lengths[PARAMS_MAX], formats[PARAMS_MAX];
    static const char empty[] = "";
    s->state[0] = '\0';
    if (count > PARAMS_MAX) return ERR_BROKEN;
    for (size_t i = 0; i < count; i++) {
        if (params[i].broken) return ERR_MEMORY;
    }
    for (size_t i = 0; i < count; i++) {
        const Param *p = &params[i];
        const uint8_t *at = p->value.at ? p->value.at : p->small;
        types[i] = p->oid;
        values[i] = p->null ? NULL : (p->value.len ? (const char *)at : empty);
        lengths[i] = (int)p->value.len;
        formats[i] = 1;
    }
    FAULT_POINT(store_before_send);
    int sent = sql == s->kept ? PQsendQueryPrepared(s->conn, kept_name, (int)count, values, lengths,
                                                    formats, 1)
                              : PQsendQueryParams(s->conn, sql, (int)count, types, values, lengths,
                                                  formats, 1);
    if (!sent) log_failure("send", NULL);
    FAULT_POINT(store_after_send);
    return sent ? 0 : ERR_STORE;
}

int store_ready(Store *s, bool *ret_ready) {
    if (!PQconsumeInput(s->conn)) {
        log_failure("read", NULL);
        return ERR_STORE;
    }
    *ret_ready = !PQisBusy(s->conn);
    return 0;
}

static int result_outcome(Store *s, const PGresult *result) {
    ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) return 0;
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    if (state) (void)snprintf(s->state, sizeof(s->state), "%s", state);
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    if (state && message && strcmp(state, refusal_state) == 0) {
        Reason reason = reason_by_name(str_z(message));
        if (reason != REFUSE_none) return (int)reason;
    }
    log_failure("door", result);
    return ERR_STORE;
}

int store_send_kept(Store *s, const char *sql, const Param *params, size_t count) {
    Oid types[PARAMS_MAX];
    if (count > PARAMS_MAX) return ERR_BROKEN;
    for (size_t i = 0; i < count; i++) types[i] = params[i].oid;
    if (!s->kept) {
        PGresult *result = PQprepare(s->conn, kept_name, sql, (int)count, types);
        int r = result_outcome(s, result);
        PQclear(result);
        if (r) return ERR_STORE;
        s->kept = sql;
    }
    return store_send(s, sql, params, count);
}

int store_result(Store *s, Rows **ret) {
    PGresult *result = PQgetResult(s->conn);
    if (!result) {
        log_failure("no_result", NULL);
        return ERR_STORE;
    }
    int r = result_outcome(s, result);
    /* The rows come before the commit: only when the server is ready again is it known to be done,
     * and a failing commit, or a connection lost on the way to it, is a second result (R1). */
    for (PGresult *more = PQgetResult(s->conn); more; more = PQgetResult(s->conn)) {
        if (r == 0) r = result_outcome(s, more);
        PQclear(more);
    }
    FAULT_POINT(store_after_result);
    if (FAULT_FAILS(store_result_lost)) {
        (void)shutdown(PQsocket(s->conn), SHUT_RDWR); /* as if it had ended before the answer */
        PQclear(result);
        return ERR_STORE;
    }
    Rows *rows = r == 0 && ret ? calloc(1, sizeof(*rows)) : NULL;
    if (!rows) {
        PQclear(result);
        return r == 0 && ret ? ERR_MEMORY : r;
    }
    rows->result = result;
    *ret = rows;
    return 0;
}

bool store_fault_in_data(const Store *s) {
    static const char *const classes[] = {"22", "23", "40", "P0"};
    for (size_t i = 0; i < COUNT_OF(classes); i++) {
        if (str_starts(str_z(s->state), str_z(classes[i]))) return true;
    }
    return false;
}

StoreBlame store_blame(const Store *s) {
    static const struct {
        const char *begins;
        StoreBlame blame;
    } states[] = {
        {"08", STORE_outage},    {"25", STORE_outage},  {"28", STORE_outage}, {"40", STORE_outage},
        {"53", STORE_outage},    {"55", STORE_outage},  {"57", STORE_outage}, {"58", STORE_outage},
        {"42501", STORE_outage}, /* insufficient privilege */
        {"21", STORE_data},      {"22", STORE_data},    {"23", STORE_data},   {"54", STORE_data},
        {"P0", STORE_data},      {"XX000", STORE_data}, /* an internal error */
    };
    for (size_t i = 0; i < COUNT_OF(states); i++) {
        if (str_starts(str_z(s->state), str_z(states[i].begins))) return states[i].blame;
    }
    bool said = s->state[0] != '\0';
    return said || PQstatus(s->conn) == CONNECTION_BAD ? STORE_unclear : STORE_outage;
}

int store_call(Store *s, const char *sql, const Param *params, size_t count, Rows **ret) {
    int r = store_send(s, sql, params, count);
    return r < 0 ? r : store_result(s, ret);
}

int store_begin(Store *s) {
    return store_call(s, "BEGIN", NULL, 0, NULL);
}

int store_commit(Store *s) {
    FAULT_POINT(store_before_commit);
    int r = store_call(s, "COMMIT", NULL, 0, NULL);
    FAULT_POINT(store_after_commit);
    return r;
}

void store_rollback(Store *s) {
    int r = store_call(s, "ROLLBACK", NULL, 0, NULL);
    (void)r; /* a lost connection rolls back by itself */
}

int store_listen(Store *s, const char *channel) {
    char sql[80];
    (void)snprintf(sql, sizeof(sql), "LISTEN %s", channel); /* channels are our own literals */
    return store_call(s, sql, NULL, 0, NULL);
}

bool store_notified(Store *s) {
    bool any = false;
    if (!PQconsumeInput(s->conn)) return true; /* let the caller's next call find the loss */
    for (PGnotify *n = PQnotifies(s->conn); n; n = PQnotifies(s->conn)) {
        any = true;
        PQfreemem(n);
    }
    return any;
}

size_t rows_count(const Rows *r) {
    return (size_t)PQntuples(r->result);
}

bool row_null(const Rows *r, size_t row, int column) {
    return PQgetisnull(r->result, (int)row, column);
}

Bytes row_bytes(const Rows *r, size_t row, int column) {
    if (row_null(r, row, column)) return (Bytes){0};
    return bytes_of(PQgetvalue(r->result, (int)row, column),
                    (size_t)PQgetlength(r->result, (int)row, column));
}

void rows_free(Rows *r) {
    if (!r) return;
    PQclear(r->result);
    free(r);
}
