/* Drives mash-intake through its scenario with its n-th call failing, for each n that is read from
 * standard input, in the hub's folder, while a healthy intake serves the same database:
 *
 *   1. six submissions: good ones, one sent twice, one of bad content, one with a wrong signature,
 *      an immediate one, one too many for its sender's credit; each again until it is answered
 *   2. SIGTERM, and how it ended
 *   3. all six once more to the healthy intake: everything must be taken now, and whatever the
 *      first acknowledged must be acknowledged the same, with the same leaf (R1, R2)
 *
 * usage: torture-drive PROGRAM SETTINGS. Prints for each n "n outcome status answered failed-call":
 * outcome `ok`, or what is wrong. Acknowledged messages go to run/torture.acks. */
#include "broker/io/clock.h"
#include "tests/torture/process.h"

enum {
    AGAIN_MS = 300,
    PATIENCE_MS = 4000,
    SUBMISSIONS = 6,
    ENTRIES_EACH = 2,
    ARENA_MOST = 16 * 1024 * 1024,
};

typedef enum Fate { FATE_none, FATE_acknowledged, FATE_refused } Fate;

/* What the sender means by a submission, and what must become of it in the end. */
typedef struct Kind {
    const char *agency, *reason; /* of its refusal; NULL: acknowledged */
    bool immediate, bad, twice, forged;
} Kind;

static const Kind kinds[SUBMISSIONS] = {
    {.agency = "police"},
    {.agency = "police", .twice = true},
    {.agency = "police", .bad = true},
    {.agency = "police", .immediate = true},
    {.agency = "education"}, /* whose credit is one message: busy behind the one before */
    {.agency = "police", .reason = "signature_wrong", .forged = true},
};

typedef struct Sending {
    Submission s;
    Fate fate;
    size_t left; /* so many times it is still to go, each after the answer to the one before */
    bool answered;
    int64_t due_ms, leaves[ENTRIES_EACH];
    char reason[64];
} Sending;

typedef struct Drive {
    Process process;
    Party police, education;
    void *zmq;
    char healthy[ENDPOINT_MAX];
    Arena *arena, *answers;
    Sending at[SUBMISSIONS];
    FILE *acks;
} Drive;

/* ---- the senders ----------------------------------------------------------------------------- */

static const Party *party_of(const Drive *d, size_t i) {
    return strcmp(kinds[i].agency, "police") == 0 ? &d->police : &d->education;
}

static void prepare(Drive *d) {
    arena_reset(d->arena);
    for (size_t i = 0; i < SUBMISSIONS; i++) {
        Sending *s = &d->at[i];
        *s = (Sending){.left = kinds[i].twice ? 2 : 1, .answered = true};
        submission_fill(d->arena, party_of(d, i), ENTRIES_EACH, kinds[i].immediate, kinds[i].bad,
                        &s->s);
        if (!kinds[i].forged) continue;
        uint8_t *other = arena_alloc(d->arena, SIG_LEN);
        NEEDED(other);
        memcpy(other, s->s.parts[1].at, SIG_LEN);
        other[7] ^= 1;
        s->s.parts[1] = bytes_of(other, SIG_LEN);
    }
}

/* An acknowledgement names every message with its leaf; whatever is told twice is told the same. */
static void acknowledged(Drive *d, Sending *s, const Told *t, bool first) {
    size_t count = value_count(t->head, F_acknowledgement_entry);
    if (count != s->s.count) wrong(&d->process, "an acknowledgement of %zu messages", count);
    for (size_t i = 0; i < count && i < s->s.count; i++) {
        const Value *entry = value_item(t->head, F_acknowledgement_entry, i);
        int64_t leaf = value_number(entry, F_ack_entry_leaf_index);
        char id[ID_TEXT];
        Id message;
        NEEDED(value_id(entry, F_ack_entry_message_id, &message));
        id_text(message, id);
        if (s->fate == FATE_acknowledged && s->leaves[i] != leaf) {
            wrong(&d->process, "message %s has leaf %lld and %lld", id, (long long)s->leaves[i],
                  (long long)leaf);
        }
        s->leaves[i] = leaf;
        if (first) (void)fprintf(d->acks, "%s %lld\n", id, (long long)leaf);
    }
    s->fate = FATE_acknowledged;
}

static void hear(Drive *d, const Told *t, bool first) {
    for (size_t i = 0; i < SUBMISSIONS; i++) {
        Sending *s = &d->at[i];
        if (!id_eq(s->s.submission_id, t->submission)) continue;
        bool later = str_is(t->reason, "busy") || str_is(t->reason, "hub_failed");
        if (later) {
            s->due_ms = clock_mono_ms() + value_number(t->head, F_refusal_retry_ms);
            continue;
        }
        s->answered = true;
        s->due_ms = 0;
        if (t->kind == STRUCT_acknowledgement) {
            acknowledged(d, s, t, first);
        } else {
            (void)snprintf(s->reason, sizeof(s->reason), "%.*s", STR_ARG(t->reason));
            s->fate = FATE_refused;
        }
    }
}

