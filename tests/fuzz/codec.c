/* Any bytes through the codec and every structure's check. */
#include "tests/fuzz/fuzz.h"

#include "schemas/envelope.h"

enum { ARENA_EACH = 64, ARENA_LEAST = 1 << 16 };

static void check_all(Arena *a, const Value *v) {
    for (int k = STRUCT_none + 1; k < STRUCT_COUNT; k++) {
        Fault fault;
        int r = schema_check((StructKind)k, v, &fault);
        MUST(r >= 0 && r < REASON_COUNT && (int)fault.reason == r);
        MUST(strlen(fault.path) < sizeof(fault.path));
        if (r == 0) MUST(codec_json(a, (StructKind)k, v).at || arena_failed(a));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len) {
    _cleanup_(arena_freep) Arena *a = arena_new(ARENA_EACH * len + ARENA_LEAST);
    const Value *v = NULL;
    Fault fault;
    Bytes again;
    int r = codec_decode(a, bytes_of(at, len), &v, &fault);
    MUST(fault.offset <= len);
    if (r != 0) {
        MUST(r > 0 && !arena_failed(a)); /* memory in proportion to the bytes was enough */
        return 0;
    }
    MUST(codec_encode(a, v, &again) == 0 && bytes_eq(again, bytes_of(at, len))); /* one encoding */
    check_all(a, v);
    return 0;
}
