/* The same rows by one INSERT a table and referral: the naive way, and the bare single commit. */
#ifndef MASH_BENCH_STATEMENTS_H
#define MASH_BENCH_STATEMENTS_H

#include "tests/bench/rows.h"

/* Prepares an INSERT a table. */
void statements_prepare(PGconn *db, const RowSet *s);
/* A transaction with a round trip for each of its statements. */
void statements_naive(PGconn *db, const RowSet *s, size_t row);
/* A transaction in one round trip, by libpq's pipeline. */
void statements_single(PGconn *db, const RowSet *s, size_t row);

#endif
