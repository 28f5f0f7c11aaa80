/* Any bytes as a filled-in form of the desk. */
#include "adapters/common/desk.h"
#include "tests/fuzz/adapter_kit.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len) {
    _cleanup_(arena_freep) Arena *a = arena_new(FUZZ_ARENA);
    Value *answer = NULL;
    Fault fault;
    Id id = {{1}};
    int r = desk_read(a, id, bytes_of(at, len), 1795356000000, &answer, &fault);
    MUST(r <= 0 || (int)fault.reason == r);
    if (r == 0) MUST(schema_check(STRUCT_answer, answer, &fault) == 0);
    return 0;
}
