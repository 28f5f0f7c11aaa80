/* bench-limit: what PostgreSQL itself can do with the rows that the hub writes, on the hub's own
 * tables, so that every figure of the hub stands beside its limit. Everything but the writing is
 * done before the clock starts. Prints one JSON line. */
#include "tests/bench/statements.h"

#include <getopt.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

enum { CONNECTIONS_MOST = 8, FILL_BATCH = 5000 };

typedef struct Limit {
    const char *database, *sql;
    size_t rows, batch, connections;
    PGconn *db;
    RowSet set;
    Latencies latencies;
    atomic_size_t next; /* the first row that no connection has taken */
    double seconds, backend_us;
} Limit;

/* ---- COPY, one connection or several -------------------------------------------------------- */

typedef struct Copier {
    Limit *limit;
    PGconn *db;
} Copier;

static void *copy_batches(void *context) {
    Copier *c = context;
    Limit *l = c->limit;
    for (;;) {
        size_t from = atomic_fetch_add(&l->next, l->batch);
        if (from >= l->rows) return NULL;
        size_t to = from + l->batch < l->rows ? from + l->batch : l->rows;
        rows_copy(c->db, &l->set, from, to);
    }
}

static Watch watch_backends(const Copier *at, size_t count) {
    Watch w = {.name = "backend"};
    for (size_t i = 0; i < count; i++) w.pids[w.count++] = (pid_t)PQbackendPID(at[i].db);
    return w;
}

static void run_copy(Limit *l) {
    Copier copiers[CONNECTIONS_MOST];
    pthread_t threads[CONNECTIONS_MOST];
    for (size_t i = 0; i < l->connections; i++) {
        copiers[i] = (Copier){.limit = l, .db = i ? rows_connect(l->database) : l->db};
    }
    Watch backends = watch_backends(copiers, l->connections);
    watch_start(&backends);
    int64_t began = mono_ns();
    for (size_t i = 1; i < l->connections; i++) {
        if (pthread_create(&threads[i], NULL, copy_batches, &copiers[i]) != 0) die("no thread");
    }
    copy_batches(&copiers[0]);
    for (size_t i = 1; i < l->connections; i++) (void)pthread_join(threads[i], NULL);
    l->seconds = (double)(mono_ns() - began) / 1e9;
    l->backend_us = watch_us(&backends);
    for (size_t i = 1; i < l->connections; i++) PQfinish(copiers[i].db);
}

/* ---- one referral after the other ----------------------------------------------------------- */

static void run_each(Limit *l, void (*write)(PGconn *, const RowSet *, size_t)) {
    const Copier self = {.limit = l, .db = l->db};
    statements_prepare(l->db, &l->set);
    Watch backend = watch_backends(&self, 1);
    watch_start(&backend);
    int64_t began = mono_ns(), at = began;
    for (size_t i = 0; i < l->rows; i++) {
        write(l->db, &l->set, i);
        int64_t now = mono_ns();
        latency_add(&l->latencies, now - at);
        at = now;
    }
    l->seconds = (double)(at - began) / 1e9;
    l->backend_us = watch_us(&backend);
}

static void run_naive(Limit *l) {
    run_each(l, statements_naive);
}

static void run_single(Limit *l) {
    run_each(l, statements_single);
}

/* ---- claims: one statement again and again, undone each time -------------------------------- */

static void run_claims(Limit *l) {
    PGresult *r = PQprepare(l->db, "claim", l->sql, 0, NULL);
    if (PQresultStatus(r) != PGRES_COMMAND_OK) die("%s: %s", l->sql, PQerrorMessage(l->db));
    PQclear(r);
    const Copier self = {.limit = l, .db = l->db};
    Watch backend = watch_backends(&self, 1);
    watch_start(&backend);
    int64_t began = mono_ns();
    size_t claimed = 0;
    for (size_t i = 0; i < l->rows; i++) {
        rows_run(l->db, "BEGIN");
        r = PQexecPrepared(l->db, "claim", 0, NULL, NULL, NULL, 1);
        if (PQresultStatus(r) != PGRES_TUPLES_OK) die("claim: %s", PQerrorMessage(l->db));
        claimed += (size_t)PQntuples(r);
        PQclear(r);
        rows_run(l->db, "ROLLBACK");
    }
    l->seconds = (double)(mono_ns() - began) / 1e9;
    l->backend_us = watch_us(&backend);
    if (claimed < l->rows) die("%zu claims found only %zu messages", l->rows, claimed);
    l->rows = claimed;
}

