/* An enquiry in somebody's hands: claim it, look into it, rate it. A claim is a lease with a
 * fencing token, so that an act that comes too late is refused by the door. Looking is revealing:
 * it is recorded and committed before anything is answered (S47). */
#include "broker/hub/commands.h"

#include "schemas/codec.h"

/* ---- claims ---------------------------------------------------------------------------------- */

int cmd_claim(Call *c) {
    static const Column columns[] = {{"token", COLUMN_number}, {"until", COLUMN_text}};
    _cleanup_(rows_freep) Rows *rows = NULL;
    Id enquiry;
    int r = call_need_enquiry(c, &enquiry);
    if (r == 0) {
        r = STORE_CALL(c->hub->store, &rows,
                       "SELECT token, claim_until FROM door.hub_claim($1, $2)",
                       p_text(call_staff(c)), p_id(enquiry));
    }
    if (r) return r;
    json_object_set_new(c->result, "claim", json_row(rows, 0, columns, COUNT_OF(columns)));
    return 0;
}

static int claim_act(Call *c, const char *sql, Rows **ret) {
    Id enquiry;
    int64_t token;
    int r = call_need_enquiry(c, &enquiry);
    if (r == 0) r = call_need_token(c, &token);
    if (r) return r;
    return STORE_CALL(c->hub->store, ret, sql, p_text(call_staff(c)), p_id(enquiry),
                      p_number(token));
}

int cmd_renew(Call *c) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    int r = claim_act(c, "SELECT door.hub_renew($1, $2, $3)", &rows);
    if (r) return r;
    json_object_set_new(c->result, "until", json_str(row_text(rows, 0, 0)));
    return 0;
}

int cmd_release(Call *c) {
    return claim_act(c, "SELECT door.hub_release($1, $2, $3)", NULL);
}

int cmd_take_back(Call *c) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    Id enquiry;
    Str reason;
    int r = call_need_enquiry(c, &enquiry);
    if (r == 0) r = call_need(c, "reason", &reason);
    if (r) return r;
    if (!code_known(LIST_take_back, reason)) {
        call_say(c, "\"reason\" is absent, conflict or handover.");
        return REFUSE_argument_wrong;
    }
    r = STORE_CALL(c->hub->store, &rows, "SELECT door.hub_take_back($1, $2, $3)",
                   p_text(call_staff(c)), p_id(enquiry), p_text(reason));
    if (r) return r;
    json_object_set_new(c->result, "state", json_str(row_text(rows, 0, 0)));
    return 0;
}

/* ---- show ------------------------------------------------------------------------------------ */

static const Column head_columns[] = {
    {"reference", COLUMN_text},    {"state", COLUMN_text},
    {"lane", COLUMN_text},         {"rating", COLUMN_text},
    {"version", COLUMN_number},    {"opened_at", COLUMN_text},
    {"product_due", COLUMN_text},  {"product_minutes", COLUMN_number},
    {"decision_due", COLUMN_text}, {"decision_minutes", COLUMN_number},
    {"holder", COLUMN_text},       {"claim_until", COLUMN_text},
};

static const Column subject_columns[] = {
    {"number", COLUMN_number},
    {"person", COLUMN_id},
    {"kind", COLUMN_text},
    {"outcome", COLUMN_text},
    {"decided_version", COLUMN_number},
};

static const Column check_columns[] = {
    {"check", COLUMN_id},       {"agency", COLUMN_text},          {"gateway", COLUMN_text},
    {"threshold", COLUMN_text}, {"family_informed", COLUMN_text}, {"asked_by", COLUMN_text},
    {"asked_at", COLUMN_text},  {"answer_by", COLUMN_text},       {"state", COLUMN_text},
    {"late", COLUMN_yes},       {"answered_at", COLUMN_text},
};

static const Column product_columns[] = {
    {"product", COLUMN_id},     {"decision", COLUMN_id},      {"recipient", COLUMN_text},
    {"purpose", COLUMN_text},   {"released_by", COLUMN_text}, {"released_at", COLUMN_text},
    {"delivered", COLUMN_text},
};

static const Column decision_columns[] = {
    {"decision", COLUMN_id},    {"subject", COLUMN_number},  {"outcome", COLUMN_text},
    {"gateway", COLUMN_text},   {"decided_by", COLUMN_text}, {"decided_at", COLUMN_text},
    {"version", COLUMN_number},
};

/* Of door.hub_mended; whose message it is stands behind them. */
static const Column mended_columns[] = {
    {"by", COLUMN_text},
    {"at", COLUMN_text},
    {"instead_of", COLUMN_id},
    {"corrected", COLUMN_yes},
};
enum { MENDED_agency = COUNT_OF(mended_columns), MENDED_message };

static const Column rating_columns[] = {
    {"at", COLUMN_text},
    {"rating", COLUMN_text},
    {"factors", COLUMN_text},
    {"by", COLUMN_text},
};

/* The parts that are codes, counts and times: rows as they come. */
typedef struct Part {
    const char *name, *sql;
    const Column *columns;
    size_t count;
} Part;

