/* See alarm.h. */
#include "adapters/common/alarm.h"

#include "adapters/common/files.h"
#include "broker/base/err.h"
#include "broker/io/clock.h"
#include "broker/io/log.h"

enum { ALARM_ARENA = 1024 * 1024 };

static const char file_name[] = "alarm.txt";

/* The file's lines without those of this alarm, which come back as ret_standing. */
static int lines_read(Arena *a, const char *dir, const char *name, Str *ret_others,
                      bool *ret_standing) {
    char path[PATH_LEN];
    Bytes content = {0};
    *ret_others = STR("");
    *ret_standing = false;
    int r = path_join(path, dir, file_name);
    if (r == 0 && file_exists(dir, file_name)) r = file_read(a, path, &content);
    if (r != 0) return r < 0 ? r : ERR_FILE;
    Str mark = arena_printf(a, "%s:", name), rest = bytes_str(content);
    for (Str line; str_split(&rest, '\n', &line);) {
        Str words = line, word = {0};
        bool named = str_split(&words, ' ', &word) && str_split(&words, ' ', &word);
        if (named && str_eq(word, mark)) {
            *ret_standing = true;
        } else if (line.len) {
            *ret_others = arena_printf(a, "%.*s%.*s\n", STR_ARG(*ret_others), STR_ARG(line));
        }
    }
    return arena_failed(a) ? ERR_MEMORY : 0;
}

static int line_add(Arena *a, const char *dir, Str others, const char *name, const char *sentence) {
    char now[CLOCK_TEXT];
    clock_text(clock_ms(), now);
    Str all = arena_printf(a, "%.*s%s %s: %s\n", STR_ARG(others), now, name, sentence);
    return all.at ? file_write(dir, file_name, str_bytes(all)) : ERR_MEMORY;
}

void alarm_raise(const char *dir, const char *name, const char *sentence) {
    _cleanup_(arena_freep) Arena *a = arena_new(ALARM_ARENA);
    Str others;
    bool standing = false;
    int r = a ? lines_read(a, dir, name, &others, &standing) : ERR_MEMORY;
    if (r == 0 && standing) return;
    if (r == 0) r = line_add(a, dir, others, name, sentence);
    log_event(LOG_error, "alarm", "name=%s file=%s", name, r < 0 ? err_name(r) : "written");
}

void alarm_clear(const char *dir, const char *name) {
    if (!file_exists(dir, file_name)) return;
    _cleanup_(arena_freep) Arena *a = arena_new(ALARM_ARENA);
    Str others;
    bool standing = false;
    int r = a ? lines_read(a, dir, name, &others, &standing) : ERR_MEMORY;
    if (r == 0 && !standing) return;
    if (r == 0) {
        r = others.len ? file_write(dir, file_name, str_bytes(others))
                       : file_remove(dir, file_name);
    }
    log_event(LOG_info, "alarm_over", "name=%s file=%s", name, r < 0 ? err_name(r) : "cleared");
}
