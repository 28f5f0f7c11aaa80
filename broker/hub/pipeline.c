/* Rounds of batches; see pipeline.h. What cannot be worked on is set aside for a person, so that no
 * message stops the others. A batch of which one message goes wrong in a way that nobody foresaw is
 * undone, and its messages are taken alone: the others pass, the one is set aside. A message over
 * which the program itself ends is found the same way: after every start the first messages are
 * taken alone, and what is in hand alone is written down (ending.h). An outage is no message's
 * fault: whatever ends the hub so leaves nothing behind. */
#include "broker/hub/pipeline.h"

#include "broker/hub/ending.h"
#include "broker/hub/word.h"
#include "broker/io/clock.h"
#include "broker/io/log.h"

#include <openssl/crypto.h>

enum {
    BATCH_MOST = 64,
    BATCH_LEAST = 16, /* smaller ones would only make a slow machine slower */
    IMMEDIATE_MOST = 16,
    BATCH_BYTES = 4 * 1024 * 1024,
    MEMORY = 256 * 1024 * 1024,
    ROUND_LONG_US = 100000, /* staff wait no longer: the next batch is half as large */
    ROUND_SHORT_US = 40000,
};

/* What door.hub_next answers. */
enum {
    COL_agency,
    COL_message,
    COL_content,
    COL_lane,
    COL_commitment,
    COL_sealed,
    COL_blame,
    COL_urgent,
};

static const char next_sql[] = "SELECT agency, message_id, content, lane, commitment, sealed, "
                               "blame, urgent FROM door.hub_next($1)";

struct Pipeline {
    Arena *arena; /* of one round */
    size_t most;  /* messages in a batch, by how long the last took */
    size_t alone; /* so many messages are taken one at a time */
};

typedef struct Round {
    Hub *hub;
    Arena *a;
    Work works[BATCH_MOST];
    Work *ready[BATCH_MOST]; /* those that the door may take */
    size_t found; /* of them, so many were prepared: */
    size_t count, ready_count;
    int64_t now_ms;
} Round;

int pipeline_new(Pipeline **ret) {
    _cleanup_(pipeline_freep) Pipeline *p = calloc(1, sizeof(*p));
    if (!p) return ERR_MEMORY;
    p->arena = arena_new(MEMORY);
    if (!p->arena) return ERR_MEMORY;
    p->most = BATCH_MOST;
    p->alone = BATCH_MOST;
    *ret = TAKE(p);
    return 0;
}

void pipeline_free(Pipeline *p) {
    if (!p) return;
    arena_free(p->arena);
    free(p);
}

/* ---- one message's end ----------------------------------------------------------------------- */

static void work_log(const Round *r, const Work *w) {
    char message[ID_TEXT], enquiry[ID_TEXT];
    id_text(w->id, message);
    id_text(w->enquiry, enquiry);
    long long ms = (long long)(clock_ms() - r->now_ms);
    if (w->reason == 0) {
        log_event(LOG_info, "processed",
                  "agency=%.*s message=%s treatment=%.*s enquiry=%s drafts=%zu ms=%lld",
                  STR_ARG(w->agency), message, STR_ARG(w->treatment), enquiry, w->draft_count, ms);
    } else {
        log_event(LOG_warn, "set_aside", "agency=%.*s message=%s reason=%s path=%s ms=%lld",
                  STR_ARG(w->agency), message, reason_name(w->reason), w->fault.path, ms);
    }
}

static int work_set_aside(const Round *r, const Work *w) {
    Id quarantine;
    int e = id_v7(r->now_ms, &quarantine);
    if (e < 0) return e;
    return STORE_CALL(r->hub->store, NULL, "SELECT door.hub_set_aside($1, $2, $3, $4, $5)",
                      p_text(w->agency), p_id(w->id), p_id(quarantine),
                      p_z(reason_name(w->reason)), p_z(w->fault.path));
}

/* ---- what the hub ended over ----------------------------------------------------------------- */

