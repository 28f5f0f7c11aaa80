/* store.h without a database, for the harnesses: door.register() answers the cast's keys, every
 * other call what the fuzzed bytes say: no row, an empty one, one with these cells, a refusal. */
#ifndef MASH_FUZZ_STORE_H
#define MASH_FUZZ_STORE_H

#include "broker/io/register.h"
#include "tests/fuzz/cast.h"

Store *fake_store(void);
/* Borrowed: what the calls from now on answer, in order; empty rows when it is used up. */
void fake_store_answers(Bytes script);
/* A register that was loaded from it. */
Register *fake_register(void);

#endif
