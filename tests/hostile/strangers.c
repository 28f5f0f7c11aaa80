/* Handshakes of keys that nobody enrolled, and the bombs of one who is. */
#include "tests/hostile/hostile.h"

enum { STRANGERS_MOST = 256, RECONNECT_MS = 1, PATIENCE_MS = 200, ARENA_MOST = 64 * 1024 * 1024 };

/* ---- handshakes ------------------------------------------------------------------------------ */

typedef struct Stranger {
    void *socket, *monitor;
} Stranger;

/* A closed socket goes when ZeroMQ's thread has time for it: who is in a hurry waits for that. */
static void *socket_new(void *zmq, int type) {
    void *socket = zmq_socket(zmq, type);
    for (int i = 0; !socket && i < 100; i++) {
        (void)zmq_poll(NULL, 0, PATIENCE_MS);
        socket = zmq_socket(zmq, type);
    }
    return socket;
}

static Stranger stranger_open(void *zmq, const Against *a, size_t nth) {
    static const int quick = RECONNECT_MS, none = 0;
    char events[64];
    Party p;
    party_make(&p, "stranger");
    Stranger s = {.socket = socket_new(zmq, ZMQ_DEALER), .monitor = socket_new(zmq, ZMQ_PAIR)};
    Key public;
    (void)snprintf(events, sizeof(events), "inproc://stranger-%zu", nth);
    NEEDED(s.socket && s.monitor && wire_public(&p.transport, &public) == 0);
    NEEDED(zmq_setsockopt(s.socket, ZMQ_RECONNECT_IVL, &quick, sizeof(quick)) == 0);
    NEEDED(zmq_setsockopt(s.socket, ZMQ_LINGER, &none, sizeof(none)) == 0);
    NEEDED(zmq_setsockopt(s.socket, ZMQ_CURVE_SERVERKEY, p.server_public.at, KEY_LEN) == 0);
    NEEDED(zmq_setsockopt(s.socket, ZMQ_CURVE_PUBLICKEY, public.at, KEY_LEN) == 0);
    NEEDED(zmq_setsockopt(s.socket, ZMQ_CURVE_SECRETKEY, p.transport.at, KEY_LEN) == 0);
    int failed = ZMQ_EVENT_HANDSHAKE_FAILED_AUTH | ZMQ_EVENT_HANDSHAKE_SUCCEEDED |
                 ZMQ_EVENT_DISCONNECTED;
    NEEDED(zmq_socket_monitor(s.socket, events, failed) == 0);
    NEEDED(zmq_connect(s.monitor, events) == 0 && zmq_connect(s.socket, a->endpoint) == 0);
    return s;
}

/* Whoever was refused, or has waited long enough, comes again with another key. */
static void stranger_again(void *zmq, const Against *a, Stranger *s, size_t *number) {
    (void)zmq_close(s->socket);
    (void)zmq_close(s->monitor);
    *s = stranger_open(zmq, a, (*number)++);
}

static uint16_t event_of(const Stranger *s) {
    Frames f;
    uint16_t event = 0;
    if (wire_take(s->monitor, false, &f) != 0) return 0;
    if (frame(&f, 0).len >= sizeof(event)) memcpy(&event, frame(&f, 0).at, sizeof(event));
    frames_clear(&f);
    return event;
}

void handshakes(const Against *a) {
    static Stranger at[STRANGERS_MOST];
    size_t count = a->count < STRANGERS_MOST ? a->count : STRANGERS_MOST;
    size_t number = 0, refused = 0, let_in = 0;
    void *zmq = zmq_ctx_new();
    NEEDED(zmq && zmq_ctx_set(zmq, ZMQ_MAX_SOCKETS, 64 * STRANGERS_MOST) == 0);
    for (size_t i = 0; i < count; i++) at[i] = stranger_open(zmq, a, number++);
    int64_t until = clock_mono_ms() + a->ms;
    while (clock_mono_ms() < until) {
        (void)zmq_poll(NULL, 0, PATIENCE_MS); /* for the hub to do its part of the work */
        for (size_t i = 0; i < count; i++) {
            for (uint16_t event = event_of(&at[i]); event; event = event_of(&at[i])) {
                refused += event != ZMQ_EVENT_HANDSHAKE_SUCCEEDED;
                let_in += event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED;
            }
            stranger_again(zmq, a, &at[i], &number);
        }
    }
    (void)printf("handshakes=%zu refused_or_cut=%zu let_in=%zu\n", number, refused, let_in);
    NEEDED(let_in == 0);
    exit(EXIT_SUCCESS); /* the sockets go with the process */
}

/* ---- bombs ----------------------------------------------------------------------------------- */

typedef struct Bomb {
    Bytes parts[FRAMES_MAX + 8];
    size_t count;
} Bomb;

static Bytes filled(Arena *a, uint8_t with, size_t len) {
    uint8_t *at = arena_alloc(a, len ? len : 1);
    NEEDED(at);
    memset(at, with, len);
    return bytes_of(at, len);
}

