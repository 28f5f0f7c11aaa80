/* The mapping profile "concern-log 1", and what becomes of a file's rows. See concern_log.h and
 * README.md; the CSV itself is read in concern_csv.c. */
#include "adapters/education/concern_log.h"

#include "adapters/common/files.h"
#include "adapters/common/uktime.h"
#include "broker/base/err.h"

#include <strings.h>

enum { LOG_ARENA = 64 * 1024 * 1024 };

/* Legend: a category of the log, category of abuse, risk factor (either may be empty), and its
 * words in the summary for outside. A category that is not here is kept in the text only. */
typedef struct Category {
    const char *sent, *concern, *risk, *words;
} Category;

static const Category categories[] = {
    {"Physical abuse", "PHY", "18C", "physical abuse"},
    {"Emotional abuse", "EMO", "17A", "emotional abuse"},
    {"Sexual abuse", "SAB", "19C", "sexual abuse"},
    {"Neglect", "NEG", "16A", "neglect"},
    {"Domestic abuse", "EMO", "3A", "domestic abuse"},
    {"Self-harm", "", "15A", "self-harm"},
    {"Missing", "", "10A", "going missing"},
    {"Attendance", "", "", "attendance"},
    {"Disclosure", "", "", "a disclosure by the child"},
};

/* The first marker is what the sample log writes; the others are usual. */
static const char *const for_hub[] = {"mash referral", "referred to mash", "referral to mash"};

static bool row_for_hub(const ConcernRow *row) {
    char actions[512];
    Str s = row->at[COLUMN_actions];
    size_t len = s.len < sizeof(actions) - 1 ? s.len : sizeof(actions) - 1;
    if (len) memcpy(actions, s.at, len);
    actions[len] = '\0';
    for (size_t i = 0; i < COUNT_OF(for_hub); i++) {
        if (strcasestr(actions, for_hub[i])) return true;
    }
    return false;
}

/* ---- mapping --------------------------------------------------------------------------------- */

static const Category *category_of(Str sent) {
    for (size_t i = 0; i < COUNT_OF(categories); i++) {
        bool same = sent.len == strlen(categories[i].sent) &&
                    strncasecmp(sent.at, categories[i].sent, sent.len) == 0;
        if (same) return &categories[i];
    }
    return NULL;
}

/* Split at commas and semicolons; returns the summary. */
static Str categories_map(Draft *d, Str list) {
    Arena *a = d->arena;
    Str words = {0};
    while (list.len) {
        size_t end = 0;
        while (end < list.len && list.at[end] != ',' && list.at[end] != ';') end++;
        const Category *c = category_of(str_trim((Str){.at = list.at, .len = end}));
        size_t used = end < list.len ? end + 1 : end;
        list = (Str){.at = list.at + used, .len = list.len - used};
        if (!c) continue;
        if (c->concern[0]) draft_concern(d, str_z(c->concern));
        if (c->risk[0]) draft_risk(d, str_z(c->risk), STR("derived"), str_z(c->sent));
        words = arena_printf(a, "%.*s%s%s", STR_ARG(words), words.len ? ", " : "", c->words);
    }
    if (words.len == 0) return STR("The school recorded a safeguarding concern.");
    return arena_printf(a, "The school recorded a safeguarding concern: %.*s.", STR_ARG(words));
}

static void child_map(Draft *d, const ConcernRow *row) {
    Str born = row->at[COLUMN_dob];
    Value *p = draft_person(d, STR("child"));
    person_name(d, p, row->at[COLUMN_surname], row->at[COLUMN_forename]);
    person_identifier(d, p, STR("upn"), row->at[COLUMN_upn], (Str){0}, "UPN");
    person_birth(d, p, born, uk_date(d->arena, born), "DOB");
    value_set_text(d->arena, p, F_person_year_group, row->at[COLUMN_year]);
    Value *school = value_set_map(d->arena, p, F_person_school);
    value_set_text(d->arena, school, F_organisation_scheme, d->self->org_scheme);
    value_set_text(d->arena, school, F_organisation_code, d->self->org_code);
    value_set_text(d->arena, school, F_organisation_name, d->self->name);
}

static void concern_map(Draft *d, const ConcernRow *row) {
    Arena *a = d->arena;
    Str list = row->at[COLUMN_categories], text = row->at[COLUMN_incident];
    Str summary = categories_map(d, list);
    if (text.len == 0) {
        text = STR("The log has no account of the incident.");
        draft_warn(d, "no_text", "Incident", "The row has no account of the incident.");
    }
    if (list.len) text = arena_printf(a, "%.*s\nCategories: %.*s", STR_ARG(text), STR_ARG(list));
    text = arena_printf(a, "%.*s\nActions: %.*s", STR_ARG(text), STR_ARG(row->at[COLUMN_actions]));
    draft_narrative(d, STR("concern"), text, summary, (Str){0});
    if (row->at[COLUMN_body_map].len) {
        Str mark = arena_printf(a, "Body map: %.*s", STR_ARG(row->at[COLUMN_body_map]));
        draft_narrative(d, STR("health"), mark, STR("The school recorded a mark or injury."),
                        (Str){0});
    }
    if (row->at[COLUMN_linked].len) {
        Str linked = arena_printf(a, "Linked students: %.*s", STR_ARG(row->at[COLUMN_linked]));
        draft_narrative(d, STR("third_party"), linked, (Str){0}, STR("silent"));
    }
}

