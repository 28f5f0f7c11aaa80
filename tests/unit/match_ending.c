/* Over what a hub ended, as the next one finds it: its own faults speak against the message in
 * hand, a kill from outside hardly, and what it left in order not at all. */
#include "broker/hub/ending.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <signal.h>
#include <sys/wait.h>

static const Id message = {{0x01, 0x90, 7}};
static char folder[] = "/tmp/mash-ending.XXXXXX";
static char path[64];

static void set_up(void) {
    cr_assert_not_null(mkdtemp(folder));
    (void)snprintf(path, sizeof(path), "%s/hub.ending", folder);
}

static void tear_down(void) {
    (void)unlink(path);
    (void)rmdir(folder);
}

TestSuite(ending, .init = set_up, .fini = tear_down);

static void fault(void) {
    volatile int *volatile nowhere = NULL;
    *nowhere = 1;
}

static int deeper(volatile int n) {
    volatile char frame[4096];
    frame[n % 4096] = 1;
    return n < 0 ? 0 : deeper(n + 1) + frame[n % 4096];
}

static void no_stack(void) {
    (void)deeper(0);
}
static void gives_up(void) {
    abort();
}
static void is_killed(void) {
    (void)raise(SIGKILL);
}
static void is_ended(void) {
    (void)raise(SIGTERM);
}
static void waits(void) {
    for (;;) (void)pause();
}

/* What a process leaves that had the message in hand. */
static int64_t blame_after(void (*ending)(void), int sent, int *ret_signal) {
    int ready[2], status = 0;
    char byte = 0, agency[AGENCY_MAX];
    Ending *e = NULL;
    Id found = {0};
    cr_assert(pipe(ready) == 0);
    pid_t child = fork();
    if (child == 0) {
        bool ok = ending_open(path, &e) == 0;
        if (!ok) _exit(1);
        ending_working(e, STR("social-care"), message);
        ok = write(ready[1], "x", 1) == 1;
        ending();
        _exit(ok ? 0 : 1);
    }
    cr_assert(read(ready[0], &byte, 1) == 1);
    if (sent) cr_assert(kill(child, sent) == 0);
    cr_assert(waitpid(child, &status, 0) == child);
    *ret_signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    cr_assert(ending_open(path, &e) == 0);
    int64_t blame = ending_last(e, agency, &found);
    cr_assert(id_eq(found, message) && strcmp(agency, "social-care") == 0);
    ending_close(e);
    return blame;
}

static const struct {
    const char *what;
    void (*ending)(void);
    int sent, signal;
    int64_t blame;
} cases[] = {
    {"a fault", fault, 0, SIGSEGV, BLAME_CRASHED},
    {"no stack left", no_stack, 0, SIGSEGV, BLAME_CRASHED},
    {"abort", gives_up, 0, SIGABRT, BLAME_CRASHED},
    {"its own kill", is_killed, 0, SIGKILL, BLAME_WORKING},
    {"its own end", is_ended, 0, SIGTERM, BLAME_WORKING},
    {"a kill from outside", waits, SIGKILL, SIGKILL, BLAME_WORKING},
    {"a fault that somebody sent", waits, SIGSEGV, SIGSEGV, BLAME_WORKING},
    {"an abort that somebody sent", waits, SIGABRT, SIGABRT, BLAME_WORKING},
};

ParameterizedTestParameters(ending, a_fault_of_its_own_blames_the_message_most) {
    static size_t at[COUNT_OF(cases)];
    for (size_t i = 0; i < COUNT_OF(at); i++) at[i] = i;
    return cr_make_param_array(size_t, at, COUNT_OF(at));
}

ParameterizedTest(size_t *at, ending, a_fault_of_its_own_blames_the_message_most) {
    int died = 0;
    int64_t blame = blame_after(cases[*at].ending, cases[*at].sent, &died);
    cr_expect(died == cases[*at].signal, "%s: ended by %d", cases[*at].what, died);
    cr_expect(blame == cases[*at].blame, "%s: blames %lld", cases[*at].what, (long long)blame);
}

/* Opens it again, as the next hub does. */
static int64_t blame_now(Ending **e) {
    char agency[AGENCY_MAX];
    Id found = {0};
    ending_close(*e);
    cr_assert(ending_open(path, e) == 0);
    return ending_last(*e, agency, &found);
}

Test(ending, an_end_in_order_blames_nobody) {
    Ending *e = NULL;
    cr_assert(ending_open(path, &e) == 0);
    cr_expect(blame_now(&e) == 0, "a new file");
    ending_working(e, STR("police"), message);
    ending_nothing(e);
    cr_expect(blame_now(&e) == 0);
    ending_working(e, STR("police"), message);
    ending_crashed(e);
    cr_expect(blame_now(&e) == BLAME_CRASHED, "what the database gave up over");
    ending_nothing(e);
    ending_crashed(e);
    cr_expect(blame_now(&e) == 0, "nothing was in hand");
    ending_close(e);
}

Test(ending, what_is_no_line_of_ours_blames_nobody) {
    static const char *const texts[] = {
        "crashed",
        "crashed 01900000-0000-7000-8000-000000000001",
        "crashed x police\n",
        "CRASHED 01900000-0000-7000-8000-000000000001 police\n",
        "worked  01900000-0000-7000-8000-000000000001 police\n",
        "working 01900000-0000-7000-8000-000000000001 0123456789012345678901234567890123456789\n"};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        Ending *e = NULL;
        FILE *f = fopen(path, "w");
        cr_assert(f && fputs(texts[i], f) >= 0 && fclose(f) == 0);
        cr_assert(ending_open(path, &e) == 0);
        cr_expect(blame_now(&e) == 0, "%s", texts[i]);
        ending_close(e);
    }
}

Test(ending, one_file_is_for_one_hub) {
    Ending *e = NULL, *other = NULL;
    cr_assert(ending_open(path, &e) == 0);
    cr_expect(ending_open(path, &other) < 0);
    cr_expect(ending_open("", &other) == 0, "none is enough for a hub");
    ending_working(other, STR("police"), message);
    ending_crashed(other);
    ending_close(other);
    cr_expect(blame_now(&e) == 0);
    ending_close(e);
}
