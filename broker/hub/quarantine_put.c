/* Out of the quarantine and into the work. Replay: as it came, under its own id, when it can be
 * read now; one, or all that match, counted first. Mend: under a new id, as it came or as the hub
 * manager corrected it, checked as intake would. What staff wrote never passes for what the agency
 * signed: it has another commitment and no submission, and the leaf says so. */
#include "broker/hub/quarantine.h"

#include "broker/io/clock.h"
#include "schemas/json_read.h"

#include <inttypes.h>

static int path_say(Call *c, int r, const Fault *fault) {
    if (r > 0 && fault->path[0]) call_say(c, "At \"%s\".", fault->path);
    return r;
}

/* ---- replay: one ----------------------------------------------------------------------------- */

static int replay_one(Call *c) {
    Kept k = {0};
    Fault fault;
    int r = quarantine_open(c, &k);
    _cleanup_(rows_freep) Rows *rows = k.rows;
    if (r) return r;
    if (!k.plain.at || k.content.len == 0) {
        call_say(c, "It cannot be read as a message. Ask the agency to send it again.");
        return REFUSE_state_wrong;
    }
    r = path_say(c, quarantine_readable(c->arena, k.content, k.plain, &fault), &fault);
    if (r == 0) {
        r = STORE_CALL(c->hub->store, NULL, "SELECT door.hub_quarantine_replay($1, $2)",
                       p_text(call_staff(c)), p_id_list(c->arena, &k.id, 1));
    }
    if (r) return r;
    json_object_set_new(c->result, "message", json_id(k.message));
    return 0;
}

/* ---- replay: all that match ------------------------------------------------------------------ */

enum {
    SWEEP_MOST = 500, /* rows a call: staff and messages wait meanwhile */
    SWEEP_PAGE = 25,  /* rows at once in memory, sealed */
    SWEEP_MEMORY = 64 * 1024 * 1024,
};

/* Of door.hub_quarantine_matching. */
enum { MATCH_id, MATCH_agency, MATCH_message, MATCH_content, MATCH_sealed, MATCH_clash, MATCH_all };

typedef struct Sweep {
    Call *c;
    Arena *scratch; /* for one message */
    Narrow narrow;
    Id after; /* the last row that was looked at */
    bool begun;
    int64_t matching; /* after the first `after` */
    size_t looked, unreadable, clash, ready;
    Id ids[SWEEP_MOST]; /* of those that are ready */
} Sweep;

static int sweep_row(Sweep *s, const Rows *rows, size_t i) {
    const Kept k = {.id = row_id(rows, i, MATCH_id),
                    .message = row_id(rows, i, MATCH_message),
                    .agency = row_text(rows, i, MATCH_agency),
                    .content = row_text(rows, i, MATCH_content)};
    Bytes plain, sealed = row_bytes(rows, i, MATCH_sealed);
    Fault fault;
    int r = REFUSE_state_wrong;
    if (quarantine_unseal(s->c->hub, s->scratch, &k, sealed, &plain)) {
        r = quarantine_readable(s->scratch, k.content, plain, &fault);
    }
    if (arena_failed(s->scratch)) r = REFUSE_too_large;
    arena_reset(s->scratch);
    if (r < 0) return r;
    s->after = k.id;
    s->begun = true;
    s->looked++;
    if (r > 0) s->unreadable++;
    else if (row_yes(rows, i, MATCH_clash)) s->clash++;
    else s->ids[s->ready++] = k.id;
    return 0;
}

static int sweep_page(Sweep *s, size_t most, size_t *ret_count) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    Param after = s->begun ? p_id(s->after) : p_null();
    int r = STORE_CALL(s->c->hub->store, &rows,
                       "SELECT quarantine_id, agency, message_id, content, sealed, clash, matching "
                       "FROM door.hub_quarantine_matching($1, $2, $3, $4, $5::uuid, $6)",
                       p_text(call_staff(s->c)), p_text(s->narrow.agency),
                       p_text(s->narrow.reason), p_text(s->narrow.since), after,
                       p_number((int64_t)most));
    if (r) return r;
    *ret_count = rows_count(rows);
    if (s->looked == 0 && *ret_count) s->matching = row_number(rows, 0, MATCH_all);
    for (size_t i = 0; i < *ret_count && r == 0; i++) r = sweep_row(s, rows, i);
    return r;
}

