/* Looking back at a product: both versions and every cut, with the rule of the version that held
 * then (S41, S42, R13). The look is recorded by the door before anything is opened. */
#include "broker/hub/policies.h"
#include "broker/hub/show.h"

/* Columns of the cuts, of which the last one is not shown. */
enum { CUT_item, CUT_owner, CUT_class, CUT_verdict, CUT_version, CUT_line, CUT_reason,
       CUT_sentence, CUT_stayed };

static json_t *cut_row(const Rows *cuts, size_t i) {
    static const Column columns[] = {
        {"item", COLUMN_id},      {"owner", COLUMN_text},     {"class", COLUMN_text},
        {"verdict", COLUMN_text}, {"version", COLUMN_number}, {"line", COLUMN_number},
        {"reason", COLUMN_text},  {"sentence", COLUMN_text},
    };
    return json_row(cuts, i, columns, COUNT_OF(columns));
}

static void cuts_show(Call *c, const Cursor *k, const Rows *cuts) {
    Slice s = slice_of(k, (Str){0}, rows_count(cuts), SHARE_words);
    json_t *list = json_array();
    json_object_set_new(c->result, "cuts", list);
    while (s.shown < s.from) {
        if (!slice_put(&s, list, cut_row(cuts, s.from - s.shown - 1))) break;
    }
    slice_tell(c, "cuts", &s);
}

/* A version whose key was erased shows nothing, and says so. */
static int version_decode(Call *c, const VaultThing *thing, const Value **ret) {
    Fault fault;
    *ret = NULL;
    if (!thing->plain.at) return 0;
    return codec_decode(c->arena, thing->plain, ret, &fault) == 0 ? 0 : ERR_BROKEN;
}

static json_t *removed_list(Str removed) {
    static const char *const keys[] = {"kind", "at", "length"};
    json_t *list = json_array();
    Str line, word;
    while (str_split(&removed, '\n', &line)) {
        json_t *row = json_object();
        for (size_t i = 0; i < COUNT_OF(keys) && str_split(&line, ' ', &word); i++) {
            uint64_t number = 0;
            bool counts = str_u64(word, &number);
            json_object_set_new(row, keys[i],
                                counts ? json_integer((json_int_t)number) : json_str(word));
        }
        json_array_append_new(list, row);
    }
    return list;
}

static json_t *full_row(const Value *item, bool held) {
    json_t *row = json_object();
    Id id = {{0}};
    if (value_id(item, F_full_item_item_id, &id)) json_object_set_new(row, "item", json_id(id));
    json_object_set_new(row, "owner", json_str(value_text(item, F_full_item_owner)));
    json_object_set_new(row, "held", json_boolean(held));
    if (held) return row;
    json_object_set_new(row, "class", json_str(value_text(item, F_full_item_class)));
    Str summary = value_text(item, F_full_item_summary),
        removed = value_text(item, F_full_item_removed);
    json_object_set_new(row, "text", json_str(value_text(item, F_full_item_text)));
    if (summary.len) json_object_set_new(row, "summary", json_str(summary));
    if (removed.len) json_object_set_new(row, "removed", removed_list(removed));
    return row;
}

/* Its owner holds it at source by now: then it has no class among the cuts. */
static bool held_now(const Rows *cuts, const Value *item) {
    Id id = {{0}};
    if (!value_id(item, F_full_item_item_id, &id)) return true;
    for (size_t i = 0; i < rows_count(cuts); i++) {
        if (id_eq(row_id(cuts, i, CUT_item), id)) return row_null(cuts, i, CUT_class);
    }
    return true;
}

static void full_show(Call *c, const Cursor *k, const Value *full, const Rows *cuts) {
    Slice s = slice_of(k, (Str){0}, value_count(full, F_product_content_item), SHARE_words);
    json_t *list = json_array();
    json_object_set_new(c->result, "full", list);
    while (s.shown < s.from) {
        const Value *item = value_item(full, F_product_content_item, s.from - s.shown - 1);
        if (!slice_put(&s, list, full_row(item, held_now(cuts, item)))) break;
    }
    slice_tell(c, "full", &s);
}

