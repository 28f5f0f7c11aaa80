/* Which of an owner's choices counts, and that what is not understood is silence. */
#include "broker/hub/choices.h"
#include "broker/release/verdict.h"

#include <criterion/criterion.h>

static const Id message = {{1}}, another = {{2}};
static const Origin of_message = {{"police", 6}, {{1}}, {"t", 1}};
static const Origin of_another = {{"police", 6}, {{2}}, {"t", 1}};
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
        cr_expect(choice_read(a, &of_message, str_z(leaves[i].leaf), &c) == leaves[i].sound, "%s",
                  leaves[i].what);
        cr_expect(c.class == leaves[i].class && c.tier == leaves[i].tier, "%s", leaves[i].what);
        cr_expect(c.held == leaves[i].held, "%s", leaves[i].what);
        cr_expect(id_eq(c.of.message, message) && str_is(c.of.owner, "police"), "%s",
                  leaves[i].what);
        cr_expect(str_is(c.of.ties, "t"), "%s", leaves[i].what);
    }
}

Test(choices, a_leaf_of_another_message_is_silence_for_this_one) {
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 16);
    Str leaf = STR("act choice\nagency police\n" OF "tier signpost\nheld no\n");
    Choice c;
    cr_expect(choice_read(a, &of_message, leaf, &c));
    cr_expect_not(choice_read(a, &of_another, leaf, &c));
    cr_expect(c.tier == TIER_silent && c.class == CLASS_none);
    cr_expect(id_eq(c.of.message, another) && str_is(c.of.ties, "t"), "of what it was found for");
}

static Origin origin(const char *owner, Id of) {
    return (Origin){str_z(owner), of, STR("t")};
}

static const Choice *newest(const Choices *all, const char *owner, Id of, InfoClass class) {
    Origin o = origin(owner, of);
    o.ties = STR("alone");
    return choice_will(all, &o, class, TIER_none).choice;
}

Test(choices, the_newest_of_the_class_or_of_all_counts) {
    Choice at[] = {
        {origin("police", another), CLASS_incident, TIER_share, false, NULL},
        {origin("health", message), CLASS_incident, TIER_share, false, NULL},
        {origin("police", message), CLASS_incident, TIER_signpost, false, NULL},
        {origin("police", message), CLASS_none, TIER_none, true, NULL},
        {origin("police", message), CLASS_offence, TIER_share, false, NULL},
    };
    Choices all = {at, COUNT_OF(at)};
    choices_link(&all);
    cr_expect(newest(&all, "police", message, CLASS_incident) == &at[2]);
    cr_expect(newest(&all, "police", message, CLASS_offence) == &at[3],
              "a newer word on all takes the place of an older one on a class");
    cr_expect(newest(&all, "police", message, CLASS_concern) == &at[3]);
    cr_expect_null(newest(&all, "police", another, CLASS_concern));
    cr_expect_null(newest(&all, "education", message, CLASS_incident));
    cr_expect(choice_holds(&all, &of_message, CLASS_offence));
    cr_expect_not(choice_holds(&all, &of_message, CLASS_incident));
}

Test(choices, a_word_is_inherited_along_any_tie_and_by_no_other_agency) {
    static const struct {
        const char *owner, *ties;
        bool inherits;
    } at[] = {{"police", "r+t", true}, {"police", "t+r", true}, {"police", "t", true},
              {"police", "r", false},  {"police", "", false},   {"police", "tt", false},
              {"health", "t", false}};
    Choice word = {.of = {STR("police"), message, STR("s+t")}, .tier = TIER_silent};
    Choices all = {&word, 1};
    for (size_t i = 0; i < COUNT_OF(at); i++) {
        Origin of = {str_z(at[i].owner), another, str_z(at[i].ties)};
        Will w = choice_will(&all, &of, CLASS_incident, TIER_share);
        cr_expect((w.choice == &word) == at[i].inherits, "%s %s", at[i].owner, at[i].ties);
    }
}

/* What a word is on: the update that is asked about, or one of two others that are akin to it. */
typedef struct Word {
    char on; /* o: own, e and f: others; 0: no more words */
    InfoClass class;
    Tier tier;
    bool held;
} Word;
#define ALL CLASS_none

/* The same cases as tests/sql/choice.sql; words newest first. `by`: whose word sets the tier, 0
 * when none does. */
static const struct {
    const char *what;
    InfoClass class;
    Tier sent;
    Word said[2];
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
    {"of several messages the strictest", CLASS_incident, TIER_share,
     {{'f', ALL, TIER_sanitise, false}, {'e', ALL, TIER_silent, false}}, TIER_silent, false, 'e'},
    {"held", CLASS_incident, TIER_share, {{'e', ALL, TIER_none, true}}, TIER_share, true, 'e'},
    {"its own stays held under silence", CLASS_incident, TIER_share,
     {{'e', ALL, TIER_silent, false}, {'o', ALL, TIER_none, true}}, TIER_silent, true, 'o'},
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
    {"a later word on a third releases nothing", CLASS_incident, TIER_share,
     {{'f', ALL, TIER_share, false}, {'e', ALL, TIER_silent, false}}, TIER_silent, false, 'e'},
    {"nor ends what is held", CLASS_incident, TIER_share,
     {{'f', ALL, TIER_none, false}, {'e', ALL, TIER_none, true}}, TIER_share, true, 'e'},
    {"two that say the same of two: the newer", CLASS_incident, TIER_share,
     {{'f', ALL, TIER_signpost, false}, {'e', ALL, TIER_signpost, false}}, TIER_signpost, false,
     'f'},
    {"a summary of one, a class's silence of another", CLASS_intelligence, TIER_share,
     {{'f', ALL, TIER_sanitise, false}, {'e', ALL, TIER_none, false}}, TIER_silent, false, 0},
};

static Id of_letter(char on) {
    return (Id){{(uint8_t)on}};
}

Test(choices, an_update_inherits_what_narrows_it) {
    Origin own = origin("police", of_letter('o')), theirs = origin("health", of_letter('o'));
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Choice at[COUNT_OF(cases[i].said)];
        Choices all = {at, 0};
        for (size_t k = 0; k < COUNT_OF(at) && cases[i].said[k].on; k++) {
            const Word *w = &cases[i].said[k];
            at[all.count++] =
                (Choice){origin("police", of_letter(w->on)), w->class, w->tier, w->held, NULL};
        }
        choices_link(&all);
        Will w = choice_will(&all, &own, cases[i].class, cases[i].sent);
        char by = w.choice ? (char)w.choice->of.message.at[0] : 0;
        cr_expect(w.held == cases[i].held && by == cases[i].by, "%s", cases[i].what);
        cr_expect(w.tier == cases[i].tier, "%s: %d", cases[i].what, w.tier);
        cr_expect(choice_holds(&all, &own, cases[i].class) == cases[i].held);
        cr_expect_null(choice_will(&all, &theirs, cases[i].class, TIER_none).choice,
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
