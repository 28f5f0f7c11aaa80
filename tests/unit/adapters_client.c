/* The way to intake, with a hub that the test plays: what is sent, believed and kept. How much goes
 * at once is in adapters_window.c. */
#include "adapters/common/spool_db.h"
#include "tests/unit/adapters_play.h"

#include <criterion/criterion.h>

static Play play;

static void open_play(void) {
    play_open(&play);
}

static void close_play(void) {
    play_close(&play);
}

TestSuite(adapters_client, .init = open_play, .fini = close_play);

/* Here one submission is under way at a time, and the last one sent is the one that is meant. */
static Id put(const char *content, bool immediate) {
    return play_put(&play, content, immediate);
}

static void pump(int64_t now_ms) {
    play_pump(&play, now_ms);
}

static size_t last(void) {
    return play.sent_count - 1;
}

static const Value *submission(void) {
    return play_head(&play, last());
}

static size_t queued(void) {
    return spool_queued(play.k.adapter.spool);
}

static bool busy(void) {
    return client_under_way(play.client) > 0;
}

static Str file(const char *dir, const char *part) {
    return kit_file(&play.k, dir, part);
}

static void acknowledge(Twist twist) {
    play_acknowledge(&play, last(), &(Says){.twist = twist});
}

static void refuse(const char *reason) {
    play_refuse(&play, last(), &(Says){.reason = reason});
}

Test(adapters_client, sends_what_is_queued_under_one_signature) {
    Key origin_public;
    put("one", false);
    put("two", false);
    pump(1000);
    const Value *head = submission();
    cr_expect_eq(play.sent[last()].count, 4);
    cr_expect_eq(value_count(head, F_submission_entry), 2);
    cr_expect(str_is(TEXT(head, F_submission_agency), "police"));
    cr_assert(ed25519_public(&play.k.adapter.self.origin, &origin_public) == 0);
    const Bytes *parts = play.sent[last()].parts;
    cr_expect(head_verify(play.k.arena, &origin_public, STRUCT_submission, parts[0], parts[1]));
    for (size_t i = 0; i < 2; i++) {
        Hash made, said;
        const Value *entry = value_item(head, F_submission_entry, i);
        cr_assert(content_commit(parts[i + 2], &made) == 0);
        cr_assert(value_hash(entry, F_entry_commitment, &said));
        cr_expect(hash_eq(&made, &said));
    }
}

Test(adapters_client, sends_the_same_bytes_again_until_answered) {
    put("one", false);
    pump(1000);
    pump(1001);
    cr_expect_eq(play.sent_count, 1);
    put("two", false);
    pump(60000);
    cr_expect_eq(play.sent_count, 2);
    cr_expect(play_same(&play, 0, 1));
    acknowledge(TWIST_none);
    pump(60001);
    cr_expect_eq(play.sent_count, 3);
    cr_expect_eq(value_count(submission(), F_submission_entry), 1);
}

Test(adapters_client, an_acknowledged_message_leaves_the_queue_and_keeps_its_leaf) {
    Bytes leaf = {0};
    put("one", false);
    pump(1000);
    acknowledge(TWIST_none);
    cr_expect(!busy());
    cr_expect_eq(queued(), 0);
    cr_assert(spool_leaf(play.k.adapter.spool, play.k.arena, 10, &leaf) == 0);
    cr_expect(contains(bytes_str(leaf), "act accept"));
}

static const Twist not_believed[] = {TWIST_signature, TWIST_realm, TWIST_agency, TWIST_submission,
                                     TWIST_count};

Test(adapters_client, believes_no_other_acknowledgement) {
    put("one", false);
    pump(1000);
    for (size_t i = 0; i < COUNT_OF(not_believed); i++) {
        acknowledge(not_believed[i]);
        cr_expect(busy(), "twist %zu", i);
        cr_expect_eq(queued(), 1, "twist %zu", i);
    }
    cr_expect(contains(file(".", "alarm.txt"), "acknowledgement_wrong"));
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
        play_acknowledge(&play, last(), &(Says){.leaf = &leaf_twists[i]});
        cr_expect(busy(), "leaf %zu", i);
        cr_expect_eq(queued(), 1, "leaf %zu", i);
    }
    static const LeafTwist accepted = {"act quarantine", "act accept"};
    play_acknowledge(&play, last(), &(Says){.twist = TWIST_quarantine, .leaf = &accepted});
    cr_expect(busy());
    cr_expect(file("unsent", ".json").at == NULL);
    cr_expect(contains(file(".", "alarm.txt"), "acknowledgement_wrong"));
}

Test(adapters_client, a_duplicate_is_believed_with_its_first_leaf) {
    put("one", false);
    pump(1000);
    acknowledge(TWIST_duplicate);
    cr_expect(!busy());
    cr_expect(file(".", "alarm.txt").at == NULL);
}

Test(adapters_client, a_quarantined_message_is_told_to_a_person) {
    put("one", false);
    pump(1000);
    acknowledge(TWIST_quarantine);
    cr_expect_eq(queued(), 0);
    Str told = file("unsent", ".json");
    cr_expect(contains(told, "quarantined") && contains(told, "code_unknown"));
}

Test(adapters_client, a_refused_message_stays_and_is_told_to_a_person) {
    SpoolCounts counts;
    put("one", false);
    pump(1000);
    play_refuse(&play, last(), &(Says){.reason = "code_unknown", .unnamed = true});
    cr_expect(busy());
    refuse("code_unknown");
    cr_expect(!busy());
    cr_assert(spool_counts(play.k.adapter.spool, &counts) == 0);
    cr_expect_eq(counts.refused, 1);
    cr_expect(contains(file("unsent", ".json"), "code_unknown"));
}

