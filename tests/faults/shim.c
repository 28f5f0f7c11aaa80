/* What a campaign does to a program from below, by LD_PRELOAD: the disk is full, the clock jumps,
 * it dies over a message. Each begins and ends with a file in the folder MASH_SHIM_DIR, named after
 * the program:
 *
 *   full.<program>   files cannot grow: ENOSPC, as when the disk is full; writing over what is
 *                    there, standard error and everything else go on
 *   clock.<program>  CLOCK_REALTIME is off by the milliseconds in the file; monotonic time is not
 *   dies.<program>   a fault of the program's own (SIGSEGV) when it hands door.hub_take the message
 *                    whose id is in the file, as 32 hex digits
 *
 * The first time that one of them takes effect, the file <its name>.took appears beside it. Real
 * system calls are made by number, so that nothing here can meet itself. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static char full[PATH_MAX], full_took[PATH_MAX], skew[PATH_MAX], skew_took[PATH_MAX];
static char dies[PATH_MAX], dies_took[PATH_MAX];

/* Copied at once: PostgreSQL writes its process title over its own name. */
__attribute__((constructor)) static void name_files(void) {
    const char *dir = getenv("MASH_SHIM_DIR"), *name = program_invocation_short_name;
    if (!dir || strlen(dir) + strlen(name) + 16 > PATH_MAX) return;
    (void)sprintf(full, "%s/full.%s", dir, name);
    (void)sprintf(full_took, "%s/full.%s.took", dir, name);
    (void)sprintf(skew, "%s/clock.%s", dir, name);
    (void)sprintf(skew_took, "%s/clock.%s.took", dir, name);
    (void)sprintf(dies, "%s/dies.%s", dir, name);
    (void)sprintf(dies_took, "%s/dies.%s.took", dir, name);
}

static void took(const char *path) {
    long fd = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0) (void)syscall(SYS_close, fd);
}

/* ---- the disk -------------------------------------------------------------------------------- */

/* True, with errno, when these bytes would make a file longer while there is no room. */
static bool no_room(int fd, off_t at, uint64_t len) {
    int before = errno;
    struct stat st;
    bool armed = full[0] && fd > 2 && syscall(SYS_access, full, F_OK) == 0;
    errno = before;
    if (!armed || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) return false;
    if (at < 0) at = fcntl(fd, F_GETFL) & O_APPEND ? st.st_size : lseek(fd, 0, SEEK_CUR);
    if ((uint64_t)at + len <= (uint64_t)st.st_size) {
        errno = before;
        return false;
    }
    took(full_took);
    errno = ENOSPC;
    return true;
}

static uint64_t total(const struct iovec *v, int count) {
    uint64_t len = 0;
    for (int i = 0; i < count; i++) len += v[i].iov_len;
    return len;
}

ssize_t write(int fd, const void *at, size_t len) {
    return no_room(fd, -1, len) ? -1 : syscall(SYS_write, fd, at, len);
}

ssize_t writev(int fd, const struct iovec *v, int count) {
    return no_room(fd, -1, total(v, count)) ? -1 : syscall(SYS_writev, fd, v, count);
}

ssize_t pwrite(int fd, const void *at, size_t len, off_t where) {
    return no_room(fd, where, len) ? -1 : syscall(SYS_pwrite64, fd, at, len, where);
}

ssize_t pwrite64(int fd, const void *at, size_t len, off_t where) {
    return pwrite(fd, at, len, where);
}

ssize_t pwritev(int fd, const struct iovec *v, int count, off_t where) {
    return no_room(fd, where, total(v, count)) ? -1
                                               : syscall(SYS_pwritev, fd, v, count, where, 0);
}

ssize_t pwritev64(int fd, const struct iovec *v, int count, off_t where) {
    return pwritev(fd, v, count, where);
}

int fallocate(int fd, int mode, off_t where, off_t len) {
    if (no_room(fd, where, (uint64_t)len)) return -1;
    return (int)syscall(SYS_fallocate, fd, mode, where, len);
}

int posix_fallocate(int fd, off_t where, off_t len) {
    int before = errno, r = fallocate(fd, 0, where, len) == 0 ? 0 : errno;
    errno = before;
    return r;
}

int posix_fallocate64(int fd, off_t where, off_t len) {
    return posix_fallocate(fd, where, len);
}

/* ---- the clock ------------------------------------------------------------------------------- */

static int64_t skew_ms(void) {
    char text[32];
    int before = errno;
    long fd = skew[0] ? syscall(SYS_openat, AT_FDCWD, skew, O_RDONLY | O_CLOEXEC) : -1;
    long len = fd >= 0 ? syscall(SYS_read, fd, text, sizeof(text) - 1) : 0;
    if (fd >= 0) (void)syscall(SYS_close, fd);
    errno = before;
    if (len <= 0) return 0;
    text[len] = '\0';
    took(skew_took);
    errno = before;
    return strtoll(text, NULL, 10);
}

int clock_gettime(clockid_t id, struct timespec *ret) {
    int r = (int)syscall(SYS_clock_gettime, id, ret);
    if (r != 0 || (id != CLOCK_REALTIME && id != CLOCK_REALTIME_COARSE)) return r;
    int64_t ns = (int64_t)ret->tv_sec * 1000000000 + ret->tv_nsec + skew_ms() * 1000000;
    ret->tv_sec = ns / 1000000000;
    ret->tv_nsec = ns % 1000000000;
    return 0;
}

int gettimeofday(struct timeval *restrict ret, void *restrict zone) {
    struct timespec t;
    (void)zone;
    int r = clock_gettime(CLOCK_REALTIME, &t);
    *ret = (struct timeval){.tv_sec = t.tv_sec, .tv_usec = t.tv_nsec / 1000};
    return r;
}

time_t time(time_t *ret) {
    struct timespec t;
    (void)clock_gettime(CLOCK_REALTIME, &t);
    if (ret) *ret = t.tv_sec;
    return t.tv_sec;
}

/* ---- a message ------------------------------------------------------------------------------- */

static bool dies_of(unsigned char id[16]) {
    char text[33] = "";
    FILE *f = dies[0] ? fopen(dies, "re") : NULL;
    size_t len = f ? fread(text, 1, 32, f) : 0;
    if (f) (void)fclose(f);
    for (int i = 0; len == 32 && i < 16; i++) {
        if (sscanf(&text[2 * i], "%2hhx", &id[i]) != 1) return false;
    }
    return len == 32;
}

/* libpq's, by which every door is called. */
int PQsendQueryParams(void *conn, const char *sql, int count, const unsigned *types,
                      const char *const *values, const int *lengths, const int *formats, int form);
int PQsendQueryParams(void *conn, const char *sql, int count, const unsigned *types,
                      const char *const *values, const int *lengths, const int *formats, int form) {
    volatile int *volatile nowhere = NULL;
    __typeof__(&PQsendQueryParams) real;
    unsigned char id[16];
    *(void **)&real = dlsym(RTLD_NEXT, "PQsendQueryParams");
    bool watched = strstr(sql, "door.hub_take") && dies_of(id);
    for (int i = 0; watched && i < count; i++) {
        if (!values[i] || !memmem(values[i], (size_t)lengths[i], id, sizeof(id))) continue;
        took(dies_took);
        *nowhere = 1;
    }
    return real(conn, sql, count, types, values, lengths, formats, form);
}
