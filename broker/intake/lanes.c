/* See lanes.h. Agencies with something in a lane stand in that lane's ring; the first of the ring
 * gives as many messages as its quota lets it, then goes to the end. */
#include "broker/intake/lanes.h"

#include "broker/intake/bucket.h"

/* Crash-only: without memory the program ends, and its supervisor starts it again. */
#define uthash_fatal(message) exit(EXIT_FAILURE)
#include <uthash.h>
#include <utlist.h>

enum {
    QUOTA = LIMIT_ENTRIES, /* messages in one turn: the largest submission fits */
    SHARES = 8, /* of a lane's bytes: one for each agency, the last for who has nothing there */
    CODE_MAX = 32,
    BYTES_USUAL = 2048, /* of a message, before any was seen */
    OVERFLOW_MS = 60000,
    LATELY_MS = 2000,
    LIGHT = 16, /* messages that an agency with little may have unanswered */
    HEEDLESS_MS = 5000,
    TURN_MS = 20, /* one agency's messages are told apart by, in the hub's queue */
    HEEDLESS_A_SECOND = 128, /* messages, of an agency that does not heed its credit */
};

/* How many messages one batch was given. */
typedef struct Share {
    uint64_t batch;
    size_t given;
} Share;

typedef struct Queue {
    Arrival *first, *last;
    size_t messages, bytes;
    Share shares[WRITERS_MAX]; /* of the batches that fill; each writer's is at its own place */
} Queue;

typedef struct Agency {
    char code[CODE_MAX];
    Queue queues[LANE_COUNT];
    Bucket reserve;  /* what of the reserved lane it may still use */
    Bucket heedless; /* what of the ordinary one, when it is */
    size_t unanswered;
    int64_t over_ms, sent_ms, heedless_ms; /* when it last did so */
    int64_t turn_ms;                       /* of its next message, behind the door */
    struct Agency *prev[LANE_COUNT], *next[LANE_COUNT];
    UT_hash_handle hh;
} Agency;

/* A submission that is not answered yet, as its connection sent it. */
typedef struct Open {
    struct {
        Id submission_id;
        uint8_t routing[ROUTING_MAX];
    } key;
    UT_hash_handle hh;
} Open;

struct Sender {
    char key[CODE_MAX];
    Agency *agency;
    size_t waiting, unanswered;
    Open *open;
    int64_t credit;
    Bucket troubles[TROUBLE_COUNT];
    Tally tally;
    UT_hash_handle hh;
};

struct Lanes {
    size_t most_bytes;
    size_t bytes[LANE_COUNT], messages[LANE_COUNT];
    Agency *rings[LANE_COUNT];
    size_t ringed[LANE_COUNT];
    Agency *agencies;
    Sender *senders;
    size_t active; /* senders with something unanswered */
    size_t crowd;  /* agencies that have sent lately */
};

Arrival *arrival_new(void) {
    return calloc(1, sizeof(Arrival));
}

void arrival_free(Arrival *a) {
    if (!a) return;
    frames_clear(&a->frames);
    free(a);
}

int lanes_new(size_t most_bytes, Lanes **ret) {
    Lanes *l = calloc(1, sizeof(*l));
    if (!l) return ERR_MEMORY;
    l->most_bytes = most_bytes;
    *ret = l;
    return 0;
}

/* ---- what is not answered yet ---------------------------------------------------------------- */

static Open *open_find(const Sender *s, Id submission_id, Bytes routing) {
    Open wanted, *o;
    memset(&wanted, 0, sizeof(wanted)); /* compared byte by byte */
    wanted.key.submission_id = submission_id;
    if (routing.len) memcpy(wanted.key.routing, routing.at, routing.len);
    HASH_FIND(hh, s->open, &wanted.key, sizeof(wanted.key), o);
    return o;
}

static int open_add(Sender *s, Id submission_id, Bytes routing) {
    Open *o = calloc(1, sizeof(*o));
    if (!o) return ERR_MEMORY;
    o->key.submission_id = submission_id;
    if (routing.len) memcpy(o->key.routing, routing.at, routing.len);
    HASH_ADD(hh, s->open, key, sizeof(o->key), o);
    return 0;
}

static void open_forget(Sender *s, Open *o) {
    if (o) HASH_DEL(s->open, o);
    free(o);
}

static void open_forget_all(Sender *s) {
    while (s->open) open_forget(s, s->open);
}

static Bytes routing_of(const Arrival *a) {
    return bytes_of(a->frames.routing, a->frames.routing_len);
}

bool lanes_know(const Arrival *a) {
    return open_find(a->sender, a->submission_id, routing_of(a)) != NULL;
}

static Arrival *queue_take(Lanes *l, Agency *g, Lane lane) {
    Queue *q = &g->queues[lane];
    Arrival *a = q->first;
    q->first = a->next;
    q->messages -= a->messages;
    q->bytes -= a->bytes;
    if (!q->first) {
        q->last = NULL;
        DL_DELETE2(l->rings[lane], g, prev[lane], next[lane]);
        l->ringed[lane]--;
    }
    return a;
}

