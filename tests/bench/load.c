/* bench-load: N agencies' senders on one loop, with real keys, signatures and CURVE, against a
 * running intake. Without a rate each keeps its window full (throughput); with one, every message
 * has a time at which it should leave, and its latency counts from then, whatever held it up (no
 * coordinated omission). Every answer is verified. Prints one JSON line; ends with 1 unless every
 * message that left was acknowledged. */
#include "tests/bench/peer.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>
#include <sys/timerfd.h>
#include <zmq.h>

enum { PEERS_MOST = 256 };

typedef struct Load {
    const char *hub, *acks;
    const char *endpoints[2]; /* files in the hub's folder; senders take them in turn */
    size_t endpoint_count;
    Plan plan;
    size_t peers, first, messages;
    double seconds; /* stop sending after so long; 0: when all has left */
    Peer at[PEERS_MOST];
    zmq_pollitem_t items[PEERS_MOST + 1];
    void *zmq;
    int timer;
    Watch watches[WATCHES];
    size_t watch_count;
    int64_t began, ended, own;
} Load;

/* ---- the run -------------------------------------------------------------------------------- */

static void open_all(Load *l) {
    uint64_t number = (uint64_t)mono_ns() / 1000 * 1000; /* people of this run's own */
    l->zmq = zmq_ctx_new();
    l->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (!l->zmq || l->timer < 0) die("no sockets");
    for (size_t i = 0; i < l->peers; i++) {
        char agency[32];
        size_t count = l->messages / l->peers + (i < l->messages % l->peers);
        (void)snprintf(agency, sizeof(agency), "bench-%02zu", l->first + i);
        peer_open(&l->at[i], &l->plan, l->zmq, l->hub, l->endpoints[i % l->endpoint_count], agency,
                  count, number);
        number += count;
        l->items[i] = (zmq_pollitem_t){.socket = l->at[i].socket, .events = ZMQ_POLLIN};
    }
    l->items[l->peers] = (zmq_pollitem_t){.fd = l->timer, .events = ZMQ_POLLIN};
}

static void close_all(Load *l) {
    for (size_t i = 0; i < l->peers; i++) peer_close(&l->at[i]);
    (void)close(l->timer);
    (void)zmq_ctx_term(l->zmq);
}

/* The k-th message of sender s is number k * senders + s of one even stream. */
static void schedule(Load *l) {
    if (l->plan.rate <= 0) return;
    double step = 1e9 / l->plan.rate;
    for (size_t i = 0; i < l->peers; i++) {
        for (size_t k = 0; k < l->at[i].count; k++) {
            l->at[i].messages[k].due = l->began + (int64_t)(step * (double)(k * l->peers + i));
        }
    }
}

static void wait_until(Load *l, int64_t next) {
    uint64_t expired;
    struct itimerspec at = {0}; /* all zero: never */
    if (next < INT64_MAX) {
        at.it_value.tv_sec = next / 1000000000;
        at.it_value.tv_nsec = next % 1000000000;
    }
    if (timerfd_settime(l->timer, TFD_TIMER_ABSTIME, &at, NULL) != 0) die("no timer");
    if (zmq_poll(l->items, (int)l->peers + 1, -1) < 0 && errno != EINTR) die("cannot wait");
    if (l->items[l->peers].revents) (void)!read(l->timer, &expired, sizeof(expired));
}

static bool all_done(const Load *l) {
    for (size_t i = 0; i < l->peers; i++) {
        if (!peer_done(&l->at[i])) return false;
    }
    return true;
}

static void run(Load *l) {
    int64_t stop = INT64_MAX;
    for (size_t i = 0; i < l->watch_count; i++) watch_start(&l->watches[i]);
    l->own = cpu_ns();
    l->began = mono_ns();
    if (l->seconds > 0) stop = l->began + (int64_t)(l->seconds * 1e9);
    schedule(l);
    while (!all_done(l)) {
        int64_t now = mono_ns(), next = stop > now ? stop : INT64_MAX;
        for (size_t i = 0; i < l->peers; i++) {
            if (now >= stop) peer_stop(&l->at[i]);
            int64_t at = peer_pump(&l->at[i], now);
            if (at < next) next = at;
        }
        if (all_done(l)) break; /* by stopping, with nobody to wait for */
        wait_until(l, next);
        for (size_t i = 0; i < l->peers; i++) {
            if (l->items[i].revents) peer_take(&l->at[i]);
        }
    }
    l->ended = mono_ns();
    l->own = cpu_ns() - l->own;
}

