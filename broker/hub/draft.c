/* See draft.h. */
#include "broker/hub/draft.h"

#include "broker/hub/grants.h"
#include "broker/release/rule.h"

static int say_purposes(Call *c) {
    CodeList list;
    const char *value, *doc;
    Str all = {0};
    for (size_t i = 0; code_at(i, &list, &value, &doc); i++) {
        if (list != LIST_purpose) continue;
        all = arena_printf(c->arena, "%.*s%s%s", STR_ARG(all), all.len ? ", " : "", value);
    }
    call_say(c, "\"purpose\" is none that there is. There are: %.*s.", STR_ARG(all));
    return REFUSE_argument_wrong;
}

static int say_agencies(Call *c, const Draft *d) {
    Str all = {0};
    for (size_t i = 0; i < d->agency_count && all.len < 800; i++) {
        all = arena_printf(c->arena, "%.*s%s%.*s", STR_ARG(all), i ? ", " : "",
                           STR_ARG(d->agencies[i].code));
    }
    call_say(c, "\"recipient\" is the code of no agency here. There are: %.*s%s.", STR_ARG(all),
             all.len < 800 ? "" : " ... (`agreements` lists all)");
    return REFUSE_argument_wrong;
}

int draft_begin(Call *c, Draft *d, Str purpose) {
    Str recipient;
    d->purpose = purpose;
    int r = call_need_enquiry(c, &d->enquiry);
    if (r == 0) r = call_need(c, "recipient", &recipient);
    if (r == 0) r = agencies_load(c->hub, c->arena, &d->agencies, &d->agency_count);
    if (r == 0) {
        r = policies_load(c->hub, c->arena, d->agencies, d->agency_count, &d->policies);
    }
    if (r == 0) r = policies_note(c, &d->policies);
    if (r) return r;
    d->recipient = agency_find(d->agencies, d->agency_count, recipient);
    if (d->recipient && code_known(LIST_purpose, d->purpose)) return 0;
    return d->recipient ? say_purposes(c) : say_agencies(c, d);
}

/* Records the look, and keeps of the enquiry's items those that the decision froze. */
static int draft_items(Call *c, Draft *d) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    Str text = call_text(c, "decision");
    Id decision = {{0}};
    if (text.len && !id_parse(text, &decision)) return REFUSE_argument_wrong;
    int r = STORE_CALL(c->hub->store, &rows,
                       "SELECT decision_id, person_id, rating, item_id "
                       "FROM door.hub_share_basis($1, $2, $3::uuid, $4, $5, $6)",
                       p_text(call_staff(c)), p_id(d->enquiry),
                       text.len ? p_id(decision) : p_null(), p_text(d->recipient->code),
                       p_text(d->purpose), p_bytes(BYTES_OF(d->policies.digest.at)));
    return r ? r : draft_take(c, d, rows);
}

int draft_take(Call *c, Draft *d, const Rows *rows) {
    HubItem *all = NULL;
    size_t count = 0;
    int r = items_open(c->hub, c->arena, d->enquiry, &all, &count);
    if (r) return r;
    if (rows_count(rows) == 0) return REFUSE_nothing_to_share;
    d->decision = row_id(rows, 0, 0);
    d->person = row_id(rows, 0, 1);
    d->rating = arena_str(c->arena, row_text(rows, 0, 2));
    d->items = arena_array(c->arena, count, sizeof(*d->items));
    const IdAt *frozen = rows_by_id(c->arena, rows, 3);
    if (!d->items || !frozen) return ERR_MEMORY;
    for (size_t i = 0, row; i < count; i++) {
        if (!ids_find(frozen, rows_count(rows), all[i].item.id, &row)) continue;
        const AgencyEntry *owner = agency_find(d->agencies, d->agency_count, all[i].item.owner);
        Item *item = &d->items[d->item_count++];
        *item = all[i].item;
        item->owner_name = owner ? owner->name : (Str){0};
        item->owner_desk = owner ? owner->desk : (Str){0};
        if (!owner) item->tier = TIER_silent; /* who could not be named in a signpost */
    }
    return d->item_count == rows_count(rows) ? 0 : ERR_BROKEN;
}

static const char reason_unread[] =
    "Somebody whom its owner mentioned cannot be read: nothing of its owner's leaves.";
static const char reason_unknown[] =
    "Its owner is not in the register as the owner was entered: nothing of its owner's leaves.";

/* Whoever cannot be read cannot be searched for either: all that the agency that mentioned them
 * owns stays in, whatever its rules say (R25). */
static void draft_silence(Draft *d, const HubPerson *persons, size_t count) {
    if (!persons_unread(persons, count, (Str){0})) return;
    for (size_t i = 0; i < d->item_count; i++) {
        if (persons_unread(persons, count, d->items[i].owner)) d->items[i].tier = TIER_silent;
    }
}

static void draft_reasons(Draft *d, const HubPerson *persons, size_t count) {
    bool any = persons_unread(persons, count, (Str){0});
    for (size_t i = 0; i < d->item_count; i++) {
        bool unknown = d->items[i].owner_name.len == 0;
        bool unread = any && persons_unread(persons, count, d->items[i].owner);
        if (!(unknown || unread) || d->cuts[i].kept) continue;
        if (d->cuts[i].kind != VERDICT_silent) continue;
        d->cuts[i].reason = unknown ? reason_unknown : reason_unread;
        d->cuts[i].kept = KEPT_unread;
    }
}

/* A letter is about a child of this enquiry by what was received, and nobody else (R9). */
static int draft_headed(Call *c, const Draft *d, const HubPerson *persons, size_t count) {
    if (persons_subject(persons, count, d->person)) return 0;
    call_say(c, "By what was received and recorded, whom this would be about is no child of this "
                "enquiry. Nothing leaves: ask a SIRO to check the ledger.");
    return REFUSE_state_wrong;
}

int draft_redact(Call *c, Draft *d) {
    HubPerson *persons = NULL;
    size_t count = 0;
    int r = persons_open(c->hub, c->arena, d->enquiry, &persons, &count);
    if (r == 0) r = draft_headed(c, d, persons, count);
    if (r) return r;
    draft_silence(d, persons, count);
    Grant *grants = NULL;
    size_t grant_count = 0;
    r = grants_load(c->hub, c->arena, d->enquiry, d->recipient->code, d->purpose, d->policies.day,
                    &grants, &grant_count);
    if (r) return r;
    Request request = {
        .product_id = d->product,
        .recipient = d->recipient->code,
        .recipient_name = d->recipient->name,
        .recipient_type = d->recipient->type,
        .purpose = d->purpose,
        .rating = rating_by_name(d->rating),
        .today = d->policies.day,
        .grants = grants,
        .grant_count = grant_count,
    };
    Known known = {.at = persons, .count = count, .about = &d->person, .about_count = 1};
    Redacted redacted;
    r = redact_about(c->arena, &request, &known, d->items, d->item_count, d->policies.at,
                     d->policies.count, &redacted);
    d->shareable = redacted.product;
    d->cuts = redacted.cuts;
    d->wanted = redacted.wanted;
    d->wanted_count = redacted.wanted_count;
    if (d->cuts) draft_reasons(d, persons, count);
    if (r == 0 && !shareable_digest(d->shareable, &d->digest)) r = ERR_CRYPTO;
    return r;
}

int draft_make(Call *c, Draft *d) {
    Str purpose;
    int r = call_need(c, "purpose", &purpose);
    if (r == 0) r = draft_begin(c, d, purpose);
    if (r == 0) r = draft_items(c, d);
    return r ? r : draft_redact(c, d);
}
