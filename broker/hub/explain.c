/* Why one item goes or stays, on the running hub: what `preview` would say of it, and beside it
 * every rule of its owner about the item's class with what became of it. For insiders; the look is
 * recorded as a preview's is, by the door that the draft stands on. */
#include "broker/hub/draft.h"
#include "broker/release/rule.h"

/* The item's place in the draft; item_count: it is not there. */
static size_t item_at(const Draft *d, Id id) {
    size_t i = 0;
    while (i < d->item_count && !id_eq(d->items[i].id, id)) i++;
    return i;
}

static Question question_of(const Draft *d, const Item *item, const Cut *cut) {
    return (Question){.owner = item->owner,
                      .class = item->class,
                      .tier = item->tier,
                      .recipient = d->recipient->code,
                      .recipient_type = d->recipient->type,
                      .purpose = d->purpose,
                      .rating = rating_by_name(d->rating),
                      .today = d->policies.day,
                      .has_summary = str_trim(item->summary).len > 0,
                      .free_text = item->free_text,
                      .authorised = cut->authorised,
                      .has_desk = item->owner_desk.len > 0};
}

static void question_show(Call *c, const Draft *d, const Question *q) {
    json_t *asked = json_object();
    json_object_set_new(asked, "day", json_str(q->today));
    json_object_set_new(asked, "rating", json_str(d->rating));
    json_object_set_new(asked, "tier",
                        json_string(q->tier == TIER_none ? "not chosen" : tier_name(q->tier)));
    json_object_set_new(asked, "summary", json_boolean(q->has_summary));
    json_object_set_new(asked, "prose", json_boolean(q->free_text));
    json_object_set_new(asked, "authorised", json_boolean(q->authorised));
    json_object_set_new(asked, "desk", json_boolean(q->has_desk));
    json_object_set_new(c->result, "asked", asked);
}

static json_t *considered_row(Call *c, const Considered *one) {
    json_t *row = json_object();
    json_object_set_new(row, "line", json_integer((json_int_t)one->rule->line));
    json_object_set_new(row, "because", json_string(one->because));
    json_object_set_new(row, "rule", json_str(rule_print(c->arena, one->rule)));
    return row;
}

/* Of what is held at source nothing is told but that it is: its class is its owner's. */
static int rules_show(Call *c, const Draft *d, const Item *item, const Cut *cut) {
    Question q = question_of(d, item, cut);
    Considered *considered = NULL;
    size_t count = 0;
    json_object_set_new(c->result, "class", json_string(class_name(item->class)));
    question_show(c, d, &q);
    int r = policy_consider(c->arena, d->policies.at, d->policies.count, &q, &considered, &count);
    if (r) return r;
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        json_array_append_new(list, considered_row(c, &considered[i]));
    }
    json_object_set_new(c->result, "considered", list);
    return 0;
}

static void fate_show(Call *c, const Draft *d, const Item *item, const Cut *cut) {
    int64_t version = policies_version(&d->policies, item->owner);
    json_object_set_new(c->result, "item", json_id(item->id));
    json_object_set_new(c->result, "goes", json_boolean(cut->kind >= VERDICT_fact));
    json_object_set_new(c->result, "verdict", json_string(verdict_name(cut->kind)));
    json_object_set_new(c->result, "reason", json_string(cut->reason));
    json_object_set_new(c->result, "owner", json_str(item->owner));
    json_object_set_new(c->result, "version", json_integer(version));
    for (size_t i = 0; i < d->policies.count; i++) {
        char hex[2 * HASH_LEN + 1];
        if (!str_eq(d->policies.at[i].owner, item->owner)) continue;
        hex_encode(BYTES_OF(d->policies.at[i].digest.at), hex);
        json_object_set_new(c->result, "digest", json_string(hex));
    }
    if (!cut->rule) return;
    json_object_set_new(c->result, "line", json_integer((json_int_t)cut->rule->line));
    json_object_set_new(c->result, "rule", json_str(rule_print(c->arena, cut->rule)));
}

int cmd_explain(Call *c) {
    Draft d = {0};
    Id id;
    int r = call_need_id(c, "item", &id);
    if (r == 0) r = id_random(&d.product);
    if (r == 0) r = draft_make(c, &d);
    if (r && !(r == REFUSE_nothing_to_share && d.cuts)) return r;
    size_t i = item_at(&d, id);
    if (i == d.item_count) {
        call_say(c, "No such item is among those that were decided on.");
        return REFUSE_not_found;
    }
    const Item *item = &d.items[i];
    const Cut *cut = &d.cuts[i];
    fate_show(c, &d, item, cut);
    r = item->held ? 0 : rules_show(c, &d, item, cut);
    if (r) return r;
    call_say(c, "%s: %s. %s", cut->kind >= VERDICT_fact ? "Goes" : "Stays", verdict_name(cut->kind),
             cut->reason);
    return 0;
}
