/* The decision: may this leave? Default deny; a never-rule beats every allow-rule; the order of
 * rules means nothing; what is unknown, missing, expired, unsound or ambiguous withholds (R9, R25).
 *
 *   1 the question or the owner's policy is unsound, or there are two    silent
 *   2 a never-rule covers the case                                      withheld
 *   3 the tier keeps the item in                                        withheld
 *   4 the best that any one allow-rule gives                            released
 *     and a signpost beside it when a rule that gives anything asks for one
 *   5 none gives anything                                               withheld
 *
 * What a rule shows is a ceiling, and so is the tier: under both the rule gives the fullest form
 * that the item has to give, down to the fact. So whatever a stricter rule or tier would let out, a
 * laxer one does. Its obligations are none of that: while the owner's word, a desk or the rating is
 * missing the rule gives nothing at all, not even the fact, for it was given on that condition.
 *
 * "Withheld" takes the owner's form: silent when the tier (the owner's, else the class's default)
 * or any covering never-rule without `signpost` says so; else a signpost (R12). */
#include "broker/release/verdict.h"

/* The rungs that an allow-rule climbs; from RUNG_prose on it releases. Of two rules that give the
 * same form the higher rung is told. */
typedef enum Rung {
    RUNG_none, /* the rule is about another case */
    RUNG_not_in_force,
    RUNG_rating,
    RUNG_authorisation,
    RUNG_desk,
    RUNG_prose,
    RUNG_unwritten,
    RUNG_released
} Rung;

static const char *const rung_reasons[] = {
    [RUNG_none] = "No rule of the owner allows this.",
    [RUNG_not_in_force] = "The owner's rule is not in force on this day.",
    [RUNG_rating] = "The rating is below what the owner's rule asks.",
    [RUNG_authorisation] = "The owner's rule asks for its authorisation, which is not given.",
    [RUNG_desk] = "The owner's rule asks for a signpost, and the owner has no desk to name.",
    [RUNG_prose] = "A rule of the owner allows this; the free text itself when the owner has "
                   "authorised its exact words.",
    [RUNG_unwritten] = "A rule of the owner allows this; a summary, too, had the owner written "
                       "one.",
    [RUNG_released] = "A rule of the owner allows this.",
};

/* The most that an item of this tier may show. A tier never releases by itself. */
static const VerdictKind tier_most[] = {
    [TIER_none] = VERDICT_full, /* the owner's rules alone decide */
    [TIER_share] = VERDICT_full,        [TIER_sanitise] = VERDICT_summary,
    [TIER_signpost] = VERDICT_signpost, [TIER_silent] = VERDICT_silent,
};

static const VerdictKind show_kind[] = {
    [SHOW_none] = VERDICT_silent,
    [SHOW_full] = VERDICT_full,
    [SHOW_summary] = VERDICT_summary,
    [SHOW_fact] = VERDICT_fact,
};

typedef struct Outcome {
    Rung rung;
    VerdictKind kind;
    bool signposts;
    const Rule *rule;
} Outcome;

static VerdictKind lesser(VerdictKind a, VerdictKind b) {
    return a < b ? a : b;
}

bool question_sound(const Question *q) {
    if (q->owner.len == 0 || q->recipient.len == 0) return false;
    if (q->class <= CLASS_none || q->class >= CLASS_COUNT) return false;
    if ((size_t)q->tier >= COUNT_OF(tier_most) || !rating_name(q->rating)) return false;
    return code_known(LIST_agency_type, q->recipient_type) &&
           code_known(LIST_purpose, q->purpose) && day_valid(q->today);
}

/* A damaged rule may be a never-rule that lost its meaning: the whole policy is then none. */
static bool policy_sound(const Policy *p) {
    for (size_t i = 0; i < p->count; i++) {
        if (!rule_sound(&p->rules[i]) || !str_eq(p->rules[i].owner, p->owner)) return false;
    }
    return true;
}

