/* See ending.h. One line of a fixed width: word, message, agency. The word comes first, so that the
 * handler of a fault changes it by one write, which is all that may be done there. */
#include "broker/hub/ending.h"

#include "broker/base/err.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

enum { WORD = 8, LINE = WORD + ID_TEXT + AGENCY_MAX }; /* each with what comes after it */

static const int faults[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};

struct Ending {
    int fd; /* -1: nothing is kept */
    char last[LINE + 1];
};

/* A handler has no other way to know. `full` is set while there is a message in hand. */
static struct {
    volatile sig_atomic_t full;
    int fd;
    struct sigaction before[COUNT_OF(faults)];
    char stack[1 << 14]; /* a fault may be that there is no stack left */
} hand = {.fd = -1};

static void word_write(int fd, const char *word) {
    ssize_t n = fd < 0 ? 0 : pwrite(fd, word, WORD, 0);
    (void)n; /* what cannot be written down is blamed on nobody */
}

static void faults_leave(void) {
    for (size_t i = 0; i < COUNT_OF(faults); i++) (void)sigaction(faults[i], &hand.before[i], NULL);
}

/* Whoever handled it before handles it again: by what comes back when a fault is returned to, or by
 * a second signal where the first one was sent. */
static void fault_seen(int sig, siginfo_t *info, void *context) {
    bool sent = info->si_code <= 0;
    (void)context;
    if (hand.full && (!sent || info->si_pid == getpid())) word_write(hand.fd, "crashed ");
    faults_leave();
    if (sent) (void)raise(sig);
}

static int faults_watch(int fd) {
    stack_t stack = {.ss_sp = hand.stack, .ss_size = sizeof(hand.stack)};
    struct sigaction action = {.sa_sigaction = fault_seen, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    (void)sigemptyset(&action.sa_mask);
    hand.full = 0;
    if (sigaltstack(&stack, NULL) != 0) return ERR_FILE;
    for (size_t i = 0; i < COUNT_OF(faults); i++) {
        if (sigaction(faults[i], &action, &hand.before[i]) != 0) return ERR_FILE;
    }
    hand.fd = fd;
    return 0;
}

int ending_open(const char *path, Ending **ret) {
    _cleanup_(ending_closep) Ending *e = calloc(1, sizeof(*e));
    if (!e) return ERR_MEMORY;
    e->fd = -1;
    if (*path) {
        e->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (e->fd < 0 || flock(e->fd, LOCK_EX | LOCK_NB) != 0) return ERR_FILE;
        ssize_t n = pread(e->fd, e->last, LINE, 0);
        if (n < 0) return ERR_FILE;
        int r = faults_watch(e->fd);
        if (r < 0) return r;
    }
    *ret = TAKE(e);
    return 0;
}

void ending_close(Ending *e) {
    if (!e) return;
    hand.full = 0;
    if (hand.fd >= 0) faults_leave();
    hand.fd = -1;
    if (e->fd >= 0) (void)close(e->fd);
    free(e);
}

int64_t ending_last(const Ending *e, char agency[AGENCY_MAX], Id *ret_message) {
    Str rest = str_z(e->last), word = {0}, message = {0}, name = {0};
    (void)str_split(&rest, '\n', &name);
    rest = name;
    bool whole = str_split(&rest, ' ', &word) && word.len == WORD - 1 &&
                 str_split(&rest, ' ', &message) && id_parse(message, ret_message) &&
                 str_split(&rest, ' ', &name) && name.len > 0 && name.len < AGENCY_MAX;
    if (!whole) return 0;
    (void)snprintf(agency, AGENCY_MAX, "%.*s", STR_ARG(name));
    if (str_is(word, "crashed")) return BLAME_CRASHED;
    return str_is(word, "working") ? BLAME_WORKING : 0;
}

void ending_working(Ending *e, Str agency, Id message) {
    char line[LINE + 1], id[ID_TEXT];
    if (e->fd < 0) return;
    id_text(message, id);
    (void)snprintf(line, sizeof(line), "working %s %-*.*s\n", id, AGENCY_MAX - 1, STR_ARG(agency));
    hand.full = pwrite(e->fd, line, LINE, 0) == LINE;
}

void ending_crashed(Ending *e) {
    if (hand.full) word_write(e->fd, "crashed ");
    hand.full = 0;
}

void ending_nothing(Ending *e) {
    hand.full = 0;
    word_write(e->fd, "nothing ");
}
