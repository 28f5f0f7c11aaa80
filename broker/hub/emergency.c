/* The emergency lane: a child in danger now. One command from the desk to the sealed letter, by the
 * owners' standing rules for immediate protection: no claim, no decision, no preview. What leaves
 * is the minimum: no more than summaries and facts. Why it had to be is said afterwards, and its
 * absence climbs (deadlines.c). */
#include "broker/hub/draft.h"
#include "broker/release/lapsed.h"

#include "schemas/codec.h"

enum { TRIES = 3 }; /* as often as something may arrive in between before a person looks */

typedef struct Emergency {
    Draft draft;
    int64_t version;
    bool told;   /* something leaves, and not only whom to ask: the enquiry is red */
    bool lapsed; /* something leaves by a rule whose time is over */
} Emergency;

/* At most the owner's own summary; and what a class keeps silent until its owner chooses stays so,
 * whatever a rule says of the class. */
static void minimum(Draft *d) {
    for (size_t i = 0; i < d->item_count; i++) {
        Item *item = &d->items[i];
        bool kept = item->tier == TIER_none && class_default_tier(item->class) == TIER_silent;
        if (kept) item->tier = TIER_silent;
        if (item->tier == TIER_none || item->tier == TIER_share) item->tier = TIER_sanitise;
    }
}

/* The child: the one there is, or the number that `show` gives. */
static int child(Call *c, const Draft *d, Id *ret) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    int64_t number = 1;
    int r = STORE_CALL(c->hub->store, &rows,
                       "SELECT person_id FROM door.hub_subjects($1) ORDER BY number",
                       p_id(d->enquiry));
    bool named = call_text(c, "subject").len > 0;
    if (r == 0 && named) r = call_need_number(c, "subject", &number);
    if (r) return r;
    if (!named && rows_count(rows) > 1) {
        call_say(c, "Say which child: subject= and the number that show gives.");
        return REFUSE_argument_missing;
    }
    if (number < 1 || (size_t)number > rows_count(rows)) {
        call_say(c, "No child of this enquiry has that number.");
        return REFUSE_argument_wrong;
    }
    *ret = row_id(rows, (size_t)number - 1, 0);
    return 0;
}

static int basis(Call *c, Emergency *e, Id person) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    Draft *d = &e->draft;
    int r = STORE_CALL(c->hub->store, &rows,
                       "SELECT decision_id, person_id, rating, item_id, version "
                       "FROM door.hub_emergency_basis($1, $2, $3, $4)",
                       p_text(call_staff(c)), p_id(d->enquiry), p_id(person),
                       p_text(d->recipient->code));
    if (r == 0) r = draft_take(c, d, rows);
    if (r == 0) e->version = row_number(rows, 0, 4);
    return r;
}

/* Judged by the rules as an emergency obeys them; as signed, they tell what had lapsed. */
static int judge(Call *c, Emergency *e) {
    Draft *d = &e->draft;
    Policies signed_as = d->policies;
    d->policies.at = lapsed_obeyed(c->arena, signed_as.at, signed_as.count, signed_as.day);
    if (!d->policies.at) return ERR_MEMORY;
    minimum(d);
    int r = draft_redact(c, d);
    for (size_t i = 0; r == 0 && i < d->item_count; i++) {
        const Cut *cut = &d->cuts[i];
        bool out = cut->rule && cut->kind >= VERDICT_fact;
        e->told |= out;
        e->lapsed |= out && lapsed_rule(signed_as.at, signed_as.count, cut->rule, signed_as.day);
    }
    return r;
}

static int commit(Call *c, const Emergency *e, Str gateway, Rows **ret) {
    const Draft *d = &e->draft;
    Arena *a = c->arena;
    Packed p;
    int r = draft_pack(c, d, &p);
    if (r) return r;
    return STORE_CALL(
        c->hub->store, ret,
        "SELECT justify_by, agreements_over FROM door.hub_emergency($1, $2, $3, $4, $5, "
        "$6::boolean, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, "
        "$22, $23, $24)",
        p_text(call_staff(c)), p_id(d->product), p_id(d->enquiry), p_id(d->person),
        p_number(e->version), p_z(e->lapsed ? "true" : "false"), p_text(d->recipient->code),
        p_text(gateway), p_bytes(BYTES_OF(d->digest.at)),
        p_bytes(BYTES_OF(d->policies.digest.at)), p_bytes(sealed_bytes(p.shared)),
        p_id(p.full_id), p_bytes(sealed_bytes(p.full)), p_id(p.letter_id),
        p_bytes(sealed_bytes(p.letter)), p_id_list(a, p.item, d->item_count),
        p_text_list(a, p.verdict, d->item_count), p_number_list(a, p.version, d->item_count),
        p_number_list(a, p.line, d->item_count), p_text_list(a, p.reason, d->item_count),
        p_text(d->policies.day), p_text_list(a, p.tier, d->item_count),
        p_number_list(a, p.flags, d->item_count), p_text_list(a, p.kept, d->item_count));
}