static bool recipient_covered(const Rule *r, const Question *q) {
    switch (r->recipient_kind) {
    case RECIPIENT_anyone: return true;
    case RECIPIENT_type: return str_eq(r->recipient, q->recipient_type);
    case RECIPIENT_agency: return str_eq(r->recipient, q->recipient);
    }
    return false;
}

bool rule_covers(const Rule *r, const Question *q) {
    bool purpose = r->purpose.len == 0 || str_eq(r->purpose, q->purpose);
    return r->class == q->class && purpose && recipient_covered(r, q);
}

bool rule_in_force(const Rule *r, const Question *q) {
    bool begun = r->from.len == 0 || !day_before(q->today, r->from);
    return begun && (r->until.len == 0 || !day_before(r->until, q->today));
}

/* The strictest never-rule that covers the case; NULL when none does. */
static const Rule *never_of(const Policy *p, const Question *q) {
    const Rule *found = NULL;
    for (size_t i = 0; i < p->count; i++) {
        const Rule *r = &p->rules[i];
        if (!r->never || !rule_covers(r, q) || !rule_in_force(r, q)) continue;
        if (!found || (found->signpost && !r->signpost)) found = r;
    }
    return found;
}

/* The fullest form under the ceiling that the item has, and what keeps a fuller one back. */
static VerdictKind fullest(VerdictKind most, const Question *q, Rung *ret_rung) {
    *ret_rung = RUNG_released;
    if (most == VERDICT_full && q->free_text && !q->authorised) {
        *ret_rung = RUNG_prose;
        most = VERDICT_summary;
    }
    if (most == VERDICT_summary && !q->has_summary) {
        if (*ret_rung == RUNG_released) *ret_rung = RUNG_unwritten;
        most = VERDICT_fact;
    }
    return most;
}

/* What one allow-rule gives. */
static Outcome allow_outcome(const Rule *r, const Question *q) {
    Outcome o = {.rung = RUNG_none, .kind = VERDICT_silent};
    if (r->never || !rule_covers(r, q)) return o;
    o.rule = r;
    o.rung = RUNG_not_in_force;
    if (!rule_in_force(r, q)) return o;
    o.rung = RUNG_rating;
    if (q->rating < r->least) return o;
    o.rung = RUNG_authorisation;
    if (r->owner_authorises && !q->authorised) return o;
    o.rung = RUNG_desk;
    if (r->signpost && !q->has_desk) return o;
    o.kind = fullest(lesser(show_kind[r->show], tier_most[q->tier]), q, &o.rung);
    o.signposts = r->signpost;
    return o;
}

/* Each allow-rule is a permission of its own, so the best outcome counts and order does not; for
 * the same reason a signpost is due when any of those that release asks for it. */
static Outcome best_outcome(const Policy *p, const Question *q) {
    Outcome best = {.rung = RUNG_none, .kind = VERDICT_silent};
    bool signposts = false;
    for (size_t i = 0; i < p->count; i++) {
        Outcome o = allow_outcome(&p->rules[i], q);
        bool better = o.kind > best.kind || (o.kind == best.kind && o.rung > best.rung);
        if (better) best = o;
        signposts |= o.signposts;
    }
    best.signposts = signposts;
    return best;
}

static Verdict released(Verdict v, const Outcome *best) {
    v.kind = best->kind;
    v.signposts = best->signposts;
    return v;
}

/* `p` is NULL when the owner has no policy. */
static Verdict weigh(const Policy *p, const Question *q) {
    Tier tier = q->tier != TIER_none ? q->tier : class_default_tier(q->class);
    Verdict v = {.kind = tier == TIER_silent ? VERDICT_silent : VERDICT_signpost};
    v.withheld = v.kind;
    v.reason = "The owner has no policy here.";
    if (!p) return v;
    v.rule = never_of(p, q);
    if (v.rule) {
        v.kind = lesser(v.kind, v.rule->signpost ? VERDICT_signpost : VERDICT_silent);
        v.reason = "A rule of the owner forbids this.";
        return v;
    }
    v.reason = "The owner keeps this item inside.";
    if (tier_most[q->tier] < VERDICT_fact) return v;
    Outcome best = best_outcome(p, q);
    v.rule = best.rule;
    v.reason = rung_reasons[best.rung];
    return best.kind >= VERDICT_fact ? released(v, &best) : v;
}