Test(adapters_client, what_is_taken_after_a_refusal_is_no_longer_told_as_unsent) {
    size_t again = 0;
    put("one", false);
    pump(1000);
    refuse("code_unknown");
    cr_assert(spool_requeue(play.k.adapter.spool, &again) == 0);
    pump(1001);
    acknowledge(TWIST_none);
    cr_expect(file("unsent", ".json").at == NULL);
}

Test(adapters_client, a_refused_submission_is_tried_message_by_message) {
    put("one", false);
    put("two", false);
    pump(1000);
    refuse("too_large");
    cr_expect_eq(queued(), 2);
    pump(1001);
    cr_expect_eq(value_count(submission(), F_submission_entry), 1);
    refuse("too_large");
    pump(1002);
    acknowledge(TWIST_none);
    SpoolCounts counts;
    cr_assert(spool_counts(play.k.adapter.spool, &counts) == 0);
    cr_expect(counts.refused == 1 && counts.acknowledged == 1);
}

static const char *const put_off[] = {"hub_failed", "key_revoked", "key_unknown", "realm_mismatch",
                                      "agency_mismatch"};

Test(adapters_client, what_is_refused_for_the_hub_or_a_key_stays_queued_and_goes_again) {
    SpoolCounts counts;
    put("one", false);
    pump(1000);
    for (size_t i = 0; i < COUNT_OF(put_off); i++) {
        size_t before = play.sent_count;
        int64_t now = 100000 * ((int64_t)i + 1);
        refuse(put_off[i]);
        cr_expect_eq(queued(), 1, "%s", put_off[i]);
        pump(now);
        cr_expect_eq(play.sent_count, before + 1, "%s", put_off[i]);
        refuse(put_off[i]);
        pump(now + 1999);
        cr_expect_eq(play.sent_count, before + 1, "%s: without a pause", put_off[i]);
    }
    cr_expect(file("unsent", ".json").at == NULL);
    pump(1000000);
    acknowledge(TWIST_none);
    cr_assert(spool_counts(play.k.adapter.spool, &counts) == 0);
    cr_expect(counts.acknowledged == 1 && counts.refused == 0);
}

Test(adapters_client, the_pause_grows_while_the_hub_puts_off) {
    put("one", false);
    pump(1000);
    for (int64_t now = 100000; now < 500000; now += 100000) {
        refuse("hub_failed");
        pump(now);
    }
    refuse("hub_failed");
    size_t before = play.sent_count;
    pump(400000 + 15000);
    cr_expect_eq(play.sent_count, before);
    pump(400000 + 60000);
    cr_expect_eq(play.sent_count, before + 1);
}

static Id first_sent(void) {
    return play_message(&play, last(), 0);
}

Test(adapters_client, what_the_hub_failed_at_does_not_hold_up_the_others) {
    Id bad = put("one", true), good;
    pump(1000);
    refuse("hub_failed");
    good = put("two", false);
    pump(1001);
    cr_expect(id_eq(first_sent(), good));
    acknowledge(TWIST_none);
    pump(100000);
    cr_expect(id_eq(first_sent(), bad));
}

Test(adapters_client, what_the_hub_keeps_failing_at_goes_behind_the_others) {
    Id bad = put("one", false), good;
    pump(1000);
    refuse("hub_failed");
    pump(100000);
    cr_expect(id_eq(first_sent(), bad));
    refuse("hub_failed");
    good = put("two", false);
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
    Spool *spool = play.k.adapter.spool;
    cr_assert(db_exec(spool, "UPDATE outbound SET sealed = zeroblob(length(sealed))"
                             " WHERE place = (SELECT min(place) FROM outbound)") == 0);
    pump(1000);
    cr_assert_eq(play.sent_count, 1);
    cr_expect(id_eq(first_sent(), good));
    cr_expect_eq(queued(), 1);
    Str told = file(".", "alarm.txt");
    cr_expect(contains(told, " spool_damaged: ") && contains(told, id));
    cr_expect(contains(file("unsent", id), "damaged"));
    Str native = STR("one");
    cr_assert(spool_look(spool, native, str_bytes(native), &known, &unused, &at) == 0);
    cr_expect_eq(known, SPOOL_new, "sent again it must not pass for known");
    put("one", false);
    cr_expect_eq(queued(), 2);
}

Test(adapters_client, after_a_crash_the_same_message_has_the_same_commitment) {
    Hash before, after;
    put("one", false);
    pump(1000);
    cr_assert(
        value_hash(value_item(submission(), F_submission_entry, 0), F_entry_commitment, &before));
    play_restart(&play);
    pump(1000);
    cr_assert(
        value_hash(value_item(submission(), F_submission_entry, 0), F_entry_commitment, &after));
    cr_expect(hash_eq(&before, &after));
}

Test(adapters_client, more_than_one_submission_holds_waits_its_turn) {
    play_put_many(&play, "message", LIMIT_ENTRIES + 5);
    pump(1000);
    cr_expect_eq(value_count(submission(), F_submission_entry), LIMIT_ENTRIES);
    acknowledge(TWIST_none);
    pump(1001);
    cr_expect_eq(value_count(submission(), F_submission_entry), 5);
}
