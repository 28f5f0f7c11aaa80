/* One signed submission out of messages: what intake will read in it. */
#include "adapters/common/submission.h"

#include "schemas/envelope.h"

#include <criterion/criterion.h>

enum { SENT_MS = 1795356000000 };

static Arena *arena;
static KeyPair origin;
static Sender sender;

static void open_sender(void) {
    arena = arena_new(4 * 1024 * 1024);
    cr_assert(arena && ed25519_pair(&origin) == 0);
    sender = (Sender){.realm = STR("live"),
                      .agency = STR("police"),
                      .origin_id = STR("0123456789abcdef"),
                      .origin = &origin.secret};
}

static void close_sender(void) {
    arena_free(arena);
}

TestSuite(adapters_submission, .init = open_sender, .fini = close_sender);

static SubmissionEntry entry(const char *frame, bool immediate) {
    SubmissionEntry e = {
        .content = STR("referral"), .immediate = immediate, .frame = str_bytes(str_z(frame))};
    cr_assert(id_v7(SENT_MS, &e.message_id) == 0);
    return e;
}

static const Value *decoded(const Submission *s) {
    StructKind kind;
    const Value *head = NULL;
    Fault fault;
    cr_assert(head_decode(arena, s->parts[0], &kind, &head, &fault) == 0, "%s", fault.path);
    cr_assert_eq(kind, STRUCT_submission);
    return head;
}

Test(adapters_submission, says_who_sends_and_when_under_the_origin_key) {
    SubmissionEntry e = entry("words", false);
    Submission s;
    Id id;
    cr_assert(submission_make(arena, &sender, SENT_MS, &e, 1, &s) == 0);
    const Value *head = decoded(&s);
    cr_expect(head_verify(arena, &origin.public, STRUCT_submission, s.parts[0], s.parts[1]));
    cr_expect(str_is(value_text(head, F_submission_realm), "live"));
    cr_expect(str_is(value_text(head, F_submission_agency), "police"));
    cr_expect(str_is(value_text(head, F_submission_origin_key), "0123456789abcdef"));
    cr_expect(str_is(value_text(head, F_submission_sent_at), "2026-11-22T14:00:00.000Z"));
    cr_expect(value_id(head, F_submission_submission_id, &id) && id_eq(id, s.submission_id));
}

Test(adapters_submission, every_message_has_its_entry_and_its_frame) {
    SubmissionEntry entries[] = {entry("one", true), entry("two", false)};
    Submission s;
    cr_assert(submission_make(arena, &sender, SENT_MS, entries, 2, &s) == 0);
    cr_assert_eq(s.count, 2);
    cr_assert_eq(s.part_count, 4);
    const Value *head = decoded(&s);
    cr_assert_eq(value_count(head, F_submission_entry), 2);
    for (size_t i = 0; i < 2; i++) {
        const Value *v = value_item(head, F_submission_entry, i);
        Id id;
        Hash made, said;
        cr_expect(value_id(v, F_entry_message_id, &id) && id_eq(id, entries[i].message_id));
        cr_expect(str_is(value_text(v, F_entry_content), "referral"));
        cr_expect(str_is(value_text(v, F_entry_lane), i == 0 ? "immediate" : "routine"));
        cr_assert(content_commit(entries[i].frame, &made) == 0);
        cr_expect(value_hash(v, F_entry_commitment, &said) && hash_eq(&made, &said));
        cr_expect(hash_eq(&made, &s.commitments[i]));
        cr_expect(bytes_eq(s.parts[i + 2], entries[i].frame));
    }
}

static Str traceparent(const Submission *s, size_t nth) {
    return value_text(value_item(decoded(s), F_submission_entry, nth), F_entry_traceparent);
}

Test(adapters_submission, a_traceparent_is_the_message_id_and_the_commitment) {
    char text[TRACEPARENT_LEN + 1];
    Id id;
    Hash commitment = {{0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10, 0xff}};
    cr_assert(id_parse(STR("019a0c5e-8b1f-7d3a-9c58-0e3f6a1b2c4d"), &id));
    traceparent_text(id, &commitment, text);
    cr_expect_str_eq(text, "00-019a0c5e8b1f7d3a9c580e3f6a1b2c4d-fedcba9876543210-01");
}

Test(adapters_submission, a_traceparent_is_the_same_in_whatever_company) {
    SubmissionEntry both[] = {entry("one", false), entry("two", false)};
    Submission together, alone;
    cr_assert(submission_make(arena, &sender, SENT_MS, both, 2, &together) == 0);
    cr_assert(submission_make(arena, &sender, SENT_MS + 60000, &both[1], 1, &alone) == 0);
    cr_expect_eq(traceparent(&together, 1).len, TRACEPARENT_LEN);
    cr_expect(str_eq(traceparent(&together, 1), traceparent(&alone, 0)));
    cr_expect(!str_eq(traceparent(&together, 0), traceparent(&together, 1)));
    cr_expect(!id_eq(together.submission_id, alone.submission_id));
}

Test(adapters_submission, a_full_one_is_within_the_limit_of_a_head_and_one_more_is_not_made) {
    static SubmissionEntry many[LIMIT_ENTRIES + 1];
    static Submission s;
    for (size_t i = 0; i < COUNT_OF(many); i++) many[i] = entry("words", false);
    cr_assert(submission_make(arena, &sender, SENT_MS, many, LIMIT_ENTRIES, &s) == 0);
    cr_expect_leq(s.parts[0].len, (size_t)LIMIT_HEAD);
    cr_expect_eq(submission_make(arena, &sender, SENT_MS, many, LIMIT_ENTRIES + 1, &s), ERR_BROKEN);
    cr_expect_eq(submission_make(arena, &sender, SENT_MS, many, 0, &s), ERR_BROKEN);
}

Test(adapters_submission, makes_nothing_without_memory) {
    _cleanup_(arena_freep) Arena *small = arena_new(300);
    SubmissionEntry e = entry("words", false);
    Submission s;
    cr_expect_eq(submission_make(small, &sender, SENT_MS, &e, 1, &s), ERR_MEMORY);
}