static const Part parts[] = {
    {"decisions",
     "SELECT decision_id, number, outcome, gateway, decided_by, decided_at, version "
     "FROM door.hub_decisions($1)",
     decision_columns, COUNT_OF(decision_columns)},
    {"products",
     "SELECT product_id, decision_id, recipient, purpose, released_by, released_at, delivered "
     "FROM door.hub_products($1)",
     product_columns, COUNT_OF(product_columns)},
};

static int show_part(Call *c, const Part *p) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    int r = STORE_CALL(c->hub->store, &rows, p->sql, p_id(c->enquiry));
    if (r == 0) json_object_set_new(c->result, p->name, json_rows(rows, p->columns, p->count));
    return r;
}

/* First of all, so that the version told is never newer than the items shown. */
static int show_head(Call *c) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    int r = STORE_CALL(c->hub->store, &rows,
                       "SELECT reference, state, lane, rating, version, opened_at, product_due, "
                       "product_minutes, decision_due, decision_minutes, holder, claim_until "
                       "FROM door.hub_enquiry($1)",
                       p_id(c->enquiry));
    if (r) return r;
    json_object_set_new(c->result, "enquiry",
                        json_row(rows, 0, head_columns, COUNT_OF(head_columns)));
    return 0;
}

/* Why a person rated: sealed words, opened here. */
static int show_ratings(Call *c) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    int r = STORE_CALL(c->hub->store, &rows,
                       "SELECT at, rating, factors, by, reason_id, reason "
                       "FROM door.hub_ratings($1)",
                       p_id(c->enquiry));
    if (r) return r;
    json_t *list = json_rows(rows, rating_columns, COUNT_OF(rating_columns));
    json_object_set_new(c->result, "ratings", list);
    for (size_t i = 0; i < rows_count(rows) && r == 0; i++) {
        Bytes reason = {0};
        if (row_null(rows, i, 4)) continue;
        r = words_open(c, STR("rating"), row_id(rows, i, 4), row_bytes(rows, i, 5), &reason);
        json_object_set_new(json_array_get(list, i), "reason", json_str(bytes_str(reason)));
    }
    return r;
}

/* What was asked: sealed words likewise. */
static int show_checks(Call *c) {
    enum { COL_id = COUNT_OF(check_columns), COL_question };
    _cleanup_(rows_freep) Rows *rows = NULL;
    int r = STORE_CALL(c->hub->store, &rows,
                       "SELECT check_id, agency, gateway, threshold, family_informed, asked_by, "
                       "asked_at, answer_by, state, late, answered_at, question_id, question "
                       "FROM door.hub_checks($1)",
                       p_id(c->enquiry));
    if (r) return r;
    json_t *list = json_rows(rows, check_columns, COUNT_OF(check_columns));
    json_object_set_new(c->result, "checks", list);
    for (size_t i = 0; i < rows_count(rows) && r == 0; i++) {
        Bytes question = {0};
        r = words_open(c, STR("check"), row_id(rows, i, COL_id), row_bytes(rows, i, COL_question),
                       &question);
        json_object_set_new(json_array_get(list, i), "question", json_str(bytes_str(question)));
    }
    return r;
}

/* The number staff use for a child; 0 for anybody else. */
static int64_t subject_number(const Rows *subjects, Id person) {
    for (size_t i = 0; i < rows_count(subjects); i++) {
        if (id_eq(row_id(subjects, i, 1), person)) return row_number(subjects, i, 0);
    }
    return 0;
}

static json_t *person_show(Call *c, const HubPerson *p, int64_t number) {
    json_t *row = json_object();
    Str told = p->value ? codec_json(c->arena, STRUCT_person, p->value) : (Str){0};
    json_object_set_new(row, "person", json_id(p->person_id));
    if (!p->value) json_object_set_new(row, "erased", json_true());
    if (number) json_object_set_new(row, "subject", json_integer(number));
    json_object_set_new(row, "agency", json_str(p->agency));
    json_object_set_new(row, "roles", json_str(p->roles));
    json_t *details = told.at ? json_loadb(told.at, told.len, 0, NULL) : NULL;
    if (details) json_object_set_new(row, "details", details);
    return row;
}

static int show_persons(Call *c) {
    _cleanup_(rows_freep) Rows *subjects = NULL;
    HubPerson *persons = NULL;
    size_t count = 0;
    int r = STORE_CALL(c->hub->store, &subjects,
                       "SELECT number, person_id, kind, outcome, decided_version "
                       "FROM door.hub_subjects($1)",
                       p_id(c->enquiry));
    if (r == 0) r = persons_open(c->hub, c->arena, c->enquiry, &persons, &count);
    if (r) return r;
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        int64_t number = subject_number(subjects, persons[i].person_id);
        json_array_append_new(list, person_show(c, &persons[i], number));
    }
    json_object_set_new(c->result, "subjects",
                        json_rows(subjects, subject_columns, COUNT_OF(subject_columns)));
    json_object_set_new(c->result, "persons", list);
    return 0;
}

