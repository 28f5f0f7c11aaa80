/* The way to intake, with a hub that the test plays: what is sent, believed and kept. */
#include "adapters/common/client.h"

#include "adapters/common/spool_db.h"
#include "tests/unit/adapters_kit.h"

#include <criterion/criterion.h>

static Kit k;
static Client *client;
static size_t sent_count; /* messages handed to the wire */
static Bytes sent[LIMIT_ENTRIES + 2];
static size_t sent_parts;

static int capture(void *context, const Bytes *parts, size_t count) {
    (void)context;
    sent_count++;
    sent_parts = count;
    for (size_t i = 0; i < count; i++) sent[i] = arena_copy(k.arena, parts[i]);
    return 0;
}

static void open_client(void) {
    kit_open(&k);
    sent_count = 0;
    cr_assert(client_open(&k.adapter.self, k.adapter.spool, capture, NULL, &client) == 0);
}

static void close_client(void) {
    client_close(client);
    kit_close(&k);
}

TestSuite(adapters_client, .init = open_client, .fini = close_client);

static Id put(const char *content, bool immediate) {
    SpoolEntry e = {.content = STR("referral"), .immediate = immediate};
    cr_assert(id_v7(KIT_NOW_MS, &e.message_id) == 0);
    cr_assert(spool_put(k.adapter.spool, k.arena, str_z(content), str_bytes(str_z(content)), &e,
                        str_bytes(str_z(content)), KIT_NOW_MS) == 0);
    return e.message_id;
}

static void pump(int64_t now_ms) {
    cr_assert(client_pump(client, now_ms) == 0);
}

static const Value *submission(void) {
    StructKind kind;
    const Value *head = NULL;
    Fault fault;
    cr_assert(head_decode(k.arena, sent[0], &kind, &head, &fault) == 0, "%s", fault.path);
    cr_assert_eq(kind, STRUCT_submission);
    return head;
}

/* What the test's hub does differently from the real one. */
typedef enum Twist {
    TWIST_none,
    TWIST_signature,
    TWIST_realm,
    TWIST_agency,
    TWIST_submission,
    TWIST_count,
    TWIST_duplicate,
    TWIST_quarantine
} Twist;

/* Legend: what stands in the true leaf, and what stands there instead. */
typedef struct LeafTwist {
    const char *from, *to;
} LeafTwist;

static const LeafTwist no_leaf_twist = {"mash-leaf/1", "mash-leaf/1"};

static Str leaf_make(const Value *entry, bool quarantined, const LeafTwist *twist) {
    char id[ID_TEXT], hex[2 * HASH_LEN + 1];
    Id message_id;
    size_t at = 0;
    cr_assert(value_id(entry, F_entry_message_id, &message_id));
    id_text(message_id, id);
    hex_encode(value_bytes(entry, F_entry_commitment), hex);
    Str leaf = arena_printf(k.arena,
                            "mash-leaf/1\nrealm demonstration\nat 2026-11-22T14:00:00.123456Z\n"
                            "act %s\nagency police\nactor intake\nsubject %s\nmessage %s\n"
                            "commitment %s\n"
                            "submission 01970000-0000-7000-8000-000000000001\n"
                            "origin_key 0123456789abcdef\ncontent referral\nlane routine\n",
                            quarantined ? "quarantine" : "accept", id, id, hex);
    cr_assert(str_find(leaf, str_z(twist->from), &at));
    return arena_printf(k.arena, "%.*s%s%s", (int)at, leaf.at, twist->to,
                        leaf.at + at + strlen(twist->from));
}

static const char *outcome_word(Twist twist) {
    if (twist == TWIST_duplicate) return "duplicate";
    return twist == TWIST_quarantine ? "quarantined" : "accepted";
}

static void ack_entry(Value *ack, const Value *entry, Twist twist, const LeafTwist *leaf_twist,
                      int64_t index) {
    Id message_id;
    bool quarantined = twist == TWIST_quarantine;
    cr_assert(value_id(entry, F_entry_message_id, &message_id));
    Value *v = value_add_map(k.arena, ack, F_acknowledgement_entry);
    value_set_id(k.arena, v, F_ack_entry_message_id, &message_id);
    value_set_text(k.arena, v, F_ack_entry_outcome, str_z(outcome_word(twist)));
    value_set_number(k.arena, v, F_ack_entry_leaf_index, index);
    value_set_bytes(k.arena, v, F_ack_entry_leaf,
                    str_bytes(leaf_make(entry, quarantined, leaf_twist)));
    if (quarantined) value_set_text(k.arena, v, F_ack_entry_reason, STR("code_unknown"));
}