/* The row's own bytes: its columns in our order, so that a log exported again, with rows or columns
 * moved, gives the same messages. */
static Bytes row_bytes(Arena *a, const ConcernRow *row) {
    size_t len = 0, n = 0;
    for (int i = 0; i < COLUMN_COUNT; i++) len += row->at[i].len + 1;
    uint8_t *out = arena_alloc(a, len);
    if (!out) return (Bytes){0};
    for (int i = 0; i < COLUMN_COUNT; i++) {
        if (row->at[i].len) memcpy(out + n, row->at[i].at, row->at[i].len);
        n += row->at[i].len;
        out[n++] = 0x1f;
    }
    return bytes_of(out, len);
}

/* 0 and the draft, a REFUSE_* whose path is the column's heading, or negative. */
static int row_map(Arena *a, const Identity *self, const ConcernRow *row, int64_t now_ms,
                   Draft *ret, Fault *ret_fault) {
    const Str *at = row->at;
    *ret_fault = (Fault){0};
    if (at[COLUMN_reference].len == 0) {
        return form_fault(ret_fault, REFUSE_missing_field, "Incident Ref");
    }
    if (at[COLUMN_forename].len + at[COLUMN_surname].len + at[COLUMN_upn].len == 0) {
        return form_fault(ret_fault, REFUSE_missing_field, "Surname");
    }
    if (at[COLUMN_incident].len + at[COLUMN_categories].len == 0) {
        return form_fault(ret_fault, REFUSE_missing_field, "Incident");
    }
    Bytes native = row_bytes(a, row);
    int r = native.at ? draft_open(a, self, STR("concern-log 1"), native, now_ms, ret) : ERR_MEMORY;
    if (r < 0) return r;
    Str when = uk_time(a, at[COLUMN_date], at[COLUMN_time]);
    if (when.len == 0) when = uk_time(a, at[COLUMN_date], (Str){0});
    draft_reference(ret, arena_printf(a, "school:%.*s:incident", STR_ARG(self->agency)),
                    at[COLUMN_reference]);
    draft_code(ret, F_referral_source, STR("2A"));
    draft_times(ret, when, when, "Incident Date");
    draft_source_agency(ret, (Str){0}, (Str){0});
    draft_referrer(ret, at[COLUMN_added_by], at[COLUMN_assigned], (Str){0});
    value_add_text(a, ret->referral, F_referral_lawful_basis, STR("ca2004_s10"));
    child_map(ret, row);
    concern_map(ret, row);
    return arena_failed(a) ? ERR_MEMORY : 0;
}

/* ---- the file -------------------------------------------------------------------------------- */

static int row_take(void *context, const ConcernRow *row, size_t number, bool short_row) {
    Batch *b = context;
    Draft draft;
    Fault fault = {0};
    int r = 0;
    if (!short_row && !row_for_hub(row)) return 0;
    if (short_row) r = form_fault(&fault, REFUSE_wrong_type, "columns");
    if (r == 0) r = row_map(b->arena, &b->adapter->self, row, b->now_ms, &draft, &fault);
    if (r < 0) return r;
    Str reference = row->at[COLUMN_reference];
    return r ? batch_reject(b, reference, number, &fault)
             : batch_keep(b, &draft, reference, number);
}

static int row_pass(void *context, const ConcernRow *row, size_t number, bool short_row) {
    (void)context, (void)row, (void)number, (void)short_row;
    return 0;
}

static int rejects_print(FILE *f, json_t *rejected) {
    json_t *one;
    size_t i;
    fputs("row,column,reason\r\n", f);
    json_array_foreach(rejected, i, one) {
        fprintf(f, "%" JSON_INTEGER_FORMAT ",\"%s\",%s\r\n",
                json_integer_value(json_object_get(one, "position")),
                json_string_value(json_object_get(one, "path")),
                json_string_value(json_object_get(one, "reason")));
    }
    return ferror(f) ? ERR_MEMORY : 0;
}

static int rejects_write(const Batch *b) {
    char name[PATH_LEN], *text = NULL;
    size_t len = 0;
    if (json_array_size(b->rejected) == 0) return 0;
    int n = snprintf(name, sizeof(name), "%s.rejects.csv", b->name);
    FILE *f = open_memstream(&text, &len);
    if (!f || n <= 0 || n >= PATH_LEN) return ERR_MEMORY;
    int r = rejects_print(f, b->rejected);
    if (fclose(f) != 0) r = ERR_MEMORY;
    if (r == 0) r = file_write(b->receipts, name, bytes_of(text, len));
    free(text);
    return r;
}

/* Read twice: the first time nothing is kept, so that a log which breaks off is refused whole. */
int concern_log(Batch *b, Bytes content, Fault *ret_fault) {
    _cleanup_(arena_freep) Arena *a = arena_new(LOG_ARENA);
    if (!a) return ERR_MEMORY;
    int r = concern_log_read(a, content, row_pass, NULL, ret_fault);
    arena_reset(a);
    if (r == 0) r = concern_log_read(a, content, row_take, b, ret_fault);
    return r ? r : rejects_write(b);
}
