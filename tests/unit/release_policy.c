/* The decision. First the whole of a small, finite world against a second, independent statement of
 * what may leave; then one test for each guard. */
#include "tests/unit/release_kit.h"

static const Question base = {
    .owner = {"police", 6},
    .class = CLASS_incident,
    .recipient = {"education", 9},
    .recipient_type = {"school", 6},
    .purpose = {"early_help", 10},
    .rating = RATING_amber,
    .today = {"2026-11-22", 10},
    .has_summary = true,
};

static VerdictKind ask(const Policy *policies, size_t count, const Question *q) {
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 16);
    return verdict_kind(policy_ask(a, policies, count, q));
}

static VerdictKind ask_rules(const Rule *rules, size_t count, const Question *q) {
    Policy p = {.owner = STR("police"), .rules = rules, .count = count};
    return ask(&p, 1, q);
}

static VerdictKind ask_text(const char *text, Question q) {
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 18);
    Policy p = kit_policy(a, "police", text);
    return verdict_kind(policy_ask(a, &p, 1, &q));
}

/* ---- the small world ------------------------------------------------------------------------- */

static const InfoClass classes[] = {CLASS_incident, CLASS_intelligence}; /* signpost, silent */
static const Str recipients[] = {{"education", 9}, {"health", 6}};
static const Str types[] = {{"school", 6}, {"health_acute", 12}};
static const Str purposes[] = {{"early_help", 10}, {"school_support", 14}};
static const Str days[] = {
    {"2026-08-31", 10}, {"2026-09-01", 10}, {"2027-08-30", 10}, {"2027-08-31", 10}};

enum { QUESTIONS = 2 * 2 * 2 * 4 * 4 * 5 * 2 * 2 * 2 * 2 };

static Question question_at(size_t i) {
    Question q = {.owner = STR("police")};
    q.class = classes[i % 2], i /= 2;
    q.recipient = recipients[i % 2];
    q.recipient_type = types[i % 2], i /= 2;
    q.purpose = purposes[i % 2], i /= 2;
    q.rating = (Rating)(i % 4), i /= 4;
    q.today = days[i % 4], i /= 4;
    q.tier = (Tier)(i % 5), i /= 5;
    q.has_summary = i % 2, i /= 2;
    q.free_text = i % 2, i /= 2;
    q.authorised = i % 2, i /= 2;
    q.has_desk = i % 2;
    return q;
}

static Rule random_rule(Random *random) {
    Rule r = {.owner = STR("police"), .never = random_below(random, 3) == 0};
    r.signpost = random_yes(random);
    r.class = classes[random_below(random, 2)];
    size_t which = random_below(random, 2);
    r.recipient_kind = random_yes(random) ? RECIPIENT_type : RECIPIENT_agency;
    r.recipient = r.recipient_kind == RECIPIENT_type ? types[which] : recipients[which];
    r.purpose = purposes[random_below(random, 2)];
    if (r.never) {
        if (random_yes(random)) r.recipient_kind = RECIPIENT_anyone, r.recipient = (Str){0};
        if (random_yes(random)) r.purpose = (Str){0};
        if (random_yes(random)) r.from = days[random_below(random, 4)];
        return r;
    }
    r.least = (Rating)random_below(random, 4);
    r.show = (Show)(1 + random_below(random, 3));
    r.owner_authorises = random_yes(random);
    r.from = days[random_below(random, 2)];
    r.until = days[2 + random_below(random, 2)];
    if (str_is(r.from, "2026-08-31")) r.until = days[random_below(random, 3)];
    return r;
}

/* What may leave, said a second time and in another way: by the sentences of the architecture. */
static bool says(const Rule *r, const Question *q) {
    if (r->class != q->class) return false;
    if (r->purpose.len && !str_eq(r->purpose, q->purpose)) return false;
    if (r->recipient_kind == RECIPIENT_type && !str_eq(r->recipient, q->recipient_type))
        return false;
    if (r->recipient_kind == RECIPIENT_agency && !str_eq(r->recipient, q->recipient)) return false;
    if (r->from.len && strncmp(q->today.at, r->from.at, 10) < 0) return false;
    return !r->until.len || strncmp(q->today.at, r->until.at, 10) <= 0;
}

