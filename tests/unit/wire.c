/* broker/io/wire and zap: fail-closed servers (F1-F3, F5), limits (F7), framing, the self-test.
 * Real sockets on loopback; every wait ends by an event or a deadline. */
#include "broker/io/clock.h"
#include "broker/io/wire.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <sys/socket.h>

enum { PATIENCE_MS = 5000, FRAME_LIMIT = 64 * 1024 };

typedef struct Stage {
    void *zmq, *server, *client;
    Zap *zap;
    KeyPair server_key, client_key;
    char endpoint[ENDPOINT_MAX];
    int asked;
} Stage;

static bool admit_known(void *context, const Key *public, char user[USER_MAX]) {
    const Stage *s = context;
    if (memcmp(public->at, s->client_key.public.at, KEY_LEN) != 0) return false;
    (void)snprintf(user, USER_MAX, "key-of-police");
    return true;
}

static bool admit_anybody(void *context, const Key *public, char user[USER_MAX]) {
    (void)context;
    (void)public;
    (void)snprintf(user, USER_MAX, "anybody");
    return true;
}

static bool admit_nobody(void *context, const Key *public, char user[USER_MAX]) {
    (void)context;
    (void)public;
    user[0] = '\0';
    return false;
}

/* As a register that hears of the key only after its first visit. */
static bool admit_later(void *context, const Key *public, char user[USER_MAX]) {
    Stage *s = context;
    return s->asked++ > 0 && admit_known(s, public, user);
}

/* A server, with a handler unless `check` is NULL. */
static void stage_open(Stage *s, ZapCheck check) {
    *s = (Stage){.zmq = zmq_ctx_new()};
    cr_assert_eq(wire_pair(&s->server_key), 0);
    cr_assert_eq(wire_pair(&s->client_key), 0);
    if (check) cr_assert_eq(zap_open(s->zmq, check, s, &s->zap), 0);
    cr_assert_eq(wire_serve(s->zmq, "tcp://127.0.0.1:*", &s->server_key.secret, FRAME_LIMIT,
                            s->endpoint, &s->server),
                 0);
}

static void stage_dial(Stage *s) {
    cr_assert_eq(
        wire_dial(s->zmq, s->endpoint, &s->client_key.secret, &s->server_key.public, &s->client),
        0);
}

static void stage_close(Stage *s) {
    if (s->client) zmq_close(s->client);
    if (s->server) zmq_close(s->server);
    zap_close(s->zap);
    zmq_ctx_term(s->zmq);
}

/* Serves ZAP until `socket` has a message (0, 1 or a refusal as wire_take) or the time is over
 * (-1). */
static int await(Stage *s, void *socket, bool router, Frames *ret, int64_t ms) {
    int64_t until = clock_mono_ms() + ms;
    for (int64_t left = ms; left > 0; left = until - clock_mono_ms()) {
        zmq_pollitem_t items[] = {
            {.socket = socket, .events = ZMQ_POLLIN},
            {.socket = s->zap ? zap_socket(s->zap) : socket, .events = ZMQ_POLLIN}};
        (void)zmq_poll(items, 2, (long)left);
        if (s->zap && items[1].revents) cr_assert_eq(zap_answer(s->zap), 0);
        if (items[0].revents) return wire_take(socket, router, ret);
    }
    return -1;
}

/* The first of `events` that a socket reports after `act`; 0 when none comes. */
static int first_event(Stage *s, void *socket, int events, void (*act)(Stage *s, void *socket)) {
    void *monitor = zmq_socket(s->zmq, ZMQ_PAIR);
    Frames f;
    uint16_t event = 0;
    cr_assert_eq(zmq_socket_monitor(socket, "inproc://seen", events), 0);
    cr_assert_eq(zmq_connect(monitor, "inproc://seen"), 0);
    act(s, socket);
    if (await(s, monitor, false, &f, PATIENCE_MS) == 0) {
        memcpy(&event, frame(&f, 0).at, sizeof(event));
        frames_clear(&f);
    }
    zmq_socket_monitor(socket, NULL, 0);
    zmq_close(monitor);
    return event;
}

static void connect_it(Stage *s, void *client) {
    cr_assert_eq(zmq_connect(client, s->endpoint), 0);
}

/* How the server meets a client that dials now. */
static int handshake(Stage *s, void *client) {
    int all = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |
              ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL;
    return first_event(s, client, all, connect_it);
}

/* An end that is no success; a silent refusal ends with the handshake's time. */
static bool refused(int event) {
    return event != 0 && event != ZMQ_EVENT_HANDSHAKE_SUCCEEDED;
}

