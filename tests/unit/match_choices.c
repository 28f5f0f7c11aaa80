/* Which of an owner's choices counts, and that what is not understood is silence. */
#include "broker/hub/choices.h"
#include "broker/release/verdict.h"

#include <criterion/criterion.h>

static const Id message = {{1}}, another = {{2}};
#define OF "of 01000000-0000-0000-0000-000000000000\n"

static const struct {
    const char *what, *leaf;
    bool sound;
    InfoClass class;
    Tier tier;
    bool held;
} leaves[] = {
    {"a tier for all", "act choice\nagency police\n" OF "tier signpost\nheld no\n", true,
     CLASS_none, TIER_signpost, false},
    {"a class", "act choice\nagency police\n" OF "class incident\ntier share\nheld no\n", true,
     CLASS_incident, TIER_share, false},
    {"the default again", "act choice\nagency police\n" OF "class incident\nheld no\n", true,
     CLASS_incident, TIER_none, false},
    {"held at source", "act choice\nagency police\n" OF "held yes\n", true, CLASS_none, TIER_none,
     true},
    {"another's", "act choice\nagency health\n" OF "tier share\nheld no\n", false, CLASS_none,
     TIER_silent, false},
    {"another act", "act process\nagency police\n" OF "tier share\nheld no\n", false, CLASS_none,
     TIER_silent, false},
    {"of another message",
     "act choice\nagency police\nof 02000000-0000-0000-0000-000000000000\ntier share\n", false,
     CLASS_none, TIER_silent, false},
    {"a tier that is not known", "act choice\nagency police\n" OF "class incident\ntier public\n",
     false, CLASS_none, TIER_silent, false},
    {"a class that is not known", "act choice\nagency police\n" OF "class gossip\ntier share\n",
     false, CLASS_none, TIER_silent, false},
    {"nothing", "", false, CLASS_none, TIER_silent, false},
};

Test(choices, a_leaf_says_what_was_chosen_and_what_it_does_not_say_is_silence) {
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 16);
    for (size_t i = 0; i < COUNT_OF(leaves); i++) {
        Choice c;
        cr_expect(choice_read(a, STR("police"), message, message, str_z(leaves[i].leaf), &c) ==
                      leaves[i].sound,
                  "%s", leaves[i].what);
        cr_expect(c.class == leaves[i].class && c.tier == leaves[i].tier, "%s", leaves[i].what);
        cr_expect(c.held == leaves[i].held, "%s", leaves[i].what);
        cr_expect(id_eq(c.message, message) && str_is(c.owner, "police"), "%s", leaves[i].what);
        cr_expect_not(c.inherited, "%s", leaves[i].what);
    }
}

Test(choices, what_is_inherited_must_be_of_the_message_that_it_is_said_to_be_of) {
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 16);
    Str leaf = STR("act choice\nagency police\n" OF "tier signpost\nheld no\n");
    Choice c;
    cr_expect(choice_read(a, STR("police"), another, message, leaf, &c));
    cr_expect(c.inherited && c.tier == TIER_signpost);
    cr_expect(id_eq(c.message, another) && id_eq(c.of, message));
    cr_expect_not(choice_read(a, STR("police"), another, another, leaf, &c), "nor is it its own");
    cr_expect_not(choice_read(a, STR("police"), message, another, leaf, &c));
    cr_expect(c.inherited && c.tier == TIER_silent && c.class == CLASS_none);
}

static const Choice *newest(const Choices *all, Str owner, Id of, InfoClass class) {
    return choice_will(all, owner, of, class, TIER_none).choice;
}

Test(choices, the_newest_of_the_class_or_of_all_counts) {
    Choice at[] = {
        {STR("police"), another, another, false, CLASS_incident, TIER_share, false},
        {STR("health"), message, message, false, CLASS_incident, TIER_share, false},
        {STR("police"), message, message, false, CLASS_incident, TIER_signpost, false},
        {STR("police"), message, message, false, CLASS_none, TIER_none, true},
        {STR("police"), message, message, false, CLASS_offence, TIER_share, false},
    };
    Choices all = {at, COUNT_OF(at)};
    cr_expect(newest(&all, STR("police"), message, CLASS_incident) == &at[2]);
    cr_expect(newest(&all, STR("police"), message, CLASS_offence) == &at[3],
              "a newer word on all takes the place of an older one on a class");
    cr_expect(newest(&all, STR("police"), message, CLASS_concern) == &at[3]);
    cr_expect_null(newest(&all, STR("police"), another, CLASS_concern));
    cr_expect_null(newest(&all, STR("education"), message, CLASS_incident));
    cr_expect(choice_holds(&all, STR("police"), message, CLASS_offence));
    cr_expect_not(choice_holds(&all, STR("police"), message, CLASS_incident));
}

