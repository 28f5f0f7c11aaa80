/* Files on the machine of who asks: read whole, replaced whole or not at all. See ctl.h. */
#include "broker/ctl/ctl.h"

#include "broker/base/err.h"
#include "broker/io/keyfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

int complain(const char *what, const char *why) {
    (void)fprintf(stderr, "mashctl: %s: %s\n", what, why);
    return ERR_FILE;
}

int file_read(Arena *a, const char *path, size_t most, Str *ret) {
    _cleanup_(file_closep) FILE *f = fopen(path, "re");
    char *at = f ? arena_alloc(a, most + 1) : NULL;
    if (!at) return f ? ERR_MEMORY : ERR_FILE;
    size_t len = fread(at, 1, most + 1, f);
    if (ferror(f) || len > most) return ERR_FILE;
    *ret = (Str){.at = at, .len = len};
    return 0;
}

static int complain_open(const char *path, int error) {
    if (error == ENOENT) return complain(path, "there is no such file");
    if (error == EACCES) return complain(path, "you may not read it");
    return complain(path, "cannot be opened");
}

int text_read(Arena *a, const char *path, size_t most, Str *ret) {
    char large[80];
    struct stat st;
    _cleanup_(file_closep) FILE *f = fopen(path, "re");
    if (!f) return complain_open(path, errno);
    if (fstat(fileno(f), &st) == 0 && S_ISDIR(st.st_mode)) {
        return complain(path, "is a folder; name the file in it");
    }
    char *at = arena_alloc(a, most + 1);
    if (!at) return complain(path, err_name(ERR_MEMORY));
    size_t len = fread(at, 1, most + 1, f);
    if (ferror(f)) return complain(path, "cannot be read");
    (void)snprintf(large, sizeof(large), "is larger than %zu KiB, the most that is taken",
                   most / 1024);
    if (len > most) return complain(path, large);
    *ret = (Str){.at = at, .len = len};
    return len == 0 || utf8_valid(str_bytes(*ret)) ? 0 : complain(path, "is not UTF-8 text");
}

int secret_read(const char *path, Key *ret) {
    struct stat st;
    int r = keyfile_load(path, "ed25519-secret", ret);
    if (r == ERR_FILE) (void)complain_open(path, errno);
    if (r != ERR_CONFIG) return r;
    bool open = stat(path, &st) == 0 && (st.st_mode & 077);
    (void)complain(path, open ? "others on this machine can read it; a secret key is its holder's "
                                "alone: chmod 600, and have it replaced if somebody may have"
                              : "is no ed25519-secret key file; mash-keygen makes one");
    return r;
}

static bool write_beside(const char *beside, mode_t mode, Str text) {
    int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW;
    _cleanup_(fd_closep) int fd = open(beside, flags, 0600);
    bool ok = fd >= 0 && fchmod(fd, mode & 0777) == 0;
    while (ok && text.len) {
        ssize_t n = write(fd, text.at, text.len);
        ok = n > 0;
        if (ok) text = (Str){.at = text.at + n, .len = text.len - (size_t)n};
    }
    return ok && fsync(fd) == 0;
}

int file_replace(const char *path, Str text) {
    char beside[PATH_MAX];
    struct stat old;
    int n = snprintf(beside, sizeof(beside), "%s.new", path);
    if (n < 0 || (size_t)n >= sizeof(beside) || stat(path, &old) != 0) return ERR_FILE;
    if (write_beside(beside, old.st_mode, text) && rename(beside, path) == 0) return 0;
    (void)unlink(beside); /* what was there before stands as it is */
    return ERR_FILE;
}
