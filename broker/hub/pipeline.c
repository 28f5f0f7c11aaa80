/* One message after another becomes items of an enquiry. Each is one transaction: claim it, open
 * and decode it, compute everything here, commit its new keys to the vault, hand all of it to
 * one door, which finds the people, attaches or opens, and writes the leaves. A crash anywhere
 * loses nothing: the message is still on the work list, and keys without their act open nothing.
 * What cannot be worked on is set aside for a person, so that no message stops the others. Never
 * decides who is who beyond equal keys. */
#include "broker/hub/drafts.h"
#include "broker/hub/hub.h"
#include "broker/hub/match/keys.h"
#include "broker/hub/rate.h"
#include "broker/io/clock.h"
#include "broker/io/log.h"
#include "schemas/envelope.h"

#include <openssl/crypto.h>

enum { MESSAGE_MEMORY = 256 * 1024 * 1024 };

/* What door.hub_next answers. */
enum { COL_agency, COL_message, COL_content, COL_lane, COL_commitment, COL_sealed };

static const char next_sql[] =
    "SELECT agency, message_id, content, lane, commitment, sealed FROM door.hub_next()";
static const char take_sql[] =
    "SELECT treatment, enquiry_id FROM door.hub_take($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, "
    "$12, $13, $14, $15, $16, $17, $18, $19, $20)";
static const char answer_sql[] = "SELECT treatment, enquiry_id FROM door.hub_answer($1, $2, $3, "
                                 "$4, $5, $6, $7, $8, $9, $10, $11)";

/* A person as the message describes them, and the keys to find them by. */
typedef struct Mention {
    const Value *value;
    MatchKey *keys;
    size_t key_count;
} Mention;

typedef struct Work {
    Hub *hub;
    Arena *a;
    Str agency, content, lane;
    Id id;
    Bytes commitment, sealed;
    int64_t now_ms;
    Key key; /* the message's own */
    const Value *value;
    Suggestion rating;
    Mention *mentions;
    size_t mention_count;
    Draft *drafts;
    size_t draft_count;
    VaultThing *things; /* one a mention, then one a draft */
    size_t thing_count;
    Fault fault;
    Str treatment; /* how it ended */
    Id enquiry;
} Work;

static bool is_referral(const Work *w) {
    return str_is(w->content, "referral");
}

/* ---- open ---------------------------------------------------------------------------- */

/* The content frame, exactly as the agency committed to it. */
static int work_open(Work *w, Bytes *ret_content) {
    Bytes whole = {0};
    Hash found;
    SealFor purpose = {
        .realm = w->hub->realm, .use = STR("message"), .agency = w->agency, .id = w->id};
    if (!intake_open(w->a, &w->hub->intake, purpose, w->sealed, &w->key, &whole)) {
        return arena_failed(w->a) ? ERR_MEMORY : REFUSE_hub_failed;
    }
    int r = content_commit(whole, &found);
    if (r < 0) return r;
    if (!bytes_eq(BYTES_OF(found.at), w->commitment)) return REFUSE_commitment_wrong;
    if (whole.len < SALT_LEN) return REFUSE_not_msgpack;
    *ret_content = bytes_of(whole.at + SALT_LEN, whole.len - SALT_LEN);
    return 0;
}

static int work_decode(Work *w) {
    const Referral *referral = NULL;
    const Answer *answer = NULL;
    Bytes content = {0};
    int r = work_open(w, &content);
    if (r) return r;
    r = is_referral(w) ? referral_decode(w->a, content, &referral, &w->fault)
                       : answer_decode(w->a, content, &answer, &w->fault);
    if (r) return r;
    w->value = referral ? referral_value(referral) : answer_value(answer);
    return 0;
}

/* ---- compute ------------------------------------------------------------------------- */

/* More than any family or any report needs, and few enough for one transaction's locks: a message
 * beyond is for a person to look at, and holds up nobody. */
enum { KEYS_MOST = 1000, DRAFTS_MOST = 1000 };

static int work_persons(Work *w) {
    size_t count = is_referral(w) ? value_count(w->value, F_referral_person) : 0, keys = 0;
    w->mentions = arena_array(w->a, count + 1, sizeof(*w->mentions));
    if (!w->mentions) return ERR_MEMORY;
    for (size_t i = 0; i < count; i++) {
        Mention *m = &w->mentions[i];
        m->value = value_item(w->value, F_referral_person, i);
        int r = match_keys(w->a, &w->hub->index, m->value, &m->keys, &m->key_count);
        if (r < 0) return r;
        keys += m->key_count;
    }
    w->mention_count = count;
    return keys <= KEYS_MOST ? 0 : REFUSE_too_many;
}

