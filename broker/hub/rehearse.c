/* Trying a new text before anybody signs it: the owner's items in every product that has left since
 * a day, with what became of them then and what would become of them by this text. Codes, days and
 * ids: nothing is opened, nothing of another owner's shows (rehearse.h). */
#include "broker/hub/draft.h"
#include "broker/release/rehearse.h"
#include "broker/release/rule.h"

enum { PAGE_ROWS = 1500 }; /* about; an answer holds twice as many */

typedef struct Rehearsal {
    Str owner, since;
    Policy policy;
    AgencyEntry *agencies;
    size_t agency_count;
    int64_t totals[REHEARSED_COUNT];
    int64_t items, left_out;
} Rehearsal;

static const char *const change_words[REHEARSED_COUNT] = {
    [REHEARSED_same] = "same",
    [REHEARSED_withheld] = "newly withheld",
    [REHEARSED_released] = "newly released",
    [REHEARSED_lesser] = "lesser form",
    [REHEARSED_fuller] = "fuller form",
    [REHEARSED_signposted] = "newly with a signpost",
    [REHEARSED_silenced] = "no longer with a signpost",
};

/* ---- what is tried --------------------------------------------------------------------------- */

/* Of a text that names nobody, the owner must be said. */
static int owner_of(Call *c, Rehearsal *n, Str text) {
    Policy *policies = NULL;
    PolicyFault fault;
    size_t count = 0;
    Str *codes = arena_array(c->arena, n->agency_count, sizeof(*codes));
    for (size_t i = 0; codes && i < n->agency_count; i++) codes[i] = n->agencies[i].code;
    n->owner = str_trim(call_text(c, "owner"));
    if (!codes) return ERR_MEMORY;
    if (n->owner.len) return 0;
    int r = policies_parse(c->arena, text, codes, n->agency_count, &policies, &count, &fault);
    if (r > 0) call_say(c, "%s", fault.sentence);
    if (r) return r;
    if (count == 1) {
        n->owner = policies[0].owner;
        return 0;
    }
    call_say(c, count ? "The text has several owners' rules: try one owner's at a time."
                      : "The text has no rule: say whose it is with owner=.");
    return REFUSE_argument_wrong;
}

static int text_take(Call *c, Rehearsal *n) {
    Str text;
    Rule *rules = NULL;
    int r = call_need(c, "text", &text);
    if (r == 0) r = call_need(c, "since", &n->since);
    if (r) return r;
    text = call_text(c, "text"); /* untrimmed: the digest is that of the version it may become */
    if (!day_valid(n->since)) {
        call_say(c, "\"since\" is a day of the calendar, written YYYY-MM-DD.");
        return REFUSE_argument_wrong;
    }
    r = agencies_load(c->hub, c->arena, &n->agencies, &n->agency_count);
    if (r == 0) r = owner_of(c, n, text);
    if (r) return r;
    if (!agency_find(n->agencies, n->agency_count, n->owner)) return REFUSE_not_found;
    r = policy_read(c, text, n->owner, n->agencies, n->agency_count, &rules, &n->policy.count);
    if (r) return r;
    Bytes whole = str_bytes(text);
    n->policy.owner = n->owner;
    n->policy.rules = rules;
    return sha256(&whole, 1, &n->policy.digest);
}

/* ---- one item of one product ----------------------------------------------------------------- */

enum {
    COL_product, COL_day, COL_recipient, COL_purpose, COL_rating, COL_emergency, COL_class,
    COL_tier, COL_flags, COL_kept, COL_verdict, COL_version, COL_line, COL_holds, COL_products,
    COL_before
};

/* False when the row does not say what the rules were told. */
static bool past_take(const Rehearsal *n, const Rows *rows, size_t i, Past *ret) {
    int64_t flags = row_number(rows, i, COL_flags);
    Str recipient = row_text(rows, i, COL_recipient);
    const AgencyEntry *to = agency_find(n->agencies, n->agency_count, recipient);
    *ret = (Past){.then = verdict_by_name(row_text(rows, i, COL_verdict)),
                  .kept = kept_by_name(row_text(rows, i, COL_kept)),
                  .emergency = row_yes(rows, i, COL_emergency),
                  .asked = {.owner = n->owner,
                            .class = class_by_name(row_text(rows, i, COL_class)),
                            .tier = tier_by_name(row_text(rows, i, COL_tier)),
                            .recipient = recipient,
                            .recipient_type = to ? to->type : (Str){0},
                            .purpose = row_text(rows, i, COL_purpose),
                            .rating = rating_by_name(row_text(rows, i, COL_rating)),
                            .today = row_text(rows, i, COL_day),
                            .has_summary = flags & ITEM_summary,
                            .free_text = flags & ITEM_free_text,
                            .authorised = flags & ITEM_authorised,
                            .has_desk = flags & ITEM_desk}};
    bool told = !row_null(rows, i, COL_kept) && row_yes(rows, i, COL_holds) && to;
    return told && (kept_always(ret->kept) || ret->asked.class != CLASS_none);
}

