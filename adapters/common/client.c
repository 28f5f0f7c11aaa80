/* See client.h. */
#include "adapters/common/client.h"

#include "adapters/common/alarm.h"
#include "adapters/common/files.h"
#include "broker/io/clock.h"
#include "broker/io/log.h"
#include "schemas/envelope.h"
#include "schemas/leaf.h"

enum {
    FLIGHT_ARENA = 4 * LIMIT_SUBMISSION,
    ANSWER_ARENA = 2 * 1024 * 1024,
    PAUSE_UNCONNECTED_MS = 200,
    PAUSE_LEAST_MS = 2000,
    PAUSE_MOST_MS = 30000,
    CONTENT_MOST = LIMIT_SUBMISSION - LIMIT_HEAD,
    UNSENT_NAME = ID_TEXT + 8,
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
    Spool *spool;
    SendCall send;
    void *send_context;
    char unsent[PATH_LEN];
    Arena *flight; /* holds the submission under way */
    Id submission_id;
    SpoolEntry entries[LIMIT_ENTRIES];
    size_t count;                   /* 0: nothing is under way */
    Bytes parts[LIMIT_ENTRIES + 2]; /* head, signature, content frames */
    int64_t due_ms, pause_ms;
    Reason waits_for; /* why the hub last put us off */
};

/* ---- telling a person ------------------------------------------------------------------------ */

static void unsent_name(Id message_id, char out[UNSENT_NAME]) {
    char id[ID_TEXT];
    id_text(message_id, id);
    (void)snprintf(out, UNSENT_NAME, "%s.json", id);
}

/* What was refused once and is taken now is not unsent any more. */
static void unsent_forget(const Client *c, Id message_id) {
    char name[UNSENT_NAME];
    unsent_name(message_id, name);
    if (!file_exists(c->unsent, name)) return;
    int r = file_remove(c->unsent, name);
    if (r < 0) log_event(LOG_warn, "unsent_file_stays", "why=\"%s\"", err_name(r));
}

static void unsent_put(Client *c, Id message_id, const char *state, const char *reason,
                       const char *sentence) {
    char id[ID_TEXT], name[UNSENT_NAME], line[900];
    id_text(message_id, id);
    unsent_name(message_id, name);
    int n = snprintf(line, sizeof(line),
                     "{\"message_id\": \"%s\", \"state\": \"%s\", \"reason\": \"%s\", "
                     "\"sentence\": \"%s\"}\n",
                     id, state, reason, sentence);
    bool fits = n > 0 && n < (int)sizeof(line);
    int r = fits ? file_write(c->unsent, name, bytes_of(line, (size_t)n)) : ERR_BROKEN;
    log_event(LOG_error, "message_not_taken", "message=%s state=%s reason=%s file=%s", id, state,
              reason, r < 0 ? err_name(r) : "written");
}

/* Tells a person, by ids and the hub's own words, what did not become a referral. */
static void unsent_write(Client *c, Id message_id, const char *state, Str reason) {
    int known = (int)reason_by_name(reason);
    unsent_put(c, message_id, state, known ? reason_name(known) : "unknown",
               known ? reason_sentence(known) : "The hub gave a reason that is not known.");
}

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
        unsent_put(c, message_id, "damaged", "not_opened", damaged_sentence);
        alarm_raise(c->self->dir, "spool_damaged", sentence);
        r = spool_damaged_told(c->spool, message_id, clock_ms());
        if (r < 0) return r;
    }
}

/* ---- opening --------------------------------------------------------------------------------- */

int client_open(const Identity *self, Spool *spool, SendCall send, void *send_context,
                Client **ret) {
    _cleanup_(client_closep) Client *c = calloc(1, sizeof(*c));
    if (!c) return ERR_MEMORY;
    *c = (Client){.self = self,
                  .spool = spool,
                  .send = send,
                  .send_context = send_context,
                  .pause_ms = PAUSE_LEAST_MS};
    c->flight = arena_new(FLIGHT_ARENA);
    if (!c->flight) return ERR_MEMORY;
    int r = path_join(c->unsent, self->dir, "unsent");
    if (r == 0) r = dir_make(c->unsent);
    if (r == 0) r = damaged_tell(c); /* what a crash left untold */
    if (r == 0) *ret = TAKE(c);
    return r;
}

void client_close(Client *c) {
    if (!c) return;
    arena_free(c->flight);
    free(c);
}

bool client_busy(const Client *c) {
    return c->count > 0;
}

/* ---- sending --------------------------------------------------------------------------------- */

static int entry_add(Arena *a, Value *head, const SpoolEntry *e) {
    Hash commitment;
    int r = content_commit(e->frame, &commitment);
    if (r < 0) return r;
    Value *entry = value_add_map(a, head, F_submission_entry);
    value_set_id(a, entry, F_entry_message_id, &e->message_id);
    value_set_text(a, entry, F_entry_content, e->content);
    value_set_text(a, entry, F_entry_lane, e->immediate ? STR("immediate") : STR("routine"));
    value_set_hash(a, entry, F_entry_commitment, &commitment);
    return 0;
}

