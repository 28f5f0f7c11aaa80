/* Sharing: one recipient, one purpose, the frozen set of one decision. `preview` shows what would
 * leave and every cut; `share` does it again and commits only if it is byte for byte what was
 * previewed. Nothing here decides what may leave: broker/release does. */
#include "broker/hub/commands.h"
#include "broker/hub/forbidden.h"
#include "broker/hub/policies.h"
#include "broker/hub/show.h"
#include "schemas/envelope.h"

/* Everything that a preview and a share have in common. */
typedef struct Draft {
    Id enquiry, decision, person, product;
    Str rating, today;
    AgencyEntry *agencies;
    size_t agency_count;
    const AgencyEntry *recipient;
    Str purpose;
    Item *items;
    size_t item_count;
    Policies policies;
    const Shareable *shareable;
    Cut *cuts;
    Hash digest;
} Draft;

static Rating rating_of(Str code) {
    if (str_is(code, "red")) return RATING_red;
    if (str_is(code, "amber")) return RATING_amber;
    return str_is(code, "green") ? RATING_green : RATING_none;
}

static int draft_arguments(Call *c, Draft *d) {
    Str recipient;
    int r = call_need_enquiry(c, &d->enquiry);
    if (r == 0) r = call_need(c, "recipient", &recipient);
    if (r == 0) r = call_need(c, "purpose", &d->purpose);
    if (r == 0) r = agencies_load(c->hub, c->arena, &d->agencies, &d->agency_count);
    if (r) return r;
    d->recipient = agency_find(d->agencies, d->agency_count, recipient);
    if (d->recipient && code_known(LIST_purpose, d->purpose)) return 0;
    call_say(c, "The %s is not known.", d->recipient ? "purpose" : "recipient");
    return REFUSE_argument_wrong;
}

/* Records the look, and keeps of the enquiry's items those that the decision froze. */
static int draft_items(Call *c, Draft *d) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    Str text = call_text(c, "decision");
    Id decision = {{0}};
    HubItem *all = NULL;
    size_t count = 0;
    if (text.len && !id_parse(text, &decision)) return REFUSE_argument_wrong;
    int r = STORE_CALL(c->hub->store, &rows,
                       "SELECT decision_id, person_id, rating, today, item_id "
                       "FROM door.hub_share_basis($1, $2, $3::uuid, $4, $5)",
                       p_text(call_staff(c)), p_id(d->enquiry),
                       text.len ? p_id(decision) : p_null(), p_text(d->recipient->code),
                       p_text(d->purpose));
    if (r == 0) r = items_open(c->hub, c->arena, d->enquiry, &all, &count);
    if (r) return r;
    if (rows_count(rows) == 0) return REFUSE_nothing_to_share;
    d->decision = row_id(rows, 0, 0);
    d->person = row_id(rows, 0, 1);
    d->rating = arena_str(c->arena, row_text(rows, 0, 2));
    d->today = arena_str(c->arena, row_text(rows, 0, 3));
    d->items = arena_array(c->arena, rows_count(rows), sizeof(*d->items));
    if (!d->items) return ERR_MEMORY;
    for (size_t i = 0; i < count; i++) {
        for (size_t row = 0; row < rows_count(rows); row++) {
            if (!id_eq(row_id(rows, row, 4), all[i].item.id)) continue;
            const AgencyEntry *owner = agency_find(d->agencies, d->agency_count, all[i].item.owner);
            if (!owner) return ERR_BROKEN; /* who could not be named in a signpost */
            Item *item = &d->items[d->item_count++];
            *item = all[i].item;
            item->owner_name = owner->name;
            item->owner_desk = owner->desk;
        }
    }
    return d->item_count == rows_count(rows) ? 0 : ERR_BROKEN;
}

static const char reason_unread[] =
    "Somebody whom its owner mentioned cannot be read: nothing of its owner's leaves.";

/* Whoever cannot be read cannot be searched for either: all that the agency that mentioned them
 * owns stays in, whatever its rules say (R25). */
static void draft_silence(Draft *d, const HubPerson *persons, size_t count) {
    for (size_t i = 0; i < d->item_count; i++) {
        if (persons_unread(persons, count, d->items[i].owner)) d->items[i].tier = TIER_silent;
    }
}

