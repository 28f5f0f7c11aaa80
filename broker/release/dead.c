/* Which rules change nothing, by trying every case of the domain.
 *
 * A case is asked of the rules that cover it and are in force; of those, what a rule does is its
 * effect alone (never or allow, from which rating, how much, under which obligations), and of two
 * with one effect either can go. So the domain falls into situations, the set of rules that meet in
 * one recipient, purpose and day; a situation's effects are tried in every rating, tier and form of
 * an item, once for all situations of the class that have the same effects. */
#include "broker/release/findings.h"
#include "broker/release/verdict.h"

enum {
    TOGETHER_MOST = 64, /* rules of one class: what they come to together multiplies */
    EFFECTS_MOST = 50,
    ITEM_CASES = TIER_COUNT * ITEM_FLAGS,
    TRIED_BITS = 10
};

typedef uint64_t Effects; /* a set */

/* Of the rules of one class, by their places among them. */
typedef struct Set {
    uint64_t at[RULES_MAX / 64];
} Set;

/* What was found out of some effects: without which of those that were asked about some case says
 * something else. */
typedef struct Tried {
    Effects all, asked, needed;
} Tried;

typedef struct Search {
    const Policy *whole;
    const Domain *domain;
    bool *gone;
    InfoClass class;
    size_t place[RULES_MAX]; /* in the policy, of the class's rules that were not gone at first */
    size_t count;
    Set live;           /* those that are not gone now */
    Set asked;          /* a situation without any of these tells nothing: not known to be needed */
    Set *in_force;      /* on each day of the domain */
    Tried tried[1 << TRIED_BITS]; /* by a hash; what falls together is tried again */
    Set *seen; /* what meets in some recipient and purpose was tried */
    size_t seen_count;
    bool *blamed;  /* beside the policy's rules; NULL while nobody is to blame */
    size_t victim; /* in `place` */
} Search;

static unsigned effect_of(const Rule *r) {
    if (r->never) return r->signpost;
    unsigned shown = (unsigned)r->least * SHOW_fact + (unsigned)r->show - SHOW_full;
    return 2 + shown * 4 + r->owner_authorises * 2u + r->signpost;
}

static Effects effect_bit(const Rule *r) {
    return (Effects)1 << effect_of(r);
}

static bool set_has(const Set *s, size_t i) {
    return s->at[i / 64] >> i % 64 & 1;
}

static void set_add(Set *s, size_t i, bool in) {
    s->at[i / 64] |= (uint64_t)in << i % 64;
}

static Set set_both(const Set *a, const Set *b) {
    Set both = {{0}};
    for (size_t i = 0; i < COUNT_OF(both.at); i++) both.at[i] = a->at[i] & b->at[i];
    return both;
}

static bool set_empty(const Set *s) {
    static const Set none;
    return memcmp(s, &none, sizeof(none)) == 0;
}

static const Rule *rule_at(const Search *s, size_t i) {
    return &s->whole->rules[s->place[i]];
}

/* ---- some effects ---------------------------------------------------------------------------- */

/* One rule an effect, of those that meet. */
static Policy policy_of(const Search *s, const Set *met, Effects effects, Rule room[EFFECTS_MOST]) {
    Policy p = {.owner = s->whole->owner, .rules = room};
    for (size_t i = 0; i < s->count && effects; i++) {
        Effects bit = effect_bit(rule_at(s, i));
        if (!set_has(met, i) || !(effects & bit)) continue;
        room[p.count++] = *rule_at(s, i);
        effects &= ~bit;
    }
    return p;
}

static bool differ(const Policy *a, const Policy *b, const Question *base) {
    for (int rating = RATING_none; rating < RATING_COUNT; rating++) {
        for (unsigned item = 0; item < ITEM_CASES; item++) {
            Question q = *base;
            q.rating = (Rating)rating;
            question_item(&q, base->class, (Tier)(item / ITEM_FLAGS), item % ITEM_FLAGS);
            Verdict v = decide(a, &q), w = decide(b, &q);
            if (v.kind != w.kind || v.signposts != w.signposts) return true;
        }
    }
    return false;
}

