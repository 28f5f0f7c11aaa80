/* What the bench's tools measure with: one clock, the CPU time of any process, latencies and their
 * quantiles. Every tool prints one line of JSON a measurement; tests/bench/run collects them. */
#ifndef MASH_BENCH_METER_H
#define MASH_BENCH_METER_H

#include "broker/base/cleanup.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdnoreturn.h>
#include <sys/types.h>

int64_t mono_ns(void);

/* A bench that cannot measure says why and ends with 1: there is no half a figure. */
noreturn void die(const char *format, ...) _printf_(1, 2);
void *must_alloc(size_t size); /* zeroed */

/* ---- CPU ------------------------------------------------------------------------------------ */

enum { WATCH_PIDS = 64, WATCHES = 8 };

/* The processes of one part, and their CPU time (all threads, user and system) at the start. */
typedef struct Watch {
    char name[16];
    pid_t pids[WATCH_PIDS];
    size_t count;
    int64_t before;
} Watch;

Watch watch_parse(const char *text); /* "intake=123" or "backend=124,125" */
void watch_start(Watch *w);
double watch_us(const Watch *w); /* microseconds since watch_start */
int64_t cpu_ns(void);            /* of this process */
int64_t thread_cpu_ns(void);     /* of the caller's thread alone */

/* ---- latencies ------------------------------------------------------------------------------ */

typedef struct Latencies {
    int64_t *ns;
    size_t count, cap;
} Latencies;

typedef struct Quantiles {
    double mean, p50, p90, p99, most; /* milliseconds; zeros when there are none */
} Quantiles;

void latency_add(Latencies *l, int64_t ns);
Quantiles latency_quantiles(Latencies *l); /* sorts */
void latency_free(Latencies *l);

#endif
