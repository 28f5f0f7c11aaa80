/* What every program of this project does before and after its own work: the command line
 * `mash-x SETTINGS.ini [--ready-fd N]`, settings, protection of its memory, the word "ready" for
 * whoever started it, and the exit status. A program is crash-only: whatever fails ends it with 1
 * and its supervisor starts it again; 3 asks for a person instead. */
#ifndef MASH_PROGRAM_H
#define MASH_PROGRAM_H

#include "broker/base/config.h"

/* A yes-or-no option that only this program has; `name` NULL when there is none. */
typedef struct ProgramFlag {
    const char *name;
    char key;
    const char *doc;
} ProgramFlag;

typedef struct Started {
    const Config *config;
    int ready_fd; /* -1 when nobody waits */
    bool flag;
} Started;

typedef struct Program {
    const char *name; /* "mash-intake" */
    const char *doc;
    const Setting *settings;
    ProgramFlag flag;
    bool person_when_broken; /* ERR_BROKEN ends it with EXIT_PERSON, and it is not started again */
    /* Opens, calls program_ready, works, closes. 0 after SIGTERM, else ERR_*. */
    int (*run)(const Started *s, void *context);
    void *context;
} Program;

enum { EXIT_PERSON = 3 };

/* main's body; returns main's status. */
int program_main(int argc, char **argv, const Program *p);

/* Once everything is open: whoever started us may go on. */
void program_ready(const Started *s);

/* Beside, synced and renamed: a reader sees the old text or the new one, never half of it. */
int program_publish(const char *path, const char *text) _must_check_;

#endif
