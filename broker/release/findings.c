/* How two rules of one owner stand to each other; see findings.h. */
#include "broker/release/findings.h"

#include "broker/release/rule.h"

/* Where `narrow` applies, `wide` does. Which agencies are of a type is not known here. */
static bool scope_within(const Rule *narrow, const Rule *wide) {
    bool recipient = wide->recipient_kind == RECIPIENT_anyone ||
                     (wide->recipient_kind == narrow->recipient_kind &&
                      str_eq(wide->recipient, narrow->recipient));
    bool purpose = wide->purpose.len == 0 || str_eq(wide->purpose, narrow->purpose);
    return wide->class == narrow->class && recipient && purpose;
}

/* When `narrow` is in force, `wide` is. */
static bool days_within(const Rule *narrow, const Rule *wide) {
    bool begun = wide->from.len == 0 || (narrow->from.len && !day_before(narrow->from, wide->from));
    bool lasts =
        wide->until.len == 0 || (narrow->until.len && !day_before(wide->until, narrow->until));
    return begun && lasts;
}

static bool dead_by(const Rule *r, const Rule *by) {
    if (!scope_within(r, by) || !days_within(r, by)) return false;
    if (by->never) return !r->never || r->signpost || !by->signpost;
    return !r->never && by->least <= r->least && (r->owner_authorises || !by->owner_authorises) &&
           r->signpost == by->signpost && by->show <= r->show; /* in full comes first */
}

static Finding finding_of(const Policy *p, size_t i) {
    const Rule *r = &p->rules[i];
    Finding f = {.rule = r};
    for (size_t k = 0; k < p->count && !f.by; k++) {
        const Rule *by = &p->rules[k];
        bool same = k != i && dead_by(r, by) && dead_by(by, r);
        bool first = same && k > i; /* of two that are the same, the later one is one too many */
        if (k == i || first || !dead_by(r, by)) continue;
        f.kind = same ? FINDING_again : FINDING_dead;
        f.by = by;
    }
    return f;
}

static bool finding_of_days(const Rule *r, Str today, Finding *ret) {
    *ret = (Finding){.rule = r, .kind = FINDING_later};
    if (r->from.len && day_before(today, r->from)) return true;
    ret->kind = FINDING_expired;
    if (r->until.len && day_before(r->until, today)) return true;
    ret->kind = FINDING_expiring;
    return r->until.len && days_between(today, r->until) <= EXPIRING_DAYS;
}

int policy_findings(Arena *a, const Policy *p, Str today, Finding **ret, size_t *ret_count) {
    Finding *at = arena_array(a, 2 * p->count + 1, sizeof(*at));
    size_t count = 0;
    if (!at) return ERR_MEMORY;
    for (size_t i = 0; i < p->count; i++) {
        at[count] = finding_of(p, i);
        if (at[count].by) count++;
        if (finding_of_days(&p->rules[i], today, &at[count])) count++;
    }
    *ret = at;
    *ret_count = count;
    return 0;
}

bool rules_contradict(const Rule *a, const Rule *b) {
    if (a->never == b->never) return false;
    const Rule *never = a->never ? a : b, *allow = a->never ? b : a;
    bool scope = never->recipient_kind == allow->recipient_kind && scope_within(allow, never);
    bool later = never->from.len && day_before(allow->until, never->from);
    return str_eq(a->owner, b->owner) && scope && !later;
}
