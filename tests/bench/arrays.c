/* See arrays.h. A field of a binary COPY and an element of a binary array look the same: a length
 * in 32 bits, then as many bytes; so an array is a column of the tuples, behind a head. */
#include "tests/bench/arrays.h"

#include <endian.h>
#include <string.h>

typedef struct Column {
    uint8_t *bytes;
    size_t len;
} Column;

static void finish(PGconn *db, PGresult *r) {
    if (PQresultStatus(r) != PGRES_COMMAND_OK) die("INSERT: %s", PQerrorMessage(db));
    PQclear(r);
}

void arrays_prepare(PGconn *db, const RowSet *s) {
    for (size_t i = 0; i < s->table_count; i++) {
        const Table *t = &s->tables[i];
        char sql[2 * COLUMNS_TEXT + 512];
        (void)snprintf(sql, sizeof(sql),
                       "INSERT INTO %s (%s) SELECT * FROM unnest(%s) ON CONFLICT DO NOTHING",
                       t->name, t->columns, t->arrays);
        finish(db, PQprepare(db, t->name, sql, 0, NULL));
    }
    finish(db,
           PQprepare(db, "head", "UPDATE mash.ledger_head SET size = size + $1::bigint", 0, NULL));
    if (!PQenterPipelineMode(db)) die("no pipeline");
}

static void put_number(Column *c, uint32_t number) {
    number = htobe32(number);
    memcpy(c->bytes + c->len, &number, sizeof(number));
    c->len += sizeof(number);
}

/* One dimension, counted from 1. */
static void put_head(Column *c, uint32_t type, size_t rows) {
    put_number(c, 1);
    put_number(c, 0);
    put_number(c, type);
    put_number(c, (uint32_t)rows);
    put_number(c, 1);
}

/* Deals the tuples' fields out to the columns; returns how many tuples there were. */
static size_t deal(const Table *t, size_t from, size_t to, Column *columns) {
    const uint8_t *at = t->bytes + t->at[from], *end = t->bytes + t->at[to];
    size_t rows = 0;
    for (; at < end; rows++) {
        at += sizeof(uint16_t); /* how many fields: as many as columns */
        for (size_t i = 0; i < t->column_count; i++) {
            uint32_t len;
            memcpy(&len, at, sizeof(len));
            size_t whole = sizeof(len) + (len == UINT32_MAX ? 0 : be32toh(len));
            memcpy(columns[i].bytes + columns[i].len, at, whole);
            columns[i].len += whole;
            at += whole;
        }
    }
    return rows;
}

static void send_table(PGconn *db, const Table *t, size_t from, size_t to) {
    enum { HEAD = 20 };
    size_t room = HEAD + t->at[to] - t->at[from];
    Column columns[COLUMNS_MOST];
    const char *values[COLUMNS_MOST];
    int lengths[COLUMNS_MOST], formats[COLUMNS_MOST];
    for (size_t i = 0; i < t->column_count; i++) {
        columns[i] = (Column){.bytes = must_alloc(room), .len = HEAD};
    }
    size_t rows = deal(t, from, to, columns);
    for (size_t i = 0; i < t->column_count; i++) {
        values[i] = (const char *)columns[i].bytes;
        lengths[i] = (int)columns[i].len;
        formats[i] = 1;
        columns[i].len = 0;
        put_head(&columns[i], t->types[i], rows);
    }
    if (!PQsendQueryPrepared(db, t->name, (int)t->column_count, values, lengths, formats, 0)) {
        die("INSERT: %s", PQerrorMessage(db));
    }
    for (size_t i = 0; i < t->column_count; i++) free(columns[i].bytes);
}

/* Without BEGIN, what lies before the sync is one transaction. */
void arrays_write(PGconn *db, const RowSet *s, size_t from, size_t to) {
    char size[24];
    const char *value = size;
    (void)snprintf(size, sizeof(size), "%zu", to - from);
    for (size_t i = 0; i < s->table_count; i++) send_table(db, &s->tables[i], from, to);
    (void)PQsendQueryPrepared(db, "head", 1, &value, NULL, NULL, 0);
    if (!PQpipelineSync(db)) die("pipeline: %s", PQerrorMessage(db));
    for (size_t i = 0; i <= s->table_count; i++) {
        finish(db, PQgetResult(db));
        if (PQgetResult(db)) die("an INSERT said more than was asked");
    }
    PGresult *r = PQgetResult(db);
    if (PQresultStatus(r) != PGRES_PIPELINE_SYNC) die("pipeline: %s", PQerrorMessage(db));
    PQclear(r);
}
