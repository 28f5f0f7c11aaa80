/* libFuzzer over policy texts: any bytes parse or are refused with a line and a sentence; whatever
 * parses prints, and reads back to the same sentence. Links with broker/base, schemas and
 * broker/release. */
#include "broker/release/release.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const Str agencies[] = {{"police", 6}, {"education", 9}};

static int parse(Arena *a, Str text, Rule **rules, size_t *count, PolicyFault *fault) {
    return policy_parse(a, text, agencies[0], agencies, COUNT_OF(agencies), rules, count, fault);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    _cleanup_(arena_freep) Arena *a = arena_new(64 << 20);
    Rule *rules = NULL, *again = NULL;
    size_t count = 0, one = 0;
    PolicyFault fault;
    int r = parse(a, (Str){.at = (const char *)data, .len = size}, &rules, &count, &fault);
    if (r == REFUSE_policy_wrong && (fault.line == 0 || fault.sentence[0] == '\0')) abort();
    for (size_t i = 0; r == 0 && i < count && i < 16; i++) {
        Str line = rule_print(a, &rules[i]);
        if (!line.at || parse(a, line, &again, &one, &fault) != 0 || one != 1) abort();
        if (!str_eq(rule_print(a, again), line)) abort();
    }
    return 0;
}
