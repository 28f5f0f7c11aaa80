/* See batch.h. Three batches take turns: `open` fills, `sent` is with the database, `done` is being
 * answered. */
#include "broker/intake/batch.h"

#include "broker/io/clock.h"
#include "broker/io/fault.h"
#include "broker/io/log.h"

enum {
    BATCH_MESSAGES = 256,
    BATCH_BYTES = 4 * 1024 * 1024,
    /* What is sealed, once more as parameters, and twice more when each is tried alone. */
    BATCH_ARENA = 5 * BATCH_BYTES,
    REPLY_ARENA = 2 * 1024 * 1024,
};

typedef struct Batch {
    Arena *arena;
    Submission at[BATCH_MESSAGES];
    int64_t came_us[BATCH_MESSAGES];
    Lane came_by[BATCH_MESSAGES];
    size_t count, messages;
    uint64_t number;
} Batch;

struct Writer {
    Intake *in;
    Store *store;
    Lane lane;
    Batch batches[3];
    Batch *open, *sent, *done;
    bool under_way;
    int64_t sent_us;
    Rows *rows;    /* of `done`, while it is being answered */
    Outcome *next; /* of submission `answered` */
    size_t answered;
    bool proven; /* the door has taken something since it last took offence at everything */
    Arena *reply;
};

int writer_new(Intake *in, Store *store, Lane lane, Writer **ret) {
    _cleanup_(writer_freep) Writer *w = calloc(1, sizeof(*w));
    if (!w) return ERR_MEMORY;
    w->in = in;
    w->lane = lane;
    w->reply = arena_new(REPLY_ARENA);
    w->open = &w->batches[0];
    w->sent = &w->batches[1];
    w->done = &w->batches[2];
    w->open->number = WRITERS_MAX + in->writer_count;
    for (size_t i = 0; i < COUNT_OF(w->batches); i++) {
        w->batches[i].arena = arena_new(BATCH_ARENA);
        if (!w->batches[i].arena) return ERR_MEMORY;
    }
    if (!w->reply) return ERR_MEMORY;
    w->store = store; /* last: on failure it stays the caller's */
    *ret = TAKE(w);
    return 0;
}

void writer_free(Writer *w) {
    if (!w) return;
    for (size_t i = 0; i < COUNT_OF(w->batches); i++) arena_free(w->batches[i].arena);
    rows_free(w->rows);
    arena_free(w->reply);
    store_close(w->store);
    free(w);
}

static void batch_clear(Batch *b) {
    b->count = b->messages = 0;
    arena_reset(b->arena);
}

Lane writer_lane(const Writer *w) {
    return w->lane;
}

int writer_fd(const Writer *w) {
    return store_fd(w->store);
}

bool writer_has_room(const Writer *w) {
    return w->open->messages + LIMIT_ENTRIES <= BATCH_MESSAGES &&
           arena_used(w->open->arena) + 2 * LIMIT_SUBMISSION <= BATCH_BYTES;
}

uint64_t writer_batch(const Writer *w) {
    return w->open->number;
}

Arena *writer_arena(Writer *w) {
    return w->open->arena;
}

size_t writer_messages(const Writer *w) {
    return w->open->messages;
}

void writer_join(Writer *w, const Submission *s, const Arrival *a) {
    Batch *b = w->open;
    b->came_us[b->count] = a->at_us;
    b->came_by[b->count] = a->lane;
    b->at[b->count++] = *s;
    b->messages += s->count;
}

bool writer_busy(const Writer *w) {
    return w->under_way || w->open->count > 0 || w->rows;
}

int64_t writer_under_way_ms(const Writer *w) {
    return w->under_way ? (clock_mono_us() - w->sent_us) / 1000 : 0;
}

/* ---- answers --------------------------------------------------------------------------------- */

static void tally(Intake *in, Sender *sender, const Outcome *o) {
    Tally *t = sender_tally(sender);
    metric_add_for(in->server.metrics, M_messages, o->outcome, 1);
    if (str_is(o->outcome, "accepted")) t->accepted++;
    if (str_is(o->outcome, "duplicate")) t->duplicate++;
    if (str_is(o->outcome, "quarantined")) t->quarantined++;
}

/* It is not waited for any more, and its sender may send as much again. */
static int64_t settle(const Writer *w, const Submission *s) {
    Allowance may = limits_of(w->in->limits, str_z(sender_agency(s->sender)));
    lanes_answered(w->in->lanes, s->sender, s->id, s->routing, s->count);
    return lanes_credit(w->in->lanes, s->sender, &may);
}

static void count_answer(const Writer *w, const Batch *b, size_t i) {
    w->in->answered += (int64_t)b->at[i].count;
    metric_seconds_for(w->in->server.metrics, M_answer_seconds, str_z(lane_word(b->came_by[i])),
                       (double)(clock_mono_us() - b->came_us[i]) / 1e6);
}

static int answer_one(Writer *w, const Batch *b, size_t i, const Outcome *outcomes) {
    const Submission *s = &b->at[i];
    for (size_t k = 0; k < s->count; k++) tally(w->in, s->sender, &outcomes[k]);
    count_answer(w, b, i);
    int r = reply_acknowledgement(&w->in->speaker, w->reply, s, outcomes, settle(w, s));
    arena_reset(w->reply);
    return r;
}