static void answer(Value *head, StructKind kind, Twist twist) {
    Bytes bytes;
    Signature s;
    cr_assert(codec_encode(k.arena, head, &bytes) == 0);
    cr_assert(head_sign(k.arena, &k.ack.secret, kind, bytes, &s) == 0);
    if (twist == TWIST_signature) s.at[3] ^= 1;
    cr_assert(client_take(client, bytes, BYTES_OF(s.at)) == 0);
}

static void acknowledge_with(Twist twist, const LeafTwist *leaf_twist) {
    const Value *to = submission();
    Value *ack = head_new(k.arena, STRUCT_acknowledgement);
    Id id;
    cr_assert(value_id(to, F_submission_submission_id, &id));
    if (twist == TWIST_submission) id.at[15] ^= 1;
    value_set_id(k.arena, ack, F_acknowledgement_submission_id, &id);
    value_set_text(k.arena, ack, F_acknowledgement_realm,
                   twist == TWIST_realm ? STR("live") : STR("demonstration"));
    value_set_text(k.arena, ack, F_acknowledgement_agency,
                   twist == TWIST_agency ? STR("health") : STR("police"));
    size_t count = value_count(to, F_submission_entry);
    for (size_t i = 0; i < count; i++) {
        const Value *entry = value_item(to, F_submission_entry, i);
        ack_entry(ack, entry, twist, leaf_twist, 10 + (int64_t)i);
    }
    if (twist == TWIST_count) {
        ack_entry(ack, value_item(to, F_submission_entry, 0), twist, leaf_twist, 99);
    }
    answer(ack, STRUCT_acknowledgement, twist);
}

static void acknowledge(Twist twist) {
    acknowledge_with(twist, &no_leaf_twist);
}

static void refuse(const char *reason, bool named) {
    Value *refusal = head_new(k.arena, STRUCT_refusal);
    Id id;
    cr_assert(value_id(submission(), F_submission_submission_id, &id));
    if (named) value_set_id(k.arena, refusal, F_refusal_submission_id, &id);
    value_set_text(k.arena, refusal, F_refusal_realm, STR("demonstration"));
    value_set_text(k.arena, refusal, F_refusal_reason, str_z(reason));
    value_set_text(k.arena, refusal, F_refusal_sentence, STR("A sentence."));
    answer(refusal, STRUCT_refusal, TWIST_none);
}

Test(adapters_client, sends_what_is_queued_under_one_signature) {
    Key origin_public;
    put("one", false);
    put("two", false);
    pump(1000);
    const Value *head = submission();
    cr_expect_eq(sent_parts, 4);
    cr_expect_eq(value_count(head, F_submission_entry), 2);
    cr_expect(str_is(TEXT(head, F_submission_agency), "police"));
    cr_assert(ed25519_public(&k.adapter.self.origin, &origin_public) == 0);
    cr_expect(head_verify(k.arena, &origin_public, STRUCT_submission, sent[0], sent[1]));
    for (size_t i = 0; i < 2; i++) {
        Hash made, said;
        const Value *entry = value_item(head, F_submission_entry, i);
        cr_assert(content_commit(sent[i + 2], &made) == 0);
        cr_assert(value_hash(entry, F_entry_commitment, &said));
        cr_expect(hash_eq(&made, &said));
    }
}

Test(adapters_client, sends_the_same_bytes_again_until_answered) {
    put("one", false);
    pump(1000);
    Bytes first = sent[0];
    pump(1001);
    cr_expect_eq(sent_count, 1);
    put("two", false);
    pump(60000);
    cr_expect_eq(sent_count, 2);
    cr_expect(bytes_eq(first, sent[0]));
    acknowledge(TWIST_none);
    pump(60001);
    cr_expect_eq(sent_count, 3);
    cr_expect_eq(value_count(submission(), F_submission_entry), 1);
}

Test(adapters_client, an_acknowledged_message_leaves_the_queue_and_keeps_its_leaf) {
    Bytes leaf = {0};
    put("one", false);
    pump(1000);
    acknowledge(TWIST_none);
    cr_expect(!client_busy(client));
    cr_expect_eq(spool_queued(k.adapter.spool), 0);
    cr_assert(spool_leaf(k.adapter.spool, k.arena, 10, &leaf) == 0);
    cr_expect(contains(bytes_str(leaf), "act accept"));
}