static void put(const Drive *d, void *const sockets[2], size_t i) {
    const Sending *s = &d->at[i];
    int r = wire_put(sockets[party_of(d, i) == &d->education], (Bytes){0}, s->s.parts,
                     s->s.part_count);
    NEEDED(r >= 0);
}

/* True when one is still open. */
static bool put_due(Drive *d, void *const sockets[2]) {
    bool open = false;
    for (size_t i = 0; i < SUBMISSIONS; i++) {
        Sending *s = &d->at[i];
        if (s->answered && s->left == 0) continue;
        open = true;
        if (clock_mono_ms() < s->due_ms) continue;
        put(d, sockets, i);
        if (s->answered) s->left--;
        s->answered = false;
        s->due_ms = clock_mono_ms() + AGAIN_MS;
    }
    return open;
}

/* Until all is answered, or whoever should answer is gone, or patience is. */
static bool converse(Drive *d, const char *endpoint, bool tortured) {
    void *sockets[] = {party_dial(&d->police, d->zmq, endpoint),
                       party_dial(&d->education, d->zmq, endpoint)};
    int64_t until = clock_mono_ms() + PATIENCE_MS;
    bool open = true;
    while (open && clock_mono_ms() < until && !(tortured && process_gone(&d->process))) {
        open = put_due(d, sockets);
        zmq_pollitem_t items[] = {{.socket = sockets[0], .events = ZMQ_POLLIN},
                                  {.socket = sockets[1], .events = ZMQ_POLLIN},
                                  {.fd = d->process.pidfd, .events = ZMQ_POLLIN}};
        if (open) (void)zmq_poll(items, tortured ? 3 : 2, 50);
        for (size_t k = 0; k < COUNT_OF(sockets); k++) {
            for (Told t = told_take(d->answers, &d->police, sockets[k]); t.kind != STRUCT_none;
                 t = told_take(d->answers, &d->police, sockets[k])) {
                hear(d, &t, tortured);
            }
        }
    }
    (void)zmq_close(sockets[0]);
    (void)zmq_close(sockets[1]);
    return !open;
}

/* ---- one n ----------------------------------------------------------------------------------- */

/* What became of each in the end is what it deserved. */
static void judge(Drive *d, const char *when) {
    for (size_t i = 0; i < SUBMISSIONS; i++) {
        const Sending *s = &d->at[i];
        bool refused = kinds[i].reason != NULL;
        if (s->fate == FATE_none || refused == (s->fate == FATE_refused)) continue;
        wrong(&d->process, "%s: submission %zu is %s %s", when, i, refused ? "taken" : "refused",
              s->reason);
    }
}

/* All of it once more: also what was acknowledged, to hear the same. */
static void once_more(Drive *d) {
    for (size_t i = 0; i < SUBMISSIONS; i++) {
        Sending *s = &d->at[i];
        if (s->fate == FATE_refused) s->fate = FATE_none;
        s->left = 1;
        s->answered = true;
        s->due_ms = 0;
    }
}

static void one(Drive *d, long n) {
    Process *p = &d->process;
    char endpoint[ENDPOINT_MAX];
    size_t answered = 0;
    bool all = false;
    p->wrong[0] = '\0';
    prepare(d);
    process_start(p, n);
    bool serves = process_ready(p);
    if (serves) {
        endpoint_of("run/torture.endpoint", endpoint);
        all = converse(d, endpoint, true);
    }
    if (serves && !all && !process_gone(p)) wrong(p, "does not answer and does not end");
    int status = process_end(p);
    judge(d, "tortured");
    for (size_t i = 0; i < SUBMISSIONS; i++) answered += d->at[i].fate != FATE_none;
    once_more(d);
    if (!converse(d, d->healthy, false)) wrong(p, "not everything is taken afterwards");
    judge(d, "afterwards");
    arena_reset(d->answers);
    process_tell(p, n, status, answered);
    (void)fflush(d->acks);
}

static void open_all(Drive *d) {
    d->zmq = zmq_ctx_new();
    d->arena = arena_new(ARENA_MOST);
    d->answers = arena_new(ARENA_MOST);
    d->acks = fopen("run/torture.acks", "ae");
    NEEDED(d->zmq && d->arena && d->answers && d->acks);
    party_load(&d->police, "police");
    party_load(&d->education, "education");
    endpoint_of("run/intake.endpoint", d->healthy);
}

int main(int argc, char **argv) {
    static Drive d;
    char line[32];
    NEEDED(argc == 3);
    d.process = (Process){.program = argv[1], .settings = argv[2]};
    open_all(&d);
    while (fgets(line, sizeof(line), stdin)) one(&d, atol(line));
    (void)fclose(d.acks);
    return 0;
}
