/* See fault.h. What is armed is read again at every passing: only tests pay for it. */
#include "broker/io/fault.h"

#ifdef MASH_FAULT_POINTS
#include "broker/base/str.h"
#include "broker/io/log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>

enum { WORD_MAX = 128 };

static const char *const names[FAULT_POINTS] = {
#define FAULT(name, programs, where) [FAULT_##name] = #name,
#include "broker/io/faults.def"
#undef FAULT
};

/* The word that is armed, and how often its point was passed since. */
static struct {
    char word[WORD_MAX];
    uint64_t passed;
} counted;

static bool armed_path(const char *ending, char out[PATH_MAX]) {
    const char *dir = getenv("MASH_FAULT_DIR"), *name = program_invocation_short_name;
    int n = dir ? snprintf(out, PATH_MAX, "%s/%s%s", dir, name, ending) : 0;
    return n > 0 && n < PATH_MAX;
}

static bool armed_word(char out[WORD_MAX]) {
    const char *given = getenv("MASH_FAULT");
    char path[PATH_MAX];
    if (given) return snprintf(out, WORD_MAX, "%s", given) > 0;
    if (!armed_path("", path)) return false;
    _cleanup_(fd_closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? -1 : read(fd, out, WORD_MAX - 1);
    if (len <= 0) return false;
    out[len] = '\0';
    return true;
}

/* Armed by a file, it is taken by whoever renames it. */
static bool armed_take(void) {
    char path[PATH_MAX], taken[PATH_MAX];
    if (getenv("MASH_FAULT")) return true;
    return armed_path("", path) && armed_path(".taken", taken) && rename(path, taken) == 0;
}

static bool act(Str action) {
    if (str_is(action, "kill")) (void)raise(SIGKILL); /* nothing comes after it */
    if (str_is(action, "stop")) (void)raise(SIGSTOP); /* goes on when continued */
    if (str_is(action, "exit")) _exit(EXIT_FAILURE);
    return str_is(action, "fail");
}

bool fault_pass(FaultPoint point) {
    char word[WORD_MAX] = "";
    Str name = {0}, times = {0};
    uint64_t n = 0;
    int before = errno;
    bool armed = armed_word(word);
    errno = before; /* a point changes nothing for those around it */
    if (!armed) return false;
    Str rest = str_trim(str_z(word));
    if (!str_split(&rest, ':', &name) || !str_is(name, names[point])) return false;
    if (!str_split(&rest, ':', &times) || !str_u64(times, &n)) return false;
    if (strcmp(counted.word, word) != 0) counted.passed = 0;
    memcpy(counted.word, word, sizeof(word));
    if (++counted.passed != n || !armed_take()) return false;
    counted.word[0] = '\0';
    log_event(LOG_warn, "fault_point", "name=%s action=%.*s", names[point], STR_ARG(rest));
    return act(rest);
}
#endif