/* Ids of one message count upwards, so that its items stay in the order in which they were said. */
static int thing_seal(Work *w, const char *use, const Value *v) {
    VaultThing *t = &w->things[w->thing_count];
    *t = (VaultThing){.use = str_z(use), .agency = w->agency};
    int r = id_v7(w->now_ms + (int64_t)w->thing_count, &t->id);
    if (r == 0) r = codec_encode(w->a, v, &t->plain);
    if (r == 0) r = vault_seal(w->hub, w->a, t);
    if (r == 0) w->thing_count++;
    return r;
}

static int work_seal(Work *w) {
    int r = 0;
    w->things = arena_array(w->a, w->mention_count + w->draft_count + 1, sizeof(*w->things));
    if (!w->things) return ERR_MEMORY;
    for (size_t i = 0; r == 0 && i < w->mention_count; i++) {
        r = thing_seal(w, "mention", w->mentions[i].value);
    }
    for (size_t i = 0; r == 0 && i < w->draft_count; i++) {
        value_set_id(w->a, w->drafts[i].content, F_item_content_message_id, &w->id);
        r = thing_seal(w, "item", w->drafts[i].content);
    }
    return r;
}

static int work_compute(Work *w) {
    StructKind kind = is_referral(w) ? STRUCT_referral : STRUCT_answer;
    rate_suggest(kind, w->value, str_is(w->lane, "immediate"), &w->rating);
    int r = work_persons(w);
    if (r == 0) r = drafts_make(w->a, kind, w->value, &w->drafts, &w->draft_count);
    if (r == 0 && w->draft_count > DRAFTS_MOST) r = REFUSE_too_many;
    return r == 0 ? work_seal(w) : r;
}

/* Keys first, the act second (R21); also the message's own, for when intake's pair is gone. */
static int work_keys(Work *w) {
    Bytes wrapped = {0};
    Id id;
    int r = vault_message_id(w->agency, w->id, &id);
    if (r == 0) r = vault_wrap(w->hub, w->a, id, &w->key, &wrapped);
    if (r == 0) r = vault_put_wrapped(w->hub, w->a, &id, &wrapped, 1);
    if (r == 0) r = vault_put(w->hub, w->a, w->things, w->thing_count);
    return r;
}

/* ---- hand over ----------------------------------------------------------------------- */

/* The items as the doors take them: id, class, tier, free text, sealed. */
static int item_params(const Work *w, Param p[5]) {
    size_t n = w->draft_count;
    Id *ids = arena_array(w->a, n + 1, sizeof(*ids));
    Str *classes = arena_array(w->a, n + 1, sizeof(*classes));
    Str *tiers = arena_array(w->a, n + 1, sizeof(*tiers));
    int64_t *frees = arena_array(w->a, n + 1, sizeof(*frees));
    Bytes *sealed = arena_array(w->a, n + 1, sizeof(*sealed));
    if (!ids || !classes || !tiers || !frees || !sealed) return ERR_MEMORY;
    for (size_t i = 0; i < n; i++) {
        const VaultThing *t = &w->things[w->mention_count + i];
        const Draft *d = &w->drafts[i];
        ids[i] = t->id;
        classes[i] = str_z(class_name(d->class));
        tiers[i] = d->tier == TIER_none ? (Str){0} : str_z(tier_name(d->tier));
        frees[i] = d->free_text;
        sealed[i] = sealed_bytes(t->sealed);
    }
    p[0] = p_id_list(w->a, ids, n);
    p[1] = p_text_list(w->a, classes, n);
    p[2] = p_text_list(w->a, tiers, n);
    p[3] = p_number_list(w->a, frees, n);
    p[4] = p_bytes_list(w->a, sealed, n);
    return 0;
}

