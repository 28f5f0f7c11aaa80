/* Who waits, who comes next, and who is told to come again. */
#include <criterion/criterion.h>

#include "broker/intake/lanes.h"

enum { ROOM = 8 * 1024 * 1024, BYTES = 1000 };

static const Allowance usual = {.immediate_per_minute = 60, .waiting = 1000, .credit = 512};

static Lanes *lanes_of(size_t most_bytes) {
    Lanes *l = NULL;
    cr_assert_eq(lanes_new(most_bytes, &l), 0);
    return l;
}

static Arrival *arrival_of(Sender *s, size_t messages, bool immediate) {
    Arrival *a = arrival_new();
    cr_assert(a);
    cr_assert_eq(random_bytes(&a->submission_id, sizeof(a->submission_id)), 0);
    a->sender = s;
    a->messages = messages;
    a->bytes = messages * BYTES;
    a->immediate = immediate;
    return a;
}

/* What lanes_put answers; what it did not take is freed. */
static int put_at(Lanes *l, const Allowance *may, Sender *s, size_t messages, bool immediate,
                  int64_t now_ms) {
    Arrival *a = arrival_of(s, messages, immediate);
    int r = lanes_put(l, a, may, now_ms);
    if (r) arrival_free(a);
    return r;
}

static int put(Lanes *l, Sender *s, size_t messages) {
    return put_at(l, &usual, s, messages, false, 1);
}

/* Whose the next of this batch is; NULL when none may come. It counts as unanswered. */
static Sender *next_of(Lanes *l, Lane lane, uint64_t batch) {
    _cleanup_(arrival_freep) Arrival *a = lanes_take(l, lane, batch, 1);
    return a ? a->sender : NULL;
}
static Sender *next(Lanes *l, Lane lane) {
    return next_of(l, lane, 1);
}

static void answer(Lanes *l, const Arrival *a) {
    lanes_answered(l, a->sender, a->submission_id,
                   bytes_of(a->frames.routing, a->frames.routing_len), a->messages);
}

Test(lanes, give_each_agency_one_quota_of_a_batch_while_others_send) {
    Lanes *l = lanes_of(ROOM);
    Sender *flood = lanes_sender(l, "a1", "police"), *quiet = lanes_sender(l, "b1", "health");
    for (int i = 0; i < 7; i++) cr_assert_eq(put(l, flood, 64), 0);
    cr_assert_eq(put(l, quiet, 1), 0);
    lanes_second(l, 1);
    cr_expect_eq(next_of(l, LANE_ordinary, 1), flood);
    cr_expect_eq(next_of(l, LANE_ordinary, 1), quiet, "one quota later it is the other's turn");
    cr_expect_eq(next_of(l, LANE_ordinary, 1), NULL, "the batch is not filled up with the rest");
    cr_expect_eq(next_of(l, LANE_ordinary, 2), flood);
    cr_expect_eq(next_of(l, LANE_ordinary, 2), NULL, "the other may send again at any moment");
    lanes_second(l, 1 + 2000);
    cr_expect_eq(next_of(l, LANE_ordinary, 3), flood);
    cr_expect_eq(next_of(l, LANE_ordinary, 3), flood, "alone, it may fill the batch");
    lanes_free(l);
}

Test(lanes, give_equal_quotas_of_messages_not_of_submissions) {
    Lanes *l = lanes_of(ROOM);
    Sender *large = lanes_sender(l, "a1", "police"), *small = lanes_sender(l, "b1", "health");
    size_t of_large = 0, of_small = 0;
    for (int i = 0; i < 5; i++) cr_assert_eq(put(l, large, 64), 0);
    for (int i = 0; i < 320; i++) cr_assert_eq(put(l, small, 1), 0);
    lanes_second(l, 1);
    for (uint64_t batch = 1; batch <= 3; batch++) {
        Arrival *a;
        while ((a = lanes_take(l, LANE_ordinary, batch, 1))) {
            *(a->sender == large ? &of_large : &of_small) += a->messages;
            arrival_free(a);
        }
    }
    cr_expect_eq(of_large, 3 * 64);
    cr_expect_eq(of_small, 3 * 64);
    lanes_free(l);
}

Test(lanes, go_on_in_the_next_batch_where_a_full_one_stopped) {
    Lanes *l = lanes_of(ROOM);
    Sender *s[3] = {lanes_sender(l, "a", "police"), lanes_sender(l, "b", "health"),
                    lanes_sender(l, "c", "education")};
    for (int i = 0; i < 3; i++) {
        for (int k = 0; k < 2; k++) cr_assert_eq(put(l, s[i], 64), 0);
    }
    lanes_second(l, 1);
    cr_expect_eq(next_of(l, LANE_ordinary, 1), s[0]);
    cr_expect_eq(next_of(l, LANE_ordinary, 1), s[1]);
    cr_expect_eq(next_of(l, LANE_ordinary, 2), s[1], "its turn had not ended");
    cr_expect_eq(next_of(l, LANE_ordinary, 2), s[2]);
    cr_expect_eq(next_of(l, LANE_ordinary, 2), s[0]);
    lanes_free(l);
}

