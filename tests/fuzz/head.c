/* Any bytes as a message's first frame, and as the contents of one. */
#include "tests/fuzz/fuzz.h"

#include "schemas/envelope.h"

enum { ARENA = 1 << 24 };

static void contents(Arena *a, Bytes in) {
    const Referral *referral = NULL;
    const Answer *answer = NULL;
    Fault fault;
    if (referral_decode(a, in, &referral, &fault) == 0) {
        MUST(value_count(referral_value(referral), F_referral_person) > 0);
    } else {
        MUST(!referral);
    }
    if (answer_decode(a, in, &answer, &fault) == 0) {
        MUST(value_get(answer_value(answer), F_answer_check_id));
    } else {
        MUST(!answer);
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
