/* `mashctl link trial`: the people of a file arrive one after the other, as at a hub, and what
 * matching would do with each is written down. The model is trained on the file itself. */
#include "broker/base/err.h"
#include "broker/ctl/link.h"
#include "broker/ctl/offline.h"
#include "broker/hub/match/known.h"
#include "broker/hub/match/train.h"
#include "broker/io/clock.h"

#include <argp.h>
#include <inttypes.h>
#include <sys/resource.h>

enum { PROGRESS_EVERY_MS = 5000, DEFAULT_TRAINING_SEED = 1 };

#define MEMORY (SIZE_MAX / 4) /* whatever the machine has: the file says how much */

typedef struct Trial {
    const char *in, *out, *pairs, *clusters, *model, *seed;
    const Preset *preset;
    LinkFile file;
    FILE *pairs_out;
    uint64_t told; /* pairs written */
    uint64_t band[BAND_new + 1], why[WHY_COUNT];
    int64_t started, trained, ended; /* ms */
} Trial;

static int refuse(const char *what, const char *why) {
    (void)fprintf(stderr, "mashctl link trial: %s %s\n", what, why);
    return OFFLINE_REFUSED;
}

static int refuse_memory(void) {
    return refuse("the machine", "has not enough memory for so many people");
}

/* Hundredths of a bit, as decimals; a point whatever the machine's language is. */
static const char *bits_text(Bits b, char out[16]) {
    int size = b < 0 ? -b : b;
    (void)snprintf(out, 16, "%s%d.%02d", b < 0 ? "-" : "", size / 100, size % 100);
    return out;
}

/* ---- order ----------------------------------------------------------------------------------- */

static void shuffle(LinkFile *f, uint64_t seed) {
    for (size_t i = f->count; i > 1; i--) {
        size_t j = (size_t)(random_next(&seed) % i);
        Str id = f->id[i - 1];
        Identity identity = f->identities[i - 1];
        f->id[i - 1] = f->id[j];
        f->identities[i - 1] = f->identities[j];
        f->id[j] = id;
        f->identities[j] = identity;
    }
}

/* ---- what is written ------------------------------------------------------------------------- */

static void pair_write(void *ctx, uint32_t arrived, uint32_t mention, const Score *s) {
    Trial *t = ctx;
    char bits[16];
    (void)fprintf(t->pairs_out, "%.*s\t%.*s\t%s\n", STR_ARG(t->file.id[mention]),
                  STR_ARG(t->file.id[arrived]), bits_text(s->total, bits));
    t->told++;
}

static void arrival_write(FILE *out, const Trial *t, Str id, const Arrival *a) {
    char bits[16];
    Band band = a->decision.band;
    Str joined = band == BAND_auto ? t->file.id[a->best[0].mention] : STR("");
    (void)fprintf(out, "%.*s\t%s\t%.*s\t%s\t", STR_ARG(id), band_name(band), STR_ARG(joined),
                  a->count ? bits_text(a->best[0].s.total, bits) : "");
    for (size_t i = 0; i < a->count; i++) {
        (void)fprintf(out, "%s%.*s:%s", i ? "|" : "", STR_ARG(t->file.id[a->best[i].mention]),
                      bits_text(a->best[i].s.total, bits));
    }
    (void)putc('\n', out);
}

static void progress(const Trial *t, size_t done, int64_t *told) {
    int64_t now = clock_mono_ms();
    if (now - *told < PROGRESS_EVERY_MS) return;
    *told = now;
    (void)fprintf(stderr, "%zu of %zu people\n", done, t->file.count);
}

static int clusters_write(const Trial *t, const Known *people) {
    if (!t->clusters) return 0;
    FILE *out = fopen(t->clusters, "we");
    if (!out) return refuse(t->clusters, "cannot be written");
    (void)fprintf(out, "id\tperson\n");
    for (size_t i = 0; i < t->file.count; i++) {
        Str person = t->file.id[known_person(people, (uint32_t)i)];
        (void)fprintf(out, "%.*s\t%.*s\n", STR_ARG(t->file.id[i]), STR_ARG(person));
    }
    bool bad = ferror(out) != 0;
    return fclose(out) != 0 || bad ? refuse(t->clusters, "cannot be written") : 0;
}

static int model_keep(const Trial *t, const Model *m) {
    if (!t->model) return 0;
    FILE *out = fopen(t->model, "we");
    if (!out) return refuse(t->model, "cannot be written");
    int r = model_write(m, out);
    return fclose(out) != 0 || r < 0 ? refuse(t->model, "cannot be written") : 0;
}

static void report(const Trial *t, const Known *people) {
    struct rusage used = {0};
    double seconds = (double)(t->ended - t->trained) / 1000;
    double all = (double)(t->ended - t->started) / 1000, pairs = (double)known_pairs(people);
    (void)getrusage(RUSAGE_SELF, &used);
    (void)fprintf(stderr, "%zu people: %" PRIu64 " auto, %" PRIu64 " review, %" PRIu64 " new\n",
                  t->file.count, t->band[BAND_auto], t->band[BAND_review], t->band[BAND_new]);
    for (int w = 0; w < WHY_COUNT; w++) {
        if (t->why[w] == 0 || w == WHY_nobody || w == WHY_clear) continue;
        (void)fprintf(stderr, "  %8" PRIu64 " to a person: %s\n", t->why[w], why_sentence((Why)w));
    }
    for (int k = 0; k < BLOCK_COUNT; k++) {
        uint64_t common = index_too_common(known_index(people), (BlockKind)k);
        if (common == 0) continue;
        (void)fprintf(stderr, "  %8" PRIu64 " times too common to look by: %s\n", common,
                      block_what((BlockKind)k));
    }
    (void)fprintf(stderr,
                  "%.0f pairs compared in %.1f s, %.0f a second; %.1f s in all, training "
                  "and reading included; %ld MB of memory at most\n",
                  pairs, seconds, seconds > 0 ? pairs / seconds : 0, all, used.ru_maxrss / 1024);
}

