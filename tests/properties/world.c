/* See world.h. Worlds are small and nasty: few classes, so that rules meet items; empty, foreign
 * and forbidden words; every flag. */
#include "tests/properties/world.h"

#include "broker/base/seal.h"

size_t dice(Dice *d, size_t below) {
    uint64_t z = d->state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (size_t)((z ^ (z >> 31)) % below);
}

static const struct {
    Str code, name, desk;
} owners[OWNERS + 1] = {
    {{"police", 6}, {"Eastmarch Police", 16}, {"desk one", 8}},
    {{"health", 6}, {"Eastmarch Hospital", 18}, {"", 0}},
    {{"social-care", 11}, {"Eastmarch Council", 17}, {"desk three", 10}},
    {{"stranger", 8}, {"No Policy Here", 14}, {"desk four", 9}},
    {{"education", 9}, {"Garnet Primary", 14}, {"the office", 10}}, /* the recipient */
};

static const InfoClass classes[] = {CLASS_incident,     CLASS_risk_factor,  CLASS_concern,
                                    CLASS_offence,      CLASS_health,       CLASS_housing,
                                    CLASS_intelligence, CLASS_sexual_health};

/* ---- words ----------------------------------------------------------------------------------- */

static Str canary(Arena *a, World *w) {
    unsigned n = w->words++;
    char tail[8];
    for (size_t i = 0; i < 7; i++, n /= 20) tail[i] = "bcdfghjklmnpqrstvwxz"[n % 20];
    return arena_printf(a, CANARY "%.7s", tail);
}

/* A few words, now and then none, an awkward one, or a name that may not be told. */
static Str text_new(Arena *a, Dice *d, World *w) {
    static const char *const awkward[] = {"<b>&amp;\"'",
                                          "\xe2\x80\xae"
                                          "x",
                                          "\x1b[2J",
                                          "a\nb",
                                          "{\"x\":1}",
                                          "MSH|^~\\&|",
                                          "e\xcc\x81",
                                          "\r\n"};
    if (dice(d, 12) == 0) return dice(d, 2) ? STR(" \n") : (Str){0};
    Str text = canary(a, w);
    if (dice(d, 4) == 0) {
        text = arena_printf(a, "%.*s %s", STR_ARG(text), awkward[dice(d, COUNT_OF(awkward))]);
    }
    if (dice(d, 8) == 0) {
        text = arena_printf(a, "%.*s %.*s", STR_ARG(text), STR_ARG(w->names[dice(d, NAMES)].text));
    }
    return text;
}

void world_rename(Arena *a, World *w, Str but) {
    for (size_t i = 0; i < NAMES; i++) {
        if (str_eq(owners[w->teller[i]].code, but)) continue;
        w->names[i] = (NetWord){.text = canary(a, w), .kind = NET_name, .hides = i + 2 < NAMES};
    }
}

/* ---- people ---------------------------------------------------------------------------------- */

/* Now and then not at all. */
static Str called_new(Dice *d) {
    static const char *const names[] = {"Leah Pryce-Jones", "LEAH PRYCE-JONES", "Lee Jones"};
    return dice(d, 3) ? str_z(names[dice(d, COUNT_OF(names))]) : (Str){0};
}

static void people_new(Dice *d, World *w) {
    for (size_t i = 0; i < NAMES; i++) w->teller[i] = dice(d, OWNERS);
    for (size_t i = 0; i <= OWNERS; i++) w->called[i] = called_new(d);
    w->called[dice(d, OWNERS)] = STR("Leah Pryce-Jones");
}

static size_t owner_at(Str code) {
    size_t i = 0;
    while (i < OWNERS && !str_eq(owners[i].code, code)) i++;
    return i;
}

bool world_mentions(const World *w, Str owner) {
    return w->called[owner_at(owner)].len > 0;
}

/* Somebody's name for the child; not one that stands in the owner's own words, which are then about
 * the child. */
