/* What is owed to the hub by a time: authorisations, replies, confirmations, justifications. The
 * database keeps and climbs them, with a leaf a step; here is the clock's push and the list for
 * staff. Ids, codes and times only. */
#include "broker/hub/commands.h"
#include "broker/io/log.h"

enum { CLIMB_MOST = 64, LIST_MOST = 500 };

static const Column columns[] = {
    {"kind", COLUMN_text},       {"subject", COLUMN_id},  {"holder", COLUMN_text},
    {"enquiry", COLUMN_text},    {"due_at", COLUMN_text}, {"late", COLUMN_yes},
    {"climbed_to", COLUMN_text},
};

int deadlines_climb(void *hub) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    Hub *h = hub;
    int r = STORE_CALL(h->store, &rows, "SELECT door.hub_climb($1)", p_number(CLIMB_MOST));
    if (r) return r < 0 ? r : ERR_BROKEN;
    int64_t climbed = row_number(rows, 0, 0);
    if (climbed) log_event(LOG_warn, "late", "climbed=%lld", (long long)climbed);
    return 0;
}

int cmd_deadlines(Call *c) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    Str kind = call_text(c, "kind"), agency = call_text(c, "agency"), late = call_text(c, "late");
    if (kind.len && !code_known(LIST_deadline, kind)) {
        call_say(c, "\"kind\" is a code from the list deadline.");
        return REFUSE_argument_wrong;
    }
    if (late.len && !str_is(late, "yes")) {
        call_say(c, "\"late\" is yes, or left out.");
        return REFUSE_argument_wrong;
    }
    int r = STORE_CALL(c->hub->store, &rows,
                       "SELECT kind, subject, holder, enquiry, due_at, late, climbed_to "
                       "FROM door.hub_deadlines($1, $2, $3::boolean, $4)",
                       kind.len ? p_text(kind) : p_null(), agency.len ? p_text(agency) : p_null(),
                       p_z(late.len ? "true" : "false"), p_number(LIST_MOST));
    if (r) return r;
    json_object_set_new(c->result, "deadlines", json_rows(rows, columns, COUNT_OF(columns)));
    return 0;
}