/* ---- the trial ------------------------------------------------------------------------------- */

static int arrive_all(Trial *t, Known *people, FILE *out) {
    int64_t told = clock_mono_ms();
    Arrival arrival;
    (void)fprintf(out, "id\tband\tjoined\tscore\tcandidates\n");
    for (size_t i = 0; i < t->file.count; i++) {
        if (known_arrive(people, &arrival) < 0) return refuse_memory();
        arrival_write(out, t, t->file.id[i], &arrival);
        t->band[arrival.decision.band]++;
        t->why[arrival.decision.why]++;
        if (i % 1024 == 0) progress(t, i, &told);
    }
    return 0;
}

static int decide_all(Trial *t, const Model *model) {
    ScoredFn *told = t->pairs_out ? pair_write : NULL;
    _cleanup_(known_freep) Known *people = known_new(model, t->preset, t->file.identities, told, t);
    if (!people) return refuse_memory();
    FILE *out = fopen(t->out, "we");
    if (!out) return refuse(t->out, "cannot be written");
    int r = arrive_all(t, people, out);
    bool bad = ferror(out) != 0;
    bad = fclose(out) != 0 || bad;
    t->ended = clock_mono_ms();
    if (r == 0 && bad) r = refuse(t->out, "cannot be written");
    if (r == 0) r = clusters_write(t, people);
    if (r == 0) report(t, people);
    return r;
}

static int decide_and_tell(Trial *t, const Model *model) {
    if (!t->pairs) return decide_all(t, model);
    t->pairs_out = fopen(t->pairs, "we");
    if (!t->pairs_out) return refuse(t->pairs, "cannot be written");
    (void)fprintf(t->pairs_out, "id_l\tid_r\tweight\n");
    int r = decide_all(t, model);
    bool bad = ferror(t->pairs_out) != 0;
    bad = fclose(t->pairs_out) != 0 || bad;
    return r == 0 && bad ? refuse(t->pairs, "cannot be written") : r;
}

static int trial(Trial *t) {
    _cleanup_(arena_freep) Arena *a = arena_new(MEMORY);
    _cleanup_(model_freep) Model *model = NULL;
    uint64_t seed = 0;
    if (!a) return refuse_memory();
    if (t->seed && !str_u64(str_z(t->seed), &seed)) return refuse(t->seed, "is no seed; a number");
    t->started = clock_mono_ms();
    if (!link_file_read(a, t->in, &t->file)) return OFFLINE_REFUSED;
    if (t->file.bad_numbers || t->file.bad_births) {
        (void)fprintf(stderr,
                      "%" PRIu64 " numbers with a wrong check digit and %" PRIu64
                      " birth dates that are none are taken as not given\n",
                      t->file.bad_numbers, t->file.bad_births);
    }
    if (t->seed) shuffle(&t->file, seed);
    int r = model_train(t->file.identities, t->file.count, 1, DEFAULT_TRAINING_SEED, &model);
    if (r < 0) return refuse_memory();
    t->trained = clock_mono_ms();
    (void)fprintf(stderr, "read and trained on %zu people in %.1f s\n", t->file.count,
                  (double)(t->trained - t->started) / 1000);
    r = model_keep(t, model);
    return r ? r : decide_and_tell(t, model);
}

/* ---- the command line ------------------------------------------------------------------------ */

static const struct argp_option options[] = {
    {"in", 'i', "FILE", 0, "people, a line each, columns by tabs, the first line names them", 0},
    {"out", 'o', "FILE", 0, "write the decisions there", 0},
    {"seed", 's', "N", 0, "let them arrive in another order, the same for the same N", 0},
    {"preset", 'p', "NAME", 0, "cautious (the default) or balanced", 0},
    {"pairs", 'a', "FILE", 0, "write every pair there that reaches -5 bits, with its weight", 0},
    {"clusters", 'c', "FILE", 0, "write there whose person each belongs to at the end", 0},
    {"model", 'm', "FILE", 0, "write the trained model there", 0},
    {0},
};

static error_t option(int key, char *arg, struct argp_state *state) {
    Trial *t = state->input;
    switch (key) {
    case 'i': t->in = arg; return 0;
    case 'o': t->out = arg; return 0;
    case 's': t->seed = arg; return 0;
    case 'a': t->pairs = arg; return 0;
    case 'c': t->clusters = arg; return 0;
    case 'm': t->model = arg; return 0;
    case 'p':
        t->preset = preset_find(arg);
        if (!t->preset) argp_error(state, "--preset is cautious or balanced");
        return 0;
    case ARGP_KEY_END:
        if (!t->in || !t->out) argp_error(state, "--in and --out are needed");
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp command_line = {
    .options = options,
    .parser = option,
    .doc = "Tries the hub's matching on a table of people, without a hub: each arrives in turn and "
           "joins an earlier one (auto), goes to a person (review), or is new.\v"
           "Columns: id, and any of forename surname dob sex postcode address city nhs_number upn; "
           "dob as YYYYMMDD or YYYY-MM-DD; several values in a field with | between. The model is "
           "trained on the file itself. Ends with 1 and a sentence when the file is wrong.",
};

int link_trial_run(int argc, char **argv) {
    Trial t = {.preset = preset_find("cautious")};
    argp_err_exit_status = OFFLINE_USAGE;
    (void)argp_parse(&command_line, argc, argv, 0, NULL, &t); /* ends the program when it fails */
    return trial(&t);
}
