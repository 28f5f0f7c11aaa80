/* See metrics.h. A metric's first series stands for "no label" or for "other"; further ones are
 * found by a walk, which starts where the last one ended: senders come in runs. */
#include "broker/io/metrics.h"

#include "broker/base/err.h"
#include "broker/io/clock.h"

#include <dirent.h>
#include <math.h>
#include <sys/resource.h>

static const double bounds[] = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                0.25,   0.5,   1,      2.5,   5,    10,    30,   60};

/* What every program tells; the first four by the names that Prometheus gives them. */
enum { P_cpu, P_memory, P_descriptors, P_start, P_alarm, P_count };
static const Metric process[] = {
    [P_cpu] = {"process_cpu_seconds_total", METRIC_counter, "Processor time used", NULL},
    [P_memory] = {"process_resident_memory_bytes", METRIC_gauge, "Memory in use", NULL},
    [P_descriptors] = {"process_open_fds", METRIC_gauge, "Open descriptors", NULL},
    [P_start] = {"process_start_time_seconds", METRIC_gauge, "When it started, since 1970", NULL},
    [P_alarm] = {"mash_alarm", METRIC_gauge, "Whether an alarm stands", "alarm"},
};

typedef struct Series {
    char label[METRIC_LABEL_MAX];
    double value; /* a histogram's sum */
    double seen;  /* a histogram's count */
    double *buckets;
    bool used;
} Series;

typedef struct Family {
    const Metric *is;
    Series *series;
    size_t count, last;
} Family;

struct Metrics {
    size_t own; /* of the program's table; the process's follow */
    double started_s;
    Family families[];
};

/* ---- making ---------------------------------------------------------------------------------- */

static int family_open(Family *f, const Metric *is) {
    size_t room = is->label ? METRIC_SERIES_MAX : 1;
    f->is = is;
    f->count = 1;
    f->series = calloc(room, sizeof(*f->series));
    if (!f->series) return ERR_MEMORY;
    (void)snprintf(f->series[0].label, METRIC_LABEL_MAX, "%s", is->label ? "other" : "");
    f->series[0].used = !is->label && is->kind != METRIC_histogram;
    if (is->kind != METRIC_histogram) return 0;
    double *all = calloc(room * COUNT_OF(bounds), sizeof(*all));
    if (!all) return ERR_MEMORY;
    for (size_t i = 0; i < room; i++) f->series[i].buckets = all + i * COUNT_OF(bounds);
    f->series[0].used = !is->label;
    return 0;
}

int metrics_new(const Metric *table, size_t count, Metrics **ret) {
    _cleanup_(metrics_freep) Metrics *m =
        calloc(1, sizeof(*m) + (count + P_count) * sizeof(m->families[0]));
    if (!m) return ERR_MEMORY;
    m->own = count;
    m->started_s = (double)clock_ms() / 1000;
    for (size_t i = 0; i < count + P_count; i++) {
        int r = family_open(&m->families[i], i < count ? &table[i] : &process[i - count]);
        if (r < 0) return r;
    }
    *ret = TAKE(m);
    return 0;
}

void metrics_free(Metrics *m) {
    if (!m) return;
    for (size_t i = 0; i < m->own + P_count; i++) {
        Family *f = &m->families[i];
        if (f->series) free(f->series[0].buckets);
        free(f->series);
    }
    free(m);
}

/* ---- counting -------------------------------------------------------------------------------- */

/* Codes only: letters, digits, and what stands between them in a code. */
static bool code_shaped(Str label) {
    if (label.len == 0 || label.len >= METRIC_LABEL_MAX) return false;
    for (size_t i = 0; i < label.len; i++) {
        char c = label.at[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && c != '_' && c != '-' && c != '.' && c != '/' && c != ':') return false;
    }
    return true;
}

static size_t family_find(const Family *f, Str label) {
    for (size_t i = 0; i < f->count; i++) {
        size_t at = (f->last + i) % f->count;
        if (at > 0 && str_is(label, f->series[at].label)) return at;
    }
    return 0;
}

/* Never NULL for a known metric: what has no series of its own is counted in the first. */
static Series *series_for(Metrics *m, size_t metric, Str label) {
    Family *f = &m->families[metric];
    Series *s = f->series;
    if (f->is->label && code_shaped(label) && !str_is(label, s->label)) {
        size_t at = family_find(f, label);
        if (at == 0 && f->count < METRIC_SERIES_MAX) {
            at = f->count++;
            memcpy(f->series[at].label, label.at, label.len);
        }
        f->last = at;
        s = &f->series[at];
    }
    s->used = true;
    return s;
}

static bool known(const Metrics *m, int metric) {
    return m && metric >= 0 && (size_t)metric < m->own;
}

void metric_add_for(Metrics *m, int metric, Str label, double by) {
    if (known(m, metric)) series_for(m, (size_t)metric, label)->value += by;
}

void metric_set_for(Metrics *m, int metric, Str label, double value) {
    if (known(m, metric)) series_for(m, (size_t)metric, label)->value = value;
}

