/* See client.h. Which submissions are under way, and how much more may go, is in window.h. */
#include "adapters/common/client.h"

#include "adapters/common/alarm.h"
#include "adapters/common/promise.h"
#include "adapters/common/unsent.h"
#include "adapters/common/window.h"
#include "broker/io/clock.h"
#include "broker/io/fault.h"
#include "broker/io/log.h"

enum {
    FLIGHT_ARENA = 4 * LIMIT_SUBMISSION,
    ANSWER_ARENA = 2 * 1024 * 1024,
    PAUSE_UNCONNECTED_MS = 200,
    PAUSE_LEAST_MS = 2000,
    PAUSE_MOST_MS = 30000,
    PAUSE_BUSY_MOST_MS = 5 * 60 * 1000, /* whatever intake asks: nothing waits for ever */
    CONTENT_MOST = LIMIT_SUBMISSION - LIMIT_HEAD,
};

static const char wrong_sentence[] =
    "The hub signed an acknowledgement that does not name what was sent. Nothing was marked as "
    "acknowledged; it is sent again. Tell the hub and your SIRO.";

static const char damaged_sentence[] =
    "A stored message cannot be read. Send it again from the system that it came from.";

/* About the moment or the set-up, not about the message: it stays queued and is sent again. */
static const Reason later[] = {REFUSE_hub_failed, REFUSE_key_revoked, REFUSE_key_unknown,
                               REFUSE_realm_mismatch, REFUSE_agency_mismatch};

struct Client {
    const Identity *self;
    Sender sender;
    Spool *spool;
    SendCall send;
    void *send_context;
    Unsent unsent;
    Window window;
    int64_t closed_ms; /* until then the wire or the spool takes nothing */
    int64_t pause_ms;  /* a new flight's first; grows while the hub puts off */
    Reason waits_for;  /* why the hub last put us off */
};

/* ---- opening --------------------------------------------------------------------------------- */

/* The alarm names the first, the folder all. */
static int damaged_tell(Client *c) {
    for (;;) {
        char id[ID_TEXT], sentence[200];
        Id message_id;
        bool found;
        int r = spool_damaged(c->spool, &found, &message_id);
        if (r < 0 || !found) return r;
        id_text(message_id, id);
        (void)snprintf(sentence, sizeof(sentence), "%s Message %s.", damaged_sentence, id);
        unsent_damaged(&c->unsent, message_id, damaged_sentence);
        alarm_raise(c->self->dir, "spool_damaged", sentence);
        r = spool_damaged_told(c->spool, message_id, clock_ms());
        if (r < 0) return r;
    }
}

int client_open(const Identity *self, Spool *spool, SendCall send, void *send_context,
                Client **ret) {
    _cleanup_(client_closep) Client *c = calloc(1, sizeof(*c));
    if (!c) return ERR_MEMORY;
    *c = (Client){.self = self,
                  .sender = {.realm = self->realm,
                             .agency = self->agency,
                             .origin_id = str_z(self->origin_id),
                             .origin = &self->origin},
                  .spool = spool,
                  .send = send,
                  .send_context = send_context,
                  .pause_ms = PAUSE_LEAST_MS};
    int r = unsent_open(self->dir, &c->unsent);
    if (r == 0) r = damaged_tell(c); /* what a crash left untold */
    if (r == 0) *ret = TAKE(c);
    return r;
}

void client_close(Client *c) {
    if (!c) return;
    for (size_t i = 0; i < FLIGHTS; i++) arena_free(c->window.flights[i].arena);
    free(c);
}

/* ---- sending --------------------------------------------------------------------------------- */

size_t client_under_way(const Client *c) {
    return window_under_way(&c->window);
}

/* How many are queued and in no flight. */
static size_t waiting(const Client *c) {
    size_t queued = spool_queued(c->spool), held = window_held(&c->window);
    return queued > held ? queued - held : 0;
}

static int flight_fill(Client *c, Flight *f, bool immediate, size_t most, size_t *ret_count) {
    SpoolEntry entries[LIMIT_ENTRIES];
    int64_t passed[CREDIT_MOST];
    SpoolAsk ask = {.immediate = immediate,
                    .most = most,
                    .most_bytes = CONTENT_MOST,
                    .passed = passed,
                    .passed_count = window_places(&c->window, passed)};
    int r = spool_next(c->spool, f->arena, &ask, entries, ret_count);
    if (r < 0) return r;
    for (size_t i = 0; i < *ret_count; i++) {
        const SpoolEntry *e = &entries[i];
        f->entries[i] = (SubmissionEntry){e->message_id, e->content, e->immediate, e->frame};
        f->places[i] = e->place;
    }
    return 0;
}

