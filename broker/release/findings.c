/* How the rules of one owner stand to each other; see findings.h. Of a rule and one other this is
 * seen from the two alone; what several do together is found by trying every case (dead.c). */
#include "broker/release/findings.h"

#include "broker/release/rule.h"

/* What is worked out for each rule, beside the policy's. */
typedef struct Finder {
    Arena *arena;
    const Policy *p;
    const AgencyKnown *known;
    size_t known_count;
    Domain domain;
    bool *gone;
    const Rule *const **by; /* what makes it dead */
    size_t *by_count;
} Finder;

static Str type_of(const Finder *f, Str agency) {
    for (size_t i = 0; f && i < f->known_count; i++) {
        if (str_eq(f->known[i].code, agency)) return f->known[i].type;
    }
    return (Str){0};
}

/* ---- a rule and one other -------------------------------------------------------------------- */

/* Whomever `narrow` is about, `wide` is, by the types that `f` knows (NULL: none). */
static bool recipient_within(const Finder *f, const Rule *narrow, const Rule *wide) {
    if (wide->recipient_kind == RECIPIENT_anyone) return true;
    if (wide->recipient_kind == narrow->recipient_kind) {
        return str_eq(wide->recipient, narrow->recipient);
    }
    return wide->recipient_kind == RECIPIENT_type && narrow->recipient_kind == RECIPIENT_agency &&
           str_eq(wide->recipient, type_of(f, narrow->recipient));
}

/* Where `narrow` applies, `wide` does. */
static bool scope_within(const Finder *f, const Rule *narrow, const Rule *wide) {
    bool purpose = wide->purpose.len == 0 || str_eq(wide->purpose, narrow->purpose);
    return wide->class == narrow->class && purpose && recipient_within(f, narrow, wide);
}

/* When `narrow` is in force, `wide` is. */
static bool days_within(const Rule *narrow, const Rule *wide) {
    bool begun = wide->from.len == 0 || (narrow->from.len && !day_before(narrow->from, wide->from));
    bool lasts =
        wide->until.len == 0 || (narrow->until.len && !day_before(wide->until, narrow->until));
    return begun && lasts;
}

static bool dead_by(const Finder *f, const Rule *r, const Rule *by) {
    if (!scope_within(f, r, by) || !days_within(r, by)) return false;
    if (by->never) return !r->never || r->signpost || !by->signpost;
    return !r->never && by->least <= r->least && (r->owner_authorises || !by->owner_authorises) &&
           r->signpost == by->signpost && by->show <= r->show; /* in full comes first */
}

static bool same_rule(const Finder *f, const Rule *a, const Rule *b) {
    return dead_by(f, a, b) && dead_by(f, b, a);
}

/* The other by which the i-th is dead; of two that are the same, the later one is one too many. */
static const Rule *killer(const Finder *f, size_t i) {
    const Rule *r = &f->p->rules[i];
    for (size_t k = 0; k < f->p->count; k++) {
        const Rule *by = &f->p->rules[k];
        bool first = k > i && same_rule(f, r, by);
        if (k != i && !first && dead_by(f, r, by)) return by;
    }
    return NULL;
}

static int one_by_one(Finder *f) {
    for (size_t i = 0; i < f->p->count; i++) {
        const Rule **by = arena_array(f->arena, 1, sizeof(*by));
        if (!by) return ERR_MEMORY;
        by[0] = killer(f, i);
        if (!by[0]) continue;
        f->gone[i] = true;
        f->by[i] = by;
        f->by_count[i] = 1;
    }
    return 0;
}

/* ---- what is forbidden in part --------------------------------------------------------------- */

static bool days_meet(const Rule *allow, const Rule *never) {
    return never->from.len == 0 || !day_before(allow->until, never->from);
}

static bool type_open(const Finder *f, const Rule *agency, const Rule *type) {
    return agency->recipient_kind == RECIPIENT_agency && type->recipient_kind == RECIPIENT_type &&
           type_of(f, agency->recipient).len == 0;
}

static bool forbids_some(const Finder *f, const Rule *allow, const Rule *never, bool perhaps) {
    bool purpose = never->purpose.len == 0 || str_eq(never->purpose, allow->purpose);
    bool same = never->never && never->class == allow->class && purpose && days_meet(allow, never);
    bool open = type_open(f, allow, never) || type_open(f, never, allow);
    bool meet = recipient_within(f, allow, never) || recipient_within(f, never, allow);
    return same && (perhaps ? open : meet);
}