void metric_seconds_for(Metrics *m, int metric, Str label, double seconds) {
    if (!known(m, metric) || m->families[metric].is->kind != METRIC_histogram) return;
    Series *s = series_for(m, (size_t)metric, label);
    s->seen += 1;
    s->value += seconds;
    for (size_t i = 0; i < COUNT_OF(bounds); i++) {
        if (seconds > bounds[i]) continue;
        s->buckets[i] += 1;
        return;
    }
}

void metric_add(Metrics *m, int metric, double by) {
    metric_add_for(m, metric, (Str){0}, by);
}

void metric_set(Metrics *m, int metric, double value) {
    metric_set_for(m, metric, (Str){0}, value);
}

void metric_seconds(Metrics *m, int metric, double seconds) {
    metric_seconds_for(m, metric, (Str){0}, seconds);
}

double metric_value(const Metrics *m, int metric, Str label) {
    if (!known(m, metric)) return 0;
    const Family *f = &m->families[metric];
    const Series *s = &f->series[f->is->label ? family_find(f, label) : 0];
    if (f->is->label && s == f->series && !str_is(label, s->label)) return 0;
    return f->is->kind == METRIC_histogram ? s->seen : s->value;
}

void metrics_alarm(Metrics *m, const char *alarm, bool stands) {
    if (m) series_for(m, m->own + P_alarm, str_z(alarm))->value = stands ? 1 : 0;
}

/* ---- telling --------------------------------------------------------------------------------- */

static double open_descriptors(void) {
    DIR *d = opendir("/proc/self/fd");
    double n = -3; /* itself, and two that are no descriptors */
    if (!d) return 0;
    while (readdir(d)) n++;
    (void)closedir(d); /* read side only */
    return n;
}

static double resident_bytes(void) {
    _cleanup_(file_closep) FILE *f = fopen("/proc/self/statm", "re");
    unsigned long long all = 0, resident = 0;
    if (!f || fscanf(f, "%llu %llu", &all, &resident) != 2) return 0;
    return (double)resident * (double)sysconf(_SC_PAGESIZE);
}

static double seconds_of(struct timeval t) {
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static void process_look(Metrics *m) {
    Family *f = m->families + m->own;
    struct rusage used = {0};
    (void)getrusage(RUSAGE_SELF, &used); /* cannot fail for oneself */
    f[P_cpu].series->value = seconds_of(used.ru_utime) + seconds_of(used.ru_stime);
    f[P_memory].series->value = resident_bytes();
    f[P_descriptors].series->value = open_descriptors();
    f[P_start].series->value = m->started_s;
}

static void put_number(FILE *out, double v) {
    if (v == floor(v) && fabs(v) < 1e15) {
        fprintf(out, " %.0f\n", v);
    } else {
        fprintf(out, " %.9g\n", v);
    }
}

/* `le` NULL: no such label. Values are codes and numbers: nothing to escape. */
static void put_line(FILE *out, const Metric *is, const char *tail, const Series *s,
                     const char *le, double value) {
    const char *comma = is->label && le ? "," : "";
    fprintf(out, "%s%s", is->name, tail);
    if (is->label || le) fputc('{', out);
    if (is->label) fprintf(out, "%s=\"%s\"", is->label, s->label);
    if (le) fprintf(out, "%sle=\"%s\"", comma, le);
    if (is->label || le) fputc('}', out);
    put_number(out, value);
}

static void put_histogram(FILE *out, const Metric *is, const Series *s) {
    double below = 0;
    for (size_t i = 0; i < COUNT_OF(bounds); i++) {
        char le[32];
        (void)snprintf(le, sizeof(le), "%g", bounds[i]);
        below += s->buckets[i];
        put_line(out, is, "_bucket", s, le, below);
    }
    put_line(out, is, "_bucket", s, "+Inf", s->seen);
    put_line(out, is, "_sum", s, NULL, s->value);
    put_line(out, is, "_count", s, NULL, s->seen);
}

static void put_family(FILE *out, const Family *f) {
    static const char *const kinds[] = {"counter", "gauge", "histogram"};
    fprintf(out, "# HELP %s %s.\n", f->is->name, f->is->help);
    fprintf(out, "# TYPE %s %s\n", f->is->name, kinds[f->is->kind]);
    for (size_t i = 0; i < f->count; i++) {
        const Series *s = &f->series[i];
        if (!s->used) continue;
        if (f->is->kind == METRIC_histogram) {
            put_histogram(out, f->is, s);
        } else {
            put_line(out, f->is, "", s, NULL, s->value);
        }
    }
}

int metrics_text(Metrics *m, char **ret, size_t *ret_len) {
    _cleanup_(mem_freep) char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    if (!out) return ERR_MEMORY;
    process_look(m);
    for (size_t i = 0; i < m->own + P_count; i++) put_family(out, &m->families[i]);
    if (fclose(out) != 0) return ERR_MEMORY;
    *ret = TAKE(text);
    *ret_len = len;
    return 0;
}
