/* Decisions: per child, by a named person, on exactly what was visible (S42). Looking back shows
 * what was known then and what came later. */
#include "broker/hub/contact.h"
#include "broker/hub/policies.h"

#include "schemas/codec.h"

typedef struct Draft {
    Id enquiry, person;
    int64_t token, subject, version;
    Str outcome, gateway, rationale, necessity;
    Hash policy; /* of the versions in force: what could leave by them, the decider could preview */
} Draft;

static int draft_codes(Call *c, Draft *d) {
    int r = call_need(c, "outcome", &d->outcome);
    if (r) return r;
    d->gateway = call_text(c, "gateway");
    d->rationale = str_trim(call_text(c, "rationale"));
    d->necessity = str_trim(call_text(c, "necessity"));
    if (d->gateway.len == 0) return REFUSE_gateway_missing;
    if (d->rationale.len == 0) return REFUSE_rationale_missing;
    if (d->necessity.len == 0) return REFUSE_necessity_missing;
    bool outcome = code_known(LIST_outcome, d->outcome);
    if (!outcome || !code_known(LIST_gateway, d->gateway)) {
        call_say(c, "\"%s\" is a code from its list.", outcome ? "gateway" : "outcome");
        return REFUSE_argument_wrong;
    }
    bool allowed =
        !str_is(d->outcome, "strategy_s47") || staff_has_role(c->who, "social_work_manager");
    return allowed ? 0 : REFUSE_outcome_not_allowed;
}

static int draft_subject(Call *c, Draft *d) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    int r = STORE_CALL(c->hub->store, &rows,
                       "SELECT person_id FROM door.hub_subjects($1) WHERE number = $2",
                       p_id(d->enquiry), p_number(d->subject));
    if (r) return r;
    if (rows_count(rows) == 0) {
        call_say(c, "No child of this enquiry has that number.");
        return REFUSE_argument_wrong;
    }
    d->person = row_id(rows, 0, 0);
    return 0;
}

static int draft_policy(Call *c, Draft *d) {
    AgencyEntry *agencies = NULL;
    size_t count = 0;
    Policies p = {0};
    int r = agencies_load(c->hub, c->arena, &agencies, &count);
    if (r == 0) r = policies_load(c->hub, c->arena, agencies, count, &p);
    if (r == 0) r = policies_note(c, &p);
    d->policy = p.digest;
    return r;
}

static int draft_make(Call *c, Draft *d) {
    int r = call_need_enquiry(c, &d->enquiry);
    if (r == 0) r = call_need_token(c, &d->token);
    if (r == 0) r = call_need_number(c, "subject", &d->subject);
    if (r == 0) r = call_need_number(c, "version", &d->version);
    if (r == 0) r = draft_codes(c, d);
    if (r == 0) r = draft_subject(c, d);
    return r ? r : draft_policy(c, d);
}

static int draft_seal(Call *c, const Draft *d, Words *ret) {
    Fault fault;
    Bytes content;
    Value *v = value_map(c->arena);
    value_set_text(c->arena, v, F_decision_content_rationale, d->rationale);
    value_set_text(c->arena, v, F_decision_content_necessity, d->necessity);
    int r = codec_encode(c->arena, v, &content);
    if (r == 0) r = schema_check(STRUCT_decision_content, v, &fault);
    if (r > 0) call_say(c, "At \"%s\".", fault.path);
    return r ? r : words_seal(c, STR("decision"), content, ret);
}

/* The decision, and the notices to whoever referred the child: both, or neither. */
static int draft_commit(Call *c, const Draft *d, const Words *words, Rows **ret) {
    Store *s = c->hub->store;
    int r = store_begin(s);
    if (r) return r;
    r = STORE_CALL(s, ret, "SELECT door.hub_decide($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
                   p_text(call_staff(c)), p_id(d->enquiry), p_number(d->token),
                   p_number(d->version), p_id(words->id), p_id(d->person), p_text(d->outcome),
                   p_text(d->gateway), p_bytes(BYTES_OF(words->commitment.at)),
                   p_bytes(sealed_bytes(words->sealed)), p_bytes(BYTES_OF(d->policy.at)));
    if (r == 0) r = notices_send(c, words->id);
    if (r == 0) return store_commit(s);
    store_rollback(s);
    return r;
}