/* What a word is on: the update that is asked about, or one of two others of its reference. */
typedef struct Said {
    char on; /* o: own, e and f: others; 0: no more words */
    InfoClass class;
    Tier tier;
    bool held;
} Said;
#define ALL CLASS_none

/* The same cases as tests/sql/choice.sql; words newest first. `by`: whose word sets the tier, 0
 * when none does. */
static const struct {
    const char *what;
    InfoClass class;
    Tier sent;
    Said said[2];
    Tier tier;
    bool held;
    char by;
} cases[] = {
    {"no word: as it was sent", CLASS_incident, TIER_share, {{0}}, TIER_share, false, 0},
    {"of all of the earlier message", CLASS_incident, TIER_share,
     {{'e', ALL, TIER_silent, false}}, TIER_silent, false, 'e'},
    {"of the class", CLASS_incident, TIER_share,
     {{'e', CLASS_incident, TIER_silent, false}}, TIER_silent, false, 'e'},
    {"of another class", CLASS_incident, TIER_share,
     {{'e', CLASS_offence, TIER_silent, false}}, TIER_share, false, 0},
    {"a signpost", CLASS_incident, TIER_none,
     {{'e', ALL, TIER_signpost, false}}, TIER_signpost, false, 'e'},
    {"a summary is less than rules alone", CLASS_incident, TIER_none,
     {{'e', ALL, TIER_sanitise, false}}, TIER_sanitise, false, 'e'},
    {"widens nothing that was sent", CLASS_incident, TIER_silent,
     {{'e', ALL, TIER_share, false}}, TIER_silent, false, 0},
    {"nor what its class keeps in", CLASS_intelligence, TIER_none,
     {{'e', ALL, TIER_share, false}}, TIER_none, false, 0},
    {"a summary and a silent class", CLASS_intelligence, TIER_none,
     {{'e', ALL, TIER_sanitise, false}}, TIER_silent, false, 0},
    {"a signpost and a silent class", CLASS_intelligence, TIER_none,
     {{'e', ALL, TIER_signpost, false}}, TIER_silent, false, 0},
    {"chosen silence", CLASS_intelligence, TIER_none,
     {{'e', ALL, TIER_silent, false}}, TIER_silent, false, 'e'},
    {"a class's own silence", CLASS_intelligence, TIER_share,
     {{'e', ALL, TIER_none, false}}, TIER_none, false, 'e'},
    {"a later word of its own wins", CLASS_incident, TIER_share,
     {{'o', ALL, TIER_share, false}, {'e', ALL, TIER_silent, false}}, TIER_share, false, 'o'},
    {"a later word on the earlier one narrows", CLASS_incident, TIER_share,
     {{'e', ALL, TIER_signpost, false}, {'o', ALL, TIER_share, false}}, TIER_signpost, false, 'e'},
    {"and does not widen", CLASS_incident, TIER_share,
     {{'e', ALL, TIER_share, false}, {'o', ALL, TIER_silent, false}}, TIER_silent, false, 'o'},
    {"two that say the same: the newer", CLASS_incident, TIER_share,
     {{'e', ALL, TIER_signpost, false}, {'o', ALL, TIER_signpost, false}}, TIER_signpost, false,
     'e'},
    {"the default, chosen for the update", CLASS_incident, TIER_share,
     {{'o', ALL, TIER_none, false}, {'e', ALL, TIER_silent, false}}, TIER_none, false, 'o'},
    {"what was taken back", CLASS_incident, TIER_share,
     {{'e', ALL, TIER_none, false}, {'e', ALL, TIER_silent, false}}, TIER_share, false, 0},
    {"the newest of what is inherited", CLASS_incident, TIER_signpost,
     {{'e', ALL, TIER_share, false}, {'e', CLASS_incident, TIER_silent, false}}, TIER_signpost,
     false, 0},
    {"of whichever message", CLASS_incident, TIER_share,
     {{'f', ALL, TIER_sanitise, false}, {'e', ALL, TIER_silent, false}}, TIER_sanitise, false, 'f'},
    {"held", CLASS_incident, TIER_share, {{'e', ALL, TIER_none, true}}, TIER_share, true, 'e'},
    {"its own stays held under silence", CLASS_incident, TIER_share,
     {{'e', ALL, TIER_silent, false}, {'o', ALL, TIER_none, true}}, TIER_none, true, 'o'},
    {"and under the default", CLASS_incident, TIER_share,
     {{'e', ALL, TIER_none, false}, {'o', ALL, TIER_none, true}}, TIER_none, true, 'o'},
    {"its own word ends what is held", CLASS_incident, TIER_share,
     {{'o', ALL, TIER_share, false}, {'e', ALL, TIER_none, true}}, TIER_share, false, 'o'},
    {"as does one on what was held", CLASS_incident, TIER_share,
     {{'e', ALL, TIER_none, false}, {'e', ALL, TIER_none, true}}, TIER_share, false, 0},
    {"a class after all", CLASS_incident, TIER_share,
     {{'e', CLASS_incident, TIER_silent, false}, {'o', ALL, TIER_share, false}}, TIER_silent, false,
     'e'},
    {"all after a class", CLASS_incident, TIER_share,
     {{'o', ALL, TIER_share, false}, {'e', CLASS_incident, TIER_silent, false}}, TIER_share, false,
     'o'},
};

