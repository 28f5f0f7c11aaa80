/* How much goes to intake at once: credit, busy, the two lanes, and several submissions under way.
 * What is gathered first is in adapters_gather.c. The clock is the test's own. */
#include "tests/unit/adapters_play.h"

#include <criterion/criterion.h>

static Play play;

static void open_play(void) {
    play_open(&play);
}

static void close_play(void) {
    play_close(&play);
}

TestSuite(adapters_window, .init = open_play, .fini = close_play);

static void pump(int64_t now_ms) {
    play_pump(&play, now_ms);
}

static void acknowledge(size_t nth, int64_t credit) {
    play_acknowledge(&play, nth, &(Says){CREDIT(credit)});
}

static void busy(size_t nth, int64_t credit, int64_t retry_ms) {
    play_refuse(&play, nth, &(Says){.reason = "busy", CREDIT(credit), RETRY_MS(retry_ms)});
}

/* The first answer of intake has given so much credit; submission 0 is past. At 1000 ms. */
static void give_credit(int64_t credit) {
    play_put(&play, "the first", false);
    pump(1000);
    acknowledge(0, credit);
}

/* No message is in two of the submissions `from` to before `to`. */
static bool none_twice(size_t from, size_t to) {
    static Id seen[16 * LIMIT_ENTRIES];
    size_t count = 0;
    for (size_t nth = from; nth < to; nth++) {
        size_t messages = play_messages(&play, nth);
        for (size_t i = 0; i < messages; i++) {
            Id id = play_message(&play, nth, i);
            for (size_t other = 0; other < count; other++) {
                if (id_eq(seen[other], id)) return false;
            }
            seen[count++] = id;
        }
    }
    return true;
}

/* ---- credit ---------------------------------------------------------------------------------- */

Test(adapters_window, one_submission_goes_while_no_credit_is_told) {
    play_put_many(&play, "m", LIMIT_ENTRIES + 3);
    pump(1000);
    pump(1001);
    cr_expect_eq(play.sent_count, 1);
    cr_expect_eq(client_under_way(play.client), (size_t)LIMIT_ENTRIES);
}

Test(adapters_window, credit_opens_the_window_and_no_message_goes_twice) {
    give_credit(150);
    play_put_many(&play, "m", 150 + LIMIT_ENTRIES);
    pump(1001);
    cr_assert_eq(play.sent_count, 4);
    cr_expect_eq(play_messages(&play, 1), (size_t)LIMIT_ENTRIES);
    cr_expect_eq(play_messages(&play, 2), (size_t)LIMIT_ENTRIES);
    cr_expect_eq(play_messages(&play, 3), 150u - 2 * LIMIT_ENTRIES);
    cr_expect_eq(client_under_way(play.client), 150);
    cr_expect(none_twice(1, 4));
    acknowledge(2, 150);
    pump(1002);
    cr_assert_eq(play.sent_count, 5);
    cr_expect_eq(play_messages(&play, 4), (size_t)LIMIT_ENTRIES);
    cr_expect(none_twice(1, 5));
}

Test(adapters_window, less_credit_closes_the_window_until_enough_is_answered) {
    give_credit(128);
    play_put_many(&play, "m", 200);
    pump(1001);
    cr_assert_eq(play.sent_count, 3);
    acknowledge(1, 64);
    pump(1002);
    cr_expect_eq(play.sent_count, 3);
    acknowledge(2, 64);
    pump(1003);
    cr_expect_eq(play.sent_count, 4);
    cr_expect_eq(client_under_way(play.client), 64);
}

Test(adapters_window, an_answer_without_credit_takes_the_credit_back) {
    give_credit(500);
    play_put_many(&play, "m", 200);
    pump(1001);
    cr_assert_eq(play.sent_count, 5);
    for (size_t nth = 1; nth < 5; nth++) play_acknowledge(&play, nth, &(Says){0});
    play_put_many(&play, "n", 100);
    pump(1002);
    cr_expect_eq(play.sent_count, 6);
}

Test(adapters_window, no_credit_at_all_still_lets_one_message_ask) {
    give_credit(0);
    play_put_many(&play, "m", 5);
    pump(1001);
    cr_assert_eq(play.sent_count, 2);
    cr_expect_eq(play_messages(&play, 1), 1);
}

