/* The queue: what waits, most urgent first (S34). Codes, counts and times only: a listing leaks no
 * names (S25). */
#include "broker/hub/commands.h"
#include "broker/hub/pipeline.h"

enum { QUEUE_MOST = 500 };

static const Column queue_columns[] = {
    {"reference", COLUMN_text},
    {"state", COLUMN_text},
    {"lane", COLUMN_text},
    {"rating", COLUMN_text},
    {"opened_at", COLUMN_text},
    {"product_due", COLUMN_text},
    {"product_minutes", COLUMN_number},
    {"decision_due", COLUMN_text},
    {"decision_minutes", COLUMN_number},
    {"late", COLUMN_yes},
    {"holder", COLUMN_text},
    {"claim_until", COLUMN_text},
    {"agencies", COLUMN_number},
    {"messages", COLUMN_number},
    {"checks_open", COLUMN_number},
    {"checks_late", COLUMN_number},
    {"subjects", COLUMN_number},
};

int cmd_whoami(Call *c) {
    Str rest = str_z(c->who->roles), role;
    json_t *roles = json_array();
    while (str_split(&rest, '+', &role)) {
        if (role.len) json_array_append_new(roles, json_str(role));
    }
    json_object_set_new(c->result, "staff", json_str(call_staff(c)));
    json_object_set_new(c->result, "roles", roles);
    json_object_set_new(c->result, "key", json_string(c->who->id));
    json_object_set_new(c->result, "realm", json_str(c->hub->realm));
    return 0;
}

/* Without a state: everything that still needs somebody. */
static int states_wanted(Call *c, Str states[2], size_t *ret_count) {
    static const char *const known[] = {"waiting", "claimed", "decided"};
    Str asked = call_text(c, "state");
    states[0] = asked.len ? asked : STR("waiting");
    states[1] = STR("claimed");
    *ret_count = asked.len ? 1 : 2;
    for (size_t i = 0; i < COUNT_OF(known); i++) {
        if (str_is(states[0], known[i])) return 0;
    }
    call_say(c, "\"state\" is waiting, claimed or decided.");
    return REFUSE_argument_wrong;
}

int cmd_queue(Call *c) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    Str states[2];
    size_t count = 0;
    int r = states_wanted(c, states, &count);
    if (r) return r;
    r = STORE_CALL(c->hub->store, &rows,
                   "SELECT reference, state, lane, rating, opened_at, product_due, "
                   "product_minutes, decision_due, decision_minutes, late, holder, claim_until, "
                   "agencies, messages, checks_open, checks_late, subjects, waiting "
                   "FROM door.hub_queue($1, $2)",
                   p_text_list(c->arena, states, count), p_number(QUEUE_MOST));
    if (r) return r;
    int64_t all = rows_count(rows) ? row_number(rows, 0, (int)COUNT_OF(queue_columns)) : 0;
    json_object_set_new(c->result, "enquiries",
                        json_rows(rows, queue_columns, COUNT_OF(queue_columns)));
    json_object_set_new(c->result, "count", json_integer(all));
    Str late = waiting_say(c->hub, c->arena);
    Str cut = all > QUEUE_MOST
                  ? arena_printf(c->arena, "Only the %d most urgent are listed.", QUEUE_MOST)
                  : (Str){0};
    Str words = authorisations_say(c);
    call_say(c, "%.*s%s%.*s%s%.*s", STR_ARG(cut), cut.len && late.len ? " " : "", STR_ARG(late),
             cut.len + late.len && words.len ? " " : "", STR_ARG(words));
    return 0;
}