void lanes_free(Lanes *l) {
    Agency *g;
    Sender *s;
    if (!l) return;
    for (int lane = 0; lane < LANE_COUNT; lane++) {
        while (l->rings[lane]) arrival_free(queue_take(l, l->rings[lane], (Lane)lane));
    }
    while ((s = l->senders)) {
        HASH_DEL(l->senders, s);
        open_forget_all(s);
        free(s);
    }
    while ((g = l->agencies)) {
        HASH_DEL(l->agencies, g);
        free(g);
    }
    free(l);
}

/* ---- who sends ------------------------------------------------------------------------------- */

static Agency *agency_of(Lanes *l, const char *code) {
    Agency *g;
    HASH_FIND_STR(l->agencies, code, g);
    if (g) return g;
    g = calloc(1, sizeof(*g));
    if (!g) return NULL;
    (void)snprintf(g->code, sizeof(g->code), "%s", code);
    HASH_ADD_STR(l->agencies, code, g);
    return g;
}

Sender *lanes_sender(Lanes *l, const char *key_id, const char *agency) {
    Sender *s;
    HASH_FIND_STR(l->senders, key_id, s);
    if (s) return s;
    s = calloc(1, sizeof(*s));
    if (!s) return NULL;
    (void)snprintf(s->key, sizeof(s->key), "%s", key_id);
    s->agency = agency_of(l, agency);
    if (!s->agency) {
        free(s);
        return NULL;
    }
    s->credit = LIMIT_ENTRIES;
    HASH_ADD_STR(l->senders, key, s);
    return s;
}

static const struct {
    double a_second, at_once;
} troubles[TROUBLE_COUNT] = {
    [TROUBLE_refusal] = {5, 100},      /* each a commit of its own */
    [TROUBLE_keep] = {4096, 16 << 20}, /* bytes that nobody may ever delete */
    [TROUBLE_busy] = {200, 200},       /* each a signature */
};

bool sender_may(Sender *s, Trouble what, size_t amount, int64_t now_ms) {
    double a_second = troubles[what].a_second, at_once = troubles[what].at_once;
    bool may = bucket_take(&s->troubles[what], a_second, at_once, (double)amount, now_ms);
    if (!may && what == TROUBLE_busy) s->agency->heedless_ms = now_ms;
    return may;
}

/* ---- coming and going ------------------------------------------------------------------------ */

static bool fits(const Lanes *l, const Arrival *a, Lane lane, int64_t most_waiting) {
    const Queue *q = &a->sender->agency->queues[lane];
    size_t all = l->bytes[lane] + a->bytes, share = l->most_bytes / SHARES;
    if (q->messages == 0) return all <= l->most_bytes;
    return all <= l->most_bytes - share && q->bytes + a->bytes <= share &&
           (int64_t)(q->messages + a->messages) <= most_waiting;
}

/* Whoever has nothing unanswered may always send one submission, however small its credit. */
static bool within_credit(const Sender *s, const Arrival *a, int64_t credit) {
    return s->unanswered == 0 || (int64_t)(s->unanswered + a->messages) <= credit;
}

/* May it overtake? Asked for immediate ones only; what goes over the cap is remembered. */
static bool may_reserve(Lanes *l, Arrival *a, const Allowance *may, int64_t now_ms) {
    Agency *g = a->sender->agency;
    double most = (double)may->immediate_per_minute;
    if (!fits(l, a, LANE_reserved, may->waiting)) return false;
    if (bucket_take(&g->reserve, most / 60, most, (double)a->messages, now_ms)) return true;
    g->over_ms = now_ms;
    return false;
}

static void queue_add(Lanes *l, Arrival *a) {
    Agency *g = a->sender->agency;
    Lane lane = a->lane;
    Queue *q = &g->queues[lane];
    if (!q->first) {
        DL_APPEND2(l->rings[lane], g, prev[lane], next[lane]);
        l->ringed[lane]++;
    }
    a->next = NULL;
    if (q->last) q->last->next = a;
    if (!q->first) q->first = a;
    q->last = a;
    q->messages += a->messages;
    q->bytes += a->bytes;
}

int lanes_put(Lanes *l, Arrival *a, const Allowance *may, int64_t now_ms) {
    Sender *s = a->sender;
    bool reserved = a->immediate && may_reserve(l, a, may, now_ms);
    a->lane = reserved ? LANE_reserved : LANE_ordinary;
    if (!reserved && !(fits(l, a, a->lane, may->waiting) && within_credit(s, a, may->credit))) {
        return REFUSE_busy;
    }
    int r = open_add(s, a->submission_id, routing_of(a));
    if (r < 0) return r;
    queue_add(l, a);
    s->agency->sent_ms = now_ms;
    if (s->unanswered == 0) l->active++;
    s->unanswered += a->messages;
    s->agency->unanswered += a->messages;
    s->waiting += a->messages;
    l->bytes[a->lane] += a->bytes;
    l->messages[a->lane] += a->messages;
    return 0;
}

static Share *share_of(Queue *q, uint64_t batch) {
    Share *share = &q->shares[batch % WRITERS_MAX];
    if (share->batch != batch) *share = (Share){.batch = batch};
    return share;
}

