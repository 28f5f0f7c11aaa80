/* What staff see of the front door while it runs, and the limits that its manager sets. Codes,
 * counts and times only: nothing here comes out of a message (S25). */
#include "broker/hub/commands.h"

enum { SENDERS_MOST = 1000 };

/* A rate comes as tenths, because rows know whole numbers only. */
static void rates_divide(json_t *rows) {
    size_t i;
    json_t *row;
    json_array_foreach(rows, i, row) {
        json_int_t tenths = json_integer_value(json_object_get(row, "per_second"));
        json_object_set_new(row, "per_second", json_real((double)tenths / 10));
    }
}

static int instances_list(Call *c) {
    static const Column columns[] = {
        {"name", COLUMN_text},
        {"alive", COLUMN_yes},
        {"silent_s", COLUMN_number},
        {"running_s", COLUMN_number},
        {"per_second", COLUMN_number},
        {"waiting_immediate", COLUMN_number},
        {"waiting_ordinary", COLUMN_number},
        {"waiting_bytes", COLUMN_number},
        {"accepted", COLUMN_number},
        {"duplicate", COLUMN_number},
        {"quarantined", COLUMN_number},
        {"refused", COLUMN_number},
        {"busy", COLUMN_number},
    };
    _cleanup_(rows_freep) Rows *rows = NULL;
    int r = store_call(c->hub->store,
                       "SELECT name, alive, silent_s, running_s, rate_tenths, waiting_reserved, "
                       "waiting_ordinary, waiting_bytes, accepted, duplicate, quarantined, "
                       "refused, busy FROM door.hub_intake()",
                       NULL, 0, &rows);
    if (r) return r;
    json_t *list = json_rows(rows, columns, COUNT_OF(columns));
    rates_divide(list);
    json_object_set_new(c->result, "instances", list);
    return 0;
}

static int senders_list(Call *c, Str agency) {
    static const Column columns[] = {
        {"intake", COLUMN_text},
        {"agency", COLUMN_text},
        {"key", COLUMN_text},
        {"credit", COLUMN_number},
        {"waiting", COLUMN_number},
        {"unanswered", COLUMN_number},
        {"per_second", COLUMN_number},
        {"accepted", COLUMN_number},
        {"duplicate", COLUMN_number},
        {"quarantined", COLUMN_number},
        {"refused", COLUMN_number},
        {"busy", COLUMN_number},
        {"silent_s", COLUMN_number},
    };
    _cleanup_(rows_freep) Rows *rows = NULL;
    int r = STORE_CALL(c->hub->store, &rows,
                       "SELECT name, agency, key_id, credit, waiting, unanswered, rate_tenths, "
                       "accepted, duplicate, quarantined, refused, busy, silent_s "
                       "FROM door.hub_intake_senders($1, $2)",
                       p_text(agency), p_number(SENDERS_MOST));
    if (r) return r;
    json_t *list = json_rows(rows, columns, COUNT_OF(columns));
    rates_divide(list);
    json_object_set_new(c->result, "senders", list);
    return 0;
}

static int refusals_list(Call *c, Str agency) {
    static const Column columns[] = {
        {"intake", COLUMN_text},
        {"agency", COLUMN_text},
        {"reason", COLUMN_text},
        {"total", COLUMN_number},
    };
    _cleanup_(rows_freep) Rows *rows = NULL;
    int r = STORE_CALL(c->hub->store, &rows,
                       "SELECT name, agency, reason, total FROM door.hub_intake_refused($1)",
                       p_text(agency));
    if (r) return r;
    json_object_set_new(c->result, "refusals", json_rows(rows, columns, COUNT_OF(columns)));
    return 0;
}

static int lag_list(Call *c, Str agency) {
    static const Column columns[] = {
        {"lane", COLUMN_text},
        {"waiting", COLUMN_number},
        {"oldest_s", COLUMN_number},
    };
    _cleanup_(rows_freep) Rows *rows = NULL;
    int r = STORE_CALL(c->hub->store, &rows,
                       "SELECT lane, waiting, oldest_s FROM door.hub_intake_lag($1)",
                       p_text(agency));
    if (r) return r;
    json_object_set_new(c->result, "lag", json_rows(rows, columns, COUNT_OF(columns)));
    return 0;
}

int cmd_intake(Call *c) {
    Str agency = str_trim(call_text(c, "agency"));
    if (agency.len == 0) agency = (Str){0};
    int r = instances_list(c);
    if (r == 0) r = senders_list(c, agency);
    if (r == 0) r = refusals_list(c, agency);
    return r ? r : lag_list(c, agency);
}

/* ---- limits ---------------------------------------------------------------------------------- */

int cmd_limits(Call *c) {
    static const Column columns[] = {
        {"agency", COLUMN_text}, {"name", COLUMN_text},   {"value", COLUMN_number},
        {"set_by", COLUMN_text}, {"set_at", COLUMN_text},
    };
    _cleanup_(rows_freep) Rows *rows = NULL;
    int r = store_call(c->hub->store,
                       "SELECT coalesce(agency, 'default'), name, value, set_by, set_at "
                       "FROM door.hub_limits()",
                       NULL, 0, &rows);
    if (r) return r;
    json_object_set_new(c->result, "limits", json_rows(rows, columns, COUNT_OF(columns)));
    call_say(c, "Where nothing is set: immediate_per_minute 120, waiting 4096, credit 512.");
    return 0;
}

int cmd_limit(Call *c) {
    Str agency, name, value;
    uint64_t number = 0;
    int r = call_need(c, "agency", &agency);
    if (r == 0) r = call_need(c, "name", &name);
    if (r == 0) r = call_need(c, "value", &value);
    if (r) return r;
    bool back = str_is(value, "default");
    if (!back && (!str_u64(value, &number) || number > INT64_MAX)) {
        call_say(c, "\"value\" is a number, or default.");
        return REFUSE_argument_wrong;
    }
    r = STORE_CALL(c->hub->store, NULL, "SELECT door.hub_limit($1, $2, $3, $4::bigint)",
                   p_text(call_staff(c)),
                   str_is(agency, "default") ? p_text((Str){0}) : p_text(agency), p_text(name),
                   back ? p_null() : p_number((int64_t)number));
    if (r == REFUSE_argument_wrong) {
        call_say(c, "Names and bounds: immediate_per_minute 1 to 100000, waiting 64 to 1000000, "
                    "credit 1 to 65536.");
    }
    return r;
}
