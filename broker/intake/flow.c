/* How a message moves through intake: it arrives, is looked at and waits in its lane or is turned
 * away at once; then it is verified, sealed and joins a batch. Reading goes before working, so that
 * what is urgent is seen early and nobody's memory fills up; both are done in small portions, so
 * that each gets its turn. */
#include "broker/intake/batch.h"
#include "broker/io/clock.h"
#include "broker/io/log.h"

/* Reading, answering and working have a portion each, before anything else gets its turn: a
 * signature takes half of one, and what is urgent waits for all three. */
enum {
    PORTION_US = 200,
    LIGHT_AT_ONCE = 32,     /* beside what is reserved, so that it stays quick */
    UNHEARD_MOST = 10,      /* submissions in one turn of reading, which then rests */
    REST_MS = 1,            /* while which its senders' own connections fill */
    RATE_LEAST = 500,       /* messages a second, when the last second says too little */
    RETRY_LEAST_MS = 50,    /* told with `busy`, however little waits */
    RETRY_MOST_MS = 5000,   /* however much does */
    DRAIN_RETRY_MS = 1000,  /* by then another intake, or the next one, listens */
    LAST_ARRIVALS_MS = 100, /* that are turned away, once all else is done */
    LAST_QUIET_MS = 20,     /* after which no more are awaited */
    LAST_ANSWERS_MS = 1000, /* that are still on their way out */
};

const Metric intake_metrics[M_COUNT] = {
    [M_messages] = {"mash_intake_messages_total", METRIC_counter,
                    "Messages answered after their commit", "outcome"},
    [M_refused] = {"mash_intake_refused_total", METRIC_counter, "Submissions refused", "reason"},
    [M_busy] = {"mash_intake_busy_total", METRIC_counter, "Submissions told to come again later",
                "agency"},
    [M_unheard] = {"mash_intake_unheard_total", METRIC_counter,
                   "Submissions of a sender that does not wait, left to its own resending",
                   "agency"},
    [M_waiting] = {"mash_intake_waiting", METRIC_gauge, "Messages that wait for a writer", "lane"},
    [M_waiting_bytes] = {"mash_intake_waiting_bytes", METRIC_gauge, "Bytes that wait for a writer",
                         "lane"},
    [M_senders] = {"mash_intake_senders", METRIC_gauge, "Senders with something unanswered", NULL},
    [M_batches] = {"mash_intake_batches_total", METRIC_counter, "Commits", "lane"},
    [M_commit_seconds] = {"mash_intake_commit_seconds", METRIC_histogram,
                          "From sending a batch to the database to its result", "lane"},
    [M_answer_seconds] = {"mash_intake_answer_seconds", METRIC_histogram,
                          "From a message's coming to its answer", "lane"},
};

const char *lane_word(Lane lane) {
    return lane == LANE_reserved ? "reserved" : "ordinary";
}

/* ---- turned away ----------------------------------------------------------------------------- */

/* How long until what waits has been worked off, at the rate of the last second. */
static int64_t retry_ms(const Intake *in) {
    if (in->draining) return DRAIN_RETRY_MS;
    int64_t waiting = (int64_t)lanes_waiting(in->lanes, LANE_ordinary);
    int64_t rate = in->rate > RATE_LEAST ? in->rate : RATE_LEAST;
    int64_t ms = RETRY_LEAST_MS + waiting * 1000 / rate;
    return ms < RETRY_MOST_MS ? ms : RETRY_MOST_MS;
}

static int turn_away(Intake *in, const Arrival *a, const Refused *why, int64_t wait_ms) {
    Str agency = str_z(sender_agency(a->sender));
    Allowance may = limits_of(in->limits, agency);
    Turned t = {.routing = bytes_of(a->frames.routing, a->frames.routing_len),
                .submission = why->read ? &why->submission_id : NULL,
                .reason = why->reason,
                .path = why->path,
                .credit = lanes_credit(in->lanes, a->sender, &may),
                .retry_ms = wait_ms};
    return reply_refusal(&in->speaker, in->scratch, &t);
}

