/* Precision and recall of the net on the labelled notes, and its speed, as Markdown for RECORD.md;
 * with -v every fault. usage: text-measure [-v] */
#include "tests/text/notes.h"

#include <time.h>

static void row(const Tally *t) {
    printf("| %s | %zu | %zu | %.3f | %zu | %.3f |\n", t->category, t->notes, t->labels, recall(t),
           t->cuts, precision(t));
}

static void measure(const char *title, const char *path, bool verbose) {
    Measured m;
    notes_measure(path, &m, verbose ? stdout : NULL);
    printf("## %s\n\n| category | notes | labels | recall | cuts | precision |\n", title);
    printf("|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < m.categories; i++) row(&m.of[i]);
    row(&m.all);
    printf("\n");
}

/* ---- speed ------------------------------------------------------------------------------------
 */

enum { PEOPLE = 200, NOTE = 2000, NOTES = 1000, ROUNDS = 12 };

static double seconds(void) {
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* A note as they are, with somebody of the enquiry in it now and then. */
static Str note_made(Arena *a, const NetWord *words, size_t turn) {
    static const char *const says[] = {
        "The child was seen at school and said that home was fine. ",
        "A strategy discussion was held; the plan will be reviewed on 14 May. ",
        "Attendance has fallen from 96 to 81 per cent this term, mostly Mondays. ",
        "Officers attended at 22:15 and found nobody injured at the address. "};
    Str text = STR("");
    for (size_t i = 0; text.len < NOTE; i++) {
        text = arena_printf(a, "%.*s%s", STR_ARG(text), says[(turn + i) % COUNT_OF(says)]);
        if (i % 8 == 3) {
            const NetWord *w = &words[(turn * 7 + i) % PEOPLE];
            text = arena_printf(a, "%.*s%.*s rang. ", STR_ARG(text), STR_ARG(w->text));
        }
    }
    return text;
}

/* Megabytes a second of the processor's own time. */
static double notes_searched(const Net *net, Arena *scratch, const Str *notes, size_t count) {
    size_t bytes = 0;
    double from = seconds();
    for (size_t i = 0; i < NOTES; i++) {
        const Span *spans;
        size_t found;
        if (!net_find(net, scratch, notes[i % count], &spans, &found)) abort();
        bytes += notes[i % count].len;
        arena_reset(scratch);
    }
    return (double)bytes / (seconds() - from) / 1e6;
}

static void speed(void) {
    static const char *const given[] = {"Margaret", "Torben", "Rhys",  "Mei",     "Chidi",
                                        "Blessing", "Yusuf",  "Agata", "Siobhan", "Quillon"};
    static const char *const stem[] = {
        "Okaf",  "Vexm",  "Pryc",  "Zarath", "Quist", "Llew", "Hargr", "Whitf",   "Kowal", "Sand",
        "Brenn", "Popes", "Griff", "Nwos",   "Huss",  "Doyl", "Abbot", "Ferncas", "Marsh", "Okonk"};
    _cleanup_(arena_freep) Arena *a = arena_new((size_t)1 << 30);
    _cleanup_(arena_freep) Arena *scratch = arena_new(64 << 20);
    NetWord words[PEOPLE];
    for (size_t i = 0; i < PEOPLE; i++) {
        Str name = arena_printf(a, "%s %sor%c", given[i % 10], stem[i / 10], (char)('a' + i % 10));
        words[i] = (NetWord){.text = name, .kind = NET_name};
    }
    double begin = seconds();
    const Net *net = net_new(a, words, PEOPLE, NULL, 0);
    double compiled = seconds();
    Str notes[8];
    for (size_t i = 0; i < COUNT_OF(notes); i++) notes[i] = note_made(a, words, i);
    double best = 0;
    for (int round = 0; round < ROUNDS; round++) {
        double rate = notes_searched(net, scratch, notes, COUNT_OF(notes));
        if (rate > best) best = rate;
    }
    printf("## Speed\n\nOne core, notes of %d bytes, %d people, the best of %d rounds: %.0f MB/s; "
           "the net is made in %.1f ms.\n",
           NOTE, PEOPLE, ROUNDS, best, (compiled - begin) * 1e3);
}

int main(int argc, char **argv) {
    bool verbose = argc > 1 && strcmp(argv[1], "-v") == 0;
    measure("Held out", "tests/text/labelled/held-out.txt", verbose && argc > 2);
    measure("Tuned on", "tests/text/labelled/tuned.txt", verbose);
    speed();
    return EXIT_SUCCESS;
}
