/* The withholding register for staff. What the releases of one enquiry kept in, why and by whose
 * decision, and when that is looked at again: for whoever works on it, as a look. How it goes month
 * by month, and how often sharing was refused: counted, and fewer than five of an agency's are not
 * told apart outside it. No content. */
#include "broker/hub/commands.h"

enum { REGISTER_MOST = 500 };

static const Column withheld_columns[] = {
    {"released_at", COLUMN_text}, {"product", COLUMN_id},     {"recipient", COLUMN_text},
    {"for", COLUMN_text},         {"owner", COLUMN_text},     {"item", COLUMN_id},
    {"class", COLUMN_text},       {"form", COLUMN_text},      {"reason", COLUMN_text},
    {"decider", COLUMN_text},     {"review_on", COLUMN_text}, {"late", COLUMN_yes},
    {"chosen_for", COLUMN_id},
};

static const Column trend_columns[] = {
    {"month", COLUMN_text}, {"owner", COLUMN_text}, {"class", COLUMN_text},
    {"form", COLUMN_text},  {"items", COLUMN_text},
};

static const Column refusal_columns[] = {
    {"month", COLUMN_text},  {"agency", COLUMN_text},  {"act", COLUMN_text},
    {"reason", COLUMN_text}, {"meaning", COLUMN_text}, {"refused", COLUMN_text},
};

static Param agency_or_all(const Call *c) {
    Str agency = str_trim(call_text(c, "agency"));
    return agency.len ? p_text(agency) : p_null();
}

static int enquiry_read(Call *c) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    bool late = call_text(c, "late").len > 0;
    int r = STORE_CALL(c->hub->store, &rows,
                       "SELECT released_at, product, recipient, purpose, owner, item, class, form, "
                       "reason, decider, review_on, late, chosen_for "
                       "FROM door.hub_withholding($1, $2::boolean, $3)",
                       p_id(c->enquiry), p_z(late ? "true" : "false"), p_number(REGISTER_MOST));
    if (r) return r;
    json_object_set_new(c->result, "withheld",
                        json_rows(rows, withheld_columns, COUNT_OF(withheld_columns)));
    return 0;
}

static int trend_read(Call *c) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    int r = STORE_CALL(c->hub->store, &rows,
                       "SELECT month, owner, class, form, items "
                       "FROM door.hub_withholding_trend($1, $2)",
                       p_text(call_staff(c)), agency_or_all(c));
    if (r) return r;
    json_object_set_new(c->result, "trend",
                        json_rows(rows, trend_columns, COUNT_OF(trend_columns)));
    return 0;
}

int cmd_withholding(Call *c) {
    Str late = call_text(c, "late");
    if (late.len && !str_is(late, "yes")) {
        call_say(c, "\"late\" is yes, or left out.");
        return REFUSE_argument_wrong;
    }
    if (call_text(c, "ref").len == 0) return trend_read(c);
    int r = call_need_enquiry(c, &c->enquiry);
    return r ? r : call_reveal(c, "withholding", enquiry_read);
}

int cmd_refusals(Call *c) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    int r = STORE_CALL(c->hub->store, &rows,
                       "SELECT month, agency, act, reason, meaning, refused "
                       "FROM door.hub_refusals($1, $2)",
                       p_text(call_staff(c)), agency_or_all(c));
    if (r) return r;
    json_object_set_new(c->result, "refusals",
                        json_rows(rows, refusal_columns, COUNT_OF(refusal_columns)));
    return 0;
}
