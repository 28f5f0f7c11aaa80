/* See rehearse.h. */
#include "broker/release/rehearse.h"

#include "broker/release/lapsed.h"

static bool leaves(VerdictKind kind) {
    return kind >= VERDICT_fact;
}

static Rehearsed change_of(VerdictKind then, VerdictKind now) {
    if (then == now) return REHEARSED_same;
    if (leaves(then) != leaves(now)) return leaves(now) ? REHEARSED_released : REHEARSED_withheld;
    if (leaves(then)) return now > then ? REHEARSED_fuller : REHEARSED_lesser;
    return now == VERDICT_signpost ? REHEARSED_signposted : REHEARSED_silenced;
}

static const Verdict *ask(Arena *a, const Policy *policy, Question q, bool authorised) {
    q.authorised = authorised;
    return policy_ask(a, policy, 1, &q);
}

static void take(Replay *ret, const Verdict *v, VerdictKind kind) {
    *ret = (Replay){.now = kind, .rule = verdict_rule(v), .reason = verdict_reason(v)};
}

/* As redact weighs it, with the owner's word where it was given. */
static int weigh(Arena *a, const Policy *policy, const Past *past, Replay *ret) {
    const Verdict *without = ask(a, policy, past->asked, false);
    const Verdict *with = ask(a, policy, past->asked, true);
    if (!without || !with) return ERR_MEMORY;
    bool waits = verdict_kind(without) != verdict_kind(with) ||
                 verdict_rule(without) != verdict_rule(with) ||
                 verdict_reason(without) != verdict_reason(with);
    if (past->asked.authorised && leaves(verdict_kind(with))) {
        take(ret, with, verdict_kind(with));
    } else {
        bool silent = waits && !leaves(verdict_kind(without));
        take(ret, without, silent ? VERDICT_silent : verdict_kind(without));
    }
    return 0;
}

static void words_hold(const Past *past, Replay *ret) {
    if (leaves(ret->now) && ret->now > past->then) ret->now = past->then;
}

int rehearse_item(Arena *a, const Policy *policy, const Past *past, Replay *ret) {
    *ret = (Replay){.now = past->then, .reason = "The rules have no say in this item."};
    if (kept_always(past->kept)) return 0;
    const Policy *obeyed =
        past->emergency ? lapsed_obeyed(a, policy, 1, past->asked.today) : policy;
    int r = obeyed ? weigh(a, obeyed, past, ret) : ERR_MEMORY;
    if (r) return r;
    if (past->kept == KEPT_words) words_hold(past, ret);
    ret->change = change_of(past->then, ret->now);
    return 0;
}
