/* Those who are enrolled: at their usual pace, or all at once. */
#include "tests/hostile/hostile.h"

#include <signal.h>

enum {
    ARENA_MOST = 64 * 1024 * 1024,
    WORK_EVERY_MS = 25, /* each agency */
    WORK_OPEN = 256,
    AGAIN_MS = 3000,
    LINGER_MS = 8000, /* for the last answers */
    PEERS_MOST = 2000,
    POLL_MS = 20,
};

/* ---- the county's schools -------------------------------------------------------------------- */

static Key school_key(const char *use, size_t nth) {
    char text[64];
    Hash digest;
    Key key;
    (void)snprintf(text, sizeof(text), "hostile school %s %zu", use, nth);
    Bytes part = str_bytes(str_z(text));
    NEEDED(sha256(&part, 1, &digest) == 0);
    memcpy(key.at, digest.at, sizeof(key.at));
    return key;
}

void school(size_t nth, Party *ret) {
    Key public;
    char name[32];
    (void)snprintf(name, sizeof(name), "school-%04zu", nth);
    party_make(ret, name);
    ret->transport = school_key("transport", nth);
    ret->origin = school_key("origin", nth);
    NEEDED(ed25519_public(&ret->origin, &public) == 0 && key_id(&public, ret->origin_id) == 0);
}

static void enrol_key(const Party *p, const char *kind, const Key *public) {
    char hex[2 * KEY_LEN + 1];
    hex_encode(BYTES_OF(public->at), hex);
    (void)printf("SELECT door.admin_agency_key('%s', '%s', '\\x%s', NULL, 365);\n", p->agency, kind,
                 hex);
}

void enrol(const Against *a) {
    for (size_t i = 0; i < a->count; i++) {
        Party p;
        Key transport, origin;
        school(i, &p);
        NEEDED(wire_public(&p.transport, &transport) == 0);
        NEEDED(ed25519_public(&p.origin, &origin) == 0);
        (void)printf("SELECT door.admin_agency('%s', 'Example School %zu', 'school', 'Desk');\n",
                     p.agency, i);
        enrol_key(&p, "transport", &transport);
        enrol_key(&p, "origin", &origin);
    }
}

/* ---- all at once ----------------------------------------------------------------------------- */

typedef struct Pupil {
    Party party;
    Arena *arena;
    Submission s;
    void *socket;
    bool told;
} Pupil;

static bool hear(Pupil *p) {
    Told t = told_take(p->arena, &p->party, p->socket);
    if (t.kind == STRUCT_none) return false;
    NEEDED(t.kind == STRUCT_acknowledgement || str_is(t.reason, "busy"));
    p->told = t.kind == STRUCT_acknowledgement;
    return p->told;
}

void peers(const Against *a) {
    static Pupil at[PEERS_MOST];
    static zmq_pollitem_t items[PEERS_MOST];
    size_t count = a->count < PEERS_MOST ? a->count : PEERS_MOST, told = 0;
    Times times = {0};
    void *zmq = zmq_ctx_new();
    NEEDED(zmq && zmq_ctx_set(zmq, ZMQ_MAX_SOCKETS, PEERS_MOST + 16) == 0);
    for (size_t i = 0; i < count; i++) {
        school(i, &at[i].party);
        at[i].arena = arena_new(1 << 20);
        NEEDED(at[i].arena);
        submission_fill(at[i].arena, &at[i].party, 1, false, false, &at[i].s);
    }
    int64_t began = clock_mono_ms(), until = began + a->ms;
    for (size_t i = 0; i < count; i++) {
        at[i].socket = party_dial(&at[i].party, zmq, a->endpoint);
        items[i] = (zmq_pollitem_t){.socket = at[i].socket, .events = ZMQ_POLLIN};
        NEEDED(wire_put(at[i].socket, (Bytes){0}, at[i].s.parts, at[i].s.part_count) == 0);
    }
    int64_t again = clock_mono_ms() + AGAIN_MS;
    while (told < count && clock_mono_ms() < until) {
        NEEDED(zmq_poll(items, (int)count, POLL_MS) >= 0);
        for (size_t i = 0; i < count; i++) {
            if (!(items[i].revents & ZMQ_POLLIN) || at[i].told || !hear(&at[i])) continue;
            times_add(&times, (double)(clock_mono_ms() - began));
            told++;
        }
        bool due = clock_mono_ms() > again;
        for (size_t i = 0; due && i < count; i++) {
            if (at[i].told) continue;
            (void)!wire_put(at[i].socket, (Bytes){0}, at[i].s.parts, at[i].s.part_count);
        }
        if (due) again = clock_mono_ms() + AGAIN_MS;
    }
    double p50 = times_at(&times, 0.5), p99 = times_at(&times, 0.99), all = times_at(&times, 1);
    (void)printf("peers=%zu told=%zu p50_ms=%.0f p99_ms=%.0f last_ms=%.0f\n", count, told, p50, p99,
                 all);
    NEEDED(told == count);
    exit(EXIT_SUCCESS); /* the sockets go with the process */
}

/* ---- while it drains ------------------------------------------------------------------------- */

/* The process `count`, an intake, is asked to end while a hundred submissions are on their way to
 * it: most must be told what to do, not left to their patience. */