static const Twist not_believed[] = {TWIST_signature, TWIST_realm, TWIST_agency, TWIST_submission,
                                     TWIST_count};

Test(adapters_client, believes_no_other_acknowledgement) {
    put("one", false);
    pump(1000);
    for (size_t i = 0; i < COUNT_OF(not_believed); i++) {
        acknowledge(not_believed[i]);
        cr_expect(client_busy(client), "twist %zu", i);
        cr_expect_eq(spool_queued(k.adapter.spool), 1, "twist %zu", i);
    }
    cr_expect(contains(kit_file(&k, ".", "alarm.txt"), "acknowledgement_wrong"));
}

static const LeafTwist leaf_twists[] = {
    {"mash-leaf/1", "mash-leaf/2"},
    {"mash-leaf/1", "\nmash-leaf/1"},
    {"realm demonstration", "realm live"},
    {"realm demonstration\n", ""},
    {"act accept", "act refuse"},
    {"act accept", "act quarantine"},
    {"act accept\n", ""},
    {"agency police", "agency health"},
    {"agency police\n", ""},
    {"message 0", "message 1"},
    {"commitment ", "commitment 0"},
    {"commitment ", "digest "},
    {"submission ", "sent_by "},
    {"origin_key ", "key "},
    {"origin_key 0123456789abcdef", "origin_key "},
};

Test(adapters_client, believes_no_leaf_that_is_not_its_own_acceptance) {
    put("one", false);
    pump(1000);
    for (size_t i = 0; i < COUNT_OF(leaf_twists); i++) {
        acknowledge_with(TWIST_none, &leaf_twists[i]);
        cr_expect(client_busy(client), "leaf %zu", i);
        cr_expect_eq(spool_queued(k.adapter.spool), 1, "leaf %zu", i);
    }
    acknowledge_with(TWIST_quarantine, &(LeafTwist){"act quarantine", "act accept"});
    cr_expect(client_busy(client));
    cr_expect(kit_file(&k, "unsent", ".json").at == NULL);
    cr_expect(contains(kit_file(&k, ".", "alarm.txt"), "acknowledgement_wrong"));
}

Test(adapters_client, a_duplicate_is_believed_with_its_first_leaf) {
    put("one", false);
    pump(1000);
    acknowledge(TWIST_duplicate);
    cr_expect(!client_busy(client));
    cr_expect(kit_file(&k, ".", "alarm.txt").at == NULL);
}

Test(adapters_client, a_quarantined_message_is_told_to_a_person) {
    put("one", false);
    pump(1000);
    acknowledge(TWIST_quarantine);
    cr_expect_eq(spool_queued(k.adapter.spool), 0);
    Str told = kit_file(&k, "unsent", ".json");
    cr_expect(contains(told, "quarantined") && contains(told, "code_unknown"));
}

Test(adapters_client, a_refused_message_stays_and_is_told_to_a_person) {
    SpoolCounts counts;
    put("one", false);
    pump(1000);
    refuse("code_unknown", false);
    cr_expect(client_busy(client));
    refuse("code_unknown", true);
    cr_expect(!client_busy(client));
    cr_assert(spool_counts(k.adapter.spool, &counts) == 0);
    cr_expect_eq(counts.refused, 1);
    cr_expect(contains(kit_file(&k, "unsent", ".json"), "code_unknown"));
}

Test(adapters_client, what_is_taken_after_a_refusal_is_no_longer_told_as_unsent) {
    size_t again = 0;
    put("one", false);
    pump(1000);
    refuse("code_unknown", true);
    cr_assert(spool_requeue(k.adapter.spool, &again) == 0);
    pump(1001);
    acknowledge(TWIST_none);
    cr_expect(kit_file(&k, "unsent", ".json").at == NULL);
}

Test(adapters_client, a_refused_submission_is_tried_message_by_message) {
    put("one", false);
    put("two", false);
    pump(1000);
    refuse("too_large", true);
    cr_expect_eq(spool_queued(k.adapter.spool), 2);
    pump(1001);
    cr_expect_eq(value_count(submission(), F_submission_entry), 1);
    refuse("too_large", true);
    pump(1002);
    acknowledge(TWIST_none);
    SpoolCounts counts;
    cr_assert(spool_counts(k.adapter.spool, &counts) == 0);
    cr_expect(counts.refused == 1 && counts.acknowledged == 1);
}

static const char *const put_off[] = {"hub_failed", "key_revoked", "key_unknown", "realm_mismatch",
                                      "agency_mismatch"};

