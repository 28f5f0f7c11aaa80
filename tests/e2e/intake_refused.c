/* Intake as attackers and broken adapters meet it. Every refusal is asked for with its reason, and
 * nothing refused may have become a message. */
#include "tests/e2e/intake.h"

#include "tests/unit/sample.h"

#include <criterion/criterion.h>

TestSuite(intake_refused, .init = intake_set_up, .fini = intake_tear_down, .timeout = 60);

/* ---- refused as a whole: the head says something wrong --------------------------------------- */

static void another_agency(Draft *d) {
    value_set_text(peer.arena, d->head, F_submission_agency, STR("health"));
}
static void another_realm(Draft *d) {
    bool live = str_is(peer.realm, "live");
    value_set_text(peer.arena, d->head, F_submission_realm,
                   live ? STR("demonstration") : STR("live"));
}
static void no_such_realm(Draft *d) {
    value_set_text(peer.arena, d->head, F_submission_realm, STR("moon"));
}
static void no_such_key(Draft *d) {
    value_set_text(peer.arena, d->head, F_submission_origin_key, STR("0123456789abcdef"));
}
static void key_of_another(Draft *d) {
    Peer other;
    peer_open(&other, "health");
    Str id = arena_str(peer.arena, str_z(other.origin_id));
    value_set_text(peer.arena, d->head, F_submission_origin_key, id);
    peer_close(&other);
}
static void a_number_for_agency(Draft *d) {
    value_set_number(peer.arena, d->head, F_submission_agency, 7);
}
static void a_long_agency(Draft *d) {
    value_set_text(peer.arena, d->head, F_submission_agency,
                   STR("policepolicepolicepolicepolicepolice"));
}
static void a_bad_time(Draft *d) {
    value_set_text(peer.arena, d->head, F_submission_sent_at, STR("2026-02-30T00:00:00Z"));
}
static void not_text(Draft *d) {
    value_set_text(peer.arena, d->head, F_submission_agency, STR("\xc3\x28"));
}
static void next_major(Draft *d) {
    value_set_number(peer.arena, d->head, F_submission_version, PROTOCOL_VERSION + 100);
}
static void another_kind(Draft *d) {
    d->head = sample_tree(peer.arena, STRUCT_receipt, true);
}
static void no_such_kind(Draft *d) {
    value_set_text(peer.arena, d->head, F_submission_message, STR("sabotage"));
}
static void no_time(Draft *d) {
    Value *head = head_new(peer.arena, STRUCT_submission);
    for (size_t i = 2; i < d->head->map.count; i++) {
        ValueEntry e = d->head->map.at[i];
        if (e.key != F_submission_sent_at) value_set(peer.arena, head, e.key, e.value);
    }
    d->head = head;
}
static void a_heavy_head(Draft *d) {
    static char heavy[LIMIT_HEAD + 1];
    memset(heavy, 'x', sizeof(heavy));
    value_set_text(peer.arena, d->head, 900, (Str){.at = heavy, .len = sizeof(heavy)});
}
static void a_frame_too_few(Draft *d) {
    d->count--;
}
static void a_frame_too_many(Draft *d) {
    d->contents[d->count++] = bytes_of("more", 4);
}
static void far_too_many_frames(Draft *d) {
    while (d->count <= LIMIT_ENTRIES) d->contents[d->count++] = bytes_of("more", 4);
}
static void contents_exchanged(Draft *d) {
    Bytes first = d->contents[0];
    d->contents[0] = d->contents[1];
    d->contents[1] = first;
}
static void a_content_byte_flipped(Draft *d) {
    Bytes copy = arena_copy(peer.arena, d->contents[1]);
    ((uint8_t *)(uintptr_t)copy.at)[copy.len / 2] ^= 1;
    d->contents[1] = copy;
}
static void too_much_in_all(Draft *d) {
    static uint8_t much[LIMIT_SUBMISSION / 2];
    d->contents[0] = d->contents[1] = BYTES_OF(much);
}

