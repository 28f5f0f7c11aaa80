/* How right a trial was: reads who is who (truth.tsv), what was decided (decisions.tsv), the scored
 * pairs and the final persons, and prints one line of figures, tab separated; with a fifth argument
 * it prints, instead, what was missed by group. Knows nothing of matching. */
#include <inttypes.h>
#include <search.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MOST = 4096, GROUPS_MOST = 16, SHOWN_MOST = 5, TEXT_MOST = 64 };

typedef struct Row {
    char id[TEXT_MOST], person[TEXT_MOST], group[TEXT_MOST];
    char joined[TEXT_MOST], shown[SHOWN_MOST][TEXT_MOST], cluster[TEXT_MOST];
    char band; /* a, r, n */
    size_t order;
} Row;

typedef struct Scored {
    int weight; /* hundredths */
    bool same;
} Scored;

static Row *rows;
static size_t row_count;

static _Noreturn void die(const char *what, const char *why) {
    (void)fprintf(stderr, "score: %s: %s\n", what, why);
    exit(1);
}

static FILE *open_past_header(const char *path) {
    char line[LINE_MOST];
    FILE *in = fopen(path, "r");
    if (!in || !fgets(line, sizeof(line), in)) die(path, "cannot be read");
    return in;
}

/* The fields of a line, in place; those that are not there are empty. */
static void split(char *line, char **field, size_t most) {
    static char empty[] = "";
    line[strcspn(line, "\n")] = '\0';
    for (size_t i = 0; i < most; i++) field[i] = line ? strsep(&line, "\t") : empty;
}

static void copy(char *to, const char *from) {
    if (strlen(from) >= TEXT_MOST) die(from, "is too long");
    strcpy(to, from);
}

static Row *row_of(const char *id) {
    ENTRY wanted = {.key = (char *)(uintptr_t)id}, *found = hsearch(wanted, FIND);
    if (!found) die(id, "is nobody's id");
    return found->data;
}

static void read_truth(const char *path) {
    char line[LINE_MOST], *field[3];
    size_t cap = 0;
    FILE *in = open_past_header(path);
    while (fgets(line, sizeof(line), in)) {
        if (row_count == cap) rows = reallocarray(rows, cap = cap ? 2 * cap : 4096, sizeof(Row));
        if (!rows) die(path, "no memory");
        Row *r = &rows[row_count++];
        *r = (Row){.band = 'n'};
        split(line, field, 3);
        copy(r->id, field[0]);
        copy(r->person, field[1]);
        copy(r->group, field[2]);
    }
    (void)fclose(in);
    if (!hcreate(row_count * 2 + 16)) die(path, "no memory");
    for (size_t i = 0; i < row_count; i++) {
        if (!hsearch((ENTRY){.key = rows[i].id, .data = &rows[i]}, ENTER)) die(path, "no memory");
    }
}

static void read_decisions(const char *path) {
    char line[LINE_MOST], *field[5];
    FILE *in = open_past_header(path);
    for (size_t order = 0; fgets(line, sizeof(line), in); order++) {
        split(line, field, 5);
        Row *r = row_of(field[0]);
        r->band = field[1][0];
        r->order = order;
        copy(r->joined, field[2]);
        char *rest = field[4], *one;
        for (int i = 0; i < SHOWN_MOST && (one = strsep(&rest, "|")) && *one; i++) {
            one[strcspn(one, ":")] = '\0';
            copy(r->shown[i], one);
        }
    }
    (void)fclose(in);
}

static void read_clusters(const char *path) {
    char line[LINE_MOST], *field[2];
    FILE *in = open_past_header(path);
    while (fgets(line, sizeof(line), in)) {
        split(line, field, 2);
        copy(row_of(field[0])->cluster, field[1]);
    }
    (void)fclose(in);
}

/* ---- pairs ----------------------------------------------------------------------------------- */

static int by_person(const void *a, const void *b) {
    return strcmp((*(Row *const *)a)->person, (*(Row *const *)b)->person);
}

static int by_cluster(const void *a, const void *b) {
    return strcmp((*(Row *const *)a)->cluster, (*(Row *const *)b)->cluster);
}

static int by_order(const void *a, const void *b) {
    const Row *x = *(Row *const *)a, *y = *(Row *const *)b;
    int r = strcmp(x->person, y->person);
    return r ? r : (x->order > y->order) - (x->order < y->order);
}

static Row **sorted(int (*order)(const void *, const void *)) {
    Row **list = calloc(row_count + 1, sizeof(Row *));
    if (!list) die("sorting", "no memory");
    for (size_t i = 0; i < row_count; i++) list[i] = &rows[i];
    qsort(list, row_count, sizeof(Row *), order);
    return list;
}

static double true_pairs(void) {
    Row **list = sorted(by_person);
    double pairs = 0;
    for (size_t i = 0, run = 0; i < row_count; i++) {
        run = i && strcmp(list[i]->person, list[i - 1]->person) == 0 ? run + 1 : 0;
        pairs += (double)run;
    }
    free(list);
    return pairs;
}

static int by_weight(const void *a, const void *b) {
    return ((const Scored *)b)->weight - ((const Scored *)a)->weight;
}

