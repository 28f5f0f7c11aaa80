/* An owner's choice: what it must say beyond the form of its fields, and the text that people of
 * the owner sign for it. Asked by the adapter before it is sent and by the hub before it counts. */
#ifndef MASH_CHOICE_H
#define MASH_CHOICE_H

#include "schemas/codec.h"

/* Silent and held at source leave no trace outside: one person alone may not want that. */
enum { CHOICE_ENDORSERS = 2 };

/* It needs two people of the owner, a reason and a day to look again. */
bool choice_is_grave(const Value *choice);

/* Of a choice that schema_check took: is it whole? REFUSE_missing_field (a reason, a review date),
 * REFUSE_code_unknown (the class), REFUSE_unendorsed (fewer signatures than people needed). Whether
 * the signatures hold is asked where the people's keys are known. */
int choice_check(const Value *choice, Fault *ret_fault) _must_check_;

/* What each of those people signs: this will, for this message of this owner, in this realm, at
 * this time, so that no signature serves twice. {0} when the arena failed. */
Str choice_message(Arena *a, Str realm, Str owner, const Value *choice);

#endif