/* Without `one` of `all`, some case says something else. */
static bool effect_needed(Search *s, const Question *q, const Set *met, Effects all, Effects one) {
    Rule with[EFFECTS_MOST], without[EFFECTS_MOST];
    Tried *t = &s->tried[all * 0x9e3779b97f4a7c15u >> (64 - TRIED_BITS)];
    if (t->all != all) *t = (Tried){.all = all};
    if (!(t->asked & one)) {
        Policy whole = policy_of(s, met, all, with), less = policy_of(s, met, all & ~one, without);
        t->asked |= one;
        if (differ(&whole, &less, q)) t->needed |= one;
    }
    return t->needed & one;
}

/* ---- one situation --------------------------------------------------------------------------- */

/* Of those that meet: all effects, and those that more than one rule has. */
static Effects effects_of(const Search *s, const Set *met, Effects *ret_twice) {
    Effects all = 0;
    *ret_twice = 0;
    for (size_t i = 0; i < s->count; i++) {
        if (!set_has(met, i)) continue;
        *ret_twice |= all & effect_bit(rule_at(s, i));
        all |= effect_bit(rule_at(s, i));
    }
    return all;
}

static void situation_needs(Search *s, const Question *q, const Set *met) {
    Effects twice, all = effects_of(s, met, &twice);
    for (size_t i = 0; i < s->count; i++) {
        Effects its = effect_bit(rule_at(s, i));
        if (!set_has(met, i) || !set_has(&s->asked, i) || (twice & its)) continue;
        if (effect_needed(s, q, met, all, its)) s->asked.at[i / 64] &= ~((uint64_t)1 << i % 64);
    }
}

/* Nobody, where the victim alone changes nothing. Else the one beside which it changes nothing
 * here, one that is to blame already if there is; where there is none, all that are needed here. */
static void situation_blames(Search *s, const Question *q, const Set *met) {
    Effects mine = effect_bit(rule_at(s, s->victim)), twice, all = effects_of(s, met, &twice);
    size_t found = s->count;
    if (!effect_needed(s, q, met, mine, mine)) return;
    for (size_t i = 0; i < s->count; i++) {
        Effects its = effect_bit(rule_at(s, i));
        if (i == s->victim || !set_has(met, i)) continue;
        if (its != mine && effect_needed(s, q, met, mine | its, mine)) continue;
        if (s->blamed[s->place[i]]) return;
        if (found == s->count) found = i;
    }
    if (found < s->count) s->blamed[s->place[found]] = true;
    if (found < s->count) return;
    for (size_t i = 0; i < s->count; i++) {
        Effects its = effect_bit(rule_at(s, i));
        if (!set_has(met, i) || its == mine) continue;
        if (effect_needed(s, q, met, all & ~mine, its)) s->blamed[s->place[i]] = true;
    }
}

/* ---- all situations -------------------------------------------------------------------------- */

/* False when nothing that is asked about is in it, or it was seen. */
static bool set_new(Search *s, const Set *met) {
    Set asked = set_both(met, &s->asked);
    if (set_empty(&asked)) return false;
    for (size_t i = 0; i < s->seen_count; i++) {
        if (memcmp(&s->seen[i], met, sizeof(*met)) == 0) return false;
    }
    s->seen[s->seen_count++] = *met;
    return true;
}

static void days_try(Search *s, Question *q, const Set *covering) {
    Set before = {{0}};
    for (size_t day = 0; day < s->domain->day_count; day++) {
        Set met = set_both(covering, &s->in_force[day]), asked = set_both(&met, &s->asked);
        bool again = memcmp(&met, &before, sizeof(met)) == 0;
        before = met;
        if (again || set_empty(&asked)) continue;
        q->today = s->domain->days[day];
        if (s->blamed) {
            situation_blames(s, q, &met);
        } else {
            situation_needs(s, q, &met);
        }
    }
}