/* The mentions: id, a person's id in case nobody is found, ref, roles, sealed. */
static int mention_params(const Work *w, Param p[5]) {
    size_t n = w->mention_count;
    Id *ids = arena_array(w->a, n + 1, sizeof(*ids));
    Id *persons = arena_array(w->a, n + 1, sizeof(*persons));
    Str *refs = arena_array(w->a, n + 1, sizeof(*refs));
    Str *roles = arena_array(w->a, n + 1, sizeof(*roles));
    Bytes *sealed = arena_array(w->a, n + 1, sizeof(*sealed));
    if (!ids || !persons || !refs || !roles || !sealed) return ERR_MEMORY;
    for (size_t i = 0; i < n; i++) {
        int r = id_v7(w->now_ms, &persons[i]);
        if (r < 0) return r;
        ids[i] = w->things[i].id;
        refs[i] = value_text(w->mentions[i].value, F_person_ref);
        roles[i] = roles_text(w->a, w->mentions[i].value);
        sealed[i] = sealed_bytes(w->things[i].sealed);
    }
    p[0] = p_id_list(w->a, ids, n);
    p[1] = p_id_list(w->a, persons, n);
    p[2] = p_text_list(w->a, refs, n);
    p[3] = p_text_list(w->a, roles, n);
    p[4] = p_bytes_list(w->a, sealed, n);
    return 0;
}

/* The match keys: position of the mention (from 1), kind, hash. */
static int key_params(const Work *w, Param p[3]) {
    size_t all = 0, n = 0;
    for (size_t i = 0; i < w->mention_count; i++) all += w->mentions[i].key_count;
    int64_t *positions = arena_array(w->a, all + 1, sizeof(*positions));
    Str *kinds = arena_array(w->a, all + 1, sizeof(*kinds));
    Bytes *hashes = arena_array(w->a, all + 1, sizeof(*hashes));
    if (!positions || !kinds || !hashes) return ERR_MEMORY;
    for (size_t i = 0; i < w->mention_count; i++) {
        const Mention *m = &w->mentions[i];
        for (size_t k = 0; k < m->key_count; k++, n++) {
            positions[n] = (int64_t)i + 1;
            kinds[n] = str_z(m->keys[k].kind);
            hashes[n] = BYTES_OF(m->keys[k].hash.at);
        }
    }
    p[0] = p_number_list(w->a, positions, n);
    p[1] = p_text_list(w->a, kinds, n);
    p[2] = p_bytes_list(w->a, hashes, n);
    return 0;
}

/* Keyed hashes of the sender's reference and of the native content; NULL without a reference. */
static int native_params(const Work *w, Param p[2]) {
    const Value *native = value_item(w->value, F_referral_native_reference, 0);
    Str name[] = {w->agency, value_text(native, F_reference_scheme),
                  value_text(native, F_reference_value)};
    Str raw = bytes_str(value_bytes(w->value, F_referral_raw_digest));
    Hash reference, content;
    int r = index_hash(w->a, &w->hub->index, "reference", name, COUNT_OF(name), &reference);
    if (r == 0) r = index_hash(w->a, &w->hub->index, "content", &raw, 1, &content);
    if (r < 0) return r;
    bool named = name[2].len > 0;
    p[0] = p_bytes(named ? arena_copy(w->a, BYTES_OF(reference.at)) : (Bytes){0});
    p[1] = p_bytes(arena_copy(w->a, BYTES_OF(content.at)));
    return 0;
}

static int hand_referral(Work *w, Rows **ret) {
    enum { AT_native = 3, AT_mention = 5, AT_key = 10, AT_item = 13, AT_rating = 18, ALL = 20 };
    Param p[ALL] = {p_text(w->agency), p_id(w->id)};
    Id enquiry;
    int r = id_v7(w->now_ms, &enquiry);
    if (r == 0) r = native_params(w, &p[AT_native]);
    if (r == 0) r = mention_params(w, &p[AT_mention]);
    if (r == 0) r = key_params(w, &p[AT_key]);
    if (r == 0) r = item_params(w, &p[AT_item]);
    if (r < 0) return r;
    p[2] = p_id(enquiry);
    p[AT_rating] = p_z(rate_name(w->rating.rate));
    p[AT_rating + 1] = p_text_list(w->a, w->rating.reasons, w->rating.count);
    return arena_failed(w->a) ? ERR_MEMORY : store_call(w->hub->store, take_sql, p, ALL, ret);
}

static int hand_answer(Work *w, Rows **ret) {
    enum { AT_item = 4, AT_rating = 9, ALL = 11 };
    Param p[ALL] = {p_text(w->agency), p_id(w->id)};
    Id check;
    if (!value_id(w->value, F_answer_check_id, &check)) return REFUSE_missing_field;
    int r = item_params(w, &p[AT_item]);
    if (r < 0) return r;
    p[2] = p_id(check);
    p[3] = p_text(value_text(w->value, F_answer_outcome));
    p[AT_rating] = p_z(rate_name(w->rating.rate));
    p[AT_rating + 1] = p_text_list(w->a, w->rating.reasons, w->rating.count);
    return arena_failed(w->a) ? ERR_MEMORY : store_call(w->hub->store, answer_sql, p, ALL, ret);
}

