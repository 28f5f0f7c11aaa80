/* See lapsed.h. */
#include "broker/release/lapsed.h"

#include "broker/release/rule.h"

static bool lapsed(const Rule *r, Str today) {
    return !r->never && str_is(r->purpose, "immediate_protection") && day_valid(r->until) &&
           day_before(r->until, today);
}

Policy *lapsed_obeyed(Arena *a, const Policy *policies, size_t count, Str today) {
    Policy *made = arena_array(a, count + 1, sizeof(*made));
    if (!made || !day_valid(today)) return made;
    for (size_t i = 0; i < count; i++) {
        const Policy *p = &policies[i];
        Rule *rules = arena_array(a, p->count + 1, sizeof(*rules));
        if (!rules) return NULL;
        for (size_t k = 0; k < p->count; k++) {
            rules[k] = p->rules[k];
            if (lapsed(&rules[k], today)) rules[k].from = rules[k].until = today;
        }
        made[i] = *p;
        made[i].rules = rules;
    }
    return made;
}

bool lapsed_rule(const Policy *signed_as, size_t count, const Rule *obeyed, Str today) {
    for (size_t i = 0; i < count; i++) {
        if (!str_eq(signed_as[i].owner, obeyed->owner)) continue;
        for (size_t k = 0; k < signed_as[i].count; k++) {
            const Rule *r = &signed_as[i].rules[k];
            if (r->line == obeyed->line) return day_valid(today) && lapsed(r, today);
        }
    }
    return false;
}
