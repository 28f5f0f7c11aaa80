/* A check as a person at the agency's desk reads it, and as the form that is filled in and dropped
 * into <dir>/desk/reply (desk.h). A product needs nothing of this: the hub rendered it. */
#ifndef MASH_LETTERS_TEXT_H
#define MASH_LETTERS_TEXT_H

#include "schemas/value.h"

/* All {0} when the arena failed. */
Str check_text(Arena *a, const Value *check);
Str check_form(Arena *a, const Value *check);
/* A request for the agency's word, and how to give it. */
Str authorise_text(Arena *a, const Value *asked);

#endif
