/* See program.h. */
#include "broker/io/program.h"

#include "broker/base/err.h"
#include "broker/io/fault.h"
#include "broker/io/log.h"

#include <argp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

typedef struct Options {
    const Program *program;
    const char *settings;
    Started started;
} Options;

static error_t option(int key, char *arg, struct argp_state *state) {
    Options *o = state->input;
    uint64_t fd = 0;
    if (o->program->flag.name && key == o->program->flag.key) {
        o->started.flag = true;
        return 0;
    }
    switch (key) {
    case 'r':
        if (!str_u64(str_z(arg), &fd) || fd > 1023) argp_error(state, "N is a file descriptor");
        o->started.ready_fd = (int)fd;
        return 0;
    case ARGP_KEY_ARG:
        if (o->settings) argp_error(state, "one settings file");
        o->settings = arg;
        return 0;
    case ARGP_KEY_END:
        if (!o->settings) argp_error(state, "name the settings file");
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static error_t arguments(const Program *p, int argc, char **argv, Options *ret) {
    const struct argp_option options[] = {
        {"ready-fd", 'r', "N", 0, "write \"ready\" to descriptor N once everything is open", 0},
        {p->flag.name, p->flag.key, NULL, 0, p->flag.doc, 0},
        {0},
    };
    const struct argp argp = {options, option, "SETTINGS.ini", p->doc, NULL, NULL, NULL};
    return argp_parse(&argp, argc, argv, 0, NULL, ret);
}

/* Half-open connections must not use up the descriptors of those who have something to say (F6). */
static void descriptors_raise(void) {
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0) return; /* then the limit stays as it was */
    files.rlim_cur = files.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &files);
}

/* Names and keys live in our memory: nobody may trace it or find them in a core file. */
static bool protect(void) {
    (void)umask(077);
    (void)signal(SIGPIPE, SIG_IGN); /* a peer that went is an answer, not a death */
    descriptors_raise();
    return prctl(PR_SET_DUMPABLE, 0) == 0 && setrlimit(RLIMIT_CORE, &(struct rlimit){0}) == 0;
}

static int run(const Program *p, Options *o) {
    _cleanup_(config_freep) Config *config = NULL;
    char why[400] = "this process cannot be protected from being traced";
    int r = protect() ? 0 : ERR_CONFIG;
    if (r == 0) r = config_load(o->settings, p->settings, &config, why, sizeof(why));
    if (r < 0) {
        (void)fprintf(stderr, "%s: %s\n", p->name, why);
        return r;
    }
    o->started.config = config;
    r = p->run(&o->started, p->context);
    if (r < 0) log_event(LOG_error, "ended", "why=\"%s\"", err_name(r));
    return r;
}

int program_main(int argc, char **argv, const Program *p) {
    Options o = {.program = p, .started = {.ready_fd = -1}};
    log_open(p->name);
    if (arguments(p, argc, argv, &o) != 0) return EXIT_FAILURE;
    int r = run(p, &o);
    if (r == ERR_BROKEN && p->person_when_broken) return EXIT_PERSON;
    return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

void program_ready(const Started *s) {
    if (s->ready_fd < 0) return;
    if (write(s->ready_fd, "ready\n", 6) != 6) log_event(LOG_warn, "ready_unsaid", "%s", "");
    (void)close(s->ready_fd); /* the word is out, or the waiter is gone */
}

int program_publish(const char *path, const char *text) {
    char beside[4096];
    int n = snprintf(beside, sizeof(beside), "%s.new", path);
    if (n < 0 || (size_t)n >= sizeof(beside)) return ERR_CONFIG;
    FILE *f = fopen(beside, "we");
    if (!f) return ERR_FILE;
    bool ok = fprintf(f, "%s\n", text) > 0 && fflush(f) == 0 && fsync(fileno(f)) == 0;
    ok = fclose(f) == 0 && ok;
    FAULT_POINT(endpoint_before_rename);
    return ok && rename(beside, path) == 0 ? 0 : ERR_FILE;
}