/* The next of this lane under one signature; nothing when nothing of it waits. */
static int flight_load(Client *c, Flight *f, bool immediate, size_t most) {
    size_t count = 0;
    if (!f->arena) f->arena = arena_new(FLIGHT_ARENA);
    if (!f->arena) return ERR_MEMORY;
    int r = flight_fill(c, f, immediate, most, &count);
    if (r == 0) r = damaged_tell(c);
    if (r == 0 && count) {
        r = submission_make(f->arena, &c->sender, clock_ms(), f->entries, count, &f->submission);
    }
    f->immediate = immediate;
    f->pause_ms = c->pause_ms;
    if (r < 0 || !count) flight_clear(f);
    return r;
}

/* Up to half as long again: spreads out adapters that lost the hub together. Without randomness
 * there is merely no spread. */
static int64_t with_jitter(int64_t pause_ms) {
    uint32_t n = 0;
    if (random_bytes(&n, sizeof(n)) < 0) return pause_ms;
    return pause_ms + (int64_t)(n % (uint32_t)(pause_ms / 2 + 1));
}

/* 1 when the wire takes nothing now. */
static int flight_send(Client *c, Flight *f, int64_t now_ms) {
    FAULT_POINT(client_before_send);
    int r = c->send(c->send_context, f->submission.parts, f->submission.part_count);
    FAULT_POINT(client_after_send);
    if (r != 0) {
        c->closed_ms = now_ms + PAUSE_UNCONNECTED_MS;
        return r;
    }
    f->busy = false;
    f->due_ms = now_ms + with_jitter(f->pause_ms);
    f->pause_ms = 2 * f->pause_ms < PAUSE_MOST_MS ? 2 * f->pause_ms : PAUSE_MOST_MS;
    return 0;
}

static int lane_resend(Client *c, bool immediate, int64_t now_ms) {
    int r = 0;
    for (size_t i = 0; r == 0 && i < FLIGHTS; i++) {
        Flight *f = &c->window.flights[i];
        if (!flight_is_held(f) || f->immediate != immediate || now_ms < f->due_ms) continue;
        if (f->over) {
            flight_clear(f);
        } else {
            r = flight_send(c, f, now_ms);
        }
    }
    return r;
}

static int lane_start(Client *c, bool immediate, int64_t now_ms) {
    Flight *f = NULL;
    for (size_t room; (room = window_room(&c->window, immediate, waiting(c), now_ms, &f)) > 0;) {
        int r = flight_load(c, f, immediate, room);
        if (r < 0) {
            log_event(LOG_error, "submission_waits", "why=\"%s\"", err_name(r));
            c->closed_ms = now_ms + PAUSE_LEAST_MS;
            return 1;
        }
        if (!flight_is_held(f)) return 0;
        flight_gathers(f, room, waiting(c), now_ms);
        r = flight_send(c, f, now_ms);
        if (r != 0) return r;
    }
    return 0;
}

int client_pump(Client *c, int64_t now_mono_ms) {
    if (now_mono_ms < c->closed_ms) return 0;
    int r = lane_resend(c, true, now_mono_ms);
    if (r == 0) r = lane_start(c, true, now_mono_ms);
    if (r == 0) r = lane_resend(c, false, now_mono_ms);
    if (r == 0) r = lane_start(c, false, now_mono_ms);
    return r < 0 ? r : 0;
}

/* ---- answers --------------------------------------------------------------------------------- */

static void credit_hear(Client *c, const Value *head, uint32_t key) {
    window_credit(&c->window, value_get(head, key) != NULL, value_number(head, key));
}

static void flight_answered(Client *c, Flight *f) {
    flight_clear(f);
    c->waits_for = REFUSE_none;
    c->pause_ms = PAUSE_LEAST_MS;
}