static Id of_letter(char on) {
    return (Id){{(uint8_t)on}};
}

/* What is inherited is here as the hub is given it: of each other message and class. */
Test(choices, an_update_inherits_what_narrows_it) {
    Id own = of_letter('o');
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Choice at[COUNT_OF(cases[i].said)];
        Choices all = {at, 0};
        for (size_t k = 0; k < COUNT_OF(at) && cases[i].said[k].on; k++) {
            const Said *w = &cases[i].said[k];
            at[all.count++] = (Choice){STR("police"), own, of_letter(w->on), w->on != 'o',
                                       w->class, w->tier, w->held};
        }
        Will w = choice_will(&all, STR("police"), own, cases[i].class, cases[i].sent);
        char by = w.choice ? (char)w.choice->of.at[0] : 0;
        cr_expect(w.held == cases[i].held && by == cases[i].by, "%s", cases[i].what);
        cr_expect(w.tier == cases[i].tier, "%s: %d", cases[i].what, w.tier);
        cr_expect(choice_holds(&all, STR("police"), own, cases[i].class) == cases[i].held);
        cr_expect_null(choice_will(&all, STR("health"), own, cases[i].class, TIER_none).choice,
                       "another agency inherits nothing");
    }
}

/* The verdict of one rule that shows this much, or of none. */
static VerdictKind verdict(InfoClass class, Tier tier, Show show) {
    Rule rule = {.owner = STR("police"),
                 .class = class,
                 .recipient_kind = RECIPIENT_type,
                 .recipient = STR("education"),
                 .purpose = STR("school_support"),
                 .show = show,
                 .from = STR("2026-01-01"),
                 .until = STR("2026-12-31"),
                 .line = 1};
    Policy p = {.owner = STR("police"), .rules = &rule, .count = show != SHOW_none};
    Question q = {.owner = STR("police"),
                  .class = class,
                  .tier = tier,
                  .recipient = STR("school"),
                  .recipient_type = STR("education"),
                  .purpose = STR("school_support"),
                  .rating = RATING_green,
                  .today = STR("2026-11-29"),
                  .has_summary = true};
    return decide(&p, &q).kind;
}

Test(choices, the_stricter_of_two_tiers_shows_no_more_than_either) {
    static const InfoClass classes[] = {CLASS_incident, CLASS_intelligence};
    cr_assert(verdict(CLASS_intelligence, TIER_none, SHOW_full) == VERDICT_full, "the rule covers");
    for (size_t i = 0; i < COUNT_OF(classes) * 5 * 5 * (SHOW_fact + 1); i++) {
        InfoClass class = classes[i % COUNT_OF(classes)];
        Tier a = (Tier)(i / 2 % 5), b = (Tier)(i / 10 % 5);
        Show show = (Show)(i / 50);
        Tier both = tier_stricter(class, a, b);
        VerdictKind shown = verdict(class, both, show);
        cr_expect(shown <= verdict(class, a, show) && shown <= verdict(class, b, show),
                  "%s: %s and %s", class_name(class), tier_name(a), tier_name(b));
        cr_expect(both == tier_stricter(class, b, a));
    }
}
