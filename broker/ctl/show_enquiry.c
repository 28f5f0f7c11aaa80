/* The queue, and an enquiry page by page, as people read them. */
#include "broker/ctl/ctl.h"
#include "broker/ctl/table.h"

#include <inttypes.h>

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

void show_queue(FILE *out, const json_t *result) {
    const json_t *rows = json_object_get(result, "enquiries");
    if (json_array_size(rows) == 0) {
        (void)fprintf(out, "Nothing waits.\n");
        return;
    }
    put_table(out, rows, queue_table, COUNT_OF(queue_table));
}

/* ---- one enquiry ----------------------------------------------------------------------------- */

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

/* What the hub said of one list on this page; NULL when it is not on it. */
static const json_t *page_of(const json_t *result, const char *list, const char *agency) {
    size_t i;
    json_t *page;
    json_array_foreach(json_object_get(result, "pages"), i, page) {
        bool same = strcmp(field(page, "list"), list) == 0;
        if (same && strcmp(field(page, "agency"), agency) == 0) return page;
    }
    return NULL;
}

/* What is not on this page, and how to read it. */
static void show_earlier(FILE *out, const json_t *result) {
    const char *heading = "\nNOT ON THIS PAGE\n";
    const json_t *enquiry = json_object_get(result, "enquiry");
    size_t i;
    json_t *page;
    json_array_foreach(json_object_get(result, "pages"), i, page) {
        json_int_t earlier = json_integer_value(json_object_get(page, "earlier"));
        const char *agency = field(page, "agency");
        if (earlier == 0) continue;
        (void)fprintf(out,
                      "%s  %" JSON_INTEGER_FORMAT " earlier of %" JSON_INTEGER_FORMAT
                      " %s%s%s: mashctl show %s after=%s\n",
                      heading, earlier, json_integer_value(json_object_get(page, "total")),
                      field(page, "list"), *agency ? " of " : "", agency,
                      field(enquiry, "reference"), field(page, "after"));
        heading = "";
    }
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

/* An agency says the same of somebody in every message: how often, from the first time on; 0 when
 * it was counted before. */
static size_t times_said(const json_t *persons, size_t at) {
    const json_t *p = json_array_get(persons, at);
    size_t times = 0, i;
    json_t *other;
    json_array_foreach(persons, i, other) {
        if (!json_equal(other, p)) continue;
        if (i < at) return 0;
        times++;
    }
    return times;
}

static void show_persons(FILE *out, const json_t *result, bool children) {
    const char *heading = children ? "\nCHILDREN\n" : "\nOTHER PEOPLE\n";
    const json_t *persons = json_object_get(result, "persons");
    size_t i;
    json_t *p;
    json_array_foreach(persons, i, p) {
        const json_t *number = json_object_get(p, "subject");
        size_t times = children == (number != NULL) ? times_said(persons, i) : 0;
        if (times == 0) continue;
        (void)fputs(heading, out);
        heading = "";
        if (number) (void)fprintf(out, "  %" JSON_INTEGER_FORMAT "  ", json_integer_value(number));
        if (!number) (void)fputs("  ", out);
        if (json_object_get(p, "erased")) (void)fputs("(cannot be read) ", out);
        if (json_object_get(p, "too_long")) (void)fputs("(too long to be shown) ", out);
        put_name(out, json_object_get(p, "details"));
        (void)fprintf(out, "  (%s, says %s", field(p, "roles"), field(p, "agency"));
        if (times > 1) (void)fprintf(out, " %zu times", times);
        (void)fputs(")\n", out);
    }
}

/* Whose words they are: an item of a message that came out of the quarantine under a new id. */
static void show_mended(FILE *out, const json_t *mended) {
    if (!mended) return;
    bool corrected = json_is_true(json_object_get(mended, "corrected"));
    (void)fprintf(out, "(%s by %s %s, instead of message %s)\n    ",
                  corrected ? "corrected in the hub" : "put through unchanged", field(mended, "by"),
                  field(mended, "at"), field(mended, "instead_of"));
}

static void show_item(FILE *out, const json_t *item) {
    const char *chosen_for = field(item, "chosen_for");
    (void)fprintf(out, "  %s  %s  %s (by the %s%s%s)  %s\n    ", field(item, "class"),
                  field(item, "sensitivity"), field(item, "tier"), field(item, "tier_by"),
                  *chosen_for ? " for message " : "", chosen_for, field(item, "arrived_at"));
    show_mended(out, json_object_get(item, "mended"));
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
        const json_t *page = page_of(result, "items", field(owner, "owner"));
        (void)fprintf(out, "\nFROM %s, %" JSON_INTEGER_FORMAT " in all, newest first\n",
                      field(owner, "owner"), json_integer_value(json_object_get(page, "total")));
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

static void put_reason(FILE *out, const char *what, const char *words) {
    if (!*words) return;
    (void)fprintf(out, "    %s: ", what);
    (void)put_text(out, words, 4);
    (void)fputc('\n', out);
}

/* Nor do the reasons for an emergency share fit into a table. */
static void show_emergencies(FILE *out, const json_t *result) {
    const char *heading = "\nEMERGENCY SHARES\n";
    size_t i;
    json_t *e;
    json_array_foreach(json_object_get(result, "emergencies"), i, e) {
        (void)fprintf(out, "%s  to %s, by %s %s%s, product %s\n    %s, due %s%s\n", heading,
                      field(e, "recipient"), field(e, "released_by"), field(e, "released_at"),
                      json_is_true(json_object_get(e, "lapsed")) ? ", by a lapsed rule" : "",
                      field(e, "product"), field(e, "state"), field(e, "due"),
                      json_object_get(e, "erased") ? " (the reasons are erased)" : "");
        put_reason(out, "Why", field(e, "rationale"));
        put_reason(out, "Why nothing less would do", field(e, "necessity"));
        heading = "";
    }
}

void show_enquiry(FILE *out, const json_t *result) {
    static const struct {
        const char *key, *title;
    } lists[] = {{"ratings", "RATINGS"},
                 {"decisions", "DECISIONS"},
                 {"products", "PRODUCTS"},
                 {"authorisations", "OWNERS' WORDS"}};
    show_head(out, json_object_get(result, "enquiry"));
    show_persons(out, result, true);
    show_persons(out, result, false);
    show_items(out, result);
    show_checks(out, result);
    show_emergencies(out, result);
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        const json_t *rows = json_object_get(result, lists[i].key);
        if (json_array_size(rows) == 0) continue;
        (void)fprintf(out, "\n%s\n", lists[i].title);
        put_list(out, rows);
    }
    show_earlier(out, result);
}