/* ---- what came of it ------------------------------------------------------------------------ */

typedef struct Sums {
    size_t fates[FATE_refused + 1];
    uint64_t submissions, busy, again, distrusted;
    int64_t library_ns;
    Latencies latencies, times;
} Sums;

static Sums sum_up(const Load *l) {
    Sums s = {0};
    for (size_t i = 0; i < l->peers; i++) {
        const Peer *p = &l->at[i];
        s.submissions += p->submissions;
        s.busy += p->busy;
        s.again += p->again;
        s.distrusted += p->distrusted;
        s.library_ns += p->library_ns;
        for (size_t k = 0; k < p->next; k++) {
            const Message *m = &p->messages[k];
            s.fates[m->fate]++;
            if (!m->acked) continue;
            latency_add(&s.latencies, m->acked - m->due);
            latency_add(&s.times, m->acked);
        }
    }
    return s;
}

/* The longest time in which nobody was answered. `times` have been sorted. */
static double longest_gap_ms(const Latencies *times) {
    int64_t most = 0;
    for (size_t i = 1; i < times->count; i++) {
        int64_t gap = times->ns[i] - times->ns[i - 1];
        if (gap > most) most = gap;
    }
    return (double)most / 1e6;
}

static int report(Load *l) {
    Sums s = sum_up(l);
    Quantiles q = latency_quantiles(&s.latencies);
    (void)latency_quantiles(&s.times); /* for the order */
    size_t acked = s.fates[FATE_accepted] + s.fates[FATE_duplicate];
    double seconds = (double)(l->ended - l->began) / 1e9, each = acked ? (double)acked : 1;
    printf("{\"acked\": %zu, \"accepted\": %zu, \"duplicate\": %zu, \"quarantined\": %zu, "
           "\"refused\": %zu, \"unanswered\": %zu, \"submissions\": %llu, \"busy\": %llu, "
           "\"again\": %llu, \"distrusted\": %llu, \"credit\": %lld, \"refusal\": \"%s\", "
           "\"seconds\": %.3f, \"rate\": %.1f, \"offered\": %.1f, ",
           acked, s.fates[FATE_accepted], s.fates[FATE_duplicate], s.fates[FATE_quarantined],
           s.fates[FATE_refused], s.fates[FATE_none], (unsigned long long)s.submissions,
           (unsigned long long)s.busy, (unsigned long long)s.again,
           (unsigned long long)s.distrusted, (long long)l->at[0].credit, l->at[0].refusal, seconds,
           (double)acked / seconds, l->plan.rate);
    printf("\"mean_ms\": %.3f, \"p50_ms\": %.3f, \"p90_ms\": %.3f, \"p99_ms\": %.3f, "
           "\"max_ms\": %.3f, \"gap_ms\": %.1f, \"own_us\": %.2f, \"library_us\": %.2f",
           q.mean, q.p50, q.p90, q.p99, q.most, longest_gap_ms(&s.times),
           (double)l->own / 1e3 / each, (double)s.library_ns / 1e3 / each);
    for (size_t i = 0; i < l->watch_count; i++) {
        printf(", \"%s_us\": %.2f", l->watches[i].name, watch_us(&l->watches[i]) / each);
    }
    printf("}\n");
    (void)fflush(stdout);
    latency_free(&s.latencies);
    latency_free(&s.times);
    return s.fates[FATE_none] + s.fates[FATE_refused] + s.fates[FATE_quarantined] ? 1 : 0;
}