static const struct HeadCase {
    const char *name;
    void (*bend)(Draft *d); /* before it is signed */
    const char *reason;
    bool kept; /* raw, in quarantine */
} head_cases[] = {
    {"wrong agency in the body", another_agency, "agency_mismatch", true},
    {"wrong realm", another_realm, "realm_mismatch", true},
    {"no such realm", no_such_realm, "code_unknown", true},
    {"unknown origin key", no_such_key, "key_unknown", true},
    {"origin key of another agency", key_of_another, "key_unknown", true},
    {"wrong type", a_number_for_agency, "wrong_type", true},
    {"too long", a_long_agency, "too_long", true},
    {"no such day", a_bad_time, "bad_time", true},
    {"bad UTF-8", not_text, "bad_utf8", true},
    {"next major version", next_major, "version_unknown", true},
    {"a message for another door", another_kind, "message_not_allowed", true},
    {"no such message", no_such_kind, "message_not_allowed", true},
    {"a missing field", no_time, "missing_field", true},
    {"a heavy head", a_heavy_head, "too_large", true},
    {"a frame too few", a_frame_too_few, "frames_wrong", true},
    {"a frame too many", a_frame_too_many, "frames_wrong", true},
    {"far too many frames", far_too_many_frames, "frames_wrong", false},
    {"contents exchanged", contents_exchanged, "commitment_wrong", true},
    {"a byte of content flipped", a_content_byte_flipped, "commitment_wrong", true},
    {"too much in all", too_much_in_all, "too_large", false},
};

Test(intake_refused, refuses_a_submission_that_is_wrong_as_a_whole) {
    for (size_t i = 0; i < COUNT_OF(head_cases); i++) {
        const struct HeadCase *c = &head_cases[i];
        Draft d = draft_referrals(&peer, 2);
        c->bend(&d);
        Parts parts = draft_sign(&peer, &d);
        for (int again = 0; again < 2; again++) {
            Reply r = peer_ask(&peer, &parts);
            cr_expect(str_is(reply_reason(r), c->reason), "%s: %.*s", c->name,
                      STR_ARG(reply_reason(r)));
        }
        cr_expect_eq(kept_raw(&parts, c->reason), c->kept ? 1 : 0, "%s", c->name);
        cr_expect_eq(messages_of(d.message_ids[0]), 0, "%s", c->name);
        cr_expect_eq(messages_of(d.message_ids[1]), 0, "%s", c->name);
    }
}

/* ---- refused as a whole: bytes that are no head ---------------------------------------------- */

static const struct BytesCase {
    const char *name;
    const char *bytes;
    size_t len;
    const char *head_reason, *content_reason;
} bytes_cases[] = {
    {"nothing", "", 0, "not_msgpack", "not_msgpack"},
    {"a list that claims 251658240", "\xdd\x0f\x00\x00\x00", 5, "not_msgpack", "not_msgpack"},
    {"a map that claims 251658240", "\xdf\x0f\x00\x00\x00", 5, "not_msgpack", "not_msgpack"},
    {"a text that claims 4 GB", "\xdb\xff\xff\xff\xff", 5, "not_msgpack", "not_msgpack"},
    {"too deep", "\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x90", 12, "too_deep", "too_deep"},
    {"a key twice", "\x82\x01\x64\x01\x64", 5, "duplicate_key", "duplicate_key"},
    {"keys out of order", "\x82\x02\x64\x01\x64", 5, "not_msgpack", "not_msgpack"},
    {"not minimal", "\x81\x01\xcd\x00\x64", 5, "not_msgpack", "not_msgpack"},
    {"cut off", "\x82\x01\x64\x02", 4, "not_msgpack", "not_msgpack"},
    {"nil", "\xc0", 1, "wrong_type", "wrong_type"},
    {"a float", "\xcb\x40\x09\x21\xfb\x54\x44\x2d\x18", 9, "wrong_type", "wrong_type"},
    {"an extension", "\xd4\x01\x00", 3, "wrong_type", "wrong_type"},
    {"a text key", "\x81\xa1\x61\x01", 4, "wrong_type", "wrong_type"},
    {"bad UTF-8", "\x81\x01\xa2\xc3\x28", 5, "bad_utf8", "bad_utf8"},
    {"bytes after the end", "\x80\x80", 2, "trailing_bytes", "trailing_bytes"},
    {"an empty map", "\x80", 1, "version_unknown", "missing_field"},
    {"no map", "\x90", 1, "version_unknown", "wrong_type"},
};

Test(intake_refused, refuses_bytes_that_are_no_head) {
    for (size_t i = 0; i < COUNT_OF(bytes_cases); i++) {
        const struct BytesCase *c = &bytes_cases[i];
        Draft d = draft_referrals(&peer, 1);
        Parts parts = parts_sign(&peer, bytes_of(c->bytes, c->len), &d);
        Reply r = peer_ask(&peer, &parts);
        cr_expect(str_is(reply_reason(r), c->head_reason), "%s: %.*s", c->name,
                  STR_ARG(reply_reason(r)));
    }
}

