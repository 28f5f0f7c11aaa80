/* See adapters_play.h. */
#include "tests/unit/adapters_play.h"

#include <criterion/criterion.h>

/* ---- the client and its wire ----------------------------------------------------------------- */

static int capture(void *context, const Bytes *parts, size_t count) {
    Play *p = context;
    if (p->away) return 1;
    cr_assert_lt(p->sent_count, PLAY_SENT, "more was sent than a test can want");
    Sent *s = &p->sent[p->sent_count++];
    s->count = count;
    for (size_t i = 0; i < count; i++) s->parts[i] = arena_copy(p->k.arena, parts[i]);
    return 0;
}

static void client_start(Play *p) {
    cr_assert(client_open(&p->k.adapter.self, p->k.adapter.spool, capture, p, &p->client) == 0);
}

void play_open(Play *p) {
    *p = (Play){0};
    kit_open(&p->k);
    client_start(p);
}

void play_close(Play *p) {
    client_close(p->client);
    kit_close(&p->k);
}

void play_restart(Play *p) {
    client_close(p->client);
    kit_reopen_spool(&p->k);
    client_start(p);
}

Id play_put(Play *p, const char *content, bool immediate) {
    SpoolEntry e = {.content = STR("referral"), .immediate = immediate};
    cr_assert(id_v7(KIT_NOW_MS, &e.message_id) == 0);
    cr_assert(spool_put(p->k.adapter.spool, p->k.arena, str_z(content), str_bytes(str_z(content)),
                        &e, str_bytes(str_z(content)), KIT_NOW_MS) == 0);
    return e.message_id;
}

void play_put_many(Play *p, const char *content, size_t count) {
    char each[64];
    for (size_t i = 0; i < count; i++) {
        (void)snprintf(each, sizeof(each), "%s %zu", content, i);
        play_put(p, each, false);
    }
}

void play_pump(Play *p, int64_t now_ms) {
    p->now_ms = now_ms;
    cr_assert(client_pump(p->client, now_ms) == 0);
}

/* ---- what was sent --------------------------------------------------------------------------- */

const Value *play_head(Play *p, size_t nth) {
    StructKind kind;
    const Value *head = NULL;
    Fault fault;
    cr_assert_lt(nth, p->sent_count, "submission %zu was not sent", nth);
    cr_assert(head_decode(p->k.arena, p->sent[nth].parts[0], &kind, &head, &fault) == 0, "%s",
              fault.path);
    cr_assert_eq(kind, STRUCT_submission);
    return head;
}

size_t play_messages(Play *p, size_t nth) {
    return value_count(play_head(p, nth), F_submission_entry);
}

Id play_message(Play *p, size_t nth, size_t entry) {
    Id id = {{0}};
    const Value *e = value_item(play_head(p, nth), F_submission_entry, entry);
    cr_assert(value_id(e, F_entry_message_id, &id));
    return id;
}

bool play_same(Play *p, size_t one, size_t other) {
    const Sent *a = &p->sent[one], *b = &p->sent[other];
    bool same = one < p->sent_count && other < p->sent_count && a->count == b->count;
    for (size_t i = 0; same && i < a->count; i++) same = bytes_eq(a->parts[i], b->parts[i]);
    return same;
}

SpoolCounts play_counts(Play *p) {
    SpoolCounts counts;
    cr_assert(spool_counts(p->k.adapter.spool, &counts) == 0);
    return counts;
}

/* ---- what the hub says ----------------------------------------------------------------------- */

static Str leaf_make(Arena *a, const Value *entry, bool quarantined, const LeafTwist *twist) {
    char id[ID_TEXT], hex[2 * HASH_LEN + 1];
    Id message_id;
    size_t at = 0;
    cr_assert(value_id(entry, F_entry_message_id, &message_id));
    id_text(message_id, id);
    hex_encode(value_bytes(entry, F_entry_commitment), hex);
    Str leaf = arena_printf(a,
                            "mash-leaf/1\nrealm demonstration\nat 2026-11-22T14:00:00.123456Z\n"
                            "act %s\nagency police\nactor intake\nsubject %s\nmessage %s\n"
                            "commitment %s\n"
                            "submission 01970000-0000-7000-8000-000000000001\n"
                            "origin_key 0123456789abcdef\ncontent referral\nlane routine\n",
                            quarantined ? "quarantine" : "accept", id, id, hex);
    if (!twist) return leaf;
    cr_assert(str_find(leaf, str_z(twist->from), &at));
    return arena_printf(a, "%.*s%s%s", (int)at, leaf.at, twist->to,
                        leaf.at + at + strlen(twist->from));
}

