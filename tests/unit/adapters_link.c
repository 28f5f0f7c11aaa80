/* One socket to several servers, on real sockets on loopback: to whom what is sent goes. Every wait
 * ends by an event or a deadline. */
#include "adapters/common/files.h"
#include "adapters/common/link.h"
#include "broker/base/err.h"
#include "broker/io/clock.h"

#include <criterion/criterion.h>

enum { PATIENCE_MS = 5000, SERVERS = 2, STEP_MS = 5 };

typedef struct Server {
    void *socket;
    char endpoint[ENDPOINT_MAX];
    size_t taken;
} Server;

static void *zmq;
static Zap *zap;
static Loop *loop;
static Link *link_of; /* the one under test */
static KeyPair server_key, client_key;
static Server servers[SERVERS];
static size_t put_count; /* taken by the socket */
static char dir[64];

static bool admit(void *context, const Key *public, char user[USER_MAX]) {
    (void)context;
    (void)public;
    (void)snprintf(user, USER_MAX, "anybody");
    return true;
}

static void open_stage(void) {
    zmq = zmq_ctx_new();
    cr_assert(wire_pair(&server_key) == 0 && wire_pair(&client_key) == 0);
    cr_assert(zap_open(zmq, admit, NULL, &zap) == 0 && loop_new(&loop) == 0);
    for (size_t i = 0; i < SERVERS; i++) {
        cr_assert(wire_serve(zmq, "tcp://127.0.0.1:*", &server_key.secret, LIMIT_SUBMISSION,
                             servers[i].endpoint, &servers[i].socket) == 0);
    }
    (void)snprintf(dir, sizeof(dir), "/tmp/mash-link-XXXXXX");
    cr_assert(mkdtemp(dir) != NULL);
}

static void close_stage(void) {
    char command[100];
    link_close(link_of);
    for (size_t i = 0; i < SERVERS; i++) {
        if (servers[i].socket) zmq_close(servers[i].socket);
    }
    loop_free(loop);
    zap_close(zap);
    zmq_ctx_term(zmq);
    (void)snprintf(command, sizeof(command), "rm -rf '%s'", dir);
    cr_assert(system(command) == 0);
}

TestSuite(adapters_link, .init = open_stage, .fini = close_stage);

static int ignore(void *context, const Frames *frames) {
    (void)context;
    (void)frames;
    return 0;
}

static int dial(const char *setting) {
    return link_open(loop, zmq, setting, &client_key.secret, &server_key.public, ignore, NULL,
                     &link_of);
}

static void server_take(Server *s) {
    Frames f;
    while (s->socket && wire_take(s->socket, true, &f) == 0) {
        s->taken++;
        frames_clear(&f);
    }
}

/* Lets the handshakes go on and counts what arrived. */
static void step(void) {
    zmq_pollitem_t item = {.socket = zap_socket(zap), .events = ZMQ_POLLIN};
    (void)zmq_poll(&item, 1, STEP_MS);
    if (item.revents) cr_assert(zap_answer(zap) == 0);
    for (size_t i = 0; i < SERVERS; i++) server_take(&servers[i]);
}

static bool put(void) {
    Bytes part = str_bytes(STR("word"));
    int r = link_send(link_of, &part, 1);
    cr_assert_geq(r, 0);
    put_count += r == 0;
    return r == 0;
}

/* Sends, one after the other, until this server has had so many more. */
static bool reaches(const Server *s, size_t more) {
    size_t want = s->taken + more;
    int64_t until = clock_mono_ms() + PATIENCE_MS;
    while (s->taken < want && clock_mono_ms() < until) {
        (void)put();
        step();
    }
    return s->taken >= want;
}

static bool taken_all(void) {
    int64_t until = clock_mono_ms() + PATIENCE_MS;
    while (servers[0].taken + servers[1].taken < put_count && clock_mono_ms() < until) step();
    return servers[0].taken + servers[1].taken == put_count;
}

static void publish(const char *name, const char *endpoint) {
    cr_assert(file_write(dir, name, str_bytes(str_z(endpoint))) == 0);
}

Test(adapters_link, goes_to_each_of_several_servers_in_turn) {
    char setting[3 * ENDPOINT_MAX];
    (void)snprintf(setting, sizeof(setting), " %s  %s ", servers[0].endpoint, servers[1].endpoint);
    cr_assert(dial(setting) == 0);
    cr_assert(reaches(&servers[0], 1) && reaches(&servers[1], 1));
    cr_assert(taken_all());
    size_t before = servers[0].taken;
    for (int i = 0; i < 10; i++) cr_assert(put());
    cr_assert(taken_all());
    cr_expect_eq(servers[0].taken - before, 5);
}

Test(adapters_link, nothing_is_queued_for_a_server_that_is_away) {
    char setting[3 * ENDPOINT_MAX];
    (void)snprintf(setting, sizeof(setting), "%s %s", servers[0].endpoint, servers[1].endpoint);
    zmq_close(servers[0].socket);
    servers[0].socket = NULL;
    cr_assert(dial(setting) == 0);
    cr_expect(!put(), "nobody is connected yet");
    cr_assert(reaches(&servers[1], 1));
    for (int i = 0; i < 10; i++) cr_expect(put());
    cr_expect(taken_all());
}

Test(adapters_link, what_a_dead_server_took_reaches_the_other_when_it_is_sent_again) {
    char setting[3 * ENDPOINT_MAX];
    (void)snprintf(setting, sizeof(setting), "%s %s", servers[0].endpoint, servers[1].endpoint);
    cr_assert(dial(setting) == 0);
    cr_assert(reaches(&servers[0], 1) && reaches(&servers[1], 1) && taken_all());
    zmq_close(servers[0].socket);
    servers[0].socket = NULL;
    cr_expect(reaches(&servers[1], 10));
}

Test(adapters_link, follows_files_that_come_late_and_change) {
    char setting[300];
    (void)snprintf(setting, sizeof(setting), "file:%s/a file:%s/b", dir, dir);
    cr_assert(dial(setting) == 0);
    cr_expect(!put());
    publish("b", servers[1].endpoint);
    cr_assert(link_tick(link_of) == 0);
    cr_expect(reaches(&servers[1], 1));
    publish("a", servers[0].endpoint);
    cr_assert(link_tick(link_of) == 0);
    cr_expect(reaches(&servers[0], 1));
    cr_assert(taken_all());
    publish("b", servers[0].endpoint); /* both name one server now */
    cr_assert(link_tick(link_of) == 0);
    size_t before = servers[1].taken;
    cr_expect(reaches(&servers[0], 10));
    cr_expect_eq(servers[1].taken, before);
}

Test(adapters_link, an_endpoint_that_cannot_be_used_does_not_stop_the_others) {
    char setting[3 * ENDPOINT_MAX];
    (void)snprintf(setting, sizeof(setting), "nonsense %s", servers[1].endpoint);
    cr_assert(dial(setting) == 0);
    cr_expect(reaches(&servers[1], 1));
}

Test(adapters_link, a_setting_names_at_least_one_endpoint_and_not_too_many) {
    char setting[3 * ENDPOINT_MAX] = "";
    for (int i = 0; i <= LINK_ENDPOINTS; i++) strcat(setting, "file:/nowhere ");
    cr_expect_eq(dial(setting), ERR_CONFIG);
    cr_expect_eq(dial("  "), ERR_CONFIG);
}
