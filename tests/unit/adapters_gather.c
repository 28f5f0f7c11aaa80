/* What comes bit by bit is gathered: a submission that is not full waits while another such is
 * under way. The clock is the test's own. */
#include "tests/unit/adapters_play.h"

#include <criterion/criterion.h>

static Play play;

static void acknowledge(size_t nth, int64_t credit) {
    play_acknowledge(&play, nth, &(Says){CREDIT(credit)});
}

/* So much credit, and submission 0 is past. At 1000 ms. */
static void open_play(void) {
    play_open(&play);
    play_put(&play, "the first", false);
    play_pump(&play, 1000);
    acknowledge(0, 400);
}

static void close_play(void) {
    play_close(&play);
}

TestSuite(adapters_gather, .init = open_play, .fini = close_play);

/* Puts so many and pumps: how many submissions went. */
static size_t put_pump(const char *content, size_t count, int64_t now_ms) {
    size_t before = play.sent_count;
    play_put_many(&play, content, count);
    play_pump(&play, now_ms);
    return play.sent_count - before;
}

static size_t pump(int64_t now_ms) {
    return put_pump("", 0, now_ms);
}

Test(adapters_gather, what_comes_while_one_is_under_way_goes_together_after_its_answer) {
    cr_assert_eq(put_pump("a", 1, 1000), 1);
    cr_expect_eq(put_pump("b", 2, 1100), 0);
    cr_expect_eq(put_pump("c", 3, 1200), 0);
    acknowledge(1, 400);
    cr_assert_eq(pump(1201), 1);
    cr_expect_eq(play_messages(&play, 2), 5);
}

Test(adapters_gather, what_fills_a_submission_goes_at_once) {
    cr_assert_eq(put_pump("a", 1, 1000), 1);
    cr_expect_eq(put_pump("b", LIMIT_ENTRIES - 1, 1001), 0);
    cr_assert_eq(put_pump("c", 1, 1002), 1);
    cr_expect_eq(play_messages(&play, 2), (size_t)LIMIT_ENTRIES);
    cr_expect_eq(put_pump("d", 5, 1003), 0);
    acknowledge(2, 400);
    cr_expect_eq(pump(1004), 0, "the full one is not what it waits for");
}

Test(adapters_gather, a_full_one_holds_nothing) {
    cr_assert_eq(put_pump("a", LIMIT_ENTRIES, 1000), 1);
    cr_expect_eq(put_pump("b", 1, 1001), 1);
}

Test(adapters_gather, without_an_answer_it_waits_half_a_second) {
    cr_assert_eq(put_pump("a", 1, 1000), 1);
    cr_expect_eq(put_pump("b", 2, 1499), 0);
    cr_expect_eq(pump(1500), 1);
    cr_expect_eq(put_pump("c", 2, 1999), 0);
    cr_expect_eq(pump(2000), 1);
}

Test(adapters_gather, what_is_sent_again_holds_nothing) {
    cr_assert_eq(put_pump("a", 1, 1000), 1);
    cr_assert_eq(pump(4001), 1);
    cr_assert(play_same(&play, 1, 2));
    cr_expect_eq(put_pump("b", 1, 4002), 1);
}

static const char *const put_off[] = {"hub_failed", "key_revoked", "key_unknown", "realm_mismatch",
                                      "agency_mismatch"};

Test(adapters_gather, what_is_put_off_holds_nothing) {
    for (size_t i = 0; i < COUNT_OF(put_off); i++) {
        int64_t now = 1000 + (int64_t)i;
        cr_assert_eq(put_pump(put_off[i], 1, now), 1, "%s", put_off[i]);
        play_refuse(&play, play.sent_count - 1, &(Says){.reason = put_off[i], CREDIT(400)});
    }
}

Test(adapters_gather, what_was_busy_holds_nothing_once_it_went_again) {
    cr_assert_eq(put_pump("a", 1, 1000), 1);
    play_refuse(&play, 1, &(Says){.reason = "busy", CREDIT(400), RETRY_MS(100)});
    cr_expect_eq(put_pump("b", 1, 1099), 0);
    cr_expect_eq(pump(1151), 2);
}

Test(adapters_gather, immediate_danger_neither_holds_nor_is_held) {
    cr_assert_eq(put_pump("a", 1, 1000), 1);
    play_put(&play, "now", true);
    cr_expect_eq(pump(1001), 1);
    play_put(&play, "and now", true);
    cr_expect_eq(pump(1002), 1);
    acknowledge(1, 400);
    cr_expect_eq(put_pump("b", 1, 1003), 1);
}

Test(adapters_gather, one_that_is_full_of_bytes_is_full) {
    static char large[LIMIT_SUBMISSION / 2];
    memset(large, 'x', sizeof(large) - 1);
    for (char nth = '1'; nth <= '3'; nth++) {
        large[0] = nth;
        play_put(&play, large, false);
    }
    cr_assert_eq(pump(1000), 3);
    cr_expect_eq(put_pump("a", 1, 1001), 0, "the last could have taken more");
}

Test(adapters_gather, a_little_more_credit_makes_no_little_submission) {
    play_put(&play, "now", true);
    cr_assert_eq(pump(1000), 1);
    acknowledge(1, LIMIT_ENTRIES + 3);
    cr_assert_eq(put_pump("a", 3 * LIMIT_ENTRIES, 1001), 2);
    cr_assert_eq(play_messages(&play, 3), 3);
    play_put(&play, "and now", true);
    cr_assert_eq(pump(1002), 1);
    acknowledge(4, LIMIT_ENTRIES + 10);
    cr_expect_eq(pump(1003), 0);
    acknowledge(2, LIMIT_ENTRIES + 10);
    cr_assert_eq(pump(1004), 1);
    cr_expect_eq(play_messages(&play, 5), (size_t)LIMIT_ENTRIES);
    acknowledge(3, LIMIT_ENTRIES + 10);
    cr_assert_eq(pump(1005), 1);
    cr_expect_eq(play_messages(&play, 6), 10);
}