static const char *outcome_word(Twist twist) {
    if (twist == TWIST_duplicate) return "duplicate";
    return twist == TWIST_quarantine ? "quarantined" : "accepted";
}

static void ack_entry(Arena *a, Value *ack, const Value *entry, const Says *says, int64_t index) {
    Id message_id;
    bool quarantined = says->twist == TWIST_quarantine;
    cr_assert(value_id(entry, F_entry_message_id, &message_id));
    Value *v = value_add_map(a, ack, F_acknowledgement_entry);
    value_set_id(a, v, F_ack_entry_message_id, &message_id);
    value_set_text(a, v, F_ack_entry_outcome, str_z(outcome_word(says->twist)));
    value_set_number(a, v, F_ack_entry_leaf_index, index);
    value_set_bytes(a, v, F_ack_entry_leaf,
                    str_bytes(leaf_make(a, entry, quarantined, says->leaf)));
    if (quarantined) value_set_text(a, v, F_ack_entry_reason, STR("code_unknown"));
}

static void answer(Play *p, Value *head, StructKind kind, Twist twist) {
    Arena *a = p->k.arena;
    Bytes bytes;
    Signature s;
    cr_assert(codec_encode(a, head, &bytes) == 0);
    cr_assert(head_sign(a, &p->k.ack.secret, kind, bytes, &s) == 0);
    if (twist == TWIST_signature) s.at[3] ^= 1;
    cr_assert(client_take(p->client, bytes, BYTES_OF(s.at), p->now_ms) == 0);
}

void play_acknowledge(Play *p, size_t nth, const Says *says) {
    Arena *a = p->k.arena;
    const Value *to = play_head(p, nth);
    Value *ack = head_new(a, STRUCT_acknowledgement);
    Id id;
    cr_assert(value_id(to, F_submission_submission_id, &id));
    if (says->twist == TWIST_submission) id.at[15] ^= 1;
    value_set_id(a, ack, F_acknowledgement_submission_id, &id);
    value_set_text(a, ack, F_acknowledgement_realm,
                   says->twist == TWIST_realm ? STR("live") : STR("demonstration"));
    value_set_text(a, ack, F_acknowledgement_agency,
                   says->twist == TWIST_agency ? STR("health") : STR("police"));
    size_t count = value_count(to, F_submission_entry);
    for (size_t i = 0; i < count; i++) {
        const Value *entry = value_item(to, F_submission_entry, i);
        ack_entry(a, ack, entry, says, 10 + 100 * (int64_t)nth + (int64_t)i);
    }
    if (says->twist == TWIST_count) {
        ack_entry(a, ack, value_item(to, F_submission_entry, 0), says, 99);
    }
    if (says->credit) value_set_number(a, ack, F_acknowledgement_credit, *says->credit);
    answer(p, ack, STRUCT_acknowledgement, says->twist);
}

void play_refuse(Play *p, size_t nth, const Says *says) {
    Arena *a = p->k.arena;
    Value *refusal = head_new(a, STRUCT_refusal);
    Id id;
    cr_assert(value_id(play_head(p, nth), F_submission_submission_id, &id));
    if (!says->unnamed) value_set_id(a, refusal, F_refusal_submission_id, &id);
    value_set_text(a, refusal, F_refusal_realm, STR("demonstration"));
    value_set_text(a, refusal, F_refusal_reason, str_z(says->reason));
    value_set_text(a, refusal, F_refusal_sentence, STR("A sentence."));
    if (says->credit) value_set_number(a, refusal, F_refusal_credit, *says->credit);
    if (says->retry_ms) value_set_number(a, refusal, F_refusal_retry_ms, *says->retry_ms);
    answer(p, refusal, STRUCT_refusal, TWIST_none);
}