void last(const Against *a) {
    enum { LAST = 100, FLUSHED_MS = 200, QUIET_MS = 2000 };
    static Submission at[LAST + 1];
    Party p;
    pid_t intake = (pid_t)a->count;
    void *zmq = zmq_ctx_new();
    _cleanup_(arena_freep) Arena *arena = arena_new(ARENA_MOST);
    size_t sent = 0, told = 0;
    NEEDED(zmq && arena && a->agency_count == 1);
    party_load(&p, a->agencies[0]);
    void *socket = party_dial(&p, zmq, a->endpoint);
    for (size_t i = 0; i <= LAST; i++) submission_fill(arena, &p, 1, false, false, &at[i]);
    NEEDED(wire_put(socket, (Bytes){0}, at[LAST].parts, at[LAST].part_count) == 0);
    NEEDED(told_wait(socket, -1, a->ms) &&
           told_take(arena, &p, socket).kind == STRUCT_acknowledgement);
    NEEDED(kill(intake, SIGSTOP) == 0);
    for (size_t i = 0; i < LAST; i++) {
        sent += wire_put(socket, (Bytes){0}, at[i].parts, at[i].part_count) == 0;
    }
    (void)zmq_poll(NULL, 0, FLUSHED_MS);
    NEEDED(kill(intake, SIGTERM) == 0 && kill(intake, SIGCONT) == 0);
    while (told_wait(socket, -1, QUIET_MS)) {
        while (told_take(arena, &p, socket).kind != STRUCT_none) told++;
    }
    (void)printf("sent=%zu told=%zu\n", sent, told);
    exit(2 * told >= sent ? EXIT_SUCCESS : EXIT_FAILURE);
}

/* ---- at the usual pace ----------------------------------------------------------------------- */

typedef struct Open {
    Arena *arena; /* NULL: free */
    Submission s;
    int64_t due_ms, again_ms;
} Open;

typedef struct Worker {
    Party party;
    void *socket;
    Open open[WORK_OPEN];
    int64_t next_ms;
    size_t sent, told, late; /* late: sent again, or no room to send at its time */
    Times times;
} Worker;

static void put(Worker *w, Open *o) {
    int r = wire_put(w->socket, (Bytes){0}, o->s.parts, o->s.part_count);
    NEEDED(r >= 0);
    o->again_ms = clock_mono_ms() + AGAIN_MS;
}

/* Every message has the time at which it should leave, and waits from then. */
static void start(Worker *w) {
    Open *o = w->open;
    while (o < w->open + WORK_OPEN && o->arena) o++;
    if (o == w->open + WORK_OPEN) {
        w->late++;
        return;
    }
    o->arena = arena_new(1 << 20);
    NEEDED(o->arena);
    o->due_ms = w->next_ms;
    submission_fill(o->arena, &w->party, 1, false, false, &o->s);
    put(w, o);
    w->sent++;
}

static void told(Worker *w, const Told *t) {
    for (Open *o = w->open; o < w->open + WORK_OPEN; o++) {
        if (!o->arena || !id_eq(o->s.submission_id, t->submission)) continue;
        if (str_is(t->reason, "busy")) {
            o->again_ms = clock_mono_ms() + value_number(t->head, F_refusal_retry_ms);
            return;
        }
        NEEDED(t->kind == STRUCT_acknowledgement);
        times_add(&w->times, (double)(clock_mono_ms() - o->due_ms));
        w->told++;
        arena_free(o->arena);
        o->arena = NULL;
    }
}

static bool worker_step(Worker *w, Arena *answers, bool more) {
    int64_t now = clock_mono_ms();
    bool open = false;
    for (; more && w->next_ms <= now; w->next_ms += WORK_EVERY_MS) start(w);
    for (Told t = told_take(answers, &w->party, w->socket); t.kind != STRUCT_none;
         t = told_take(answers, &w->party, w->socket)) {
        told(w, &t);
    }
    arena_reset(answers);
    for (Open *o = w->open; o < w->open + WORK_OPEN; o++) {
        if (!o->arena) continue;
        open = true;
        if (now < o->again_ms) continue;
        w->late++;
        put(w, o);
    }
    return open;
}

enum { WORKERS_MOST = 8 };

void work(const Against *a) {
    static Worker at[WORKERS_MOST];
    zmq_pollitem_t items[WORKERS_MOST];
    _cleanup_(arena_freep) Arena *answers = arena_new(ARENA_MOST);
    void *zmq = zmq_ctx_new();
    Times all = {0};
    size_t sent = 0, got = 0, late = 0;
    NEEDED(zmq && answers && a->agency_count > 0 && a->agency_count <= WORKERS_MOST);
    int64_t began = clock_mono_ms(), until = began + a->ms;
    for (size_t i = 0; i < a->agency_count; i++) {
        party_load(&at[i].party, a->agencies[i]);
        at[i].socket = party_dial(&at[i].party, zmq, a->endpoint);
        at[i].next_ms = began + 500 + (int64_t)i * WORK_EVERY_MS / (int64_t)a->agency_count;
        items[i] = (zmq_pollitem_t){.socket = at[i].socket, .events = ZMQ_POLLIN};
    }
    for (bool open = true; open && clock_mono_ms() < until + LINGER_MS;) {
        bool more = clock_mono_ms() < until;
        open = more;
        (void)zmq_poll(items, (int)a->agency_count, 1);
        for (size_t i = 0; i < a->agency_count; i++) {
            if (worker_step(&at[i], answers, more)) open = true;
        }
    }
    for (size_t i = 0; i < a->agency_count; i++) {
        for (size_t k = 0; k < at[i].times.count; k++) times_add(&all, at[i].times.ms[k]);
        sent += at[i].sent;
        got += at[i].told;
        late += at[i].late;
    }
    double p50 = times_at(&all, 0.5), p99 = times_at(&all, 0.99);
    (void)printf("sent=%zu told=%zu again=%zu p50_ms=%.1f p99_ms=%.1f most_ms=%.1f\n", sent, got,
                 late, p50, p99, times_at(&all, 1));
    exit(got == sent ? EXIT_SUCCESS : EXIT_FAILURE);
}
