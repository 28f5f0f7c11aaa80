/* A table of people from a file; see link.h. */
#include "broker/ctl/link.h"

#include "broker/base/err.h"
#include "broker/hub/match/table.h"

#include <sys/stat.h>

enum { COLUMNS_MOST = 64, COLUMN_ID = TRAIT_COUNT, COLUMN_OTHER };

typedef struct Named {
    const char *name;
    int column; /* a Trait, or COLUMN_ID */
} Named;

static const Named names[] = {
    {"id", COLUMN_ID},          {"forename", TRAIT_forename}, {"surname", TRAIT_surname},
    {"dob", TRAIT_birth},       {"sex", TRAIT_sex},           {"postcode", TRAIT_postcode},
    {"address", TRAIT_address}, {"city", TRAIT_city},         {"nhs_number", TRAIT_nhs},
    {"upn", TRAIT_upn},
};

typedef struct Source {
    Arena *a;
    const char *path;
    Str rest;
    size_t line;
    int column[COLUMNS_MOST];
    size_t columns;
    Table *ids;
    LinkFile *to;
} Source;

static bool complain(const Source *s, size_t column, const char *what) {
    (void)fprintf(stderr, "%s: line %zu, column %zu: %s\n", s->path, s->line, column, what);
    return false;
}

static bool refuse_file(const char *path, const char *what) {
    (void)fprintf(stderr, "%s: %s\n", path, what);
    return false;
}

/* The text before the mark, which may be empty; false when nothing is left. */
static bool cut(Str *rest, char mark, Str *ret) {
    if (!rest->at) return false;
    const char *end = rest->len ? memchr(rest->at, mark, rest->len) : NULL;
    size_t len = end ? (size_t)(end - rest->at) : rest->len;
    *ret = (Str){.at = rest->at, .len = len};
    *rest = end ? (Str){.at = end + 1, .len = rest->len - len - 1} : (Str){0};
    return true;
}

static bool line_next(Source *s, Str *ret) {
    if (s->rest.len == 0 || !cut(&s->rest, '\n', ret)) return false;
    if (ret->len && ret->at[ret->len - 1] == '\r') ret->len--;
    s->line++;
    return true;
}

/* ---- the header ------------------------------------------------------------------------------ */

static int column_of(Str name) {
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (str_is(name, names[i].name)) return names[i].column;
    }
    return COLUMN_OTHER;
}

static bool column_twice(const Source *s, int column) {
    for (size_t i = 0; column != COLUMN_OTHER && i < s->columns; i++) {
        if (s->column[i] == column) return true;
    }
    return false;
}

static bool header_read(Source *s) {
    Str line, name;
    bool id = false;
    if (!line_next(s, &line)) return refuse_file(s->path, "is empty; its first line names columns");
    while (cut(&line, '\t', &name)) {
        if (s->columns == COLUMNS_MOST) return complain(s, s->columns + 1, "too many columns");
        int column = column_of(str_trim(name));
        if (column_twice(s, column)) return complain(s, s->columns + 1, "the column stands twice");
        s->column[s->columns++] = column;
        id = id || column == COLUMN_ID;
        if (column == COLUMN_OTHER) {
            (void)fprintf(stderr,
                          "%s: column %zu (\"%.*s\") is none that is compared, and is not "
                          "used\n",
                          s->path, s->columns, STR_ARG(name));
        }
    }
    return id || complain(s, 1,
                          "no column is called \"id\"; the first line names the columns, "
                          "with tabs between");
}

/* ---- a person -------------------------------------------------------------------------------- */

static bool id_take(Source *s, size_t column, Str id) {
    uint64_t *seen = table_at(s->ids, text_hash(COLUMN_ID, id));
    if (id.len == 0) return complain(s, column, "the id is empty; every person needs one");
    if (!seen) return refuse_file(s->path, "there is no memory for so many people");
    if (*seen) {
        char what[80];
        (void)snprintf(what, sizeof(what), "the id stands in line %zu, too", (size_t)*seen);
        return complain(s, column, what);
    }
    *seen = s->line;
    s->to->id[s->to->count] = id;
    return true;
}

static bool person_read(Source *s, Str line) {
    Described d = {0};
    Str cell, value;
    size_t column = 0;
    bool id = false;
    while (cut(&line, '\t', &cell)) {
        if (column == s->columns) return complain(s, column + 1, "more fields than the first line");
        if (!utf8_valid(str_bytes(cell))) return complain(s, column + 1, "is not UTF-8");
        int is = s->column[column++];
        if (is == COLUMN_ID && !id_take(s, column, str_trim(cell))) return false;
        id = id || is == COLUMN_ID;
        while (is < COLUMN_ID && cut(&cell, '|', &value)) {
            described_add(&d, (Trait)is, str_trim(value));
        }
    }
    if (!id) return complain(s, column, "the line ends before its id");
    Identity *to = &s->to->identities[s->to->count++];
    if (identity_make(s->a, &d, to) < 0) {
        return refuse_file(s->path, "there is no memory for so many people");
    }
    s->to->bad_numbers += to->bad_numbers;
    s->to->bad_births += d.count[TRAIT_birth] && !to->count[TRAIT_birth];
    return true;
}

static bool whole_read(Arena *a, const char *path, Str *ret) {
    struct stat stat;
    _cleanup_(file_closep) FILE *in = fopen(path, "re");
    if (!in || fstat(fileno(in), &stat) != 0) return refuse_file(path, "cannot be read");
    if (!S_ISREG(stat.st_mode)) return refuse_file(path, "is no ordinary file");
    char *at = arena_alloc(a, (size_t)stat.st_size + 1);
    if (!at) return refuse_file(path, "is too large for memory");
    *ret = (Str){.at = at, .len = fread(at, 1, (size_t)stat.st_size, in)};
    return !ferror(in) || refuse_file(path, "cannot be read");
}

static size_t lines_count(Str text) {
    size_t count = 1;
    for (size_t i = 0; i < text.len; i++) count += text.at[i] == '\n';
    return count;
}

bool link_file_read(Arena *a, const char *path, LinkFile *ret) {
    _cleanup_(table_freep) Table *ids = table_new();
    Source s = {.a = a, .path = path, .ids = ids, .to = ret};
    Str line;
    *ret = (LinkFile){0};
    if (!whole_read(a, path, &s.rest)) return false;
    size_t most = lines_count(s.rest);
    ret->id = arena_array(a, most, sizeof(Str));
    ret->identities = arena_array(a, most, sizeof(Identity));
    if (!ids || !ret->id || !ret->identities) return refuse_file(path, "is too large for memory");
    if (!header_read(&s)) return false;
    while (line_next(&s, &line)) {
        if (line.len && !person_read(&s, line)) return false;
    }
    return true;
}
