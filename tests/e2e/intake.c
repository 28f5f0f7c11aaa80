/* Intake as agencies meet it: a running mash-intake on a real database. What is good is taken once,
 * whatever becomes of the answer; a fault of one harms no other; a key counts until it is revoked.
 */
#include "tests/e2e/intake.h"

#include "broker/io/clock.h"
#include "tests/unit/sample.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <poll.h>
#include <sys/socket.h>

Peer peer;
Store *look;

void intake_set_up(void) {
    peer_open(&peer, "police");
    look = look_open("MASH_E2E_DATABASE");
}

void intake_tear_down(void) {
    store_close(look);
    peer_close(&peer);
}

TestSuite(intake, .init = intake_set_up, .fini = intake_tear_down, .timeout = 60);

int64_t messages_of(Id id) {
    return LOOK(look, "SELECT count(*) FROM mash.message WHERE message_id = $1", p_id(id));
}

int64_t quarantined_of(Id id) {
    return LOOK(look,
                "SELECT count(*) FROM mash.quarantine WHERE message_id = $1 AND sealed IS NOT NULL",
                p_id(id));
}

int64_t kept_raw(const Parts *parts, const char *reason) {
    return LOOK(look,
                "SELECT count(*) FROM mash.quarantine WHERE digest = sha256(("
                "SELECT string_agg(int4send(octet_length(x)) || x, ''::bytea ORDER BY n) "
                "FROM unnest($1) WITH ORDINALITY AS p (x, n))) AND reason = $2 "
                "AND content IS NULL AND sealed IS NOT NULL AND agency = 'police'",
                p_bytes_list(peer.arena, parts->at, parts->count), p_z(reason));
}

/* ---- what is good ---------------------------------------------------------------------------- */

Test(intake, acknowledges_with_the_leaf_of_every_message) {
    char id[ID_TEXT], commitment[2 * HASH_LEN + 1];
    Draft d = draft_referrals(&peer, 3);
    Parts parts = draft_sign(&peer, &d);
    Reply r = peer_ask(&peer, &parts);
    cr_assert_eq(r.kind, STRUCT_acknowledgement);
    cr_assert_eq(value_count(r.head, F_acknowledgement_entry), 3);
    for (size_t i = 0; i < 3; i++) {
        Hash h;
        cr_assert_eq(content_commit(d.contents[i], &h), 0);
        id_text(d.message_ids[i], id);
        hex_encode(BYTES_OF(h.at), commitment);
        cr_expect(str_is(reply_outcome(r, i), "accepted"));
        cr_expect(leaf_line(reply_leaf(r, i), "act", "accept"));
        cr_expect(leaf_line(reply_leaf(r, i), "message", id));
        cr_expect(leaf_line(reply_leaf(r, i), "commitment", commitment));
        cr_expect_eq(LOOK(look,
                          "SELECT count(*) FROM mash.ledger_leaf WHERE idx = $1 AND body = $2",
                          p_number(reply_leaf_index(r, i)), p_bytes(reply_leaf(r, i))),
                     1, "the leaf is where the acknowledgement says");
        cr_expect_eq(messages_of(d.message_ids[i]), 1);
    }
}

Test(intake, takes_a_full_submission) {
    Draft d = draft_referrals(&peer, LIMIT_ENTRIES);
    Parts parts = draft_sign(&peer, &d);
    Reply r = peer_ask(&peer, &parts);
    for (size_t i = 0; i < LIMIT_ENTRIES; i++) {
        cr_expect(str_is(reply_outcome(r, i), "accepted"));
        cr_expect_eq(reply_leaf_index(r, i), reply_leaf_index(r, 0) + (int64_t)i, "in order");
    }
}

Test(intake, takes_an_answer_to_a_check) {
    Draft d = draft_new(&peer);
    draft_add(&peer, &d, sample_bytes(peer.arena, STRUCT_answer, true));
    Value *entry = d.head->map.at[d.head->map.count - 1].value->list.at[0];
    value_set_text(peer.arena, entry, F_entry_content, STR("answer"));
    Parts parts = draft_sign(&peer, &d);
    cr_expect(str_is(reply_outcome(peer_ask(&peer, &parts), 0), "accepted"));
}

Test(intake, keeps_nothing_in_clear) { /* R20 */
    Draft d = draft_referrals(&peer, 1);
    Parts parts = draft_sign(&peer, &d);
    (void)peer_ask(&peer, &parts);
    Bytes piece = bytes_of(d.contents[0].at + d.contents[0].len / 2, 12);
    cr_expect_eq(LOOK(look, "SELECT position($2 IN sealed) FROM mash.message WHERE message_id = $1",
                      p_id(d.message_ids[0]), p_bytes(piece)),
                 0);
}