/* A head that is signed, whatever it holds. */
static Bomb bomb_of(Arena *a, const Party *p, Bytes head, Bytes content, size_t contents) {
    Signature *signature = arena_alloc(a, sizeof(*signature));
    Bomb b = {.count = contents + 2};
    NEEDED(signature);
    NEEDED(head_sign(a, &p->origin, STRUCT_submission, head, signature) == 0);
    b.parts[0] = head;
    b.parts[1] = BYTES_OF(signature->at);
    for (size_t i = 0; i < contents; i++) b.parts[i + 2] = content;
    return b;
}

/* A claim of 2^32 - 1 elements, and nothing behind it. */
static Bytes claim(Arena *a, uint8_t marker) {
    uint8_t *at = arena_alloc(a, 5);
    NEEDED(at);
    memset(at, 0xff, 5);
    at[0] = marker;
    return bytes_of(at, 5);
}

/* Sixty-four contents that fill the whole of what a submission may hold. */
static Bomb largest(Arena *a, const Party *p) {
    size_t each = (LIMIT_SUBMISSION - LIMIT_HEAD) / LIMIT_ENTRIES;
    SubmissionEntry entries[LIMIT_ENTRIES];
    Submission s;
    Bomb b;
    Sender by = {.realm = STR("demonstration"),
                 .agency = str_z(p->agency),
                 .origin_id = str_z(p->origin_id),
                 .origin = &p->origin};
    for (size_t i = 0; i < LIMIT_ENTRIES; i++) {
        Bytes frame = filled(a, 0x90, each); /* empty lists: the dearest to decode */
        NEEDED(random_bytes((uint8_t *)(uintptr_t)frame.at, SALT_LEN) == 0);
        ((uint8_t *)(uintptr_t)frame.at)[SALT_LEN] = 0xdc;
        ((uint8_t *)(uintptr_t)frame.at)[SALT_LEN + 1] = (uint8_t)((each - SALT_LEN - 3) >> 8);
        ((uint8_t *)(uintptr_t)frame.at)[SALT_LEN + 2] = (uint8_t)(each - SALT_LEN - 3);
        entries[i] = (SubmissionEntry){.content = STR("referral"), .frame = frame};
        NEEDED(id_v7(clock_ms(), &entries[i].message_id) == 0);
    }
    NEEDED(submission_make(a, &by, clock_ms(), entries, LIMIT_ENTRIES, &s) == 0);
    b.count = s.part_count;
    memcpy(b.parts, s.parts, s.part_count * sizeof(b.parts[0]));
    return b;
}

static Bomb bomb_make(Arena *a, const Party *p, size_t kind) {
    Bytes one = filled(a, 'x', 100);
    switch (kind) {
    case 0: return bomb_of(a, p, filled(a, 0x91, LIMIT_HEAD), one, 1);  /* lists in lists */
    case 1: return bomb_of(a, p, filled(a, 0x81, LIMIT_HEAD), one, 1);  /* maps in maps */
    case 2: return bomb_of(a, p, claim(a, 0xdd), one, 1);               /* a list of 2^32 */
    case 3: return bomb_of(a, p, claim(a, 0xdf), one, 1);               /* a map of 2^32 */
    case 4: return bomb_of(a, p, claim(a, 0xc6), one, 1);               /* bytes, 4 GB of them */
    case 5: return bomb_of(a, p, filled(a, 0x90, LIMIT_HEAD), one, 1);  /* what trails */
    case 6: return bomb_of(a, p, filled(a, 0xc0, LIMIT_HEAD + 1), one, 1);
    case 7: return bomb_of(a, p, filled(a, 0x80, 1), one, FRAMES_MAX + 4); /* too many frames */
    case 8: return bomb_of(a, p, filled(a, 0x80, 1), filled(a, 'y', LIMIT_CONTENT + 1), 1);
    case 9: return bomb_of(a, p, filled(a, 0x80, 1), filled(a, 'y', LIMIT_SUBMISSION), 4);
    case 10: return bomb_of(a, p, (Bytes){0}, (Bytes){0}, 40); /* nothing at all */
    default: return largest(a, p);
    }
}

enum { BOMB_KINDS = 12 };

void bombs(const Against *a) {
    Party p;
    void *zmq = zmq_ctx_new();
    _cleanup_(arena_freep) Arena *arena = arena_new(ARENA_MOST);
    size_t sent = 0, answers = 0;
    int64_t until = clock_mono_ms() + a->ms;
    NEEDED(zmq && arena && a->agency_count == 1);
    party_load(&p, a->agencies[0]);
    void *socket = party_dial(&p, zmq, a->endpoint);
    for (size_t i = 0; i < a->count && clock_mono_ms() < until; i++) {
        Bomb b = bomb_make(arena, &p, i % BOMB_KINDS);
        int r = wire_put(socket, (Bytes){0}, b.parts, b.count);
        sent += r == 0;
        if (r == 1 || i % BOMB_KINDS == 0) (void)told_wait(socket, -1, 50);
        while (told_take(arena, &p, socket).kind != STRUCT_none) answers++;
        arena_reset(arena);
    }
    while (told_wait(socket, -1, 500) && told_take(arena, &p, socket).kind) answers++;
    (void)printf("bombs=%zu kinds=%d answers=%zu\n", sent, BOMB_KINDS, answers);
    (void)zmq_close(socket);
    (void)zmq_ctx_term(zmq);
}
