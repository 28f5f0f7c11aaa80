/* usage: hostile ATTACK ENDPOINT-FILE COUNT SECONDS [AGENCY ...], in the hub's folder. */
#include "tests/hostile/hostile.h"

#include <signal.h>
#include <sys/resource.h>

void times_add(Times *t, double ms) {
    if (t->count == t->cap) {
        t->cap = t->cap ? 2 * t->cap : 1024;
        t->ms = realloc(t->ms, t->cap * sizeof(*t->ms));
        NEEDED(t->ms);
    }
    t->ms[t->count++] = ms;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double times_at(Times *t, double share) {
    if (t->count == 0) return 0;
    qsort(t->ms, t->count, sizeof(*t->ms), by_value);
    size_t at = (size_t)(share * (double)t->count);
    return t->ms[at < t->count ? at : t->count - 1];
}

static const struct {
    const char *name;
    void (*attack)(const Against *a);
} attacks[] = {
    {"loris", loris},     {"malformed", malformed}, {"handshakes", handshakes}, {"bombs", bombs},
    {"flood", flood},     {"work", work},           {"peers", peers},           {"enrol", enrol},
    {"leavers", leavers}, {"sink", sink},         {"last", last},
};

int main(int argc, char **argv) {
    struct rlimit files;
    Against a = {0};
    NEEDED(argc >= 5);
    (void)signal(SIGPIPE, SIG_IGN);
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &files); /* then it stays as it was */
    }
    a.file = argv[2];
    if (strcmp(argv[1], "enrol") != 0 && strcmp(argv[1], "sink") != 0) {
        endpoint_of(argv[2], a.endpoint);
        a.port = atoi(strrchr(a.endpoint, ':') + 1);
    }
    a.count = (size_t)atol(argv[3]);
    a.ms = (int64_t)(atof(argv[4]) * 1000);
    a.agencies = argv + 5;
    a.agency_count = (size_t)(argc - 5);
    for (size_t i = 0; i < COUNT_OF(attacks); i++) {
        if (strcmp(argv[1], attacks[i].name) != 0) continue;
        attacks[i].attack(&a);
        return EXIT_SUCCESS;
    }
    give_up("no such attack: %s", argv[1]);
}
