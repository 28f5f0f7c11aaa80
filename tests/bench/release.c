/* bench-release: how fast the release room is, alone on one core: CPU time of the one thread, so
 * that nothing else that runs is measured. Prints one line of JSON a measurement.
 *
 *   bench-release verdicts POLICY ...    a verdict for one item out of the compiled tables */
#include "tests/bench/meter.h"

#include "broker/release/release.h"

#include <string.h>

enum {
    ITEMS = 4096,
    TABLES_MOST = 16,
    ROUNDS = 10000,
    PLAIN_ROUNDS = 50,
    COMPILE_ROUNDS = 200,
    MEMORY = 64 << 20
};

/* splitmix64, from a fixed seed: every run asks the same. */
static size_t below(uint64_t *state, size_t most) {
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (size_t)((z ^ (z >> 31)) % most);
}

static Str file_text(Arena *a, const char *path) {
    _cleanup_(file_closep) FILE *f = fopen(path, "re");
    enum { MOST = 65536 };
    char *at = arena_alloc(a, MOST);
    if (!f || !at) die("%s cannot be read", path);
    return (Str){.at = at, .len = fread(at, 1, MOST, f)};
}

/* ---- verdicts -------------------------------------------------------------------------------- */

typedef struct Bench {
    Arena *arena;
    Policy policies[TABLES_MOST];
    const Verdicts *tables[TABLES_MOST];
    size_t count;
    Question items[ITEMS];
    unsigned short owner[ITEMS], flags[ITEMS];
} Bench;

static Question question_for(Str owner) {
    return (Question){.owner = owner,
                      .recipient = STR("education"),
                      .recipient_type = STR("school"),
                      .purpose = STR("safeguarding_assessment"),
                      .rating = RATING_amber,
                      .today = STR("2026-11-22")};
}

static void bench_load(Bench *b, char **paths) {
    for (; *paths && b->count < TABLES_MOST; paths++) {
        Policy *p = NULL;
        PolicyFault fault;
        size_t owners = 0;
        int r = policies_parse(b->arena, file_text(b->arena, *paths), NULL, 0, &p, &owners, &fault);
        if (r || owners != 1) die("%s: %s", *paths, r > 0 ? fault.sentence : "not one owner's");
        b->policies[b->count++] = p[0];
    }
    if (b->count == 0) die("name the files of policies");
}

static void bench_items(Bench *b) {
    uint64_t state = 20261122;
    for (size_t i = 0; i < ITEMS; i++) {
        b->owner[i] = (unsigned short)below(&state, b->count);
        b->flags[i] = (unsigned short)below(&state, ITEM_FLAGS);
        Question *q = &b->items[i];
        *q = question_for(b->policies[b->owner[i]].owner);
        q->class = (InfoClass)(1 + below(&state, CLASS_COUNT - 1));
        q->tier = (Tier)below(&state, TIER_COUNT);
        q->has_summary = b->flags[i] & ITEM_summary;
        q->free_text = b->flags[i] & ITEM_free_text;
        q->authorised = b->flags[i] & ITEM_authorised;
        q->has_desk = b->flags[i] & ITEM_desk;
    }
}

static void compile(Bench *b, Arena *a) {
    for (size_t i = 0; i < b->count; i++) {
        Question q = question_for(b->policies[i].owner);
        b->tables[i] = verdicts_compile(a, b->policies, b->count, &q);
        if (!b->tables[i]) die("no memory");
    }
}

/* A table each, in memory that is wiped and used again, as for one product after the other. */
static double compile_us(Bench *b) {
    _cleanup_(arena_freep) Arena *a = arena_new(MEMORY);
    int64_t start = thread_cpu_ns();
    for (int round = 0; a && round < COMPILE_ROUNDS; round++) {
        compile(b, a);
        arena_reset(a);
    }
    return (double)(thread_cpu_ns() - start) / 1e3 / COMPILE_ROUNDS / (double)b->count;
}

/* What is found is summed, so that no look-up can be left out. */
static double look_up(const Bench *b, size_t *sum) {
    int64_t start = thread_cpu_ns();
    for (int round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < ITEMS; i++) {
            const Question *q = &b->items[i];
            *sum +=
                verdict_kind(verdicts_at(b->tables[b->owner[i]], q->class, q->tier, b->flags[i]));
        }
    }
    return (double)(thread_cpu_ns() - start) / 1e9;
}

static double plainly(const Bench *b, size_t *sum) {
    _cleanup_(arena_freep) Arena *a = arena_new(MEMORY);
    int64_t start = thread_cpu_ns();
    for (int round = 0; a && round < PLAIN_ROUNDS; round++) {
        for (size_t i = 0; i < ITEMS; i++) {
            const Verdict *v = policy_ask(a, b->policies, b->count, &b->items[i]);
            if (!v) die("no memory");
            *sum += verdict_kind(v);
        }
        arena_reset(a);
    }
    return (double)(thread_cpu_ns() - start) / 1e9;
}

static int verdicts(char **paths) {
    static Bench b;
    size_t found = 0, plain = 0;
    b.arena = arena_new(MEMORY);
    if (!b.arena) die("no memory");
    bench_load(&b, paths);
    bench_items(&b);
    double made_us = compile_us(&b);
    compile(&b, b.arena);
    double seconds = look_up(&b, &found), plain_seconds = plainly(&b, &plain);
    arena_free(b.arena);
    if (found / ROUNDS != plain / PLAIN_ROUNDS) die("the tables do not say what the rules say");
    printf("{\"asked\": %ld, \"seconds\": %.3f, \"rate\": %.0f, \"plain_rate\": %.0f, "
           "\"compile_us\": %.1f}\n",
           (long)ROUNDS * ITEMS, seconds, (double)ROUNDS * ITEMS / seconds,
           (double)PLAIN_ROUNDS * ITEMS / plain_seconds, made_us);
    return 0;
}

/* ---- the command line ------------------------------------------------------------------------ */

static const struct {
    const char *name;
    int (*measure)(char **arguments); /* ends in NULL */
} measurements[] = {
    {"verdicts", verdicts},
};

int main(int argc, char **argv) {
    for (size_t i = 0; argc > 1 && i < COUNT_OF(measurements); i++) {
        if (strcmp(argv[1], measurements[i].name) == 0) return measurements[i].measure(argv + 2);
    }
    die("usage: bench-release verdicts POLICY ...");
}
