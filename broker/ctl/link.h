/* Matching on paper: who is who in a file of people, by the code that a hub uses; none is asked. */
#ifndef MASH_CTL_LINK_H
#define MASH_CTL_LINK_H

#include "broker/hub/match/identity.h"

int link_trial_run(int argc, char **argv);

/* ---- link_file.c ----------------------------------------------------------------------------- */

typedef struct LinkFile {
    Str *id; /* by line, from 0 */
    Identity *identities;
    size_t count;
    uint64_t bad_numbers, bad_births; /* left out: a check digit, no date */
} LinkFile;

/* A line a person, columns by tabs, the first line has their names: id, and any of forename surname
 * dob sex postcode address city nhs_number upn; several values in one field with "|" between. Says
 * on stderr what is wrong, with line and column. False: end with OFFLINE_REFUSED. */
bool link_file_read(Arena *a, const char *path, LinkFile *ret);

#endif