static void situations_try(Search *s) {
    const Domain *d = s->domain;
    s->seen_count = 0;
    if (set_empty(&s->asked)) return;
    for (size_t to = 0; to < d->recipient_count; to++) {
        for (size_t purpose = 0; purpose < d->purpose_count; purpose++) {
            Question q = {.owner = s->whole->owner,
                          .class = s->class,
                          .recipient = d->recipients[to].agency,
                          .recipient_type = d->recipients[to].type,
                          .purpose = d->purposes[purpose]};
            Set covering = {{0}};
            for (size_t i = 0; i < s->count; i++) {
                set_add(&covering, i, set_has(&s->live, i) && rule_covers(rule_at(s, i), &q));
            }
            if (set_new(s, &covering)) days_try(s, &q, &covering);
        }
    }
}

/* ---- one class ------------------------------------------------------------------------------- */

static void class_begin(Search *s) {
    memset(s->tried, 0, sizeof(s->tried)); /* what an item's tier is by default differs by class */
    s->count = 0;
    s->live = (Set){{0}};
    for (size_t i = 0; i < s->whole->count; i++) {
        if (s->whole->rules[i].class != s->class || s->gone[i]) continue;
        set_add(&s->live, s->count, true);
        s->place[s->count++] = i;
    }
    s->asked = s->live;
    for (size_t day = 0; day < s->domain->day_count; day++) {
        const Question q = {.today = s->domain->days[day]};
        s->in_force[day] = (Set){{0}};
        for (size_t i = 0; i < s->count; i++) {
            set_add(&s->in_force[day], i, rule_in_force(rule_at(s, i), &q));
        }
    }
}

/* Says who makes the victim dead, and takes it out. */
static int blame(Arena *a, Search *s, const Rule *const **by, size_t *by_count) {
    size_t rules = s->whole->count, place = s->place[s->victim];
    const Rule **at = arena_array(a, rules, sizeof(*at));
    Set asked = s->asked;
    s->blamed = arena_alloc(a, rules);
    if (!at || !s->blamed) return ERR_MEMORY;
    s->asked = (Set){{0}};
    set_add(&s->asked, s->victim, true);
    situations_try(s);
    for (size_t i = 0; i < rules; i++) {
        if (s->blamed[i]) at[by_count[place]++] = &s->whole->rules[i];
    }
    by[place] = at;
    s->gone[place] = true;
    s->blamed = NULL;
    s->live.at[s->victim / 64] &= ~((uint64_t)1 << s->victim % 64);
    s->asked = set_both(&asked, &s->live);
    return 0;
}

/* The last one first, one at a time: what is dead because of another may not be without it. What is
 * needed stays so: without a rule that changes nothing, no other does less. Nothing, where there
 * are too many to try. */
static int class_search(Arena *a, Search *s, const Rule *const **by, size_t *by_count) {
    class_begin(s);
    if (s->count > TOGETHER_MOST) return 0;
    for (;;) {
        situations_try(s);
        size_t i = s->count;
        while (i > 0 && !set_has(&s->asked, i - 1)) i--;
        if (i == 0) return 0;
        s->victim = i - 1;
        int r = blame(a, s, by, by_count);
        if (r) return r;
    }
}

int rules_dead(Arena *a, const Policy *p, const Domain *d, bool *gone, const Rule *const **by,
               size_t *by_count) {
    Search *s = arena_alloc(a, sizeof(*s));
    size_t pairs = d->recipient_count * d->purpose_count;
    if (!s || p->count > RULES_MAX) return ERR_MEMORY;
    *s = (Search){.whole = p, .domain = d, .gone = gone};
    s->seen = arena_array(a, pairs, sizeof(*s->seen));
    s->in_force = arena_array(a, d->day_count, sizeof(*s->in_force));
    if (!s->seen || !s->in_force) return ERR_MEMORY;
    for (int c = CLASS_none + 1; c < CLASS_COUNT; c++) {
        s->class = (InfoClass)c;
        int r = class_search(a, s, by, by_count);
        if (r) return r;
    }
    return 0;
}