static void *curve_client(Stage *s, const KeyPair *keys) {
    static const int zero = 0;
    void *c = zmq_socket(s->zmq, ZMQ_DEALER);
    zmq_setsockopt(c, ZMQ_LINGER, &zero, sizeof(zero));
    if (!keys) return c;
    zmq_setsockopt(c, ZMQ_CURVE_SERVERKEY, s->server_key.public.at, KEY_LEN);
    zmq_setsockopt(c, ZMQ_CURVE_PUBLICKEY, keys->public.at, KEY_LEN);
    zmq_setsockopt(c, ZMQ_CURVE_SECRETKEY, keys->secret.at, KEY_LEN);
    return c;
}

static int option_int(void *socket, int name) {
    int value = -1;
    size_t len = sizeof(value);
    cr_assert_eq(zmq_getsockopt(socket, name, &value, &len), 0);
    return value;
}

static void put_frames(void *socket, size_t count, size_t len) {
    static uint8_t body[2 * FRAME_LIMIT];
    Bytes parts[FRAMES_MAX + 8];
    for (size_t i = 0; i < count; i++) parts[i] = bytes_of(body, len);
    cr_assert_eq(wire_put(socket, (Bytes){0}, parts, count), 0);
}

Test(wire, pair_and_public_agree) {
    KeyPair pair;
    Key public;
    cr_assert_eq(wire_pair(&pair), 0);
    cr_assert_eq(wire_public(&pair.secret, &public), 0);
    cr_expect_arr_eq(public.at, pair.public.at, KEY_LEN);
}

Test(wire, refuses_everybody_without_a_handler) { /* F1, F3 */
    Stage s;
    stage_open(&s, NULL);
    void *client = curve_client(&s, &s.client_key);
    cr_expect(refused(handshake(&s, client)), "nobody answered, and the key came in");
    zmq_close(client);
    stage_close(&s);
}

Test(wire, obeys_a_handler_that_denies) { /* F2, F3 */
    Stage s;
    stage_open(&s, admit_nobody);
    void *client = curve_client(&s, &s.client_key);
    cr_expect(refused(handshake(&s, client)));
    zmq_close(client);
    stage_close(&s);
}

Test(wire, admits_a_known_key) {
    Stage s;
    stage_open(&s, admit_known);
    void *client = curve_client(&s, &s.client_key);
    cr_expect_eq(handshake(&s, client), ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    zmq_close(client);
    stage_close(&s);
}

Test(wire, refuses_a_stranger_where_others_are_admitted) {
    Stage s;
    KeyPair stranger;
    stage_open(&s, admit_known);
    cr_assert_eq(wire_pair(&stranger), 0);
    void *client = curve_client(&s, &stranger);
    cr_expect(refused(handshake(&s, client)));
    zmq_close(client);
    stage_close(&s);
}

Test(wire, admits_a_key_that_was_enrolled_after_its_first_visit) {
    Stage s;
    Frames f;
    stage_open(&s, admit_later);
    stage_dial(&s);
    put_frames(s.client, 1, 3);
    cr_assert_eq(await(&s, s.server, true, &f, PATIENCE_MS), 0, "the client must try again");
    cr_expect_eq(s.asked, 2);
    frames_clear(&f);
    stage_close(&s);
}

Test(wire, refuses_a_client_without_encryption) { /* F5 */
    Stage s;
    stage_open(&s, admit_anybody);
    void *client = curve_client(&s, NULL);
    cr_expect_eq(handshake(&s, client), ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL);
    zmq_close(client);
    stage_close(&s);
}

Test(wire, carries_the_handlers_user_and_answers_by_routing) { /* F3 */
    Stage s;
    Frames f;
    stage_open(&s, admit_known);
    stage_dial(&s);
    put_frames(s.client, 2, 10);
    cr_assert_eq(await(&s, s.server, true, &f, PATIENCE_MS), 0);
    cr_expect_str_eq(f.user, "key-of-police");
    cr_expect_eq(f.count, 2);
    cr_expect_eq(frame(&f, 1).len, 10);
    cr_expect_null(frame(&f, 2).at, "past the end there is nothing");
    Bytes answer = str_bytes(STR("taken"));
    cr_assert_eq(wire_put(s.server, bytes_of(f.routing, f.routing_len), &answer, 1), 0);
    frames_clear(&f);
    cr_assert_eq(await(&s, s.client, false, &f, PATIENCE_MS), 0);
    cr_expect(str_is(bytes_str(frame(&f, 0)), "taken"));
    cr_expect_eq(f.user[0], '\0');
    frames_clear(&f);
    cr_expect_eq(wire_take(s.client, false, &f), 1, "nothing more waits");
    stage_close(&s);
}

Test(wire, says_that_a_peer_is_gone) {
    Stage s;
    stage_open(&s, admit_known);
    Bytes answer = str_bytes(STR("anybody there"));
    cr_expect_eq(wire_put(s.server, str_bytes(STR("nobody")), &answer, 1), 1);
    stage_close(&s);
}

Test(wire, sets_every_limit_of_a_server) { /* F7 */
    static const struct {
        int option, value;
    } cases[] = {
        {ZMQ_SNDHWM, 100},
        {ZMQ_RCVHWM, 100},
        {ZMQ_LINGER, 0},
        {ZMQ_BACKLOG, 256},
        {93, 1},
        {ZMQ_CURVE_SERVER, 1},
        {ZMQ_HANDSHAKE_IVL, 3000},
        {ZMQ_HEARTBEAT_IVL, 0}, /* its own would end it when a peer hangs up unread */
    };
    Stage s;
    int64_t max = 0;
    char domain[32] = "";
    size_t len = sizeof(max);
    stage_open(&s, admit_known);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        cr_expect_eq(option_int(s.server, cases[i].option), cases[i].value, "option %d is %d",
                     cases[i].option, option_int(s.server, cases[i].option));
    }
    cr_assert_eq(zmq_getsockopt(s.server, ZMQ_MAXMSGSIZE, &max, &len), 0);
    cr_expect_eq(max, FRAME_LIMIT + 33, "a frame at the limit, and what encryption adds");
    len = sizeof(domain);
    cr_assert_eq(zmq_getsockopt(s.server, ZMQ_ZAP_DOMAIN, domain, &len), 0);
    cr_expect_str_neq(domain, "", "without a domain the handler is never asked");
    stage_close(&s);
}

