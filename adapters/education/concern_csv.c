/* The log as rows: libcsv does the quoting, this file the header and the bounds. See concern_log.h;
 * what a row means is in concern_log.c. */
#include "adapters/education/concern_log.h"

#include "broker/base/err.h"

#include <csv.h>
#include <strings.h>

static const char *const headings[COLUMN_COUNT] = {
    [COLUMN_reference] = "Incident Ref",
    [COLUMN_upn] = "UPN",
    [COLUMN_forename] = "Forename",
    [COLUMN_surname] = "Surname",
    [COLUMN_dob] = "DOB",
    [COLUMN_year] = "Year Group",
    [COLUMN_date] = "Incident Date",
    [COLUMN_time] = "Incident Time",
    [COLUMN_categories] = "Categories",
    [COLUMN_linked] = "Linked Students",
    [COLUMN_incident] = "Incident",
    [COLUMN_body_map] = "Body Map",
    [COLUMN_actions] = "Actions",
    [COLUMN_assigned] = "Assigned To",
    [COLUMN_status] = "Status",
    [COLUMN_added_by] = "Added By",
};
static const Column needed[] = {COLUMN_reference, COLUMN_forename, COLUMN_surname, COLUMN_incident,
                                COLUMN_actions};

typedef struct Reading {
    Arena *arena;
    ConcernCall call;
    void *context;
    Fault *fault;
    int meaning[LOG_COLUMNS]; /* of the file's columns; -1: none of ours */
    size_t columns;           /* of the header; 0 before it */
    Str field[LOG_COLUMNS];   /* of the row in hand */
    size_t fields, row;
    int result;
} Reading;

static void field_seen(void *text, size_t len, void *context) {
    Reading *r = context;
    if (r->result) return;
    if (r->fields == LOG_COLUMNS) {
        r->result = form_fault(r->fault, REFUSE_too_many, "columns");
        return;
    }
    r->field[r->fields++] = arena_str(r->arena, (Str){.at = text, .len = len});
    if (arena_failed(r->arena)) r->result = ERR_MEMORY;
}

static int heading_meaning(Str heading) {
    for (int i = 0; i < COLUMN_COUNT; i++) {
        bool same = heading.len == strlen(headings[i]) &&
                    strncasecmp(heading.at, headings[i], heading.len) == 0;
        if (same) return i;
    }
    return -1;
}

static int header_seen(Reading *r) {
    bool found[COLUMN_COUNT] = {false};
    r->columns = r->fields;
    for (size_t i = 0; i < r->fields; i++) {
        r->meaning[i] = heading_meaning(str_trim(r->field[i]));
        if (r->meaning[i] < 0) continue;
        if (found[r->meaning[i]]) {
            return form_fault(r->fault, REFUSE_duplicate_key, "%s", headings[r->meaning[i]]);
        }
        found[r->meaning[i]] = true;
    }
    for (size_t i = 0; i < COUNT_OF(needed); i++) {
        if (!found[needed[i]]) {
            return form_fault(r->fault, REFUSE_missing_field, "%s", headings[needed[i]]);
        }
    }
    return 0;
}

static int row_seen(Reading *r) {
    ConcernRow row = {0};
    bool blank = r->fields == 0 || (r->fields == 1 && r->field[0].len == 0);
    if (blank) return 0;
    if (r->row > LOG_ROWS) return form_fault(r->fault, REFUSE_too_many, "rows");
    for (size_t i = 0; i < r->fields && i < r->columns; i++) {
        if (r->meaning[i] >= 0) row.at[r->meaning[i]] = str_trim(r->field[i]);
    }
    return r->call(r->context, &row, r->row, r->fields != r->columns);
}

static void line_seen(int end, void *context) {
    Reading *r = context;
    (void)end; /* which character ended it */
    if (r->result) return;
    r->row++;
    r->result = r->columns ? row_seen(r) : header_seen(r);
    r->fields = 0;
}

static Bytes without_mark(Bytes b) {
    bool marked = b.len >= 3 && memcmp(b.at, "\xef\xbb\xbf", 3) == 0;
    return marked ? bytes_of(b.at + 3, b.len - 3) : b;
}

int concern_log_read(Arena *a, Bytes content, ConcernCall row, void *context, Fault *ret_fault) {
    Reading r = {.arena = a, .call = row, .context = context, .fault = ret_fault};
    struct csv_parser csv;
    bool guessed = false;
    Str text = text_utf8(a, without_mark(content), &guessed);
    if (arena_failed(a)) return ERR_MEMORY;
    if (csv_init(&csv, CSV_STRICT | CSV_STRICT_FINI) != 0) return ERR_MEMORY;
    size_t done = csv_parse(&csv, text.at ? text.at : "", text.len, field_seen, line_seen, &r);
    bool whole = done == text.len && csv_fini(&csv, field_seen, line_seen, &r) == 0;
    csv_free(&csv);
    if (r.result) return r.result;
    if (!whole) return form_fault(ret_fault, REFUSE_wrong_type, "row %zu", r.row + 1);
    return r.columns ? 0 : form_fault(ret_fault, REFUSE_missing_field, "%s", "");
}