Test(lanes, keep_the_quotas_of_batches_that_fill_at_the_same_time) {
    enum { ONE = WRITERS_MAX, OTHER };
    Lanes *l = lanes_of(ROOM);
    Sender *flood = lanes_sender(l, "a1", "police"), *quiet = lanes_sender(l, "b1", "health");
    for (int i = 0; i < 7; i++) cr_assert_eq(put(l, flood, 64), 0);
    cr_assert_eq(put(l, quiet, 1), 0);
    lanes_second(l, 1);
    cr_expect_eq(next_of(l, LANE_ordinary, ONE), flood);
    cr_expect_eq(next_of(l, LANE_ordinary, OTHER), flood);
    cr_expect_eq(next_of(l, LANE_ordinary, OTHER), quiet);
    cr_expect_eq(next_of(l, LANE_ordinary, ONE), NULL, "the other's batch is no new one");
    cr_expect_eq(next_of(l, LANE_ordinary, OTHER), NULL);
    cr_expect_eq(next_of(l, LANE_ordinary, ONE + WRITERS_MAX), flood, "the next one is");
    cr_expect_eq(next_of(l, LANE_ordinary, OTHER), NULL);
    lanes_free(l);
}

/* Until it is not even told `busy` any more. */
static void make_heedless(Sender *s) {
    while (sender_may(s, TROUBLE_busy, 1, 1)) continue;
}

/* How many messages it is given in that many milliseconds, each by a batch of its own. */
static size_t given_in(Lanes *l, Sender *s, int64_t from_ms, int64_t ms) {
    size_t given = 0;
    for (int64_t now = from_ms; now < from_ms + ms; now++) {
        _cleanup_(arrival_freep) Arrival *a =
            lanes_take(l, LANE_ordinary, (uint64_t)now * WRITERS_MAX, now);
        given += a && a->sender == s ? a->messages : 0;
    }
    return given;
}

Test(lanes, give_little_to_who_does_not_wait_while_others_send) {
    Lanes *l = lanes_of(2 * ROOM);
    Sender *flood = lanes_sender(l, "a1", "police"), *quiet = lanes_sender(l, "b1", "health");
    Allowance may = usual;
    may.credit = 2000;
    for (int i = 0; i < 900; i++) cr_assert_eq(put_at(l, &may, flood, 1, false, 1), 0);
    cr_assert_eq(put(l, quiet, 1), 0);
    lanes_second(l, 1);
    cr_expect_eq(given_in(l, flood, 1, 100), 100, "as much as it sent, while it is told");
    make_heedless(flood);
    size_t first = given_in(l, flood, 101, 400);
    cr_expect(first >= 64 + 40 && first <= 64 + 60, "%zu: a quota, then by the second", first);
    cr_assert_eq(put_at(l, &usual, flood, 1, true, 501), 0);
    cr_expect_eq(next(l, LANE_reserved), flood, "its emergencies are as quick as ever");
    cr_expect_eq(given_in(l, flood, 1 + 5000, 100), 100, "a while later it is as any other");
    lanes_free(l);
}

Test(lanes, give_all_to_who_does_not_wait_while_nobody_else_sends_or_once_time_has_ended) {
    Lanes *l = lanes_of(ROOM);
    Sender *flood = lanes_sender(l, "a1", "police"), *quiet = lanes_sender(l, "b1", "health");
    for (int i = 0; i < 400; i++) cr_assert_eq(put(l, flood, 1), 0);
    lanes_second(l, 1);
    make_heedless(flood);
    cr_expect_eq(given_in(l, flood, 1, 200), 200);
    cr_assert_eq(put(l, quiet, 1), 0);
    lanes_second(l, 1);
    cr_expect_leq(given_in(l, flood, 201, 100), 64 + 26);
    for (uint64_t batch = 1; batch <= 50; batch++) {
        _cleanup_(arrival_freep) Arrival *a = lanes_take(l, LANE_ordinary, batch, INT64_MAX);
        cr_expect(a, "while it drains");
    }
    lanes_free(l);
}

