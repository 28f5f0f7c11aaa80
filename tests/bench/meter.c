/* See meter.h. */
#include "tests/bench/meter.h"

#include <stdarg.h>
#include <string.h>
#include <time.h>

static int64_t read_clock(clockid_t clock) {
    struct timespec t;
    if (clock_gettime(clock, &t) != 0) die("a clock cannot be read");
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t mono_ns(void) {
    return read_clock(CLOCK_MONOTONIC);
}

int64_t cpu_ns(void) {
    return read_clock(CLOCK_PROCESS_CPUTIME_ID);
}

int64_t thread_cpu_ns(void) {
    return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

void die(const char *format, ...) {
    va_list args;
    va_start(args, format);
    (void)vfprintf(stderr, format, args);
    va_end(args);
    (void)fputc('\n', stderr);
    exit(1);
}

void *must_alloc(size_t size) {
    void *at = calloc(1, size ? size : 1);
    if (!at) die("no memory for %zu bytes", size);
    return at;
}

/* ---- CPU ------------------------------------------------------------------------------------ */

Watch watch_parse(const char *text) {
    Watch w = {0};
    const char *is = strchr(text, '=');
    if (!is || is == text || (size_t)(is - text) >= sizeof(w.name)) die("no watch: %s", text);
    memcpy(w.name, text, (size_t)(is - text));
    for (char *end; *is; is = end) {
        w.pids[w.count++] = (pid_t)strtol(is + 1, &end, 10);
        if (end == is + 1 || w.count == WATCH_PIDS) die("no process ids: %s", text);
    }
    return w;
}

static int64_t watch_ns(const Watch *w) {
    int64_t all = 0;
    for (size_t i = 0; i < w->count; i++) {
        clockid_t clock;
        if (clock_getcpuclockid(w->pids[i], &clock) != 0) die("%s: a process is gone", w->name);
        all += read_clock(clock);
    }
    return all;
}

void watch_start(Watch *w) {
    w->before = watch_ns(w);
}

double watch_us(const Watch *w) {
    return (double)(watch_ns(w) - w->before) / 1e3;
}

/* ---- latencies ------------------------------------------------------------------------------ */

void latency_add(Latencies *l, int64_t ns) {
    if (l->count == l->cap) {
        l->cap = l->cap ? 2 * l->cap : 4096;
        l->ns = reallocarray(l->ns, l->cap, sizeof(*l->ns));
        if (!l->ns) die("no memory for latencies");
    }
    l->ns[l->count++] = ns;
}

static int by_size(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static double quantile(const Latencies *l, size_t per_mille) {
    size_t at = l->count * per_mille / 1000;
    return (double)l->ns[at < l->count ? at : l->count - 1] / 1e6;
}

Quantiles latency_quantiles(Latencies *l) {
    double sum = 0;
    if (l->count == 0) return (Quantiles){0};
    qsort(l->ns, l->count, sizeof(*l->ns), by_size);
    for (size_t i = 0; i < l->count; i++) sum += (double)l->ns[i];
    return (Quantiles){.mean = sum / 1e6 / (double)l->count,
                       .p50 = quantile(l, 500),
                       .p90 = quantile(l, 900),
                       .p99 = quantile(l, 990),
                       .most = quantile(l, 1000)};
}

void latency_free(Latencies *l) {
    free(l->ns);
    *l = (Latencies){0};
}
