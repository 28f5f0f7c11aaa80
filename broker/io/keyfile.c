/* See keyfile.h. */
#include "broker/io/keyfile.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/stat.h>

enum { LINE_MAX_LEN = 128 };

static bool kind_secret(const char *kind) {
    size_t at;
    return str_find(str_z(kind), STR("-secret"), &at);
}

int keyfile_load(const char *path, const char *kind, Key *ret) {
    _cleanup_(fd_closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    char line[LINE_MAX_LEN];
    if (fd < 0 || fstat(fd, &st) != 0) return ERR_FILE;
    if (kind_secret(kind) && (st.st_mode & 077) != 0) return ERR_CONFIG;
    ssize_t n = read(fd, line, sizeof(line));
    if (n < 0) return ERR_FILE;
    Str rest = str_trim((Str){.at = line, .len = (size_t)n}), word = {0};
    bool ok = str_split(&rest, ' ', &word) && str_is(word, kind) &&
              hex_decode(rest, ret->at, sizeof(ret->at));
    OPENSSL_cleanse(line, sizeof(line));
    return ok ? 0 : ERR_CONFIG;
}

static bool write_synced(int fd, const char *line, size_t len) {
    return fd >= 0 && write(fd, line, len) == (ssize_t)len && fsync(fd) == 0;
}

int keyfile_save(const char *path, const char *kind, const Key *key) {
    char hex[2 * KEY_LEN + 1], line[LINE_MAX_LEN];
    hex_encode(BYTES_OF(key->at), hex);
    int len = snprintf(line, sizeof(line), "%s %s\n", kind, hex);
    mode_t mode = kind_secret(kind) ? 0600 : 0644;
    _cleanup_(fd_closep) int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    bool ok = len > 0 && (size_t)len < sizeof(line) && write_synced(fd, line, (size_t)len);
    OPENSSL_cleanse(hex, sizeof(hex));
    OPENSSL_cleanse(line, sizeof(line));
    return ok ? 0 : ERR_FILE;
}

int key_id(const Key *public, char out[KEY_ID_LEN + 1]) {
    Hash h;
    char hex[2 * HASH_LEN + 1];
    Bytes part = BYTES_OF(public->at);
    int r = sha256(&part, 1, &h);
    if (r < 0) return r;
    hex_encode(BYTES_OF(h.at), hex);
    memcpy(out, hex, KEY_ID_LEN);
    out[KEY_ID_LEN] = '\0';
    return 0;
}
