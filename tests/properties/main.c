/* The campaign: every property of pairs.c on PAIRS random enquiries. It ends at the first that does
 * not hold, with the seed that makes it again.
 *
 *   properties PAIRS SEED   says on descriptor 9 what is to be remembered */
#include "tests/properties/world.h"

#include <stdlib.h>
#include <time.h>

static double seconds(void) {
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void tell(FILE *out, const Tally *t, uint64_t seed, double took) {
    const char *commit = getenv("MASH_COMMIT");
    (void)fprintf(
        out,
        "# What leaves, tried on random enquiries\n\n"
        "`make properties`, commit %s, seeds %llu to %llu, one core, %.0f seconds.\n\n"
        "| property | tried | |\n|---|---:|---|\n"
        "| two enquiries that differ only in what stays: the same bytes in five forms and "
        "the letter | %llu pairs | %llu of them products, %llu with another number of "
        "items |\n"
        "| and, sealed, letters of the same length | %llu pairs | |\n"
        "| one more silent item changes nothing | %llu | |\n"
        "| a stricter policy or tier shows no more | %llu | |\n"
        "| redacting what left is redacting once | %llu | |\n"
        "| no canary of what stays is heard, in %d encodings and packed | %llu | %llu that "
        "leave were heard |\n\nNone failed.\n",
        commit ? commit : "unknown", (unsigned long long)seed,
        (unsigned long long)(seed + t->pairs - 1), took, (unsigned long long)t->pairs,
        (unsigned long long)t->products, (unsigned long long)t->differing,
        (unsigned long long)t->sealed, (unsigned long long)t->silent,
        (unsigned long long)t->stricter, (unsigned long long)t->again, ENCODINGS,
        (unsigned long long)t->canaries, (unsigned long long)t->heard);
}

int main(int argc, char **argv) {
    _cleanup_(arena_freep) Arena *a = arena_new(256u << 20);
    uint64_t pairs = 0, seed = 0;
    Tally t = {0};
    double began = seconds();
    if (argc != 3 || !a || !str_u64(str_z(argv[1]), &pairs) || !str_u64(str_z(argv[2]), &seed)) {
        (void)fprintf(stderr, "usage: properties PAIRS SEED\n");
        return 2;
    }
    for (uint64_t i = 0; i < pairs; i++) {
        Dice d = {seed + i};
        const char *fault = properties_try(a, &d, i, &t);
        arena_reset(a);
        if (!fault) continue;
        (void)fprintf(stderr, "properties: seed %llu, number %llu: %s\n",
                      (unsigned long long)(seed + i), (unsigned long long)i, fault);
        return 1;
    }
    tell(stdout, &t, seed, seconds() - began);
    FILE *record = fdopen(9, "w");
    if (record) tell(record, &t, seed, seconds() - began);
    return record && fclose(record) != 0;
}
