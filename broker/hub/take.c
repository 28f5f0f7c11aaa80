/* A batch handed over: its wrapped keys to the vault, its rows to door.hub_take, both at once; what
 * the door wrote is committed by the caller only when the vault has committed (R21). */
#include "broker/hub/work.h"

static const char take_sql[] =
    "SELECT ord, reason, treatment, enquiry_id FROM door.hub_take($1, $2, $3, $4, $5, $6, $7, $8, "
    "$9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24)";
enum { COL_ord, COL_reason, COL_treatment, COL_enquiry };
enum { AT_work = 0, AT_mention = 9, AT_key = 14, AT_item = 17, AT_refusal = 23, ALL };

typedef struct Batch {
    Arena *a;
    Work **works;
    size_t count;
    size_t mentions, keys, items, things;
    int64_t now_ms;
} Batch;

static Str joined_reasons(Arena *a, const Suggestion *s) {
    Str all = {0};
    for (size_t i = 0; i < s->count; i++) {
        all = i == 0 ? s->reasons[0]
                     : arena_printf(a, "%.*s+%.*s", STR_ARG(all), STR_ARG(s->reasons[i]));
    }
    return all;
}

/* One a message: agency, id, an enquiry's id in case it opens one, reference, content; an answer's
 * check and outcome; rating and why. */
static int work_params(const Batch *b, Param p[9]) {
    size_t n = b->count;
    Str *agencies = arena_array(b->a, n, sizeof(*agencies));
    Id *ids = arena_array(b->a, n, sizeof(*ids)), *enquiries = arena_array(b->a, n, sizeof(Id));
    Bytes *references = arena_array(b->a, n, sizeof(*references));
    Bytes *contents = arena_array(b->a, n, sizeof(*contents));
    Id *checks = arena_array(b->a, n, sizeof(*checks));
    Str *outcomes = arena_array(b->a, n, sizeof(*outcomes));
    Str *ratings = arena_array(b->a, n, sizeof(*ratings));
    Str *factors = arena_array(b->a, n, sizeof(*factors));
    if (!factors || arena_failed(b->a)) return ERR_MEMORY;
    for (size_t i = 0; i < n; i++) {
        const Work *w = b->works[i];
        bool referral = work_is_referral(w);
        agencies[i] = w->agency;
        ids[i] = w->id;
        enquiries[i] = w->enquiry;
        references[i] = referral && w->named ? BYTES_OF(w->reference.at) : (Bytes){0};
        contents[i] = referral ? BYTES_OF(w->content_hash.at) : (Bytes){0};
        checks[i] = w->check;
        outcomes[i] = referral ? (Str){0} : value_text(w->value, F_answer_outcome);
        ratings[i] = str_z(rate_name(w->rating.rate));
        factors[i] = joined_reasons(b->a, &w->rating);
    }
    p[0] = p_text_list(b->a, agencies, n);
    p[1] = p_id_list(b->a, ids, n);
    p[2] = p_id_list(b->a, enquiries, n);
    p[3] = p_bytes_list(b->a, references, n);
    p[4] = p_bytes_list(b->a, contents, n);
    p[5] = p_id_list(b->a, checks, n);
    p[6] = p_text_list(b->a, outcomes, n);
    p[7] = p_text_list(b->a, ratings, n);
    p[8] = p_text_list(b->a, factors, n);
    return 0;
}

/* One a message: why an answer refuses. */
static int refusal_params(const Batch *b, Param *p) {
    Str *reasons = arena_array(b->a, b->count, sizeof(*reasons));
    if (!reasons) return ERR_MEMORY;
    for (size_t i = 0; i < b->count; i++) {
        const Work *w = b->works[i];
        bool answer = !work_is_referral(w);
        reasons[i] = answer ? value_text(w->value, F_answer_reason) : (Str){0};
    }
    *p = p_text_list(b->a, reasons, b->count);
    return 0;
}

/* The mentions: place of the message, id, a person's id in case nobody is found, ref, roles,
 * sealed. */
static int mention_params(const Batch *b, Param p[6]) {
    size_t n = 0;
    int64_t *places = arena_array(b->a, b->mentions + 1, sizeof(*places));
    Id *ids = arena_array(b->a, b->mentions + 1, sizeof(*ids));
    Id *persons = arena_array(b->a, b->mentions + 1, sizeof(*persons));
    Str *roles = arena_array(b->a, b->mentions + 1, sizeof(*roles));
    Bytes *sealed = arena_array(b->a, b->mentions + 1, sizeof(*sealed));
    if (!sealed || arena_failed(b->a)) return ERR_MEMORY;
    for (size_t i = 0; i < b->count; i++) {
        const Work *w = b->works[i];
        for (size_t k = 0; k < w->mention_count; k++, n++) {
            int r = id_v7(b->now_ms, &persons[n]);
            if (r < 0) return r;
            places[n] = (int64_t)i + 1;
            ids[n] = w->things[k].id;
            roles[n] = roles_text(b->a, w->mentions[k].value);
            sealed[n] = sealed_bytes(w->things[k].sealed);
        }
    }
    p[0] = p_number_list(b->a, places, n);
    p[1] = p_id_list(b->a, ids, n);
    p[2] = p_id_list(b->a, persons, n);
    p[3] = p_text_list(b->a, roles, n);
    p[4] = p_bytes_list(b->a, sealed, n);
    return 0;
}