static int submission_head(Client *c, Bytes *ret) {
    Arena *a = c->flight;
    Value *head = head_new(a, STRUCT_submission);
    char *now = arena_alloc(a, CLOCK_TEXT);
    if (!now) return ERR_MEMORY;
    clock_text(clock_ms(), now);
    value_set_id(a, head, F_submission_submission_id, &c->submission_id);
    value_set_text(a, head, F_submission_realm, c->self->realm);
    value_set_text(a, head, F_submission_agency, c->self->agency);
    value_set_text(a, head, F_submission_origin_key, str_z(c->self->origin_id));
    value_set_text(a, head, F_submission_sent_at, str_z(now));
    for (size_t i = 0; i < c->count; i++) {
        int r = entry_add(a, head, &c->entries[i]);
        if (r < 0) return r;
    }
    return arena_failed(a) ? ERR_MEMORY : codec_encode(a, head, ret);
}

static int submission_sign(Client *c) {
    Signature *signature = arena_alloc(c->flight, sizeof(*signature));
    Bytes head;
    if (!signature) return ERR_MEMORY;
    int r = id_v7(clock_ms(), &c->submission_id);
    if (r == 0) r = submission_head(c, &head);
    if (r == 0) r = head_sign(c->flight, &c->self->origin, STRUCT_submission, head, signature);
    if (r < 0) return r;
    c->parts[0] = head;
    c->parts[1] = BYTES_OF(signature->at);
    for (size_t i = 0; i < c->count; i++) c->parts[i + 2] = c->entries[i].frame;
    return 0;
}

static void client_clear(Client *c) {
    c->count = 0;
    arena_reset(c->flight);
}

static int client_load(Client *c) {
    int r = spool_next(c->spool, c->flight, LIMIT_ENTRIES, CONTENT_MOST, c->entries, &c->count);
    if (r == 0) r = damaged_tell(c);
    if (r == 0 && c->count) r = submission_sign(c);
    if (r < 0) client_clear(c);
    return r;
}

/* Spreads out adapters that lost the hub together; without randomness there is merely no spread. */
static int64_t jitter(int64_t most) {
    uint32_t n = 0;
    return random_bytes(&n, sizeof(n)) == 0 ? (int64_t)(n % (uint32_t)most) : 0;
}

int client_pump(Client *c, int64_t now_mono_ms) {
    if (now_mono_ms < c->due_ms) return 0;
    if (!c->count && spool_queued(c->spool) == 0) return 0;
    int r = c->count ? 0 : client_load(c);
    if (r < 0) {
        log_event(LOG_error, "submission_waits", "why=\"%s\"", err_name(r));
        c->due_ms = now_mono_ms + PAUSE_LEAST_MS;
        return 0;
    }
    if (!c->count) return 0;
    r = c->send(c->send_context, c->parts, c->count + 2);
    if (r != 0) {
        c->due_ms = now_mono_ms + PAUSE_UNCONNECTED_MS;
        return r < 0 ? r : 0;
    }
    c->due_ms = now_mono_ms + c->pause_ms + jitter(c->pause_ms / 2);
    c->pause_ms = 2 * c->pause_ms < PAUSE_MOST_MS ? 2 * c->pause_ms : PAUSE_MOST_MS;
    return 0;
}

/* ---- answers --------------------------------------------------------------------------------- */

/* The promise is about our message and our content, made to us, in our realm, and of the kind that
 * the outcome says: a leaf that another act left is no promise. The submission and key that brought
 * it are there, and may be earlier ones: a duplicate gets its first leaf again (R2). */
static bool leaf_is_ours(const Identity *self, const SpoolEntry *e, bool quarantined, Str leaf) {
    char hex[2 * HASH_LEN + 1];
    Hash commitment;
    if (content_commit(e->frame, &commitment) < 0) return false;
    hex_encode(BYTES_OF(commitment.at), hex);
    return str_starts(leaf, STR("mash-leaf/1\n")) && leaf_says(leaf, "realm", self->realm) &&
           leaf_says(leaf, "act", quarantined ? STR("quarantine") : STR("accept")) &&
           leaf_says(leaf, "agency", self->agency) &&
           leaf_says_id(leaf, "message", e->message_id) &&
           leaf_says(leaf, "commitment", str_z(hex)) && leaf_word(leaf, "submission").len &&
           leaf_word(leaf, "origin_key").len;
}

