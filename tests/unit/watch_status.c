/* broker/io/status: the small server in every program, asked over real sockets. The program is a
 * child that follows its loop until SIGTERM; the test is whoever asks. */
#include "broker/base/err.h"
#include "broker/io/clock.h"
#include "broker/io/log.h"
#include "broker/io/status.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

enum { PATIENCE_MS = 5000, ANSWER_MAX = 4 * 1024 * 1024, WIDE = 20 };

/* ---- the program ---------------------------------------------------------------------------- */

typedef struct Told {
    const char *unready; /* codes; NULL: ready */
    bool wide;           /* so many series that no socket takes them at once */
    bool broken;         /* its hook fails */
    int asked;
} Told;

static int hook_refresh(void *context, Metrics *m) {
    Told *t = context;
    metric_set(m, 0, ++t->asked);
    return t->broken ? ERR_STORE : 0;
}

static int hook_ready(void *context, Unready *ret) {
    const Told *t = context;
    unready_because(ret, str_z(t->unready));
    return 0;
}

static Metrics *metrics_made(const Told *t) {
    static const Metric one = {"mash_try_asked", METRIC_gauge, "How often it was asked", NULL};
    static Metric many[WIDE];
    static char names[WIDE][40];
    Metrics *m = NULL;
    for (size_t i = 0; i < WIDE; i++) {
        (void)snprintf(names[i], sizeof(names[i]), "mash_try_wide_%zu", i);
        many[i] = (Metric){names[i], METRIC_gauge, "Many", "agency"};
    }
    cr_assert_eq(metrics_new(t->wide ? many : &one, t->wide ? WIDE : 1, &m), 0);
    for (int i = 0; t->wide && i < WIDE * METRIC_SERIES_MAX; i++) {
        char agency[METRIC_LABEL_MAX];
        (void)snprintf(agency, sizeof(agency), "a-school-with-a-rather-long-code-%d", i / WIDE);
        metric_set_for(m, i % WIDE, str_z(agency), i);
    }
    return m;
}

/* What a program's main does; its exit status is r. */
static int program(const char *address, Told *t, int ready_fd) {
    _cleanup_(loop_freep) Loop *loop = NULL;
    _cleanup_(metrics_freep) Metrics *m = metrics_made(t);
    _cleanup_(status_closep) Status *s = NULL;
    const StatusHooks hooks = {
        .refresh = t->wide ? NULL : hook_refresh, .ready = hook_ready, .context = t};
    (void)signal(SIGPIPE, SIG_IGN);
    int r = loop_new(&loop);
    if (r == 0) r = status_open(loop, address, m, &hooks, &s);
    if (r < 0) return 1;
    const char *bound = status_address(s);
    if (write(ready_fd, bound, strlen(bound)) < 0) return 1;
    (void)close(ready_fd);
    return loop_run(loop) < 0 ? 2 : 0;
}

typedef struct Stage {
    char folder[40], setting[80], address[160];
    pid_t child;
} Stage;

static void start(Stage *s, Told told) {
    int ready[2];
    cr_assert_eq(pipe(ready), 0);
    s->child = fork();
    cr_assert_geq(s->child, 0);
    if (s->child == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails leaves nobody behind */
        (void)close(ready[0]);
        _exit(program(s->setting, &told, ready[1]));
    }
    (void)close(ready[1]);
    ssize_t n = read(ready[0], s->address, sizeof(s->address) - 1);
    s->address[n > 0 ? n : 0] = '\0';
    (void)close(ready[0]);
}

static Stage folder_made(void) {
    Stage s = {.folder = "/tmp/mash-status.XXXXXX"};
    cr_assert_not_null(mkdtemp(s.folder));
    (void)snprintf(s.setting, sizeof(s.setting), "unix:%s/try.status", s.folder);
    return s;
}

static Stage opened(Told told) {
    Stage s = folder_made();
    start(&s, told);
    cr_assert_str_eq(s.address, s.setting);
    return s;
}