int pipeline_blame(Hub *h) {
    char agency[AGENCY_MAX], text[ID_TEXT];
    Id message = {0};
    int64_t blame = ending_last(h->ending, agency, &message);
    if (blame == 0) return 0;
    id_text(message, text);
    log_event(LOG_warn, "ended_over", "agency=%s message=%s blame=%lld", agency, text,
              (long long)blame);
    int e = STORE_CALL(h->store, NULL, "SELECT door.hub_blame($1, $2, $3)", p_z(agency),
                       p_id(message), p_number(blame));
    if (e == 0) ending_nothing(h->ending);
    return e > 0 ? ERR_BROKEN : e;
}

/* The round failed, and this hub ends. Called before anything else is asked of the database. */
static void hand_end(const Hub *h, int e) {
    StoreBlame blame = STORE_outage;
    if (e == ERR_STORE) blame = store_blame(h->store);
    if (e == ERR_BROKEN) blame = STORE_data;
    if (e == ERR_CRYPTO) blame = STORE_unclear;
    switch (blame) {
    case STORE_outage: ending_nothing(h->ending); return;
    case STORE_data: ending_crashed(h->ending); return;
    case STORE_unclear: return; /* as if it had been killed */
    }
}

/* ---- a round --------------------------------------------------------------------------------- */

/* How many the work list may give: one while messages are taken alone. */
static int round_claim(const Pipeline *p, Hub *h, Rows **ret) {
    int r = store_begin(h->store);
    if (r == 0) {
        r = STORE_CALL(h->store, ret, next_sql, p_number(p->alone ? 1 : (int64_t)p->most));
    }
    return r > 0 ? ERR_BROKEN : r;
}

static bool batched(Str content) {
    StructKind kind = content_kind(content);
    return kind == STRUCT_referral || kind == STRUCT_answer;
}

/* How many of those that were found go together: immediate danger in small batches of its own, one
 * over which a hub ended before alone, a word alone, whose locks do not stand behind those of
 * referrals, and not more content than BATCH_BYTES. The others are still
 * on the work list when the round ends. */
static size_t round_together(const Rows *rows) {
    size_t count = rows_count(rows), bytes = 0;
    bool urgent = count && row_yes(rows, 0, COL_urgent);
    bool blamed = false, word = false;
    if (urgent && count > IMMEDIATE_MOST) count = IMMEDIATE_MOST;
    for (size_t i = 0; i < count; i++) {
        blamed = blamed || row_number(rows, i, COL_blame) > 0;
        bytes += row_bytes(rows, i, COL_sealed).len;
        word = word || !batched(row_text(rows, i, COL_content));
        bool apart =
            blamed || word || bytes > BATCH_BYTES || row_yes(rows, i, COL_urgent) != urgent;
        if (i > 0 && apart) return i;
    }
    return count;
}

/* Locks are for so many keys: what would be too much waits for the next round. ERR_MEMORY when all
 * of it together is too large. */
static int round_prepare(Round *r, const Rows *rows) {
    size_t keys = 0;
    for (size_t i = 0; i < r->found; i++) {
        Work *w = &r->works[i];
        *w = (Work){.agency = row_text(rows, i, COL_agency),
                    .id = row_id(rows, i, COL_message),
                    .content = row_text(rows, i, COL_content),
                    .lane = row_text(rows, i, COL_lane),
                    .commitment = row_bytes(rows, i, COL_commitment),
                    .sealed = row_bytes(rows, i, COL_sealed),
                    .blame = row_number(rows, i, COL_blame)};
        int e = work_prepare(r->hub, r->a, w, r->now_ms);
        r->count++;
        if (e < 0) return e;
        keys += w->reason ? 0 : w->key_count;
        if (keys > WORK_KEYS_MOST && r->count > 1) {
            OPENSSL_cleanse(&w->key, sizeof(w->key));
            r->count--;
            return 0;
        }
    }
    return 0;
}