static VerdictKind oracle(const Rule *rules, size_t count, const Question *q, bool *signposts) {
    bool silent =
        q->tier == TIER_silent || (q->tier == TIER_none && q->class == CLASS_intelligence);
    bool forbidden = q->tier == TIER_silent || q->tier == TIER_signpost;
    VerdictKind best = VERDICT_silent;
    *signposts = false;
    for (size_t i = 0; i < count; i++) {
        const Rule *r = &rules[i];
        if (!says(r, q)) continue;
        if (r->never) forbidden = true;
        if (r->never && !r->signpost) silent = true;
        if (r->never || q->rating < r->least || (r->owner_authorises && !q->authorised)) continue;
        bool words = q->tier != TIER_sanitise && (q->authorised || !q->free_text);
        VerdictKind gives = VERDICT_fact;
        if (r->show != SHOW_fact && q->has_summary) gives = VERDICT_summary;
        if (r->show == SHOW_full && words) gives = VERDICT_full;
        if (r->signpost && !q->has_desk) gives = VERDICT_silent;
        if (r->signpost && gives > VERDICT_silent) *signposts = true;
        if (gives > best) best = gives;
    }
    if (!forbidden && best > VERDICT_silent) return best;
    *signposts = !silent;
    return silent ? VERDICT_silent : VERDICT_signpost;
}

Test(policy, agrees_with_a_second_statement_everywhere, .timeout = 120) {
    Random random = random_new("agrees_with_a_second_statement_everywhere");
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 16);
    size_t released = 0, both = 0;
    for (int round = 0; round < 250; round++) {
        Rule rules[6];
        size_t count = random_below(&random, COUNT_OF(rules) + 1);
        for (size_t i = 0; i < count; i++) rules[i] = random_rule(&random);
        for (size_t i = 0; i < QUESTIONS; i++) {
            Question q = question_at(i);
            Policy p = {.owner = STR("police"), .rules = rules, .count = count};
            const Verdict *v = policy_ask(a, &p, 1, &q);
            VerdictKind kind = verdict_kind(v);
            bool signposts;
            released += kind > VERDICT_signpost;
            both += kind > VERDICT_signpost && verdict_signposts(v);
            cr_assert(kind == oracle(rules, count, &q, &signposts), "round %d, %zu", round, i);
            cr_assert(verdict_signposts(v) == signposts, "round %d, %zu", round, i);
            arena_reset(a);
        }
    }
    cr_expect(released > 10000); /* the world is not all silence */
    cr_expect(both > 1000);
}

Test(policy, without_a_rule_nothing_leaves) {
    for (size_t i = 0; i < QUESTIONS; i++) {
        Question q = question_at(i);
        cr_assert(ask_rules(NULL, 0, &q) <= VERDICT_signpost, "question %zu", i);
        cr_assert(ask(NULL, 0, &q) <= VERDICT_signpost, "question %zu", i);
        cr_assert(ask(NULL, 0, &q) == ask_rules(NULL, 0, &q), "question %zu", i);
    }
}

/* Adding a never-rule never shows more, and what it covers does not leave, whatever else is
 * allowed. */
Test(policy, a_never_rule_only_takes_away, .timeout = 120) {
    Random random = random_new("a_never_rule_only_takes_away");
    for (int round = 0; round < 150; round++) {
        Rule rules[5];
        for (size_t i = 0; i < COUNT_OF(rules); i++) rules[i] = random_rule(&random);
        rules[4].never = true;
        rules[4].least = RATING_none, rules[4].show = SHOW_none, rules[4].owner_authorises = false;
        rules[4].until = (Str){0};
        for (size_t i = 0; i < QUESTIONS; i++) {
            Question q = question_at(i);
            VerdictKind before = ask_rules(rules, 4, &q), after = ask_rules(rules, 5, &q);
            cr_assert(after <= before, "round %d question %zu", round, i);
            cr_assert(!says(&rules[4], &q) || after <= VERDICT_signpost, "question %zu", i);
        }
    }
}

Test(policy, the_order_of_rules_means_nothing, .timeout = 120) {
    Random random = random_new("the_order_of_rules_means_nothing");
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 16);
    for (int round = 0; round < 150; round++) {
        Rule rules[5], mixed[5];
        for (size_t i = 0; i < 5; i++) mixed[i] = rules[i] = random_rule(&random);
        for (size_t i = 4; i; i--) {
            size_t k = random_below(&random, i + 1);
            Rule held = mixed[i];
            mixed[i] = mixed[k], mixed[k] = held;
        }
        Policy one = {.owner = STR("police"), .rules = rules, .count = 5};
        Policy two = {.owner = STR("police"), .rules = mixed, .count = 5};
        for (size_t i = 0; i < QUESTIONS; i++) {
            Question q = question_at(i);
            const Verdict *v = policy_ask(a, &one, 1, &q), *w = policy_ask(a, &two, 1, &q);
            cr_assert(verdict_kind(v) == verdict_kind(w), "round %d question %zu", round, i);
            cr_assert(verdict_signposts(v) == verdict_signposts(w), "round %d, %zu", round, i);
            cr_assert(strcmp(verdict_reason(v), verdict_reason(w)) == 0);
            arena_reset(a);
        }
    }
}

