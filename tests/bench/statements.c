/* See statements.h. */
#include "tests/bench/statements.h"

#include <endian.h>
#include <string.h>

enum { PARAMS_MOST = 32 };

static const char head_sql[] = "UPDATE mash.ledger_head SET size = size + 1";

typedef struct Params {
    int count;
    const char *values[PARAMS_MOST];
    int lengths[PARAMS_MOST], formats[PARAMS_MOST];
} Params;

/* A tuple of COPY's binary form as parameters in binary form. */
static Params tuple_params(const Table *t, size_t row) {
    const uint8_t *at = t->bytes + t->at[row];
    uint16_t count;
    Params p = {0};
    memcpy(&count, at, sizeof(count));
    p.count = be16toh(count);
    if (p.count > PARAMS_MOST) die("%s has too many columns", t->name);
    at += sizeof(count);
    for (int i = 0; i < p.count; i++) {
        uint32_t len;
        memcpy(&len, at, sizeof(len));
        at += sizeof(len);
        p.formats[i] = 1;
        p.lengths[i] = (int)be32toh(len);
        p.values[i] = p.lengths[i] < 0 ? NULL : (const char *)at;
        at += p.lengths[i] < 0 ? 0 : p.lengths[i];
    }
    return p;
}

static void finish(PGconn *db, PGresult *r) {
    if (PQresultStatus(r) != PGRES_COMMAND_OK) die("INSERT: %s", PQerrorMessage(db));
    PQclear(r);
}

void statements_prepare(PGconn *db, const RowSet *s) {
    for (size_t i = 0; i < s->table_count; i++) {
        const Table *t = &s->tables[i];
        char sql[COLUMNS_TEXT + 512];
        int at = snprintf(sql, sizeof(sql), "INSERT INTO %s (%s) VALUES (", t->name, t->columns);
        int count = tuple_params(t, 0).count;
        for (int k = 1; k <= count; k++) {
            at += snprintf(sql + at, sizeof(sql) - (size_t)at, k < count ? "$%d, " : "$%d)", k);
        }
        finish(db, PQprepare(db, t->name, sql, 0, NULL));
    }
    finish(db, PQprepare(db, "head", head_sql, 0, NULL));
}

void statements_naive(PGconn *db, const RowSet *s, size_t row) {
    finish(db, PQexec(db, "BEGIN"));
    for (size_t i = 0; i < s->table_count; i++) {
        const Table *t = &s->tables[i];
        if (t->at[row] == t->at[row + 1]) continue;
        Params p = tuple_params(t, row);
        finish(db, PQexecPrepared(db, t->name, p.count, p.values, p.lengths, p.formats, 0));
    }
    finish(db, PQexecPrepared(db, "head", 0, NULL, NULL, NULL, 0));
    finish(db, PQexec(db, "COMMIT"));
}

/* Without BEGIN, what lies before the sync is one transaction. */
void statements_single(PGconn *db, const RowSet *s, size_t row) {
    int sent = 1;
    if (PQpipelineStatus(db) == PQ_PIPELINE_OFF && !PQenterPipelineMode(db)) die("no pipeline");
    for (size_t i = 0; i < s->table_count; i++) {
        const Table *t = &s->tables[i];
        if (t->at[row] == t->at[row + 1]) continue;
        Params p = tuple_params(t, row);
        sent += PQsendQueryPrepared(db, t->name, p.count, p.values, p.lengths, p.formats, 0);
    }
    (void)PQsendQueryPrepared(db, "head", 0, NULL, NULL, NULL, 0);
    if (!PQpipelineSync(db)) die("pipeline: %s", PQerrorMessage(db));
    for (int i = 0; i < sent; i++) {
        finish(db, PQgetResult(db));
        if (PQgetResult(db)) die("an INSERT said more than was asked");
    }
    PGresult *r = PQgetResult(db);
    if (PQresultStatus(r) != PGRES_PIPELINE_SYNC) die("pipeline: %s", PQerrorMessage(db));
    PQclear(r);
}
