/* See export.h. */
#include "broker/ctl/export.h"

#include "broker/base/err.h"

enum { SMALL_FILE_MAX = 16 * 1024 };

static FILE *open_or_say(const char *path) {
    FILE *f = fopen(path, "re");
    if (!f) (void)fprintf(stderr, "mash-verify: cannot read %s\n", path);
    return f;
}

Table *table_open(const char *folder, const char *name) {
    _cleanup_(table_freep) Table *t = calloc(1, sizeof(*t));
    if (!t) return NULL;
    int len =
        snprintf(t->name, sizeof(t->name), "%s%s%s", folder ? folder : "", folder ? "/" : "", name);
    if (len < 0 || (size_t)len >= sizeof(t->name)) return NULL;
    t->file = open_or_say(t->name);
    return t->file ? TAKE(t) : NULL;
}

void table_free(Table *t) {
    if (!t) return;
    file_closep(&t->file);
    free(t);
}

int table_wrong(const Table *t) {
    (void)fprintf(stderr, "mash-verify: %s: line %llu is not understood\n", t->name,
                  (unsigned long long)t->line);
    return ERR_FILE;
}

int table_next(Table *t, size_t least, size_t most) {
    t->line++;
    if (!fgets(t->text, sizeof(t->text), t->file)) return ferror(t->file) ? table_wrong(t) : 0;
    Str rest = str_z(t->text);
    if (rest.len == 0 || rest.at[rest.len - 1] != '\n')
        return table_wrong(t); /* too long, or cut */
    rest.len--;
    for (t->fields = 0; rest.at; t->fields++) {
        if (t->fields == most || most > EXPORT_FIELDS_MAX) return table_wrong(t);
        if (!str_split(&rest, '\t', &t->field[t->fields])) return table_wrong(t);
    }
    return t->fields >= least ? 1 : table_wrong(t);
}

bool field_number(const Table *t, size_t i, uint64_t *ret) {
    return str_u64(t->field[i], ret) && *ret <= INT64_MAX;
}

bool field_hash(const Table *t, size_t i, Hash *ret) {
    return hex_decode(t->field[i], ret->at, sizeof(ret->at));
}

/* Where the field begins, for writing: it is a view into t->text. */
static char *field_start(Table *t, size_t i) {
    return t->text + (t->field[i].at - t->text);
}

bool field_bytes(Table *t, size_t i, Bytes *ret) {
    uint8_t *at = (uint8_t *)field_start(t, i);
    size_t len = t->field[i].len / 2;
    if (!hex_decode(t->field[i], at, len)) return false; /* writes behind what it has read */
    *ret = bytes_of(at, len);
    return true;
}

bool field_text(Table *t, size_t i, Str *ret) {
    char *out = field_start(t, i);
    size_t len = 0;
    for (size_t k = 0; k < t->field[i].len; k++) {
        char c = t->field[i].at[k];
        if (c == '\\') {
            if (++k == t->field[i].len || t->field[i].at[k] != 'n') return false;
            c = '\n';
        }
        out[len++] = c;
    }
    *ret = (Str){.at = out, .len = len};
    return true;
}

bool file_read(Arena *a, const char *path, Str *ret) {
    _cleanup_(file_closep) FILE *f = open_or_say(path);
    char text[SMALL_FILE_MAX];
    if (!f) return false;
    size_t len = fread(text, 1, sizeof(text), f);
    if (ferror(f) || len == sizeof(text)) {
        (void)fprintf(stderr, "mash-verify: %s is too long or cannot be read\n", path);
        return false;
    }
    *ret = arena_str(a, (Str){.at = text, .len = len});
    return ret->at != NULL;
}