Test(intake, takes_a_message_that_is_a_year_old) {
    Draft d = draft_referrals(&peer, 1);
    char then[CLOCK_TEXT];
    clock_text(clock_ms() - INT64_C(365) * 24 * 3600 * 1000, then);
    value_set_text(peer.arena, d.head, F_submission_sent_at, str_z(then));
    Parts parts = draft_sign(&peer, &d);
    cr_expect(str_is(reply_outcome(peer_ask(&peer, &parts), 0), "accepted"));
}

Test(intake, takes_unknown_fields_of_a_later_version) {
    Draft d = draft_referrals(&peer, 1);
    value_set_text(peer.arena, d.head, 900, STR("later"));
    value_set_number(peer.arena, d.head, F_submission_version, PROTOCOL_VERSION + 1);
    Parts parts = draft_sign(&peer, &d);
    cr_expect(str_is(reply_outcome(peer_ask(&peer, &parts), 0), "accepted"));
}

/* ---- the same again -------------------------------------------------------------------------- */

Test(intake, answers_a_replay_with_the_same_leaf_and_one_row) { /* R2, R4 */
    Draft d = draft_referrals(&peer, 2);
    Parts parts = draft_sign(&peer, &d);
    Reply first = peer_ask(&peer, &parts), again = peer_ask(&peer, &parts);
    for (size_t i = 0; i < 2; i++) {
        cr_expect(str_is(reply_outcome(again, i), "duplicate"));
        cr_expect_eq(reply_leaf_index(again, i), reply_leaf_index(first, i));
        cr_expect(bytes_eq(reply_leaf(again, i), reply_leaf(first, i)));
        cr_expect_eq(messages_of(d.message_ids[i]), 1);
    }
    cr_expect_eq(LOOK(look, "SELECT count(*) FROM mash.submission WHERE submission_id = $1",
                      p_id(d.submission_id)),
                 1);
}

/* Copies that come before the answer may be met by one answer; whatever comes, it is the same. */
Test(intake, answers_what_is_sent_in_haste_with_one_leaf) { /* R2 */
    Draft d = draft_referrals(&peer, 1), last = draft_referrals(&peer, 1);
    Parts parts = draft_sign(&peer, &d), end = draft_sign(&peer, &last);
    for (int i = 0; i < 5; i++) peer_put(&peer, &parts);
    peer_put(&peer, &end);
    int64_t index = -1;
    size_t accepted = 0, answers = 0;
    for (bool ended = false; !ended || answers == 0;) {
        Reply r = peer_take(&peer, PATIENCE_MS);
        Id id;
        cr_assert_eq(r.kind, STRUCT_acknowledgement);
        cr_assert(value_id(r.head, F_acknowledgement_submission_id, &id));
        ended = ended || id_eq(id, last.submission_id);
        if (id_eq(id, last.submission_id)) continue;
        answers++;
        accepted += str_is(reply_outcome(r, 0), "accepted");
        if (index < 0) index = reply_leaf_index(r, 0);
        cr_expect_eq(reply_leaf_index(r, 0), index);
    }
    cr_expect(answers >= 1 && answers <= 5);
    cr_expect_eq(accepted, 1);
    cr_expect_eq(messages_of(d.message_ids[0]), 1);
}

Test(intake, answers_the_same_message_in_another_submission_as_duplicate) {
    Draft one = draft_referrals(&peer, 1), two = draft_new(&peer);
    draft_add_frame(&peer, &two, one.message_ids[0], one.contents[0]);
    Parts first = draft_sign(&peer, &one), second = draft_sign(&peer, &two);
    Reply a = peer_ask(&peer, &first), b = peer_ask(&peer, &second);
    cr_expect(str_is(reply_outcome(b, 0), "duplicate"));
    cr_expect_eq(reply_leaf_index(a, 0), reply_leaf_index(b, 0));
}

Test(intake, quarantines_other_content_under_a_known_id) {
    Draft one = draft_referrals(&peer, 1), two = draft_new(&peer),
          other = draft_referrals(&peer, 1);
    draft_add_frame(&peer, &two, one.message_ids[0], other.contents[0]);
    Parts first = draft_sign(&peer, &one), second = draft_sign(&peer, &two);
    (void)peer_ask(&peer, &first);
    Reply clash = peer_ask(&peer, &second);
    cr_expect(str_is(reply_outcome(clash, 0), "quarantined"));
    cr_expect(str_is(reply_entry_reason(clash, 0), "content_clash"));
    cr_expect_eq(quarantined_of(one.message_ids[0]), 1);
    cr_expect(str_is(reply_outcome(peer_ask(&peer, &first), 0), "duplicate"), "the first stands");
    Reply again = peer_ask(&peer, &second);
    cr_expect(str_is(reply_outcome(again, 0), "quarantined"));
    cr_expect_eq(reply_leaf_index(again, 0), reply_leaf_index(clash, 0));
    cr_expect_eq(quarantined_of(one.message_ids[0]), 1);
}

