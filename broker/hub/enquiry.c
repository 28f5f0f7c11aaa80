/* An enquiry in somebody's hands: claim it, rate it. A claim is a lease with a fencing token, so
 * that an act that comes too late is refused by the door. Looking into it is in show.c. */
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
