/* What every fuzz harness shares. A harness is one LLVMFuzzerTestOneInput: it feeds the bytes to
 * one parser and states with MUST what has to hold for any input. Sanitizers watch the rest (R23).
 * Add one: tests/fuzz/<name>.c, its objects in the Makefile, seeds in tests/fuzz/corpus/<name>. */
#ifndef MASH_FUZZ_H
#define MASH_FUZZ_H

#include "broker/base/arena.h"

#include <stdint.h>
#include <stdlib.h>

#define MUST(condition)                                                                            \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            (void)fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition);   \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len);

#endif
