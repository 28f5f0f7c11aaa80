/* agree: the C engine and the SQL evaluation, held against each other in every case of the domain:
 * first for the policies in files, then for random ones. The rules go into mash.policy_rule as the
 * hub would put them there; the C side's verdicts go into a table beside it; SQL finds its own
 * recipients and days, evaluates, and compares the two as sets. Prints TAP.
 *
 *   agree DATABASE COUNT FILE ...      COUNT random policies; MASH_SEED says from which seed */
#include "tests/unit/release_random.h"

#include "broker/base/cleanup.h"
#include "broker/release/domain.h"

#include <libpq-fe.h>
#include <stdarg.h>
#include <time.h>

enum { MEMORY = 64 << 20, RULES_MOST = 24, DAYS_MOST = 2, ANSWERS = 320 };

static const AgencyKnown known[] = {{{"police", 6}, {"police", 6}},
                                    {{"health", 6}, {"health_acute", 12}},
                                    {{"education", 9}, {"school", 6}}};

typedef struct Agree {
    PGconn *db;
    int version;
    uint64_t cases, places;
} Agree;

static _Noreturn void _printf_(1, 2) stop(const char *format, ...) {
    va_list args;
    va_start(args, format);
    (void)vprintf(format, args);
    va_end(args);
    (void)printf("\nBail out!\n");
    exit(1);
}

/* ---- into the database ----------------------------------------------------------------------- */

static void result_clear(PGresult **r) {
    PQclear(*r);
}

static void run(Agree *g, const char *sql) {
    _cleanup_(result_clear) PGresult *r = PQexec(g->db, sql);
    ExecStatusType status = PQresultStatus(r);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_COPY_IN) return;
    stop("# %s: %s", sql, PQerrorMessage(g->db));
}

static void copy_line(Agree *g, Str line) {
    if (!line.at || PQputCopyData(g->db, line.at, (int)line.len) != 1) stop("# COPY failed");
}

static void copy_end(Agree *g) {
    _cleanup_(result_clear) PGresult *none = NULL;
    if (PQputCopyEnd(g->db, NULL) != 1) stop("# COPY failed");
    none = PQgetResult(g->db);
    if (PQresultStatus(none) != PGRES_COMMAND_OK) stop("# COPY: %s", PQerrorMessage(g->db));
    while (PQgetResult(g->db)) continue;
}

static const char *or_null(Str text) {
    return text.len ? text.at : "\\N";
}

/* Days are in the arena with a NUL after them or literals; codes are the .def tables' own. */
static void put_rules(Agree *g, Arena *a, const Policy *p) {
    run(g, "COPY mash.policy_rule FROM STDIN");
    for (size_t i = 0; i < p->count; i++) {
        RuleRow row;
        rule_to_row(&p->rules[i], &row);
        Str line = arena_printf(a, "%.*s\t%d\t%zu", STR_ARG(p->owner), g->version, i + 1);
        for (size_t k = 0; k < ROW_COLUMNS; k++) {
            bool null = k >= ROW_valid_from && row.text[k].len == 0;
            Str cell = null ? str_z(or_null(row.text[k])) : row.text[k];
            line = arena_printf(a, "%.*s\t%.*s", STR_ARG(line), STR_ARG(cell));
        }
        copy_line(g, arena_printf(a, "%.*s\n", STR_ARG(line)));
    }
    copy_end(g);
}

/* ---- the C side's answers -------------------------------------------------------------------- */

static char letter(const Verdict *v) {
    static const char letters[][2] = {{'-', '-'}, {'s', 's'}, {'f', 'F'}, {'m', 'M'}, {'a', 'A'}};
    return letters[verdict_kind(v)][verdict_signposts(v)];
}

/* All verdicts of one recipient, purpose and day: a line for each class. */
static void put_place(Agree *g, Arena *a, const Policy *p, const Domain *d, size_t place) {
    const Verdicts *of_rating[RATING_COUNT];
    size_t day = place % d->day_count, outer = place / d->day_count;
    Question q = {0};
    for (size_t rating = 0; rating < RATING_COUNT; rating++) {
        q = domain_setting(d, (outer * RATING_COUNT + rating) * d->day_count + day);
        of_rating[rating] = verdicts_compile(a, p, 1, &q);
        if (!of_rating[rating]) stop("# no memory");
    }
    for (int c = CLASS_none + 1; c < CLASS_COUNT; c++) {
        char answers[ANSWERS];
        for (unsigned n = 0; n < ANSWERS; n++) {
            answers[n] =
                letter(verdicts_at(of_rating[n / 80], (InfoClass)c, (Tier)(n / 16 % 5), n % 16));
        }
        copy_line(g, arena_printf(a, "%s\t%.*s\t%.*s\t%.*s\t%.*s\t%.*s\n", class_name((InfoClass)c),
                                  STR_ARG(q.recipient), STR_ARG(q.recipient_type),
                                  STR_ARG(q.purpose), STR_ARG(q.today), ANSWERS, answers));
    }
}

static void put_answers(Agree *g, Arena *a, const Policy *p) {
    _cleanup_(arena_freep) Arena *scratch = arena_new(MEMORY);
    Domain d;
    if (!scratch || domain_of(a, p, 1, known, COUNT_OF(known), &d)) stop("# no memory");
    run(g, "COPY said FROM STDIN");
    for (size_t i = 0; i < domain_settings(&d) / RATING_COUNT; i++) {
        put_place(g, scratch, p, &d, i);
        arena_reset(scratch);
    }
    copy_end(g);
    g->cases += domain_cases(&d);
    g->places += domain_cases(&d) / ANSWERS;
}

