/* An adapter for the harnesses: fixed keys that protect nothing, a spool that only counts, a folder
 * that is never written to by what is fuzzed here. */
#ifndef MASH_FUZZ_ADAPTER_H
#define MASH_FUZZ_ADAPTER_H

#include "adapters/common/intake_folder.h"
#include "tests/fuzz/fake_spool.h"
#include "tests/fuzz/fuzz.h"

static const Identity fuzz_identity = {
    .realm = {"demonstration", 13},
    .agency = {"police", 6},
    .name = {"Example", 7},
    .type = {"police", 6},
    .org_scheme = {"mash", 4},
    .org_code = {"police", 6},
    .summary_tier = {"sanitise", 8},
    .dir = "/nonexistent",
};

enum { FUZZ_ARENA = 64 * 1024 * 1024 };

/* Whatever the bytes: records are kept or rejected one by one, or the whole is refused and then
 * nothing is kept; nothing else ever comes out. */
static inline void fuzz_batch(BatchRead read, Bytes content) {
    Adapter adapter = {.self = fuzz_identity};
    _cleanup_(arena_freep) Arena *a = arena_new(FUZZ_ARENA);
    _cleanup_(json_freep) json_t *stored = json_array(), *rejected = json_array();
    Fault fault = {0};
    adapter.spool = fake_spool(0, false);
    Batch b = {.adapter = &adapter,
               .name = "file",
               .arena = a,
               .now_ms = 1795356000000,
               .stored = stored,
               .rejected = rejected,
               .receipts = "/nonexistent"};
    int r = read(&b, content, &fault);
    MUST(r <= 0 || (int)fault.reason == r);
    MUST(r <= 0 || spool_queued(adapter.spool) == 0);
    MUST(spool_queued(adapter.spool) <= json_array_size(stored));
}

#endif
