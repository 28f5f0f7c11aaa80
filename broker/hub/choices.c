/* See choices.h. The same in SQL, for registers and clocks: sql/functions/16_choice.sql. */
#include "broker/hub/choices.h"

#include "schemas/leaf.h"

bool choice_read(Arena *a, const Origin *of, Str leaf, Choice *ret) {
    Choice c = {.of = {arena_str(a, of->owner), of->message, arena_str(a, of->ties)}};
    Str class = leaf_word(leaf, "class"), tier = leaf_word(leaf, "tier");
    bool about = leaf_says(leaf, "act", STR("choice")) && leaf_says(leaf, "agency", of->owner) &&
                 leaf_says_id(leaf, "of", of->message);
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

static bool same_message(const Origin *a, const Origin *b) {
    return id_eq(a->message, b->message) && str_eq(a->owner, b->owner);
}

void choices_link(Choices *c) {
    for (size_t i = 0; i < c->count; i++) {
        size_t newer = i;
        while (newer > 0 && !same_message(&c->at[newer - 1].of, &c->at[i].of)) newer--;
        c->at[i].newer = newer > 0 ? &c->at[newer - 1] : NULL;
    }
}

/* A class that is silent by itself, and of which nothing was chosen, shows more than `sanitise`
 * where a rule allows it and less where none does: both together are silence. */
Tier tier_stricter(InfoClass class, Tier a, Tier b) {
    Tier most = a > b ? a : b;
    bool chosen = a != TIER_none && b != TIER_none;
    if (a == b || chosen || class_default_tier(class) != TIER_silent) return most;
    return most == TIER_share ? TIER_none : TIER_silent;
}

static bool speaks_of(const Choice *k, InfoClass class) {
    return k->class == CLASS_none || k->class == class;
}

/* The newest on its message that speaks of this class. */
static bool counts(const Choice *k, InfoClass class) {
    if (!speaks_of(k, class)) return false;
    for (const Choice *n = k->newer; n; n = n->newer) {
        if (speaks_of(n, class)) return false;
    }
    return true;
}

static bool akin(const Origin *a, const Origin *b) {
    Str ties = a->ties, tie, other;
    if (!str_eq(a->owner, b->owner)) return false;
    while (str_split(&ties, '+', &tie)) {
        Str others = b->ties;
        while (str_split(&others, '+', &other)) {
            if (str_eq(tie, other)) return true;
        }
    }
    return false;
}

/* Both wills at once: the newer is said to be whose it is, where it is as strict. */
static Will both_wills(InfoClass class, Will newer, Will older) {
    Tier both = tier_stricter(class, newer.tier, older.tier);
    bool newer_says = newer.choice && both == newer.tier && !older.held;
    if (newer.held || newer_says) return (Will){both, newer.held, newer.choice};
    if (older.held || both == older.tier) return (Will){both, older.held, older.choice};
    return (Will){.tier = both};
}

Will choice_will(const Choices *c, const Origin *of, InfoClass class, Tier sent) {
    Will inherited = {0}, own = {.tier = sent};
    bool any = false;
    for (size_t i = 0; i < c->count && !own.choice; i++) {
        const Choice *k = &c->at[i];
        Will one = {k->tier, k->held, k};
        if (!counts(k, class)) continue;
        if (same_message(&k->of, of)) {
            own = one;
        } else if (akin(&k->of, of)) {
            inherited = any ? both_wills(class, inherited, one) : one;
            any = true;
        }
    }
    return any ? both_wills(class, inherited, own) : own;
}

bool choice_holds(const Choices *c, const Origin *of, InfoClass class) {
    return choice_will(c, of, class, TIER_none).held;
}