/* Connections are read in turn: once the first that was unheard comes again, all have been. */
static void note_unheard(Intake *in, const Frames *f) {
    Bytes from = bytes_of(f->routing, f->routing_len);
    Bytes first = bytes_of(in->unheard.first, in->unheard.first_len);
    if (in->unheard.count++ > 0) {
        in->unheard.all_round = in->unheard.all_round || bytes_eq(from, first);
        return;
    }
    in->unheard.first_len = from.len;
    if (from.len) memcpy(in->unheard.first, from.at, from.len);
}

/* Nothing is kept and nothing is lost: the sender holds it and sends it again. A sender that does
 * not wait as it was told is in the end not even answered; its own patience brings it back. */
static int say_busy(Intake *in, const Arrival *a, const Refused *why) {
    Str agency = str_z(sender_agency(a->sender));
    Refused busy = *why;
    busy.reason = REFUSE_busy;
    busy.path = "";
    sender_tally(a->sender)->busy++;
    if (!sender_may(a->sender, TROUBLE_busy, 1, clock_mono_ms())) {
        metric_add_for(in->server.metrics, M_unheard, agency, 1);
        note_unheard(in, &a->frames);
        return 0;
    }
    metric_add_for(in->server.metrics, M_busy, agency, 1);
    return turn_away(in, a, &busy, retry_ms(in));
}

/* Kept sealed for a person, recorded once. */
static int keep_refused(Intake *in, const Frames *f, const Refused *why) {
    const Sealed *sealed = NULL;
    Hash digest;
    Id id;
    Str agency = str_z(why->from->owner);
    int r = id_v7(clock_ms(), &id);
    if (r == 0) r = receive_refused(&in->gate, in->scratch, f, agency, id, &digest, &sealed);
    if (r < 0) return r;
    return STORE_CALL(in->others, NULL, "SELECT door.intake_refuse($1, $2, $3, $4, $5, $6)",
                      p_id(id), p_text(agency), p_z(reason_name((int)why->reason)), p_z(why->path),
                      p_bytes(BYTES_OF(digest.at)), p_bytes(sealed_bytes(sealed)));
}

/* Writing a refusal down is a commit of its own, and what is kept is kept for ever: whoever sends
 * many at once is told to slow down first, and loses nothing by it. */
static int refuse(Intake *in, const Arrival *a, const Refused *why) {
    int64_t now = clock_mono_ms();
    bool keep = why->keep && why->from;
    if (!sender_may(a->sender, TROUBLE_refusal, 1, now) ||
        (keep && !sender_may(a->sender, TROUBLE_keep, frames_bytes(&a->frames), now))) {
        return say_busy(in, a, why);
    }
    log_event(LOG_warn, "refused", "reason=%s path=%s key=%s", reason_name((int)why->reason),
              why->path, a->frames.user);
    sender_tally(a->sender)->refused++;
    metric_add_for(in->server.metrics, M_refused, str_z(reason_name((int)why->reason)), 1);
    report_refused(in->reporter, str_z(sender_agency(a->sender)), why->reason);
    int r = keep ? keep_refused(in, &a->frames, why) : 0;
    if (r) return r < 0 ? r : ERR_STORE;
    return turn_away(in, a, why, 0);
}

/* ---- arriving -------------------------------------------------------------------------------- */

/* 0: it waits now, or has been answered. */
static int arrive(Intake *in, Arrival *arrival, int taken) {
    _cleanup_(arrival_freep) Arrival *a = arrival;
    Look look;
    Refused why;
    int r = receive_look(&in->gate, in->scratch, &a->frames, taken, &look, &why);
    if (r < 0) return r;
    a->sender =
        look.from ? lanes_sender(in->lanes, look.from->id, look.from->owner) : in->nobody;
    if (!a->sender) return ERR_MEMORY;
    if (r > 0) return refuse(in, a, &why);
    a->submission_id = look.submission_id;
    if (lanes_know(a)) return 0;
    a->messages = look.messages;
    a->bytes = look.bytes;
    a->immediate = look.immediate;
    a->at_us = clock_mono_us();
    Allowance may = limits_of(in->limits, str_z(look.from->owner));
    r = in->draining ? REFUSE_busy : lanes_put(in->lanes, a, &may, clock_mono_ms());
    if (r > 0) return say_busy(in, a, &why);
    if (r < 0) return r;
    (void)TAKE(a);
    return 0;
}

