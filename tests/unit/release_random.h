/* A small random source with a printed seed, and rules out of it. Set MASH_SEED to start from
 * another seed. */
#ifndef MASH_RELEASE_RANDOM_H
#define MASH_RELEASE_RANDOM_H

#include "broker/release/release.h"
#include "broker/release/rule.h"

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

/* ---- any rule at all ------------------------------------------------------------------------- */

/* One code of a list, each as likely. */
static inline Str random_code(Random *r, CodeList list) {
    CodeList its;
    const char *value, *doc;
    size_t count = 0, first = 0, i = 0;
    for (; code_at(i, &its, &value, &doc); i++) {
        if (its == list && count++ == 0) first = i;
    }
    (void)code_at(first + random_below(r, count), &its, &value, &doc);
    return str_z(value);
}

/* A sound rule of `owner` out of the whole vocabulary, from days around `from`. */
static inline Rule random_any_rule(Random *r, Arena *a, Str owner, Str from) {
    Rule rule = {.owner = owner, .never = random_below(r, 3) == 0, .signpost = random_yes(r)};
    rule.class = (InfoClass)(1 + random_below(r, CLASS_COUNT - 1));
    rule.recipient_kind = (RecipientKind)(rule.never ? random_below(r, 3) : 1 + random_below(r, 2));
    if (rule.recipient_kind == RECIPIENT_type) rule.recipient = random_code(r, LIST_agency_type);
    if (rule.recipient_kind == RECIPIENT_agency) {
        rule.recipient = kit_agencies[random_below(r, COUNT_OF(kit_agencies))];
    }
    if (!rule.never || random_yes(r)) rule.purpose = random_code(r, LIST_purpose);
    if (!rule.never || random_yes(r)) rule.from = day_plus(a, from, (long)random_below(r, 1000));
    if (rule.never) return rule;
    rule.least = (Rating)random_below(r, 4);
    rule.show = (Show)(1 + random_below(r, 3));
    rule.owner_authorises = random_yes(r);
    rule.until = day_plus(a, rule.from, (long)random_below(r, 365));
    return rule;
}

#endif
