/* A policy compiled for one recipient, purpose, rating and day, so that the verdict for one item is
 * a look-up. It decides nothing of its own: every cell is policy.c's decision over the rules that
 * are about the case, and the tests compare the two over the whole domain. */
#include "broker/release/verdict.h"

enum { ITEM_CASES = TIER_COUNT * ITEM_FLAGS };

/* A class has few different verdicts, so a case is the number of its own. */
typedef struct ClassVerdicts {
    const Verdict *different;
    uint8_t which[TIER_COUNT][ITEM_FLAGS];
} ClassVerdicts;

struct Verdicts {
    Verdict unsound;
    bool sound;
    ClassVerdicts class[CLASS_COUNT];
};

static void question_item(Question *q, InfoClass class, Tier tier, unsigned flags) {
    q->class = class;
    q->tier = tier;
    q->has_summary = flags & ITEM_summary;
    q->free_text = flags & ITEM_free_text;
    q->authorised = flags & ITEM_authorised;
    q->has_desk = flags & ITEM_desk;
}

/* The rules of one class that are about this recipient and purpose, and where each came from. */
typedef struct Narrow {
    Rule *rules;
    const Rule **from;
    Policy policy;
} Narrow;

static void narrow(Narrow *n, const Policy *whole, const Question *q) {
    n->policy = (Policy){.owner = whole->owner, .rules = n->rules};
    for (size_t i = 0; i < whole->count; i++) {
        const Rule *r = &whole->rules[i];
        bool purpose = r->purpose.len == 0 || str_eq(r->purpose, q->purpose);
        if (r->class != q->class || !purpose || !recipient_covered(r, q)) continue;
        n->from[n->policy.count] = r;
        n->rules[n->policy.count++] = *r;
    }
}

static bool same(const Verdict *a, const Verdict *b) {
    return a->kind == b->kind && a->withheld == b->withheld && a->signposts == b->signposts &&
           a->rule == b->rule && a->reason == b->reason;
}

static uint8_t number_of(Verdict different[ITEM_CASES], size_t *count, const Verdict *v) {
    size_t i = 0;
    while (i < *count && !same(&different[i], v)) i++;
    if (i == *count) different[(*count)++] = *v;
    return (uint8_t)i;
}

static bool fill_class(Arena *a, ClassVerdicts *ret, Narrow *n, const Policy *whole, Question *q) {
    Verdict different[ITEM_CASES];
    size_t count = 0;
    if (whole) narrow(n, whole, q);
    for (unsigned tier = 0; tier < TIER_COUNT; tier++) {
        for (unsigned flags = 0; flags < ITEM_FLAGS; flags++) {
            question_item(q, q->class, (Tier)tier, flags);
            Verdict v = decide(whole ? &n->policy : NULL, q);
            if (v.rule) v.rule = n->from[v.rule - n->rules];
            ret->which[tier][flags] = number_of(different, &count, &v);
        }
    }
    Verdict *kept = arena_array(a, count, sizeof(*kept));
    if (kept) memcpy(kept, different, count * sizeof(*kept));
    ret->different = kept;
    return kept;
}

const Verdicts *verdicts_compile(Arena *a, const Policy *policies, size_t count,
                                 const Question *base) {
    Verdicts *t = arena_alloc(a, sizeof(*t));
    if (!t) return NULL;
    Question q = *base;
    question_item(&q, CLASS_none + 1, TIER_none, 0);
    Basis basis = basis_of(policies, count, q.owner);
    t->unsound = verdict_unsound(question_sound(&q) ? basis.unsound : NULL);
    t->sound = question_sound(&q) && !basis.unsound;
    if (!t->sound) return t;
    size_t rules = basis.policy ? basis.policy->count : 0;
    Narrow n = {.rules = arena_array(a, rules + 1, sizeof(Rule)),
                .from = arena_array(a, rules + 1, sizeof(Rule *))};
    if (!n.rules || !n.from) return NULL;
    for (int class = CLASS_none + 1; class < CLASS_COUNT; class ++) {
        q.class = (InfoClass) class;
        if (!fill_class(a, &t->class[class], &n, basis.policy, &q)) return NULL;
    }
    t->unsound = verdict_unsound(NULL);
    return t;
}

const Verdict *verdicts_at(const Verdicts *t, InfoClass class, Tier tier, unsigned flags) {
    bool known = class > CLASS_none && class < CLASS_COUNT && (size_t)tier < TIER_COUNT;
    if (!t->sound || !known || flags >= ITEM_FLAGS) return &t->unsound;
    return &t->class[class].different[t->class[class].which[tier][flags]];
}
