/* What is not in force before somebody has entered it: the partnership's agreement to the silent
 * tier, the commencement of an Act; and until when each agency's information-sharing agreement
 * runs. A person enters the day and the document; nothing here knows by itself what was agreed or
 * commenced. */
#include "broker/hub/commands.h"
#include "broker/release/rule.h"

static const Column term_columns[] = {
    {"term", COLUMN_text},   {"meaning", COLUMN_text},    {"from", COLUMN_text},
    {"in_force", COLUMN_yes}, {"source", COLUMN_text},    {"entered_by", COLUMN_text},
    {"entered_at", COLUMN_text},
};

static const Column agreement_columns[] = {
    {"agency", COLUMN_text},     {"name", COLUMN_text},   {"until", COLUMN_text},
    {"over", COLUMN_yes},        {"source", COLUMN_text}, {"entered_by", COLUMN_text},
    {"entered_at", COLUMN_text},
};

/* It stands in a leaf: a reference, not words. */
static bool source_short(Str s) {
    for (size_t i = 0; i < s.len; i++) {
        char ch = s.at[i];
        bool letter = (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z');
        bool digit = ch >= '0' && ch <= '9';
        if (!letter && !digit && ch != '/' && ch != '-' && ch != '.' && ch != ':') return false;
    }
    return s.len > 0 && s.len <= 64;
}

static int document_check(Call *c, const char *name, Str day, Str source) {
    if (!day_valid(day)) {
        call_say(c, "\"%s\" is a day, as 2027-04-01.", name);
        return REFUSE_argument_wrong;
    }
    if (source_short(source)) return 0;
    call_say(c, "\"source\" is the document's reference: letters, digits and / - . : only, 64 at "
                "most.");
    return REFUSE_argument_wrong;
}

int cmd_term(Call *c) {
    Str term, from, source;
    int r = call_need(c, "term", &term);
    if (r == 0) r = call_need(c, "from", &from);
    if (r == 0) r = call_need(c, "source", &source);
    if (r) return r;
    if (!code_known(LIST_term, term)) {
        call_say(c, "\"term\" is one of those that `terms` lists.");
        return REFUSE_argument_wrong;
    }
    r = document_check(c, "from", from, source);
    if (r) return r;
    r = STORE_CALL(c->hub->store, NULL, "SELECT door.hub_term($1, $2, $3::date, $4)",
                   p_text(call_staff(c)), p_text(term), p_text(from), p_text(source));
    if (r == 0) call_say(c, "%.*s is in force from %.*s.", STR_ARG(term), STR_ARG(from));
    return r;
}

int cmd_terms(Call *c) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    int r = store_call(c->hub->store,
                       "SELECT term, meaning, in_force_from, in_force, source, entered_by, "
                       "entered_at FROM door.hub_terms()",
                       NULL, 0, &rows);
    if (r) return r;
    json_object_set_new(c->result, "terms",
                        json_rows(rows, term_columns, COUNT_OF(term_columns)));
    return 0;
}

int cmd_agreement(Call *c) {
    Str agency, until, source;
    int r = call_need(c, "agency", &agency);
    if (r == 0) r = call_need(c, "until", &until);
    if (r == 0) r = call_need(c, "source", &source);
    if (r == 0) r = document_check(c, "until", until, source);
    if (r) return r;
    r = STORE_CALL(c->hub->store, NULL, "SELECT door.hub_agreement($1, $2, $3::date, $4)",
                   p_text(call_staff(c)), p_text(agency), p_text(until), p_text(source));
    if (r == REFUSE_argument_wrong)
        call_say(c, "\"agency\" is one of those that `agreements` lists.");
    if (r == 0)
        call_say(c, "%.*s's runs until the end of %.*s.", STR_ARG(agency), STR_ARG(until));
    return r;
}

int cmd_agreements(Call *c) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    int r = store_call(c->hub->store,
                       "SELECT agency, name, until, over, source, entered_by, entered_at "
                       "FROM door.hub_agreements()",
                       NULL, 0, &rows);
    if (r) return r;
    json_object_set_new(c->result, "agreements",
                        json_rows(rows, agreement_columns, COUNT_OF(agreement_columns)));
    return 0;
}