Test(intake_refused, quarantines_only_the_entry_whose_content_is_at_fault) {
    Draft d = draft_referrals(&peer, 1);
    for (size_t i = 0; i < COUNT_OF(bytes_cases); i++) {
        draft_add(&peer, &d, bytes_of(bytes_cases[i].bytes, bytes_cases[i].len));
    }
    draft_add(&peer, &d, draft_referral(&peer));
    Parts parts = draft_sign(&peer, &d);
    Reply r = peer_ask(&peer, &parts);
    size_t last = d.count - 1;
    cr_expect(str_is(reply_outcome(r, 0), "accepted"));
    cr_expect(str_is(reply_outcome(r, last), "accepted"));
    for (size_t i = 0; i < COUNT_OF(bytes_cases); i++) {
        const struct BytesCase *c = &bytes_cases[i];
        cr_expect(str_is(reply_outcome(r, i + 1), "quarantined"), "%s", c->name);
        cr_expect(str_is(reply_entry_reason(r, i + 1), c->content_reason), "%s: %.*s", c->name,
                  STR_ARG(reply_entry_reason(r, i + 1)));
        cr_expect_eq(messages_of(d.message_ids[i + 1]), 0, "%s", c->name);
        cr_expect_eq(quarantined_of(d.message_ids[i + 1]), 1, "%s", c->name);
    }
}

Test(intake_refused, names_the_field_at_fault_and_never_its_value) {
    Draft d = draft_new(&peer);
    Bytes content;
    Value *referral = sample_tree(peer.arena, STRUCT_referral, false);
    value_set_text(peer.arena, referral, F_referral_authored_at, STR("Kayleigh"));
    cr_assert_eq(codec_encode(peer.arena, referral, &content), 0);
    draft_add(&peer, &d, content);
    Parts parts = draft_sign(&peer, &d);
    Reply r = peer_ask(&peer, &parts);
    size_t at;
    cr_expect(str_is(reply_entry_reason(r, 0), "bad_time"));
    const Value *entry = value_item(r.head, F_acknowledgement_entry, 0);
    cr_expect(str_is(value_text(entry, F_ack_entry_path), "authored_at"));
    cr_expect_not(
        str_find(codec_json(peer.arena, STRUCT_acknowledgement, r.head), STR("Kayleigh"), &at));
}

Test(intake_refused, quarantines_a_content_over_its_limit) {
    static uint8_t much[LIMIT_CONTENT + 1];
    Draft d = draft_new(&peer);
    draft_add(&peer, &d, BYTES_OF(much));
    Parts parts = draft_sign(&peer, &d);
    Reply r = peer_ask(&peer, &parts);
    cr_expect(str_is(reply_outcome(r, 0), "quarantined"));
    cr_expect(str_is(reply_entry_reason(r, 0), "too_large"));
}

/* ---- the signature --------------------------------------------------------------------------- */

Test(intake_refused, refuses_a_head_with_any_byte_flipped) {
    Draft d = draft_referrals(&peer, 1);
    Parts good = draft_sign(&peer, &d);
    for (size_t i = 0; i < good.at[0].len; i++) {
        Parts bent = good;
        bent.at[0] = arena_copy(peer.arena, good.at[0]);
        ((uint8_t *)(uintptr_t)bent.at[0].at)[i] ^= 1;
        Reply r = peer_ask(&peer, &bent);
        cr_expect_eq(r.kind, STRUCT_refusal, "byte %zu", i);
    }
    cr_expect_eq(messages_of(d.message_ids[0]), 0);
    cr_expect(str_is(reply_outcome(peer_ask(&peer, &good), 0), "accepted"),
              "as it was, it is taken");
}

Test(intake_refused, refuses_a_signature_that_does_not_fit) {
    Draft d = draft_referrals(&peer, 1);
    Parts good = draft_sign(&peer, &d);
    KeyPair stranger;
    Signature other;
    cr_assert_eq(ed25519_pair(&stranger), 0);
    cr_assert_eq(head_sign(peer.arena, &stranger.secret, STRUCT_submission, good.at[0], &other), 0);
    Signature domain; /* right key, another message's domain */
    cr_assert_eq(head_sign(peer.arena, &peer.origin, STRUCT_receipt, good.at[0], &domain), 0);
    const Bytes bad[] = {BYTES_OF(other.at), BYTES_OF(domain.at), bytes_of(good.at[1].at, 63),
                         bytes_of("", 0)};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        Parts bent = good;
        bent.at[1] = bad[i];
        cr_expect(str_is(reply_reason(peer_ask(&peer, &bent)), "signature_wrong"), "case %zu", i);
    }
    Parts alone = {.at = {good.at[0]}, .count = 1};
    cr_expect(str_is(reply_reason(peer_ask(&peer, &alone)), "signature_wrong"), "no second frame");
    cr_expect_eq(messages_of(d.message_ids[0]), 0);
}
