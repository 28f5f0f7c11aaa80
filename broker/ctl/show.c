/* Results as people read them: an aligned table for lists, sections for an enquiry, "name: value"
 * for the rest. Nothing here knows what may be seen; the hub has decided that. */
#include "broker/ctl/ctl.h"
#include "broker/ctl/table.h"

#include <inttypes.h>

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

/* Whose words they are: an item of a message that came out of the quarantine under a new id. */
static void show_mended(FILE *out, const json_t *mended) {
    if (!mended) return;
    bool corrected = json_is_true(json_object_get(mended, "corrected"));
    (void)fprintf(out, "(%s by %s %s, instead of message %s)\n    ",
                  corrected ? "corrected in the hub" : "put through unchanged", field(mended, "by"),
                  field(mended, "at"), field(mended, "instead_of"));
}

static void show_item(FILE *out, const json_t *item) {
    (void)fprintf(out, "  %s  %s  %s (by the %s)  %s\n    ", field(item, "class"),
                  field(item, "sensitivity"), field(item, "tier"), field(item, "tier_by"),
                  field(item, "arrived_at"));
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

/* ---- the front door -------------------------------------------------------------------------- */

static void seconds_text(int64_t s, char *out) {
    if (s < 120) {
        (void)snprintf(out, CELL_MAX, "%" PRId64 " s", s);
    } else if (s < 120 * 60) {
        (void)snprintf(out, CELL_MAX, "%" PRId64 " min", s / 60);
    } else {
        (void)snprintf(out, CELL_MAX, "%" PRId64 " h", s / 3600);
    }
}

static void cell_silent(const json_t *row, char *out) {
    seconds_text(json_integer_value(json_object_get(row, "silent_s")), out);
}

static void cell_oldest(const json_t *row, char *out) {
    out[0] = '\0';
    const json_t *oldest = json_object_get(row, "oldest_s");
    if (oldest) seconds_text(json_integer_value(oldest), out);
}

static void cell_state(const json_t *row, char *out) {
    if (json_is_true(json_object_get(row, "alive"))) {
        (void)snprintf(out, CELL_MAX, "runs");
        return;
    }
    char silent[CELL_MAX - 16];
    cell_silent(row, silent);
    (void)snprintf(out, CELL_MAX, "SILENT for %s", silent);
}

static const Heading instance_table[] = {
    {"name", "INTAKE", NULL},
    {"alive", "STATE", cell_state},
    {"per_second", "A SECOND", NULL},
    {"waiting_immediate", "IMMEDIATE", NULL},
    {"waiting_ordinary", "ORDINARY", NULL},
    {"waiting_bytes", "BYTES", NULL},
    {"accepted", "ACCEPTED", NULL},
    {"duplicate", "DUPLICATE", NULL},
    {"quarantined", "QUARANTINED", NULL},
    {"refused", "REFUSED", NULL},
    {"busy", "BUSY", NULL},
};

static const Heading lag_table[] = {
    {"lane", "LANE", NULL},
    {"waiting", "WAITING", NULL},
    {"oldest_s", "OLDEST", cell_oldest},
};

static const Heading sender_table[] = {
    {"agency", "AGENCY", NULL},
    {"key", "KEY", NULL},
    {"intake", "AT", NULL},
    {"credit", "CREDIT", NULL},
    {"unanswered", "UNANSWERED", NULL},
    {"waiting", "WAITING", NULL},
    {"per_second", "A SECOND", NULL},
    {"accepted", "ACCEPTED", NULL},
    {"duplicate", "DUPLICATE", NULL},
    {"quarantined", "QUARANTINED", NULL},
    {"refused", "REFUSED", NULL},
    {"busy", "BUSY", NULL},
    {"silent_s", "LAST HEARD", cell_silent},
};

static const Heading refusal_table[] = {
    {"reason", "REASON", NULL},
    {"agency", "AGENCY", NULL},
    {"intake", "AT", NULL},
    {"total", "REFUSED", NULL},
};

static void show_intake(FILE *out, const json_t *result) {
    static const struct {
        const char *key, *title, *none;
        const Heading *table;
        size_t columns;
    } parts[] = {
        {"instances", "INTAKES", "No intake has reported.", instance_table,
         COUNT_OF(instance_table)},
        {"lag", "ACKNOWLEDGED, NOT IN THE QUEUE YET", "", lag_table, COUNT_OF(lag_table)},
        {"senders", "SENDERS", "Nobody has sent anything.", sender_table, COUNT_OF(sender_table)},
        {"refusals", "REFUSALS", "None.", refusal_table, COUNT_OF(refusal_table)},
    };
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        const json_t *rows = json_object_get(result, parts[i].key);
        (void)fprintf(out, "%s%s\n", i ? "\n" : "", parts[i].title);
        if (json_array_size(rows) > 0) put_table(out, rows, parts[i].table, parts[i].columns);
        if (json_array_size(rows) == 0) (void)fprintf(out, "%s\n", parts[i].none);
    }
}

/* ---- the quarantine -------------------------------------------------------------------------- */

static void cell_became(const json_t *row, char *out) {
    const char *where = field(row, *field(row, "enquiry") ? "enquiry" : "mended_as");
    (void)snprintf(out, CELL_MAX, "%s%s%s", field(row, "act"), *where ? " " : "", where);
}

static const Heading quarantine_table[] = {
    {"id", "ID", NULL},         {"agency", "AGENCY", NULL}, {"reason", "REASON", NULL},
    {"path", "FIELD", NULL},    {"content", "HOLDS", NULL}, {"age", "AGE", NULL},
    {"act", "NOW", cell_became}, {"by", "BY", NULL},
};

static void show_quarantine(FILE *out, const json_t *result) {
    const json_t *rows = json_object_get(result, "quarantine");
    if (json_array_size(rows)) put_table(out, rows, quarantine_table, COUNT_OF(quarantine_table));
    (void)fprintf(out, "%" JSON_INTEGER_FORMAT " in all, %zu shown.\n",
                  json_integer_value(json_object_get(result, "count")), json_array_size(rows));
}

/* ---- what mashctl calls ---------------------------------------------------------------------- */

static const struct {
    const char *command;
    void (*show)(FILE *out, const json_t *result);
} views[] = {{"queue", show_queue},
             {"show", show_enquiry},
             {"intake", show_intake},
             {"quarantine", show_quarantine}};

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
