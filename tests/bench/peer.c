/* See peer.h. */
#include "tests/bench/peer.h"

#include "broker/io/clock.h"
#include "broker/io/wire.h"
#include "schemas/envelope.h"
#include "tests/bench/referral.h"

#include <stdarg.h>

enum { SCRATCH = 8 * 1024 * 1024, FULL_QUEUE_NS = 1000000 };

/* ---- opening -------------------------------------------------------------------------------- */

static Key key_of(const char *kind, const char *format, ...) _printf_(2, 3);
static Key key_of(const char *kind, const char *format, ...) {
    char path[512];
    Key key;
    va_list args;
    va_start(args, format);
    (void)vsnprintf(path, sizeof(path), format, args);
    va_end(args);
    if (keyfile_load(path, kind, &key) != 0) die("no key in %s", path);
    return key;
}

static const char *endpoint_of(const char *hub, const char *file, char out[ENDPOINT_MAX]) {
    char path[512];
    (void)snprintf(path, sizeof(path), "%s/%s", hub, file);
    _cleanup_(file_closep) FILE *f = fopen(path, "re");
    if (!f || !fgets(out, ENDPOINT_MAX, f)) die("no endpoint in %s", path);
    out[strcspn(out, " \n")] = '\0';
    return out;
}

static void realm_of(const char *hub, Peer *p) {
    char path[512];
    (void)snprintf(path, sizeof(path), "%s/realm", hub);
    _cleanup_(file_closep) FILE *f = fopen(path, "re");
    if (!f || !fgets(p->realm, sizeof(p->realm), f)) die("no realm in %s", path);
    p->realm[strcspn(p->realm, "\n")] = '\0';
}

static void messages_make(Peer *p, uint64_t first_number) {
    p->messages = must_alloc(p->count * sizeof(*p->messages));
    for (size_t i = 0; i < p->count; i++) {
        p->messages[i].frame = referral_frame(p->scratch, first_number + i);
        if (id_v7(clock_ms(), &p->messages[i].id) != 0) die("no message id");
    }
}

void peer_open(Peer *p, const Plan *plan, void *zmq, const char *hub, const char *endpoint_file,
               const char *agency, size_t messages, uint64_t first_number) {
    char endpoint[ENDPOINT_MAX];
    Key public;
    *p = (Peer){.plan = plan, .made = messages, .credit = -1, .scratch = arena_new(SCRATCH)};
    p->count = messages;
    if (!p->scratch) die("no memory");
    (void)snprintf(p->agency, sizeof(p->agency), "%s", agency);
    realm_of(hub, p);
    Key transport = key_of("curve-secret", "%s/keys/%s/transport.curve-secret", hub, agency);
    Key server = key_of("curve-public", "%s/keys/public/intake.curve-public", hub);
    p->origin = key_of("ed25519-secret", "%s/keys/%s/origin.ed25519-secret", hub, agency);
    p->ack_public = key_of("ed25519-public", "%s/keys/public/ack.ed25519-public", hub);
    if (ed25519_public(&p->origin, &public) != 0 || key_id(&public, p->origin_id) != 0 ||
        wire_dial(zmq, endpoint_of(hub, endpoint_file, endpoint), &transport, &server,
                  &p->socket) != 0) {
        die("%s cannot dial", agency);
    }
    messages_make(p, first_number);
    if (plan->keep) p->kept = must_alloc(messages * sizeof(Flight *));
}

void peer_close(Peer *p) {
    (void)zmq_close(p->socket);
    for (size_t i = 0; i < p->made; i++) free((void *)(uintptr_t)p->messages[i].frame.at);
    for (size_t i = 0; i < p->open_count && !p->kept; i++) free(p->open[i]);
    for (size_t i = 0; i < p->kept_count; i++) free(p->kept[i]);
    free(p->kept);
    free(p->messages);
    arena_free(p->scratch);
}

/* ---- sending -------------------------------------------------------------------------------- */