/* To take a permission away, or to let it show less, never shows more, and never adds a signpost to
 * what is released. */
Test(policy, with_less_permission_no_more_is_released, .timeout = 120) {
    Random random = random_new("with_less_permission_no_more_is_released");
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 16);
    size_t fewer = 0;
    for (int round = 0; round < 300; round++) {
        Rule rules[5], stricter[5];
        for (size_t i = 0; i < 5; i++) stricter[i] = rules[i] = random_rule(&random);
        if (rules[4].never) continue;
        bool less = rules[4].show != SHOW_fact;
        if (less) stricter[4].show++;
        Policy lax = {.owner = STR("police"), .rules = rules, .count = 5};
        Policy strict = {.owner = STR("police"), .rules = stricter, .count = less ? 5 : 4};
        for (size_t i = 0; i < QUESTIONS; i++) {
            Question q = question_at(i);
            const Verdict *v = policy_ask(a, &strict, 1, &q), *w = policy_ask(a, &lax, 1, &q);
            bool pointed = verdict_signposts(v) > verdict_signposts(w);
            cr_assert(verdict_kind(v) <= verdict_kind(w), "round %d question %zu", round, i);
            cr_assert(verdict_kind(v) <= VERDICT_signpost || !pointed, "round %d, %zu", round, i);
            fewer += less && verdict_kind(v) < verdict_kind(w);
            arena_reset(a);
        }
    }
    cr_expect(fewer > 1000);
}

Test(policy, a_stricter_tier_never_shows_more, .timeout = 120) {
    Random random = random_new("a_stricter_tier_never_shows_more");
    for (int round = 0; round < 100; round++) {
        Rule rules[4];
        for (size_t i = 0; i < 4; i++) rules[i] = random_rule(&random);
        for (size_t i = 0; i < QUESTIONS; i++) {
            Question q = question_at(i);
            if (q.tier == TIER_none || q.tier == TIER_silent) continue;
            VerdictKind lax = ask_rules(rules, 4, &q);
            q.tier++;
            cr_assert(ask_rules(rules, 4, &q) <= lax, "round %d question %zu", round, i);
        }
    }
}

/* ---- guard by guard -------------------------------------------------------------------------- */

#define ALLOW(show)                                                                     \
    "police allow incident to go to any school for early_help when rating is amber or " \
    "higher; show " show "; from 2026-09-01 until 2027-08-31"
#define ALLOW_SIGNED(show)                                                     \
    "police allow incident to go to any school for early_help when rating is " \
    "any; show " show "; owner authorises; from 2026-09-01 until 2027-08-31"

#define WITH(...)           \
    __extension__({         \
        Question q_ = base; \
        Question *q = &q_;  \
        __VA_ARGS__;        \
        q_;                 \
    })

Test(policy, releases_what_the_rule_shows) {
    cr_expect(ask_text(ALLOW("full"), base) == VERDICT_full);
    cr_expect(ask_text(ALLOW("summary"), base) == VERDICT_summary);
    cr_expect(ask_text(ALLOW("fact"), base) == VERDICT_fact);
}

Test(policy, a_rule_is_about_its_own_case_only) {
    cr_expect(ask_text(ALLOW("full"), WITH(q->class = CLASS_concern)) == VERDICT_signpost);
    cr_expect(ask_text(ALLOW("full"), WITH(q->purpose = STR("school_support"))) ==
              VERDICT_signpost);
    cr_expect(ask_text(ALLOW("full"), WITH(q->recipient_type = STR("police"))) == VERDICT_signpost);
    cr_expect(ask_text(ALLOW("full"), WITH(q->owner = STR("health"))) == VERDICT_signpost);
    static const char one[] =
        "police allow incident to go to agency health for early_help when rating "
        "is any; show full; from 2026-09-01 until 2027-08-31";
    cr_expect(ask_text(one, base) == VERDICT_signpost);
    cr_expect(ask_text(one, WITH(q->recipient = STR("health"))) == VERDICT_full);
}