/* ---- the comparison -------------------------------------------------------------------------- */

/* What either side says alone, or both say differently; the first few are shown, and where. */
static bool compare(Agree *g, Arena *a, const Policy *p) {
    static const char format[] =
        "SELECT concat_ws(' ', class, recipient, type, purpose, day, E'\\n#   C   ', c.answers, "
        "E'\\n#   SQL ', s.answers), count(*) OVER () FROM said c FULL JOIN mash.policy_answers("
        "'%.*s', %d, '{police,health,education}', '{police,health_acute,school}') s "
        "USING (class, recipient, type, purpose, day) "
        "WHERE c.answers IS DISTINCT FROM s.answers ORDER BY 1 LIMIT 3";
    Str sql = arena_printf(a, format, STR_ARG(p->owner), g->version);
    _cleanup_(result_clear) PGresult *r = PQexec(g->db, sql.at);
    if (PQresultStatus(r) != PGRES_TUPLES_OK) stop("# %s", PQerrorMessage(g->db));
    for (int i = 0; i < PQntuples(r); i++) {
        if (i == 0)
            (void)printf("# version %d: they differ in %s places\n", g->version,
                         PQgetvalue(r, 0, 1));
        (void)printf("# %s\n", PQgetvalue(r, i, 0));
    }
    return PQntuples(r) == 0;
}

static bool agree_on(Agree *g, const Policy *p) {
    _cleanup_(arena_freep) Arena *a = arena_new(MEMORY);
    if (!a) stop("# no memory");
    g->version++;
    run(g, "BEGIN; CREATE TEMP TABLE said (class text, recipient text, type text, purpose text, "
           "day date, "
           "answers text) ON COMMIT DROP");
    put_rules(g, a, p);
    put_answers(g, a, p);
    bool same = compare(g, a, p);
    run(g, "ROLLBACK");
    return same;
}

/* ---- which policies -------------------------------------------------------------------------- */

static void agree_on_file(Agree *g, const char *path) {
    _cleanup_(arena_freep) Arena *a = arena_new(MEMORY);
    _cleanup_(file_closep) FILE *f = fopen(path, "re");
    static char text[65536];
    if (!a || !f) stop("# %s cannot be read", path);
    Policy *p = NULL;
    PolicyFault fault;
    size_t count = 0;
    Str whole = {.at = text, .len = fread(text, 1, sizeof(text), f)};
    if (policies_parse(a, whole, NULL, 0, &p, &count, &fault)) stop("# %s", fault.sentence);
    bool same = true;
    for (size_t i = 0; i < count; i++) same &= agree_on(g, &p[i]);
    (void)printf("%s - %s\n", same ? "ok" : "not ok", path);
}

/* A few days only, so that the domain stays small enough for a thousand of them; but rules begin
 * and end on each, and on the same. */
static Policy random_policy(Random *random, Arena *a) {
    Rule *rules = arena_array(a, RULES_MOST, sizeof(*rules));
    Policy p = {
        .owner = STR("police"), .rules = rules, .count = random_below(random, RULES_MOST + 1)};
    Str days[DAYS_MOST];
    size_t few = 1 + random_below(random, DAYS_MOST), classes = 1 + random_below(random, 6);
    for (size_t i = 0; i < DAYS_MOST; i++) {
        days[i] = day_plus(a, STR("2026-09-01"), (long)random_below(random, 200));
    }
    for (size_t i = 0; rules && i < p.count; i++) {
        Rule *r = &rules[i];
        *r = random_any_rule(random, a, p.owner, STR("2026-09-01"));
        r->class = (InfoClass)(CLASS_COUNT - 1 - random_below(random, classes) * 3);
        if (r->from.len) r->from = days[random_below(random, few)];
        if (r->until.len) r->until = days[random_below(random, few)];
        if (r->until.len && day_before(r->until, r->from)) r->until = r->from;
    }
    if (arena_failed(a)) stop("# no memory");
    return p;
}

static void agree_on_random(Agree *g, size_t count) {
    Random random = random_new("agree");
    size_t same = 0;
    for (size_t i = 0; i < count; i++) {
        _cleanup_(arena_freep) Arena *a = arena_new(MEMORY);
        if (!a) stop("# no memory");
        Policy p = random_policy(&random, a);
        same += agree_on(g, &p);
    }
    (void)printf("%s - %zu of %zu random policies\n", same == count ? "ok" : "not ok", same, count);
}

int main(int argc, char **argv) {
    Agree g = {0};
    struct timespec start, end;
    if (argc < 4) stop("usage: agree DATABASE COUNT FILE ...");
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    g.db = PQconnectdb(argv[1]);
    if (PQstatus(g.db) != CONNECTION_OK) stop("# %s", PQerrorMessage(g.db));
    (void)printf("1..%d\n", argc - 2);
    (void)clock_gettime(CLOCK_MONOTONIC, &start);
    for (int i = 3; i < argc; i++) agree_on_file(&g, argv[i]);
    agree_on_random(&g, strtoul(argv[2], NULL, 10));
    (void)clock_gettime(CLOCK_MONOTONIC, &end);
    (void)printf("# %llu cases of %d versions in %lld seconds\n", (unsigned long long)g.cases,
                 g.version, (long long)(end.tv_sec - start.tv_sec));
    PQfinish(g.db);
    return 0;
}
