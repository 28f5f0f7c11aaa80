/* Everything known about an enquiry, for whoever works on it: the first page, or one that a cursor
 * names. Here are the lists that are nobody's; what agencies say is in show_told.c. */
#include "broker/hub/show.h"

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
    {"delivered", COLUMN_text}, {"supplements", COLUMN_id},
};

static const Column authorisation_columns[] = {
    {"request", COLUMN_id},        {"owner", COLUMN_text},         {"recipient", COLUMN_text},
    {"purpose", COLUMN_text},      {"state", COLUMN_text},         {"climbed_to", COLUMN_text},
    {"asked_by", COLUMN_text},     {"answer_by", COLUMN_text},     {"expires_on", COLUMN_text},
    {"answered_at", COLUMN_text},  {"supplementary", COLUMN_yes},
};

static const Column decision_columns[] = {
    {"decision", COLUMN_id},    {"subject", COLUMN_number},  {"outcome", COLUMN_text},
    {"gateway", COLUMN_text},   {"decided_by", COLUMN_text}, {"decided_at", COLUMN_text},
    {"version", COLUMN_number},
};

static const Column signpost_columns[] = {
    {"question", COLUMN_id},    {"product", COLUMN_id},      {"asker", COLUMN_text},
    {"owner", COLUMN_text},     {"asked_at", COLUMN_text},   {"answer_by", COLUMN_text},
    {"state", COLUMN_text},     {"late", COLUMN_yes},        {"climbed_to", COLUMN_text},
    {"replied_at", COLUMN_text},
};

static const Column emergency_columns[] = {
    {"product", COLUMN_id},     {"recipient", COLUMN_text},    {"released_by", COLUMN_text},
    {"lapsed", COLUMN_yes},     {"released_at", COLUMN_text},  {"state", COLUMN_text},
    {"due", COLUMN_text},       {"justified_at", COLUMN_text}, {"climbed_to", COLUMN_text},
};

static const Column rating_columns[] = {
    {"at", COLUMN_text},
    {"rating", COLUMN_text},
    {"factors", COLUMN_text},
    {"by", COLUMN_text},
};

/* ---- pages ----------------------------------------------------------------------------------- */

int cursor_wrong(Call *c) {
    call_say(c, "\"after\" is what the page before said, as items.police.37.");
    return REFUSE_argument_wrong;
}

int cursor_take(Call *c, Cursor *ret) {
    Str rest = str_trim(call_text(c, "after")), word = {0}, last = {0};
    *ret = (Cursor){0};
    if (rest.len == 0) return 0;
    (void)str_split(&rest, '.', &ret->list);
    while (str_split(&rest, '.', &word)) {
        if (last.len && ret->agency.len) return cursor_wrong(c);
        if (last.len) ret->agency = last;
        last = word;
    }
    return str_u64(last, &ret->earlier) ? 0 : cursor_wrong(c);
}

Slice slice_of(const Cursor *k, Str agency, size_t total, size_t share) {
    bool first = k->list.len == 0;
    size_t from = first || k->earlier > total ? total : (size_t)k->earlier;
    return (Slice){.agency = agency, .total = total, .from = from, .room = first ? share : PAGE};
}

bool slice_put(Slice *s, json_t *list, json_t *row) {
    size_t size = json_dumpb(row, NULL, 0, JSON_COMPACT) + 1;
    if (size > s->room) {
        json_decref(row);
        return false;
    }
    s->room -= size;
    s->shown++;
    json_array_append_new(list, row);
    return true;
}

void slice_tell(Call *c, const char *list, const Slice *s) {
    json_t *row = json_object();
    size_t earlier = s->from - s->shown;
    json_object_set_new(row, "list", json_string(list));
    if (s->agency.len) json_object_set_new(row, "agency", json_str(s->agency));
    json_object_set_new(row, "total", json_integer((json_int_t)s->total));
    json_object_set_new(row, "shown", json_integer((json_int_t)s->shown));
    if (earlier) {
        json_object_set_new(row, "earlier", json_integer((json_int_t)earlier));
        json_object_set_new(row, "after",
                            json_sprintf("%s%s%.*s.%zu", list, s->agency.len ? "." : "",
                                         STR_ARG(s->agency), earlier));
    }
    json_t *pages = json_object_get(c->result, "pages");
    if (!pages) json_object_set_new(c->result, "pages", pages = json_array());
    json_array_append_new(pages, row);
}

/* ---- lists that are nobody's ----------------------------------------------------------------- */

/* Rows as they come; behind the columns, where there is a `use`, the id of somebody's sealed words
 * and the words, which are opened here: under the name `words`, or as the reasons of an act. */