static bool answer_read(const Identity *self, const SpoolEntry *e, const Value *entry,
                        SpoolAnswer *ret) {
    Id id;
    if (!value_id(entry, F_ack_entry_message_id, &id) || !id_eq(id, e->message_id)) return false;
    *ret = (SpoolAnswer){
        .message_id = id,
        .quarantined = str_is(value_text(entry, F_ack_entry_outcome), "quarantined"),
        .leaf_index = value_number(entry, F_ack_entry_leaf_index),
        .leaf = value_bytes(entry, F_ack_entry_leaf),
        .reason = value_text(entry, F_ack_entry_reason),
    };
    return leaf_is_ours(self, e, ret->quarantined, bytes_str(ret->leaf));
}

static void client_answered(Client *c) {
    client_clear(c);
    c->waits_for = REFUSE_none;
    c->pause_ms = PAUSE_LEAST_MS;
    c->due_ms = 0;
}

static int client_acknowledged(Client *c, const Value *head) {
    SpoolAnswer answers[LIMIT_ENTRIES];
    size_t count = value_count(head, F_acknowledgement_entry), bad = count != c->count;
    for (size_t i = 0; !bad && i < count; i++) {
        const Value *entry = value_item(head, F_acknowledgement_entry, i);
        bad = !answer_read(c->self, &c->entries[i], entry, &answers[i]);
    }
    if (bad) {
        alarm_raise(c->self->dir, "acknowledgement_wrong", wrong_sentence);
        return 0;
    }
    int r = spool_acknowledge(c->spool, answers, count, clock_ms());
    if (r < 0) return 0; /* logged by the spool; the submission is sent and answered again */
    for (size_t i = 0; i < count; i++) {
        Id id = answers[i].message_id;
        if (answers[i].quarantined) {
            unsent_write(c, id, "quarantined", answers[i].reason);
        } else {
            unsent_forget(c, id);
        }
    }
    log_event(LOG_info, "acknowledged", "messages=%zu", count);
    client_answered(c);
    return 0;
}

static int entries_alone(Client *c) {
    int r = 0;
    for (size_t i = 0; r == 0 && i < c->count; i++) {
        r = spool_alone(c->spool, c->entries[i].message_id);
    }
    return r;
}

static bool is_later(Reason reason) {
    for (size_t i = 0; i < COUNT_OF(later); i++) {
        if (later[i] == reason) return true;
    }
    return false;
}

/* Goes again after the pause that sending set. The hub may fail at one message only, so that what
 * it failed at lets the others by. */
static int client_put_off(Client *c, Reason reason) {
    if (reason != c->waits_for) {
        log_event(LOG_warn, "submission_put_off", "messages=%zu reason=%s", c->count,
                  reason_name((int)reason));
    }
    c->waits_for = reason;
    if (reason == REFUSE_hub_failed && entries_alone(c) == 0) client_clear(c);
    return 0; /* a failing spool is logged there; then the same is sent again */
}

static int client_refused(Client *c, const Value *head) {
    Str reason = value_text(head, F_refusal_reason);
    Reason known = reason_by_name(reason);
    if (is_later(known)) return client_put_off(c, known);
    int r =
        c->count > 1 ? entries_alone(c) : spool_refuse(c->spool, c->entries[0].message_id, reason);
    if (r < 0) return 0; /* logged by the spool; sent and refused again */
    if (c->count == 1) unsent_write(c, c->entries[0].message_id, "refused", reason);
    log_event(LOG_warn, "submission_refused", "messages=%zu", c->count);
    client_answered(c);
    return 0;
}

/* Intake's own word, about the submission under way, in our realm. */
static bool answer_trusted(Client *c, Arena *a, StructKind kind, const Value *head, Bytes bytes,
                           Bytes signature) {
    bool ack = kind == STRUCT_acknowledgement;
    if (!ack && kind != STRUCT_refusal) return false;
    if (!head_verify(a, &c->self->ack_public, kind, bytes, signature)) return false;
    uint32_t realm = ack ? F_acknowledgement_realm : F_refusal_realm;
    if (!str_eq(value_text(head, realm), c->self->realm)) return false;
    return !ack || str_eq(value_text(head, F_acknowledgement_agency), c->self->agency);
}

int client_take(Client *c, Bytes head, Bytes signature) {
    _cleanup_(arena_freep) Arena *a = arena_new(ANSWER_ARENA);
    StructKind kind = STRUCT_none;
    const Value *value = NULL;
    Fault fault;
    Id submission_id;
    if (!a) return ERR_MEMORY;
    int r = head_decode(a, head, &kind, &value, &fault);
    if (r < 0) return r;
    if (r > 0 || !answer_trusted(c, a, kind, value, head, signature)) {
        log_event(LOG_warn, "answer_not_trusted", "reason=%s", reason_name(fault.reason));
        return 0;
    }
    bool ack = kind == STRUCT_acknowledgement;
    uint32_t key = ack ? F_acknowledgement_submission_id : F_refusal_submission_id;
    bool ours =
        c->count && value_id(value, key, &submission_id) && id_eq(submission_id, c->submission_id);
    if (!ours) return 0; /* an answer that came twice, or to what could not be read */
    return ack ? client_acknowledged(c, value) : client_refused(c, value);
}
