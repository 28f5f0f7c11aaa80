/* See choices.h. */
#include "broker/hub/choices.h"

#include "schemas/leaf.h"

bool choice_read(Arena *a, Str owner, Id message, Str leaf, Choice *ret) {
    Choice c = {.owner = arena_str(a, owner), .message = message};
    Str class = leaf_word(leaf, "class"), tier = leaf_word(leaf, "tier");
    bool about = leaf_says(leaf, "act", STR("choice")) && leaf_says(leaf, "agency", owner) &&
                 leaf_says_id(leaf, "of", message);
    c.class = class_by_name(class);
    c.tier = tier_by_name(tier);
    c.held = leaf_says(leaf, "held", STR("yes"));
    bool known =
        (class.len == 0 || c.class != CLASS_none) && (tier.len == 0 || c.tier != TIER_none);
    *ret = c;
    if (about && known) return true;
    *ret = (Choice){.owner = c.owner, .message = message, .tier = TIER_silent};
    return false;
}

const Choice *choice_of(const Choices *c, Str owner, Id message, InfoClass class) {
    for (size_t i = 0; i < c->count; i++) {
        const Choice *k = &c->at[i];
        if (!id_eq(k->message, message) || !str_eq(k->owner, owner)) continue;
        if (k->class == CLASS_none || k->class == class) return k;
    }
    return NULL;
}

bool choice_holds(const Choices *c, Str owner, Id message, InfoClass class) {
    const Choice *k = choice_of(c, owner, message, class);
    return k && k->held;
}