typedef struct List {
    const char *name, *sql;
    const Column *columns;
    size_t count, share;
    const char *use, *words;
} List;

static const List lists[] = {
    {"subjects",
     "SELECT number, person_id, kind, outcome, decided_version FROM door.hub_subjects($1)",
     subject_columns, COUNT_OF(subject_columns), SHARE_codes, NULL, NULL},
    {"ratings",
     "SELECT at, rating, factors, by, reason_id, reason FROM door.hub_ratings($1)",
     rating_columns, COUNT_OF(rating_columns), SHARE_words, "rating", "reason"},
    {"checks",
     "SELECT check_id, agency, gateway, threshold, family_informed, asked_by, asked_at, "
     "answer_by, state, late, answered_at, question_id, question FROM door.hub_checks($1)",
     check_columns, COUNT_OF(check_columns), SHARE_words, "check", "question"},
    {"decisions",
     "SELECT decision_id, number, outcome, gateway, decided_by, decided_at, version "
     "FROM door.hub_decisions($1)",
     decision_columns, COUNT_OF(decision_columns), SHARE_codes, NULL, NULL},
    {"products",
     "SELECT product_id, decision_id, recipient, purpose, released_by, released_at, delivered, "
     "supplements "
     "FROM door.hub_products($1)",
     product_columns, COUNT_OF(product_columns), SHARE_codes, NULL, NULL},
    {"authorisations",
     "SELECT request_id, owner, recipient, purpose, state, climbed_to, asked_by, answer_by, "
     "expires_on, answered_at, supplementary FROM door.hub_enquiry_authorisations($1)",
     authorisation_columns, COUNT_OF(authorisation_columns), SHARE_codes, NULL, NULL},
    {"signposts",
     "SELECT question_id, product_id, asker, owner, asked_at, answer_by, state, late, climbed_to, "
     "replied_at FROM door.hub_signposts(NULL, $1)",
     signpost_columns, COUNT_OF(signpost_columns), SHARE_codes, NULL, NULL},
    {"emergencies",
     "SELECT product, recipient, released_by, lapsed, released_at, state, due, justified_at, "
     "climbed_to, words_id, sealed FROM door.hub_enquiry_emergencies($1)",
     emergency_columns, COUNT_OF(emergency_columns), SHARE_words, "justification", NULL},
};

static int list_row(Call *c, const List *l, const Rows *rows, size_t i, json_t **ret) {
    int id = (int)l->count, sealed = id + 1, r = 0;
    Bytes words = {0};
    json_t *row = *ret = json_row(rows, i, l->columns, l->count);
    if (!l->use || row_null(rows, i, id)) return 0;
    if (!l->words) {
        return reasons_open(c, str_z(l->use), row_id(rows, i, id), row_bytes(rows, i, sealed), row);
    }
    r = words_open(c, str_z(l->use), row_id(rows, i, id), row_bytes(rows, i, sealed), &words);
    json_object_set_new(row, l->words, json_str(bytes_str(words)));
    return r;
}

static int list_show(Call *c, const List *l, const Cursor *k) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    int r = STORE_CALL(c->hub->store, &rows, l->sql, p_id(c->enquiry));
    if (r) return r;
    Slice s = slice_of(k, (Str){0}, rows_count(rows), l->share);
    json_t *list = json_array(), *row;
    json_object_set_new(c->result, l->name, list);
    for (bool room = true; room && s.shown < s.from;) {
        r = list_row(c, l, rows, s.from - s.shown - 1, &row);
        room = slice_put(&s, list, row);
        if (r) return r;
    }
    slice_tell(c, l->name, &s);
    return 0;
}

/* ---- show ------------------------------------------------------------------------------------ */

/* First of all, so that the version told is never newer than the items shown. */
static int head_show(Call *c) {
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

static int page_show(Call *c) {
    Cursor k;
    int r = cursor_take(c, &k);
    if (r == 0) r = head_show(c);
    bool all = k.list.len == 0, known = all;
    if (r == 0 && (all || str_is(k.list, "persons"))) {
        known = true;
        r = persons_show(c, &k);
    }
    if (r == 0 && (all || str_is(k.list, "items"))) {
        known = true;
        r = items_show(c, &k);
    }
    for (size_t i = 0; i < COUNT_OF(lists) && r == 0; i++) {
        if (!all && (k.agency.len || !str_is(k.list, lists[i].name))) continue;
        known = true;
        r = list_show(c, &lists[i], &k);
    }
    return r || known ? r : cursor_wrong(c);
}

int cmd_show(Call *c) {
    Id enquiry;
    int r = call_need_enquiry(c, &enquiry);
    return r ? r : call_reveal(c, "show", page_show);
}