int cmd_decide(Call *c) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    Draft d = {0};
    Words words;
    int r = draft_make(c, &d);
    if (r == 0) r = draft_seal(c, &d, &words);
    if (r == 0) r = draft_commit(c, &d, &words, &rows);
    if (r) return r;
    json_object_set_new(c->result, "decision", json_id(words.id));
    json_object_set_new(c->result, "subject", json_integer(d.subject));
    json_object_set_new(c->result, "version", json_integer(d.version));
    json_object_set_new(c->result, "state", json_str(row_text(rows, 0, 0)));
    return 0;
}

/* ---- looking back ---------------------------------------------------------------------------- */

static const Column decision_columns[] = {
    {"decision", COLUMN_id},    {"subject", COLUMN_number},  {"outcome", COLUMN_text},
    {"gateway", COLUMN_text},   {"decided_by", COLUMN_text}, {"decided_at", COLUMN_text},
    {"version", COLUMN_number}, {"commitment", COLUMN_text},
};

static const Column item_columns[] = {
    {"item", COLUMN_id},
    {"owner", COLUMN_text},
    {"class", COLUMN_text},
    {"arrived_at", COLUMN_text},
};

int reasons_open(Call *c, Str use, Id id, Bytes sealed, json_t *row) {
    Bytes content = {0};
    const Value *v = NULL;
    Fault fault;
    int r = words_open(c, use, id, sealed, &content);
    if (r) return r;
    if (content.len == 0) {
        json_object_set_new(row, "erased", json_true());
        return 0;
    }
    if (codec_decode(c->arena, content, &v, &fault) != 0) return ERR_BROKEN;
    json_object_set_new(row, "rationale", json_str(value_text(v, F_decision_content_rationale)));
    json_object_set_new(row, "necessity", json_str(value_text(v, F_decision_content_necessity)));
    return 0;
}

/* Rows are in the decisions' order; each goes to what was known, or to what arrived later. */
static void decision_items(const Rows *items, Id decision, json_t *entry) {
    enum { COL_decision = 4, COL_known = 5 };
    json_t *known = json_array(), *later = json_array();
    for (size_t i = 0; i < rows_count(items); i++) {
        if (!id_eq(row_id(items, i, COL_decision), decision)) continue;
        json_array_append_new(row_yes(items, i, COL_known) ? known : later,
                              json_row(items, i, item_columns, COUNT_OF(item_columns)));
    }
    json_object_set_new(entry, "known", known);
    json_object_set_new(entry, "later", later);
}

static int decisions_read(Call *c) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    _cleanup_(rows_freep) Rows *items = NULL;
    int r = STORE_CALL(c->hub->store, &rows,
                       "SELECT decision_id, number, outcome, gateway, decided_by, decided_at, "
                       "version, commitment, sealed, policy, owners FROM door.hub_decisions($1)",
                       p_id(c->enquiry));
    if (r == 0) {
        r = STORE_CALL(c->hub->store, &items,
                       "SELECT item_id, owner, class, arrived_at, decision_id, known "
                       "FROM door.hub_decision_items($1)",
                       p_id(c->enquiry));
    }
    if (r) return r;
    json_t *list = json_rows(rows, decision_columns, COUNT_OF(decision_columns));
    json_object_set_new(c->result, "decisions", list);
    enum { COL_sealed = COUNT_OF(decision_columns), COL_policy, COL_owners };
    for (size_t i = 0; i < rows_count(rows) && r == 0; i++) {
        Id id = row_id(rows, i, 0);
        json_t *entry = json_array_get(list, i);
        r = reasons_open(c, STR("decision"), id, row_bytes(rows, i, COL_sealed), entry);
        if (r == 0) {
            r = policies_told(c, row_bytes(rows, i, COL_policy), row_text(rows, i, COL_owners),
                              entry);
        }
        decision_items(items, id, entry);
    }
    return r;
}

int cmd_decisions(Call *c) {
    Id enquiry;
    int r = call_need_enquiry(c, &enquiry);
    return r ? r : call_reveal(c, "decisions", decisions_read);
}
