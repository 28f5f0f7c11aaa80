/* See report.h. What was sent last is remembered, so that a quiet county of a thousand schools
 * costs one row; after a report that failed it is forgotten, and all is sent again. */
#include "broker/intake/report.h"

#include "broker/io/clock.h"
#include "broker/io/keyfile.h"
#include "broker/io/log.h"

enum {
    CODE_MAX = 32,
    AT_ONCE = 512,      /* senders of one report; the others come with the next */
    REFUSALS_MAX = 512, /* pairs of agency and reason; what is more stands under no agency */
    REPORT_MEMORY = 1024 * 1024,
};

/* The columns of a sender that are numbers, in the order of the door's parameters. */
enum { S_credit, S_waiting, S_unanswered, S_accepted, S_duplicate, S_quarantined, S_refused, S_busy,
       S_COUNT };

typedef struct Look {
    char key[KEY_ID_LEN + 1];
    char agency[CODE_MAX];
    int64_t numbers[S_COUNT];
} Look;

typedef struct Refusal {
    char agency[CODE_MAX];
    Reason reason;
    int64_t total, sent;
} Refusal;

struct Reporter {
    Store *store;
    const char *name;
    Lanes *lanes;
    Arena *arena;
    int64_t started_ms;
    bool busy;
    Look *sent; /* by the lanes' own order of senders, which only grows */
    size_t sent_count;
    Refusal refusals[REFUSALS_MAX];
    size_t refusal_count;
};

/* One report: columns, as the door takes them. */
typedef struct Sheet {
    Str keys[AT_ONCE], agencies[AT_ONCE];
    int64_t numbers[S_COUNT][AT_ONCE];
    size_t count;
    int64_t totals[S_COUNT];
    Str refused_agencies[REFUSALS_MAX], refused_reasons[REFUSALS_MAX];
    int64_t refused[REFUSALS_MAX];
    size_t refused_count;
} Sheet;

int reporter_new(Store *store, const char *name, Lanes *lanes, Reporter **ret) {
    _cleanup_(reporter_freep) Reporter *r = calloc(1, sizeof(*r));
    if (!r) {
        store_close(store);
        return ERR_MEMORY;
    }
    *r = (Reporter){.store = store, .name = name, .lanes = lanes, .started_ms = clock_ms()};
    r->arena = arena_new(REPORT_MEMORY);
    if (!r->arena) return ERR_MEMORY;
    *ret = TAKE(r);
    return 0;
}

void reporter_free(Reporter *r) {
    if (!r) return;
    store_close(r->store);
    arena_free(r->arena);
    free(r->sent);
    free(r);
}

int reporter_fd(const Reporter *r) {
    return store_fd(r->store);
}

/* ---- refusals -------------------------------------------------------------------------------- */

static Refusal *refusal_of(Reporter *r, Str agency, Reason reason) {
    for (size_t i = 0; i < r->refusal_count; i++) {
        Refusal *one = &r->refusals[i];
        if (one->reason == reason && str_is(agency, one->agency)) return one;
    }
    if (r->refusal_count == REFUSALS_MAX) return NULL;
    Refusal *fresh = &r->refusals[r->refusal_count++];
    fresh->reason = reason;
    (void)snprintf(fresh->agency, sizeof(fresh->agency), "%.*s", STR_ARG(agency));
    return fresh;
}

void report_refused(Reporter *r, Str agency, Reason reason) {
    if (!r || agency.len >= CODE_MAX) return;
    Refusal *one = refusal_of(r, agency, reason);
    if (!one) one = refusal_of(r, (Str){0}, reason);
    if (one) one->total++;
}

static void refusals_fill(Reporter *r, Sheet *s) {
    for (size_t i = 0; i < r->refusal_count; i++) {
        Refusal *one = &r->refusals[i];
        if (one->total == one->sent) continue;
        one->sent = one->total;
        s->refused_agencies[s->refused_count] = str_z(one->agency);
        s->refused_reasons[s->refused_count] = str_z(reason_name((int)one->reason));
        s->refused[s->refused_count++] = one->total;
    }
}

/* ---- senders --------------------------------------------------------------------------------- */

