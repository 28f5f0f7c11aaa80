/* `mashctl policy matrix`: the grid of a policy, as text, CSV or HTML. */
#include "broker/ctl/policy_matrix.h"

#include "broker/ctl/offline.h"
#include "broker/ctl/policy.h"

#include <argp.h>

enum { MEMORY = 256 * 1024 * 1024 };

typedef struct Matrix {
    const char *file, *agencies, *day, *purpose, *format;
} Matrix;

typedef void (*Form)(Arena *a, const Grid *g, size_t count);

static const struct {
    const char *name;
    Form print;
} forms[] = {{"text", grids_text}, {"csv", grids_csv}, {"html", grids_html}};

static Form form_find(const char *name) {
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        if (strcmp(forms[i].name, name) == 0) return forms[i].print;
    }
    (void)fprintf(stderr, "mashctl: \"%s\" is no format; use text, csv or html\n", name);
    return NULL;
}

/* A grid for each owner and purpose, or for the one that was asked for. */
static int grids_make(Arena *a, const Paper *paper, const Agencies *agencies, Str day, Str purpose,
                      Grid *ret, size_t *ret_count) {
    for (size_t i = 0; i < paper->count; i++) {
        Domain d;
        int r = domain_of(a, &paper->at[i], 1, agencies->at, agencies->count, &d);
        if (r) return r;
        for (size_t k = 0; k < d.purpose_count; k++) {
            if (purpose.len && !str_eq(purpose, d.purposes[k])) continue;
            r = grid_make(a, &paper->at[i], &d, d.purposes[k], day, &ret[*ret_count]);
            if (r) return r;
            (*ret_count)++;
        }
    }
    return 0;
}

static int matrix(const Matrix *m) {
    _cleanup_(arena_freep) Arena *a = arena_new(MEMORY);
    enum { PURPOSES_MOST = 32 };
    Agencies agencies;
    Paper paper;
    size_t count = 0;
    Str day, purpose = {0};
    Form print = form_find(m->format);
    if (!a || !print) return OFFLINE_USAGE;
    day = day_today(a);
    if (m->day && !word_day(m->day, &day)) return OFFLINE_USAGE;
    if (m->purpose && !word_known(a, LIST_purpose, "a purpose", m->purpose, &purpose)) {
        return OFFLINE_USAGE;
    }
    if (!agencies_read(a, m->agencies, &agencies)) return OFFLINE_REFUSED;
    if (!paper_read(a, m->file, &agencies, &paper)) return OFFLINE_REFUSED;
    Grid *grids = arena_array(a, paper.count * PURPOSES_MOST + 1, sizeof(*grids));
    if (!grids || grids_make(a, &paper, &agencies, day, purpose, grids, &count)) {
        (void)fprintf(stderr, "mashctl: %s: there is no memory for so large a grid\n", m->file);
        return OFFLINE_REFUSED;
    }
    print(a, grids, count);
    return OFFLINE_DONE;
}

/* ---- the command line ------------------------------------------------------------------------ */

static const struct argp_option options[] = {
    {"agencies", 'a', "FILE", 0, "the agencies there are, a line each: CODE TYPE", 0},
    {"day", 'd', "DAY", 0, "on this day (YYYY-MM-DD); otherwise today", 0},
    {"purpose", 'p', "PURPOSE", 0, "for this purpose alone; otherwise a grid for each", 0},
    {"format", 'f', "FORMAT", 0, "text (as without), csv or html", 0},
    {0},
};

static error_t option(int key, char *arg, struct argp_state *state) {
    Matrix *m = state->input;
    switch (key) {
    case 'a': m->agencies = arg; return 0;
    case 'd': m->day = arg; return 0;
    case 'p': m->purpose = arg; return 0;
    case 'f': m->format = arg; return 0;
    case ARGP_KEY_ARG:
        if (m->file) argp_usage(state);
        m->file = arg;
        return 0;
    case ARGP_KEY_END:
        if (!m->file) argp_usage(state);
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp command_line = {
    .options = options,
    .parser = option,
    .args_doc = "FILE",
    .doc = "Shows what of each class may go to whom: class by recipient, a grid for each purpose.\v"
           "The columns are the agencies and types that the rules name, and one for every other.",
};

int policy_matrix_run(int argc, char **argv) {
    Matrix m = {.format = "text"};
    (void)argp_parse(&command_line, argc, argv, 0, NULL, &m); /* ends the program when it fails */
    return matrix(&m);
}
