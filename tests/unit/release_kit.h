/* What the release tests share: a small random source with a printed seed, and short ways to parse
 * a policy. Set MASH_SEED to run them from another seed. */
#ifndef MASH_RELEASE_KIT_H
#define MASH_RELEASE_KIT_H

#include "broker/release/release.h"

#include <criterion/criterion.h>

typedef struct Random {
    uint64_t state, seed;
} Random;

static inline Random random_new(const char *test) {
    const char *given = getenv("MASH_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 10) : 20261122;
    (void)fprintf(stderr, "release: %s: MASH_SEED=%llu\n", test, (unsigned long long)seed);
    return (Random){.state = seed, .seed = seed};
}

/* splitmix64; 0 .. below - 1. */
static inline size_t random_below(Random *r, size_t below) {
    uint64_t z = r->state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (size_t)((z ^ (z >> 31)) % below);
}

static inline bool random_yes(Random *r) {
    return random_below(r, 2);
}

static const Str kit_agencies[] = {
    {"police", 6}, {"health", 6}, {"education", 9}, {"social-care", 11}};

static inline int kit_parse(Arena *a, const char *owner, Str text, Policy *ret,
                            PolicyFault *fault) {
    Rule *rules = NULL;
    size_t count = 0;
    int r = policy_parse(a, text, str_z(owner), kit_agencies, COUNT_OF(kit_agencies), &rules,
                         &count, fault);
    *ret = (Policy){.owner = str_z(owner), .rules = rules, .count = count};
    return r;
}

/* A policy that must parse. */
static inline Policy kit_policy(Arena *a, const char *owner, const char *text) {
    Policy p;
    PolicyFault fault;
    int r = kit_parse(a, owner, str_z(text), &p, &fault);
    cr_assert(r == 0, "%s", fault.sentence);
    return p;
}

#endif