Test(adapters_client, what_is_refused_for_the_hub_or_a_key_stays_queued_and_goes_again) {
    SpoolCounts counts;
    put("one", false);
    pump(1000);
    for (size_t i = 0; i < COUNT_OF(put_off); i++) {
        size_t before = sent_count;
        int64_t now = 100000 * ((int64_t)i + 1);
        refuse(put_off[i], true);
        cr_expect_eq(spool_queued(k.adapter.spool), 1, "%s", put_off[i]);
        pump(now);
        cr_expect_eq(sent_count, before + 1, "%s", put_off[i]);
        refuse(put_off[i], true);
        pump(now + 1999);
        cr_expect_eq(sent_count, before + 1, "%s: without a pause", put_off[i]);
    }
    cr_expect(kit_file(&k, "unsent", ".json").at == NULL);
    pump(1000000);
    acknowledge(TWIST_none);
    cr_assert(spool_counts(k.adapter.spool, &counts) == 0);
    cr_expect(counts.acknowledged == 1 && counts.refused == 0);
}

Test(adapters_client, the_pause_grows_while_the_hub_puts_off) {
    put("one", false);
    pump(1000);
    for (int64_t now = 100000; now < 500000; now += 100000) {
        refuse("hub_failed", true);
        pump(now);
    }
    refuse("hub_failed", true);
    size_t before = sent_count;
    pump(400000 + 15000);
    cr_expect_eq(sent_count, before);
    pump(400000 + 60000);
    cr_expect_eq(sent_count, before + 1);
}

static Id first_sent(void) {
    Id id = {{0}};
    cr_assert(value_id(value_item(submission(), F_submission_entry, 0), F_entry_message_id, &id));
    return id;
}

Test(adapters_client, what_the_hub_keeps_failing_at_lets_the_others_by) {
    Id bad = put("one", true), good;
    pump(1000);
    refuse("hub_failed", true);
    good = put("two", false);
    pump(100000);
    cr_expect(id_eq(first_sent(), bad));
    refuse("hub_failed", true);
    pump(200000);
    cr_expect(id_eq(first_sent(), good));
    acknowledge(TWIST_none);
    pump(200001);
    cr_expect(id_eq(first_sent(), bad));
}

Test(adapters_client, a_damaged_message_is_told_and_holds_up_nothing) {
    char id[ID_TEXT];
    SpoolKnown known = SPOOL_again;
    Id unused;
    int64_t at;
    id_text(put("one", false), id);
    Id good = put("two", false);
    cr_assert(db_exec(k.adapter.spool, "UPDATE outbound SET sealed = zeroblob(length(sealed))"
                                       " WHERE place = (SELECT min(place) FROM outbound)") == 0);
    pump(1000);
    cr_assert_eq(sent_count, 1);
    cr_expect(id_eq(first_sent(), good));
    cr_expect_eq(spool_queued(k.adapter.spool), 1);
    Str told = kit_file(&k, ".", "alarm.txt");
    cr_expect(contains(told, " spool_damaged: ") && contains(told, id));
    cr_expect(contains(kit_file(&k, "unsent", id), "damaged"));
    Str native = STR("one");
    cr_assert(spool_look(k.adapter.spool, native, str_bytes(native), &known, &unused, &at) == 0);
    cr_expect_eq(known, SPOOL_new, "sent again it must not pass for known");
    put("one", false);
    cr_expect_eq(spool_queued(k.adapter.spool), 2);
}

Test(adapters_client, after_a_crash_the_same_message_has_the_same_commitment) {
    Hash before, after;
    put("one", false);
    pump(1000);
    cr_assert(
        value_hash(value_item(submission(), F_submission_entry, 0), F_entry_commitment, &before));
    client_close(client);
    kit_reopen_spool(&k);
    cr_assert(client_open(&k.adapter.self, k.adapter.spool, capture, NULL, &client) == 0);
    pump(1000);
    cr_assert(
        value_hash(value_item(submission(), F_submission_entry, 0), F_entry_commitment, &after));
    cr_expect(hash_eq(&before, &after));
}

Test(adapters_client, more_than_one_submission_holds_waits_its_turn) {
    char content[32];
    for (int i = 0; i < LIMIT_ENTRIES + 5; i++) {
        (void)snprintf(content, sizeof(content), "message %d", i);
        put(content, false);
    }
    pump(1000);
    cr_expect_eq(value_count(submission(), F_submission_entry), LIMIT_ENTRIES);
    acknowledge(TWIST_none);
    pump(1001);
    cr_expect_eq(value_count(submission(), F_submission_entry), 5);
}
