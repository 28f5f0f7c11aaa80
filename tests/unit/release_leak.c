/* Non-interference (R10), a smoke of the campaign in tests/properties: what leaves is a function of
 * what was released and of one signpost an owner. MASH_SEED begins elsewhere. */
#include "tests/properties/world.h"
#include "tests/unit/release_kit.h"

#include <zlib.h>

enum { ROUNDS = 800 };

Test(leak, what_leaves_does_not_depend_on_what_stays, .timeout = 300) {
    _cleanup_(arena_freep) Arena *a = arena_new(256u << 20);
    Random random = random_new("what_leaves_does_not_depend_on_what_stays");
    Tally t = {0};
    for (uint64_t i = 0; i < ROUNDS; i++) {
        Dice d = {random.seed + i};
        const char *fault = properties_try(a, &d, i, &t);
        cr_assert(!fault, "seed %llu, number %llu: %s", (unsigned long long)(random.seed + i),
                  (unsigned long long)i, fault);
        arena_reset(a);
    }
    cr_expect(t.products > ROUNDS / 2, "%llu products", (unsigned long long)t.products);
    cr_expect(t.differing > ROUNDS / 2 && t.sealed > 0 && t.heard > ROUNDS / 10);
}

Test(leak, a_canary_is_found_however_it_is_written) {
    for (size_t i = 1; i < ENCODINGS; i++) {
        char hidden[200] = "xyz ";
        size_t plain = 0, len = 4 + canary_write(i, CANARY, hidden + 4);
        cr_expect(canary_encoded((Str){.at = hidden, .len = len}, &plain), "encoding %zu", i);
    }
    static const char *const spelt[] = {CANARY, "kqzvwxjq", "KQZVWXJQ"};
    for (size_t i = 0; i < ENCODINGS * COUNT_OF(spelt); i++) {
        char hidden[200] = "xyz ";
        size_t len = 4 + canary_write(i % ENCODINGS, spelt[i / ENCODINGS], hidden + 4);
        cr_expect(canary_heard((Str){.at = hidden, .len = len}), "encoding %zu", i % ENCODINGS);
    }
    char packed[200];
    uLongf len = sizeof(packed);
    cr_assert(compress((Bytef *)packed, &len, (const Bytef *)"a " CANARY, 10) == Z_OK);
    cr_expect(canary_heard((Str){.at = packed, .len = len}));
    cr_expect_not(canary_heard(STR("a child was seen at home")));
    size_t plain = 0;
    cr_expect_not(canary_encoded(STR("a " CANARY "b " CANARY), &plain));
    cr_expect(plain == 2);
}
