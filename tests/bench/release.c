/* bench-release: how fast the release room is, alone on one core: CPU time of the one thread, so
 * that nothing else that runs is measured. Prints one line of JSON a measurement.
 *
 *   bench-release verdicts POLICY ...    a verdict for one item out of the compiled tables
 *   bench-release product                50 items with text become a product, whole
 *   bench-release net                    the same texts through the net alone */
#include "tests/bench/meter.h"

#include "broker/release/release.h"

#include <string.h>

enum {
    ITEMS = 4096,
    TABLES_MOST = 16,
    ROUNDS = 10000,
    PLAIN_ROUNDS = 50,
    COMPILE_ROUNDS = 200,
    MEMORY = 64 << 20
};

/* splitmix64, from a fixed seed: every run asks the same. */
static size_t below(uint64_t *state, size_t most) {
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (size_t)((z ^ (z >> 31)) % most);
}

static Str file_text(Arena *a, const char *path) {
    _cleanup_(file_closep) FILE *f = fopen(path, "re");
    enum { MOST = 65536 };
    char *at = arena_alloc(a, MOST);
    if (!f || !at) die("%s cannot be read", path);
    return (Str){.at = at, .len = fread(at, 1, MOST, f)};
}

/* ---- verdicts -------------------------------------------------------------------------------- */

typedef struct Bench {
    Arena *arena;
    Policy policies[TABLES_MOST];
    const Verdicts *tables[TABLES_MOST];
    size_t count;
    Question items[ITEMS];
    unsigned short owner[ITEMS], flags[ITEMS];
} Bench;

static Question question_for(Str owner) {
    return (Question){.owner = owner,
                      .recipient = STR("education"),
                      .recipient_type = STR("school"),
                      .purpose = STR("safeguarding_assessment"),
                      .rating = RATING_amber,
                      .today = STR("2026-11-22")};
}

static void bench_load(Bench *b, char **paths) {
    for (; *paths && b->count < TABLES_MOST; paths++) {
        Policy *p = NULL;
        PolicyFault fault;
        size_t owners = 0;
        int r = policies_parse(b->arena, file_text(b->arena, *paths), NULL, 0, &p, &owners, &fault);
        if (r || owners != 1) die("%s: %s", *paths, r > 0 ? fault.sentence : "not one owner's");
        b->policies[b->count++] = p[0];
    }
    if (b->count == 0) die("name the files of policies");
}

static void bench_items(Bench *b) {
    uint64_t state = 20261122;
    for (size_t i = 0; i < ITEMS; i++) {
        b->owner[i] = (unsigned short)below(&state, b->count);
        b->flags[i] = (unsigned short)below(&state, ITEM_FLAGS);
        Question *q = &b->items[i];
        *q = question_for(b->policies[b->owner[i]].owner);
        q->class = (InfoClass)(1 + below(&state, CLASS_COUNT - 1));
        q->tier = (Tier)below(&state, TIER_COUNT);
        q->has_summary = b->flags[i] & ITEM_summary;
        q->free_text = b->flags[i] & ITEM_free_text;
        q->authorised = b->flags[i] & ITEM_authorised;
        q->has_desk = b->flags[i] & ITEM_desk;
    }
}

static void compile(Bench *b, Arena *a) {
    for (size_t i = 0; i < b->count; i++) {
        Question q = question_for(b->policies[i].owner);
        b->tables[i] = verdicts_compile(a, b->policies, b->count, &q);
        if (!b->tables[i]) die("no memory");
    }
}

/* A table each, in memory that is wiped and used again, as for one product after the other. */
static double compile_us(Bench *b) {
    _cleanup_(arena_freep) Arena *a = arena_new(MEMORY);
    int64_t start = thread_cpu_ns();
    for (int round = 0; a && round < COMPILE_ROUNDS; round++) {
        compile(b, a);
        arena_reset(a);
    }
    return (double)(thread_cpu_ns() - start) / 1e3 / COMPILE_ROUNDS / (double)b->count;
}

/* What is found is summed, so that no look-up can be left out. */
static double look_up(const Bench *b, size_t *sum) {
    int64_t start = thread_cpu_ns();
    for (int round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < ITEMS; i++) {
            const Question *q = &b->items[i];
            *sum +=
                verdict_kind(verdicts_at(b->tables[b->owner[i]], q->class, q->tier, b->flags[i]));
        }
    }
    return (double)(thread_cpu_ns() - start) / 1e9;
}