static Str called_alike(Arena *a, Dice *d, const World *w, size_t owner) {
    Str name = w->names[dice(d, NAMES)].text;
    size_t at;
    for (size_t i = 0; i < w->count; i++) {
        const Item *item = &w->items[i];
        bool said = str_find(item->text, name, &at) || str_find(item->summary, name, &at);
        if (said && str_eq(item->owner, owners[owner].code)) return called_new(d);
    }
    return arena_printf(a, "Leah %.*s", STR_ARG(name));
}

/* Every owner that says nothing in `o` calls the child otherwise, when another says how. */
static void silent_call(Arena *a, Dice *d, World *w, const Redacted *r) {
    bool speaks[OWNERS + 1] = {0}, spoken = false;
    for (size_t i = 0; i < r->speaker_count; i++) {
        size_t at = owner_at(r->speakers[i]);
        speaks[at] = true;
        spoken = spoken || (at < OWNERS && w->called[at].len);
    }
    for (size_t i = 0; spoken && i < OWNERS; i++) {
        if (speaks[i]) continue;
        w->called[i] = dice(d, 2) ? called_alike(a, d, w, i) : called_new(d);
    }
}

static const Value *person_value(Arena *a, const char *role, Str given, Str family) {
    Value *v = value_map(a);
    value_add_text(a, v, F_person_role, str_z(role));
    Value *name = value_add_map(a, v, F_person_name);
    value_set_text(a, name, F_name_given, given);
    value_set_text(a, name, F_name_family, family);
    return v;
}

static const Id child = {{1}};

static Known people(Arena *a, const World *w) {
    Person *at = arena_array(a, NAMES + OWNERS + 1, sizeof(*at));
    Known known = {.at = at, .about = &child, .about_count = 1};
    for (size_t i = 0; at && i < NAMES; i++) {
        const char *role = w->names[i].hides ? "informant" : "other_adult";
        at[known.count++] = (Person){.person_id = {{2, (uint8_t)i}},
                                     .value = person_value(a, role, (Str){0}, w->names[i].text),
                                     .agency = owners[w->teller[i]].code};
    }
    for (size_t i = 0; at && i <= OWNERS; i++) {
        Str family = w->called[i], given;
        if (family.len == 0 || !str_split(&family, ' ', &given)) continue;
        at[known.count++] = (Person){.person_id = child,
                                     .subject = true,
                                     .value = person_value(a, "child", given, family),
                                     .agency = owners[i].code};
    }
    return known;
}

/* ---- items and rules ---------------------------------------------------------------------------
 */

static Item item_of(size_t owner) {
    return (Item){.owner = owners[owner].code,
                  .owner_name = owners[owner].name,
                  .owner_desk = owners[owner].desk};
}

static Item item_new(Arena *a, Dice *d, World *w) {
    Item item = item_of(dice(d, dice(d, 8) ? OWNERS : OWNERS + 1));
    Str id = canary(a, w);
    memcpy(item.id.at, id.at, id.len < sizeof(item.id.at) ? id.len : sizeof(item.id.at));
    item.class = classes[dice(d, COUNT_OF(classes))];
    item.tier = dice(d, 3) ? TIER_none : (Tier)dice(d, TIER_silent + 1);
    item.free_text = dice(d, 3) == 0;
    item.replaced = dice(d, 16) == 0;
    item.corrected = dice(d, 16) == 0;
    item.text = text_new(a, d, w);
    item.summary = dice(d, 3) ? text_new(a, d, w) : (Str){0};
    return item;
}

static Rule rule_new(Dice *d, Str owner) {
    Rule r = {.owner = owner, .never = dice(d, 6) == 0, .signpost = dice(d, 3) == 0};
    r.class = classes[dice(d, COUNT_OF(classes))];
    r.recipient_kind = (RecipientKind)(r.never ? dice(d, 3) : 1 + dice(d, 2));
    if (r.recipient_kind == RECIPIENT_type) r.recipient = STR("school");
    if (r.recipient_kind == RECIPIENT_agency) {
        r.recipient = dice(d, 4) ? STR("education") : STR("health");
    }
    bool other = dice(d, 8) == 0;
    r.purpose = other ? STR("school_support") : STR("safeguarding_assessment");
    r.from = dice(d, 10) ? STR("2026-09-01") : STR("2026-12-01");
    if (r.never) return r;
    r.until = dice(d, 10) ? STR("2027-08-31") : STR("2026-12-01");
    r.least = dice(d, 2) ? RATING_none : (Rating)dice(d, 4);
    r.show = (Show)(1 + dice(d, 3));
    r.owner_authorises = dice(d, 4) == 0;
    return r;
}