static void sender_look(Sender *one, Look *ret) {
    const Tally *t = sender_tally(one);
    const int64_t numbers[S_COUNT] = {
        [S_credit] = sender_credit(one),
        [S_waiting] = sender_waiting(one),
        [S_unanswered] = sender_unanswered(one),
        [S_accepted] = (int64_t)t->accepted,
        [S_duplicate] = (int64_t)t->duplicate,
        [S_quarantined] = (int64_t)t->quarantined,
        [S_refused] = (int64_t)t->refused,
        [S_busy] = (int64_t)t->busy,
    };
    memset(ret, 0, sizeof(*ret)); /* looks are compared byte by byte */
    memcpy(ret->numbers, numbers, sizeof(numbers));
    (void)snprintf(ret->key, sizeof(ret->key), "%s", sender_key(one));
    (void)snprintf(ret->agency, sizeof(ret->agency), "%s", sender_agency(one));
}

/* Room to remember one sender more. */
static int sent_grow(Reporter *r, size_t at) {
    if (at < r->sent_count) return 0;
    size_t count = r->sent_count * 2 + 64;
    Look *more = reallocarray(r->sent, count, sizeof(*more));
    if (!more) return ERR_MEMORY;
    memset(more + r->sent_count, 0, (count - r->sent_count) * sizeof(*more));
    r->sent = more;
    r->sent_count = count;
    return 0;
}

/* What stands for "nobody" is in the totals only: it has no key. */
static int senders_fill(Reporter *r, Sheet *s) {
    size_t at = 0;
    for (Sender *one = lanes_each(r->lanes, NULL); one; one = lanes_each(r->lanes, one), at++) {
        Look now;
        int e = sent_grow(r, at);
        if (e < 0) return e;
        sender_look(one, &now);
        for (int k = 0; k < S_COUNT; k++) s->totals[k] += now.numbers[k];
        if (strlen(sender_key(one)) != KEY_ID_LEN || s->count == AT_ONCE) continue;
        if (memcmp(&now, &r->sent[at], sizeof(now)) == 0) continue;
        r->sent[at] = now;
        s->keys[s->count] = str_z(sender_key(one));
        s->agencies[s->count] = str_z(sender_agency(one));
        for (int k = 0; k < S_COUNT; k++) s->numbers[k][s->count] = now.numbers[k];
        s->count++;
    }
    return 0;
}

/* ---- sending --------------------------------------------------------------------------------- */

static int sheet_send(Reporter *r, const Sheet *s) {
    Arena *a = r->arena;
    const int64_t *n = s->totals;
    size_t bytes = lanes_bytes(r->lanes, LANE_reserved) + lanes_bytes(r->lanes, LANE_ordinary);
    Param p[8 + S_COUNT + 3] = {
        p_z(r->name),
        p_number(r->started_ms),
        p_number((int64_t)lanes_waiting(r->lanes, LANE_reserved)),
        p_number((int64_t)lanes_waiting(r->lanes, LANE_ordinary)),
        p_number((int64_t)bytes),
        p_number_list(a, n + S_accepted, S_COUNT - S_accepted),
        p_text_list(a, s->keys, s->count),
        p_text_list(a, s->agencies, s->count),
    };
    size_t at = 8;
    for (int k = 0; k < S_COUNT; k++) p[at++] = p_number_list(a, s->numbers[k], s->count);
    p[at++] = p_text_list(a, s->refused_agencies, s->refused_count);
    p[at++] = p_text_list(a, s->refused_reasons, s->refused_count);
    p[at++] = p_number_list(a, s->refused, s->refused_count);
    return store_send(r->store,
                      "SELECT door.intake_report($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, "
                      "$12, $13, $14, $15, $16, $17, $18, $19)",
                      p, at);
}

int report_tick(void *reporter) {
    Reporter *r = reporter;
    if (r->busy) return 0;
    _cleanup_(mem_freep) Sheet *s = calloc(1, sizeof(*s));
    if (!s) return ERR_MEMORY;
    int e = senders_fill(r, s);
    if (e < 0) return e;
    refusals_fill(r, s);
    e = sheet_send(r, s);
    arena_reset(r->arena);
    r->busy = e == 0;
    return e;
}

/* The picture is worth no stop: what the database would not take is said, and sent anew. */
static void forget(Reporter *r) {
    log_event(LOG_warn, "report_not_taken", "name=%s", r->name);
    if (r->sent) memset(r->sent, 0, r->sent_count * sizeof(*r->sent));
    for (size_t i = 0; i < r->refusal_count; i++) r->refusals[i].sent = 0;
}

int report_arrived(void *reporter) {
    Reporter *r = reporter;
    bool ready = false;
    int e = store_ready(r->store, &ready);
    if (e < 0 || !ready || !r->busy) return e;
    r->busy = false;
    e = store_result(r->store, NULL);
    if (e == 0) return 0;
    if (e == ERR_STORE && !store_fault_in_data(r->store)) return e;
    forget(r);
    return 0;
}
