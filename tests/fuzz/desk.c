/* Any bytes as a filled-in form of the desk, of any kind. */
#include "adapters/common/desk.h"
#include "adapters/common/word_form.h"
#include "tests/fuzz/adapter_kit.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len) {
    static const WordForm *const forms[] = {&form_ask, &form_reply, &form_confirm, &form_correct};
    _cleanup_(arena_freep) Arena *a = arena_new(FUZZ_ARENA);
    Value *answer = NULL;
    Fault fault;
    Id id = {{1}};
    int r = desk_read(a, id, bytes_of(at, len), 1795356000000, &answer, &fault);
    MUST(r <= 0 || (int)fault.reason == r);
    if (r == 0) MUST(schema_check(STRUCT_answer, answer, &fault) == 0);
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        Value *word = NULL;
        arena_reset(a);
        r = word_read(a, forms[i], &id, bytes_of(at, len), 1795356000000, &word, &fault);
        MUST(r <= 0 || (int)fault.reason == r);
        if (r == 0) MUST(schema_check(forms[i]->kind, word, &fault) == 0);
    }
    return 0;
}