World world_new(Arena *a, Dice *d) {
    World w = {.count = ITEMS_FIRST, .granted = dice(d, 2)};
    people_new(d, &w);
    world_rename(a, &w, (Str){0});
    w.subject = (Subject){.name = STR("Leah Pryce-Jones"),
                          .birth_date = STR("2016-04-02"),
                          .identifier_scheme = STR("upn"),
                          .identifier = STR("T123456789012")};
    w.request = (Request){.recipient = owners[OWNERS].code,
                          .recipient_name = owners[OWNERS].name,
                          .recipient_type = STR("school"),
                          .purpose = STR("safeguarding_assessment"),
                          .rating = (Rating)dice(d, 4),
                          .today = STR("2026-11-22")};
    for (size_t i = 0; i < sizeof(w.request.product_id.at); i++) {
        w.request.product_id.at[i] = (uint8_t)dice(d, 256);
    }
    for (size_t o = 0; o + 1 < OWNERS; o++) {
        w.policies[o] = (Policy){.owner = owners[o].code, .count = RULES};
        for (size_t i = 0; i < RULES; i++) w.rules[o][i] = rule_new(d, owners[o].code);
    }
    for (size_t i = 0; i < w.count; i++) w.items[i] = item_new(a, d, &w);
    return w;
}

/* ---- pairs -------------------------------------------------------------------------------------
 */

static bool released(const Cut *c) {
    return c->kind > VERDICT_signpost;
}

/* Its owner has a signpost because of one of the items before `i`, or of one that is released. */
static bool signposted(const World *w, const Redacted *r, size_t i) {
    for (size_t k = 0; k < w->count; k++) {
        if (!str_eq(w->items[k].owner, w->items[i].owner)) continue;
        bool beside = released(&r->cuts[k]) && r->cuts[k].rule && r->cuts[k].rule->signpost;
        if (beside || (k < i && r->cuts[k].kind == VERDICT_signpost)) return true;
    }
    return false;
}

/* The same text with everybody's new name. */
static Str renamed(Arena *a, const World *was, const World *is, Str text) {
    for (size_t i = 0; i < NAMES; i++) {
        size_t at;
        Str old = was->names[i].text, new = is->names[i].text;
        if (!str_find(text, old, &at)) continue;
        return arena_printf(a, "%.*s%.*s%.*s", (int)at, text.at, STR_ARG(new),
                            (int)(text.len - at - old.len), text.at + at + old.len);
    }
    return text;
}

/* What is shown of it stays, all else may be anything: but that there is a summary, which a rule
 * may show; a fuller form that only its words kept in (which an owner's word may have asked for);
 * and that what its owner wrote for outside hides nobody. */
static Item shown_again(Arena *a, Dice *d, World *w, Item item, const Cut *cut) {
    Item other = item_new(a, d, w);
    VerdictKind kind = cut->kind;
    bool fell = w->granted || !str_starts(str_z(cut->reason), STR("A rule of the owner allows"));
    bool summary = str_trim(item.summary).len > 0;
    item.id = other.id;
    if (kind != VERDICT_full && !fell) item.text = summary ? other.text : canary(a, w);
    bool hidden = kind == VERDICT_full || (kind == VERDICT_fact && !fell);
    if (hidden && summary) item.summary = canary(a, w);
    return item;
}

static void shuffle(Dice *d, Item *items, size_t count) {
    for (size_t i = count; i > 1; i--) {
        size_t k = dice(d, i);
        Item held = items[i - 1];
        items[i - 1] = items[k], items[k] = held;
    }
}

