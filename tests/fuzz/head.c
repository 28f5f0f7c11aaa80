/* Any bytes as a message's first frame, and as the contents of one. */
#include "tests/fuzz/fuzz.h"

#include "schemas/envelope.h"

enum { ARENA = 1 << 24 };

/* Every kind, by its name in the list: what is taken is as the schema says. */
static void contents(Arena *a, Bytes in) {
    CodeList list;
    const char *name, *doc;
    Fault fault, again;
    for (size_t i = 0; code_at(i, &list, &name, &doc); i++) {
        const Value *value = NULL;
        if (list != LIST_content) continue;
        StructKind kind = content_kind(str_z(name));
        MUST(kind != STRUCT_none);
        if (content_decode(a, kind, in, &value, &fault) == 0) {
            MUST(schema_check(kind, value, &again) == 0);
        } else {
            MUST(!value);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len) {
    _cleanup_(arena_freep) Arena *a = arena_new(ARENA);
    StructKind kind = STRUCT_none;
    const Value *head = NULL;
    Fault fault;
    Bytes in = bytes_of(at, len);
    int r = head_decode(a, in, &kind, &head, &fault);
    MUST(r == ERR_MEMORY || (r >= 0 && (int)fault.reason == r));
    if (r == 0) {
        MUST(value_number(head, KEY_HEAD_VERSION) / 100 == PROTOCOL_MAJOR);
        MUST(str_is(value_text(head, KEY_HEAD_MESSAGE), schema_struct_name(kind)));
    } else {
        MUST(kind == STRUCT_none && !head);
    }
    contents(a, in);
    return 0;
}
