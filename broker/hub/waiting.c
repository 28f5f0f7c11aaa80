/* How many acknowledged messages wait for the pipeline, and since when; see pipeline.h. */
#include "broker/hub/pipeline.h"

#include "broker/io/clock.h"

enum {
    COUNT_MOST = 100000, /* counting more would cost more than knowing is worth */
    LATE_MS = 60000,     /* a routine message in the queue a minute after its acknowledgement */
    LATE_IMMEDIATE_MS = 5000,
};

enum { M_waiting, M_oldest, M_messages, M_batch, M_COUNT };
static const Metric table[] = {
    [M_waiting] = {"mash_hub_waiting", METRIC_gauge,
                   "Acknowledged messages that wait to be worked in", "lane"},
    [M_oldest] = {"mash_hub_oldest_seconds", METRIC_gauge, "Since when the oldest of them waits",
                  "lane"},
    [M_messages] = {"mash_hub_messages_total", METRIC_counter, "Messages that were worked in",
                    "treatment"},
    [M_batch] = {"mash_hub_batch_seconds", METRIC_histogram, "How long a batch took", NULL},
};

static const char *const treatments[] = {
    "opened",        "attached",          "update",         "repeat", "answer",
    "authorisation", "choice",            "correction",     "confirmation",
    "signpost_question", "signpost_reply", "set_aside"};
static const char *const lanes[] = {"immediate", "routine"};

int waiting_metrics(Metrics **ret) {
    int r = metrics_new(table, M_COUNT, ret);
    for (size_t i = 0; r == 0 && i < COUNT_OF(treatments); i++) {
        metric_add_for(*ret, M_messages, str_z(treatments[i]), 0);
    }
    return r;
}

void waiting_done(Hub *h, Str treatment) {
    metric_add_for(h->server.metrics, M_messages, treatment, 1);
}

void waiting_round(Hub *h, int64_t us) {
    metric_seconds(h->server.metrics, M_batch, (double)us / 1e6);
}

/* As a part of what is too long, so that one alarm does for both lanes. */
static double lateness(const Waiting *w) {
    double immediate = (double)w->oldest_ms[0] / LATE_IMMEDIATE_MS;
    double routine = (double)w->oldest_ms[1] / LATE_MS;
    return immediate > routine ? immediate : routine;
}

int waiting_look(Hub *h) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    Waiting *w = &h->waiting;
    Metrics *m = h->server.metrics;
    int r = STORE_CALL(h->store, &rows, "SELECT waiting, oldest_ms FROM door.hub_waiting($1)",
                       p_number(COUNT_MOST));
    if (r) return r < 0 ? r : ERR_BROKEN;
    w->at_ms = clock_ms();
    for (size_t i = 0; i < COUNT_OF(lanes) && i < rows_count(rows); i++) {
        w->count[i] = row_number(rows, i, 0);
        w->oldest_ms[i] = row_number(rows, i, 1);
        metric_set_for(m, M_waiting, str_z(lanes[i]), (double)w->count[i]);
        metric_set_for(m, M_oldest, str_z(lanes[i]), (double)w->oldest_ms[i] / 1000);
    }
    alarm_level(&h->server.alarms, ALARM_pipeline_late, lateness(w), 1, 0.5);
    return 0;
}

Str waiting_say(const Hub *h, Arena *a) {
    const Waiting *w = &h->waiting;
    if (!alarm_stands(&h->server.alarms, ALARM_pipeline_late)) return (Str){0};
    int64_t count = w->count[0] + w->count[1];
    int64_t oldest = w->oldest_ms[0] > w->oldest_ms[1] ? w->oldest_ms[0] : w->oldest_ms[1];
    if (count == 0) return (Str){0};
    char since[CLOCK_TEXT];
    clock_text(w->at_ms - oldest, since);
    return arena_printf(a,
                        "%s%lld %s waiting to be worked in, the oldest since %s; of immediate "
                        "danger: %lld.",
                        w->count[1] >= COUNT_MOST ? "More than " : "", (long long)count,
                        count == 1 ? "message is" : "messages are", since,
                        (long long)w->count[0]);
}