Test(policy, withholds_below_the_rating) {
    cr_expect(ask_text(ALLOW("full"), WITH(q->rating = RATING_green)) == VERDICT_signpost);
    cr_expect(ask_text(ALLOW("full"), WITH(q->rating = RATING_none)) == VERDICT_signpost);
    cr_expect(ask_text(ALLOW("full"), WITH(q->rating = RATING_red)) == VERDICT_full);
}

Test(policy, withholds_outside_the_days_of_the_rule) {
    cr_expect(ask_text(ALLOW("full"), WITH(q->today = STR("2026-08-31"))) == VERDICT_signpost);
    cr_expect(ask_text(ALLOW("full"), WITH(q->today = STR("2026-09-01"))) == VERDICT_full);
    cr_expect(ask_text(ALLOW("full"), WITH(q->today = STR("2027-08-31"))) == VERDICT_full);
    cr_expect(ask_text(ALLOW("full"), WITH(q->today = STR("2027-09-01"))) == VERDICT_signpost);
}

Test(policy, a_never_rule_begins_on_its_day) {
    static const char both[] =
        ALLOW("full") "\npolice never allow incident to go to anyone; from 2026-12-01";
    cr_expect(ask_text(both, base) == VERDICT_full);
    cr_expect(ask_text(both, WITH(q->today = STR("2026-12-01"))) == VERDICT_silent);
}

Test(policy, withholds_until_the_owner_authorises) {
    cr_expect(ask_text(ALLOW_SIGNED("summary"), base) == VERDICT_signpost);
    cr_expect(ask_text(ALLOW_SIGNED("summary"), WITH(q->authorised = true)) == VERDICT_summary);
    cr_expect(ask_text(ALLOW_SIGNED("full"), WITH(q->free_text = true)) == VERDICT_signpost,
              "the rule asks for it, so nothing less leaves instead");
}

Test(policy, a_signpost_beside_what_is_shown_needs_a_desk) {
    static const char pointed[] =
        "police allow incident to go to any school for early_help when rating is any; show fact; "
        "signpost; from 2026-09-01 until 2027-08-31";
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 18);
    cr_expect(ask_text(pointed, base) == VERDICT_signpost, "an obligation that is not met");
    cr_expect(ask_text(pointed, WITH(q->has_desk = true)) == VERDICT_fact);
    /* What another rule gives leaves without it, and with it when there is a desk. */
    Policy p = kit_policy(a, "police", arena_printf(a, "%s\n%s", pointed, ALLOW("full")).at);
    Question q = base;
    const Verdict *v = policy_ask(a, &p, 1, &q);
    cr_expect(verdict_kind(v) == VERDICT_full && !verdict_signposts(v));
    q.has_desk = true;
    v = policy_ask(a, &p, 1, &q);
    cr_expect(verdict_kind(v) == VERDICT_full && verdict_signposts(v));
}

Test(policy, prose_needs_its_exact_words_authorised) {
    cr_expect(ask_text(ALLOW("full"), WITH(q->free_text = true)) == VERDICT_summary);
    cr_expect(ask_text(ALLOW("full"), WITH(q->free_text = true, q->has_summary = false)) ==
              VERDICT_fact);
    cr_expect(ask_text(ALLOW("full"), WITH(q->free_text = true, q->authorised = true)) ==
              VERDICT_full);
    cr_expect(ask_text(ALLOW("summary"), WITH(q->free_text = true)) == VERDICT_summary);
}

Test(policy, the_fact_leaves_where_a_summary_was_not_written) {
    cr_expect(ask_text(ALLOW("summary"), WITH(q->has_summary = false)) == VERDICT_fact);
    cr_expect(ask_text(ALLOW("full"), WITH(q->has_summary = false, q->tier = TIER_sanitise)) ==
              VERDICT_fact);
}

Test(policy, the_tier_cuts_what_the_rule_shows) {
    cr_expect(ask_text(ALLOW("full"), WITH(q->tier = TIER_share)) == VERDICT_full);
    cr_expect(ask_text(ALLOW("full"), WITH(q->tier = TIER_sanitise)) == VERDICT_summary);
    cr_expect(ask_text(ALLOW("fact"), WITH(q->tier = TIER_sanitise)) == VERDICT_fact);
    cr_expect(ask_text(ALLOW("full"), WITH(q->tier = TIER_signpost)) == VERDICT_signpost);
    cr_expect(ask_text(ALLOW("full"), WITH(q->tier = TIER_silent)) == VERDICT_silent);
}