static int sweep(Sweep *s) {
    size_t count = SWEEP_PAGE;
    int r = 0;
    while (r == 0 && count == SWEEP_PAGE && s->looked < SWEEP_MOST) {
        r = sweep_page(s, SWEEP_PAGE, &count);
    }
    return r;
}

static void sweep_show(const Sweep *s, bool done) {
    json_t *told = json_object();
    int64_t left = s->matching - (int64_t)s->looked;
    json_object_set_new(told, done ? "put_through" : "ready", json_integer((json_int_t)s->ready));
    json_object_set_new(told, "unreadable", json_integer((json_int_t)s->unreadable));
    json_object_set_new(told, "clash", json_integer((json_int_t)s->clash));
    json_object_set_new(told, "left", json_integer(left));
    if (left > 0) json_object_set_new(told, "after", json_id(s->after));
    json_object_set_new(s->c->result, "replay", told);
}

/* Somebody may have dealt with one of them since the count: then none of them went. */
static int sweep_put(Sweep *s, int64_t confirmed) {
    if ((int64_t)s->ready != confirmed) {
        call_say(s->c, "It would be %zu now, not %" PRId64 "; nothing was put through.", s->ready,
                 confirmed);
        return REFUSE_items_changed;
    }
    if (s->ready == 0) return 0;
    int r = STORE_CALL(s->c->hub->store, NULL, "SELECT door.hub_quarantine_replay($1, $2)",
                       p_text(call_staff(s->c)), p_id_list(s->c->arena, s->ids, s->ready));
    return r == REFUSE_state_wrong || r == REFUSE_content_clash ? REFUSE_items_changed : r;
}

static int replay_matching(Call *c) {
    _cleanup_(arena_freep) Arena *scratch = arena_new(SWEEP_MEMORY);
    Sweep *s = arena_alloc(c->arena, sizeof(*s));
    bool confirm = call_text(c, "confirm").len > 0;
    int64_t confirmed = 0;
    if (!scratch || !s) return ERR_MEMORY;
    s->c = c;
    s->scratch = scratch;
    int r = quarantine_narrow(c, &s->narrow);
    if (r == 0) r = call_may_id(c, "after", &s->after, &s->begun);
    if (r == 0 && confirm) r = call_need_number(c, "confirm", &confirmed);
    if (r == 0) r = sweep(s);
    if (r == 0 && confirm) r = sweep_put(s, confirmed);
    if (r) return r;
    sweep_show(s, confirm);
    if (!confirm && s->ready == 0) call_say(c, "None of them can be put through now.");
    if (!confirm && s->ready) {
        call_say(c, "Nothing was changed. With confirm=%zu these are put through.", s->ready);
    }
    return 0;
}

int cmd_quarantine_replay(Call *c) {
    static const char *const narrowing[] = {"reason", "agency", "since", "after", "confirm"};
    Str reason;
    if (call_text(c, "id").len == 0) {
        int r = call_need(c, "reason", &reason);
        return r ? r : replay_matching(c);
    }
    for (size_t i = 0; i < COUNT_OF(narrowing); i++) {
        if (call_text(c, narrowing[i]).len == 0) continue;
        call_say(c, "Either \"id\", or \"reason\" and what narrows it down.");
        return REFUSE_argument_wrong;
    }
    return replay_one(c);
}

/* ---- mend ------------------------------------------------------------------------------------ */