Test(wire, takes_as_many_frames_as_a_full_submission_has) {
    Stage s;
    Frames f;
    stage_open(&s, admit_known);
    stage_dial(&s);
    put_frames(s.client, LIMIT_ENTRIES + 2, 1);
    cr_assert_eq(await(&s, s.server, true, &f, PATIENCE_MS), 0);
    cr_expect_eq(f.count, LIMIT_ENTRIES + 2);
    frames_clear(&f);
    stage_close(&s);
}

Test(wire, drains_and_refuses_too_many_frames) {
    Stage s;
    Frames f;
    stage_open(&s, admit_known);
    stage_dial(&s);
    put_frames(s.client, LIMIT_ENTRIES + 3, 1);
    put_frames(s.client, 1, 7);
    cr_assert_eq(await(&s, s.server, true, &f, PATIENCE_MS), REFUSE_frames_wrong);
    cr_expect_str_eq(f.user, "key-of-police", "so that it can be answered");
    cr_expect_neq(f.routing_len, 0);
    cr_expect_eq(f.count, 0);
    cr_assert_eq(await(&s, s.server, true, &f, PATIENCE_MS), 0);
    cr_expect_eq(frame(&f, 0).len, 7, "the next message is whole");
    frames_clear(&f);
    stage_close(&s);
}

static void send_oversize(Stage *s, void *client) {
    (void)s;
    put_frames(client, 1, FRAME_LIMIT + 1);
}

Test(wire, cuts_off_who_sends_a_frame_over_the_limit) {
    Stage s;
    Frames f;
    stage_open(&s, admit_known);
    stage_dial(&s);
    int event = first_event(&s, s.client, ZMQ_EVENT_DISCONNECTED, send_oversize);
    cr_expect_eq(event, ZMQ_EVENT_DISCONNECTED);
    put_frames(s.client, 1, FRAME_LIMIT);
    cr_assert_eq(await(&s, s.server, true, &f, PATIENCE_MS), 0, "the client dials again");
    cr_expect_eq(frame(&f, 0).len, FRAME_LIMIT, "and of the oversize message nothing is left");
    frames_clear(&f);
    stage_close(&s);
}

Test(wire, self_test_passes_on_a_closed_server) {
    Stage s;
    stage_open(&s, admit_known);
    cr_expect_eq(wire_self_test(s.zmq, s.endpoint, &s.server_key.public, s.zap), 0);
    cr_expect_eq(wire_self_test(s.zmq, s.endpoint, &s.server_key.public, s.zap), 0, "and again");
    stage_close(&s);
}

Test(wire, self_test_fails_when_anybody_may_come_in) {
    Stage s;
    stage_open(&s, admit_anybody);
    cr_expect_eq(wire_self_test(s.zmq, s.endpoint, &s.server_key.public, s.zap), ERR_BROKEN);
    stage_close(&s);
}

Test(wire, self_test_fails_when_nobody_answers) {
    Stage s;
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(at);
    _cleanup_(fd_closep) int silent = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    stage_open(&s, admit_known);
    cr_assert_eq(bind(silent, (struct sockaddr *)&at, sizeof(at)), 0);
    cr_assert_eq(listen(silent, 8), 0);
    cr_assert_eq(getsockname(silent, (struct sockaddr *)&at, &len), 0);
    (void)snprintf(s.endpoint, sizeof(s.endpoint), "tcp://127.0.0.1:%u", ntohs(at.sin_port));
    cr_expect_eq(wire_self_test(s.zmq, s.endpoint, &s.server_key.public, s.zap), ERR_WIRE);
    stage_close(&s);
}