static void draft_reasons(Draft *d, const HubPerson *persons, size_t count) {
    for (size_t i = 0; i < d->item_count; i++) {
        bool unread = persons_unread(persons, count, d->items[i].owner);
        if (unread && d->cuts[i].kind == VERDICT_silent) d->cuts[i].reason = reason_unread;
    }
}

static int draft_redact(Call *c, Draft *d) {
    HubPerson *persons = NULL;
    Str *words = NULL;
    size_t count = 0, forbidden = 0;
    Subject subject = {0};
    int r = persons_open(c->hub, c->arena, d->enquiry, &persons, &count);
    if (r == 0) r = forbidden_words(c->arena, persons, count, &d->person, 1, &words, &forbidden);
    if (r) return r;
    if (!subject_choose(c->arena, persons, count, d->person, d->recipient->code, d->recipient->type,
                        &subject)) {
        return REFUSE_nothing_to_share; /* nobody's mention of the child can be read */
    }
    draft_silence(d, persons, count);
    Request request = {
        .product_id = d->product,
        .recipient = d->recipient->code,
        .recipient_name = d->recipient->name,
        .recipient_type = d->recipient->type,
        .purpose = d->purpose,
        .rating = rating_of(d->rating),
        .today = d->today,
        .subjects = &subject,
        .subject_count = 1,
        .forbidden = words,
        .forbidden_count = forbidden,
    };
    Redacted redacted;
    r = redact(c->arena, &request, d->items, d->item_count, d->policies.at, d->policies.count,
               &redacted);
    d->shareable = redacted.product;
    d->cuts = redacted.cuts;
    if (r == 0) draft_reasons(d, persons, count);
    if (r == 0 && !shareable_digest(d->shareable, &d->digest)) r = ERR_CRYPTO;
    return r;
}

static int draft_make(Call *c, Draft *d) {
    int r = draft_arguments(c, d);
    if (r == 0) r = draft_items(c, d);
    if (r == 0) {
        r = policies_load(c->hub, c->arena, d->agencies, d->agency_count, &d->policies);
    }
    return r ? r : draft_redact(c, d);
}

static const char *verdict_word(VerdictKind kind) {
    switch (kind) {
    case VERDICT_silent: return "silent";
    case VERDICT_signpost: return "signpost";
    case VERDICT_fact: return "fact";
    case VERDICT_summary: return "summary";
    case VERDICT_full: return "full";
    }
    return "silent";
}

static const Item *draft_item(const Draft *d, Id id) {
    for (size_t i = 0; i < d->item_count; i++) {
        if (id_eq(d->items[i].id, id)) return &d->items[i];
    }
    return NULL;
}

static int64_t rule_version(const Draft *d, const Rule *rule) {
    for (size_t i = 0; rule && i < d->policies.count; i++) {
        if (str_eq(d->policies.at[i].owner, rule->owner)) return d->policies.version[i];
    }
    return 0;
}

static json_t *cut_row(Call *c, const Draft *d, const Cut *cut) {
    const Item *item = draft_item(d, cut->item);
    json_t *row = json_object();
    json_object_set_new(row, "item", json_id(cut->item));
    json_object_set_new(row, "owner", json_str(item->owner));
    json_object_set_new(row, "class", json_string(class_name(item->class)));
    json_object_set_new(row, "verdict", json_string(verdict_word(cut->kind)));
    json_object_set_new(row, "reason", json_string(cut->reason));
    if (!cut->rule) return row;
    json_object_set_new(row, "rule", json_str(rule_print(c->arena, cut->rule)));
    json_object_set_new(row, "version", json_integer(rule_version(d, cut->rule)));
    return row;
}

static void cuts_show(Call *c, const Draft *d, const Cursor *k) {
    Slice s = slice_of(k, (Str){0}, d->item_count, SHARE_words);
    json_t *cuts = json_array();
    json_object_set_new(c->result, "cuts", cuts);
    while (s.shown < s.from) {
        if (!slice_put(&s, cuts, cut_row(c, d, &d->cuts[s.from - s.shown - 1]))) break;
    }
    slice_tell(c, "cuts", &s);
}

static void draft_show(Call *c, const Draft *d) {
    char hex[2 * HASH_LEN + 1];
    hex_encode(BYTES_OF(d->digest.at), hex);
    json_object_set_new(c->result, "product", json_id(d->product));
    json_object_set_new(c->result, "decision", json_id(d->decision));
    json_object_set_new(c->result, "digest", json_string(hex));
    json_object_set_new(c->result, "text", json_str(shareable_text(d->shareable)));
    json_object_set_new(c->result, "html", json_str(shareable_html(d->shareable)));
}