/* All of it, but for the commit. Positive: none of it may be. */
static int round_take(Round *r) {
    int e = 0;
    for (size_t i = 0; i < r->count; i++) {
        Work *w = &r->works[i];
        if (!w->reason && !work_is_word(w)) r->ready[r->ready_count++] = w;
    }
    if (r->ready_count) e = take(r->hub, r->a, r->ready, r->ready_count, r->now_ms);
    for (size_t i = 0; e == 0 && i < r->count; i++) {
        Work *w = &r->works[i];
        if (!w->reason && work_is_word(w)) e = word_take(r->hub, r->a, w);
    }
    for (size_t i = 0; e == 0 && i < r->count; i++) {
        if (r->works[i].reason) e = work_set_aside(r, &r->works[i]);
    }
    return e;
}

/* The one message could not be taken for `reason`: only that is kept of it. When another hub was
 * faster in between, its word counts. */
static int round_give_up(Round *r, int reason) {
    Store *s = r->hub->store;
    r->works[0].reason = reason;
    store_rollback(s);
    int e = store_begin(s);
    if (e == 0) e = work_set_aside(r, &r->works[0]);
    if (e == 0) e = store_commit(s);
    if (e > 0) {
        store_rollback(s);
        r->count = 0;
    }
    return e < 0 ? e : 0;
}

static void round_tell(Round *r) {
    for (size_t i = 0; i < r->count; i++) {
        work_log(r, &r->works[i]);
        waiting_done(r->hub, r->works[i].reason ? STR("set_aside") : r->works[i].treatment);
    }
}

/* What went wrong is in what was given, so that the connection is good and another try makes sense:
 * the door refused, the database did, or together it was too much memory. */
static bool round_may_retry(const Round *r, int e) {
    if (e == ERR_MEMORY) return arena_failed(r->a);
    return e > 0 || (e == ERR_STORE && store_fault_in_data(r->hub->store));
}

static int round_work(Pipeline *p, Round *r, const Rows *rows) {
    int e = round_prepare(r, rows);
    if (e == 0) e = round_take(r);
    if (e == 0) e = store_commit(r->hub->store);
    if (e == 0) {
        round_tell(r);
        if (p->alone) p->alone--;
        return 0;
    }
    if (!round_may_retry(r, e)) return e;
    if (r->found > 1) {
        log_event(LOG_warn, "batch_undone", "messages=%zu reason=%s", r->found,
                  e > 0 ? reason_name(e) : err_name(e));
        p->alone = r->found;
        store_rollback(r->hub->store);
        return 0;
    }
    if (e < 0) e = e == ERR_MEMORY ? REFUSE_too_large : e;
    if (e < 0) return e;
    e = round_give_up(r, e);
    if (e == 0) round_tell(r);
    if (p->alone) p->alone--;
    return e;
}

static void round_wipe(Round *r) {
    for (size_t i = 0; i < r->count; i++) key_wipe(&r->works[i].key);
    arena_reset(r->a);
}

/* The lane of immediate danger has batches of its own size, and says nothing about the other. */
static void pipeline_resize(Pipeline *p, int64_t us, size_t taken) {
    if (us > ROUND_LONG_US && p->most > BATCH_LEAST) p->most /= 2;
    bool full = taken >= p->most;
    if (us < ROUND_SHORT_US && full && p->most < BATCH_MOST) p->most *= 2;
}

int pipeline_run(Hub *h, bool *ret_more) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    Pipeline *p = h->pipeline;
    Round r = {.hub = h, .a = p->arena, .now_ms = clock_ms()};
    int64_t started = clock_mono_us();
    int e = round_claim(p, h, &rows);
    *ret_more = false;
    if (e < 0) return e;
    r.found = round_together(rows);
    if (r.found == 0) {
        p->alone = 0; /* nothing here to end over */
        return store_commit(h->store);
    }
    bool urgent = row_yes(rows, 0, COL_urgent);
    if (r.found == 1) {
        ending_working(h->ending, row_text(rows, 0, COL_agency), row_id(rows, 0, COL_message));
    }
    e = round_work(p, &r, rows);
    round_wipe(&r);
    if (e < 0) {
        hand_end(h, e);
        store_rollback(h->store);
        return e;
    }
    if (r.found == 1) ending_nothing(h->ending);
    int64_t us = clock_mono_us() - started;
    waiting_round(h, us);
    if (!urgent) pipeline_resize(p, us, r.found);
    *ret_more = true;
    return 0;
}