/* 1 when nothing waited. */
static int arrive_next(Intake *in) {
    _cleanup_(arrival_freep) Arrival *a = arrival_new();
    if (!a) return ERR_MEMORY;
    int taken = wire_take(in->server.router, true, &a->frames);
    if (taken == 1 || taken < 0) return taken;
    int r = arrive(in, TAKE(a), taken);
    arena_reset(in->scratch);
    return r;
}

/* Whoever sends without listening is slowed down by its own connection: while its queue here is
 * not emptied, its network's fills. Reading rests once everybody has had a turn, so that one such
 * connection costs the others a millisecond, and of many each a tenth of one. */
int flow_arrive(void *intake) {
    Intake *in = intake;
    int64_t until_us = clock_mono_us() + PORTION_US;
    bool rest = false;
    int r = 0;
    in->unheard.count = 0;
    in->unheard.all_round = false;
    while (r == 0 && !rest && clock_mono_us() < until_us) {
        r = arrive_next(in);
        rest = in->unheard.all_round || in->unheard.count == UNHEARD_MOST;
    }
    if (rest) loop_rest(in->loop, in->server.router, REST_MS);
    return r < 0 ? r : 0;
}

/* ---- working --------------------------------------------------------------------------------- */

/* Verified, sealed, joined; or refused, and then no longer waited for. */
static int work(Intake *in, Writer *w, const Arrival *a) {
    const Envelope *envelope = NULL;
    Refused why;
    Submission s;
    int r = receive_envelope(&in->gate, in->scratch, &a->frames, &envelope, &why);
    if (r == 0) {
        r = receive_submission(&in->gate, in->scratch, writer_arena(w), envelope,
                               a->lane == LANE_reserved, &s);
        if (r < 0) return r;
        s.sender = a->sender;
        if (a->lane == LANE_ordinary) {
            s.wait_ms = lanes_turn_ms(a->sender, a->messages, clock_mono_ms());
        }
        writer_join(w, &s, a);
        return 0;
    }
    lanes_answered(in->lanes, a->sender, a->submission_id,
                   bytes_of(a->frames.routing, a->frames.routing_len), a->messages);
    return r > 0 ? refuse(in, a, &why) : r;
}

/* The reserved lane's writer has time for a few others: those of agencies that send little. */
static Arrival *next_for(Intake *in, const Writer *w) {
    int64_t now = in->draining ? INT64_MAX : clock_mono_ms(); /* then nobody is held back */
    Arrival *a = lanes_take(in->lanes, writer_lane(w), writer_batch(w), now);
    bool light = writer_lane(w) == LANE_reserved && writer_messages(w) < LIGHT_AT_ONCE;
    return a || !light ? a : lanes_take_light(in->lanes, writer_batch(w), now);
}

/* Positive when there is more to do: it stopped for want of time, or the next batch can fill. */
static int work_for(Intake *in, Writer *w) {
    int64_t until_us = clock_mono_us() + PORTION_US;
    uint64_t batch = writer_batch(w);
    bool late = false;
    int r = 0;
    while (r == 0 && !late && writer_has_room(w)) {
        _cleanup_(arrival_freep) Arrival *a = next_for(in, w);
        if (!a) break;
        r = work(in, w, a);
        arena_reset(in->scratch);
        late = clock_mono_us() >= until_us;
    }
    if (r == 0) r = writer_start(w);
    if (r < 0) return r;
    bool next = writer_batch(w) != batch && lanes_waiting(in->lanes, writer_lane(w)) > 0;
    return late || next;
}

int flow_work(void *intake) {
    Intake *in = intake;
    int more = 0;
    for (size_t i = 0; i < in->writer_count; i++) {
        int worked = work_for(in, in->writers[i]);
        if (worked < 0) return worked;
        int left = writer_answer(in->writers[i], clock_mono_us() + PORTION_US);
        if (left < 0) return left;
        more = more || worked || left;
    }
    return more;
}

