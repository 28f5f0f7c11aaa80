/* See process.h. */
#include "tests/torture/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum { READY_MS = 15000, END_MS = 15000 };

void wrong(Process *p, const char *format, ...) {
    va_list args;
    if (p->wrong[0]) return;
    va_start(args, format);
    (void)vsnprintf(p->wrong, sizeof(p->wrong), format, args);
    va_end(args);
}

static void child(const Process *p, long n, int ready) {
    char number[24], fd[12];
    const char *errors = n < 0 ? "run/torture.again" : "run/torture.first";
    int log = open(errors, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* never left behind */
    (void)snprintf(number, sizeof(number), "%ld", n);
    (void)snprintf(fd, sizeof(fd), "%d", ready);
    (void)setenv("MASH_TORTURE", number, 1);
    (void)setenv("MASH_TORTURE_LOG", n < 0 ? "/dev/null" : "run/torture.calls", 1);
    (void)setenv("ASAN_OPTIONS", "exitcode=99:detect_leaks=1", 1);
    (void)setenv("UBSAN_OPTIONS", "exitcode=99:print_stacktrace=1", 1);
    if (log >= 0) (void)dup2(log, STDERR_FILENO);
    (void)execl(p->program, p->program, p->settings, "--ready-fd", fd, (char *)NULL);
    _exit(127);
}

void process_start(Process *p, long n) {
    int pipe_fd[2];
    if (n >= 0) (void)unlink("run/torture.calls");
    (void)unlink("run/torture.endpoint");
    NEEDED(pipe2(pipe_fd, O_CLOEXEC) == 0);
    p->pid = fork();
    NEEDED(p->pid >= 0);
    if (p->pid == 0) {
        (void)fcntl(pipe_fd[1], F_SETFD, 0);
        child(p, n, pipe_fd[1]);
    }
    (void)close(pipe_fd[1]);
    p->ready = pipe_fd[0];
    p->pidfd = (int)syscall(SYS_pidfd_open, p->pid, 0);
    NEEDED(p->pidfd >= 0);
    p->gone = false;
}

bool process_gone(Process *p) {
    struct pollfd look = {.fd = p->pidfd, .events = POLLIN};
    p->gone = p->gone || poll(&look, 1, 0) > 0;
    return p->gone;
}

bool process_ready(Process *p) {
    struct pollfd look[] = {{.fd = p->ready, .events = POLLIN}, {.fd = p->pidfd, .events = POLLIN}};
    char word[8];
    int r = poll(look, COUNT_OF(look), READY_MS);
    if (r == 0) wrong(p, "neither ready nor ended");
    return r > 0 && (look[0].revents & POLLIN) && read(p->ready, word, sizeof(word)) > 0;
}

int process_end(Process *p) {
    struct pollfd look = {.fd = p->pidfd, .events = POLLIN};
    int status = 0;
    if (!process_gone(p)) (void)kill(p->pid, SIGTERM);
    if (poll(&look, 1, END_MS) <= 0) {
        wrong(p, "does not end");
        (void)kill(p->pid, SIGKILL);
    }
    NEEDED(waitpid(p->pid, &status, 0) == p->pid);
    (void)close(p->pidfd);
    (void)close(p->ready);
    if (WIFSIGNALED(status)) wrong(p, "signal %d", WTERMSIG(status));
    if (WIFEXITED(status) && WEXITSTATUS(status) > 1) wrong(p, "status %d", WEXITSTATUS(status));
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void failed_call(char *ret, size_t size) {
    _cleanup_(file_closep) FILE *f = fopen("run/torture.calls", "re");
    char line[200];
    ret[0] = '\0';
    while (f && fgets(line, sizeof(line), f)) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "failed ", 7) == 0) (void)snprintf(ret, size, "%s", line);
    }
    if (!ret[0]) (void)snprintf(ret, size, "%s", f ? line : "no calls");
}


void process_tell(const Process *p, long n, int status, size_t answered) {
    char call[200], report[80];
    failed_call(call, sizeof(call));
    (void)snprintf(report, sizeof(report), "run/report.%ld", n);
    if (p->wrong[0]) (void)rename("run/torture.first", report); /* or there is none */
    (void)printf("%ld\t%s\t%d\t%zu\t%s\n", n, p->wrong[0] ? p->wrong : "ok", status, answered,
                 call);
    (void)fflush(stdout);
}
