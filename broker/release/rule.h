/* Inside the release room only: what a sound rule is. The parser makes no other and the policy
 * obeys no other. */
#ifndef MASH_RULE_H
#define MASH_RULE_H

#include "broker/release/release.h"

enum { RULES_MAX = 512, RULE_DAYS_MAX = 366 };

bool day_valid(Str day);             /* a whole calendar day, "YYYY-MM-DD" */
bool day_before(Str a, Str b);       /* of two valid days */
long days_between(Str from, Str to); /* of two valid days; negative when `to` is earlier */

const char *rating_name(Rating r); /* "any" for RATING_none; NULL when there is no such rating */
const char *show_name(Show s);     /* NULL for SHOW_none */

bool rule_sound(const Rule *r);

#endif
