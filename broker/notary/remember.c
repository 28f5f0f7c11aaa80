/* The state file, in text: a version line, "size <n>", one "node <level> <hex>" for every bit of
 * the size that is set, lowest first, then "note" and the note as it was signed. It needs no
 * checksum: the frontier must give the root in the note, and the note must carry our signature
 * (sign.c). */
#include "broker/notary/notary.h"

#include "broker/io/fault.h"
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <sys/stat.h>

enum { STATE_MAX = 8192 };

static const char version_line[] = "mash-notary/1";

/* ---- reading -------------------------------------------------------------------------------- */

/* "<word> <value>\n" off the front. */
static bool line_take(Str *rest, const char *word, Str *ret_value) {
    Str line = {0}, name = {0};
    if (!str_split(rest, '\n', &line) || !rest->at) return false;
    *ret_value = line;
    return str_split(ret_value, ' ', &name) && str_is(name, word);
}

static bool nodes_take(Str *rest, Frontier *f) {
    for (size_t level = 0; level < TREE_LEVELS; level++) {
        Str value = {0}, digits = {0};
        uint64_t number;
        if (!(f->size >> level & 1)) continue;
        if (!line_take(rest, "node", &value) || !str_split(&value, ' ', &digits)) return false;
        if (!str_u64(digits, &number) || number != level) return false;
        if (!hex_decode(value, f->level[level].at, HASH_LEN)) return false;
    }
    return true;
}

static bool memory_parse(Str text, Memory *ret) {
    Str value = {0};
    if (!line_take(&text, version_line, &value) || value.at) return false;
    if (!line_take(&text, "size", &value) || !str_u64(value, &ret->frontier.size)) return false;
    if (!nodes_take(&text, &ret->frontier)) return false;
    if (!line_take(&text, "note", &value) || value.at || text.len > sizeof(ret->note)) return false;
    memcpy(ret->note, text.at, text.len);
    ret->note_len = text.len;
    return true;
}

int memory_load(const char *path, Memory *ret) {
    char text[STATE_MAX];
    Memory m = {0};
    _cleanup_(fd_closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return errno == ENOENT ? 1 : ERR_FILE;
    ssize_t len = read(fd, text, sizeof(text));
    if (len < 0) return ERR_FILE;
    if (!memory_parse((Str){.at = text, .len = (size_t)len}, &m)) return ERR_BROKEN;
    *ret = m;
    return 0;
}

/* ---- writing -------------------------------------------------------------------------------- */

static Str memory_text(Arena *a, const Memory *m) {
    char hex[2 * HASH_LEN + 1];
    Str text =
        arena_printf(a, "%s\nsize %llu\n", version_line, (unsigned long long)m->frontier.size);
    for (size_t level = 0; level < TREE_LEVELS; level++) {
        if (!(m->frontier.size >> level & 1)) continue;
        hex_encode(BYTES_OF(m->frontier.level[level].at), hex);
        text = arena_printf(a, "%.*snode %zu %s\n", STR_ARG(text), level, hex);
    }
    return arena_printf(a, "%.*snote\n%.*s", STR_ARG(text), STR_ARG(memory_note(m)));
}

static int file_write(const char *path, Str text) {
    _cleanup_(fd_closep) int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool ok = fd >= 0 && write(fd, text.at, text.len) == (ssize_t)text.len && fsync(fd) == 0;
    return ok ? 0 : ERR_FILE;
}

static int folder_sync(const char *path) {
    char copy[PATH_MAX];
    (void)snprintf(copy, sizeof(copy), "%s", path); /* its length was checked by the caller */
    _cleanup_(fd_closep) int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd >= 0 && fsync(fd) == 0 ? 0 : ERR_FILE;
}

int memory_store(const char *path, const Memory *m) {
    _cleanup_(arena_freep) Arena *a = arena_new((size_t)1 << 20);
    char temporary[PATH_MAX];
    int len = snprintf(temporary, sizeof(temporary), "%s.new", path);
    if (!a) return ERR_MEMORY;
    if (len < 0 || (size_t)len >= sizeof(temporary)) return ERR_FILE;
    Str text = memory_text(a, m);
    if (arena_failed(a)) return ERR_MEMORY;
    int r = file_write(temporary, text);
    FAULT_POINT(state_before_rename);
    if (r == 0 && rename(temporary, path) != 0) r = ERR_FILE;
    FAULT_POINT(state_after_rename);
    return r < 0 ? r : folder_sync(path);
}
