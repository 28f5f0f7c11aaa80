/* A policy compiled for one recipient, purpose, rating and day, so that the verdict for one item is
 * a look-up. It decides nothing of its own: every cell is policy.c's decision over the rules that
 * are about the case, and the tests compare the two over the whole domain. A cell is filled when it
 * is first asked for: a product asks for few of them. */
#include "broker/release/verdict.h"

/* Of one class: the rules that are about this recipient and purpose, where each came from, and what
 * they say. */
typedef struct ClassVerdicts {
    Policy narrow;
    const Rule **from;
    const Verdict *cells[TIER_COUNT][ITEM_FLAGS];
} ClassVerdicts;

typedef struct Table {
    Arena *arena;
    Question base;
    const Policy *whole; /* NULL: the owner has none */
    ClassVerdicts *classes[CLASS_COUNT];
} Table;

struct Verdicts {
    Verdict unsound;
    Table *table; /* NULL: not sound */
};

void question_item(Question *q, InfoClass class, Tier tier, unsigned flags) {
    q->class = class;
    q->tier = tier;
    q->has_summary = flags & ITEM_summary;
    q->free_text = flags & ITEM_free_text;
    q->authorised = flags & ITEM_authorised;
    q->has_desk = flags & ITEM_desk;
}

static ClassVerdicts *class_make(const Table *t, const Question *q) {
    size_t count = 0, most = t->whole ? t->whole->count : 0;
    for (size_t i = 0; i < most; i++) count += rule_covers(&t->whole->rules[i], q);
    ClassVerdicts *c = arena_alloc(t->arena, sizeof(*c));
    Rule *rules = arena_array(t->arena, count, sizeof(*rules));
    const Rule **from = arena_array(t->arena, count, sizeof(*from));
    if (!c || !rules || !from) return NULL;
    *c = (ClassVerdicts){.narrow = {.owner = q->owner, .rules = rules}, .from = from};
    for (size_t i = 0; i < most; i++) {
        const Rule *r = &t->whole->rules[i];
        if (!rule_covers(r, q)) continue;
        from[c->narrow.count] = r;
        rules[c->narrow.count++] = *r;
    }
    return c;
}

/* NULL when the arena failed. */
static const Verdict *cell_fill(Table *t, InfoClass class, Tier tier, unsigned flags) {
    Question q = t->base;
    question_item(&q, class, tier, flags);
    if (!t->classes[class]) t->classes[class] = class_make(t, &q);
    ClassVerdicts *c = t->classes[class];
    Verdict *v = c ? arena_alloc(t->arena, sizeof(*v)) : NULL;
    if (!v) return NULL;
    *v = decide(t->whole ? &c->narrow : NULL, &q);
    if (v->rule) v->rule = c->from[v->rule - c->narrow.rules];
    return c->cells[tier][flags] = v;
}

const Verdicts *verdicts_compile(Arena *a, const Policy *policies, size_t count,
                                 const Question *base) {
    Verdicts *v = arena_alloc(a, sizeof(*v));
    if (!v) return NULL;
    Question q = *base;
    question_item(&q, CLASS_none + 1, TIER_none, 0); /* what it says of an item is left aside */
    Basis basis = basis_of(policies, count, q.owner);
    v->unsound = verdict_unsound(question_sound(&q) ? basis.unsound : NULL);
    if (!question_sound(&q) || basis.unsound) return v;
    v->table = arena_alloc(a, sizeof(*v->table));
    if (!v->table) return NULL;
    *v->table = (Table){.arena = a, .base = q, .whole = basis.policy};
    v->unsound = verdict_unsound(NULL);
    return v;
}

const Verdict *verdicts_at(const Verdicts *v, InfoClass class, Tier tier, unsigned flags) {
    bool known = class > CLASS_none && class < CLASS_COUNT && (size_t)tier < TIER_COUNT;
    if (!v->table || !known || flags >= ITEM_FLAGS) return &v->unsound;
    const ClassVerdicts *c = v->table->classes[class];
    const Verdict *at = c ? c->cells[tier][flags] : NULL;
    if (!at) at = cell_fill(v->table, class, tier, flags);
    return at ? at : &v->unsound;
}
