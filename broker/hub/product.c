/* Looking back at a product: both versions and every cut, with the rule of the version that held
 * then (S41, S42, R13). The look is recorded by the door before anything is opened. */
#include "broker/hub/commands.h"

static void cuts_show(Call *c, const Rows *cuts) {
    static const char *const columns[] = {"item", "owner", "class", "verdict",
                                          "version", "line", "reason", "sentence"};
    json_t *list = json_array();
    for (size_t i = 0; i < rows_count(cuts); i++) {
        json_t *row = json_object();
        json_object_set_new(row, columns[0], json_id(row_id(cuts, i, 0)));
        for (int k = 1; k < (int)COUNT_OF(columns); k++) {
            bool number = k == 4 || k == 5;
            if (row_null(cuts, i, k)) continue;
            json_object_set_new(row, columns[k], number ? json_integer(row_number(cuts, i, k))
                                                        : json_str(row_text(cuts, i, k)));
        }
        json_array_append_new(list, row);
    }
    json_object_set_new(c->result, "cuts", list);
}

/* A version whose key was erased shows nothing, and says so. */
static int version_decode(Call *c, const VaultThing *thing, const Value **ret) {
    Fault fault;
    *ret = NULL;
    if (!thing->plain.at) return 0;
    return codec_decode(c->arena, thing->plain, ret, &fault) == 0 ? 0 : ERR_BROKEN;
}

static void full_show(Call *c, const Value *full) {
    json_t *list = json_array();
    for (size_t i = 0; i < value_count(full, F_product_content_item); i++) {
        const Value *item = value_item(full, F_product_content_item, i);
        json_t *row = json_object();
        Id id = {{0}};
        if (value_id(item, F_full_item_item_id, &id)) json_object_set_new(row, "item", json_id(id));
        json_object_set_new(row, "owner", json_str(value_text(item, F_full_item_owner)));
        json_object_set_new(row, "class", json_str(value_text(item, F_full_item_class)));
        json_object_set_new(row, "text", json_str(value_text(item, F_full_item_text)));
        json_array_append_new(list, row);
    }
    json_object_set_new(c->result, "full", list);
}

int cmd_product(Call *c) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    _cleanup_(rows_freep) Rows *cuts = NULL;
    static const char *const columns[] = {"recipient", "purpose", "gateway", "released_by",
                                          "released_at", "digest"};
    Str text;
    Id product;
    int r = call_need(c, "product", &text);
    if (r) return r;
    if (!id_parse(text, &product)) return REFUSE_argument_wrong;
    r = STORE_CALL(c->hub->store, &rows,
                   "SELECT recipient, purpose, gateway, released_by, released_at, digest, shared, "
                   "full_id, full_version, delivered, enquiry_id, decision_id "
                   "FROM door.hub_product($1, $2)",
                   p_text(call_staff(c)), p_id(product));
    if (r == 0 && rows_count(rows) == 0) r = REFUSE_not_found;
    if (r == 0) {
        r = STORE_CALL(c->hub->store, &cuts,
                       "SELECT item_id, owner, class, verdict, rule_version, rule_line, reason, "
                       "sentence FROM door.hub_cuts($1)",
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
    for (int k = 0; k < (int)COUNT_OF(columns); k++) {
        json_object_set_new(c->result, columns[k], json_str(row_text(rows, 0, k)));
    }
    json_object_set_new(c->result, "delivered", json_str(row_text(rows, 0, 9)));
    json_object_set_new(c->result, "text", json_str(value_text(shared, F_product_content_text)));
    json_object_set_new(c->result, "html", json_str(value_text(shared, F_product_content_html)));
    full_show(c, full);
    cuts_show(c, cuts);
    return 0;
}