/* What was promised, for the comparison with what is stored: agency, message, leaf. */
static void write_acks(const Load *l) {
    _cleanup_(file_closep) FILE *f = l->acks ? fopen(l->acks, "ae") : NULL;
    if (!l->acks) return;
    if (!f) die("cannot write %s", l->acks);
    for (size_t i = 0; i < l->peers; i++) {
        const Peer *p = &l->at[i];
        for (size_t k = 0; k < p->next; k++) {
            char id[ID_TEXT];
            const Message *m = &p->messages[k];
            if (m->fate != FATE_accepted && m->fate != FATE_duplicate) continue;
            id_text(m->id, id);
            (void)fprintf(f, "%s\t%s\t%lld\n", p->agency, id, (long long)m->leaf_index);
        }
    }
    if (fflush(f) != 0) die("cannot write %s", l->acks);
}

/* Everything once more, byte for byte, after the word to go on: how duplicates are answered. */
static int run_once_more(Load *l) {
    char line[16];
    if (!fgets(line, sizeof(line), stdin)) return 1;
    for (size_t i = 0; i < l->peers; i++) peer_once_more(&l->at[i]);
    run(l);
    return report(l);
}

/* ---- the command line ----------------------------------------------------------------------- */

enum {
    OPT_per = 1000,
    OPT_flight,
    OPT_again,
    OPT_watch,
    OPT_second,
    OPT_immediate,
    OPT_heedless,
    OPT_twice
};

static const struct option options[] = {
    {"hub", 1, NULL, 'h'},
    {"acks", 1, NULL, 'a'},
    {"senders", 1, NULL, 'n'},
    {"first", 1, NULL, 'f'},
    {"window", 1, NULL, 'w'},
    {"messages", 1, NULL, 'm'},
    {"rate", 1, NULL, 'r'},
    {"seconds", 1, NULL, 's'},
    {"per", 1, NULL, OPT_per},
    {"flight", 1, NULL, OPT_flight},
    {"again-ms", 1, NULL, OPT_again},
    {"watch", 1, NULL, OPT_watch},
    {"immediate", 0, NULL, OPT_immediate},
    {"heedless", 0, NULL, OPT_heedless},
    {"twice", 0, NULL, OPT_twice},
    {"second", 1, NULL, OPT_second},
    {NULL, 0, NULL, 0},
};

static void take_option(Load *l, int option, const char *text) {
    double number = text ? strtod(text, NULL) : 0;
    switch (option) {
    case 'h': l->hub = text; break;
    case 'a': l->acks = text; break;
    case 'n': l->peers = (size_t)number; break;
    case 'f': l->first = (size_t)number; break;
    case 'w': l->plan.window = (size_t)number; break;
    case 'm': l->messages = (size_t)number; break;
    case 'r': l->plan.rate = number; break;
    case 's': l->seconds = number; break;
    case OPT_per: l->plan.per = (size_t)number; break;
    case OPT_flight: l->plan.flight = (size_t)number; break;
    case OPT_again: l->plan.again_ns = (int64_t)(number * 1e6); break;
    case OPT_immediate: l->plan.immediate = true; break;
    case OPT_heedless: l->plan.heedless = true; break;
    case OPT_twice: l->plan.keep = true; break;
    case OPT_second: l->endpoints[l->endpoint_count++ % 2] = text; break;
    case OPT_watch:
        if (l->watch_count == WATCHES) die("too many watches");
        l->watches[l->watch_count++] = watch_parse(text);
        break;
    default: die("usage: see tests/bench/README.md");
    }
}

int main(int argc, char **argv) {
    /* Submissions under way and the pause before the same again are those of the adapters' client.
     */
    static Load l = {.peers = 8,
                     .first = 1,
                     .messages = 10000,
                     .endpoints = {"run/intake.endpoint"},
                     .endpoint_count = 1,
                     .plan = {.window = 100, .per = 50, .flight = 7, .again_ns = 2000000000}};
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        take_option(&l, option, optarg);
    }
    if (!l.hub || !l.peers || l.peers > PEERS_MOST || !l.plan.per || !l.plan.window ||
        l.endpoint_count > COUNT_OF(l.endpoints) || !l.plan.flight || l.plan.flight > OPEN_MOST ||
        l.plan.per > LIMIT_ENTRIES) {
        die("usage: see tests/bench/README.md");
    }
    open_all(&l);
    run(&l);
    int r = report(&l);
    if (r == 0 && l.plan.keep) r = run_once_more(&l);
    write_acks(&l);
    close_all(&l);
    return r;
}