static double plainly(const Bench *b, size_t *sum) {
    _cleanup_(arena_freep) Arena *a = arena_new(MEMORY);
    int64_t start = thread_cpu_ns();
    for (int round = 0; a && round < PLAIN_ROUNDS; round++) {
        for (size_t i = 0; i < ITEMS; i++) {
            const Verdict *v = policy_ask(a, b->policies, b->count, &b->items[i]);
            if (!v) die("no memory");
            *sum += verdict_kind(v);
        }
        arena_reset(a);
    }
    return (double)(thread_cpu_ns() - start) / 1e9;
}

static int verdicts(char **paths) {
    static Bench b;
    size_t found = 0, plain = 0;
    b.arena = arena_new(MEMORY);
    if (!b.arena) die("no memory");
    bench_load(&b, paths);
    bench_items(&b);
    double made_us = compile_us(&b);
    compile(&b, b.arena);
    double seconds = look_up(&b, &found), plain_seconds = plainly(&b, &plain);
    arena_free(b.arena);
    if (found / ROUNDS != plain / PLAIN_ROUNDS) die("the tables do not say what the rules say");
    printf("{\"asked\": %ld, \"seconds\": %.3f, \"rate\": %.0f, \"plain_rate\": %.0f, "
           "\"compile_us\": %.1f}\n",
           (long)ROUNDS * ITEMS, seconds, (double)ROUNDS * ITEMS / seconds,
           (double)PLAIN_ROUNDS * ITEMS / plain_seconds, made_us);
    return 0;
}

/* ---- a product, and the net alone ------------------------------------------------------------ */

enum {
    PRODUCT_ITEMS = 50,
    PRODUCT_ROUNDS = 200,
    NET_ROUNDS = 400,
    OWNERS = 4,
    PEOPLE = 6,
    WORDS = PEOPLE * 5
};

#define ALLOW(owner, class)                                                       \
    owner " allow " class " to go to any school for safeguarding_assessment when" \
                          " rating is any; show full; from 2026-09-01 until 2027-08-31\n"
#define RULES(owner) ALLOW(owner, "incident") ALLOW(owner, "concern") ALLOW(owner, "health")

static const char rules[] = RULES("police") RULES("health") RULES("social-care") RULES("housing");

static const struct {
    Str code, name;
} owners[OWNERS] = {{{"police", 6}, {"Eastmarch Police", 16}},
                    {{"health", 6}, {"Eastmarch Hospital", 18}},
                    {{"social-care", 11}, {"Eastmarch Council", 17}},
                    {{"housing", 7}, {"Garnet Homes", 12}}};

/* Of six people: how they are called, where they live, how they are reached. */
static const char *const people[PEOPLE][5] = {
    {"Vexmoor, Torben Aske", "14 Larch Court", "ZZ99 3VZ", "07700 900123", "torben@example.com"},
    {"Vexmoor, Carys", "14 Larch Court", "ZZ99 3VZ", "07700 900456", "943 476 5919"},
    {"Okafor, Zarathene", "16 Larch Court", "ZZ99 3VZ", "01632 960222", "z.okafor@example.org"},
    {"Quistgaard-Bell, Isolde", "3 Old Tannery Lane", "ZZ97 1AA", "07700 900789", "AB12 CDE"},
    {"Lam, Wing", "Flat 2, 9 Harbour Road", "ZZ98 2BB", "01632 960333", "987 654 4321"},
    {"Pryce-Jones, Gareth", "27 Mill Street", "ZZ99 7XY", "07700 900555", "gareth@example.net"},
};
static const NetKind kinds[5] = {NET_name, NET_address, NET_postcode, NET_telephone,
                                 NET_identifier};

static const char *const sentences[] = {
    "Officers attended after a report of shouting and found both parents in the kitchen. ",
    "Torben Vexmoor had left before they came and was later seen near the bus station. ",
    "Leah was in her room, said that she was tired and had not eaten since the morning. ",
    "Carys said that things had been difficult since the summer and asked for help with rent. ",
    "The health visitor has tried three times to see the family since the move in March. ",
    "A call to 07700 900123 was not answered, and a letter to 14 Larch Court came back. ",
    "Attendance has fallen to 71 per cent this term, mostly on Mondays and after weekends. ",
    "Mr Lam of the housing team will visit with Isolde on the 12th to look at the damp. ",
    "There were no visible injuries; a bruise on the left arm was explained as a fall. ",
    "Her brother was spoken to separately and gave the same account of what had happened. ",
};

