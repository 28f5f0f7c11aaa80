/* See batch.h. Two batches change places: `open` fills, `sent` is with the database. */
#include "broker/intake/batch.h"

#include "broker/intake/accept.h"
#include "broker/io/log.h"

enum {
    BATCH_MESSAGES = 256,
    BATCH_BYTES = 8 * 1024 * 1024,
    /* What is sealed, once more as parameters, and twice more when each is tried alone. */
    BATCH_ARENA = 5 * BATCH_BYTES,
    REPLY_ARENA = 2 * 1024 * 1024,
};

typedef struct Batch {
    Arena *arena;
    Submission at[BATCH_MESSAGES];
    size_t count, messages;
} Batch;

struct Writer {
    Store *store;
    const Speaker *speaker;
    Batch batches[2];
    Batch *open, *sent;
    bool under_way;
    bool proven; /* the door has taken something since it last took offence at everything */
    Arena *reply;
    Counts counts;
};

int writer_new(Store *store, const Speaker *speaker, Writer **ret) {
    _cleanup_(writer_freep) Writer *w = calloc(1, sizeof(*w));
    if (!w) return ERR_MEMORY;
    *w = (Writer){.store = store,
                  .speaker = speaker,
                  .open = &w->batches[0],
                  .sent = &w->batches[1],
                  .reply = arena_new(REPLY_ARENA)};
    for (size_t i = 0; i < 2; i++) w->batches[i].arena = arena_new(BATCH_ARENA);
    if (!w->reply || !w->open->arena || !w->sent->arena) return ERR_MEMORY;
    *ret = TAKE(w);
    return 0;
}

void writer_free(Writer *w) {
    if (!w) return;
    for (size_t i = 0; i < 2; i++) arena_free(w->batches[i].arena);
    arena_free(w->reply);
    free(w);
}

bool writer_has_room(const Writer *w) {
    return w->open->messages + LIMIT_ENTRIES <= BATCH_MESSAGES &&
           arena_used(w->open->arena) + 2 * LIMIT_SUBMISSION <= BATCH_BYTES;
}

Arena *writer_arena(Writer *w) {
    return w->open->arena;
}

void writer_join(Writer *w, const Submission *s) {
    w->open->at[w->open->count++] = *s;
    w->open->messages += s->count;
}

bool writer_busy(const Writer *w) {
    return w->under_way || w->open->count > 0;
}

Counts *writer_counts(Writer *w) {
    return &w->counts;
}

static void batch_clear(Batch *b) {
    b->count = b->messages = 0;
    arena_reset(b->arena);
}

static int batch_send(Writer *w, size_t from, size_t to, Reason fault) {
    Batch *b = w->sent;
    return accept_send(w->store, b->arena, &b->at[from], to - from, fault);
}

/* ---- answers --------------------------------------------------------------------------------- */

static void count_outcomes(Writer *w, const Outcome *at, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (str_is(at[i].outcome, "accepted")) w->counts.accepted++;
        if (str_is(at[i].outcome, "duplicate")) w->counts.duplicate++;
        if (str_is(at[i].outcome, "quarantined")) w->counts.quarantined++;
    }
}

static int answer(Writer *w, const Rows *rows, size_t from, size_t to) {
    Outcome *next = NULL;
    int r = accept_outcomes(w->sent->arena, rows, &w->sent->at[from], to - from, &next);
    if (r < 0) return r;
    w->proven = true;
    for (size_t i = from; i < to; i++) {
        const Submission *s = &w->sent->at[i];
        count_outcomes(w, next, s->count);
        r = reply_acknowledgement(w->speaker, w->reply, s, next);
        arena_reset(w->reply);
        if (r < 0) return r;
        next += s->count;
    }
    return 0;
}

/* The database took offence at what it was given, and has undone all of it. */
static bool fault_in_data(const Writer *w, int r) {
    return r > 0 || (r == ERR_STORE && store_fault_in_data(w->store));
}

/* One submission by itself: 0 when answered. */
static int try_alone(Writer *w, size_t i, Reason fault) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    int r = batch_send(w, i, i + 1, fault);
    if (r == 0) r = store_result(w->store, &rows);
    return r ? r : answer(w, rows, i, i + 1);
}

/* As it is; then all of it as quarantine, for a person to look at; else it is refused. But a door
 * that takes nothing from anybody is itself at fault: nobody is answered, and all send again. */
static int isolate_one(Writer *w, size_t i) {
    const Submission *s = &w->sent->at[i];
    int r = try_alone(w, i, REFUSE_none);
    if (fault_in_data(w, r)) r = try_alone(w, i, REFUSE_hub_failed);
    if (!fault_in_data(w, r)) return r;
    bool answered = w->proven;
    w->proven = false;
    log_event(LOG_error, "not_stored", "key=%.*s answered=%s", STR_ARG(s->origin_key),
              answered ? "hub_failed" : "nothing");
    if (!answered) return 0;
    w->counts.refused++;
    r = reply_refusal(w->speaker, w->reply, s->routing, &s->id, REFUSE_hub_failed, "");
    arena_reset(w->reply);
    return r;
}

static int isolate(Writer *w) {
    int r = 0;
    log_event(LOG_warn, "batch_failed", "submissions=%zu", w->sent->count);
    for (size_t i = 0; i < w->sent->count && r == 0; i++) r = isolate_one(w, i);
    return r;
}

/* ---- the change of places -------------------------------------------------------------------- */

int writer_start(Writer *w) {
    if (w->under_way || w->open->count == 0) return 0;
    Batch *full = w->open;
    w->open = w->sent;
    w->sent = full;
    int r = batch_send(w, 0, full->count, REFUSE_none);
    w->under_way = r == 0;
    return r;
}

int writer_finish(Writer *w) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    if (!w->under_way) return 0;
    int r = store_result(w->store, &rows);
    bool fault = fault_in_data(w, r);
    if (r == 0) r = answer(w, rows, 0, w->sent->count);
    if (fault) r = isolate(w);
    w->under_way = false;
    w->counts.batches++;
    batch_clear(w->sent);
    return r;
}

int writer_arrived(Writer *w) {
    bool ready = false;
    int r = store_ready(w->store, &ready); /* also how a lost connection is found while idle */
    return r < 0 || !ready ? r : writer_finish(w);
}
