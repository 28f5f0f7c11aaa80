/* The spool on a real SQLite file, and the times that agencies write. */
#include "adapters/common/spool_db.h"
#include "adapters/common/uktime.h"
#include "tests/unit/adapters_kit.h"

#include <criterion/criterion.h>

static Kit k;

static void open_kit(void) {
    kit_open(&k);
}

static void close_kit(void) {
    kit_close(&k);
}

TestSuite(adapters_spool, .init = open_kit, .fini = close_kit);

static Id put(const char *native, const char *content, bool immediate) {
    SpoolEntry e = {.content = STR("referral"), .immediate = immediate};
    cr_assert(id_v7(KIT_NOW_MS, &e.message_id) == 0);
    cr_assert(spool_put(k.adapter.spool, k.arena, str_z(native), str_bytes(str_z(content)), &e,
                        str_bytes(str_z(content)), KIT_NOW_MS) == 0);
    return e.message_id;
}

static SpoolKnown look(const char *native, const char *content, Id *ret_id) {
    SpoolKnown known = SPOOL_new;
    int64_t at;
    cr_assert(spool_look(k.adapter.spool, str_z(native), str_bytes(str_z(content)), &known, ret_id,
                         &at) == 0);
    return known;
}

Test(adapters_spool, knows_what_it_has_after_reopening) {
    Id id = put("ref 1", "first words", false), found = {{0}};
    kit_reopen_spool(&k);
    cr_expect_eq(spool_queued(k.adapter.spool), 1);
    cr_expect_eq(look("ref 1", "first words", &found), SPOOL_again);
    cr_expect(id_eq(id, found));
    cr_expect_eq(look("ref 1", "other words", &found), SPOOL_changed);
    cr_expect_eq(look("ref 2", "first words", &found), SPOOL_new);
}

Test(adapters_spool, gives_the_same_frame_before_and_after_reopening) {
    SpoolEntry before[2 * LIMIT_ENTRIES], after[2 * LIMIT_ENTRIES];
    put("ref 1", "words", false);
    cr_assert_eq(kit_next(&k, before), 1);
    kit_reopen_spool(&k);
    cr_assert_eq(kit_next(&k, after), 1);
    cr_expect(bytes_eq(before[0].frame, after[0].frame));
    cr_expect_eq(before[0].frame.len, SALT_LEN + strlen("words"));
}

Test(adapters_spool, sends_the_immediate_lane_first_then_the_oldest) {
    SpoolEntry entries[2 * LIMIT_ENTRIES];
    Id first = put("a", "1", false), second = put("b", "2", false), now = put("c", "3", true);
    cr_assert_eq(kit_next(&k, entries), 3);
    cr_expect(id_eq(entries[0].message_id, now));
    cr_expect(id_eq(entries[1].message_id, first));
    cr_expect(id_eq(entries[2].message_id, second));
}

Test(adapters_spool, what_was_refused_in_company_goes_alone) {
    SpoolEntry entries[2 * LIMIT_ENTRIES];
    Id first = put("a", "1", false);
    put("b", "2", false);
    cr_assert(spool_alone(k.adapter.spool, &first, 1) == 0);
    cr_assert_eq(kit_next(&k, entries), 1);
    cr_expect(id_eq(entries[0].message_id, first));
}

Test(adapters_spool, a_refused_message_stays_and_can_be_queued_again) {
    Id id = put("a", "1", false);
    size_t again = 0;
    cr_assert(spool_refuse(k.adapter.spool, id, STR("key_revoked")) == 0);
    cr_expect_eq(spool_queued(k.adapter.spool), 0);
    cr_assert(spool_requeue(k.adapter.spool, &again) == 0);
    cr_expect_eq(again, 1);
    cr_expect_eq(spool_queued(k.adapter.spool), 1);
}

Test(adapters_spool, erases_only_what_is_proven_and_old) {
    Id id = put("a", "1", false), found;
    Bytes leaf = str_bytes(STR("mash-leaf/1\n"));
    SpoolAnswer answer = {.message_id = id, .leaf_index = 7, .leaf = leaf};
    Bytes held = {0};
    cr_assert(spool_acknowledge(k.adapter.spool, &answer, 1, KIT_NOW_MS) == 0);
    cr_assert(spool_tidy(k.adapter.spool, KIT_NOW_MS + 1) == 0);
    cr_assert(spool_proven(k.adapter.spool, 7) == 0);
    cr_assert(spool_tidy(k.adapter.spool, KIT_NOW_MS + 1) == 0);
    cr_expect_eq(look("a", "1", &found), SPOOL_again);
    cr_assert(spool_leaf(k.adapter.spool, k.arena, 7, &held) == 0);
    cr_expect(bytes_eq(held, leaf));
}