/* Until nothing has come for a while. */
static int turn_away_the_last(Intake *in) {
    zmq_pollitem_t item = {.socket = in->server.router, .events = ZMQ_POLLIN};
    int64_t until_ms = clock_mono_ms() + LAST_ARRIVALS_MS;
    int r = 0;
    while (r >= 0 && clock_mono_ms() < until_ms && zmq_poll(&item, 1, LAST_QUIET_MS) > 0) {
        r = arrive_next(in);
    }
    return r < 0 ? r : 0;
}

int flow_drain(void *intake) {
    Intake *in = intake;
    int r = 1, linger = LAST_ANSWERS_MS;
    bool busy = true;
    in->draining = true;
    while (r >= 0 && (r > 0 || busy)) {
        r = flow_work(in);
        busy = false;
        for (size_t i = 0; i < in->writer_count && r >= 0; i++) {
            int f = writer_finish(in->writers[i]);
            if (f < 0) r = f;
            busy = busy || writer_busy(in->writers[i]);
        }
        if (r >= 0 && (lanes_waiting(in->lanes, LANE_reserved) ||
                       lanes_waiting(in->lanes, LANE_ordinary))) {
            busy = true;
        }
    }
    if (r >= 0) r = turn_away_the_last(in);
    (void)zmq_setsockopt(in->server.router, ZMQ_LINGER, &linger,
                         sizeof(linger)); /* else: sent again */
    return r;
}

/* ---- once a second --------------------------------------------------------------------------- */

enum { FULL_PERCENT = 90, ROOM_PERCENT = 70, SLOW_COMMIT_MS = 2000, QUICK_COMMIT_MS = 1000 };

int flow_second(void *intake) {
    Intake *in = intake;
    Alarms *alarms = &in->server.alarms;
    double fullest = 0, slowest = 0;
    in->rate = in->answered - in->answered_before;
    in->answered_before = in->answered;
    lanes_second(in->lanes, clock_mono_ms());
    for (int lane = 0; lane < LANE_COUNT; lane++) {
        double full = lanes_full_percent(in->lanes, (Lane)lane);
        if (full > fullest) fullest = full;
    }
    for (size_t i = 0; i < in->writer_count; i++) {
        double ms = (double)writer_under_way_ms(in->writers[i]);
        if (ms > slowest) slowest = ms;
    }
    if (lanes_overflow(in->lanes, clock_mono_ms())) {
        alarm_seen(alarms, ALARM_immediate_overflow, (Str){0});
    }
    alarm_level(alarms, ALARM_intake_full, fullest, FULL_PERCENT, ROOM_PERCENT);
    alarm_level(alarms, ALARM_commit_slow, slowest, SLOW_COMMIT_MS, QUICK_COMMIT_MS);
    return 0;
}

int flow_gauges(void *intake, Metrics *m) {
    Intake *in = intake;
    size_t active = 0;
    for (int lane = 0; lane < LANE_COUNT; lane++) {
        Str word = str_z(lane_word((Lane)lane));
        metric_set_for(m, M_waiting, word, (double)lanes_waiting(in->lanes, (Lane)lane));
        metric_set_for(m, M_waiting_bytes, word, (double)lanes_bytes(in->lanes, (Lane)lane));
    }
    for (Sender *s = lanes_each(in->lanes, NULL); s; s = lanes_each(in->lanes, s)) {
        active += sender_unanswered(s) > 0;
    }
    metric_set(m, M_senders, (double)active);
    return 0;
}

/* NULL from the door: it can be written to, and the ledger's head fits its leaves. */
int flow_ready(void *intake, Unready *ret) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    Intake *in = intake;
    if (in->draining) unready_because(ret, STR("draining"));
    int r = store_call(in->others, "SELECT door.intake_ready()", NULL, 0, &rows);
    if (r) return r < 0 ? r : ERR_STORE;
    if (!row_null(rows, 0, 0)) unready_because(ret, row_text(rows, 0, 0));
    return 0;
}