static void flight_acknowledged(Client *c, Flight *f, const Value *head) {
    SpoolAnswer answers[LIMIT_ENTRIES];
    size_t count = f->submission.count;
    if (!promises_read(c->self, &f->submission, f->entries, head, answers)) {
        alarm_raise(c->self->dir, "acknowledgement_wrong", wrong_sentence);
        return;
    }
    credit_hear(c, head, F_acknowledgement_credit);
    FAULT_POINT(ack_before_store);
    int r = spool_acknowledge(c->spool, answers, count, clock_ms());
    FAULT_POINT(ack_after_store);
    if (r < 0) return; /* logged by the spool; the submission is sent and answered again */
    for (size_t i = 0; i < count; i++) {
        Id id = answers[i].message_id;
        if (answers[i].quarantined) {
            unsent_put(&c->unsent, id, "quarantined", answers[i].reason);
        } else {
            unsent_forget(&c->unsent, id);
        }
    }
    log_event(LOG_info, "acknowledged", "messages=%zu", count);
    flight_answered(c, f);
}

static int flight_alone(Client *c, const Flight *f) {
    Id ids[LIMIT_ENTRIES];
    for (size_t i = 0; i < f->submission.count; i++) ids[i] = f->entries[i].message_id;
    return spool_alone(c->spool, ids, f->submission.count);
}

static bool is_later(Reason reason) {
    for (size_t i = 0; i < COUNT_OF(later); i++) {
        if (later[i] == reason) return true;
    }
    return false;
}

static void put_off_log(Client *c, const Flight *f, Reason reason) {
    if (reason != c->waits_for) {
        log_event(LOG_warn, "submission_put_off", "messages=%zu reason=%s", f->submission.count,
                  reason_name((int)reason));
    }
    c->waits_for = reason;
}

/* Goes again after the pause that sending set. The hub may fail at one message only, so that what
 * it failed at does not use up the credit meanwhile, and then goes behind the others. */
static void flight_put_off(Client *c, Flight *f, Reason reason) {
    put_off_log(c, f, reason);
    c->pause_ms = f->pause_ms;
    f->gathers_ms = 0; /* the answer that others waited for is there */
    if (reason != REFUSE_hub_failed) return;
    f->over = flight_alone(c, f) == 0; /* a failing spool is logged there; the same is sent again */
}

static void flight_busy(Client *c, Flight *f, int64_t retry_ms, int64_t now_ms) {
    put_off_log(c, f, REFUSE_busy);
    if (retry_ms <= 0) retry_ms = PAUSE_LEAST_MS;
    if (retry_ms > PAUSE_BUSY_MOST_MS) retry_ms = PAUSE_BUSY_MOST_MS;
    f->busy = true;
    f->gathers_ms = 0;
    f->pause_ms = PAUSE_LEAST_MS; /* it lives, and answers */
    f->due_ms = now_ms + with_jitter(retry_ms);
}

static void flight_refused(Client *c, Flight *f, const Value *head, int64_t now_ms) {
    Str reason = value_text(head, F_refusal_reason);
    Reason known = reason_by_name(reason);
    size_t count = f->submission.count;
    credit_hear(c, head, F_refusal_credit);
    if (known == REFUSE_busy) {
        flight_busy(c, f, value_number(head, F_refusal_retry_ms), now_ms);
        return;
    }
    if (is_later(known)) {
        flight_put_off(c, f, known);
        return;
    }
    Id id = f->entries[0].message_id;
    int r = count > 1 ? flight_alone(c, f) : spool_refuse(c->spool, id, reason);
    if (r < 0) return; /* logged by the spool; sent and refused again */
    if (count == 1) unsent_put(&c->unsent, id, "refused", reason);
    log_event(LOG_warn, "submission_refused", "messages=%zu", count);
    flight_answered(c, f);
}

int client_take(Client *c, Bytes head, Bytes signature, int64_t now_mono_ms) {
    _cleanup_(arena_freep) Arena *a = arena_new(ANSWER_ARENA);
    StructKind kind = STRUCT_none;
    const Value *value = NULL;
    Fault fault;
    if (!a) return ERR_MEMORY;
    int r = head_decode(a, head, &kind, &value, &fault);
    if (r < 0) return r;
    if (r > 0 || !answer_trusted(c->self, a, kind, value, head, signature)) {
        log_event(LOG_warn, "answer_not_trusted", "reason=%s",
                  r > 0 ? reason_name(r) : "signature_or_realm");
        return 0;
    }
    bool ack = kind == STRUCT_acknowledgement;
    uint32_t key = ack ? F_acknowledgement_submission_id : F_refusal_submission_id;
    Id id;
    Flight *f = value_id(value, key, &id) ? window_find(&c->window, id) : NULL;
    if (!f) return 0; /* it came twice, or is about what could not be read */
    if (ack) {
        flight_acknowledged(c, f, value);
    } else {
        flight_refused(c, f, value, now_mono_ms);
    }
    return 0;
}
