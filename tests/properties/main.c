/* The campaign: every property of pairs.c and letters.c on PAIRS random enquiries, shared out among
 * the processors. It ends with the first that does not hold and the seed that makes it again, and
 * says meanwhile how far it is.
 *
 *   properties PAIRS SEED   says on descriptor 9 what is to be remembered */
#include "tests/properties/world.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { WORKERS_MOST = 64, TOLD_EACH_SECONDS = 5 };

/* What a worker says to who watches, in memory that both see. */
typedef struct Worker {
    pid_t pid;
    Tally tally;
} Worker;

static double seconds(void) {
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Each number on which `pairs` and `step` agree, from `first` on. */
static int work(Tally *t, uint64_t first, uint64_t step, uint64_t pairs, uint64_t seed) {
    _cleanup_(arena_freep) Arena *a = arena_new(256u << 20);
    if (!a) return 1;
    (void)mallopt(M_TRIM_THRESHOLD, 256 << 20); /* the next enquiry needs as much again */
    for (uint64_t i = first; i < pairs; i += step) {
        Dice d = {seed + i};
        const char *fault = properties_try(a, &d, i, t);
        arena_reset(a);
        if (!fault) continue;
        (void)fprintf(stderr, "properties: seed %llu, number %llu: %s\n",
                      (unsigned long long)(seed + i), (unsigned long long)i, fault);
        return 1;
    }
    return 0;
}

static Tally sum(const Worker *w, size_t count) {
    enum { EACH = sizeof(Tally) / sizeof(uint64_t) };
    Tally t = {0};
    for (size_t i = 0; i < count; i++) {
        const uint64_t *from = (const uint64_t *)&w[i].tally;
        for (size_t k = 0; k < EACH; k++) ((uint64_t *)&t)[k] += from[k];
    }
    return t;
}

static void tell_progress(const Worker *w, size_t count, uint64_t pairs, double began) {
    uint64_t tried = sum(w, count).pairs;
    if (tried == 0) return;
    double took = seconds() - began;
    (void)fprintf(stderr, "properties: %llu of %llu pairs, about %.0f s more\n",
                  (unsigned long long)tried, (unsigned long long)pairs,
                  took / (double)tried * (double)(pairs - tried));
}

/* Until every worker has ended; the first that fails ends the others. */
static bool watch(Worker *w, size_t count, uint64_t pairs, const sigset_t *ended) {
    const struct timespec wait_for = {.tv_sec = TOLD_EACH_SECONDS};
    double began = seconds();
    bool good = true;
    for (size_t running = count; running;) {
        int status = 0;
        pid_t pid = waitpid(-1, &status, WNOHANG);
        if (pid == 0) {
            if (sigtimedwait(ended, NULL, &wait_for) < 0 && errno == EAGAIN) {
                tell_progress(w, count, pairs, began);
            }
            continue;
        }
        running--;
        if (pid > 0 && status == 0) continue;
        for (size_t i = 0; good && i < count; i++) {
            if (w[i].pid != pid) (void)kill(w[i].pid, SIGTERM);
        }
        good = false;
    }
    return good;
}

static void tell(FILE *out, const Tally *t, uint64_t seed, size_t workers, double took) {
    const char *commit = getenv("MASH_COMMIT");
    (void)fprintf(
        out,
        "# What leaves, tried on random enquiries\n\n"
        "`make properties`, commit %s, seeds %llu to %llu, %zu processes, %.0f seconds.\n\n"
        "| property | tried | |\n|---|---:|---|\n"
        "| two enquiries that differ only in what stays: the same bytes in five forms and "
        "the letter | %llu pairs | %llu of them products, %llu with another number of "
        "items |\n"
        "| and, sealed, letters of the same length | %llu pairs | |\n"
        "| one more silent item changes nothing | %llu | |\n"
        "| a stricter policy or tier shows no more | %llu | |\n"
        "| redacting what left is redacting once | %llu | |\n"
        "| no canary of what stays is heard, in %d encodings and packed | %llu | %llu that "
        "leave were heard |\n"
        "| check, question, reply, recall, notice: who must not be named changes no byte and is "
        "heard nowhere | %llu pairs | %llu of them refused |\n"
        "| an owner is asked for its word the same, whatever others hold | %llu pairs | |\n\n"
        "None failed.\n",
        commit ? commit : "unknown", (unsigned long long)seed,
        (unsigned long long)(seed + t->pairs - 1), workers, took, (unsigned long long)t->pairs,
        (unsigned long long)t->products, (unsigned long long)t->differing,
        (unsigned long long)t->sealed, (unsigned long long)t->silent,
        (unsigned long long)t->stricter, (unsigned long long)t->again, ENCODINGS,
        (unsigned long long)t->canaries, (unsigned long long)t->heard,
        (unsigned long long)t->letters, (unsigned long long)t->letters_refused,
        (unsigned long long)t->asked);
}

/* A worker a processor. False when one of them found a fault or could not begin. */
static bool campaign(Worker *w, size_t count, uint64_t pairs, uint64_t seed) {
    sigset_t ended;
    (void)sigemptyset(&ended);
    (void)sigaddset(&ended, SIGCHLD);
    (void)sigprocmask(SIG_BLOCK, &ended, NULL);
    for (size_t i = 0; i < count; i++) {
        w[i].pid = fork();
        if (w[i].pid == 0) _exit(work(&w[i].tally, i, count, pairs, seed));
        if (w[i].pid < 0) return false;
    }
    return watch(w, count, pairs, &ended);
}

int main(int argc, char **argv) {
    uint64_t pairs = 0, seed = 0;
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t workers = processors < 1 ? 1 : (size_t)processors;
    if (workers > WORKERS_MOST) workers = WORKERS_MOST;
    Worker *w = mmap(NULL, workers * sizeof(*w), PROT_READ | PROT_WRITE,
                     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    double began = seconds();
    if (argc != 3 || w == MAP_FAILED || !str_u64(str_z(argv[1]), &pairs) ||
        !str_u64(str_z(argv[2]), &seed)) {
        (void)fprintf(stderr, "usage: properties PAIRS SEED\n");
        return 2;
    }
    if (!campaign(w, workers, pairs, seed)) return 1;
    Tally t = sum(w, workers);
    tell(stdout, &t, seed, workers, seconds() - began);
    FILE *record = fdopen(9, "w");
    if (record) tell(record, &t, seed, workers, seconds() - began);
    return record && fclose(record) != 0;
}