/* Something that says nothing outside, whatever the rules. */
static Item silent_new(Arena *a, Dice *d, World *w) {
    Item item = item_new(a, d, w);
    switch (dice(d, 4)) {
    case 0: item.replaced = true; break;
    case 1: item.corrected = true; break;
    case 2: item.owner = owners[OWNERS].code; break;
    default: item.tier = TIER_silent; break;
    }
    if (!str_eq(item.owner, owners[OWNERS].code)) return item;
    item.owner_name = owners[OWNERS].name;
    item.owner_desk = owners[OWNERS].desk;
    return item;
}

World world_other(Arena *a, Dice *d, const World *w, const Outbound *o) {
    World other = *w;
    other.count = 0;
    world_rename(a, &other, (Str){0});
    silent_call(a, d, &other, &o->redacted);
    for (size_t i = 0; i < w->count; i++) {
        const Cut *cut = &o->redacted.cuts[i];
        Item item = w->items[i];
        item.text = renamed(a, w, &other, item.text);
        item.summary = renamed(a, w, &other, item.summary);
        if (released(cut)) {
            other.items[other.count++] = shown_again(a, d, &other, item, cut);
        } else if (cut->kind == VERDICT_signpost && !signposted(w, &o->redacted, i)) {
            item.tier = TIER_signpost;
            item.text = text_new(a, d, &other);
            item.summary = text_new(a, d, &other);
            other.items[other.count++] = item;
        }
    }
    for (size_t n = dice(d, ITEMS_FIRST); n; n--) {
        other.items[other.count++] = silent_new(a, d, &other);
    }
    shuffle(d, other.items, other.count);
    return other;
}

World world_with_silent(Arena *a, Dice *d, const World *w, const Outbound *o) {
    World other = *w;
    silent_call(a, d, &other, &o->redacted);
    other.items[other.count++] = silent_new(a, d, &other);
    shuffle(d, other.items, other.count);
    return other;
}

World world_others(Arena *a, Dice *d, const World *w, Str owner) {
    World other = *w;
    for (size_t o = 0; o + 1 < OWNERS; o++) {
        if (str_eq(owners[o].code, owner)) continue;
        for (size_t i = 0; i < RULES; i++) other.rules[o][i] = rule_new(d, owners[o].code);
    }
    for (size_t i = 0; i <= OWNERS; i++) {
        Str called = i == owner_at(owner) ? (Str){0} : called_new(d);
        if (called.len) other.called[i] = called; /* somebody has mentioned the child */
    }
    world_rename(a, &other, owner);
    other.count = 0;
    for (size_t i = 0; i < w->count; i++) {
        if (str_eq(w->items[i].owner, owner)) other.items[other.count++] = w->items[i];
    }
    for (size_t n = dice(d, ITEMS_FIRST); n; n--) {
        Item item = item_new(a, d, &other);
        if (!str_eq(item.owner, owner)) other.items[other.count++] = item;
    }
    shuffle(d, other.items, other.count);
    return other;
}

/* One of its owner's rules about this item, where there is one. */
static Rule *rule_about(Dice *d, World *w, const Item *item) {
    size_t owner = owner_at(item->owner), first = dice(d, RULES);
    if (owner + 1 >= OWNERS) owner = dice(d, OWNERS - 1);
    for (size_t i = 0; i < RULES; i++) {
        Rule *r = &w->rules[owner][(first + i) % RULES];
        if (r->class == item->class && !r->never) return r;
    }
    return &w->rules[owner][first];
}

/* A narrower rule: whatever it lets out, it let out before. */
static const char *rule_narrow(Dice *d, Rule *r) {
    if (r->never || dice(d, 4) == 0) {
        Str owner = r->owner, purpose = r->purpose;
        *r = (Rule){.owner = owner,
                    .never = true,
                    .class = r->class,
                    .purpose = purpose,
                    .recipient_kind = r->never ? r->recipient_kind : RECIPIENT_type,
                    .recipient = r->never ? r->recipient : STR("school"),
                    .signpost = r->never && r->signpost && dice(d, 2)};
        return "a never-rule in its place";
    }
    switch (dice(d, 6)) {
    case 0: r->until = r->from = STR("2020-01-01"); return "an allow-rule run out";
    case 1: r->least = RATING_red; return "a higher rating";
    case 2: r->owner_authorises = true; return "the owner's word asked";
    default: break;
    }
    if (r->show != SHOW_fact) r->show = (Show)(r->show + 1);
    return "less to show";
}