/* The text, and the cuts as far as there is room; a later page has nothing but more cuts. */
int cmd_preview(Call *c) {
    Draft d = {0};
    Cursor k;
    int r = cursor_take(c, &k);
    if (r == 0 && k.list.len && (k.agency.len || !str_is(k.list, "cuts"))) r = cursor_wrong(c);
    if (r == 0) r = id_random(&d.product);
    if (r == 0) r = draft_make(c, &d);
    if (r) return r;
    if (!k.list.len) draft_show(c, &d);
    cuts_show(c, &d, &k);
    if (k.list.len) return 0;
    call_say(c, "Nothing has left. To send exactly this: share with this product and digest.");
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
    SealFor purpose = {.realm = h->realm, .use = STR("letter"), .agency = str_z(key->owner),
                       .id = *letter_id};
    return letter_seal(a, &key->public, purpose, plain, ret);
}

/* Both versions, sealed each under a key of its own. */
static int draft_seal(Call *c, const Draft *d, VaultThing things[2]) {
    Arena *a = c->arena;
    Value *shared = value_map(a), *full = value_map(a);
    value_set_text(a, shared, F_product_content_text, shareable_text(d->shareable));
    value_set_text(a, shared, F_product_content_html, shareable_html(d->shareable));
    for (size_t i = 0; i < d->item_count; i++) {
        const Item *item = &d->items[i];
        Value *row = value_add_map(a, full, F_product_content_item);
        value_set_id(a, row, F_full_item_item_id, &item->id);
        value_set_text(a, row, F_full_item_owner, item->owner);
        value_set_text(a, row, F_full_item_class, str_z(class_name(item->class)));
        value_set_text(a, row, F_full_item_text, item->text);
        value_set_text(a, row, F_full_item_summary, item->summary);
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

typedef struct CutColumns {
    Id *item;
    Str *verdict, *reason;
    int64_t *version, *line;
} CutColumns;

static int cut_columns(Arena *a, const Draft *d, CutColumns *ret) {
    size_t n = d->item_count;
    *ret = (CutColumns){arena_array(a, n, sizeof(Id)), arena_array(a, n, sizeof(Str)),
                        arena_array(a, n, sizeof(Str)), arena_array(a, n, sizeof(int64_t)),
                        arena_array(a, n, sizeof(int64_t))};
    if (arena_failed(a)) return ERR_MEMORY;
    for (size_t i = 0; i < n; i++) {
        const Cut *cut = &d->cuts[i];
        ret->item[i] = cut->item;
        ret->verdict[i] = str_z(verdict_word(cut->kind));
        ret->reason[i] = str_z(cut->reason);
        ret->version[i] = rule_version(d, cut->rule);
        ret->line[i] = cut->rule ? (int64_t)cut->rule->line : 0;
    }
    return 0;
}

static int draft_commit(Call *c, const Draft *d, Str gateway) {
    VaultThing things[2];
    CutColumns cuts;
    const Sealed *letter = NULL;
    Id letter_id;
    Arena *a = c->arena;
    int r = draft_seal(c, d, things);
    if (r == 0) r = id_random(&letter_id);
    if (r == 0) r = letter_put(c->hub, a, d->shareable, &letter_id, &letter);
    if (r == 0) r = cut_columns(a, d, &cuts);
    if (r) return r;
    return STORE_CALL(
        c->hub->store, NULL,
        "SELECT door.hub_share($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, "
        "$16, "
        "$17, $18, $19)",
        p_text(call_staff(c)), p_id(d->product), p_id(d->enquiry), p_id(d->decision),
        p_text(d->recipient->code), p_text(d->purpose), p_text(gateway),
        p_bytes(BYTES_OF(d->digest.at)), p_bytes(BYTES_OF(d->policies.digest.at)),
        p_bytes(sealed_bytes(things[0].sealed)), p_id(things[1].id),
        p_bytes(sealed_bytes(things[1].sealed)), p_id(letter_id), p_bytes(sealed_bytes(letter)),
        p_id_list(a, cuts.item, d->item_count), p_text_list(a, cuts.verdict, d->item_count),
        p_number_list(a, cuts.version, d->item_count), p_number_list(a, cuts.line, d->item_count),
        p_text_list(a, cuts.reason, d->item_count));
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