/* ---- filling: as many messages stored as asked for ------------------------------------------ */

static size_t stored(PGconn *db) {
    PGresult *r = PQexec(db, "SELECT count(*) FROM mash.message");
    if (PQresultStatus(r) != PGRES_TUPLES_OK) die("count: %s", PQerrorMessage(db));
    size_t n = (size_t)strtoull(PQgetvalue(r, 0, 0), NULL, 10);
    PQclear(r);
    return n;
}

static void run_fill(Limit *l) {
    size_t have = stored(l->db), goal = l->rows;
    int64_t began = mono_ns(), newest = INT64_MAX;
    for (l->rows = 0; have < goal; have += l->set.rows, l->rows += l->set.rows) {
        rows_free(&l->set);
        rows_prepare(l->db, goal - have < l->batch ? goal - have : l->batch, newest, &l->set);
        newest = l->set.newest;
        for (size_t at = 0; at < l->set.rows; at += FILL_BATCH) {
            size_t to = at + FILL_BATCH < l->set.rows ? at + FILL_BATCH : l->set.rows;
            rows_copy(l->db, &l->set, at, to);
        }
    }
    l->seconds = (double)(mono_ns() - began) / 1e9;
}

/* ---- the command line ----------------------------------------------------------------------- */

typedef struct Way {
    const char *name;
    void (*run)(Limit *l);
    bool prepared; /* needs the rows */
} Way;

static const Way ways[] = {
    {"copy", run_copy, true},      {"naive", run_naive, true}, {"single", run_single, true},
    {"claims", run_claims, false}, {"fill", run_fill, false},
};

static const struct option options[] = {
    {"database", 1, NULL, 'd'},    {"rows", 1, NULL, 'r'}, {"batch", 1, NULL, 'b'},
    {"connections", 1, NULL, 'c'}, {"sql", 1, NULL, 's'},  {NULL, 0, NULL, 0},
};

static void report(Limit *l) {
    Quantiles q = latency_quantiles(&l->latencies);
    double rows = l->rows ? (double)l->rows : 1;
    printf("{\"rows\": %zu, \"batch\": %zu, \"connections\": %zu, \"seconds\": %.3f, "
           "\"rate\": %.1f, \"backend_us\": %.2f, \"p50_ms\": %.3f, \"p99_ms\": %.3f}\n",
           l->rows, l->batch, l->connections, l->seconds, (double)l->rows / l->seconds,
           l->backend_us / rows, q.p50, q.p99);
}

static void take_option(Limit *l, int option, const char *text) {
    switch (option) {
    case 'd': l->database = text; break;
    case 's': l->sql = text; break;
    case 'r': l->rows = strtoull(text, NULL, 10); break;
    case 'b': l->batch = strtoull(text, NULL, 10); break;
    case 'c': l->connections = strtoull(text, NULL, 10); break;
    default: die("usage: see tests/bench/README.md");
    }
}

int main(int argc, char **argv) {
    static Limit l = {.rows = 10000, .batch = 256, .connections = 1};
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        take_option(&l, option, optarg);
    }
    const char *name = optind < argc ? argv[optind] : "";
    if (!l.database || !l.batch || !l.connections || l.connections > CONNECTIONS_MOST) {
        die("usage: see tests/bench/README.md");
    }
    for (size_t i = 0; i < COUNT_OF(ways); i++) {
        if (strcmp(name, ways[i].name) != 0) continue;
        l.db = rows_connect(l.database);
        if (ways[i].prepared) rows_prepare(l.db, l.rows, INT64_MAX, &l.set);
        ways[i].run(&l);
        report(&l);
        rows_free(&l.set);
        latency_free(&l.latencies);
        PQfinish(l.db);
        return 0;
    }
    die("no way to write is called \"%s\"", name);
}