static int ended(Stage *s, int sig) {
    int status = 0;
    if (sig) (void)kill(s->child, sig);
    cr_assert_eq(waitpid(s->child, &status, 0), s->child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void closed(Stage *s) {
    cr_expect_eq(ended(s, SIGTERM), 0);
    cr_expect_neq(access(s->setting + strlen("unix:"), F_OK), 0, "its socket is left behind");
    (void)rmdir(s->folder);
}

/* ---- whoever asks ---------------------------------------------------------------------------- */

static int dialled(const char *address) {
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_addr = in6addr_loopback};
    const char *path = address + strlen("unix:");
    in_port_t port = htons((uint16_t)atoi(strrchr(address, ':') + 1));
    int family = strncmp(address, "unix:", 5) == 0 ? AF_UNIX : *address == '[' ? AF_INET6 : AF_INET;
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert_geq(fd, 0);
    (void)snprintf(un.sun_path, sizeof(un.sun_path), "%s", path);
    v4.sin_port = v6.sin6_port = port;
    int r = family == AF_UNIX    ? connect(fd, (struct sockaddr *)&un, sizeof(un))
            : family == AF_INET6 ? connect(fd, (struct sockaddr *)&v6, sizeof(v6))
                                 : connect(fd, (struct sockaddr *)&v4, sizeof(v4));
    cr_assert_eq(r, 0, "cannot connect to %s", address);
    return fd;
}

/* What comes until the other side closes; how long, or -1 when it does not close in time. */
static ssize_t heard(int fd, char *out, size_t room) {
    size_t len = 0;
    int64_t until = clock_mono_ms() + PATIENCE_MS;
    while (clock_mono_ms() < until) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        (void)poll(&p, 1, (int)(until - clock_mono_ms()));
        ssize_t n = recv(fd, out + len, room - 1 - len, MSG_DONTWAIT);
        if (n < 0 && errno == EAGAIN) continue;
        if (n > 0) len += (size_t)n;
        if (n > 0) continue;
        out[len] = '\0';
        return (ssize_t)len;
    }
    return -1;
}

static void said(int fd, const char *request) {
    cr_assert_eq(send(fd, request, strlen(request), MSG_NOSIGNAL), (ssize_t)strlen(request));
}

/* The whole answer to one request; to be freed. */
static char *answer(const char *address, const char *request) {
    char *out = calloc(1, ANSWER_MAX);
    cr_assert_not_null(out);
    int fd = dialled(address);
    said(fd, request);
    cr_assert_geq(heard(fd, out, ANSWER_MAX), 0, "no end of the answer");
    (void)close(fd);
    return out;
}

static char *got(const char *address, const char *path) {
    char request[200];
    (void)snprintf(request, sizeof(request), "GET %s HTTP/1.0\r\nHost: x\r\n\r\n", path);
    return answer(address, request);
}

static void expect_start(const char *text, const char *start) {
    cr_expect_eq(strncmp(text, start, strlen(start)), 0, "expected %s, got %.200s", start, text);
}

static const char *body(const char *text) {
    const char *at = strstr(text, "\r\n\r\n");
    return at ? at + 4 : "";
}

/* ---- pages ---------------------------------------------------------------------------------- */

Test(status, answers_its_three_pages) {
    Stage s = opened((Told){0});
    _cleanup_(mem_freep) char *live = got(s.address, "/live");
    _cleanup_(mem_freep) char *ready = got(s.address, "/ready");
    _cleanup_(mem_freep) char *numbers = got(s.address, "/metrics?name=x");
    expect_start(live, "HTTP/1.0 200 OK\r\n");
    cr_expect_str_eq(body(live), "live\n");
    expect_start(ready, "HTTP/1.0 200 OK\r\n");
    cr_expect_str_eq(body(ready), "ready\n");
    expect_start(numbers, "HTTP/1.0 200 OK\r\nContent-Type: text/plain; version=0.0.4;");
    cr_expect_not_null(strstr(body(numbers), "\nmash_try_asked 1\n"));
    closed(&s);
}

Test(status, says_why_it_is_not_ready) {
    Stage s = opened((Told){.unready = "database_read_only ledger_inconsistent"});
    _cleanup_(mem_freep) char *ready = got(s.address, "/ready");
    expect_start(ready, "HTTP/1.0 503 Service Unavailable\r\n");
    cr_expect_str_eq(body(ready), "database_read_only\nledger_inconsistent\n");
    _cleanup_(mem_freep) char *live = got(s.address, "/live");
    expect_start(live, "HTTP/1.0 200 OK\r\n");
    closed(&s);
}

