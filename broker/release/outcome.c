/* One item, its rules and its words. See outcome.h. */
#include "broker/release/outcome.h"

#include "broker/release/forms.h"

/* What keeps an item in beside the rules: the word that is kept of it, and what staff are told. */
static const struct {
    const char *name, *reason;
} kept_words[KEPT_COUNT] = {
    [KEPT_not] = {"", NULL},
    [KEPT_words] = {"words", NULL},
    [KEPT_held] = {"held", "Its owner holds it at source."},
    [KEPT_corrected] = {"corrected", "Staff of the hub wrote this in quarantine: it is not its "
                                     "owner's word."},
    [KEPT_replaced] = {"replaced", "Its owner has said it anew or taken it back since."},
    [KEPT_own] = {"own", "It is the recipient's own: it has it already."},
    [KEPT_too_large] = {"too_large",
                        "Too much of this owner's would leave for one letter: ask it."},
    [KEPT_unread] = {"unread", NULL},
};

const char *kept_name(KeptBy kept) {
    return kept_words[kept].name;
}

const char *kept_reason(KeptBy kept) {
    return kept_words[kept].reason;
}

KeptBy kept_by_name(Str name) {
    KeptBy k = KEPT_not;
    while (k < KEPT_unread && !str_is(name, kept_words[k].name)) k++;
    return k;
}

bool kept_always(KeptBy kept) {
    return kept > KEPT_words;
}

/* ---- the rules ------------------------------------------------------------------------------- */

static const Verdict *item_ask(const Verdicts *verdicts, const Item *item, bool authorised) {
    unsigned flags = authorised ? ITEM_authorised : 0;
    if (str_trim(item->summary).len) flags |= ITEM_summary;
    if (item->free_text) flags |= ITEM_free_text;
    if (item->owner_desk.len) flags |= ITEM_desk;
    return verdicts_at(verdicts, item->class, item->tier, flags);
}

/* What keeps all of the item in whatever the rules say; KEPT_not when it is theirs to say. */
static KeptBy item_kept(const Scales *s, const Item *item) {
    if (item->held) return KEPT_held;
    if (item->corrected) return KEPT_corrected;
    if (item->replaced) return KEPT_replaced;
    return str_eq(item->owner, s->recipient) ? KEPT_own : KEPT_not;
}

Judged item_judge(const Scales *s, const Verdicts *verdicts, const Item *item) {
    Judged j = {.kept = item_kept(s, item)};
    if (j.kept) return j;
    j.without = item_ask(verdicts, item, false);
    j.with = item_ask(verdicts, item, true);
    return j;
}

static bool verdicts_same(const Verdict *a, const Verdict *b) {
    return verdict_kind(a) == verdict_kind(b) && verdict_rule(a) == verdict_rule(b) &&
           verdict_signposts(a) == verdict_signposts(b) && verdict_reason(a) == verdict_reason(b);
}

bool judged_waits(const Judged *j) {
    return !j->kept && !verdicts_same(j->without, j->with);
}

/* ---- the words ------------------------------------------------------------------------------- */

static bool released(const Outcome *o) {
    return o->cut.kind > VERDICT_signpost;
}

static bool outcome_more(const Outcome *o, const Outcome *than) {
    bool signposts = o->signposts && !than->signposts;
    return released(o) && (o->cut.kind > than->cut.kind || signposts);
}

static Outcome outcome_kept(const Item *item, KeptBy kept) {
    return (Outcome){.cut = {.item = item->id,
                             .kind = VERDICT_silent,
                             .kept = kept,
                             .reason = kept_reason(kept)}};
}

static void outcome_say(Outcome *o, const Words *words) {
    o->text = words->text;
    o->cut.spans = words->spans;
    o->cut.span_count = words->span_count;
    o->cut.warnings = words->warnings;
    o->cut.warning_count = words->warning_count;
}

static void outcome_fell(Outcome *o, const char *why) {
    o->cut.reason = why;
    o->cut.kept = KEPT_words;
}

/* What the rules let out of the item, in the fullest form whose words may be told. */
static Outcome item_shown(Forms *f, const Verdict *v) {
    Outcome o = {.cut = {.item = f->item->id,
                         .kind = verdict_kind(v),
                         .rule = verdict_rule(v),
                         .reason = verdict_reason(v)}};
    if (!released(&o)) return o;
    const char *why;
    const Words *words = forms_fullest(f, &o.cut.kind, &why);
    if (why) outcome_fell(&o, why);
    if (!words) {
        o.cut.kind = verdict_withheld(v);
        return o;
    }
    outcome_say(&o, words);
    o.signposts = verdict_signposts(v);
    return o;
}

/* An item whose rule waits for its owner's word shows nothing, not even a signpost, and never gives
 * one by itself: what is not answered looks like what is not held. It does not fall to a lesser
 * form either: the rule gives none of them before the word is there. Prose that a rule shows in
 * full is another matter: what is asked is leave for these very words, so less than them leaves. */
static Outcome item_unasked(Forms *f, const Judged *j) {
    Outcome o = item_shown(f, j->without);
    bool waits = judged_waits(j) && verdict_kind(j->without) <= VERDICT_signpost;
    if (waits) o.cut.kind = VERDICT_silent;
    return o;
}

/* What the owner has seen, less what else must be cut of it. It has given its word for these words,
 * not for a lesser form of the item: where they may not leave, it is what left without its word. */
static Outcome item_agreed(Forms *f, const Outcome *seen, const Outcome *plain) {
    Outcome o = *seen;
    const Cut *cut = &seen->cut;
    const char *why = NULL;
    const Words *words = forms_again(f, cut->kind, cut->spans, cut->span_count, &why);
    if (words) {
        outcome_say(&o, words);
    } else {
        o = *plain;
        outcome_fell(&o, why);
        o.signposts = released(plain) && (plain->signposts || seen->signposts);
    }
    return o;
}

/* What leaves without its owner's word leaves with it; else the reason is the one with it. */
static Outcome item_silenced(const Outcome *with, const Outcome *plain) {
    if (released(plain)) return *plain;
    Outcome o = *with;
    o.cut.kind = plain->cut.kind;
    return o;
}

void item_weigh(const Scales *s, const Item *item, const Judged *j, bool asked, const Net *net,
                const Net *own, Weighed *ret) {
    Forms forms = {.arena = s->arena, .scratch = s->scratch, .net = net, .item = item};
    Forms seen = forms;
    seen.net = own;
    seen.seen = true;
    *ret = (Weighed){.plain = outcome_kept(item, j->kept)};
    if (!j->kept) ret->plain = item_unasked(&forms, j);
    ret->whole = ret->seen = ret->plain;
    if (j->kept || !asked) return;
    ret->seen = item_unasked(&seen, j);
    if (!judged_waits(j)) return;
    Outcome with = item_shown(&seen, j->with);
    if (!released(&with)) {
        ret->whole = item_silenced(&with, &ret->plain);
        ret->seen = item_silenced(&with, &ret->seen);
        return;
    }
    ret->more = outcome_more(&with, &ret->seen);
    ret->seen = with;
    ret->whole = item_agreed(&forms, &with, &ret->plain);
}
