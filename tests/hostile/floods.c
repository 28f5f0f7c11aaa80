/* One who is enrolled, and heedless: sends as much as its connections take, whatever it is told. */
#include "tests/hostile/hostile.h"

enum {
    ARENA_MOST = 64 * 1024 * 1024,
    SUBMISSIONS = 256,
    EACH = 4, /* messages */
    CONNECTIONS_MOST = 64,
    POLL_MS = 20,
    STAY_MS = 4900, /* just short of when heartbeats fall due */
};

typedef struct Flood {
    Party party;
    Submission at[SUBMISSIONS];
    void *zmq;
    zmq_pollitem_t items[CONNECTIONS_MOST];
    int connections;
    Arena *arena, *answers;
    size_t sent, acknowledged, busy;
} Flood;

static void flood_make(Flood *f, const Against *a) {
    NEEDED(a->agency_count == 1);
    f->connections = a->count == 0 ? 1 : (int)a->count;
    f->arena = arena_new(ARENA_MOST);
    f->answers = arena_new(ARENA_MOST);
    NEEDED(f->arena && f->answers && f->connections <= CONNECTIONS_MOST);
    party_load(&f->party, a->agencies[0]);
    for (size_t i = 0; i < SUBMISSIONS; i++) {
        submission_fill(f->arena, &f->party, EACH, i % 8 == 0, false, &f->at[i]);
    }
}

static void flood_dial(Flood *f, const Against *a) {
    f->zmq = zmq_ctx_new();
    NEEDED(f->zmq);
    for (int i = 0; i < f->connections; i++) {
        f->items[i] = (zmq_pollitem_t){.socket = party_dial(&f->party, f->zmq, a->endpoint),
                                       .events = ZMQ_POLLIN | ZMQ_POLLOUT};
    }
}

static void flood_hear(Flood *f, void *socket) {
    Told t = told_take(f->answers, &f->party, socket);
    f->acknowledged += t.kind == STRUCT_acknowledgement;
    f->busy += str_is(t.reason, "busy");
    arena_reset(f->answers);
}

static void flood_until(Flood *f, int64_t until_ms, bool listens) {
    while (clock_mono_ms() < until_ms) {
        if (zmq_poll(f->items, f->connections, POLL_MS) <= 0) continue;
        for (int i = 0; i < f->connections; i++) {
            const zmq_pollitem_t *item = &f->items[i];
            const Submission *s = &f->at[f->sent % SUBMISSIONS];
            if (item->revents & ZMQ_POLLOUT) {
                f->sent += wire_put(item->socket, (Bytes){0}, s->parts, s->part_count) == 0;
            }
            if (listens && item->revents & ZMQ_POLLIN) flood_hear(f, item->socket);
        }
    }
}

void flood(const Against *a) {
    static Flood f;
    flood_make(&f, a);
    flood_dial(&f, a);
    flood_until(&f, clock_mono_ms() + a->ms, true);
    (void)printf("sent=%zu acknowledged=%zu busy=%zu\n", f.sent, f.acknowledged, f.busy);
    exit(EXIT_SUCCESS);
}

/* Never reads, and hangs up with its queues full at both ends. */
void leavers(const Against *a) {
    static Flood f;
    int64_t until = clock_mono_ms() + a->ms;
    size_t left = 0;
    flood_make(&f, a);
    while (clock_mono_ms() < until) {
        flood_dial(&f, a);
        for (int i = 0; i < f.connections; i++) f.items[i].events = ZMQ_POLLOUT;
        flood_until(&f, clock_mono_ms() + STAY_MS, false);
        for (int i = 0; i < f.connections; i++) (void)zmq_close(f.items[i].socket);
        (void)zmq_ctx_term(f.zmq);
        left += (size_t)f.connections;
    }
    (void)printf("sent=%zu left=%zu\n", f.sent, left);
    exit(EXIT_SUCCESS);
}

/* ---- the control ----------------------------------------------------------------------------- */

static bool let_in(void *context, const Key *curve_public, char user[USER_MAX]) {
    (void)context;
    (void)curve_public;
    (void)snprintf(user, USER_MAX, "anybody");
    return true;
}

/* Listens beside the hub with its key and reads `count` messages a second, answering none: what the
 * flooding process costs whoever shares its machine, without the flood. */
void sink(const Against *a) {
    char endpoint[ENDPOINT_MAX];
    Key secret;
    Zap *zap = NULL;
    void *zmq = zmq_ctx_new(), *router = NULL;
    size_t taken = 0;
    NEEDED(zmq && zap_open(zmq, let_in, NULL, &zap) == 0);
    NEEDED(keyfile_load("keys/intake/intake.curve-secret", "curve-secret", &secret) == 0);
    NEEDED(wire_serve(zmq, "tcp://127.0.0.1:*", &secret, LIMIT_SUBMISSION, endpoint, &router) == 0);
    _cleanup_(file_closep) FILE *file = fopen(a->file, "we");
    NEEDED(file && fprintf(file, "%s\n", endpoint) > 0 && fflush(file) == 0);
    int64_t began = clock_mono_ms(), passed = 0;
    for (; passed < a->ms; passed = clock_mono_ms() - began) {
        zmq_pollitem_t item = {.socket = zap_socket(zap), .events = ZMQ_POLLIN};
        NEEDED(zmq_poll(&item, 1, 1) >= 0);
        if (item.revents) NEEDED(zap_answer(zap) == 0);
        while (taken < a->count * (size_t)passed / 1000) {
            Frames f;
            if (wire_take(router, true, &f) != 0) break;
            frames_clear(&f);
            taken++;
        }
    }
    (void)printf("taken=%zu\n", taken);
    exit(EXIT_SUCCESS);
}
