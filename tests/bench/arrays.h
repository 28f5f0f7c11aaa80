/* The same rows by one INSERT a table for a whole batch, out of arrays, and nothing for a row that
 * is there already: what a consumer has to write whose queue may deliver twice. */
#ifndef MASH_BENCH_ARRAYS_H
#define MASH_BENCH_ARRAYS_H

#include "tests/bench/rows.h"

/* Prepares an INSERT a table. */
void arrays_prepare(PGconn *db, const RowSet *s);
/* Messages `from` to `to` as one transaction, in one round trip. */
void arrays_write(PGconn *db, const RowSet *s, size_t from, size_t to);

#endif
