/* A policy compiled for one recipient, purpose, rating and day, so that the verdict for one item is
 * a look-up. It decides nothing of its own: every cell is policy.c's decision over the rules that
 * are about the case, and the tests compare the two over the whole domain. */
#include "broker/release/verdict.h"

struct Verdicts {
    Verdict unsound;
    bool sound;
    Verdict at[CLASS_COUNT][TIER_COUNT][ITEM_FLAGS];
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

static void fill_class(Verdicts *t, Narrow *n, const Policy *whole, Question *q) {
    InfoClass class = q->class;
    if (whole) narrow(n, whole, q);
    for (unsigned tier = 0; tier < TIER_COUNT; tier++) {
        for (unsigned flags = 0; flags < ITEM_FLAGS; flags++) {
            question_item(q, class, (Tier)tier, flags);
            Verdict *v = &t->at[class][tier][flags];
            *v = decide(whole ? &n->policy : NULL, q);
            if (v->rule) v->rule = n->from[v->rule - n->rules];
        }
    }
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
    for (int class = CLASS_none + 1; class < CLASS_COUNT; class++) {
        q.class = (InfoClass)class;
        fill_class(t, &n, basis.policy, &q);
    }
    t->unsound = verdict_unsound(NULL);
    return t;
}

const Verdict *verdicts_at(const Verdicts *t, InfoClass class, Tier tier, unsigned flags) {
    bool known = class > CLASS_none && class < CLASS_COUNT && (size_t)tier < TIER_COUNT;
    if (!t->sound || !known || flags >= ITEM_FLAGS) return &t->unsound;
    return &t->at[class][tier][flags];
}
