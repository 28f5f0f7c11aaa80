/* What mashctl does without a hub: on paper, on the machine of who asks. Each is a table's row; its
 * words are the command's first one or two. */
#ifndef MASH_OFFLINE_H
#define MASH_OFFLINE_H

#include <stdbool.h>
#include <stdio.h>

enum { OFFLINE_DONE, OFFLINE_REFUSED, OFFLINE_USAGE }; /* as mashctl's own exits */

typedef struct Offline {
    const char *group, *name; /* name NULL: one word is the command */
    int (*run)(int argc, char **argv); /* argv[0] is the whole command; its options follow */
    const char *usage, *doc;
} Offline;

/* The one that these arguments of main name; NULL: none, it is for the hub. */
const Offline *offline_find(int argc, char **argv);
/* The first word is the name of a group, and the second none of what it does: says so, and what
 * there is, on stderr. */
bool offline_lost(int argc, char **argv);
int offline_run(const Offline *o, int argc, char **argv);
void offline_help(FILE *out);

/* ---- signing.c ------------------------------------------------------------------------------- */

int people_sign_run(int argc, char **argv);
int authorise_sign_run(int argc, char **argv);
int choice_sign_run(int argc, char **argv);

#endif