static json_t *item_show(const HubItem *h) {
    const Item *item = &h->item;
    json_t *row = json_object();
    Tier tier = item->tier != TIER_none ? item->tier : class_default_tier(item->class);
    json_object_set_new(row, "item", json_id(item->id));
    json_object_set_new(row, "class", json_string(class_name(item->class)));
    json_object_set_new(row, "sensitivity",
                        json_sprintf("K%d", (int)class_sensitivity(item->class)));
    json_object_set_new(row, "tier", json_string(tier_name(tier)));
    json_object_set_new(row, "tier_by", json_string(item->tier != TIER_none ? "owner" : "class"));
    json_object_set_new(row, "free_text", json_boolean(item->free_text));
    json_object_set_new(row, "arrived_at", json_str(h->arrived_at));
    json_object_set_new(row, "message", json_id(h->message_id));
    if (!item->text.at) json_object_set_new(row, "erased", json_true());
    if (item->text.at) json_object_set_new(row, "text", json_str(item->text));
    if (item->summary.len) json_object_set_new(row, "summary", json_str(item->summary));
    return row;
}

/* The owner's entry, made when first met: owners stand in the order of their first item. */
static json_t *owner_entry(json_t *owners, const Item *item) {
    size_t at;
    json_t *entry;
    json_array_foreach(owners, at, entry) {
        if (str_is(item->owner, json_string_value(json_object_get(entry, "owner")))) return entry;
    }
    entry = json_object();
    json_object_set_new(entry, "owner", json_str(item->owner));
    json_object_set_new(entry, "items", json_array());
    json_array_append_new(owners, entry);
    return entry;
}

/* Whose words these are: of an item whose message the hub put through under a new id, by whom,
 * when, instead of which message, and whether that person corrected it. */
static json_t *mended_show(const Rows *mended, const HubItem *h) {
    for (size_t i = 0; i < rows_count(mended); i++) {
        if (!id_eq(row_id(mended, i, MENDED_message), h->message_id)) continue;
        if (!str_eq(row_text(mended, i, MENDED_agency), h->item.owner)) continue;
        return json_row(mended, i, mended_columns, COUNT_OF(mended_columns));
    }
    return NULL;
}

static int show_items(Call *c) {
    _cleanup_(rows_freep) Rows *mended = NULL;
    HubItem *items = NULL;
    size_t count = 0;
    int r = items_open(c->hub, c->arena, c->enquiry, &items, &count);
    if (r == 0) {
        r = STORE_CALL(c->hub->store, &mended,
                       "SELECT by, at, original, corrected, agency, message_id "
                       "FROM door.hub_mended($1)",
                       p_id(c->enquiry));
    }
    if (r) return r;
    json_t *owners = json_array();
    for (size_t i = 0; i < count; i++) {
        json_t *entry = owner_entry(owners, &items[i].item), *row = item_show(&items[i]);
        json_t *how = mended_show(mended, &items[i]);
        if (how) json_object_set_new(row, "mended", how);
        json_array_append_new(json_object_get(entry, "items"), row);
    }
    json_object_set_new(c->result, "owners", owners);
    return 0;
}

static int show_read(Call *c) {
    int r = show_head(c);
    if (r == 0) r = show_persons(c);
    if (r == 0) r = show_items(c);
    if (r == 0) r = show_ratings(c);
    if (r == 0) r = show_checks(c);
    for (size_t i = 0; i < COUNT_OF(parts) && r == 0; i++) r = show_part(c, &parts[i]);
    return r;
}

int cmd_show(Call *c) {
    Id enquiry;
    int r = call_need_enquiry(c, &enquiry);
    return r ? r : call_reveal(c, "show", show_read);
}

/* ---- rate ------------------------------------------------------------------------------------ */

int cmd_rate(Call *c) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    Id enquiry;
    int64_t token;
    Str rating, reason;
    Words words;
    int r = call_need_enquiry(c, &enquiry);
    if (r == 0) r = call_need_token(c, &token);
    if (r == 0) r = call_need(c, "rating", &rating);
    if (r == 0) r = call_need(c, "reason", &reason);
    if (r) return r;
    if (!code_known(LIST_rating, rating)) {
        call_say(c, "\"rating\" is red, amber or green.");
        return REFUSE_argument_wrong;
    }
    r = words_seal(c, STR("rating"), str_bytes(reason), &words);
    if (r) return r;
    r = STORE_CALL(c->hub->store, &rows, "SELECT door.hub_rate($1, $2, $3, $4, $5, $6, $7)",
                   p_text(call_staff(c)), p_id(enquiry), p_number(token), p_text(rating),
                   p_id(words.id), p_bytes(sealed_bytes(words.sealed)),
                   p_bytes(BYTES_OF(words.commitment.at)));
    if (r) return r;
    json_object_set_new(c->result, "rating", json_str(rating));
    json_object_set_new(c->result, "product_due", json_str(row_text(rows, 0, 0)));
    return 0;
}