Test(lanes, let_who_sends_little_pass_by_who_sends_thousands) {
    Lanes *l = lanes_of(ROOM);
    Sender *flood = lanes_sender(l, "a1", "police"), *quiet = lanes_sender(l, "b1", "health");
    cr_assert_eq(put(l, flood, 64), 0);
    cr_assert_eq(put(l, flood, 1), 0);
    cr_assert_eq(put(l, quiet, 1), 0);
    _cleanup_(arrival_freep) Arrival *first = lanes_take_light(l, 1, 1);
    cr_assert(first);
    cr_expect_eq(first->sender, quiet);
    cr_expect_eq(lanes_take_light(l, 1, 1), NULL);
    _cleanup_(arrival_freep) Arrival *second = lanes_take(l, LANE_ordinary, 2, 1);
    cr_expect_eq(lanes_take_light(l, 3, 1), NULL, "what is taken is not yet answered");
    answer(l, second);
    _cleanup_(arrival_freep) Arrival *third = lanes_take_light(l, 3, 1);
    cr_expect(third && third->sender == flood, "what is unanswered decides, not who it is");
    lanes_free(l);
}

Test(lanes, let_immediate_danger_overtake_up_to_the_cap_and_lose_nothing_above_it) {
    Lanes *l = lanes_of(ROOM);
    Sender *s = lanes_sender(l, "a1", "police");
    Allowance may = usual;
    may.immediate_per_minute = 3;
    for (int i = 0; i < 5; i++) cr_assert_eq(put_at(l, &may, s, 1, true, 1000), 0);
    cr_expect_eq(lanes_waiting(l, LANE_reserved), 3);
    cr_expect_eq(lanes_waiting(l, LANE_ordinary), 2, "what is above goes by the ordinary lane");
    cr_expect(lanes_overflow(l, 1000));
    cr_assert_eq(put_at(l, &may, s, 1, true, 1000 + 20000), 0);
    cr_expect_eq(lanes_waiting(l, LANE_reserved), 4, "a third of a minute brings one more");
    cr_expect_not(lanes_overflow(l, 1000 + 60000));
    lanes_free(l);
}

Test(lanes, keep_one_agencys_cap_from_anothers_emergency) {
    Lanes *l = lanes_of(ROOM);
    Sender *loud = lanes_sender(l, "a1", "police"), *other = lanes_sender(l, "b1", "health");
    for (int i = 0; i < 100; i++) cr_assert_eq(put_at(l, &usual, loud, 1, true, 1), 0);
    cr_assert_eq(put_at(l, &usual, other, 1, true, 1), 0);
    cr_expect_eq(lanes_waiting(l, LANE_reserved), 61);
    lanes_free(l);
}

/* A lane of 64 messages' bytes: eight are an agency's, and the last eight of who has none. */
Test(lanes, are_bounded_in_bytes_and_the_reserved_lane_apart) {
    Lanes *l = lanes_of(64 * BYTES);
    char code[] = "a";
    for (; code[0] <= 'g'; code[0]++) {
        Sender *s = lanes_sender(l, code, code);
        cr_assert_eq(put(l, s, 1), 0);
        cr_assert_eq(put(l, s, 7), 0);
        cr_expect_eq(put(l, s, 1), REFUSE_busy, "%s has its share", code);
    }
    Sender *late = lanes_sender(l, "late", "late"), *last = lanes_sender(l, "last", "last");
    cr_expect_eq(put(l, late, 1), 0, "what is left is for who has nothing here");
    cr_expect_eq(put(l, late, 1), REFUSE_busy);
    cr_expect_eq(put(l, last, 8), REFUSE_busy);
    cr_expect_eq(sender_unanswered(last), 0, "busy changes nothing");
    cr_expect_eq(put(l, last, 7), 0);
    cr_expect_eq(lanes_bytes(l, LANE_ordinary), 64 * BYTES);
    cr_expect_eq(put_at(l, &usual, last, 1, true, 1), 0, "an emergency finds room of its own");
    lanes_free(l);
}

Test(lanes, hold_a_sender_to_its_credit_until_it_is_answered) {
    Lanes *l = lanes_of(ROOM);
    Sender *s = lanes_sender(l, "a1", "police");
    Allowance may = usual;
    may.credit = 100;
    cr_assert_eq(put_at(l, &may, s, 64, false, 1), 0);
    cr_expect_eq(put_at(l, &may, s, 64, false, 1), REFUSE_busy);
    _cleanup_(arrival_freep) Arrival *taken = lanes_take(l, LANE_ordinary, 1, 1);
    cr_expect_eq(put_at(l, &may, s, 64, false, 1), REFUSE_busy, "taken is not yet answered");
    answer(l, taken);
    cr_expect_eq(put_at(l, &may, s, 64, false, 1), 0);
    lanes_free(l);
}

Test(lanes, always_take_one_submission_of_who_has_nothing_unanswered) {
    Lanes *l = lanes_of(ROOM);
    Sender *s = lanes_sender(l, "a1", "police");
    Allowance least = {.immediate_per_minute = 0, .waiting = 1, .credit = 1};
    cr_expect_eq(put_at(l, &least, s, 64, false, 1), 0);
    cr_expect_eq(put_at(l, &least, s, 1, false, 1), REFUSE_busy);
    lanes_free(l);
}

