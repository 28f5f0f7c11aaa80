/* Any text as a message in JSON; the first byte says which structure it should be. */
#include "tests/fuzz/fuzz.h"

#include "schemas/json_read.h"

enum { FUZZ_ARENA = 1 << 22 };

static const StructKind kinds[] = {STRUCT_referral, STRUCT_answer, STRUCT_reference};

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len) {
    _cleanup_(arena_freep) Arena *a = arena_new(FUZZ_ARENA);
    const Value *v = NULL, *again = NULL;
    Fault fault;
    Bytes bytes, same;
    if (len == 0) return 0;
    StructKind kind = kinds[at[0] % COUNT_OF(kinds)];
    int r = json_read(a, kind, bytes_str(bytes_of(at + 1, len - 1)), &v, &fault);
    MUST(r >= 0 && (int)fault.reason == r);
    MUST(utf8_valid(bytes_of(fault.path, strlen(fault.path))));
    if (r != 0) return 0;
    MUST(schema_check(kind, v, &fault) == 0 && !fault.unknown_fields);
    MUST(codec_encode(a, v, &bytes) == 0);
    MUST(codec_decode(a, bytes, &again, &fault) == 0); /* what is taken in can be read */
    Str text = codec_json(a, kind, again);
    MUST(json_read(a, kind, text, &again, &fault) == 0);
    MUST(codec_encode(a, again, &same) == 0 && bytes_eq(bytes, same));
    return 0;
}