static Scored *read_pairs(const char *path, size_t *ret_count) {
    char line[LINE_MOST], *field[3];
    size_t count = 0, cap = 1024;
    Scored *pairs = calloc(cap, sizeof(Scored));
    FILE *in = open_past_header(path);
    while (pairs && fgets(line, sizeof(line), in)) {
        split(line, field, 3);
        if (count == cap) pairs = reallocarray(pairs, cap *= 2, sizeof(Scored));
        if (!pairs) break;
        double weight = strtod(field[2], NULL) * 100;
        pairs[count++] = (Scored){
            .weight = (int)(weight < 0 ? weight - .5 : weight + .5),
            .same = strcmp(row_of(field[0])->person, row_of(field[1])->person) == 0,
        };
    }
    (void)fclose(in);
    if (!pairs) die(path, "no memory");
    qsort(pairs, count, sizeof(Scored), by_weight);
    *ret_count = count;
    return pairs;
}

/* At each weight: all pairs of that weight together. */
static void print_pairs(const char *path, double all) {
    size_t count;
    Scored *p = read_pairs(path, &count);
    double right = 0, p0 = 1, r0 = 0, best = 0, best_p = 0, best_r = 0, sure = 0;
    for (size_t i = 0; i < count; i++) {
        right += p[i].same;
        bool last = i + 1 == count || p[i + 1].weight != p[i].weight;
        if (!last) continue;
        double precision = right / (double)(i + 1), recall = right / all;
        double f1 = right ? 2 * precision * recall / (precision + recall) : 0;
        if (p[i].weight >= 0) p0 = precision, r0 = recall;
        if (f1 > best) best = f1, best_p = precision, best_r = recall;
        if (precision >= .999 && recall > sure) sure = recall;
    }
    double f0 = p0 + r0 > 0 ? 2 * p0 * r0 / (p0 + r0) : 0;
    printf("%.4f\t%.4f\t%.4f\t%.4f\t%.4f\t%.4f\t%.4f\t%.4f\t", p0, r0, f0, best, best_p, best_r,
           sure, right / all);
    free(p);
}

/* ---- arrivals -------------------------------------------------------------------------------- */

typedef struct Arrivals {
    double known, right, wrong, review, first, offered, fresh, missed;
} Arrivals;

static void arrival_count(const Row *r, bool known, Arrivals *a) {
    bool offered = false;
    a->known += known;
    for (int i = 0; i < SHOWN_MOST && r->shown[i][0]; i++) {
        bool same = strcmp(row_of(r->shown[i])->person, r->person) == 0;
        if (r->band == 'r' && same && i == 0) a->first++;
        offered = offered || same;
    }
    if (r->band == 'a') {
        bool same = strcmp(row_of(r->joined)->person, r->person) == 0;
        a->right += same;
        a->wrong += !same;
    } else if (r->band == 'r') {
        a->review++;
        a->offered += known && offered;
        a->fresh += !known;
        a->missed += known && !offered;
    } else {
        a->missed += known;
    }
}

/* Clusters that hold more than one person's descriptions: the persons beyond the first of each. */
static size_t mixed(void) {
    Row **list = sorted(by_cluster);
    size_t count = 0;
    for (size_t i = 0, from = 0; i < row_count; i++) {
        if (strcmp(list[i]->cluster, list[from]->cluster) != 0) from = i;
        bool new = i > from;
        for (size_t k = from; new &&k < i; k++) {
            new = strcmp(list[k]->person, list[i]->person) != 0;
        }
        count += new;
    }
    free(list);
    return count;
}

static void print_arrivals(void) {
    Row **list = sorted(by_order);
    Arrivals a = {0};
    for (size_t i = 0; i < row_count; i++) {
        arrival_count(list[i], i && strcmp(list[i]->person, list[i - 1]->person) == 0, &a);
    }
    double all = (double)row_count;
    printf("%.0f\t%.0f\t%.4f\t%.4f\t%.4f\t%.4f\t%.0f\t%.0f\t%.0f\t%zu\n", a.right, a.wrong,
           a.right / a.known, (a.right + a.offered) / a.known, a.review / all, a.missed / a.known,
           a.review, a.first, a.fresh, mixed());
    free(list);
}

/* Of those already known, how many were missed, and wrongly joined, by group. */
static void print_groups(void) {
    Row **list = sorted(by_order);
    char name[GROUPS_MOST][TEXT_MOST] = {{0}};
    Arrivals a[GROUPS_MOST] = {{0}};
    size_t groups = 0;
    for (size_t i = 0; i < row_count; i++) {
        size_t g = 0;
        while (g < groups && strcmp(name[g], list[i]->group) != 0) g++;
        if (g == GROUPS_MOST) die(list[i]->group, "is one group too many");
        if (g == groups) copy(name[groups++], list[i]->group);
        bool known = i && strcmp(list[i]->person, list[i - 1]->person) == 0;
        arrival_count(list[i], known, &a[g]);
    }
    for (size_t g = 0; g < groups; g++) {
        printf("%s\t%.0f\t%.4f\t%.4f\t%.0f\n", name[g], a[g].known, a[g].missed / a[g].known,
               a[g].right / a[g].known, a[g].wrong);
    }
    free(list);
}

int main(int argc, char **argv) {
    if (argc < 5) die("usage", "score TRUTH DECISIONS PAIRS CLUSTERS [groups]");
    read_truth(argv[1]);
    read_decisions(argv[2]);
    read_clusters(argv[4]);
    if (argc > 5) {
        print_groups();
    } else {
        print_pairs(argv[3], true_pairs());
        print_arrivals();
    }
    return 0;
}