/* A fresh salt before the content: another commitment than anybody signed. */
static int frame_new(Call *c, Bytes content, Bytes *ret) {
    uint8_t *at = arena_alloc(c->arena, SALT_LEN + content.len);
    if (!at) return ERR_MEMORY;
    memcpy(at + SALT_LEN, content.at, content.len);
    *ret = bytes_of(at, SALT_LEN + content.len);
    return random_bytes(at, SALT_LEN);
}

/* The frame that is to be put through. What staff gave, or left, as it was keeps its salt, and so
 * the commitment that the agency signed. */
static int mend_frame(Call *c, const Kept *k, Bytes *ret) {
    Str json = str_trim(call_text(c, "content"));
    const Value *v = NULL;
    Bytes content, old = {0};
    Fault fault;
    *ret = k->plain;
    if (json.len == 0) return 0;
    StructKind kind = quarantine_kind(k->content);
    int r = json_read(c->arena, kind, json, &v, &fault);
    if (r == REFUSE_argument_wrong) {
        call_say(c, "\"content\" is not one JSON object: see its byte %zu.", fault.offset);
    }
    path_say(c, r, &fault);
    if (r == 0) r = codec_encode(c->arena, v, &content);
    if (r) return r;
    if (k->plain.len > SALT_LEN) old = bytes_of(k->plain.at + SALT_LEN, k->plain.len - SALT_LEN);
    return bytes_eq(content, old) ? 0 : frame_new(c, content, ret);
}

/* As intake seals, to the pair that the hub itself holds: it goes the way of every message. */
static int mend_seal(Call *c, Str agency, Bytes frame, Id *ret_id, const Sealed **ret) {
    _cleanup_(sealer_freep) Sealer *sealer = NULL;
    int r = id_v7(clock_ms(), ret_id);
    if (r == 0) r = sealer_new(&c->hub->intake.public, &sealer);
    if (r) return r;
    SealFor purpose = {
        .realm = c->hub->realm, .use = STR("message"), .agency = agency, .id = *ret_id};
    return sealer_seal(sealer, c->arena, clock_ms(), purpose, frame, ret);
}

static int mend_put(Call *c, const Kept *k, Bytes frame, Str reason) {
    const Sealed *sealed = NULL;
    Hash commitment, before;
    Words words;
    Id id;
    int r = content_commit(frame, &commitment);
    if (r == 0) r = content_commit(k->plain, &before);
    if (r == 0) r = mend_seal(c, k->agency, frame, &id, &sealed);
    if (r == 0) r = words_seal(c, STR("quarantine"), str_bytes(reason), &words);
    if (r) return r;
    r = STORE_CALL(c->hub->store, NULL,
                   "SELECT door.hub_quarantine_mend($1, $2, $3, $4, $5, $6, $7, $8)",
                   p_text(call_staff(c)), p_id(k->id), p_id(id),
                   p_bytes(BYTES_OF(commitment.at)), p_bytes(sealed_bytes(sealed)),
                   p_id(words.id), p_bytes(sealed_bytes(words.sealed)),
                   p_bytes(BYTES_OF(words.commitment.at)));
    if (r) return r;
    json_object_set_new(c->result, "message", json_id(id));
    json_object_set_new(c->result, "instead_of", json_id(k->message));
    json_object_set_new(c->result, "corrected", json_boolean(!hash_eq(&commitment, &before)));
    return 0;
}

int cmd_quarantine_mend(Call *c) {
    Str reason;
    Bytes frame = {0};
    Fault fault;
    Kept k = {0};
    int r = call_need(c, "reason", &reason);
    if (r == 0) r = quarantine_open(c, &k);
    _cleanup_(rows_freep) Rows *rows = k.rows;
    if (r) return r;
    if (k.content.len == 0) {
        call_say(c, "It is a whole submission: its sender was refused and still has it.");
        return REFUSE_state_wrong;
    }
    if (!k.waits) return REFUSE_state_wrong;
    r = mend_frame(c, &k, &frame);
    if (r == 0) r = path_say(c, quarantine_readable(c->arena, k.content, frame, &fault), &fault);
    return r ? r : mend_put(c, &k, frame, reason);
}