static Flight *flight_make(Peer *p, size_t count) {
    SubmissionEntry entries[LIMIT_ENTRIES];
    Submission made;
    int64_t began = thread_cpu_ns();
    Sender by = {.realm = str_z(p->realm),
                 .agency = str_z(p->agency),
                 .origin_id = str_z(p->origin_id),
                 .origin = &p->origin};
    for (size_t i = 0; i < count; i++) {
        const Message *m = &p->messages[p->next + i];
        entries[i] = (SubmissionEntry){.message_id = m->id,
                                       .content = STR("referral"),
                                       .immediate = p->plan->immediate,
                                       .frame = m->frame};
    }
    if (submission_make(p->scratch, &by, clock_ms(), entries, count, &made) != 0) {
        die("a submission cannot be made");
    }
    Flight *f = must_alloc(sizeof(*f) + made.parts[0].len);
    *f = (Flight){.id = made.submission_id, .first = p->next, .count = count};
    memcpy(f->signature.at, made.parts[1].at, sizeof(f->signature.at));
    memcpy(f + 1, made.parts[0].at, made.parts[0].len);
    f->head = bytes_of(f + 1, made.parts[0].len);
    arena_reset(p->scratch);
    p->library_ns += thread_cpu_ns() - began;
    return f;
}

static void flight_put(Peer *p, Flight *f, int64_t now) {
    Bytes parts[LIMIT_ENTRIES + 2] = {f->head, BYTES_OF(f->signature.at)};
    for (size_t i = 0; i < f->count; i++) parts[i + 2] = p->messages[f->first + i].frame;
    int r = wire_put(p->socket, (Bytes){0}, parts, f->count + 2);
    if (r < 0) die("%s cannot send", p->agency);
    f->again_at = now + (r == 0 ? p->plan->again_ns : FULL_QUEUE_NS);
}

static void flight_open(Peer *p, Flight *f, int64_t now) {
    if (p->open_count == OPEN_MOST) die("%s: too many submissions are unanswered", p->agency);
    f->answered = false;
    p->open[p->open_count++] = f;
    p->unanswered += f->count;
    p->submissions++;
    for (size_t i = 0; i < f->count; i++) {
        Message *m = &p->messages[f->first + i];
        if (p->plan->rate <= 0 || p->once_more) m->due = now;
    }
    flight_put(p, f, now);
}

/* How many messages may be unanswered; whom nothing was said has one submission under way, and one
 * of immediate danger may always be. */
static size_t allowance(const Peer *p) {
    size_t window = p->plan->window;
    if (p->plan->heedless) return window;
    if (p->open_count == 0 && (p->credit < 0 || p->plan->immediate)) return p->plan->per;
    if (p->credit < 0) return 0;
    return (size_t)p->credit < window ? (size_t)p->credit : window;
}

/* How many that have not left are due, up to a full submission. */
static size_t count_due(const Peer *p, int64_t now) {
    size_t n = 0;
    while (n < p->plan->per && p->next + n < p->count &&
           (p->plan->rate <= 0 || p->messages[p->next + n].due <= now)) {
        n++;
    }
    return n;
}

static bool part_under_way(const Peer *p) {
    for (size_t i = 0; i < p->open_count; i++) {
        if (p->open[i]->count < p->plan->per) return true;
    }
    return false;
}

/* How many may leave together now. A full submission, or all that is due; less than that only
 * while nothing is under way. What fills no submission waits while another such is under way. */
static size_t count_leaving(const Peer *p, int64_t now) {
    size_t may = allowance(p), due = count_due(p, now);
    size_t room = may > p->unanswered ? may - p->unanswered : 0;
    if (p->open_count >= p->plan->flight) return 0;
    if (due < p->plan->per && !p->plan->immediate && part_under_way(p)) return 0;
    if (due <= room) return due;
    return p->open_count ? 0 : room;
}

static bool send_next(Peer *p, int64_t now) {
    if (p->once_more) {
        bool room = p->kept_next < p->kept_count &&
                    p->unanswered + p->kept[p->kept_next]->count <= allowance(p);
        if (room) flight_open(p, p->kept[p->kept_next++], now);
        return room;
    }
    size_t count = count_leaving(p, now);
    if (!count) return false;
    Flight *f = flight_make(p, count);
    p->next += count;
    flight_open(p, f, now);
    if (p->kept) p->kept[p->kept_count++] = f;
    return true;
}

int64_t peer_pump(Peer *p, int64_t now) {
    int64_t next = INT64_MAX;
    while (send_next(p, now)) {
    }
    for (size_t i = 0; i < p->open_count; i++) {
        Flight *f = p->open[i];
        if (f->again_at <= now) {
            flight_put(p, f, now);
            p->again++;
        }
        if (f->again_at < next) next = f->again_at;
    }
    if (p->plan->rate <= 0 || p->next == p->count) return next;
    int64_t due = p->messages[p->next].due;
    return due > now && due < next ? due : next; /* what is due already waits for an answer */
}

