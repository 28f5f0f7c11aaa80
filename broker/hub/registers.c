/* The registers that staff look at after a product has left: signposts and what became of them,
 * recalls and who has not confirmed. Codes, ids and times only. See contact.h. */
#include "broker/hub/contact.h"

static const Column signpost_columns[] = {
    {"question", COLUMN_id},    {"reference", COLUMN_text}, {"product", COLUMN_id},
    {"asker", COLUMN_text},     {"owner", COLUMN_text},     {"asked_at", COLUMN_text},
    {"answer_by", COLUMN_text}, {"state", COLUMN_text},     {"late", COLUMN_yes},
    {"climbed_to", COLUMN_text},   {"replied_at", COLUMN_text},
};

static const Column recall_columns[] = {
    {"recall", COLUMN_id},       {"reference", COLUMN_text}, {"product", COLUMN_id},
    {"owner", COLUMN_text},      {"class", COLUMN_text},     {"kind", COLUMN_text},
    {"recipient", COLUMN_text},  {"told_at", COLUMN_text},   {"confirm_by", COLUMN_text},
    {"state", COLUMN_text},      {"late", COLUMN_yes},       {"climbed_to", COLUMN_text},
    {"confirmed_at", COLUMN_text}, {"done", COLUMN_text},
};

/* `known` ends with NULL. Without a state: all of them. */
static int state_wanted(Call *c, const char *const *known, Str *ret) {
    *ret = str_trim(call_text(c, "state"));
    if (ret->len == 0) return 0;
    Str all = {0};
    for (size_t i = 0; known[i]; i++) {
        if (str_is(*ret, known[i])) return 0;
        all = arena_printf(c->arena, "%.*s%s%s", STR_ARG(all), i ? ", " : "", known[i]);
    }
    call_say(c, "\"state\" is one of: %.*s.", STR_ARG(all));
    return REFUSE_argument_wrong;
}

int cmd_signposts(Call *c) {
    static const char *const states[] = {"asked",   "delivered", "answered", "met",
                                         "refused", "late",      NULL};
    _cleanup_(rows_freep) Rows *rows = NULL;
    Str state;
    int r = state_wanted(c, states, &state);
    if (r) return r;
    r = STORE_CALL(c->hub->store, &rows,
                   "SELECT question_id, reference, product_id, asker, owner, asked_at, answer_by, "
                   "state, late, climbed_to, replied_at FROM door.hub_signposts($1, NULL)",
                   state.len ? p_text(state) : p_null());
    if (r) return r;
    json_object_set_new(c->result, "signposts",
                        json_rows(rows, signpost_columns, COUNT_OF(signpost_columns)));
    return 0;
}

int cmd_recalls(Call *c) {
    static const char *const states[] = {"unconfirmed", "confirmed", "late", NULL};
    _cleanup_(rows_freep) Rows *rows = NULL;
    Str state;
    int r = state_wanted(c, states, &state);
    if (r) return r;
    r = STORE_CALL(c->hub->store, &rows,
                   "SELECT recall_id, reference, product_id, owner, class, kind, recipient, "
                   "told_at, confirm_by, state, late, climbed_to, confirmed_at, done "
                   "FROM door.hub_recalls($1)",
                   state.len ? p_text(state) : p_null());
    if (r) return r;
    json_object_set_new(c->result, "recalls",
                        json_rows(rows, recall_columns, COUNT_OF(recall_columns)));
    return 0;
}
