/* Rows of risk.def against one message; see rate.h. */
#include "broker/hub/rate.h"

#include "broker/base/cleanup.h"

static const RiskRow rows[] = {
#define SITUATION(name, rate, why) {#name, true, RATE_##rate, why},
#define FACTOR(code, rate, why) {#code, false, RATE_##rate, why},
#include "broker/hub/risk.def"
#undef SITUATION
#undef FACTOR
};

_Static_assert(COUNT_OF(rows) <= RATE_REASONS_MAX, "every row may be a reason");

static const char *const rate_names[] = {
    [RATE_green] = "green",
    [RATE_amber] = "amber",
    [RATE_red] = "red",
};

const char *rate_name(Rate r) {
    return rate_names[r];
}

bool risk_row(size_t i, RiskRow *ret) {
    if (i >= COUNT_OF(rows)) return false;
    *ret = rows[i];
    return true;
}

/* Only the rows of the highest rating are reasons for it. */
static void raise_to(Suggestion *s, const RiskRow *row) {
    if (row->rate < s->rate || row->rate == RATE_green) return;
    if (row->rate > s->rate) s->count = 0;
    s->rate = row->rate;
    for (size_t i = 0; i < s->count; i++) {
        if (str_is(s->reasons[i], row->name)) return;
    }
    s->reasons[s->count++] = str_z(row->name);
}

static void apply(Suggestion *s, bool situation, Str name) {
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (rows[i].situation == situation && str_is(name, rows[i].name)) raise_to(s, &rows[i]);
    }
}

static void apply_factors(Suggestion *s, const Value *message, uint32_t key) {
    for (size_t i = 0; i < value_count(message, key); i++) {
        apply(s, false, value_text(value_item(message, key, i), F_risk_factor_code));
    }
}

static const struct {
    uint32_t key;
    const char *name;
} safety_rows[] = {
    {F_immediate_safety_at_risk, "at_risk"},
    {F_immediate_safety_police_protection, "police_protection"},
    {F_immediate_safety_section_47, "section_47"},
};

static void apply_referral(Suggestion *s, const Value *referral) {
    const Value *safety = value_get(referral, F_referral_immediate_safety);
    for (size_t i = 0; i < COUNT_OF(safety_rows); i++) {
        if (value_yes(safety, safety_rows[i].key)) apply(s, true, str_z(safety_rows[i].name));
    }
    if (str_is(value_text(referral, F_referral_priority), "stat")) apply(s, true, STR("stat"));
    apply_factors(s, referral, F_referral_risk_factor);
}

void rate_suggest(StructKind kind, const Value *message, bool immediate, Suggestion *ret) {
    *ret = (Suggestion){.rate = RATE_green};
    if (immediate) apply(ret, true, STR("immediate"));
    if (kind == STRUCT_referral)
        apply_referral(ret, message);
    else
        apply_factors(ret, message, F_answer_risk_factor);
}
