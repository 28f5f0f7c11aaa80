/* Results as people read them: an aligned table for lists, sections for an enquiry, "name: value"
 * for the rest. Nothing here knows what may be seen; the hub has decided that. */
#include "broker/ctl/ctl.h"

#include <inttypes.h>

enum { CELL_MAX = 400, COLUMNS_MAX = 16, INDENT = 2 };

/* ---- text that is safe on a terminal --------------------------------------------------------- */

static bool unsafe(uint32_t point) {
    bool control = (point < 0x20 && point != '\n') || (point >= 0x7f && point < 0xa0);
    bool direction = (point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069) ||
                     point == 0x200e || point == 0x200f;
    return control || direction;
}

/* One code point of valid UTF-8 (jansson takes nothing else). */
static size_t point_read(const char *at, uint32_t *ret) {
    uint8_t c = (uint8_t)at[0];
    size_t len = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    *ret = len == 1 ? c : c & (0xffu >> (len + 1));
    for (size_t i = 1; i < len; i++) *ret = *ret << 6 | ((uint8_t)at[i] & 0x3f);
    return len;
}

/* Lines after the first are indented; returns how many columns the last one took. */
static size_t put_text(FILE *out, const char *text, int indent) {
    size_t width = 0, len;
    for (const char *at = text; *at; at += len) {
        uint32_t point;
        len = point_read(at, &point);
        width = point == '\n' ? 0 : width + 1;
        if (unsafe(point)) {
            (void)fputc('?', out);
            continue;
        }
        (void)fwrite(at, 1, len, out);
        if (point == '\n') (void)fprintf(out, "%*s", indent, "");
    }
    return width;
}

static size_t text_width(const char *text) {
    size_t width = 0, len;
    uint32_t point;
    for (const char *at = text; *at; at += len, width++) len = point_read(at, &point);
    return width;
}

/* ---- cells and tables ------------------------------------------------------------------------ */