Test(policy, takes_the_stricter_withheld_form) {
    static const char silent[] = "police never allow incident to go to any school";
    static const char pointed[] = "police never allow incident to go to any school; signpost";
    static const char secret[] = "police never allow intelligence to go to any school; signpost";
    cr_expect(ask_text(silent, base) == VERDICT_silent);
    cr_expect(ask_text(silent, WITH(q->tier = TIER_signpost)) == VERDICT_silent);
    cr_expect(ask_text(pointed, base) == VERDICT_signpost);
    cr_expect(ask_text(pointed, WITH(q->tier = TIER_silent)) == VERDICT_silent);
    cr_expect(ask_text("police never allow incident to go to anyone; signpost\n"
                       "police never allow incident to go to any school",
                       base) == VERDICT_silent);
    cr_expect(ask_text(secret, WITH(q->class = CLASS_intelligence)) == VERDICT_silent);
    cr_expect(ask_text(secret, WITH(q->class = CLASS_intelligence, q->tier = TIER_share)) ==
              VERDICT_signpost);
    cr_expect(ask_text("", WITH(q->class = CLASS_intelligence)) == VERDICT_silent);
}

/* Each breaks one attribute of a question that would be answered "full"; none is withheld by its
 * tier. */
Test(policy, withholds_silently_when_the_question_is_unsound) {
    static const char open[] = "police allow incident to go to any school for early_help when "
                               "rating is any; show full; from 2026-09-01 until 2027-08-31";
    const Question broken[] = {
        WITH(q->owner = (Str){0}),
        WITH(q->class = CLASS_none),
        WITH(q->class = CLASS_COUNT),
        WITH(q->tier = (Tier)5),
        WITH(q->recipient = (Str){0}),
        WITH(q->recipient_type = (Str){0}),
        WITH(q->recipient_type = STR("schule")),
        WITH(q->purpose = (Str){0}),
        WITH(q->purpose = STR("curiosity")),
        WITH(q->rating = (Rating)4),
        WITH(q->today = (Str){0}),
        WITH(q->today = STR("2026-11")),
        WITH(q->today = STR("2026-11-31")),
    };
    cr_expect(ask_text(open, base) == VERDICT_full);
    for (size_t i = 0; i < COUNT_OF(broken); i++) {
        Question q = broken[i];
        if (q.tier == TIER_none) q.tier = TIER_share;
        cr_expect(ask_text(open, q) == VERDICT_silent, "case %zu", i);
    }
}

Test(policy, two_versions_of_one_owner_are_ambiguous) {
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
    Policy p[] = {kit_policy(a, "police", ALLOW("full")), kit_policy(a, "health", ""),
                  kit_policy(a, "police", ALLOW("full"))};
    cr_expect(ask(p, 2, &base) == VERDICT_full);
    cr_expect(ask(p, 3, &base) == VERDICT_silent);
    cr_expect(ask(p + 1, 2, &base) == VERDICT_full);
}

static const Rule sound = {
    .owner = {"police", 6},
    .class = CLASS_incident,
    .recipient_kind = RECIPIENT_type,
    .recipient = {"school", 6},
    .purpose = {"early_help", 10},
    .show = SHOW_full,
    .from = {"2026-09-01", 10},
    .until = {"2027-08-31", 10},
};

/* One damaged rule beside a sound one: no part of the policy is obeyed. */
static void damage(Rule *r, size_t i) {
    if (i == 0) r->owner = STR("health");
    if (i == 1) r->class = CLASS_none;
    if (i == 2) r->class = CLASS_COUNT;
    if (i == 3) r->recipient_kind = RECIPIENT_anyone, r->recipient = (Str){0};
    if (i == 4) r->recipient_kind = (RecipientKind)9;
    if (i == 5) r->recipient = STR("schule");
    if (i == 6) r->recipient_kind = RECIPIENT_agency, r->recipient = (Str){0};
    if (i == 7) r->purpose = (Str){0};
    if (i == 8) r->least = (Rating)4;
    if (i == 9) r->show = SHOW_none;
    if (i == 10) r->show = (Show)4;
    if (i == 11) r->from = (Str){0};
    if (i == 12) r->until = (Str){0};
    if (i == 13) r->until = STR("2026-08-31");
    if (i == 14) r->until = STR("2027-09-01");
    if (i == 15) r->purpose = STR("curiosity");
    /* Never-rules about another class: only the policy's unsoundness can withhold. */
    if (i >= 16)
        r->never = true, r->show = SHOW_none, r->until = (Str){0}, r->class = CLASS_concern;
    if (i == 16) r->show = SHOW_full;
    if (i == 17) r->least = RATING_red;
    if (i == 18) r->owner_authorises = true;
    if (i == 19) r->purpose = STR("curiosity");
    if (i == 20) r->from = STR("someday");
    if (i == 21) r->until = STR("2027-08-31");
    if (i == 22) r->recipient_kind = RECIPIENT_anyone;
}