Test(adapters_spool, does_not_open_with_another_key_or_for_another_agency) {
    Spool *other = NULL;
    Key key = {{1}};
    const Identity *self = &k.adapter.self;
    cr_expect_eq(spool_open(k.spool_path, &key, self->realm, self->agency, &other), -6);
    cr_expect_eq(spool_open(k.spool_path, &self->spool, self->realm, STR("health"), &other), -6);
    cr_expect_eq(spool_open(k.spool_path, &self->spool, STR("live"), self->agency, &other), -6);
}

Test(adapters_spool, no_clear_word_is_in_the_file) {
    char command[300];
    put("PPN/26/1", "Quillfeather and the marmalade-teapot", false);
    kit_reopen_spool(&k);
    (void)snprintf(command, sizeof(command), "grep -aq 'Quillfeather\\|PPN/26' %s*", k.spool_path);
    cr_expect_neq(system(command), 0);
}

static int64_t pragma(const char *sql, char text[8]) {
    _cleanup_(statement_freep) sqlite3_stmt *q = NULL;
    bool row;
    cr_assert(db_prepare(k.adapter.spool, sql, &q) == 0);
    cr_assert(db_step(k.adapter.spool, q, &row) == 0 && row);
    (void)snprintf(text, 8, "%s", (const char *)sqlite3_column_text(q, 0));
    return sqlite3_column_int64(q, 0);
}

Test(adapters_spool, syncs_fully) {
    char text[8];
    (void)pragma("PRAGMA journal_mode", text);
    cr_expect_str_eq(text, "wal");
    cr_expect_eq(pragma("PRAGMA synchronous", text), 2);
}

/* Legend: which reading, what was sent (and its clock), what it means; "" when it means nothing. */
typedef struct TimeCase {
    char kind;
    const char *sent, *clock, *expected;
} TimeCase;

static const TimeCase times[] = {
    {'d', "05/05/2017", "", "2017-05-05"},
    {'d', "29/02/2024", "", "2024-02-29"},
    {'d', "29/02/2023", "", ""},
    {'d', "5/5/2017", "", ""},
    {'d', "2017-05-05", "", ""},
    {'t', "01/10/2026", "10:40", "2026-10-01T10:40:00+01:00"},
    {'t', "01/12/2026", "10:40", "2026-12-01T10:40:00+00:00"},
    {'t', "29/03/2026", "00:59", "2026-03-29T00:59:00+00:00"},
    {'t', "29/03/2026", "02:00", "2026-03-29T02:00:00+01:00"},
    {'t', "25/10/2026", "01:30", "2026-10-25T01:30:00+01:00"},
    {'t', "25/10/2026", "02:00", "2026-10-25T02:00:00+00:00"},
    {'t', "31/03/2024", "02:00", "2024-03-31T02:00:00+01:00"},
    {'t', "01/10/2026", "25:00", ""},
    {'h', "20170505", "", "2017-05-05"},
    {'h', "201705", "", "2017-05"},
    {'h', "2017", "", "2017"},
    {'h', "20170532", "", ""},
    {'7', "202610051412", "", "2026-10-05T14:12:00+01:00"},
    {'7', "20261105141230.5", "", "2026-11-05T14:12:30+00:00"},
    {'7', "202610051412+0000", "", "2026-10-05T14:12:00+00:00"},
    {'7', "20261005", "", "2026-10-05T00:00:00+01:00"},
    {'7', "2026100514", "", ""},
    {'7', "soon", "", ""},
};

Test(adapters_time, reads_what_agencies_write) {
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
    for (size_t i = 0; i < COUNT_OF(times); i++) {
        const TimeCase *c = &times[i];
        Str sent = str_z(c->sent);
        Str got = c->kind == 'd'   ? uk_date(a, sent)
                  : c->kind == 't' ? uk_time(a, sent, str_z(c->clock))
                  : c->kind == 'h' ? hl7_date(a, sent)
                                   : hl7_time(a, sent);
        cr_expect(str_is(got, c->expected), "%s %s gave %.*s", c->sent, c->clock, STR_ARG(got));
    }
    cr_expect(str_is(words_time(a, STR("2026-10-03T20:15:00+01:00")), "3 October 2026 at 20:15"));
}

Test(adapters_time, cuts_texts_between_characters) {
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 22);
    Identity self = {.agency = STR("x"), .summary_tier = STR("sanitise")};
    Draft d;
    static char letters[401];
    for (size_t i = 0; i < 400; i += 2) memcpy(letters + i, "\xc3\xa9", 2);
    cr_assert(draft_open(a, &self, STR("test 1"), str_bytes(STR("x")), KIT_NOW_MS, &d) == 0);
    Value *p = draft_person(&d, STR("child"));
    person_name(&d, p, (Str){.at = letters, .len = 399}, STR("A"));
    draft_fit(&d);
    Str family = TEXT(value_item(p, F_person_name, 0), F_name_family);
    cr_expect_eq(family.len, 120);
    cr_expect(utf8_valid(str_bytes(family)));
    const Value *w = value_item(d.referral, F_referral_warning, 0);
    cr_expect(str_is(TEXT(w, F_warning_path), "person[0].name[0].family"));
}