static int work_hand(Work *w) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    int r = is_referral(w) ? hand_referral(w, &rows) : hand_answer(w, &rows);
    if (r) return r;
    if (rows_count(rows) != 1) return ERR_BROKEN;
    w->treatment = arena_str(w->a, row_text(rows, 0, 0));
    w->enquiry = row_id(rows, 0, 1);
    return 0;
}

/* ---- the whole ----------------------------------------------------------------------- */

static int work_do(Work *w) {
    int r = work_decode(w);
    if (r == 0) r = work_compute(w);
    if (r == 0) r = work_keys(w);
    if (r == 0) r = work_hand(w);
    if (r == ERR_MEMORY && arena_failed(w->a)) r = REFUSE_too_large;
    return r;
}

static void work_log(const Work *w, int outcome) {
    char message[ID_TEXT], enquiry[ID_TEXT];
    id_text(w->id, message);
    id_text(w->enquiry, enquiry);
    long long ms = (long long)(clock_ms() - w->now_ms);
    if (outcome == 0) {
        log_event(LOG_info, "processed",
                  "agency=%.*s message=%s treatment=%.*s enquiry=%s drafts=%zu ms=%lld",
                  STR_ARG(w->agency), message, STR_ARG(w->treatment), enquiry, w->draft_count, ms);
    } else {
        log_event(LOG_warn, "set_aside", "agency=%.*s message=%s reason=%s path=%s ms=%lld",
                  STR_ARG(w->agency), message, reason_name(outcome), w->fault.path, ms);
    }
}

/* In a transaction of its own: whatever the attempt did is undone first. When another hub was
 * faster in between, its word counts. */
static int work_set_aside(Work *w, int reason) {
    Id quarantine;
    store_rollback(w->hub->store);
    int r = store_begin(w->hub->store);
    if (r == 0) r = id_v7(w->now_ms, &quarantine);
    if (r == 0) {
        r = STORE_CALL(w->hub->store, NULL, "SELECT door.hub_set_aside($1, $2, $3, $4, $5)",
                       p_text(w->agency), p_id(w->id), p_id(quarantine), p_z(reason_name(reason)),
                       p_z(w->fault.path));
    }
    if (r == 0) r = store_commit(w->hub->store);
    if (r == 0) work_log(w, reason);
    if (r > 0) store_rollback(w->hub->store);
    return r < 0 ? r : 0;
}

static int work_finish(Work *w) {
    int r = work_do(w);
    if (r > 0) return work_set_aside(w, r);
    if (r == 0) r = store_commit(w->hub->store);
    if (r == 0) work_log(w, 0);
    return r;
}

/* One message, if one waits. */
static int pipeline_one(Hub *h, Arena *a, bool *ret_found) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    int r = store_begin(h->store);
    if (r == 0) r = store_call(h->store, next_sql, NULL, 0, &rows);
    if (r) return r < 0 ? r : ERR_BROKEN;
    *ret_found = rows_count(rows) > 0;
    if (!*ret_found) return store_commit(h->store);
    Work w = {
        .hub = h,
        .a = a,
        .agency = row_text(rows, 0, COL_agency),
        .id = row_id(rows, 0, COL_message),
        .content = row_text(rows, 0, COL_content),
        .lane = row_text(rows, 0, COL_lane),
        .commitment = row_bytes(rows, 0, COL_commitment),
        .sealed = row_bytes(rows, 0, COL_sealed),
        .now_ms = clock_ms(),
    };
    r = work_finish(&w);
    OPENSSL_cleanse(&w.key, sizeof(w.key));
    return r;
}

int pipeline_run(Hub *h, size_t most, size_t *ret_done) {
    _cleanup_(arena_freep) Arena *a = arena_new(MESSAGE_MEMORY);
    bool found = true;
    if (!a) return ERR_MEMORY;
    for (*ret_done = 0; *ret_done < most; ++*ret_done) {
        int r = pipeline_one(h, a, &found);
        if (r < 0) store_rollback(h->store);
        if (r < 0 || !found) return r;
        arena_reset(a);
    }
    return 0;
}
