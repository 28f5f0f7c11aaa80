/* How much intake lets come at once: credit, `busy`, and the trace that goes along. */
#include "tests/e2e/intake.h"

#include "broker/io/clock.h"

#include <criterion/criterion.h>

enum { FLOOD = 64 }; /* eight times the usual credit: no hub is that fast */

TestSuite(intake_flow, .init = intake_set_up, .fini = intake_tear_down, .timeout = 60);

Test(intake_flow, tells_a_sender_how_much_it_may_send) {
    Draft d = draft_referrals(&peer, 1);
    Parts parts = draft_sign(&peer, &d);
    Reply r = peer_ask(&peer, &parts);
    int64_t credit = value_number(r.head, F_acknowledgement_credit);
    cr_expect(credit >= LIMIT_ENTRIES && credit <= 4096, "credit %lld", (long long)credit);
}

/* Which of the flood an answer is about. */
static size_t answered(const Draft *flood, Reply r) {
    bool ack = r.kind == STRUCT_acknowledgement;
    uint32_t key = ack ? (uint32_t)F_acknowledgement_submission_id
                       : (uint32_t)F_refusal_submission_id;
    Id id;
    cr_assert(value_id(r.head, key, &id));
    for (size_t i = 0; i < FLOOD; i++) {
        if (id_eq(flood[i].submission_id, id)) return i;
    }
    cr_assert_fail("an answer to nothing that was sent");
    return 0;
}

Test(intake_flow, tells_who_sends_too_much_to_come_again_and_loses_nothing) { /* R1, R2 */
    Draft flood[FLOOD];
    Parts parts[FLOOD];
    bool done[FLOOD] = {false};
    size_t busy = 0, left = FLOOD;
    for (size_t i = 0; i < FLOOD; i++) {
        flood[i] = draft_referrals(&peer, LIMIT_ENTRIES);
        parts[i] = draft_sign(&peer, &flood[i]);
    }
    for (size_t i = 0; i < FLOOD; i++) peer_put(&peer, &parts[i]);
    while (left > 0) {
        Reply r = peer_take(&peer, PATIENCE_MS);
        cr_assert_neq(r.kind, STRUCT_none, "%zu have no answer", left);
        size_t i = answered(flood, r);
        if (r.kind == STRUCT_acknowledgement) {
            left -= !done[i];
            done[i] = true;
            continue;
        }
        cr_assert(str_is(reply_reason(r), "busy"));
        cr_assert(value_number(r.head, F_refusal_retry_ms) > 0);
        cr_assert_not(done[i]);
        busy++;
        (void)zmq_poll(NULL, 0, (long)value_number(r.head, F_refusal_retry_ms));
        peer_put(&peer, &parts[i]);
    }
    cr_expect(busy > 0, "a flood of %d messages was taken without a word", FLOOD * LIMIT_ENTRIES);
    for (size_t i = 0; i < FLOOD; i++) {
        for (size_t k = 0; k < LIMIT_ENTRIES; k++) {
            cr_assert_eq(messages_of(flood[i].message_ids[k]), 1);
        }
    }
}

Test(intake_flow, writes_nothing_down_about_busy) {
    cr_expect_eq(LOOK(look, "SELECT count(*) FROM mash.quarantine WHERE reason = $1", p_z("busy")),
                 0);
}

static Reply ask_with_trace(const char *traceparent) {
    Draft d = draft_referrals(&peer, 1);
    Value *entry = d.head->map.at[d.head->map.count - 1].value->list.at[0];
    value_set_text(peer.arena, entry, F_entry_traceparent, str_z(traceparent));
    Parts parts = draft_sign(&peer, &d);
    return peer_ask(&peer, &parts);
}

Test(intake_flow, carries_the_trace_into_the_leaf) {
    static const char trace[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    Reply r = ask_with_trace(trace);
    cr_expect(str_is(reply_outcome(r, 0), "accepted"));
    cr_expect(leaf_line(reply_leaf(r, 0), "trace", trace));
}

static const char *const no_traces[] = {
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
    "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0\n",
    "Amelia Example, born 2015-01-02, of 1 High Street, told",
};

Test(intake_flow, takes_a_message_without_the_trace_that_is_none) { /* R26 */
    for (size_t i = 0; i < COUNT_OF(no_traces); i++) {
        Reply r = ask_with_trace(no_traces[i]);
        size_t at;
        cr_expect(str_is(reply_outcome(r, 0), "accepted"), "%zu", i);
        cr_expect_not(str_find(bytes_str(reply_leaf(r, 0)), STR("\ntrace "), &at), "%zu", i);
    }
}