static int release(Call *c, Emergency *e, Str gateway, Rows **ret) {
    Id person;
    int r = draft_begin(c, &e->draft, STR("immediate_protection"));
    if (r == 0) r = child(c, &e->draft, &person);
    if (r == 0) r = id_random(&e->draft.product);
    if (r == 0) r = basis(c, e, person);
    if (r == 0) r = judge(c, e);
    return r ? r : commit(c, e, gateway, ret);
}

/* Paperwork warns and never stops a child's help (S84). */
static Str agreements_warning(Call *c, Str over) {
    if (over.len == 0) return over;
    return arena_printf(c->arena,
                        " WARNING: the information-sharing agreement is over of %.*s; that is on "
                        "record.",
                        STR_ARG(over));
}

int cmd_emergency(Call *c) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    Str gateway = call_text(c, "gateway");
    Emergency e = {0};
    if (gateway.len == 0) gateway = STR("vital_interest");
    if (!code_known(LIST_gateway, gateway)) return REFUSE_gateway_missing;
    int r = REFUSE_items_changed;
    for (int i = 0; r == REFUSE_items_changed && i < TRIES; i++) {
        e = (Emergency){0};
        r = release(c, &e, gateway, &rows);
    }
    if (r) return r;
    json_object_set_new(c->result, "product", json_id(e.draft.product));
    json_object_set_new(c->result, "text", json_str(shareable_text(e.draft.shareable)));
    json_object_set_new(c->result, "lapsed", json_boolean(e.lapsed));
    json_object_set_new(c->result, "justify_by", json_str(row_text(rows, 0, 0)));
    Str over = row_text(rows, 0, 1);
    json_object_set_new(c->result, "agreements_over", json_str(over));
    call_say(c, "On its way to %.*s%s.%s%.*s Say why: justify with this product, by %.*s.",
             STR_ARG(e.draft.recipient->name), e.told ? ", and the enquiry is red" : "",
             e.lapsed ? " WARNING: by a standing rule whose time is over; its owner can see that."
                      : "",
             STR_ARG(agreements_warning(c, over)), STR_ARG(row_text(rows, 0, 0)));
    return 0;
}

/* ---- afterwards ------------------------------------------------------------------------------ */

int cmd_justify(Call *c) {
    Str rationale, necessity;
    Id product;
    Bytes content;
    Words words;
    int r = call_need_id(c, "product", &product);
    if (r) return r;
    rationale = str_trim(call_text(c, "rationale"));
    necessity = str_trim(call_text(c, "necessity"));
    if (rationale.len == 0) return REFUSE_rationale_missing;
    if (necessity.len == 0) return REFUSE_necessity_missing;
    Value *v = value_map(c->arena);
    Fault fault;
    value_set_text(c->arena, v, F_decision_content_rationale, rationale);
    value_set_text(c->arena, v, F_decision_content_necessity, necessity);
    r = codec_encode(c->arena, v, &content);
    if (r == 0) r = schema_check(STRUCT_decision_content, v, &fault);
    if (r == 0) r = words_seal(c, STR("justification"), content, &words);
    if (r) return r;
    r = STORE_CALL(c->hub->store, NULL, "SELECT door.hub_justify($1, $2, $3, $4, $5)",
                   p_text(call_staff(c)), p_id(product), p_id(words.id),
                   p_bytes(sealed_bytes(words.sealed)), p_bytes(BYTES_OF(words.commitment.at)));
    if (r == 0) call_say(c, "It stands with the release.");
    return r;
}

int cmd_emergencies(Call *c) {
    static const Column columns[] = {
        {"product", COLUMN_id},       {"enquiry", COLUMN_text},     {"recipient", COLUMN_text},
        {"released_by", COLUMN_text}, {"released_at", COLUMN_text}, {"lapsed", COLUMN_yes},
        {"state", COLUMN_text},       {"due", COLUMN_text},         {"climbed_to", COLUMN_text},
        {"agreements_over", COLUMN_text},
    };
    _cleanup_(rows_freep) Rows *rows = NULL;
    Str state = call_text(c, "state");
    if (state.len && !str_is(state, "unjustified")) {
        call_say(c, "\"state\" is unjustified, or left out.");
        return REFUSE_argument_wrong;
    }
    int r = STORE_CALL(c->hub->store, &rows,
                       "SELECT product, enquiry, recipient, released_by, released_at, lapsed, "
                       "state, due, climbed_to, agreements_over "
                       "FROM door.hub_emergencies($1::boolean)",
                       p_z(state.len ? "true" : "false"));
    if (r) return r;
    json_object_set_new(c->result, "emergencies", json_rows(rows, columns, COUNT_OF(columns)));
    return 0;
}
