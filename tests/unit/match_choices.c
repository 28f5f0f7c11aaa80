/* Which of an owner's choices counts, and that what is not understood is silence. */
#include "broker/hub/choices.h"

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
        cr_expect(choice_read(a, STR("police"), message, str_z(leaves[i].leaf), &c) ==
                      leaves[i].sound,
                  "%s", leaves[i].what);
        cr_expect(c.class == leaves[i].class && c.tier == leaves[i].tier, "%s", leaves[i].what);
        cr_expect(c.held == leaves[i].held, "%s", leaves[i].what);
        cr_expect(id_eq(c.message, message) && str_is(c.owner, "police"), "%s", leaves[i].what);
    }
}

Test(choices, the_newest_of_the_class_or_of_all_counts) {
    Choice at[] = {
        {STR("police"), another, CLASS_incident, TIER_share, false},
        {STR("health"), message, CLASS_incident, TIER_share, false},
        {STR("police"), message, CLASS_incident, TIER_signpost, false},
        {STR("police"), message, CLASS_none, TIER_none, true},
        {STR("police"), message, CLASS_offence, TIER_share, false},
    };
    Choices all = {at, COUNT_OF(at)};
    cr_expect(choice_of(&all, STR("police"), message, CLASS_incident) == &at[2]);
    cr_expect(choice_of(&all, STR("police"), message, CLASS_offence) == &at[3],
              "a newer word on all takes the place of an older one on a class");
    cr_expect(choice_of(&all, STR("police"), message, CLASS_concern) == &at[3]);
    cr_expect_null(choice_of(&all, STR("police"), another, CLASS_concern));
    cr_expect_null(choice_of(&all, STR("education"), message, CLASS_incident));
    cr_expect(choice_holds(&all, STR("police"), message, CLASS_offence));
    cr_expect_not(choice_holds(&all, STR("police"), message, CLASS_incident));
}