/* What left is not shown again when a part of it is held at source by now. */
static void shared_show(Call *c, const Value *shared, const Rows *cuts) {
    for (size_t i = 0; i < rows_count(cuts); i++) {
        if (!row_null(cuts, i, CUT_class) || row_yes(cuts, i, CUT_stayed)) continue;
        json_object_set_new(c->result, "text",
                            json_string("An owner holds a part of what left at source by now: it "
                                        "is not shown here any more."));
        return;
    }
    json_object_set_new(c->result, "text", json_str(value_text(shared, F_product_content_text)));
    json_object_set_new(c->result, "html", json_str(value_text(shared, F_product_content_html)));
}

static int product_named(Call *c, Id *ret, Cursor *ret_cursor) {
    int r = call_need_id(c, "product", ret);
    if (r == 0) r = cursor_take(c, ret_cursor);
    if (r || ret_cursor->list.len == 0) return r;
    bool known = str_is(ret_cursor->list, "full") || str_is(ret_cursor->list, "cuts");
    return known && ret_cursor->agency.len == 0 ? 0 : cursor_wrong(c);
}

int cmd_product(Call *c) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    _cleanup_(rows_freep) Rows *cuts = NULL;
    static const char *const columns[] = {"recipient",   "purpose",     "gateway",
                                          "released_by", "released_at", "digest"};
    Id product;
    Cursor k;
    Str reveal;
    int r = product_named(c, &product, &k);
    if (r == 0) r = call_purpose(c, &reveal);
    if (r) return r;
    r = STORE_CALL(c->hub->store, &rows,
                   "SELECT recipient, purpose, gateway, released_by, released_at, digest, shared, "
                   "full_id, full_version, delivered, enquiry_id, decision_id, policy, owners "
                   "FROM door.hub_product($1, $2, $3)",
                   p_text(call_staff(c)), p_id(product), p_text(reveal));
    if (r == 0 && rows_count(rows) == 0) r = REFUSE_not_found;
    if (r == 0) {
        r = STORE_CALL(c->hub->store, &cuts,
                       "SELECT item_id, owner, class, verdict, rule_version, rule_line, reason, "
                       "sentence, verdict IN ('signpost', 'silent') FROM door.hub_cuts($1)",
                       p_id(product));
    }
    if (r) return r;
    VaultThing things[] = {{.id = product, .use = STR("product")},
                           {.id = row_id(rows, 0, 7), .use = STR("product_full")}};
    Bytes sealed[] = {row_bytes(rows, 0, 6), row_bytes(rows, 0, 8)};
    const Value *shared = NULL, *full = NULL;
    r = vault_open(c->hub, c->arena, things, sealed, COUNT_OF(things));
    if (r == 0) r = version_decode(c, &things[0], &shared);
    if (r == 0) r = version_decode(c, &things[1], &full);
    if (r) return r;
    json_object_set_new(c->result, "product", json_id(product));
    json_object_set_new(c->result, "decision", json_id(row_id(rows, 0, 11)));
    for (int i = 0; i < (int)COUNT_OF(columns); i++) {
        json_object_set_new(c->result, columns[i], json_str(row_text(rows, 0, i)));
    }
    json_object_set_new(c->result, "delivered", json_str(row_text(rows, 0, 9)));
    r = policies_told(c, row_bytes(rows, 0, 12), row_text(rows, 0, 13), c->result);
    if (r) return r;
    bool first = k.list.len == 0;
    if (first) shared_show(c, shared, cuts);
    if (first || str_is(k.list, "full")) full_show(c, &k, full, cuts);
    if (first || str_is(k.list, "cuts")) cuts_show(c, &k, cuts);
    return 0;
}
