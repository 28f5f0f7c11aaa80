/* An owner corrects or withdraws what it said before: the old items count no more, the new words
 * become an item of the same class and tier, the enquiry comes back to whoever decides, and
 * everybody who received the old words is told. All of it in one transaction. See contact.h. */
#include "broker/hub/choices.h"
#include "broker/hub/contact.h"
#include "broker/hub/work.h"

#include "broker/io/clock.h"
#include "schemas/codec.h"

typedef struct Correcting {
    Id message; /* that is corrected */
    InfoClass class; /* CLASS_none: all that the message says */
    bool anew;       /* new words take the place */
    HubItem *items;
    size_t item_count;
    Cause cause;
    Item now;
    VaultThing thing; /* the new item; {0} when nothing takes the place */
    Recalls recalls;
} Correcting;

static int correcting_read(const Work *w, Correcting *c) {
    Str kind = value_text(w->value, F_correction_kind);
    Str text = value_text(w->value, F_correction_text);
    Str class = value_text(w->value, F_correction_class);
    if (!value_id(w->value, F_correction_message_id, &c->message)) return REFUSE_missing_field;
    c->class = class_by_name(class);
    c->anew = str_is(kind, "corrected");
    if (class.len && c->class == CLASS_none) return REFUSE_code_unknown;
    if (c->anew && (!class.len || str_trim(text).len == 0)) return REFUSE_missing_field;
    if (!c->anew && text.len) return REFUSE_argument_wrong;
    c->cause = (Cause){.owner = w->agency, .kind = kind};
    return 0;
}

/* What the sender itself said in that message, of that class, and has not taken back yet. */
static int items_find(Hub *h, Arena *a, Correcting *c) {
    HubItem *all = NULL;
    size_t count = 0;
    int r = items_open(h, a, c->cause.enquiry, &all, &count);
    if (r) return r;
    c->items = arena_array(a, count + 1, sizeof(*c->items));
    if (!c->items) return ERR_MEMORY;
    for (size_t i = 0; i < count; i++) {
        const HubItem *one = &all[i];
        bool meant = c->class == CLASS_none || one->item.class == c->class;
        if (!meant || one->item.replaced || !id_eq(one->message_id, c->message)) continue;
        if (str_eq(one->item.owner, c->cause.owner)) c->items[c->item_count++] = *one;
    }
    c->cause.items = c->items;
    c->cause.item_count = c->item_count;
    return c->item_count ? 0 : REFUSE_not_found;
}

static int basis_load(Hub *h, Arena *a, const Work *w, Correcting *c) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    int r = STORE_CALL(h->store, &rows,
                       "SELECT enquiry_id, rating, today, confirm_by "
                       "FROM door.hub_correction_basis($1, $2)",
                       p_text(w->agency), p_id(c->message));
    if (r) return r;
    if (rows_count(rows) == 0) return REFUSE_not_found;
    c->cause.enquiry = row_id(rows, 0, 0);
    c->cause.rating = arena_str(a, row_text(rows, 0, 1));
    c->cause.today = arena_str(a, row_text(rows, 0, 2));
    c->cause.confirm_by = arena_str(a, row_text(rows, 0, 3));
    return items_find(h, a, c);
}

/* As little as the old items show now; what is chosen for them later, the new one inherits
 * (choices.h). What is held at source is as silent. */
static Tier tier_now(const Correcting *c) {
    Tier tier = c->items[0].item.tier;
    for (size_t i = 1; i < c->item_count; i++) {
        tier = tier_stricter(c->class, tier, c->items[i].item.tier);
    }
    return tier;
}

/* Prose, whatever the old item was: no words leave under cover of a fact (R11). */
static int item_anew(Hub *h, Arena *a, const Work *w, Correcting *c) {
    if (!c->anew) return 0;
    c->now = (Item){.owner = w->agency,
                    .class = c->class,
                    .tier = tier_now(c),
                    .free_text = true,
                    .text = value_text(w->value, F_correction_text),
                    .summary = value_text(w->value, F_correction_summary)};
    c->cause.now = &c->now;
    Value *v = value_map(a);
    value_set_text(a, v, F_item_content_text, c->now.text);
    value_set_text(a, v, F_item_content_summary, c->now.summary);
    value_set_text(a, v, F_item_content_class, str_z(class_name(c->class)));
    if (c->now.tier != TIER_none) {
        value_set_text(a, v, F_item_content_tier, str_z(tier_name(c->now.tier)));
    }
    value_set_yes(a, v, F_item_content_free_text, true);
    value_set_id(a, v, F_item_content_message_id, &w->id);
    c->thing = (VaultThing){.use = STR("item"), .agency = w->agency};
    int r = id_v7(clock_ms(), &c->thing.id);
    if (r == 0) r = codec_encode(a, v, &c->thing.plain);
    if (r == 0) r = vault_seal(h, a, &c->thing);
    return r ? r : vault_put(h, a, &c->thing, 1);
}

static int correcting_commit(Hub *h, Arena *a, const Work *w, const Correcting *c) {
    const Recalls *r = &c->recalls;
    bool named = c->class != CLASS_none, tiered = c->anew && c->now.tier != TIER_none;
    return STORE_CALL(
        h->store, NULL,
        "SELECT door.hub_correct($1, $2, $3, $4, $5, $6, $7::uuid, $8, $9::bytea, $10, $11, $12, "
        "$13, $14, $15, $16, $17)",
        p_text(w->agency), p_id(w->id), p_id(c->message), p_id(c->cause.enquiry),
        p_text(c->cause.kind), named ? p_z(class_name(c->class)) : p_null(),
        c->anew ? p_id(c->thing.id) : p_null(), tiered ? p_z(tier_name(c->now.tier)) : p_null(),
        c->anew ? p_bytes(sealed_bytes(c->thing.sealed)) : p_null(), p_text(c->cause.confirm_by),
        p_id_list(a, r->recall, r->count), p_id_list(a, r->product, r->count),
        p_id_list(a, r->item, r->count), p_text_list(a, r->agency, r->count),
        p_text_list(a, r->class, r->count), p_id_list(a, r->letter, r->count),
        p_bytes_list(a, r->sealed, r->count));
}

int correction_take(Hub *h, Arena *a, const Work *w) {
    Correcting c = {0};
    int r = correcting_read(w, &c);
    if (r == 0) r = basis_load(h, a, w, &c);
    if (r == 0) r = item_anew(h, a, w, &c);
    if (r == 0) r = recalls_make(h, a, &c.cause, &c.recalls);
    return r ? r : correcting_commit(h, a, w, &c);
}

int confirmation_take(Hub *h, Arena *a, const Work *w) {
    Id recall;
    (void)a; /* nothing is made */
    if (!value_id(w->value, F_confirmation_recall_id, &recall)) return REFUSE_missing_field;
    return STORE_CALL(h->store, NULL, "SELECT door.hub_confirm($1, $2, $3, $4)",
                      p_text(w->agency), p_id(w->id), p_id(recall),
                      p_text(value_text(w->value, F_confirmation_done)));
}
