/* The same rows as the hub wrote, to write them again without the hub: what every limit is measured
 * with. They are read from the hub's own tables (the messages that it took in last), given new ids,
 * leaf indexes and hashes, and kept as COPY's binary tuples, all before anything is timed. Columns
 * come from the catalogue, so that a new one is copied, too. */
#ifndef MASH_BENCH_ROWS_H
#define MASH_BENCH_ROWS_H

#include "tests/bench/meter.h"

#include <libpq-fe.h>

enum { TABLES_MOST = 8, COLUMNS_MOST = 32, COLUMNS_TEXT = 1024 };

/* What goes with message i is bytes[at[i]] to bytes[at[i + 1]]: one tuple, or, where a table has a
 * row a submission, often none. */
typedef struct Table {
    char name[64], columns[COLUMNS_TEXT];
    char arrays[COLUMNS_TEXT]; /* "$1::text[], $2::uuid[], ..." */
    uint32_t types[COLUMNS_MOST];
    size_t column_count;
    uint8_t *bytes;
    size_t len, cap;
    size_t *at;
} Table;

typedef struct RowSet {
    Table tables[TABLES_MOST];
    size_t table_count, rows;
    int64_t newest; /* leaf of the last message that they were read from */
    char copy[TABLES_MOST * (COLUMNS_TEXT + 128)]; /* one text, one COPY a table, then the head */
} RowSet;

PGconn *rows_connect(const char *conninfo);
/* The last `rows` messages of the bench's agencies, none after leaf `newest`. Nobody else may
 * append leaves until they are written. */
void rows_prepare(PGconn *db, size_t rows, int64_t newest, RowSet *ret);
void rows_free(RowSet *s);

/* Messages `from` to `to` as one transaction: a COPY a table, and the ledger's head. */
void rows_copy(PGconn *db, const RowSet *s, size_t from, size_t to);

void rows_run(PGconn *db, const char *sql); /* one statement that must succeed */

#endif
