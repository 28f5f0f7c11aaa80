/* See table.h. */
#include "broker/ctl/table.h"

#include "broker/base/mark.h"

/* ---- text that is safe on a terminal --------------------------------------------------------- */

static bool begins_character(char c) {
    return ((uint8_t)c & 0xc0) != 0x80;
}

/* Lines after the first are indented; returns how many columns the last one took. */
size_t put_text(FILE *out, const char *text, int indent) {
    Str s = str_z(text);
    size_t width = 0;
    for (size_t i = 0, mark; i < s.len; i += mark ? mark : 1) {
        mark = mark_len(s, i);
        (void)fputc(mark ? '?' : s.at[i], out);
        width = s.at[i] == '\n' ? 0 : width + begins_character(s.at[i]);
        if (s.at[i] == '\n') (void)fprintf(out, "%*s", indent, "");
    }
    return width;
}

static size_t text_width(const char *text) {
    size_t width = 0;
    for (; *text; text++) width += begins_character(*text);
    return width;
}

/* ---- cells and tables ------------------------------------------------------------------------ */

const char *field(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

/* A value on one line; "" for what is not there. `out` takes CELL_MAX bytes. */
void cell_text(const json_t *v, char *out) {
    out[0] = '\0';
    if (json_is_string(v)) (void)snprintf(out, CELL_MAX, "%s", json_string_value(v));
    if (json_is_integer(v))
        (void)snprintf(out, CELL_MAX, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
    if (json_is_real(v)) (void)snprintf(out, CELL_MAX, "%.1f", json_real_value(v));
    if (json_is_boolean(v)) (void)snprintf(out, CELL_MAX, "%s", json_is_true(v) ? "yes" : "no");
    if (json_is_array(v)) (void)snprintf(out, CELL_MAX, "%zu", json_array_size(v));
    size_t len = strlen(out); /* a text cut short must not end within a character */
    while (len == CELL_MAX - 1 && len > 0 && ((uint8_t)out[len - 1] & 0x80)) out[--len] = '\0';
    for (char *c = out; *c; c++) {
        if (*c == '\n' || *c == '\t') *c = ' ';
    }
}

static void cell_of(const Heading *h, const json_t *row, char *out) {
    if (h->cell) {
        h->cell(row, out);
    } else {
        cell_text(json_object_get(row, h->key), out);
    }
}

static void put_cell(FILE *out, const char *text, size_t width, bool last) {
    size_t taken = put_text(out, text, 0);
    if (!last) (void)fprintf(out, "%*s", (int)(width - taken + INDENT), "");
}

void put_table(FILE *out, const json_t *rows, const Heading *h, size_t columns) {
    size_t width[COLUMNS_MAX], i;
    char cell[CELL_MAX];
    json_t *row;
    for (size_t k = 0; k < columns; k++) width[k] = strlen(h[k].title);
    json_array_foreach(rows, i, row) {
        for (size_t k = 0; k < columns; k++) {
            cell_of(&h[k], row, cell);
            if (text_width(cell) > width[k]) width[k] = text_width(cell);
        }
    }
    for (size_t k = 0; k < columns; k++) put_cell(out, h[k].title, width[k], k + 1 == columns);
    (void)fputc('\n', out);
    json_array_foreach(rows, i, row) {
        for (size_t k = 0; k < columns; k++) {
            cell_of(&h[k], row, cell);
            put_cell(out, cell, width[k], k + 1 == columns);
        }
        (void)fputc('\n', out);
    }
}

/* A list whose columns are the keys of its first rows, in the order in which they come. */
void put_list(FILE *out, const json_t *rows) {
    Heading h[COLUMNS_MAX];
    size_t count = 0, i;
    json_t *row, *value;
    const char *key;
    json_array_foreach(rows, i, row) {
        json_object_foreach(row, key, value) {
            size_t k = 0;
            while (k < count && strcmp(h[k].key, key) != 0) k++;
            if (k == count && count < COLUMNS_MAX) h[count++] = (Heading){.key = key, .title = key};
        }
    }
    put_table(out, rows, h, count);
}
