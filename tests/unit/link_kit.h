/* People for the tests of matching, written in one line: forename; surname; dob; sex; postcode;
 * address; NHS number. Between several values stands "|". */
#ifndef MASH_LINK_KIT_H
#define MASH_LINK_KIT_H

#include "broker/hub/match/known.h"

Identity link_person(Arena *a, const char *line);

/* A model as a new hub has it, for so many people. */
Model *link_model(uint64_t people);

/* `count` people who have nothing to do with each other, or, with `same`, all one name and year. */
Identity *link_crowd(Arena *a, size_t count, uint64_t seed, bool same);

#endif
