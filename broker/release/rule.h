/* What a sound rule is, in memory and as a row of the database. The parser makes no other and the
 * policy obeys no other. */
#ifndef MASH_RULE_H
#define MASH_RULE_H

#include "broker/release/policy.h"

enum {
    RULES_MAX = 512,        /* of one owner */
    PAPER_RULES_MAX = 4096, /* of all owners in one text */
};

bool agency_code_valid(Str code); /* spelt like one: [a-z][a-z0-9-]{0,31} */

bool day_valid(Str day);             /* a whole calendar day, "YYYY-MM-DD" */
bool day_before(Str a, Str b);       /* of two valid days */
long days_between(Str from, Str to); /* of two valid days; negative when `to` is earlier */
bool day_within_year(Str from, Str until); /* twelve months: until the day before a year later */

const char *rating_name(Rating r); /* "any" for RATING_none; NULL when there is no such rating */
Rating rating_by_name(Str name);     /* RATING_none for what is none */
const char *show_name(Show s);     /* NULL for SHOW_none */

Str day_plus(Arena *a, Str day, long days); /* {0} outside of the years 1800 to 9999 */

bool rule_sound(const Rule *r);

/* ---- row.c: a rule as the columns of mash.policy_rule ---------------------------------------- */

enum {
    ROW_effect,
    ROW_class,
    ROW_recipient_kind,
    ROW_recipient,
    ROW_purpose,
    ROW_least_rating,
    ROW_show,
    ROW_signpost,
    ROW_owner_authorises,
    ROW_valid_from, /* empty: NULL */
    ROW_valid_until,
    ROW_COLUMNS
};

typedef struct RuleRow {
    size_t line;
    Str text[ROW_COLUMNS];
} RuleRow;

void rule_to_row(const Rule *r, RuleRow *ret);
/* False when the row is none of a sound rule; the rule borrows from it. */
bool rule_from_row(Str owner, const RuleRow *row, Rule *ret);

#endif