Test(policy, a_damaged_rule_voids_the_policy) {
    Rule rules[2] = {sound, sound};
    cr_expect(ask_rules(rules, 2, &base) == VERDICT_full);
    for (size_t i = 0; i <= 22; i++) {
        rules[1] = sound;
        damage(&rules[1], i);
        cr_expect(ask_rules(rules, 2, &base) == VERDICT_silent, "case %zu", i);
    }
}

Test(policy, names_the_rule_that_decided_and_a_reason) {
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
    Policy p = kit_policy(
        a, "police",
        ALLOW("summary") "\n" ALLOW("full") "\npolice never allow offence to go to anyone");
    const Verdict *v = policy_ask(a, &p, 1, &base);
    cr_expect(verdict_rule(v) == &p.rules[1]);
    cr_expect(verdict_withheld(v) == VERDICT_signpost);
    Question asked = WITH(q->class = CLASS_offence);
    cr_expect(verdict_rule(policy_ask(a, &p, 1, &asked)) == &p.rules[2]);
    asked = WITH(q->class = CLASS_concern);
    v = policy_ask(a, &p, 1, &asked);
    cr_expect(verdict_rule(v) == NULL && verdict_reason(v)[0]);
    asked = WITH(q->tier = TIER_silent);
    cr_expect(verdict_withheld(policy_ask(a, &p, 1, &asked)) == VERDICT_silent);
}

static void expect_reason(const char *text, Question q, const char *reason) {
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
    Policy p = kit_policy(a, "police", text);
    const char *said = verdict_reason(policy_ask(a, &p, 1, &q));
    cr_expect(strcmp(said, reason) == 0, "%s\n  is not\n%s", said, reason);
}

Test(policy, tells_an_insider_why) {
    static const char later[] = "police never allow incident to go to anyone; from 2027-01-01";
    static const char none[] = "No rule of the owner allows this.";
    static const char day[] = "The owner's rule is not in force on this day.";
    static const char kept[] = "The owner keeps this item inside.";
    static const char prose[] = "A rule of the owner allows this; the free text itself when the "
                                "owner has authorised its exact words.";
    expect_reason(ALLOW("full"), base, "A rule of the owner allows this.");
    expect_reason("", base, none);
    expect_reason(later, base, none);
    expect_reason(later, WITH(q->today = STR("2027-01-01")), "A rule of the owner forbids this.");
    expect_reason(ALLOW("full"), WITH(q->today = STR("2026-08-31")), day);
    expect_reason(ALLOW("full"), WITH(q->rating = RATING_none),
                  "The rating is below what the owner's rule asks.");
    expect_reason(ALLOW_SIGNED("full"), base,
                  "The owner's rule asks for its authorisation, which is not given.");
    expect_reason(ALLOW("full"), WITH(q->free_text = true, q->has_summary = false), prose);
    expect_reason(ALLOW("full") "\n" ALLOW("summary"), WITH(q->free_text = true),
                  "A rule of the owner allows this.");
    expect_reason(ALLOW("summary"), WITH(q->has_summary = false),
                  "A rule of the owner allows this; a summary, too, had the owner written one.");
    expect_reason(ALLOW("full"), WITH(q->tier = TIER_signpost), kept);
    expect_reason(ALLOW("full"), WITH(q->tier = TIER_silent), kept);
    expect_reason(ALLOW("full"), WITH(q->owner = STR("health")), "The owner has no policy here.");
    expect_reason(ALLOW("full"), WITH(q->class = CLASS_COUNT),
                  "The question is incomplete or holds an unknown word.");
}

Test(policy, says_nothing_when_there_is_no_memory) {
    _cleanup_(arena_freep) Arena *a = arena_new(8);
    cr_expect(policy_ask(a, NULL, 0, &base) == NULL);
}
