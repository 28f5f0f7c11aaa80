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
    {"held at source", ALLOW("full"), VERDICT_silent, KEPT_always, false, false, VERDICT_silent,
     REHEARSED_same},
    {"its words name somebody", ALLOW("full"), VERDICT_summary, KEPT_words, false, false,
     VERDICT_summary, REHEARSED_same},
    {"a fact names nobody", ALLOW("full"), VERDICT_signpost, KEPT_words, false, false, VERDICT_fact,
     REHEARSED_released},
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

/* What redact does with an item of no text that could be cut, it must say again. */
Test(rehearse, the_text_that_decided_changes_nothing) {
    static const char *const texts[] = {ALLOW("full"), ALLOW("summary"), ALLOW("fact"), AUTHORISED,
                                        "police never allow incident to go to anyone\n", ""};
    Subject subject = {.name = STR("Test Child"), .birth_date = STR("2015-03-09")};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        for (int flags = 0; flags < 4 * TIER_COUNT; flags++) {
            Policy p = kit_policy(arena, "police", texts[i]);
            Past past = past_of(VERDICT_silent);
            Item item = {.id = {{1}}, .owner = STR("police"), .owner_name = STR("Police"),
                         .owner_desk = STR("desk"), .class = CLASS_incident,
                         .tier = (Tier)(flags / 4), .text = STR("it rained"),
                         .free_text = flags & 1, .summary = flags & 2 ? STR("rain") : (Str){0}};
            Request q = {.recipient = STR("education"), .recipient_name = STR("School"),
                         .recipient_type = STR("school"), .purpose = past.asked.purpose,
                         .rating = RATING_amber, .today = past.asked.today, .subjects = &subject,
                         .subject_count = 1};
            Redacted made;
            Replay now;
            int r = redact(arena, &q, &item, 1, &p, 1, &made);
            cr_assert(r == 0 || r == REFUSE_nothing_to_share, "%d", r);
            past.then = made.cuts[0].kind;
            past.kept = made.cuts[0].kept;
            past.asked.tier = item.tier;
            past.asked.free_text = item.free_text;
            past.asked.has_summary = item.summary.len > 0;
            past.asked.authorised = made.cuts[0].authorised;
            cr_assert(rehearse_item(arena, &p, &past, &now) == 0);
            cr_expect(now.change == REHEARSED_same, "text %zu, item %d: then %d, now %d", i, flags,
                      (int)past.then, (int)now.now);
        }
    }
}
