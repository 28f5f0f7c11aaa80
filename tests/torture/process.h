/* A program that runs with its n-th fallible call failing (wraps.c), and how it ends. */
#ifndef MASH_TORTURE_PROCESS_H
#define MASH_TORTURE_PROCESS_H

#include "tests/torture/sender.h"

#include <sys/types.h>

typedef struct Process {
    const char *program, *settings;
    pid_t pid;
    int pidfd, ready;
    bool gone;
    char wrong[200]; /* the first thing that is */
} Process;

void wrong(Process *p, const char *format, ...) _printf_(2, 3);

/* `n` -1: not tortured. */
void process_start(Process *p, long n);
bool process_ready(Process *p); /* false when it has ended before */
bool process_gone(Process *p);
/* SIGTERM, if it is still there; its status. A signal, or a status that is neither 0 nor 1, is
 * wrong. */
int process_end(Process *p);
/* One line for tests/torture/run: n, "ok" or what is wrong, status, how much was answered, and the
 * call that failed or how many calls there were. What it wrote stays in run/report.<n> when it is
 * wrong. */
void process_tell(const Process *p, long n, int status, size_t answered);

#endif
