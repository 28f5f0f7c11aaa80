/* The way in over MLLP, on real sockets: who may connect, who keeps a place, and that AA is said of
 * what is in the spool and of nothing else. */
#include "adapters/common/spool_db.h"
#include "adapters/health/mllp.h"
#include "adapters/health/take.h"
#include "broker/base/err.h"
#include "tests/unit/adapters_kit.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

static const char framed[] = "\x0bMSH|^~\\&|EDIS|RX1|MASHHUB|E920|202610051412||REF^I12|C1|P|2.4\r"
                             "PID|1||9993041785^^^NHS^NH||CHAN^MEI||20170505|2\r\x1c\r";

static Kit k;
static Loop *loop;
static Mllp *mllp;
static char endpoint[MLLP_ENDPOINT];

static Str take(void *context, Arena *a, Bytes message) {
    (void)context;
    return hl7_take(&k.adapter.self, k.adapter.spool, a, message);
}

static void open_mllp(void) {
    kit_open(&k);
    cr_assert(loop_new(&loop) == 0);
}

static void close_mllp(void) {
    mllp_close(mllp);
    loop_free(loop);
    kit_close(&k);
}

TestSuite(adapters_mllp, .init = open_mllp, .fini = close_mllp);

static void serve(const char *allowed) {
    cr_assert(mllp_open(loop, "127.0.0.1:0", allowed, take, NULL, endpoint, &mllp) == 0);
}

/* ---- the clients' side ----------------------------------------------------------------------- */

enum { PAUSED = -100, ROUNDS_MOST = 200 };

static int awaited_fd, rounds;

/* After each round of the server: has the client something to read, if only the end? */
static int pause_when_readable(void *context) {
    struct pollfd p = {.fd = awaited_fd, .events = POLLIN};
    (void)context;
    cr_assert_lt(++rounds, ROUNDS_MOST, "no answer");
    return poll(&p, 1, 0) > 0 ? PAUSED : 0;
}

static int dial_from(const char *address) {
    struct sockaddr_in own = {.sin_family = AF_INET}, to = {.sin_family = AF_INET};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert(inet_pton(AF_INET, address, &own.sin_addr) == 1);
    cr_assert(inet_pton(AF_INET, "127.0.0.1", &to.sin_addr) == 1);
    to.sin_port = htons((uint16_t)atoi(strchr(endpoint, ':') + 1));
    cr_assert(bind(fd, (struct sockaddr *)&own, sizeof(own)) == 0);
    cr_assert(connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0);
    return fd;
}

static int dial(const char *bytes) {
    int fd = dial_from("127.0.0.1");
    cr_assert(send(fd, bytes, strlen(bytes), MSG_NOSIGNAL) == (ssize_t)strlen(bytes));
    return fd;
}

/* The answer; "" when the server hung up. */
static Str answer(int fd) {
    char *text = arena_alloc(k.arena, 4096);
    awaited_fd = fd;
    rounds = 0;
    loop_set_idle(loop, pause_when_readable, NULL);
    cr_assert_eq(loop_run(loop), PAUSED);
    ssize_t n = recv(fd, text, 4095, MSG_DONTWAIT);
    return (Str){.at = text, .len = n > 0 ? (size_t)n : 0};
}