/* What does not wait for its answers may not use up the database either: each of its messages is a
 * little of a commit that others wait for. */
static bool may_go_on(Agency *g, size_t messages, int64_t now_ms) {
    bool heedless = g->heedless_ms && now_ms - g->heedless_ms < HEEDLESS_MS;
    return !heedless ||
           bucket_take(&g->heedless, HEEDLESS_A_SECOND, QUOTA, (double)messages, now_ms);
}

/* Its quota of this batch; all of it while nobody else sends. */
static bool may_give(const Lanes *l, Lane lane, Agency *g, uint64_t batch, int64_t now_ms) {
    Queue *q = &g->queues[lane];
    if (l->crowd <= 1 && l->ringed[lane] == 1) return true;
    if (share_of(q, batch)->given + q->first->messages > QUOTA) return false;
    return lane == LANE_reserved || may_go_on(g, q->first->messages, now_ms);
}

static Arrival *take(Lanes *l, Lane lane, uint64_t batch, size_t unanswered_most, int64_t now_ms) {
    for (size_t left = l->ringed[lane]; left > 0; left--) {
        Agency *g = l->rings[lane];
        if (g->unanswered > unanswered_most || !may_give(l, lane, g, batch, now_ms)) {
            DL_DELETE2(l->rings[lane], g, prev[lane], next[lane]);
            DL_APPEND2(l->rings[lane], g, prev[lane], next[lane]);
            continue;
        }
        Arrival *a = queue_take(l, g, lane);
        share_of(&g->queues[lane], batch)->given += a->messages;
        l->bytes[lane] -= a->bytes;
        l->messages[lane] -= a->messages;
        a->sender->waiting -= a->messages;
        return a;
    }
    return NULL;
}

Arrival *lanes_take(Lanes *l, Lane lane, uint64_t batch, int64_t now_ms) {
    return take(l, lane, batch, SIZE_MAX, now_ms);
}

Arrival *lanes_take_light(Lanes *l, uint64_t batch, int64_t now_ms) {
    return take(l, LANE_ordinary, batch, LIGHT, now_ms);
}

void lanes_second(Lanes *l, int64_t now_ms) {
    l->crowd = 0;
    for (const Agency *g = l->agencies; g; g = g->hh.next) {
        if (g->sent_ms && now_ms - g->sent_ms < LATELY_MS) l->crowd++;
    }
}

void lanes_answered(Lanes *l, Sender *s, Id submission_id, Bytes routing, size_t messages) {
    open_forget(s, open_find(s, submission_id, routing));
    s->unanswered -= messages;
    s->agency->unanswered -= messages;
    if (s->unanswered == 0) l->active--;
}

/* An equal share of the room that is left, among those who are sending now. */
int64_t lanes_turn_ms(Sender *s, size_t messages, int64_t now_ms) {
    Agency *g = s->agency;
    int64_t turn_ms = g->turn_ms > now_ms ? g->turn_ms : now_ms;
    g->turn_ms = turn_ms + (int64_t)messages * TURN_MS;
    return turn_ms - now_ms;
}

int64_t lanes_credit(Lanes *l, Sender *s, const Allowance *may) {
    size_t waiting = l->messages[LANE_ordinary], bytes = l->bytes[LANE_ordinary];
    size_t usual = waiting ? bytes / waiting + 1 : BYTES_USUAL;
    size_t senders = l->active + (s->unanswered == 0);
    size_t own = s->agency->queues[LANE_ordinary].bytes, most = l->most_bytes / SHARES;
    size_t all = (l->most_bytes - bytes) / senders, free = own < most ? most - own : 0;
    int64_t share = (int64_t)((all < free ? all : free) / usual);
    if (share < LIMIT_ENTRIES) share = LIMIT_ENTRIES;
    s->credit = share < may->credit ? share : may->credit;
    return s->credit;
}

/* ---- looking --------------------------------------------------------------------------------- */

size_t lanes_waiting(const Lanes *l, Lane lane) {
    return l->messages[lane];
}

size_t lanes_bytes(const Lanes *l, Lane lane) {
    return l->bytes[lane];
}

double lanes_full_percent(const Lanes *l, Lane lane) {
    return 100.0 * (double)l->bytes[lane] / (double)l->most_bytes;
}

bool lanes_overflow(const Lanes *l, int64_t now_ms) {
    for (const Agency *g = l->agencies; g; g = g->hh.next) {
        if (g->over_ms && now_ms - g->over_ms < OVERFLOW_MS) return true;
    }
    return false;
}

Sender *lanes_each(Lanes *l, Sender *after) {
    return after ? after->hh.next : l->senders;
}

Tally *sender_tally(Sender *s) {
    return &s->tally;
}

const char *sender_key(const Sender *s) {
    return s->key;
}

const char *sender_agency(const Sender *s) {
    return s->agency->code;
}

int64_t sender_unanswered(const Sender *s) {
    return (int64_t)s->unanswered;
}

int64_t sender_waiting(const Sender *s) {
    return (int64_t)s->waiting;
}

int64_t sender_credit(const Sender *s) {
    return s->credit;
}