typedef struct Paper {
    Policy *policies;
    size_t policy_count;
    Subject subject;
    NetWord words[WORDS];
    View views[OWNERS];
    Item items[PRODUCT_ITEMS];
    Request request;
} Paper;

static Str prose(Arena *a, uint64_t *state, size_t least) {
    Str text = {0};
    while (text.len < least) {
        Str both[] = {text, str_z(sentences[below(state, COUNT_OF(sentences))])};
        text = arena_join(a, both, 2);
    }
    return text;
}

/* Items of 300 to 600 bytes, all of which may leave: half of them in full, the other half as prose
 * whose summary leaves and whose text is searched for the owner to authorise. */
static void paper_new(Arena *a, Paper *p) {
    uint64_t state = 20261122;
    PolicyFault fault;
    int r = policies_parse(a, str_z(rules), NULL, 0, &p->policies, &p->policy_count, &fault);
    if (r) die("%s", r > 0 ? fault.sentence : "no memory");
    p->subject = (Subject){.name = STR("Leah Pryce-Jones"), .birth_date = STR("2016-04-02")};
    for (size_t i = 0; i < WORDS; i++) {
        p->words[i] = (NetWord){str_z(people[i / 5][i % 5]), kinds[i % 5], false, false};
    }
    for (size_t i = 0; i < OWNERS; i++) { /* each told of three of them, and is asked */
        p->views[i] = (View){.owner = owners[i].code, .subjects = &p->subject, .subject_count = 1,
                             .named = &p->subject, .named_count = 1,
                             .words = p->words, .word_count = WORDS,
                             .own = &p->words[5 * i], .own_count = 3 * 5};
    }
    for (size_t i = 0; i < PRODUCT_ITEMS; i++) {
        size_t owner = below(&state, OWNERS);
        p->items[i] = (Item){
            .owner = owners[owner].code,
            .owner_name = owners[owner].name,
            .owner_desk = STR("the safeguarding desk"),
            .class = (InfoClass[]){CLASS_incident, CLASS_concern, CLASS_health}[below(&state, 3)],
            .free_text = i % 2};
        p->items[i].text = prose(a, &state, 300 + below(&state, 200));
        if (i % 2) p->items[i].summary = prose(a, &state, 120);
    }
    Question q = question_for(owners[0].code);
    p->request = (Request){.product_id = {{1}},
                           .recipient = q.recipient,
                           .recipient_name = STR("Garnet Primary School"),
                           .recipient_type = q.recipient_type,
                           .purpose = q.purpose,
                           .rating = q.rating,
                           .today = q.today,
                           .subjects = &p->subject,
                           .subject_count = 1,
                           .words = p->words,
                           .word_count = WORDS,
                           .views = p->views,
                           .view_count = OWNERS};
}