Test(lanes, bound_what_one_agency_may_have_waiting_over_all_its_senders) {
    Lanes *l = lanes_of(ROOM);
    Sender *one = lanes_sender(l, "a1", "education"), *two = lanes_sender(l, "a2", "education");
    Allowance may = usual;
    may.waiting = 100;
    cr_assert_eq(put_at(l, &may, one, 64, false, 1), 0);
    cr_expect_eq(put_at(l, &may, two, 64, false, 1), REFUSE_busy);
    cr_expect_eq(put_at(l, &may, two, 36, false, 1), 0);
    lanes_free(l);
}

Test(lanes, share_what_is_free_among_those_who_send_as_credit) {
    Lanes *l = lanes_of(8 * 1024 * BYTES);
    Sender *s = lanes_sender(l, "a1", "police");
    Allowance may = usual;
    cr_expect_eq(lanes_credit(l, s, &may), 500, "an agency's eighth at the usual size");
    may.credit = 200;
    cr_expect_eq(lanes_credit(l, s, &may), 200, "never more than the allowance");
    for (int i = 0; i < 20 * 7; i++) {
        char name[8];
        (void)snprintf(name, sizeof(name), "g%d", i % 20);
        cr_assert_eq(put(l, lanes_sender(l, name, name), 50), 0);
    }
    cr_expect_eq(lanes_credit(l, s, &may), 64, "never less than one submission");
    lanes_free(l);
}

Test(lanes, know_a_submission_until_it_is_answered_on_the_connection_that_sent_it) {
    Lanes *l = lanes_of(ROOM);
    Sender *s = lanes_sender(l, "a1", "police");
    _cleanup_(arrival_freep) Arrival *again = arrival_of(s, 1, false), *taken = NULL;
    Arrival *first = arrival_of(s, 1, false);
    again->submission_id = first->submission_id;
    cr_expect_not(lanes_know(again));
    cr_assert_eq(lanes_put(l, first, &usual, 1), 0);
    cr_expect(lanes_know(again));
    again->frames.routing_len = 1;
    again->frames.routing[0] = 7;
    cr_expect_not(lanes_know(again), "another connection gets an answer of its own");
    again->frames.routing_len = 0;
    taken = lanes_take(l, LANE_ordinary, 1, 1);
    cr_expect(lanes_know(again));
    answer(l, taken);
    cr_expect_not(lanes_know(again));
    lanes_free(l);
}

Test(lanes, give_the_same_sender_for_the_same_key) {
    Lanes *l = lanes_of(ROOM);
    Sender *s = lanes_sender(l, "a1", "police");
    cr_expect_eq(lanes_sender(l, "a1", "police"), s);
    cr_expect_neq(lanes_sender(l, "a2", "police"), s);
    cr_expect_str_eq(sender_agency(s), "police");
    lanes_free(l);
}

Test(lanes, tell_apart_the_turns_of_who_sends_in_thousands) {
    Lanes *l = lanes_of(ROOM);
    Sender *flood = lanes_sender(l, "a1", "police"), *other = lanes_sender(l, "a2", "police");
    Sender *quiet = lanes_sender(l, "b1", "health");
    cr_expect_eq(lanes_turn_ms(flood, 50, 1000), 0, "its first are as early as anybody's");
    cr_expect_eq(lanes_turn_ms(flood, 50, 1000), 1000, "fifty a second");
    cr_expect_eq(lanes_turn_ms(other, 1, 1500), 1500, "whichever of its keys it uses");
    cr_expect_eq(lanes_turn_ms(quiet, 1, 1500), 0, "nobody else is held back by it");
    cr_expect_eq(lanes_turn_ms(flood, 1, 60000), 0, "time forgives");
    lanes_free(l);
}

Test(lanes, bound_how_often_a_sender_may_make_trouble_of_each_kind) {
    Lanes *l = lanes_of(ROOM);
    Sender *s = lanes_sender(l, "a1", "police");
    int granted = 0;
    for (int i = 0; i < 1000; i++) granted += sender_may(s, TROUBLE_refusal, 1, 1);
    cr_expect_eq(granted, 100);
    cr_expect(sender_may(s, TROUBLE_refusal, 1, 1 + 200), "a fifth of a second brings one more");
    cr_expect_not(sender_may(s, TROUBLE_refusal, 1, 1 + 200));
    cr_expect(sender_may(s, TROUBLE_busy, 1, 1 + 200));
    for (granted = 0; sender_may(s, TROUBLE_keep, 256 * 1024, 1); granted++) {}
    cr_expect_eq(granted, 64, "16 MB of what is kept for ever");
    cr_expect(sender_may(s, TROUBLE_keep, 256 * 1024, 1 + 64000), "a minute brings one more");
    lanes_free(l);
}
