/* What is not in force before somebody has entered it: the partnership's agreement to the silent
 * tier, the commencement of an Act. A person enters the day and the document; nothing here knows
 * by itself what was agreed or commenced. */
#include "broker/hub/commands.h"
#include "broker/release/rule.h"

static const Column term_columns[] = {
    {"term", COLUMN_text},   {"meaning", COLUMN_text},    {"from", COLUMN_text},
    {"in_force", COLUMN_yes}, {"source", COLUMN_text},    {"entered_by", COLUMN_text},
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

int cmd_term(Call *c) {
    Str term, from, source;
    int r = call_need(c, "term", &term);
    if (r == 0) r = call_need(c, "from", &from);
    if (r == 0) r = call_need(c, "source", &source);
    if (r) return r;
    bool known = code_known(LIST_term, term), day = day_valid(from);
    if (!known || !day || !source_short(source)) {
        call_say(c, "%s", !known ? "\"term\" is one of those that `terms` lists."
                        : !day   ? "\"from\" is a day, as 2027-04-01."
                                 : "\"source\" is the document's reference: letters, digits and "
                                   "/ - . : only, 64 at most.");
        return REFUSE_argument_wrong;
    }
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
