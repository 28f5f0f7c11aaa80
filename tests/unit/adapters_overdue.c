/* Silence becomes an alarm after a while, and goes by itself when it is good again. */
#include "adapters/common/alarm.h"
#include "adapters/common/overdue.h"
#include "tests/unit/adapters_kit.h"

#include <criterion/criterion.h>

enum { PATIENCE_MS = 15 * 60 * 1000 };

static Kit k;

static void open_kit(void) {
    kit_open(&k);
    char unsent[PATH_LEN];
    cr_assert(path_join(unsent, k.dir, "unsent") == 0 && dir_make(unsent) == 0);
}

static void close_kit(void) {
    kit_close(&k);
}

TestSuite(adapters_overdue, .init = open_kit, .fini = close_kit);

static void check_after(int64_t ms) {
    overdue_check(&k.adapter.self, k.adapter.spool, KIT_NOW_MS + ms, PATIENCE_MS);
}

static Str alarm_text(void) {
    return kit_file(&k, ".", "alarm.txt");
}

static Id put(const char *content) {
    SpoolEntry e = {.content = STR("referral")};
    Bytes bytes = str_bytes(str_z(content));
    cr_assert(id_v7(KIT_NOW_MS, &e.message_id) == 0);
    Str native = str_z(content);
    cr_assert(spool_put(k.adapter.spool, k.arena, native, bytes, &e, bytes, KIT_NOW_MS) == 0);
    return e.message_id;
}

static void acknowledge(Id message_id, int64_t leaf_index, int64_t after_ms) {
    Bytes leaf = str_bytes(STR("mash-leaf/1\n"));
    SpoolAnswer answer = {.message_id = message_id, .leaf_index = leaf_index, .leaf = leaf};
    cr_assert(spool_acknowledge(k.adapter.spool, &answer, 1, KIT_NOW_MS + after_ms) == 0);
}

static void checkpoint_of(int64_t size) {
    SpoolHead head = {.size = size};
    cr_assert(spool_head_put(k.adapter.spool, &head, STR("note")) == 0);
}

Test(adapters_overdue, nothing_waiting_is_no_alarm) {
    check_after(100 * (int64_t)PATIENCE_MS);
    cr_expect(alarm_text().at == NULL);
}

Test(adapters_overdue, what_is_unsent_too_long_is_told_listed_and_taken_back) {
    char id[ID_TEXT];
    Id message_id = put("Quillfeather");
    id_text(message_id, id);
    check_after(PATIENCE_MS);
    cr_expect(alarm_text().at == NULL);
    check_after(PATIENCE_MS + 1);
    Str told = alarm_text(), list = kit_file(&k, "unsent", "still-unsent.txt");
    cr_expect(contains(told, " unsent: Since 2026-11-22T14:00:00.000Z "));
    cr_expect(contains(told, "telephone the hub"));
    cr_expect(contains(list, id) && contains(list, "stored 2026-11-22T14:00:00.000Z"));
    cr_expect(!contains(told, "Quillfeather") && !contains(list, "Quillfeather"));
    acknowledge(message_id, 0, PATIENCE_MS);
    check_after(PATIENCE_MS + 2);
    cr_expect(alarm_text().at == NULL);
    cr_expect(kit_file(&k, "unsent", "still-unsent.txt").at == NULL);
}

Test(adapters_overdue, the_list_follows_the_queue_while_the_alarm_stands) {
    put("one");
    check_after(PATIENCE_MS + 1);
    put("two");
    check_after(PATIENCE_MS + 2);
    cr_expect(contains(kit_file(&k, "unsent", "still-unsent.txt"), "Not at the hub yet: 2."));
}

Test(adapters_overdue, a_proof_that_does_not_come_is_told_and_taken_back) {
    Id message_id = put("one");
    acknowledge(message_id, 7, 1000);
    checkpoint_of(8);
    check_after(PATIENCE_MS + 1000);
    cr_expect(alarm_text().at == NULL);
    check_after(PATIENCE_MS + 1001);
    cr_expect(contains(alarm_text(), " no_proof: Since 2026-11-22T14:00:01.000Z "));
    cr_assert(spool_proven(k.adapter.spool, 7) == 0);
    check_after(PATIENCE_MS + 1002);
    cr_expect(alarm_text().at == NULL);
}

Test(adapters_overdue, a_checkpoint_that_does_not_come_is_told_apart) {
    acknowledge(put("one"), 7, 0);
    checkpoint_of(7);
    check_after(PATIENCE_MS + 1);
    cr_expect(contains(alarm_text(), " no_checkpoint: "));
    checkpoint_of(8);
    check_after(PATIENCE_MS + 2);
    cr_expect(!contains(alarm_text(), "no_checkpoint") && contains(alarm_text(), " no_proof: "));
}

Test(adapters_overdue, an_older_message_is_not_hidden_by_a_proven_one) {
    acknowledge(put("one"), 3, 0);
    acknowledge(put("two"), 4, 0);
    checkpoint_of(9);
    cr_assert(spool_proven(k.adapter.spool, 4) == 0);
    check_after(PATIENCE_MS + 1);
    cr_expect(contains(alarm_text(), " no_proof: "));
}

Test(adapters_overdue, an_alarm_that_stands_is_not_written_again_even_after_a_restart) {
    put("one");
    check_after(PATIENCE_MS + 1);
    Str first = alarm_text();
    kit_reopen_spool(&k);
    check_after(PATIENCE_MS + 60000);
    cr_expect(str_eq(first, alarm_text()));
}

Test(adapters_overdue, what_the_hub_was_caught_at_stays_when_the_rest_clears) {
    Id message_id = put("one");
    alarm_raise(k.dir, "ledger_forked", "A sentence.");
    check_after(PATIENCE_MS + 1);
    alarm_raise(k.dir, "proof_wrong", "Another sentence.");
    alarm_raise(k.dir, "ledger_forked", "A sentence.");
    acknowledge(message_id, 0, 0);
    cr_assert(spool_proven(k.adapter.spool, 0) == 0);
    check_after(PATIENCE_MS + 2);
    Str left = alarm_text(), line = {0}, rest = left;
    cr_assert(str_split(&rest, '\n', &line) && contains(line, " ledger_forked: A sentence."));
    cr_assert(str_split(&rest, '\n', &line) && contains(line, " proof_wrong: Another sentence."));
    cr_expect_eq(rest.len, 0);
}