/* ---- answers -------------------------------------------------------------------------------- */

static size_t open_find(const Peer *p, const Value *head, uint32_t key) {
    Id id;
    if (!value_id(head, key, &id)) return OPEN_MOST;
    for (size_t i = 0; i < p->open_count; i++) {
        if (id_eq(id, p->open[i]->id)) return i;
    }
    return OPEN_MOST;
}

static void flight_answered(Peer *p, size_t at) {
    Flight *f = p->open[at];
    p->open[at] = p->open[--p->open_count];
    p->unanswered -= f->count;
    p->answered += f->count;
    f->answered = true;
    if (!p->kept) free(f);
}

static Fate fate_of(Str outcome) {
    if (str_is(outcome, "accepted")) return FATE_accepted;
    return str_is(outcome, "duplicate") ? FATE_duplicate : FATE_quarantined;
}

static void take_acknowledgement(Peer *p, const Value *head, int64_t now) {
    size_t at = open_find(p, head, F_acknowledgement_submission_id);
    if (at == OPEN_MOST) return; /* answered before: it was sent twice */
    const Flight *f = p->open[at];
    if (value_count(head, F_acknowledgement_entry) != f->count) die("an answer of another length");
    for (size_t i = 0; i < f->count; i++) {
        const Value *entry = value_item(head, F_acknowledgement_entry, i);
        Message *m = &p->messages[f->first + i];
        Id id;
        if (!value_id(entry, F_ack_entry_message_id, &id) || !id_eq(id, m->id)) {
            die("an answer about another message");
        }
        m->acked = now;
        m->leaf_index = value_number(entry, F_ack_entry_leaf_index);
        m->fate = fate_of(value_text(entry, F_ack_entry_outcome));
    }
    flight_answered(p, at);
}

static void take_refusal(Peer *p, const Value *head, int64_t now) {
    Str reason = value_text(head, F_refusal_reason);
    size_t at = open_find(p, head, F_refusal_submission_id);
    if (str_is(reason, "busy")) {
        p->busy++;
        if (at < OPEN_MOST) {
            p->open[at]->again_at = now + value_number(head, F_refusal_retry_ms) * 1000000;
        }
        return;
    }
    (void)snprintf(p->refusal, sizeof(p->refusal), "%.*s", STR_ARG(reason));
    p->refused++;
    if (at == OPEN_MOST) return;
    for (size_t i = 0; i < p->open[at]->count; i++) {
        p->messages[p->open[at]->first + i].fate = FATE_refused;
    }
    flight_answered(p, at);
}

static void take_answer(Peer *p, const Frames *f, int64_t now) {
    StructKind kind = STRUCT_none;
    const Value *head;
    Fault fault;
    if (head_decode(p->scratch, frame(f, 0), &kind, &head, &fault) != 0 ||
        (kind != STRUCT_acknowledgement && kind != STRUCT_refusal) ||
        !head_verify(p->scratch, &p->ack_public, kind, frame(f, 0), frame(f, 1))) {
        p->distrusted++;
        return;
    }
    bool ack = kind == STRUCT_acknowledgement;
    uint32_t credit = ack ? (uint32_t)F_acknowledgement_credit : (uint32_t)F_refusal_credit;
    p->credit = value_get(head, credit) ? value_number(head, credit) : -1;
    if (p->credit == 0) p->credit = 1; /* or nothing would ever bring more */
    if (ack) {
        take_acknowledgement(p, head, now);
    } else {
        take_refusal(p, head, now);
    }
}

void peer_take(Peer *p) {
    Frames f;
    int r;
    while ((r = wire_take(p->socket, false, &f)) == 0) {
        int64_t began = thread_cpu_ns();
        take_answer(p, &f, mono_ns());
        arena_reset(p->scratch);
        p->library_ns += thread_cpu_ns() - began;
        frames_clear(&f);
    }
    if (r != 1) die("%s cannot receive", p->agency);
}

bool peer_done(const Peer *p) {
    bool all = p->once_more ? p->kept_next == p->kept_count : p->next == p->count;
    return all && p->open_count == 0;
}

void peer_stop(Peer *p) {
    p->count = p->next;
}

void peer_once_more(Peer *p) {
    p->once_more = true;
    p->submissions = p->answered = p->busy = p->again = 0;
    p->library_ns = 0;
}
