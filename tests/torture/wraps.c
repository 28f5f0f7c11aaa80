/* The n-th call that may fail fails: MASH_TORTURE=n. Linked before the libraries with the linker's
 * --wrap for every CALL of calls.def, so that only calls out of our own objects count. After the
 * n-th all work again. The file named by MASH_TORTURE_LOG gets one line for the call that failed,
 * "failed <n> <kind> <name> <address>" (for addr2line), and at a good end "calls <n>". */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libpq-fe.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>
#include <jansson.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

static long wanted = -1, counted;
static int log_fd = -1;

extern const char __executable_start[];

__attribute__((constructor)) static void torture_open(void) {
    const char *n = getenv("MASH_TORTURE"), *path = getenv("MASH_TORTURE_LOG");
    wanted = n ? atol(n) : -1;
    if (path) log_fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

__attribute__((destructor)) static void torture_close(void) {
    if (log_fd >= 0) dprintf(log_fd, "calls %ld\n", counted);
}

static bool fails(const char *kind, const char *name, int error, const void *from) {
    if (wanted < 0 || ++counted != wanted) return false;
    if (log_fd >= 0) {
        dprintf(log_fd, "failed %ld %s %s 0x%zx\n", counted, kind, name,
                (size_t)((const char *)from - __executable_start));
    }
    if (error) errno = error;
    return true;
}

/* As jansson itself says it. */
static json_t *json_no_memory(json_error_t *error) {
    if (error) error->text[JSON_ERROR_TEXT_LENGTH - 1] = (char)json_error_out_of_memory;
    return NULL;
}

#define NEVER(name, why)
#define CALL(kind, error, type, name, parameters, arguments, failure)                              \
    type __real_##name parameters;                                                                 \
    type __wrap_##name parameters;                                                                 \
    type __wrap_##name parameters {                                                                \
        if (fails(#kind, #name, error, __builtin_return_address(0))) return failure;               \
        return __real_##name arguments;                                                            \
    }
#include "tests/torture/calls.def"

/* Whoever may not be traced cannot be looked through for leaks: here, and here only, the process
 * stays as it is. Counts as a call that may fail. */
int __wrap_prctl(int option, ...);

int __wrap_prctl(int option, ...) {
    (void)option;
    return fails("system", "prctl", EPERM, __builtin_return_address(0)) ? -1 : 0;
}
