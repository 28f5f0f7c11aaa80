/* One message made ready for the door; see work.h. Never decides who is who beyond equal keys. */
#include "broker/hub/work.h"

#include "broker/hub/ending.h"

#include <openssl/crypto.h>

/* ---- open ------------------------------------------------------------------------------------ */

/* The content frame, exactly as the agency committed to it. */
static int work_open(const Hub *h, Arena *a, Work *w, Bytes *ret_content) {
    Bytes whole = {0};
    Hash found;
    SealFor purpose = {.realm = h->realm, .use = STR("message"), .agency = w->agency, .id = w->id};
    if (!opener_open(h->opener, a, purpose, w->sealed, &w->key, &whole)) {
        return arena_failed(a) ? ERR_MEMORY : REFUSE_hub_failed;
    }
    int r = content_commit(whole, &found);
    if (r < 0) return r;
    if (!bytes_eq(BYTES_OF(found.at), w->commitment)) return REFUSE_commitment_wrong;
    if (whole.len < SALT_LEN) return REFUSE_not_msgpack;
    *ret_content = bytes_of(whole.at + SALT_LEN, whole.len - SALT_LEN);
    return 0;
}

static int work_decode(const Hub *h, Arena *a, Work *w) {
    Bytes content = {0};
    int r = work_open(h, a, w, &content);
    if (r) return r;
    w->kind = content_kind(w->content);
    r = content_decode(a, w->kind, content, &w->value, &w->fault);
    if (r) return r;
    if (w->kind != STRUCT_answer) return 0;
    Str outcome = value_text(w->value, F_answer_outcome);
    bool why = !str_is(outcome, "refused") || value_text(w->value, F_answer_reason).len > 0;
    bool whole = value_id(w->value, F_answer_check_id, &w->check) && outcome.len > 0;
    return whole && why ? 0 : REFUSE_missing_field;
}

/* ---- compute --------------------------------------------------------------------------------- */

static int work_persons(const Hub *h, Arena *a, Work *w) {
    size_t count = work_is_referral(w) ? value_count(w->value, F_referral_person) : 0;
    w->mentions = arena_array(a, count + 1, sizeof(*w->mentions));
    if (!w->mentions) return ERR_MEMORY;
    for (size_t i = 0; i < count; i++) {
        Mention *m = &w->mentions[i];
        m->value = value_item(w->value, F_referral_person, i);
        int r = match_keys(a, &h->index, m->value, &m->keys, &m->key_count);
        if (r < 0) return r;
        w->key_count += m->key_count;
    }
    w->mention_count = count;
    return w->key_count <= WORK_KEYS_MOST ? 0 : REFUSE_too_many;
}

/* Keyed hashes of the sender's reference and of the native content. */
static int work_native(const Hub *h, Arena *a, Work *w) {
    if (!work_is_referral(w)) return 0;
    const Value *native = value_item(w->value, F_referral_native_reference, 0);
    Str name[] = {w->agency, value_text(native, F_reference_scheme),
                  value_text(native, F_reference_value)};
    Str raw = bytes_str(value_bytes(w->value, F_referral_raw_digest));
    w->named = name[2].len > 0;
    int r = index_hash(a, &h->index, "reference", name, COUNT_OF(name), &w->reference);
    return r < 0 ? r : index_hash(a, &h->index, "content", &raw, 1, &w->content_hash);
}

/* Ids of one message count upwards, so that its items stay in the order in which they were said. */
static int thing_seal(const Hub *h, Arena *a, Work *w, const char *use, const Value *v,
                      int64_t now_ms) {
    VaultThing *t = &w->things[w->thing_count];
    *t = (VaultThing){.use = str_z(use), .agency = w->agency};
    int r = id_v7(now_ms + (int64_t)w->thing_count, &t->id);
    if (r == 0) r = codec_encode(a, v, &t->plain);
    if (r == 0) r = vault_seal(h, a, t);
    if (r == 0) w->thing_count++;
    return r;
}

static int work_seal(const Hub *h, Arena *a, Work *w, int64_t now_ms) {
    int r = id_v7(now_ms, &w->enquiry);
    w->things = arena_array(a, w->mention_count + w->draft_count + 1, sizeof(*w->things));
    if (!w->things) return ERR_MEMORY;
    for (size_t i = 0; r == 0 && i < w->mention_count; i++) {
        r = thing_seal(h, a, w, "mention", w->mentions[i].value, now_ms);
    }
    for (size_t i = 0; r == 0 && i < w->draft_count; i++) {
        value_set_id(a, w->drafts[i].content, F_item_content_message_id, &w->id);
        r = thing_seal(h, a, w, "item", w->drafts[i].content, now_ms);
    }
    return r;
}

static int work_compute(const Hub *h, Arena *a, Work *w, int64_t now_ms) {
    if (work_is_word(w)) return 0;
    rate_suggest(w->kind, w->value, str_is(w->lane, "immediate"), &w->rating);
    int r = work_persons(h, a, w);
    if (r == 0) r = work_native(h, a, w);
    if (r == 0) r = drafts_make(a, w->kind, w->value, &w->drafts, &w->draft_count);
    if (r == 0 && w->draft_count > WORK_DRAFTS_MOST) r = REFUSE_too_many;
    return r == 0 ? work_seal(h, a, w, now_ms) : r;
}

/* A message over which hubs have ended, again and again, is not even opened. */
int work_prepare(const Hub *h, Arena *a, Work *w, int64_t now_ms) {
    int r = w->blame >= BLAME_MOST ? REFUSE_hub_failed : 0;
    if (r == 0) r = work_decode(h, a, w);
    if (r == 0) r = work_compute(h, a, w, now_ms);
    w->reason = r > 0 ? r : 0;
    return r < 0 ? r : 0;
}
