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
             {"policy-rehearse", show_rehearsal},
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
                  "\nThe first argument's name may be left out: claim 7K3M-QX2P. A value that "
                  "starts with @ is read from that file.\nThe token of a claim and the version "
                  "that you were shown are remembered beside your settings.\n");
}
