/* The claims of one member of staff, beside her settings: tokens and versions, nothing else. Losing
 * the file loses nothing: claim again. */
#include "broker/ctl/ctl.h"

#include "broker/base/err.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>

enum { REF_MAX = 32, CLAIMS_MOST = 1000, FILE_MOST = 128 * 1024 };

static bool path_of(const char *settings, const char *end, char out[PATH_MAX]) {
    int len = snprintf(out, PATH_MAX, "%s%s", settings, end);
    return len > 0 && len < PATH_MAX;
}

/* "REF token version" */
static bool line_parse(Str line, Str *ret_ref, Claim *ret) {
    Str token;
    uint64_t t = 0, v = 0;
    if (!str_split(&line, ' ', ret_ref) || !str_split(&line, ' ', &token)) return false;
    if (!str_u64(token, &t) || !str_u64(line, &v)) return false;
    *ret = (Claim){.token = (int64_t)t, .version = (int64_t)v};
    return true;
}

static Str claims_text(Arena *a, const char *settings) {
    char path[PATH_MAX];
    Str text = {0};
    if (!a || !path_of(settings, ".claims", path)) return text;
    return file_read(a, path, FILE_MOST, &text) == 0 ? text : (Str){0};
}

Claim claim_read(const char *settings, Str ref) {
    _cleanup_(arena_freep) Arena *a = arena_new(FILE_MOST + 64 * 1024);
    Str text = claims_text(a, settings), line, one;
    Claim claim;
    while (str_split(&text, '\n', &line)) {
        if (line_parse(line, &one, &claim) && str_eq(one, ref)) return claim;
    }
    return (Claim){0};
}

/* The new one first, then the others: what is oldest falls off the end. */
static bool claims_print(FILE *f, Str text, Str ref, Claim claim) {
    Str line, one;
    Claim old;
    bool ok = true;
    if (claim.token || claim.version) {
        ok = fprintf(f, "%.*s %" PRId64 " %" PRId64 "\n", STR_ARG(ref), claim.token,
                     claim.version) > 0;
    }
    for (int n = 0; ok && n < CLAIMS_MOST && str_split(&text, '\n', &line); n++) {
        if (!line_parse(line, &one, &old) || str_eq(one, ref)) continue;
        ok = fprintf(f, "%.*s\n", STR_ARG(line)) > 0;
    }
    return fflush(f) == 0 && ok;
}

int claim_write(const char *settings, Str ref, Claim claim) {
    _cleanup_(arena_freep) Arena *a = arena_new(FILE_MOST + 64 * 1024);
    char path[PATH_MAX], fresh[PATH_MAX];
    bool plain = ref.len > 0 && ref.len <= REF_MAX && !memchr(ref.at, ' ', ref.len) &&
                 !memchr(ref.at, '\n', ref.len);
    if (!plain) return ERR_FILE;
    if (!path_of(settings, ".claims", path) || !path_of(settings, ".claims.new", fresh)) {
        return ERR_FILE;
    }
    int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    _cleanup_(file_closep) FILE *f = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (!f) return ERR_FILE;
    bool ok = claims_print(f, claims_text(a, settings), ref, claim);
    return ok && rename(fresh, path) == 0 ? 0 : ERR_FILE;
}