/* The match keys: place of the mention, kind, hash. */
static int key_params(const Batch *b, Param p[3]) {
    size_t n = 0, mention = 0;
    int64_t *places = arena_array(b->a, b->keys + 1, sizeof(*places));
    Str *kinds = arena_array(b->a, b->keys + 1, sizeof(*kinds));
    Bytes *hashes = arena_array(b->a, b->keys + 1, sizeof(*hashes));
    if (!places || !kinds || !hashes) return ERR_MEMORY;
    for (size_t i = 0; i < b->count; i++) {
        const Work *w = b->works[i];
        for (size_t k = 0; k < w->mention_count; k++) {
            const Mention *m = &w->mentions[k];
            mention++;
            for (size_t j = 0; j < m->key_count; j++, n++) {
                places[n] = (int64_t)mention;
                kinds[n] = str_z(m->keys[j].kind);
                hashes[n] = BYTES_OF(m->keys[j].hash.at);
            }
        }
    }
    p[0] = p_number_list(b->a, places, n);
    p[1] = p_text_list(b->a, kinds, n);
    p[2] = p_bytes_list(b->a, hashes, n);
    return 0;
}

/* The items: place of the message, id, class, tier, free text, sealed. */
static int item_params(const Batch *b, Param p[6]) {
    size_t n = 0;
    int64_t *places = arena_array(b->a, b->items + 1, sizeof(*places));
    Id *ids = arena_array(b->a, b->items + 1, sizeof(*ids));
    Str *classes = arena_array(b->a, b->items + 1, sizeof(*classes));
    Str *tiers = arena_array(b->a, b->items + 1, sizeof(*tiers));
    int64_t *frees = arena_array(b->a, b->items + 1, sizeof(*frees));
    Bytes *sealed = arena_array(b->a, b->items + 1, sizeof(*sealed));
    if (!sealed || arena_failed(b->a)) return ERR_MEMORY;
    for (size_t i = 0; i < b->count; i++) {
        const Work *w = b->works[i];
        for (size_t k = 0; k < w->draft_count; k++, n++) {
            const VaultThing *t = &w->things[w->mention_count + k];
            const Draft *d = &w->drafts[k];
            places[n] = (int64_t)i + 1;
            ids[n] = t->id;
            classes[n] = str_z(class_name(d->class));
            tiers[n] = d->tier == TIER_none ? (Str){0} : str_z(tier_name(d->tier));
            frees[n] = d->free_text;
            sealed[n] = sealed_bytes(t->sealed);
        }
    }
    p[0] = p_number_list(b->a, places, n);
    p[1] = p_id_list(b->a, ids, n);
    p[2] = p_text_list(b->a, classes, n);
    p[3] = p_text_list(b->a, tiers, n);
    p[4] = p_number_list(b->a, frees, n);
    p[5] = p_bytes_list(b->a, sealed, n);
    return 0;
}

/* Of everything new, and the messages' own, for when intake's pair is gone. */
static int keys_send(Hub *h, const Batch *b) {
    size_t n = 0, most = b->things + b->count;
    Id *ids = arena_array(b->a, most, sizeof(*ids));
    Bytes *wrapped = arena_array(b->a, most, sizeof(*wrapped));
    if (!ids || !wrapped) return ERR_MEMORY;
    for (size_t i = 0; i < b->count; i++) {
        const Work *w = b->works[i];
        int r = vault_message_id(w->agency, w->id, &ids[n]);
        if (r == 0) r = vault_wrap(h, b->a, ids[n], &w->key, &wrapped[n]);
        if (r < 0) return r;
        n++;
        for (size_t k = 0; k < w->thing_count; k++, n++) {
            ids[n] = w->things[k].id;
            wrapped[n] = w->things[k].wrapped;
        }
    }
    return vault_send(h, b->a, ids, wrapped, n);
}

static int ends_read(const Batch *b, const Rows *rows) {
    if (rows_count(rows) != b->count) return ERR_BROKEN;
    for (size_t i = 0; i < b->count; i++) {
        Work *w = b->works[i];
        if (row_number(rows, i, COL_ord) != (int64_t)i + 1) return ERR_BROKEN;
        Reason reason = reason_by_name(row_text(rows, i, COL_reason));
        if (reason == REFUSE_none) reason = REFUSE_hub_failed;
        w->reason = row_null(rows, i, COL_reason) ? 0 : (int)reason;
        w->treatment = arena_str(b->a, row_text(rows, i, COL_treatment));
        w->enquiry = row_id(rows, i, COL_enquiry);
    }
    return 0;
}

int take(Hub *h, Arena *a, Work **works, size_t count, int64_t now_ms) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    Batch b = {.a = a, .works = works, .count = count, .now_ms = now_ms};
    Param p[ALL];
    for (size_t i = 0; i < count; i++) {
        b.mentions += works[i]->mention_count;
        b.keys += works[i]->key_count;
        b.items += works[i]->draft_count;
        b.things += works[i]->thing_count;
    }
    int r = work_params(&b, &p[AT_work]);
    if (r == 0) r = mention_params(&b, &p[AT_mention]);
    if (r == 0) r = key_params(&b, &p[AT_key]);
    if (r == 0) r = item_params(&b, &p[AT_item]);
    if (r == 0) r = refusal_params(&b, &p[AT_refusal]);
    if (r == 0) r = arena_failed(a) ? ERR_MEMORY : keys_send(h, &b);
    if (r < 0) return r;
    int sent = store_send(h->store, take_sql, p, ALL);
    int kept = vault_sent(h);
    r = sent < 0 ? sent : store_result(h->store, &rows);
    if (r == 0) r = kept > 0 ? ERR_STORE : kept;
    return r ? r : ends_read(&b, rows);
}
