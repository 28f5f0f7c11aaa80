/* See files.h. */
#include "adapters/common/files.h"

#include "broker/base/err.h"
#include "broker/io/fault.h"
#include "schemas/schema.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

int path_join(char out[PATH_LEN], const char *dir, const char *name) {
    int n = snprintf(out, PATH_LEN, "%s/%s", dir, name);
    return n > 0 && n < PATH_LEN ? 0 : ERR_CONFIG;
}

int dir_make(const char *path) {
    char part[PATH_LEN];
    int n = snprintf(part, sizeof(part), "%s", path);
    if (n <= 0 || n >= PATH_LEN) return ERR_CONFIG;
    for (char *at = part + 1; *at; at++) {
        if (*at != '/') continue;
        *at = '\0';
        if (mkdir(part, 0700) != 0 && errno != EEXIST) return ERR_FILE;
        *at = '/';
    }
    return mkdir(part, 0700) == 0 || errno == EEXIST ? 0 : ERR_FILE;
}

static int dir_sync(const char *dir) {
    _cleanup_(fd_closep) int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd >= 0 && fsync(fd) == 0 ? 0 : ERR_FILE;
}

static bool read_whole(int fd, uint8_t *at, size_t len) {
    while (len) {
        ssize_t n = read(fd, at, len);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        at += n;
        len -= (size_t)n;
    }
    return true;
}

static bool write_whole(int fd, Bytes b) {
    while (b.len) {
        ssize_t n = write(fd, b.at, b.len);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        b = bytes_of(b.at + n, b.len - (size_t)n);
    }
    return true;
}

int file_read(Arena *a, const char *path, Bytes *ret) {
    _cleanup_(fd_closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) return ERR_FILE;
    if (st.st_size > FILE_MOST) return REFUSE_too_large;
    size_t len = (size_t)st.st_size;
    uint8_t *at = arena_alloc(a, len + 1);
    if (!at) return ERR_MEMORY;
    if (!read_whole(fd, at, len)) return ERR_FILE;
    *ret = bytes_of(at, len);
    return 0;
}

static int write_beside(const char *path, Bytes content) {
    _cleanup_(fd_closep) int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    return fd >= 0 && write_whole(fd, content) && fsync(fd) == 0 ? 0 : ERR_FILE;
}

int file_write(const char *dir, const char *name, Bytes content) {
    char path[PATH_LEN], beside[PATH_LEN];
    int n = snprintf(beside, sizeof(beside), "%s/.%s.part", dir, name);
    if (n <= 0 || n >= PATH_LEN) return ERR_CONFIG;
    int r = path_join(path, dir, name);
    if (r == 0) r = write_beside(beside, content);
    FAULT_POINT(file_before_rename);
    if (r == 0 && rename(beside, path) != 0) r = ERR_FILE;
    FAULT_POINT(file_after_rename);
    return r < 0 ? r : dir_sync(dir);
}

int file_move(const char *from, const char *name, const char *to) {
    char old_path[PATH_LEN], new_path[PATH_LEN];
    int r = path_join(old_path, from, name);
    if (r == 0) r = path_join(new_path, to, name);
    if (r < 0) return r;
    if (rename(old_path, new_path) != 0) return ERR_FILE;
    r = dir_sync(to);
    return r < 0 ? r : dir_sync(from);
}

int file_remove(const char *dir, const char *name) {
    char path[PATH_LEN];
    int r = path_join(path, dir, name);
    if (r < 0) return r;
    if (unlink(path) != 0 && errno != ENOENT) return ERR_FILE;
    return dir_sync(dir);
}

bool file_exists(const char *dir, const char *name) {
    char path[PATH_LEN];
    return path_join(path, dir, name) == 0 && access(path, F_OK) == 0;
}
