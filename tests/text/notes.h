/* The labelled notes of tests/text/labelled: read, searched, and counted. A label is found when all
 * of its letters are cut; a cut is right when none of its letters stands outside a label. */
#ifndef MASH_TEXT_NOTES_H
#define MASH_TEXT_NOTES_H

#include "broker/release/release.h"

typedef struct Tally {
    char category[16];
    size_t notes;
    size_t labels, labels_found;
    size_t cuts, cuts_right;
} Tally;

enum { CATEGORIES_MOST = 24 };

typedef struct Measured {
    Tally all;
    Tally of[CATEGORIES_MOST]; /* by category, in the order of the file */
    size_t categories;
} Measured;

/* Says each fault (a label missed, a cut that is wrong) as a line to `say`, unless that is NULL.
 * Ends the program when the file cannot be read: it is part of the tree. */
void notes_measure(const char *path, Measured *ret, FILE *say);

double recall(const Tally *t);
double precision(const Tally *t);

#endif
