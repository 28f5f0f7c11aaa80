/* Commands that must be refused, about an enquiry that holds what stays in. See refused.c. */
#ifndef MASH_WIRE_REFUSED_H
#define MASH_WIRE_REFUSED_H

#include "tests/wire/played.h"

/* Asks all of them about this enquiry; ends the campaign where one is not refused, or its answer
 * says a word that stays in (staff_ask). Returns how many there are. */
size_t refused_all(Staff *s, Arena *a, Str ref);

#endif