static json_t *item_row(const Rows *rows, size_t i, const Replay *now) {
    static const Column columns[] = {
        {"product", COLUMN_id},   {"day", COLUMN_text},      {"recipient", COLUMN_text},
        {"purpose", COLUMN_text}, {"rating", COLUMN_text},   {"emergency", COLUMN_yes},
        {"class", COLUMN_text},   {"tier", COLUMN_text},
    };
    json_t *row = json_row(rows, i, columns, COUNT_OF(columns));
    json_object_set_new(row, "then", json_str(row_text(rows, i, COL_verdict)));
    json_object_set_new(row, "version", json_integer(row_number(rows, i, COL_version)));
    json_object_set_new(row, "line", json_integer(row_number(rows, i, COL_line)));
    if (!now) {
        json_object_set_new(row, "change", json_string("not known"));
        return row;
    }
    json_object_set_new(row, "now", json_string(verdict_name(now->now)));
    json_int_t line = now->rule ? (json_int_t)now->rule->line : 0;
    json_object_set_new(row, "new_line", json_integer(line));
    json_object_set_new(row, "change", json_string(change_words[now->change]));
    json_object_set_new(row, "reason", json_string(now->reason));
    return row;
}

static int item_replay(Call *c, Rehearsal *n, const Rows *rows, size_t i, json_t *list) {
    Past past;
    Replay now;
    n->items++;
    if (!past_take(n, rows, i, &past)) {
        n->left_out++;
        json_array_append_new(list, item_row(rows, i, NULL));
        return 0;
    }
    int r = rehearse_item(c->arena, &n->policy, &past, &now);
    if (r) return r;
    n->totals[now.change]++;
    json_array_append_new(list, item_row(rows, i, &now));
    return 0;
}

/* ---- a page ---------------------------------------------------------------------------------- */

static void totals_show(Call *c, const Rehearsal *n) {
    json_t *totals = json_object();
    json_object_set_new(totals, "items", json_integer(n->items));
    for (size_t i = 0; i < REHEARSED_COUNT; i++) {
        json_object_set_new(totals, change_words[i], json_integer(n->totals[i]));
    }
    json_object_set_new(totals, "not known", json_integer(n->left_out));
    json_object_set_new(c->result, "totals", totals);
}

/* How far it has come; the product after which it goes on, when there are more. */
static void pages_show(Call *c, const Rows *rows) {
    size_t count = rows_count(rows);
    int64_t all = count ? row_number(rows, 0, COL_products) : 0;
    int64_t done = count ? row_number(rows, 0, COL_before) : 0;
    for (size_t i = 0; i < count; i++) {
        Id product = row_id(rows, i, COL_product);
        done += i == 0 || !id_eq(product, row_id(rows, i - 1, COL_product));
    }
    json_object_set_new(c->result, "products", json_integer(all));
    json_object_set_new(c->result, "done", json_integer(done));
    if (done < all) {
        json_object_set_new(c->result, "next", json_id(row_id(rows, count - 1, COL_product)));
    }
}

int cmd_policy_rehearse(Call *c) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    Rehearsal n = {0};
    Id after;
    bool later;
    int r = call_may_id(c, "after", &after, &later);
    if (r == 0) r = text_take(c, &n);
    if (r) return r;
    r = STORE_CALL(c->hub->store, &rows,
                   "SELECT product_id, day, recipient, purpose, rating, emergency, class, tier, "
                   "flags, kept, verdict, version, line, holds, products, before "
                   "FROM door.hub_policy_rehearse($1, $2, $3, $4, $5::uuid, $6)",
                   p_text(call_staff(c)), p_text(n.owner), p_bytes(BYTES_OF(n.policy.digest.at)),
                   p_text(n.since), later ? p_id(after) : p_null(), p_number(PAGE_ROWS));
    if (r) return r;
    json_t *list = json_array();
    json_object_set_new(c->result, "owner", json_str(n.owner));
    json_object_set_new(c->result, "since", json_str(n.since));
    json_object_set_new(c->result, "items", list);
    for (size_t i = 0; r == 0 && i < rows_count(rows); i++) {
        r = item_replay(c, &n, rows, i, list);
    }
    if (r) return r;
    totals_show(c, &n);
    pages_show(c, rows);
    return 0;
}