Test(intake, keeps_both_heads_of_one_submission_id) {
    Draft one = draft_referrals(&peer, 1), two = draft_referrals(&peer, 1);
    value_set_id(peer.arena, two.head, F_submission_submission_id, &one.submission_id);
    Parts first = draft_sign(&peer, &one), second = draft_sign(&peer, &two);
    cr_expect(str_is(reply_outcome(peer_ask(&peer, &first), 0), "accepted"));
    cr_expect(str_is(reply_outcome(peer_ask(&peer, &second), 0), "accepted"));
    cr_expect_eq(LOOK(look, "SELECT count(*) FROM mash.submission WHERE submission_id = $1",
                      p_id(one.submission_id)),
                 2, "the origin of both stays provable");
}

/* ---- a database that takes offence ----------------------------------------------------------- */

static void ddl(const char *sql) {
    cr_assert_eq(store_call(look, sql, NULL, 0, NULL), 0, "%s", sql);
}

Test(intake, quarantines_what_cannot_be_stored_and_takes_the_rest) {
    char id[ID_TEXT], sql[400];
    Draft d[3];
    Parts parts[3];
    for (size_t i = 0; i < 3; i++) {
        d[i] = draft_referrals(&peer, 1);
        parts[i] = draft_sign(&peer, &d[i]);
    }
    id_text(d[1].message_ids[0], id);
    (void)snprintf(sql, sizeof(sql),
                   "CREATE TRIGGER e2e_fault BEFORE INSERT ON mash.message FOR EACH ROW "
                   "WHEN (NEW.message_id = '%s') EXECUTE FUNCTION mash.e2e_fault()",
                   id);
    ddl("CREATE OR REPLACE FUNCTION mash.e2e_fault() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'not this one'; END $$");
    ddl(sql);
    for (size_t i = 0; i < 3; i++) peer_put(&peer, &parts[i]);
    for (size_t i = 0; i < 3; i++) { /* in whatever order */
        Reply r = peer_take(&peer, PATIENCE_MS);
        Id answered;
        cr_assert(value_id(r.head, F_acknowledgement_submission_id, &answered));
        bool harmful = id_eq(answered, d[1].submission_id);
        cr_expect(str_is(reply_outcome(r, 0), harmful ? "quarantined" : "accepted"), "%zu", i);
        cr_expect(str_is(reply_entry_reason(r, 0), harmful ? "hub_failed" : ""), "%zu", i);
    }
    ddl("DROP TRIGGER e2e_fault ON mash.message");
    cr_expect_eq(messages_of(d[1].message_ids[0]), 0);
    cr_expect_eq(quarantined_of(d[1].message_ids[0]), 1, "a person can look at it");
}

/* ---- keys ------------------------------------------------------------------------------------ */

static void enrol(Store *admin, const Key *public) {
    int r =
        STORE_CALL(admin, NULL, "SELECT door.admin_agency_key('police', 'transport', $1, NULL, 2)",
                   p_bytes(BYTES_OF(public->at)));
    cr_assert_eq(r, 0);
}

Test(intake, lets_no_stranger_in) { /* F1 */
    KeyPair stranger;
    Peer p;
    cr_assert_eq(wire_pair(&stranger), 0);
    peer_open_as(&p, "police", &stranger.secret);
    void *monitor = zmq_socket(p.zmq, ZMQ_PAIR);
    Frames f;
    uint16_t event = 0;
    cr_assert_eq(zmq_socket_monitor(p.socket, "inproc://seen",
                                    ZMQ_EVENT_HANDSHAKE_SUCCEEDED |
                                        ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |
                                        ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL),
                 0);
    cr_assert_eq(zmq_connect(monitor, "inproc://seen"), 0);
    zmq_pollitem_t item = {.socket = monitor, .events = ZMQ_POLLIN};
    cr_assert_eq(zmq_poll(&item, 1, PATIENCE_MS), 1, "it dials again until it is seen");
    cr_assert_eq(wire_take(monitor, false, &f), 0);
    memcpy(&event, frame(&f, 0).at, sizeof(event));
    frames_clear(&f);
    cr_expect_neq(event, ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    zmq_close(monitor);
    peer_close(&p);
}

/* A plain TCP connection that never says anything. */
static int connect_mute(void) {
    char line[ENDPOINT_MAX];
    unsigned port = 0;
    _cleanup_(file_closep) FILE *f = fopen(e2e_env("MASH_E2E_INTAKE_ENDPOINT"), "r");
    cr_assert(f && fgets(line, sizeof(line), f) && sscanf(line, "tcp://127.0.0.1:%u", &port) == 1);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    cr_assert(fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof(at)) == 0);
    return fd;
}