Test(adapters_window, boundless_credit_is_bounded_here_and_leaves_the_immediate_its_place) {
    give_credit((int64_t)1 << 40);
    play_put_many(&play, "m", 9 * LIMIT_ENTRIES);
    pump(1001);
    cr_assert_eq(play.sent_count, 8);
    play_put(&play, "now", true);
    pump(1002);
    cr_assert_eq(play.sent_count, 9);
    cr_expect(none_twice(1, 9));
}

/* ---- lanes ----------------------------------------------------------------------------------- */

Test(adapters_window, an_immediate_message_overtakes_and_shares_with_no_other) {
    play_put_many(&play, "m", 3);
    Id now = play_put(&play, "now", true);
    pump(1000);
    cr_assert_eq(play.sent_count, 1);
    cr_expect_eq(play_messages(&play, 0), 1);
    cr_expect(id_eq(play_message(&play, 0, 0), now));
    acknowledge(0, 64);
    pump(1001);
    cr_expect_eq(play_messages(&play, 1), 3);
}

Test(adapters_window, an_immediate_message_goes_beyond_the_credit_but_only_one_submission_of_them) {
    give_credit(10);
    play_put_many(&play, "m", 20);
    pump(1001);
    cr_assert_eq(client_under_way(play.client), 10);
    Id now = play_put(&play, "now", true);
    pump(1002);
    cr_assert_eq(play.sent_count, 3);
    cr_expect(id_eq(play_message(&play, 2, 0), now));
    play_put(&play, "and now", true);
    pump(1003);
    cr_expect_eq(play.sent_count, 3);
    acknowledge(2, 10);
    pump(1004);
    cr_expect_eq(play.sent_count, 4);
    cr_expect_eq(play_messages(&play, 3), 1);
}

Test(adapters_window, an_immediate_message_does_not_wait_for_a_busy_routine_one) {
    play_put(&play, "routine", false);
    pump(1000);
    busy(0, 1, 60000);
    Id now = play_put(&play, "now", true);
    pump(1001);
    cr_assert_eq(play.sent_count, 2);
    cr_expect(id_eq(play_message(&play, 1, 0), now));
}

/* ---- busy ------------------------------------------------------------------------------------ */

Test(adapters_window, what_was_busy_goes_again_the_same_and_not_before_its_time) {
    play_put(&play, "one", false);
    pump(1000);
    busy(0, 64, 10000);
    cr_expect_eq(client_under_way(play.client), 1);
    for (int64_t now = 1001; now < 11000; now += 333) pump(now);
    pump(10999);
    cr_expect_eq(play.sent_count, 1);
    pump(16000); /* with half as much again */
    cr_assert_eq(play.sent_count, 2);
    cr_expect(play_same(&play, 0, 1));
    acknowledge(1, 64);
    cr_expect_eq(play_counts(&play).acknowledged, 1);
    cr_expect(kit_file(&play.k, "unsent", ".json").at == NULL);
}

Test(adapters_window, busy_is_waited_for_with_jitter) {
    bool early = false, late = false;
    play_put(&play, "one", false);
    int64_t now = 1000;
    pump(now);
    for (int i = 0; i < 24; i++, now += 100000) {
        pump(now);
        size_t before = play.sent_count;
        busy(before - 1, 64, 10000);
        pump(now + 12500);
        bool sent = play.sent_count > before;
        early = early || sent;
        late = late || !sent;
    }
    cr_expect(early && late);
}

Test(adapters_window, while_one_is_busy_nothing_new_of_its_lane_starts) {
    give_credit(200);
    play_put_many(&play, "m", 10);
    pump(1001);
    busy(1, 200, 5000);
    play_put(&play, "later", false);
    pump(1002);
    cr_expect_eq(play.sent_count, 2);
    pump(9000);
    cr_expect_eq(play.sent_count, 4);
    cr_expect(play_same(&play, 1, 2));
}

Test(adapters_window, busy_without_a_time_pauses_all_the_same) {
    play_put(&play, "one", false);
    pump(1000);
    play_refuse(&play, 0, &(Says){.reason = "busy"});
    pump(2900);
    cr_expect_eq(play.sent_count, 1);
    pump(4001);
    cr_expect_eq(play.sent_count, 2);
}

