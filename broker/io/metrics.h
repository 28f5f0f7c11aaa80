/* What a program counts about itself, as numbers: one static table a program, one value a series,
 * told in the Prometheus text form 0.0.4. Names are mash_<program>_<what>, counters end in _total,
 * units are seconds and bytes.
 *
 * Nothing personal can be here (R26): a metric has at most one label, and its values are codes of
 * ours (a reason, an agency's code, a lane, an alarm, a fault), never anything out of a message.
 * What is not shaped like a code, and what comes after METRIC_SERIES_MAX - 1 values, is counted
 * under the label value "other": the number of series is bounded whoever sends.
 *
 * One thread, no locks, no failing: what counts takes a NULL Metrics and then does nothing, so that
 * a test of a room needs none. */
#ifndef MASH_METRICS_H
#define MASH_METRICS_H

#include "broker/base/cleanup.h"
#include "broker/base/str.h"

enum { METRIC_SERIES_MAX = 256, METRIC_LABEL_MAX = 48 };

typedef enum MetricKind {
    METRIC_counter,   /* only grows; its name ends in _total */
    METRIC_gauge,     /* goes up and down */
    METRIC_histogram, /* of seconds, in fixed buckets from half a millisecond to a minute */
} MetricKind;

/* One line of a program's table: `enum { M_accepted, ... }` numbers the lines. Static. */
typedef struct Metric {
    const char *name;
    MetricKind kind;
    const char *help;  /* a sentence without a full stop */
    const char *label; /* the one label's name; NULL: a single series */
} Metric;

typedef struct Metrics Metrics;

/* `table` must stay. It is followed by what every program tells: processor seconds, memory, open
 * descriptors, start time, and mash_alarm. */
int metrics_new(const Metric *table, size_t count, Metrics **ret) _must_check_;
void metrics_free(Metrics *m);

/* By the table's index. A counter or gauge without a label: */
void metric_add(Metrics *m, int metric, double by);
void metric_set(Metrics *m, int metric, double value); /* also a counter that is kept elsewhere */
/* With one; the first use of a label value makes its series, so use 0 to show it from the start. */
void metric_add_for(Metrics *m, int metric, Str label, double by);
void metric_set_for(Metrics *m, int metric, Str label, double value);
/* A histogram: one more that took so long. */
void metric_seconds(Metrics *m, int metric, double seconds);
void metric_seconds_for(Metrics *m, int metric, Str label, double seconds);

/* A series' value, or how many a histogram has seen; 0 for none. For tests and log lines. */
double metric_value(const Metrics *m, int metric, Str label);

/* mash_alarm{alarm="..."}: for alarm.c. */
void metrics_alarm(Metrics *m, const char *alarm, bool stands);

/* Everything, as text; the caller frees it. ERR_MEMORY. */
int metrics_text(Metrics *m, char **ret, size_t *ret_len) _must_check_;

DEFINE_FREEP(Metrics, metrics_free)

#endif
