/* Sharing: one recipient, one purpose, the frozen set of one decision. `preview` shows what would
 * leave and every cut; `share` does it again and commits only if it is byte for byte what was
 * previewed. Nothing here decides what may leave: broker/release does. */
#include "broker/hub/draft.h"
#include "broker/hub/show.h"
#include "schemas/envelope.h"

/* What was cut out of a text that leaves: how often, and of which kinds. */
static json_t *cut_removed(const Cut *cut) {
    json_t *removed = json_object();
    for (size_t i = 0; i < cut->span_count; i++) {
        const char *kind = net_kind(cut->spans[i].kind);
        json_int_t before = json_integer_value(json_object_get(removed, kind));
        json_object_set_new(removed, kind, json_integer(before + 1));
    }
    return removed;
}

static json_t *cut_warnings(const Cut *cut) {
    json_t *warnings = json_array();
    for (size_t i = 0; i < cut->warning_count; i++) {
        const Warning *w = &cut->warnings[i];
        json_t *row = json_object();
        json_object_set_new(row, "sentence", json_string(w->sentence));
        json_object_set_new(row, "words", json_str(w->words));
        json_array_append_new(warnings, row);
    }
    return warnings;
}

static json_t *cut_row(Call *c, const Draft *d, size_t i) {
    const Cut *cut = &d->cuts[i];
    const Item *item = &d->items[i];
    json_t *row = json_object();
    json_object_set_new(row, "item", json_id(cut->item));
    json_object_set_new(row, "owner", json_str(item->owner));
    if (!item->held) json_object_set_new(row, "class", json_string(class_name(item->class)));
    json_object_set_new(row, "verdict", json_string(verdict_name(cut->kind)));
    json_object_set_new(row, "reason", json_string(cut->reason));
    if (cut->span_count) json_object_set_new(row, "removed", cut_removed(cut));
    if (cut->warning_count) json_object_set_new(row, "warnings", cut_warnings(cut));
    if (!cut->rule) return row;
    json_object_set_new(row, "rule", json_str(rule_print(c->arena, cut->rule)));
    json_object_set_new(row, "version",
                        json_integer(policies_version(&d->policies, item->owner)));
    return row;
}

static void cuts_show(Call *c, const Draft *d, const Cursor *k) {
    Slice s = slice_of(k, (Str){0}, d->item_count, SHARE_words);
    json_t *cuts = json_array();
    json_object_set_new(c->result, "cuts", cuts);
    while (s.shown < s.from) {
        if (!slice_put(&s, cuts, cut_row(c, d, s.from - s.shown - 1))) break;
    }
    slice_tell(c, "cuts", &s);
}

static void draft_show(Call *c, const Draft *d) {
    char hex[2 * HASH_LEN + 1];
    hex_encode(BYTES_OF(d->digest.at), hex);
    json_object_set_new(c->result, "product", json_id(d->product));
    json_object_set_new(c->result, "decision", json_id(d->decision));
    json_object_set_new(c->result, "digest", json_string(hex));
    hex_encode(BYTES_OF(d->policies.digest.at), hex);
    json_object_set_new(c->result, "policy", json_string(hex));
    json_object_set_new(c->result, "text", json_str(shareable_text(d->shareable)));
    json_object_set_new(c->result, "html", json_str(shareable_html(d->shareable)));
}

/* Whose word would let more out, and exactly what: its own section as it would be with it. */
static int wanted_show(Call *c, const Draft *d) {
    json_t *list = json_array();
    json_object_set_new(c->result, "wanted", list);
    for (size_t i = 0; i < d->wanted_count; i++) {
        const Value *section = value_get(d->wanted[i].rendering, F_rendering_section);
        Str json = codec_json(c->arena, STRUCT_section, section);
        if (!json.at) return ERR_MEMORY;
        json_t *row = json_object();
        json_object_set_new(row, "owner", json_str(d->wanted[i].owner));
        json_object_set_new(row, "section", json_loadb(json.at, json.len, 0, NULL));
        json_array_append_new(list, row);
    }
    return 0;
}

/* The text, and the cuts as far as there is room; a later page has nothing but more cuts. */
int cmd_preview(Call *c) {
    Draft d = {0};
    Cursor k;
    int r = cursor_take(c, &k);
    if (r == 0 && k.list.len && (k.agency.len || !str_is(k.list, "cuts"))) r = cursor_wrong(c);
    if (r == 0) r = id_random(&d.product);
    if (r == 0) r = draft_make(c, &d);
    bool nothing = r == REFUSE_nothing_to_share && d.wanted_count > 0;
    if (r && !nothing) return r;
    if (!k.list.len && !nothing) draft_show(c, &d);
    r = k.list.len ? 0 : wanted_show(c, &d);
    cuts_show(c, &d, &k);
    if (r || k.list.len) return r;
    call_say(c, "Nothing has left. %s%s",
             nothing ? "Nothing may leave yet."
                     : "To send exactly this: share with this product and digest.",
             d.wanted_count ? " More could leave with an owner's word: authorise-ask." : "");
    return 0;
}