Test(status, refuses_what_is_no_question) {
    static const struct {
        const char *request, *status;
    } cases[] = {
        {"GET /secrets HTTP/1.0\r\n\r\n", "HTTP/1.0 404 "},
        {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.0 404 "},
        {"POST /live HTTP/1.0\r\n\r\n", "HTTP/1.0 405 "},
        {"GET /live\r\n\r\n", "HTTP/1.0 400 "},
        {"GET /live SMTP/1.0\r\n\r\n", "HTTP/1.0 400 "},
        {"\r\n\r\n", "HTTP/1.0 400 "},
        {"\n\n", "HTTP/1.0 400 "},
        {" \n\n", "HTTP/1.0 400 "},
        {"GET  HTTP/1.0\n\n", "HTTP/1.0 400 "},
    };
    Stage s = opened((Told){0});
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        _cleanup_(mem_freep) char *a = answer(s.address, cases[i].request);
        expect_start(a, cases[i].status);
    }
    closed(&s);
}

Test(status, a_request_is_at_most_4_kilobytes) {
    char longest[5000];
    memset(longest, 'x', sizeof(longest));
    longest[sizeof(longest) - 1] = '\0';
    Stage s = opened((Told){0});
    int fd = dialled(s.address);
    (void)send(fd, longest, sizeof(longest), MSG_NOSIGNAL);
    char out[400] = "";
    ssize_t n = heard(fd, out, sizeof(out));
    cr_expect(n <= 0 || strncmp(out, "HTTP/1.0 400 ", 13) == 0, "%s", out);
    (void)close(fd);
    _cleanup_(mem_freep) char *live = got(s.address, "/live");
    expect_start(live, "HTTP/1.0 200 OK\r\n");
    closed(&s);
}

Test(status, asks_its_hooks_at_most_once_a_second) {
    Stage s = opened((Told){0});
    for (int i = 0; i < 20; i++) {
        _cleanup_(mem_freep) char *numbers = got(s.address, "/metrics");
        cr_expect_null(strstr(numbers, "mash_try_asked 20"), "asked every time");
    }
    closed(&s);
}

Test(status, a_hook_that_fails_ends_the_program) {
    Stage s = opened((Told){.broken = true});
    int fd = dialled(s.address);
    said(fd, "GET /metrics HTTP/1.0\r\n\r\n");
    cr_expect_eq(ended(&s, 0), 2);
    (void)close(fd);
    (void)rmdir(s.folder);
}

/* ---- bounds --------------------------------------------------------------------------------- */

Test(status, eight_silent_connections_are_closed_after_two_seconds, .timeout = 20) {
    Stage s = opened((Told){0});
    int silent[8];
    char out[200];
    int64_t began = clock_mono_ms();
    for (size_t i = 0; i < COUNT_OF(silent); i++) {
        silent[i] = dialled(s.address);
        said(silent[i], "GET /li");
    }
    int ninth = dialled(s.address);
    cr_expect_leq(heard(ninth, out, sizeof(out)), 0, "a ninth is not answered");
    cr_expect_lt(clock_mono_ms() - began, 1500, "nor kept");
    for (size_t i = 0; i < COUNT_OF(silent); i++) {
        cr_expect_eq(heard(silent[i], out, sizeof(out)), 0, "nothing is said to the silent");
        (void)close(silent[i]);
    }
    cr_expect_geq(clock_mono_ms() - began, 1900);
    (void)close(ninth);
    _cleanup_(mem_freep) char *live = got(s.address, "/live");
    expect_start(live, "HTTP/1.0 200 OK\r\n");
    closed(&s);
}