/* True when the server hangs up within `ms`; its greeting is read over. */
static bool hangs_up(int fd, int ms) {
    char greeting[256];
    struct pollfd p = {.fd = fd, .events = POLLIN};
    while (poll(&p, 1, ms) == 1) {
        if (read(fd, greeting, sizeof(greeting)) <= 0) return true;
    }
    return false;
}

Test(intake, half_open_connections_keep_nobody_out_and_are_dropped) { /* F6 */
    enum { MUTE = 300 };
    int fds[MUTE];
    for (int i = 0; i < MUTE; i++) fds[i] = connect_mute();
    Draft d = draft_referrals(&peer, 1);
    Parts parts = draft_sign(&peer, &d);
    cr_expect(str_is(reply_outcome(peer_ask(&peer, &parts), 0), "accepted"));
    for (int i = 0; i < MUTE; i++) {
        cr_expect(hangs_up(fds[i], PATIENCE_MS), "connection %d is still held", i);
        (void)close(fds[i]);
    }
}

Test(intake, obeys_no_key_that_was_slipped_into_the_table) { /* R7, R8 */
    KeyPair slipped;
    char id[KEY_ID_LEN + 1];
    Peer p;
    cr_assert_eq(wire_pair(&slipped), 0);
    cr_assert_eq(key_id(&slipped.public, id), 0);
    cr_assert_eq(
        STORE_CALL(look, NULL,
                   "INSERT INTO mash.agency_key (key_id, agency, kind, public, valid_from, "
                   "valid_until, leaf_index) SELECT $1, agency, kind, $2, valid_from, "
                   "valid_until, leaf_index FROM mash.agency_key "
                   "WHERE agency = 'police' AND kind = 'transport' LIMIT 1",
                   p_z(id), p_bytes(BYTES_OF(slipped.public.at))),
        0);
    Store *admin = look_open("MASH_E2E_ADMIN");
    KeyPair honest; /* once this one is in, the register has been loaded after the other's row */
    cr_assert_eq(wire_pair(&honest), 0);
    enrol(admin, &honest.public);
    Peer q;
    peer_open_as(&q, "police", &honest.secret);
    Draft d = draft_referrals(&q, 1);
    Parts parts = draft_sign(&q, &d);
    cr_assert_eq(peer_ask(&q, &parts).kind, STRUCT_acknowledgement);
    peer_open_as(&p, "police", &slipped.secret);
    peer_put(&p, &parts);
    cr_expect_eq(peer_take(&p, 1500).kind, STRUCT_none, "nobody answers a key without its leaf");
    peer_close(&p);
    peer_close(&q);
    store_close(admin);
}

Test(intake, refuses_a_revoked_key_on_an_open_connection_within_five_seconds) { /* F4, R7 */
    Store *admin = look_open("MASH_E2E_ADMIN");
    KeyPair pair;
    char id[KEY_ID_LEN + 1];
    Peer p;
    cr_assert_eq(wire_pair(&pair), 0);
    cr_assert_eq(key_id(&pair.public, id), 0);
    enrol(admin, &pair.public);
    peer_open_as(&p, "police", &pair.secret);
    Draft before = draft_referrals(&p, 1);
    Parts parts = draft_sign(&p, &before);
    cr_expect(str_is(reply_outcome(peer_ask(&p, &parts), 0), "accepted"));
    cr_assert_eq(STORE_CALL(admin, NULL, "SELECT door.admin_revoke($1, 'lost')", p_z(id)), 0);
    int64_t revoked_at = clock_mono_ms();
    Reply r = peer_ask(&p, &parts);
    while (r.kind != STRUCT_refusal && clock_mono_ms() - revoked_at < 5000)
        r = peer_ask(&p, &parts);
    cr_expect(str_is(reply_reason(r), "key_revoked"), "still open after five seconds");
    Draft after = draft_referrals(&p, 1);
    parts = draft_sign(&p, &after);
    cr_expect(str_is(reply_reason(peer_ask(&p, &parts)), "key_revoked"));
    cr_expect_eq(messages_of(after.message_ids[0]), 0);
    cr_expect_eq(kept_raw(&parts, "key_revoked"), 0, "who may not speak fills no quarantine");
    peer_close(&p);
    store_close(admin);
}