int letter_put(Hub *h, Arena *a, const Shareable *s, const Id *letter_id, const Sealed **ret) {
    const RegisteredKey *key = register_current(h->keys, KEY_letter, shareable_recipient(s));
    if (!key) return REFUSE_key_unknown;
    Bytes letter, plain;
    Signature signature;
    int r = codec_encode(a, shareable_letter(a, s, letter_id, h->realm), &letter);
    if (r == 0) r = head_sign(a, &h->letter_sign, STRUCT_letter, letter, &signature);
    if (r < 0) return r;
    uint8_t *at = arena_alloc(a, SIG_LEN + letter.len);
    if (!at) return ERR_MEMORY;
    memcpy(at, signature.at, SIG_LEN);
    memcpy(at + SIG_LEN, letter.at, letter.len);
    plain = bytes_of(at, SIG_LEN + letter.len);
    SealFor purpose = {
        .realm = h->realm, .use = STR("letter"), .agency = str_z(key->owner), .id = *letter_id};
    return letter_seal(a, &key->public, purpose, plain, ret);
}

/* Whom the recipient may ask afterwards: sealed, so that no edit adds anybody. */
static void signposts_keep(Arena *a, const Shareable *s, Value *shared) {
    StructKind kind;
    const Value *product = shareable_value(s, &kind);
    for (size_t i = 0; i < value_count(product, F_product_section); i++) {
        const Value *section = value_item(product, F_product_section, i);
        if (value_text(section, F_section_signpost).len == 0) continue;
        value_add_text(a, shared, F_product_content_signpost, value_text(section, F_section_owner));
    }
}

/* "name 12 5": where in the item's own words, text or summary as the verdict says, what was cut
 * out. */
static Str removed_text(Arena *a, const Cut *cut) {
    enum { LINE_MOST = 64 };
    size_t used = 0, most = LINE_MOST * cut->span_count;
    char *at = cut->span_count ? arena_alloc(a, most) : NULL;
    for (size_t i = 0; at && i < cut->span_count; i++) {
        const Span *s = &cut->spans[i];
        used += (size_t)snprintf(at + used, most - used, "%s %zu %zu\n", net_kind(s->kind), s->from,
                                 s->len);
    }
    return str_trim((Str){.at = at, .len = used});
}

static void full_item_add(Arena *a, Value *full, const Item *item, const Cut *cut) {
    Value *row = value_add_map(a, full, F_product_content_item);
    value_set_id(a, row, F_full_item_item_id, &item->id);
    value_set_text(a, row, F_full_item_owner, item->owner);
    if (!item->held) value_set_text(a, row, F_full_item_class, str_z(class_name(item->class)));
    value_set_text(a, row, F_full_item_text, item->text);
    value_set_text(a, row, F_full_item_summary, item->summary);
    value_set_text(a, row, F_full_item_removed, removed_text(a, cut));
}

/* Both versions, sealed each under a key of its own; the full one with every cut in it. */
static int draft_seal(Call *c, const Draft *d, VaultThing things[2]) {
    Arena *a = c->arena;
    Value *shared = value_map(a), *full = value_map(a);
    value_set_text(a, shared, F_product_content_text, shareable_text(d->shareable));
    value_set_text(a, shared, F_product_content_html, shareable_html(d->shareable));
    signposts_keep(a, d->shareable, shared);
    for (size_t i = 0; i < d->item_count; i++) {
        full_item_add(a, full, &d->items[i], &d->cuts[i]);
    }
    things[0] = (VaultThing){.id = d->product, .use = STR("product")};
    things[1] = (VaultThing){.use = STR("product_full")};
    int r = id_random(&things[1].id);
    if (r == 0) r = codec_encode(a, shared, &things[0].plain);
    if (r == 0) r = codec_encode(a, full, &things[1].plain);
    if (r == 0) r = vault_seal(c->hub, a, &things[0]);
    if (r == 0) r = vault_seal(c->hub, a, &things[1]);
    return r ? r : vault_put(c->hub, a, things, 2);
}