Test(adapters_window, no_hub_can_put_a_concern_off_for_ever) {
    play_put(&play, "one", false);
    pump(1000);
    busy(0, 1, (int64_t)1 << 52);
    pump(1000 + 450 * 1000);
    cr_expect_eq(play.sent_count, 2);
}

/* ---- several under way ----------------------------------------------------------------------- */

/* Two submissions: 1 with 64 messages and 2 with the rest. */
static void two_under_way(void) {
    give_credit(200);
    play_put_many(&play, "m", LIMIT_ENTRIES + 2);
    pump(1001);
    cr_assert_eq(play.sent_count, 3);
}

Test(adapters_window, answers_may_come_out_of_order) {
    two_under_way();
    acknowledge(2, 200);
    cr_expect_eq(client_under_way(play.client), (size_t)LIMIT_ENTRIES);
    acknowledge(1, 200);
    cr_expect_eq(client_under_way(play.client), 0);
    cr_expect_eq(play_counts(&play).acknowledged, LIMIT_ENTRIES + 3);
    cr_expect_eq(spool_queued(play.k.adapter.spool), 0);
}

Test(adapters_window, an_unanswered_one_is_sent_again_and_the_answered_one_is_not) {
    two_under_way();
    acknowledge(1, 200);
    pump(2999);
    cr_expect_eq(play.sent_count, 3);
    pump(4001);
    cr_assert_eq(play.sent_count, 4);
    cr_expect(play_same(&play, 2, 3));
    pump(7999); /* twice the pause, and the least of it */
    cr_expect_eq(play.sent_count, 4);
    pump(10002);
    cr_expect_eq(play.sent_count, 5);
}

Test(adapters_window, an_answer_that_comes_twice_counts_once) {
    two_under_way();
    acknowledge(1, 200);
    acknowledge(1, 200);
    cr_expect_eq(client_under_way(play.client), 2);
    cr_expect_eq(play_counts(&play).acknowledged, LIMIT_ENTRIES + 1);
}

Test(adapters_window, a_refusal_of_one_leaves_the_other) {
    two_under_way();
    play_refuse(&play, 2, &(Says){.reason = "too_large", CREDIT(64)});
    cr_expect_eq(client_under_way(play.client), (size_t)LIMIT_ENTRIES);
    acknowledge(1, 200);
    pump(1002);
    cr_assert_eq(play.sent_count, 5);
    cr_expect(play_messages(&play, 3) == 1 && play_messages(&play, 4) == 1);
    play_refuse(&play, 3, &(Says){.reason = "too_large", CREDIT(64)});
    acknowledge(4, 64);
    SpoolCounts counts = play_counts(&play);
    cr_expect(counts.refused == 1 && counts.acknowledged == LIMIT_ENTRIES + 2);
}

Test(adapters_window, a_wrong_acknowledgement_of_one_leaves_both) {
    two_under_way();
    play_acknowledge(&play, 1, &(Says){.twist = TWIST_count, CREDIT(1)});
    cr_expect_eq(client_under_way(play.client), LIMIT_ENTRIES + 2u);
    cr_expect_eq(spool_queued(play.k.adapter.spool), LIMIT_ENTRIES + 2u);
}

Test(adapters_window, a_restart_with_two_under_way_loses_and_doubles_nothing) {
    two_under_way();
    play_restart(&play);
    acknowledge(2, 200); /* for the one that ended; nobody waits for it now */
    cr_expect_eq(spool_queued(play.k.adapter.spool), LIMIT_ENTRIES + 2u);
    pump(1002);
    cr_assert_eq(play.sent_count, 4);
    acknowledge(3, 200);
    pump(1003);
    cr_assert_eq(play.sent_count, 5);
    cr_expect(none_twice(3, 5));
    acknowledge(4, 200);
    cr_expect_eq(play_counts(&play).acknowledged, LIMIT_ENTRIES + 3);
    cr_expect_eq(play_counts(&play).queued, 0);
}

Test(adapters_window, a_wire_that_takes_nothing_is_tried_again_soon_with_the_immediate_first) {
    play.away = true;
    play_put(&play, "one", false);
    pump(1000);
    Id now = play_put(&play, "now", true);
    play.away = false;
    pump(1001);
    cr_expect_eq(play.sent_count, 0);
    pump(1200);
    cr_assert_eq(play.sent_count, 2);
    cr_expect(id_eq(play_message(&play, 0, 0), now));
}