static bool open_still(int fd) {
    char c;
    return recv(fd, &c, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

/* ---- who may connect ------------------------------------------------------------------------- */

Test(adapters_mllp, closes_a_stranger_at_once_and_takes_nothing) {
    serve("10.1.2.3, 127.0.0.2");
    int stranger = dial(framed);
    cr_expect_eq(answer(stranger).len, 0);
    cr_expect_eq(spool_queued(k.adapter.spool), 0);
    int known = dial_from("127.0.0.2");
    cr_assert(send(known, framed, strlen(framed), MSG_NOSIGNAL) > 0);
    cr_expect(contains(answer(known), "MSA|AA|C1"));
    close(stranger);
    close(known);
}

static const char *const not_addresses[] = {
    "", "localhost", "127.0.0.1,", "127.0.0.1;127.0.0.2", "1.2.3.4.5", "::1",
    "1.1.1.1,1.1.1.2,1.1.1.3,1.1.1.4,1.1.1.5,1.1.1.6,1.1.1.7,1.1.1.8,1.1.1.9,1.1.1.10,1.1.1.11,"
    "1.1.1.12,1.1.1.13,1.1.1.14,1.1.1.15,1.1.1.16,1.1.1.17"};

Test(adapters_mllp, does_not_open_with_peers_that_it_cannot_read) {
    for (size_t i = 0; i < COUNT_OF(not_addresses); i++) {
        int r = mllp_open(loop, "127.0.0.1:0", not_addresses[i], take, NULL, endpoint, &mllp);
        cr_expect_eq(r, ERR_CONFIG, "case %zu", i);
    }
}

/* ---- who keeps a place ----------------------------------------------------------------------- */

Test(adapters_mllp, half_open_frames_do_not_lock_the_hospital_out) {
    int half[MLLP_CONNECTIONS], count = MLLP_CONNECTIONS - 1;
    serve("127.0.0.1");
    int regular = dial(framed);
    cr_assert(contains(answer(regular), "MSA|AA|C1"));
    for (int i = 0; i < count; i++) half[i] = dial("\x0bMSH|");
    int hospital = dial(framed);
    cr_expect(contains(answer(hospital), "MSA|AA|C1"));
    cr_expect(!open_still(half[0]), "the oldest half-open one loses its place");
    for (int i = 1; i < count; i++) cr_expect(open_still(half[i]), "half-open %d", i);
    cr_expect(open_still(regular), "one between messages keeps its place");
    for (int i = 0; i < count; i++) close(half[i]);
    close(regular);
    close(hospital);
}

Test(adapters_mllp, silent_connections_do_not_lock_the_hospital_out) {
    int silent[MLLP_CONNECTIONS];
    serve("127.0.0.1");
    for (int i = 0; i < MLLP_CONNECTIONS; i++) silent[i] = dial("");
    int hospital = dial(framed);
    cr_expect(contains(answer(hospital), "MSA|AA|C1"));
    for (int i = 0; i < MLLP_CONNECTIONS; i++) close(silent[i]);
    close(hospital);
}

/* ---- what AA says ---------------------------------------------------------------------------- */

/* The spool as the disk has it now, as after a kill: nothing was closed. */
static void spool_killed(void) {
    char command[400], path[PATH_LEN];
    const Identity *self = &k.adapter.self;
    (void)snprintf(path, sizeof(path), "%s/killed/spool.db", k.dir);
    (void)snprintf(command, sizeof(command), "mkdir %s/killed && cp %s* %s/killed/", k.dir,
                   k.spool_path, k.dir);
    cr_assert(system(command) == 0);
    spool_close(k.adapter.spool);
    cr_assert(spool_open(path, &self->spool, self->realm, self->agency, &k.adapter.spool) == 0);
}

Test(adapters_mllp, what_got_aa_survives_a_kill_and_gets_the_same_answer_again) {
    serve("127.0.0.1");
    int fd = dial(framed);
    Str first = answer(fd);
    cr_assert(contains(first, "MSA|AA|C1"));
    spool_killed();
    cr_expect_eq(spool_queued(k.adapter.spool), 1);
    int again = dial(framed);
    cr_expect(str_eq(answer(again), first));
    cr_expect_eq(spool_queued(k.adapter.spool), 1);
    close(fd);
    close(again);
}

Test(adapters_mllp, what_cannot_be_stored_gets_ar) {
    serve("127.0.0.1");
    cr_assert(db_exec(k.adapter.spool, "DROP TABLE outbound") == 0);
    int fd = dial(framed);
    Str said = answer(fd);
    cr_expect(contains(said, "MSA|AR|C1"));
    cr_expect(!contains(said, "CHAN"));
    close(fd);
}
