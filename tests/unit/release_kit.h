/* What the release tests share: random rules, and short ways to parse a policy. */
#ifndef MASH_RELEASE_KIT_H
#define MASH_RELEASE_KIT_H

#include "tests/unit/release_random.h"

#include <criterion/criterion.h>

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

static inline bool rule_same(const Rule *a, const Rule *b) {
    return str_eq(a->owner, b->owner) && a->never == b->never && a->class == b->class &&
           a->recipient_kind == b->recipient_kind && str_eq(a->recipient, b->recipient) &&
           str_eq(a->purpose, b->purpose) && a->least == b->least && a->show == b->show &&
           a->signpost == b->signpost && a->owner_authorises == b->owner_authorises &&
           str_eq(a->from, b->from) && str_eq(a->until, b->until);
}

/* A policy as it lies in deploy/policy. */
static inline Policy kit_example(Arena *a, const char *owner) {
    char path[64], text[16384];
    (void)snprintf(path, sizeof(path), "deploy/policy/%s.policy", owner);
    _cleanup_(file_closep) FILE *f = fopen(path, "r");
    cr_assert(f, "run the tests from the top folder");
    text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
    return kit_policy(a, owner, text);
}

#endif