static int shorter(const void *left, const void *right) {
    const double *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

/* All that a product searches, once each. */
static double searched_ms(const Paper *p, const Net *net, Arena *scratch) {
    const Span *spans;
    size_t count;
    int64_t start = thread_cpu_ns();
    for (size_t i = 0; i < 2 * PRODUCT_ITEMS; i++) {
        const Item *item = &p->items[i / 2];
        Str text = i % 2 ? item->summary : item->text;
        if (!net_find(net, scratch, text, &spans, &count)) die("no net");
        arena_reset(scratch);
    }
    return (double)(thread_cpu_ns() - start) / 1e6;
}

/* Everything: the net is compiled, every text searched, both forms of each section made and
 * rendered; and all memory is wiped again. Beside it: the texts through a net that is there. */
static int product(char **none) {
    static Paper p;
    static double ms[PRODUCT_ROUNDS], net_ms[PRODUCT_ROUNDS];
    Arena *paper = arena_new(MEMORY), *a = arena_new(MEMORY);
    Redacted out;
    (void)none;
    if (!paper || !a) die("no memory");
    paper_new(paper, &p);
    const Net *net = net_new(paper, p.words, WORDS, &p.subject, 1);
    for (size_t i = 0; i < PRODUCT_ROUNDS; i++) {
        int64_t start = thread_cpu_ns();
        int r = redact(a, &p.request, p.items, PRODUCT_ITEMS, p.policies, p.policy_count, &out);
        if (r || out.wanted_count != OWNERS) die("no product: %d", r);
        arena_reset(a);
        ms[i] = (double)(thread_cpu_ns() - start) / 1e6;
        net_ms[i] = searched_ms(&p, net, a);
    }
    qsort(ms, PRODUCT_ROUNDS, sizeof(ms[0]), shorter);
    qsort(net_ms, PRODUCT_ROUNDS, sizeof(ms[0]), shorter);
    printf("{\"items\": %d, \"p50_ms\": %.3f, \"p99_ms\": %.3f, \"net_ms\": %.3f}\n", PRODUCT_ITEMS,
           ms[PRODUCT_ROUNDS / 2], ms[PRODUCT_ROUNDS * 99 / 100], net_ms[PRODUCT_ROUNDS / 2]);
    arena_free(a);
    arena_free(paper);
    return 0;
}

/* As fast as any automaton could be: a look-up a byte, each needing the one before. */
static double bare_mb(const Paper *p) {
    static uint32_t next[256];
    uint32_t state = 0;
    size_t bytes = 0;
    for (uint32_t i = 0; i < COUNT_OF(next); i++) next[i] = i * 167 + 13;
    int64_t start = thread_cpu_ns();
    for (size_t i = 0; i < NET_ROUNDS * PRODUCT_ITEMS; i++) {
        Str text = p->items[i % PRODUCT_ITEMS].text;
        for (size_t k = 0; k < text.len; k++) state = next[(state ^ (uint8_t)text.at[k]) & 255];
        bytes += text.len;
    }
    double seconds = (double)(thread_cpu_ns() - start) / 1e9;
    return state == UINT32_MAX ? 0 : (double)bytes / 1e6 / seconds; /* the walk is not left out */
}

/* The bytes of all its texts through the net, and what it costs to compile. */
static int net(char **none) {
    static Paper p;
    Arena *paper = arena_new(MEMORY), *a = arena_new(MEMORY), *scratch = arena_new(MEMORY);
    const Net *net = NULL;
    const Span *spans;
    size_t bytes = 0, found = 0, count;
    (void)none;
    if (!paper || !a || !scratch) die("no memory");
    paper_new(paper, &p);
    int64_t start = thread_cpu_ns();
    for (size_t i = 0; i < COMPILE_ROUNDS; i++) {
        arena_reset(a);
        net = net_new(a, p.words, WORDS, &p.subject, 1);
    }
    double compile_us = (double)(thread_cpu_ns() - start) / 1e3 / COMPILE_ROUNDS;
    start = thread_cpu_ns();
    for (size_t i = 0; i < NET_ROUNDS * PRODUCT_ITEMS; i++) {
        Str text = p.items[i % PRODUCT_ITEMS].text;
        if (!net_find(net, scratch, text, &spans, &count)) die("no net");
        bytes += text.len;
        found += count;
        arena_reset(scratch);
    }
    double seconds = (double)(thread_cpu_ns() - start) / 1e9;
    if (found < NET_ROUNDS * PRODUCT_ITEMS) die("the net finds too little");
    printf("{\"bytes\": %zu, \"mb_per_second\": %.1f, \"bare_mb\": %.1f, \"compile_us\": %.1f}\n",
           bytes, (double)bytes / 1e6 / seconds, bare_mb(&p), compile_us);
    arena_free(scratch);
    arena_free(a);
    arena_free(paper);
    return 0;
}

/* ---- the command line ------------------------------------------------------------------------ */

static const struct {
    const char *name;
    int (*measure)(char **arguments); /* ends in NULL */
} measurements[] = {
    {"verdicts", verdicts},
    {"product", product},
    {"net", net},
};

int main(int argc, char **argv) {
    for (size_t i = 0; argc > 1 && i < COUNT_OF(measurements); i++) {
        if (strcmp(argv[1], measurements[i].name) == 0) return measurements[i].measure(argv + 2);
    }
    die("usage: bench-release verdicts POLICY ... | product | net");
}