Verdict decide(const Policy *p, const Question *q) {
    Verdict v = weigh(p, q);
    v.signposts |= v.kind == VERDICT_signpost;
    return v;
}

Verdict verdict_unsound(const char *reason) {
    static const char wrong[] = "The question is incomplete or holds an unknown word.";
    return (Verdict){.reason = reason ? reason : wrong};
}

Basis basis_of(const Policy *policies, size_t count, Str owner) {
    Basis b = {0};
    for (size_t i = 0; i < count; i++) {
        if (!str_eq(policies[i].owner, owner)) continue;
        if (b.policy) b.unsound = "Two versions of the owner's policy are in force.";
        b.policy = &policies[i];
    }
    if (!b.unsound && b.policy && !policy_sound(b.policy)) {
        b.unsound = "The owner's policy is damaged.";
    }
    return b;
}

const Verdict *policy_ask(Arena *a, const Policy *policies, size_t count, const Question *q) {
    Verdict *v = arena_alloc(a, sizeof(*v));
    if (!v) return NULL;
    *v = verdict_unsound(NULL);
    if (!question_sound(q)) return v;
    Basis basis = basis_of(policies, count, q->owner);
    *v = basis.unsound ? verdict_unsound(basis.unsound) : decide(basis.policy, q);
    return v;
}

/* ---- why ------------------------------------------------------------------------------------- */

static const char *not_covered(const Rule *r, const Question *q) {
    if (!recipient_covered(r, q)) return "It is about another recipient.";
    bool purpose = r->purpose.len == 0 || str_eq(r->purpose, q->purpose);
    return purpose ? NULL : "It is about another purpose.";
}

static Considered consider(const Rule *r, const Question *q) {
    Considered c = {.rule = r, .because = not_covered(r, q)};
    if (c.because) return c;
    if (r->never) {
        c.decides = rule_in_force(r, q);
        c.because =
            c.decides ? "It covers this case and forbids it." : "It has not begun on this day.";
        return c;
    }
    Outcome o = allow_outcome(r, q);
    c.decides = o.kind >= VERDICT_fact;
    c.because = o.rung >= RUNG_prose && !c.decides
                    ? "It allows this, but the item's tier keeps it inside."
                    : rung_reasons[o.rung];
    return c;
}

int policy_consider(Arena *a, const Policy *policies, size_t count, const Question *q,
                    Considered **ret, size_t *ret_count) {
    *ret_count = 0;
    Basis basis = basis_of(policies, count, q->owner);
    const Policy *p = basis.policy;
    if (!p || basis.unsound || !question_sound(q)) return 0;
    Considered *at = arena_array(a, p->count + 1, sizeof(*at));
    if (!at) return ERR_MEMORY;
    for (size_t i = 0; i < p->count; i++) {
        if (p->rules[i].class == q->class) at[(*ret_count)++] = consider(&p->rules[i], q);
    }
    *ret = at;
    return 0;
}

static const char *const verdict_names[] = {
    [VERDICT_silent] = "silent",   [VERDICT_signpost] = "signpost", [VERDICT_fact] = "fact",
    [VERDICT_summary] = "summary", [VERDICT_full] = "full",
};

const char *verdict_name(VerdictKind kind) {
    return verdict_names[kind];
}

VerdictKind verdict_by_name(Str name) {
    VerdictKind kind = VERDICT_full;
    while (kind > VERDICT_silent && !str_is(name, verdict_names[kind])) kind--;
    return kind;
}

VerdictKind verdict_kind(const Verdict *v) {
    return v->kind;
}

VerdictKind verdict_withheld(const Verdict *v) {
    return v->withheld;
}

const Rule *verdict_rule(const Verdict *v) {
    return v->rule;
}

const char *verdict_reason(const Verdict *v) {
    return v->reason;
}

bool verdict_signposts(const Verdict *v) {
    return v->signposts;
}