World world_stricter(Dice *d, const World *w, const char **ret_what) {
    World other = *w;
    other.granted = false;
    Item *item = &other.items[dice(d, other.count)];
    if (dice(d, 4) == 0) {
        if (item->tier != TIER_silent) item->tier = (Tier)(item->tier + 1);
        *ret_what = "a stricter tier";
        return other;
    }
    *ret_what = rule_narrow(d, rule_about(d, &other, item));
    return other;
}

World world_released(const World *w, const Outbound *o) {
    World other = *w;
    other.count = 0;
    for (size_t i = 0; i < w->count; i++) {
        const Cut *cut = &o->redacted.cuts[i];
        Item item = w->items[i];
        bool fell = cut->kept == KEPT_words; /* with no words, another rule might decide */
        if (cut->kind != VERDICT_full && !fell) item.text = (Str){0};
        if (cut->kind == VERDICT_fact && !fell) item.summary = (Str){0};
        if (cut->kind == VERDICT_signpost) item.tier = TIER_signpost;
        if (cut->kind != VERDICT_silent) other.items[other.count++] = item;
    }
    return other;
}

/* ---- what leaves --------------------------------------------------------------------------------
 */

static int run(Arena *a, World *w, Redacted *ret) {
    Known known = people(a, w);
    return redact_about(a, &w->request, &known, w->items, w->count, w->policies, OWNERS - 1, ret);
}

static int run_granted(Arena *a, World *w, Redacted *ret) {
    if (w->granted) w->request.grant_count = 0;
    int r = run(a, w, ret);
    Grant *grants = arena_array(a, ret->wanted_count, sizeof(*grants));
    if (!w->granted || !grants || r < 0 || ret->wanted_count == 0) return r;
    for (size_t i = 0; i < ret->wanted_count; i++) {
        grants[i] = (Grant){ret->wanted[i].owner, ret->wanted[i].digest};
    }
    w->request.grants = grants;
    w->request.grant_count = ret->wanted_count;
    return run(a, w, ret);
}

Outbound outbound(Arena *a, const Shareable *s) {
    static const Id letter_id = {{9, 9, 9}};
    Outbound o = {0};
    StructKind kind;
    Bytes bytes = {0};
    const Value *v = shareable_value(s, &kind);
    if (codec_encode(a, v, &bytes) != 0) o.outcome = ERR_MEMORY;
    o.form[0] = bytes_str(bytes);
    o.form[1] = codec_json(a, kind, v);
    o.form[2] = shareable_text(s);
    o.form[3] = shareable_html(s);
    o.form[4] = shareable_fhir(a, s);
    Value *letter = shareable_letter(a, s, &letter_id, STR("demonstration"));
    if (!letter || codec_encode(a, letter, &o.letter) != 0) o.outcome = ERR_MEMORY;
    if (!shareable_digest(s, &o.digest)) o.outcome = ERR_CRYPTO;
    return o;
}

Outbound world_out(Arena *a, World *w) {
    Redacted redacted = {0};
    for (size_t i = 0; i + 1 < OWNERS; i++) w->policies[i].rules = w->rules[i];
    int r = run_granted(a, w, &redacted);
    Outbound o = r ? (Outbound){.outcome = r} : outbound(a, redacted.product);
    o.redacted = redacted;
    return o;
}

size_t sealed_length(Arena *a, const Outbound *o) {
    static const SealFor purpose = {
        .realm = {"demonstration", 13}, .use = {"letter", 6}, .agency = {"education", 9}};
    const Sealed *sealed = NULL;
    KeyPair pair;
    if (x25519_pair(&pair) != 0) return 0;
    if (letter_seal(a, &pair.public, purpose, o->letter, &sealed) != 0) return 0;
    return sealed_bytes(sealed).len;
}