/* False when there is none. */
static bool finding_of_never(const Finder *f, size_t i, bool perhaps, Finding *ret) {
    const Rule *r = &f->p->rules[i];
    const Rule **by = arena_array(f->arena, f->p->count, sizeof(*by));
    size_t count = 0;
    for (size_t k = 0; by && !r->never && k < f->p->count; k++) {
        const Rule *never = &f->p->rules[k];
        if (!f->gone[k] && forbids_some(f, r, never, perhaps)) by[count++] = never;
    }
    *ret = (Finding){perhaps ? FINDING_perhaps : FINDING_forbidden, r, by, count};
    return count > 0;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static bool finding_of_days(const Rule *r, Str today, Finding *ret) {
    *ret = (Finding){.rule = r, .kind = FINDING_later};
    if (r->from.len && day_before(today, r->from)) return true;
    ret->kind = FINDING_expired;
    if (r->until.len && day_before(r->until, today)) return true;
    ret->kind = FINDING_expiring;
    return r->until.len && days_between(today, r->until) <= EXPIRING_DAYS;
}

static bool makes_dead(const Finder *f, const Rule *r) {
    for (size_t i = 0; i < f->p->count; i++) {
        for (size_t k = 0; k < f->by_count[i]; k++) {
            if (f->by[i][k] == r) return true;
        }
    }
    return false;
}

/* False when it is not dead. Without what it forbids a never-rule only guards, but where that is
 * dead because of it, it is no news. */
static bool finding_of_dead(const Finder *f, size_t i, Finding *ret) {
    const Rule *r = &f->p->rules[i];
    bool again = f->by_count[i] == 1 && same_rule(f, r, f->by[i][0]);
    *ret = (Finding){again ? FINDING_again : FINDING_dead, r, f->by[i], f->by_count[i]};
    if (f->by_count[i] == 0) ret->kind = FINDING_guards;
    return f->gone[i] && (f->by_count[i] || !makes_dead(f, r));
}

static int finder_make(Finder *f) {
    size_t count = f->p->count;
    f->gone = arena_array(f->arena, count + 1, sizeof(*f->gone));
    f->by = arena_array(f->arena, count + 1, sizeof(*f->by));
    f->by_count = arena_array(f->arena, count + 1, sizeof(*f->by_count));
    if (!f->gone || !f->by || !f->by_count) return ERR_MEMORY;
    int r = domain_of(f->arena, f->p, 1, f->known, f->known_count, &f->domain);
    if (r == 0) r = one_by_one(f);
    return r ? r : rules_dead(f->arena, f->p, &f->domain, f->gone, f->by, f->by_count);
}

int policy_findings(Arena *a, const Policy *p, const AgencyKnown *known, size_t known_count,
                    Str today, Finding **ret, size_t *ret_count) {
    Finder f = {.arena = a, .p = p, .known = known, .known_count = known_count};
    Finding *at = arena_array(a, 3 * p->count + 1, sizeof(*at));
    size_t count = 0;
    int r = at ? finder_make(&f) : ERR_MEMORY;
    if (r) return r;
    for (size_t i = 0; i < p->count; i++) {
        count += finding_of_dead(&f, i, &at[count]);
        count += !f.gone[i] && finding_of_never(&f, i, false, &at[count]);
        count += !f.gone[i] && finding_of_never(&f, i, true, &at[count]);
        count += finding_of_days(&p->rules[i], today, &at[count]);
    }
    *ret = at;
    *ret_count = count;
    return arena_failed(a) ? ERR_MEMORY : 0;
}

bool rules_contradict(const Rule *a, const Rule *b) {
    if (a->never == b->never) return false;
    const Rule *never = a->never ? a : b, *allow = a->never ? b : a;
    bool scope = never->recipient_kind == allow->recipient_kind && scope_within(NULL, allow, never);
    return str_eq(a->owner, b->owner) && scope && days_meet(allow, never);
}

/* ---- in words -------------------------------------------------------------------------------- */

/* "line 2", "lines 2 and 3", "lines 2, 3 and 5". */
static Str lines_text(Arena *a, const Finding *f) {
    Str text = arena_printf(a, f->by_count == 1 ? "line" : "lines");
    for (size_t i = 0; i < f->by_count; i++) {
        const char *before = i == 0 ? " " : i + 1 == f->by_count ? " and " : ", ";
        text = arena_printf(a, "%.*s%s%zu", STR_ARG(text), before, f->by[i]->line);
    }
    return text;
}

/* "line 2 forbids it in every case", "lines 2 and 3 together forbid it or give as much in every
 * case". */
static Str dead_text(Arena *a, const Finding *f) {
    size_t never = 0, count = f->by_count;
    bool one = count == 1;
    Str lines = lines_text(a, f);
    for (size_t i = 0; i < count; i++) never += f->by[i]->never;
    const char *does = never == count ? (one ? "forbids it" : "forbid it")
                       : never        ? "forbid it or give as much"
                                      : (one ? "gives as much" : "give as much");
    return arena_printf(a, "can never change anything: %.*s%s %s in every case", STR_ARG(lines),
                        one ? "" : " together", does);
}

Str finding_text(Arena *a, const Finding *f, Str today) {
    Str lines = lines_text(a, f), text = {0};
    const char *s = f->by_count == 1 ? "s" : "";
    switch (f->kind) {
    case FINDING_again:
        text = arena_printf(a, "the same rule stands in %.*s; remove one", STR_ARG(lines));
        break;
    case FINDING_dead: text = dead_text(a, f); break;
    case FINDING_guards:
        text = STR("changes nothing as the rules stand: what it forbids no rule allows, or another "
                   "forbids already");
        break;
    case FINDING_forbidden:
        text = arena_printf(a,
                            "%.*s forbid%s some of what it allows, and there nothing leaves; if "
                            "that is not meant, change one",
                            STR_ARG(lines), s);
        break;
    case FINDING_perhaps:
        text = arena_printf(a,
                            "%.*s forbid%s some of what it allows if the agency that one names is "
                            "of the type that the other names; `policy check --agencies FILE` "
                            "tells",
                            STR_ARG(lines), s);
        break;
    case FINDING_expired:
        text = arena_printf(a, "ended on %.*s and allows nothing any more",
                            STR_ARG(f->rule->until));
        break;
    case FINDING_expiring: {
        long days = days_between(today, f->rule->until);
        text = arena_printf(a, "ends on %.*s, %s", STR_ARG(f->rule->until),
                            days == 0 ? "today" : "");
        if (days) {
            text = arena_printf(a, "%.*sin %ld day%s", STR_ARG(text), days, days == 1 ? "" : "s");
        }
        break;
    }
    case FINDING_later:
        text = arena_printf(a, "begins only on %.*s", STR_ARG(f->rule->from));
        break;
    }
    return arena_printf(a, "line %zu: %.*s", f->rule->line, STR_ARG(text));
}
