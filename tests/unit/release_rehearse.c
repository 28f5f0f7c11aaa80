/* A new text tried on the past: the same text changes nothing, whatever it was that decided; a
 * stricter and a looser one change what they say they do. */
#include "tests/unit/release_kit.h"

#include "broker/release/rehearse.h"

static Arena *arena;

static void setup(void) {
    arena = arena_new(1 << 24);
}

static void teardown(void) {
    arena_free(arena);
}

TestSuite(rehearse, .init = setup, .fini = teardown);

#define YEAR "from 2026-09-01 until 2027-08-31\n"
#define ALLOW(show) \
    "police allow incident to go to any school for safeguarding_assessment when rating is any; " \
    "show " show "; " YEAR
#define AUTHORISED \
    "police allow incident to go to any school for safeguarding_assessment when rating is any; " \
    "show full; owner authorises; " YEAR
#define STANDING \
    "police allow incident to go to any school for immediate_protection when rating is any; " \
    "show fact; from 2026-01-01 until 2026-06-30\n"

static Past past_of(VerdictKind then) {
    return (Past){.then = then,
                  .asked = {.owner = STR("police"),
                            .class = CLASS_incident,
                            .recipient = STR("education"),
                            .recipient_type = STR("school"),
                            .purpose = STR("safeguarding_assessment"),
                            .rating = RATING_amber,
                            .today = STR("2026-11-28"),
                            .has_summary = true,
                            .has_desk = true}};
}

typedef struct Case {
    const char *what, *text;
    VerdictKind then;
    KeptBy kept;
    bool granted, emergency;
    VerdictKind now;
    Rehearsed change;
} Case;

static const Case cases[] = {
    {"the same", ALLOW("summary"), VERDICT_summary, KEPT_not, false, false, VERDICT_summary,
     REHEARSED_same},
    {"forbidden", "police never allow incident to go to anyone\n", VERDICT_summary, KEPT_not, false,
     false, VERDICT_silent, REHEARSED_withheld},
    {"no rule", "", VERDICT_full, KEPT_not, false, false, VERDICT_signpost, REHEARSED_withheld},
    {"allowed", ALLOW("full"), VERDICT_signpost, KEPT_not, false, false, VERDICT_full,
     REHEARSED_released},
    {"less", ALLOW("fact"), VERDICT_full, KEPT_not, false, false, VERDICT_fact, REHEARSED_lesser},
    {"more", ALLOW("full"), VERDICT_summary, KEPT_not, false, false, VERDICT_full,
     REHEARSED_fuller},
    {"a signpost comes", "", VERDICT_silent, KEPT_not, false, false, VERDICT_signpost,
     REHEARSED_signposted},
    {"a signpost goes", "police never allow incident to go to anyone\n", VERDICT_signpost, KEPT_not,
     false, false, VERDICT_silent, REHEARSED_silenced},
    {"held at source", ALLOW("full"), VERDICT_silent, KEPT_held, false, false, VERDICT_silent,
     REHEARSED_same},
    {"its words name somebody", ALLOW("full"), VERDICT_summary, KEPT_words, false, false,
     VERDICT_summary, REHEARSED_same},
    {"its words hide somebody", ALLOW("full"), VERDICT_signpost, KEPT_words, false, false,
     VERDICT_signpost, REHEARSED_same},
    {"its owner is not asked", AUTHORISED, VERDICT_full, KEPT_not, false, false, VERDICT_silent,
     REHEARSED_withheld},
    {"its owner has said yes", AUTHORISED, VERDICT_full, KEPT_not, true, false, VERDICT_full,
     REHEARSED_same},
    {"lapsed, in an emergency", STANDING, VERDICT_fact, KEPT_not, false, true, VERDICT_fact,
     REHEARSED_same},
    {"lapsed, in none", STANDING, VERDICT_fact, KEPT_not, false, false, VERDICT_signpost,
     REHEARSED_withheld},
};

