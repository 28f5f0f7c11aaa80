/* A rule as the columns of mash.policy_rule, and back: one to one, so that a question asked in SQL
 * is about what was signed. See rule.h. */
#include "broker/release/rule.h"

static const char *const recipient_kinds[] = {"anyone", "type", "agency"};

/* Never without a place: what is empty is an empty text, not nothing. */
static Str cell(Str text, const char *empty) {
    return text.len ? text : str_z(empty);
}

static Str yes_no(bool yes) {
    return yes ? STR("true") : STR("false");
}

void rule_to_row(const Rule *r, RuleRow *ret) {
    *ret = (RuleRow){.line = r->line};
    ret->text[ROW_effect] = r->never ? STR("never") : STR("allow");
    ret->text[ROW_class] = str_z(class_name(r->class));
    ret->text[ROW_recipient_kind] = str_z(recipient_kinds[r->recipient_kind]);
    ret->text[ROW_recipient] = cell(r->recipient, "");
    ret->text[ROW_purpose] = cell(r->purpose, "any");
    ret->text[ROW_least_rating] = str_z(rating_name(r->least));
    ret->text[ROW_show] = r->show == SHOW_none ? STR("nothing") : str_z(show_name(r->show));
    ret->text[ROW_signpost] = yes_no(r->signpost);
    ret->text[ROW_owner_authorises] = yes_no(r->owner_authorises);
    ret->text[ROW_valid_from] = cell(r->from, "");
    ret->text[ROW_valid_until] = cell(r->until, "");
}

/* Which of the names it is; false when none. */
static bool name_find(Str text, const char *(*name)(size_t), size_t *ret) {
    for (size_t i = 0; name(i); i++) {
        if (str_is(text, name(i))) return *ret = i, true;
    }
    return false;
}

static const char *kind_at(size_t i) {
    return i < COUNT_OF(recipient_kinds) ? recipient_kinds[i] : NULL;
}

static const char *rating_at(size_t i) {
    return rating_name((Rating)i);
}

static const char *show_at(size_t i) {
    return i == SHOW_none ? "nothing" : show_name((Show)i);
}

static bool yes_read(Str text, bool *ret) {
    *ret = str_is(text, "true");
    return *ret || str_is(text, "false");
}

bool rule_from_row(Str owner, const RuleRow *row, Rule *ret) {
    const Str *t = row->text;
    size_t kind, least, show;
    Rule r = {.owner = owner,
              .line = row->line,
              .never = str_is(t[ROW_effect], "never"),
              .class = class_by_name(t[ROW_class]),
              .recipient = t[ROW_recipient],
              .purpose = str_is(t[ROW_purpose], "any") ? (Str){0} : t[ROW_purpose],
              .from = t[ROW_valid_from],
              .until = t[ROW_valid_until]};
    if (!r.never && !str_is(t[ROW_effect], "allow")) return false;
    if (!name_find(t[ROW_recipient_kind], kind_at, &kind)) return false;
    if (!name_find(t[ROW_least_rating], rating_at, &least)) return false;
    if (!name_find(t[ROW_show], show_at, &show)) return false;
    if (!yes_read(t[ROW_signpost], &r.signpost)) return false;
    if (!yes_read(t[ROW_owner_authorises], &r.owner_authorises)) return false;
    r.recipient_kind = (RecipientKind)kind;
    r.least = (Rating)least;
    r.show = (Show)show;
    *ret = r;
    return rule_sound(&r);
}