/* What the rules were told of it. */
static int64_t item_flags(const Item *item, const Cut *cut) {
    return (str_trim(item->summary).len > 0 ? ITEM_summary : 0) |
           (item->free_text ? ITEM_free_text : 0) | (cut->authorised ? ITEM_authorised : 0) |
           (item->owner_desk.len > 0 ? ITEM_desk : 0);
}

static int cut_columns(Arena *a, const Draft *d, Packed *ret) {
    size_t n = d->item_count;
    ret->tier = arena_array(a, n, sizeof(Str));
    ret->kept = arena_array(a, n, sizeof(Str));
    ret->flags = arena_array(a, n, sizeof(int64_t));
    ret->item = arena_array(a, n, sizeof(Id));
    ret->verdict = arena_array(a, n, sizeof(Str));
    ret->reason = arena_array(a, n, sizeof(Str));
    ret->version = arena_array(a, n, sizeof(int64_t));
    ret->line = arena_array(a, n, sizeof(int64_t));
    if (arena_failed(a)) return ERR_MEMORY;
    for (size_t i = 0; i < n; i++) {
        const Cut *cut = &d->cuts[i];
        const Item *item = &d->items[i];
        ret->item[i] = cut->item;
        ret->verdict[i] = str_z(verdict_name(cut->kind));
        ret->reason[i] = str_z(cut->reason);
        ret->version[i] = policies_version(&d->policies, item->owner);
        ret->line[i] = cut->rule ? (int64_t)cut->rule->line : 0;
        ret->tier[i] = str_z(item->tier == TIER_none ? "" : tier_name(item->tier));
        ret->flags[i] = item_flags(item, cut);
        ret->kept[i] = str_z(kept_name(cut->kept));
    }
    return 0;
}

int draft_pack(Call *c, const Draft *d, Packed *ret) {
    VaultThing things[2];
    int r = draft_seal(c, d, things);
    if (r == 0) r = id_random(&ret->letter_id);
    if (r == 0) r = letter_put(c->hub, c->arena, d->shareable, &ret->letter_id, &ret->letter);
    if (r) return r;
    ret->shared = things[0].sealed;
    ret->full = things[1].sealed;
    ret->full_id = things[1].id;
    return cut_columns(c->arena, d, ret);
}

static int draft_commit(Call *c, const Draft *d, Str gateway) {
    Arena *a = c->arena;
    Packed p;
    int r = draft_pack(c, d, &p);
    if (r) return r;
    return STORE_CALL(
        c->hub->store, NULL,
        "SELECT door.hub_share($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, "
        "$16, $17, $18, $19, $20, $21, $22, $23, $24)",
        p_text(call_staff(c)), p_id(d->product), p_id(d->enquiry), p_id(d->decision),
        p_text(d->recipient->code), p_text(d->purpose), p_text(gateway),
        p_bytes(BYTES_OF(d->digest.at)), p_bytes(BYTES_OF(d->policies.digest.at)),
        p_bytes(sealed_bytes(p.shared)), p_id(p.full_id),
        p_bytes(sealed_bytes(p.full)), p_id(p.letter_id), p_bytes(sealed_bytes(p.letter)),
        p_id_list(a, p.item, d->item_count), p_text_list(a, p.verdict, d->item_count),
        p_number_list(a, p.version, d->item_count), p_number_list(a, p.line, d->item_count),
        p_text_list(a, p.reason, d->item_count), p_text(d->rating), p_text(d->policies.day),
        p_text_list(a, p.tier, d->item_count), p_number_list(a, p.flags, d->item_count),
        p_text_list(a, p.kept, d->item_count));
}

int cmd_share(Call *c) {
    Draft d = {0};
    Str product, digest, gateway = call_text(c, "gateway");
    Hash expected;
    if (!code_known(LIST_gateway, gateway)) return REFUSE_gateway_missing;
    int r = call_need(c, "product", &product);
    if (r == 0) r = call_need(c, "digest", &digest);
    if (r) return r;
    if (!id_parse(product, &d.product) || !hex_decode(digest, expected.at, HASH_LEN)) {
        call_say(c, "product and digest are the ones that preview printed.");
        return REFUSE_argument_wrong;
    }
    r = draft_make(c, &d);
    if (r) return r;
    if (!hash_eq(&expected, &d.digest)) return REFUSE_product_changed;
    r = draft_commit(c, &d, gateway);
    if (r) return r;
    json_object_set_new(c->result, "product", json_id(d.product));
    call_say(c, "Released to %.*s: the sealed letter is with the courier.",
             STR_ARG(d.recipient->name));
    return 0;
}
