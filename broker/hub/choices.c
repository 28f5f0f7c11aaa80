/* See choices.h. The same in SQL, for registers and clocks: sql/functions/16_choice.sql. */
#include "broker/hub/choices.h"

#include "schemas/leaf.h"

bool choice_read(Arena *a, Str owner, Id message, Id of, Str leaf, Choice *ret) {
    Choice c = {.owner = arena_str(a, owner), .message = message, .of = of};
    Str class = leaf_word(leaf, "class"), tier = leaf_word(leaf, "tier");
    bool about = leaf_says(leaf, "act", STR("choice")) && leaf_says(leaf, "agency", owner) &&
                 leaf_says_id(leaf, "of", of);
    c.inherited = !id_eq(message, of);
    c.class = class_by_name(class);
    c.tier = tier_by_name(tier);
    c.held = leaf_says(leaf, "held", STR("yes"));
    bool known =
        (class.len == 0 || c.class != CLASS_none) && (tier.len == 0 || c.tier != TIER_none);
    if (!about || !known) {
        c.class = CLASS_none;
        c.tier = TIER_silent;
        c.held = false;
    }
    *ret = c;
    return about && known;
}

/* A class that is silent by itself, and of which nothing was chosen, shows more than `sanitise`
 * where a rule allows it and less where none does: both together are silence. */
Tier tier_stricter(InfoClass class, Tier a, Tier b) {
    Tier most = a > b ? a : b;
    bool chosen = a != TIER_none && b != TIER_none;
    if (a == b || chosen || class_default_tier(class) != TIER_silent) return most;
    return most == TIER_share ? TIER_none : TIER_silent;
}

static bool concerns(const Choice *k, Str owner, Id message, InfoClass class) {
    return id_eq(k->message, message) && str_eq(k->owner, owner) &&
           (k->class == CLASS_none || k->class == class);
}

Will choice_will(const Choices *c, Str owner, Id message, InfoClass class, Tier sent) {
    const Choice *own = NULL, *inherited = NULL;
    for (size_t i = 0; i < c->count && !own; i++) {
        const Choice *k = &c->at[i];
        if (!concerns(k, owner, message, class)) continue;
        if (!k->inherited) {
            own = k;
        } else if (!inherited) {
            inherited = k;
        }
    }
    Will w = {own ? own->tier : sent, own && own->held, own};
    if (!inherited || (w.held && !inherited->held)) return w;
    Tier both = tier_stricter(class, w.tier, inherited->tier);
    if (inherited->held || both == inherited->tier) return (Will){both, inherited->held, inherited};
    return both == w.tier ? w : (Will){.tier = both};
}

bool choice_holds(const Choices *c, Str owner, Id message, InfoClass class) {
    return choice_will(c, owner, message, class, TIER_none).held;
}