/* A value on one line; "" for what is not there. `out` takes CELL_MAX bytes. */
static void cell_text(const json_t *v, char *out) {
    out[0] = '\0';
    if (json_is_string(v)) (void)snprintf(out, CELL_MAX, "%s", json_string_value(v));
    if (json_is_integer(v))
        (void)snprintf(out, CELL_MAX, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
    if (json_is_boolean(v)) (void)snprintf(out, CELL_MAX, "%s", json_is_true(v) ? "yes" : "no");
    if (json_is_array(v)) (void)snprintf(out, CELL_MAX, "%zu", json_array_size(v));
    size_t len = strlen(out); /* a text cut short must not end within a character */
    while (len == CELL_MAX - 1 && len > 0 && ((uint8_t)out[len - 1] & 0x80)) out[--len] = '\0';
    for (char *c = out; *c; c++) {
        if (*c == '\n') *c = ' ';
    }
}

typedef struct Heading {
    const char *key, *title;
    void (*cell)(const json_t *row, char *out); /* NULL: the value as it is */
} Heading;

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

static void put_table(FILE *out, const json_t *rows, const Heading *h, size_t columns) {
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
static void put_list(FILE *out, const json_t *rows) {
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

/* ---- anything -------------------------------------------------------------------------------- */

static bool flat(const json_t *rows) {
    size_t i;
    json_t *row, *value;
    const char *key;
    json_array_foreach(rows, i, row) {
        if (!json_is_object(row)) return false;
        json_object_foreach(row, key, value) {
            bool long_text = json_is_string(value) && json_string_length(value) > 80;
            if (json_is_array(value) || json_is_object(value) || long_text) return false;
        }
    }
    return true;
}

static void put_any(FILE *out, const json_t *v, int indent);

static void put_array(FILE *out, const json_t *list, int indent) {
    size_t i;
    json_t *one;
    json_array_foreach(list, i, one) {
        bool nested = json_is_object(one);
        (void)fprintf(out, "%*s%s", indent, "", nested ? "-\n" : "- ");
        put_any(out, one, indent + INDENT);
    }
}

static void put_object(FILE *out, const json_t *object, int indent) {
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, key, value) {
        if (strcmp(key, "html") == 0) continue; /* the same text as a page, for a browser */
        bool nested = json_is_object(value) || json_array_size(value) > 0;
        (void)fprintf(out, "%*s%s:%s", indent, "", key, nested ? "\n" : " ");
        if (indent == 0 && json_array_size(value) > 0 && flat(value)) {
            put_list(out, value);
        } else {
            put_any(out, value, indent + INDENT);
        }
    }
}

static void put_any(FILE *out, const json_t *v, int indent) {
    char cell[CELL_MAX];
    if (json_is_object(v)) {
        put_object(out, v, indent);
    } else if (json_array_size(v) > 0) {
        put_array(out, v, indent);
    } else if (json_is_string(v)) {
        (void)put_text(out, json_string_value(v), indent);
        (void)fputc('\n', out);
    } else {
        cell_text(v, cell);
        (void)fprintf(out, "%s\n", json_is_array(v) ? "none" : cell);
    }
}

/* ---- the queue ------------------------------------------------------------------------------- */

static void minutes_text(const json_t *minutes, char *out) {
    int64_t m = json_integer_value(minutes), size = m < 0 ? -m : m;
    const char *late = m <= 0 ? "late " : "";
    if (size < 60) {
        (void)snprintf(out, CELL_MAX, "%s%" PRId64 " min", late, size);
    } else if (size < 48 * 60) {
        (void)snprintf(out, CELL_MAX, "%s%" PRId64 " h %02" PRId64, late, size / 60, size % 60);
    } else {
        (void)snprintf(out, CELL_MAX, "%s%" PRId64 " days", late, size / (24 * 60));
    }
}

static void cell_product(const json_t *row, char *out) {
    minutes_text(json_object_get(row, "product_minutes"), out);
}

static void cell_decision(const json_t *row, char *out) {
    minutes_text(json_object_get(row, "decision_minutes"), out);
}

static void cell_lane(const json_t *row, char *out) {
    const char *lane = json_string_value(json_object_get(row, "lane"));
    (void)snprintf(out, CELL_MAX, "%s", lane && strcmp(lane, "immediate") == 0 ? "IMMEDIATE" : "");
}

static void cell_checks(const json_t *row, char *out) {
    int64_t open = json_integer_value(json_object_get(row, "checks_open"));
    int64_t late = json_integer_value(json_object_get(row, "checks_late"));
    (void)snprintf(out, CELL_MAX, "%" PRId64 " open%s", open, late ? ", late" : "");
}

static const Heading queue_table[] = {
    {"reference", "REFERENCE", NULL},
    {"rating", "RATING", NULL},
    {"lane", "LANE", cell_lane},
    {"product_minutes", "PRODUCT IN", cell_product},
    {"decision_minutes", "DECISION IN", cell_decision},
    {"state", "STATE", NULL},
    {"holder", "HOLDER", NULL},
    {"subjects", "CHILDREN", NULL},
    {"agencies", "AGENCIES", NULL},
    {"messages", "MESSAGES", NULL},
    {"checks_open", "CHECKS", cell_checks},
};

static void show_queue(FILE *out, const json_t *result) {
    const json_t *rows = json_object_get(result, "enquiries");
    if (json_array_size(rows) == 0) {
        (void)fprintf(out, "Nothing waits.\n");
        return;
    }
    put_table(out, rows, queue_table, COUNT_OF(queue_table));
}

/* ---- one enquiry ----------------------------------------------------------------------------- */

static const char *field(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static void put_name(FILE *out, const json_t *details) {
    const json_t *name = json_array_get(json_object_get(details, "name"), 0);
    const char *given = field(name, "given"), *family = field(name, "family");
    const char *born = field(details, "birth_date");
    (void)put_text(out, given, 0);
    (void)fputs(*given && *family ? " " : "", out);
    (void)put_text(out, family, 0);
    if (!*given && !*family) (void)fputs("name not known", out);
    if (*born) (void)fprintf(out, ", born %s", born);
}

static void show_head(FILE *out, const json_t *e) {
    char product[CELL_MAX], decision[CELL_MAX], lane[CELL_MAX];
    cell_product(e, product);
    cell_decision(e, decision);
    cell_lane(e, lane);
    (void)fprintf(out, "ENQUIRY %s  %s %s  %s  version %" JSON_INTEGER_FORMAT "\n",
                  field(e, "reference"), field(e, "rating"), lane, field(e, "state"),
                  json_integer_value(json_object_get(e, "version")));
    (void)fprintf(out, "  product: %s (%s); decision: %s (%s)\n", product, field(e, "product_due"),
                  decision, field(e, "decision_due"));
    if (*field(e, "holder")) {
        (void)fprintf(out, "  held by %s until %s\n", field(e, "holder"), field(e, "claim_until"));
    }
}

static void show_persons(FILE *out, const json_t *result, bool children) {
    const char *heading = children ? "\nCHILDREN\n" : "\nOTHER PEOPLE\n";
    size_t i;
    json_t *p;
    json_array_foreach(json_object_get(result, "persons"), i, p) {
        const json_t *number = json_object_get(p, "subject");
        if (children != (number != NULL)) continue;
        (void)fputs(heading, out);
        heading = "";
        if (number) (void)fprintf(out, "  %" JSON_INTEGER_FORMAT "  ", json_integer_value(number));
        if (!number) (void)fputs("  ", out);
        if (json_object_get(p, "erased")) (void)fputs("(cannot be read) ", out);
        put_name(out, json_object_get(p, "details"));
        (void)fprintf(out, "  (%s, says %s)\n", field(p, "roles"), field(p, "agency"));
    }
}

static void show_item(FILE *out, const json_t *item) {
    (void)fprintf(out, "  %s  %s  %s (by the %s)  %s\n    ", field(item, "class"),
                  field(item, "sensitivity"), field(item, "tier"), field(item, "tier_by"),
                  field(item, "arrived_at"));
    bool erased = json_object_get(item, "erased") != NULL;
    (void)put_text(out, erased ? "(erased)" : field(item, "text"), 4);
    (void)fputc('\n', out);
    if (!*field(item, "summary")) return;
    (void)fputs("    For outside: ", out);
    (void)put_text(out, field(item, "summary"), 4);
    (void)fputc('\n', out);
}

static void show_items(FILE *out, const json_t *result) {
    size_t i, k;
    json_t *owner, *item;
    json_array_foreach(json_object_get(result, "owners"), i, owner) {
        (void)fputs("\nFROM ", out);
        (void)fprintf(out, "%s\n", field(owner, "owner"));
        json_array_foreach(json_object_get(owner, "items"), k, item) {
            show_item(out, item);
        }
    }
}

/* A question is prose: it stands on lines of its own. */
static void show_checks(FILE *out, const json_t *result) {
    const char *heading = "\nCHECKS\n";
    size_t i;
    json_t *check;
    json_array_foreach(json_object_get(result, "checks"), i, check) {
        const char *answered = field(check, "answered_at");
        (void)fprintf(out, "%s  %s  %s%s  asked by %s %s, answer by %s", heading,
                      field(check, "agency"), field(check, "state"),
                      json_is_true(json_object_get(check, "late")) ? ", late" : "",
                      field(check, "asked_by"), field(check, "asked_at"),
                      field(check, "answer_by"));
        (void)fprintf(out, "%s%s\n  %s, threshold %s, family told: %s\n    ",
                      *answered ? ", answered " : "", answered, field(check, "gateway"),
                      field(check, "threshold"), field(check, "family_informed"));
        (void)put_text(out, field(check, "question"), 4);
        (void)fputc('\n', out);
        heading = "";
    }
}

static void show_enquiry(FILE *out, const json_t *result) {
    static const struct {
        const char *key, *title;
    } lists[] = {{"ratings", "RATINGS"},
                 {"decisions", "DECISIONS"},
                 {"products", "PRODUCTS"}};
    show_head(out, json_object_get(result, "enquiry"));
    show_persons(out, result, true);
    show_persons(out, result, false);
    show_items(out, result);
    show_checks(out, result);
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        const json_t *rows = json_object_get(result, lists[i].key);
        if (json_array_size(rows) == 0) continue;
        (void)fprintf(out, "\n%s\n", lists[i].title);
        put_list(out, rows);
    }
}

/* ---- what mashctl calls ---------------------------------------------------------------------- */

static const struct {
    const char *command;
    void (*show)(FILE *out, const json_t *result);
} views[] = {{"queue", show_queue}, {"show", show_enquiry}};

void show_result(FILE *out, const char *command, const json_t *result) {
    for (size_t i = 0; i < COUNT_OF(views); i++) {
        if (strcmp(views[i].command, command) != 0) continue;
        views[i].show(out, result);
        return;
    }
    put_object(out, result, 0);
}

void show_help(FILE *out) {
    static const struct {
        const char *name, *usage, *doc;
    } commands[] = {
#define COMMAND(name, handler, roles, usage, doc) {name, usage, doc},
#include "schemas/commands.def"
#undef COMMAND
    };
    (void)fprintf(out, "mashctl [--config FILE] [--json] COMMAND [NAME=VALUE ...]\n\n");
    for (size_t i = 0; i < COUNT_OF(commands); i++) {
        (void)fprintf(out, "%s %s\n    %s\n", commands[i].name, commands[i].usage, commands[i].doc);
    }
    (void)fprintf(out,
                  "policy-sign TEXT owner version realm --key FILE\n"
                  "    sign a policy, offline, into TEXT.sig; version: the one that it will be\n\n"
                  "The first argument's name may be left out: claim 7K3M-QX2P. A value that starts "
                  "with @ is read from that file.\nThe token of a claim and the version that you "
                  "were shown are remembered beside your settings.\n");
}