Test(status, whoever_reads_slowly_holds_up_nobody, .timeout = 20) {
    Stage s = opened((Told){.wide = true});
    int slow = dialled(s.address);
    said(slow, "GET /metrics HTTP/1.0\r\n\r\n");
    for (int i = 0; i < 3; i++) {
        _cleanup_(mem_freep) char *live = got(s.address, "/live");
        expect_start(live, "HTTP/1.0 200 OK\r\n");
    }
    _cleanup_(mem_freep) char *all = calloc(1, ANSWER_MAX);
    cr_assert_not_null(all);
    cr_expect_gt(heard(slow, all, ANSWER_MAX), 300000, "more than a socket takes at once");
    const char *length = strstr(all, "Content-Length: ");
    cr_assert_not_null(length);
    cr_expect_eq(strtoul(length + strlen("Content-Length: "), NULL, 10), strlen(body(all)));
    (void)close(slow);
    closed(&s);
}

/* ---- addresses ------------------------------------------------------------------------------ */

Test(status, listens_on_loopback_ports) {
    static const char *const settings[] = {"127.0.0.1:0", "[::1]:0"};
    for (size_t i = 0; i < COUNT_OF(settings); i++) {
        if (i == 1 && access("/proc/net/if_inet6", F_OK) != 0) continue;
        Stage s = {0};
        (void)snprintf(s.setting, sizeof(s.setting), "%s", settings[i]);
        start(&s, (Told){0});
        cr_assert_eq(strncmp(s.address, settings[i], strlen(settings[i]) - 1), 0, "%s", s.address);
        cr_assert_neq(s.address[strlen(settings[i]) - 1], '0');
        _cleanup_(mem_freep) char *live = got(s.address, "/live");
        expect_start(live, "HTTP/1.0 200 OK\r\n");
        cr_expect_eq(ended(&s, SIGTERM), 0);
    }
}

Test(status, listens_nowhere_else) {
    static const char *const settings[] = {
        "0.0.0.0:0",       "[::]:0",        "127.0.0.2:0",      "localhost:0",   "127.0.0.1",
        "127.0.0.1:",      "127.0.0.1:x",   "127.0.0.1:70000",  "[::1]",         "unix:",
        "/tmp/try.status", "127.0.0.1:-1",  "127.0.0.1:80/x",   ":0",            "*:0",
        "unix:/tmp/a-path-that-is-longer-than-the-107-bytes-which-the-system-has-room-for-"
        "in-the-address-of-a-unix-socket.status",
    };
    _cleanup_(loop_freep) Loop *loop = NULL;
    Told t = {0};
    cr_assert_eq(loop_new(&loop), 0);
    for (size_t i = 0; i < COUNT_OF(settings); i++) {
        _cleanup_(status_closep) Status *s = NULL;
        const StatusHooks hooks = {.ready = hook_ready, .context = &t};
        cr_expect_eq(status_open(loop, settings[i], NULL, &hooks, &s), ERR_CONFIG, "%s",
                     settings[i]);
        cr_expect_null(s);
    }
}

Test(status, says_nothing_when_the_setting_is_empty) {
    _cleanup_(loop_freep) Loop *loop = NULL;
    Status *s = NULL;
    cr_assert_eq(loop_new(&loop), 0);
    cr_expect_eq(status_open(loop, "", NULL, &(StatusHooks){0}, &s), 0);
    cr_expect_null(s);
}

Test(status, takes_over_what_a_killed_one_left_and_nothing_else, .timeout = 20) {
    Stage s = opened((Told){0});
    Stage second = s;
    start(&second, (Told){0});
    cr_expect_eq(ended(&second, 0), 1, "the path is taken while somebody listens");
    _cleanup_(mem_freep) char *live = got(s.address, "/live");
    expect_start(live, "HTTP/1.0 200 OK\r\n");
    cr_expect_eq(ended(&s, SIGKILL), -SIGKILL);
    start(&s, (Told){0});
    cr_expect_str_eq(s.address, s.setting, "the next one listens there");
    closed(&s);
    Stage file = folder_made();
    FILE *f = fopen(file.setting + strlen("unix:"), "w");
    cr_assert_not_null(f);
    (void)fclose(f);
    start(&file, (Told){0});
    cr_expect_eq(ended(&file, 0), 1, "a file is nobody's socket");
    cr_expect_eq(unlink(file.setting + strlen("unix:")), 0, "and stays");
    (void)rmdir(file.folder);
}