Test(rehearse, says_what_changes) {
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const Case *k = &cases[i];
        Policy p = kit_policy(arena, "police", k->text);
        Past past = past_of(k->then);
        Replay now;
        past.kept = k->kept;
        past.emergency = k->emergency;
        past.asked.authorised = k->granted;
        if (strstr(k->text, "immediate_protection")) {
            past.asked.purpose = STR("immediate_protection");
        }
        cr_assert(rehearse_item(arena, &p, &past, &now) == 0);
        cr_expect(now.now == k->now, "%s: %d", k->what, (int)now.now);
        cr_expect(now.change == k->change, "%s: change %d", k->what, (int)now.change);
    }
}

Test(rehearse, names_the_rule_that_decides) {
    Policy p = kit_policy(arena, "police", "# first\n" ALLOW("fact") ALLOW("summary"));
    Past past = past_of(VERDICT_fact);
    Replay now;
    cr_assert(rehearse_item(arena, &p, &past, &now) == 0);
    cr_expect(now.rule && now.rule->line == 3);
}

static Rule rule_about(Random *random) {
    bool never = random_below(random, 6) == 0;
    Rule r = {.owner = STR("police"),
              .never = never,
              .class = CLASS_incident,
              .recipient_kind = RECIPIENT_type,
              .recipient = STR("school"),
              .signpost = random_yes(random),
              .line = 1};
    if (never) return r;
    r.purpose = STR("safeguarding_assessment");
    r.least = (Rating)random_below(random, RATING_red + 1);
    r.show = (Show)(SHOW_full + random_below(random, 3));
    r.owner_authorises = random_yes(random);
    r.from = STR("2026-09-01");
    r.until = STR("2027-08-31");
    return r;
}

static Item item_about(Random *random) {
    return (Item){.id = {{1}},
                  .owner = STR("police"),
                  .owner_name = STR("Police"),
                  .owner_desk = random_yes(random) ? STR("desk") : (Str){0},
                  .class = CLASS_incident,
                  .tier = (Tier)random_below(random, TIER_COUNT),
                  .free_text = random_yes(random),
                  .held = random_below(random, 8) == 0,
                  .text = STR("it rained"),
                  .summary = random_yes(random) ? STR("rain") : (Str){0}};
}

static void expect_same(const Policy *p, const Item *item, const Cut *cut, unsigned trial) {
    Past past = past_of(cut->kind);
    Replay now;
    past.kept = cut->kept;
    past.asked.tier = item->tier;
    past.asked.free_text = item->free_text;
    past.asked.has_summary = item->summary.len > 0;
    past.asked.has_desk = item->owner_desk.len > 0;
    past.asked.authorised = cut->authorised;
    cr_assert(rehearse_item(arena, p, &past, &now) == 0);
    cr_expect(now.change == REHEARSED_same, "trial %u: then %d, now %d", trial, (int)past.then,
              (int)now.now);
}

/* What redact made of an item, it must say again: without its owner's word, and with it. */
Test(rehearse, the_text_that_decided_changes_nothing) {
    Random random = random_new("the_text_that_decided_changes_nothing");
    Subject subject = {.name = STR("Test Child"), .birth_date = STR("2015-03-09")};
    Past past = past_of(VERDICT_silent);
    for (unsigned trial = 0; trial < 4000; trial++) {
        Rule rules[4];
        Policy p = {.owner = STR("police"), .rules = rules, .count = random_below(&random, 5)};
        for (size_t i = 0; i < p.count; i++) rules[i] = rule_about(&random);
        Item item = item_about(&random);
        Request q = {.recipient = past.asked.recipient,
                     .recipient_name = STR("School"),
                     .recipient_type = past.asked.recipient_type,
                     .purpose = past.asked.purpose,
                     .rating = past.asked.rating,
                     .today = past.asked.today,
                     .subjects = &subject,
                     .subject_count = 1};
        Redacted made;
        int r = redact(arena, &q, &item, 1, &p, 1, &made);
        cr_assert(r == 0 || r == REFUSE_nothing_to_share, "%d", r);
        expect_same(&p, &item, &made.cuts[0], trial);
        if (made.wanted_count) {
            Grant grant = {.owner = item.owner, .section = made.wanted[0].digest};
            q.grants = &grant;
            q.grant_count = 1;
            r = redact(arena, &q, &item, 1, &p, 1, &made);
            cr_assert(r == 0 && made.cuts[0].authorised, "trial %u: %d", trial, r);
            expect_same(&p, &item, &made.cuts[0], trial);
        }
        arena_reset(arena);
    }
}