/* `done` has been committed: this is what became of it. */
static int answer_begin(Writer *w, Rows **rows) {
    int r = accept_outcomes(w->done->arena, *rows, w->done->at, w->done->count, &w->next);
    if (r < 0) return r;
    w->proven = true;
    w->rows = TAKE(*rows);
    w->answered = 0;
    return 0;
}

int writer_answer(Writer *w, int64_t until_us) {
    int r = 0;
    while (w->rows && r == 0 && clock_mono_us() < until_us) {
        r = answer_one(w, w->done, w->answered, w->next);
        w->next += w->done->at[w->answered].count;
        if (++w->answered < w->done->count) continue;
        rows_free(w->rows);
        w->rows = NULL;
        batch_clear(w->done);
    }
    return r < 0 ? r : w->rows != NULL;
}

/* ---- what the database does not take --------------------------------------------------------- */

static int batch_send(Writer *w, Batch *b, size_t from, size_t to, Reason fault) {
    return accept_send(w->store, b->arena, &b->at[from], to - from, fault);
}

/* The database took offence at what it was given, and has undone all of it. */
static bool fault_in_data(const Writer *w, int r) {
    return r > 0 || (r == ERR_STORE && store_fault_in_data(w->store));
}

/* One submission by itself: 0 when answered. */
static int try_alone(Writer *w, Batch *b, size_t i, Reason fault) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    Outcome *outcomes = NULL;
    int r = batch_send(w, b, i, i + 1, fault);
    if (r == 0) r = store_result(w->store, &rows);
    if (r == 0) r = accept_outcomes(b->arena, rows, &b->at[i], 1, &outcomes);
    if (r) return r;
    w->proven = true;
    return answer_one(w, b, i, outcomes);
}

/* As it is; then all of it as quarantine, for a person to look at; else it is refused. But a door
 * that takes nothing from anybody is itself at fault: nobody is answered, and all send again. */
static int isolate_one(Writer *w, Batch *b, size_t i) {
    const Submission *s = &b->at[i];
    int r = try_alone(w, b, i, REFUSE_none);
    if (fault_in_data(w, r)) r = try_alone(w, b, i, REFUSE_hub_failed);
    if (!fault_in_data(w, r)) return r;
    int64_t credit = settle(w, s);
    bool answered = w->proven;
    w->proven = false;
    log_event(LOG_error, "not_stored", "key=%.*s answered=%s", STR_ARG(s->origin_key),
              answered ? "hub_failed" : "nothing");
    if (!answered) return 0;
    count_answer(w, b, i);
    Turned t = {.routing = s->routing,
                .submission = &s->id,
                .reason = REFUSE_hub_failed,
                .path = "",
                .credit = credit};
    sender_tally(s->sender)->refused++;
    metric_add_for(w->in->server.metrics, M_refused, STR("hub_failed"), 1);
    r = reply_refusal(&w->in->speaker, w->reply, &t);
    arena_reset(w->reply);
    return r;
}

static int isolate(Writer *w, Batch *b) {
    int r = 0;
    log_event(LOG_warn, "batch_failed", "submissions=%zu", b->count);
    for (size_t i = 0; i < b->count && r == 0; i++) r = isolate_one(w, b, i);
    return r;
}

/* ---- the change of places -------------------------------------------------------------------- */

int writer_start(Writer *w) {
    if (w->under_way || w->open->count == 0) return 0;
    Batch *full = w->open;
    w->open = w->sent;
    w->open->number = full->number + WRITERS_MAX;
    w->sent = full;
    FAULT_POINT(accept_before_send);
    int r = batch_send(w, full, 0, full->count, REFUSE_none);
    FAULT_POINT(accept_after_send);
    w->under_way = r == 0;
    w->sent_us = clock_mono_us();
    return r;
}

/* The result is there: the next batch goes, then this one is answered, little by little. After a
 * fault the connection is needed for trying them one by one, and the next one waits. */
static int writer_turn(Writer *w) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    Str lane = str_z(lane_word(w->lane));
    int r = writer_answer(w, INT64_MAX); /* what is left of the one before */
    if (r < 0) return r;
    r = store_result(w->store, &rows);
    FAULT_POINT(accept_after_commit);
    if (FAULT_FAILS(accept_result_lost)) return ERR_STORE;
    metric_seconds_for(w->in->server.metrics, M_commit_seconds, lane,
                       (double)(clock_mono_us() - w->sent_us) / 1e6);
    metric_add_for(w->in->server.metrics, M_batches, lane, 1);
    Batch *done = w->sent;
    w->sent = w->done;
    w->done = done;
    w->under_way = false;
    if (r == 0) {
        r = answer_begin(w, &rows);
        return r < 0 ? r : writer_start(w);
    }
    if (fault_in_data(w, r)) r = isolate(w, done);
    batch_clear(done);
    return r;
}

int writer_finish(Writer *w) {
    int r = w->under_way ? writer_turn(w) : 0;
    return r < 0 ? r : writer_answer(w, INT64_MAX);
}

int writer_arrived(void *writer) {
    Writer *w = writer;
    bool ready = false;
    int r = store_ready(w->store, &ready); /* also how a lost connection is found while idle */
    return r < 0 || !ready || !w->under_way ? r : writer_turn(w);
}
