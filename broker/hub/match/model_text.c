/* A model as text, and back: what is written is exactly what is computed with. See model.h. */
#include "broker/base/err.h"
#include "broker/hub/match/model.h"

#include <inttypes.h>

enum { WORD_MOST = 32 };

static const char *const against_names[] = {"stranger", "home"};

static int by_key(const void *a, const void *b) {
    const Slot *x = a, *y = b;
    return (x->key > y->key) - (x->key < y->key);
}

/* In the order of their hashes, so that equal models are equal texts. What occurs once is left
 * out. */
static int values_write(const Table *t, FILE *out) {
    _cleanup_(mem_freep) Slot *sorted = calloc(t->used + 1, sizeof(Slot));
    size_t count = 0;
    if (!sorted) return -1;
    for (size_t i = 0; i < t->size; i++) {
        if (t->slots[i].value > 1) sorted[count++] = t->slots[i];
    }
    qsort(sorted, count, sizeof(Slot), by_key);
    for (size_t i = 0; i < count; i++) {
        (void)fprintf(out, "value %016" PRIx64 " %" PRIu64 "\n", sorted[i].key, sorted[i].value);
    }
    return 0;
}

int model_write(const Model *m, FILE *out) {
    const Shares *s = &m->shares;
    (void)fprintf(out, "mash-link-model 1\nnumber %" PRIu64 "\npeople %" PRIu64 "\n", s->number,
                  s->people);
    for (int i = 0; i < AGAINST_COUNT; i++) {
        (void)fprintf(out, "prior %s %d\n", against_names[i], s->prior[i]);
    }
    for (int f = 0; f < TRAIT_COUNT; f++) {
        (void)fprintf(out, "given %s %" PRIu64 "\n", trait_name((Trait)f), s->given[f]);
    }
    for (int l = 0; l < LEVEL_COUNT; l++) {
        (void)fprintf(out, "level %s %s %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
                      trait_name(level_trait((Level)l)), level_name((Level)l), s->m[l],
                      s->u[AGAINST_stranger][l], s->u[AGAINST_home][l]);
    }
    if (values_write(m->counts, out) < 0) return ERR_MEMORY;
    (void)fprintf(out, "end\n");
    return fflush(out) == 0 && !ferror(out) ? 0 : ERR_FILE;
}

typedef struct Reader {
    Shares s;
    Table *counts;
    int levels;
    bool end;
} Reader;

static bool level_read(Reader *r, const char *line) {
    char trait[WORD_MOST], name[WORD_MOST];
    uint64_t m, u, home;
    int l = r->levels;
    int n = sscanf(line, "level %31s %31s %" SCNu64 " %" SCNu64 " %" SCNu64, trait, name, &m, &u,
                   &home);
    bool next = n == 5 && l < LEVEL_COUNT && strcmp(name, level_name((Level)l)) == 0 &&
                strcmp(trait, trait_name(level_trait((Level)l))) == 0;
    if (!next || m > SHARE_ONE || u > SHARE_ONE || home > SHARE_ONE) return false;
    r->s.m[l] = m;
    r->s.u[AGAINST_stranger][l] = u;
    r->s.u[AGAINST_home][l] = home;
    r->levels++;
    return true;
}

static bool given_read(Reader *r, const char *line) {
    char trait[WORD_MOST];
    uint64_t count;
    if (sscanf(line, "given %31s %" SCNu64, trait, &count) != 2) return false;
    for (int f = 0; f < TRAIT_COUNT; f++) {
        if (strcmp(trait, trait_name((Trait)f)) != 0) continue;
        r->s.given[f] = count;
        return true;
    }
    return false;
}

static bool prior_read(Reader *r, const char *line) {
    char against[WORD_MOST];
    Bits bits;
    if (sscanf(line, "prior %31s %" SCNd32, against, &bits) != 2) return false;
    for (int i = 0; i < AGAINST_COUNT; i++) {
        if (strcmp(against, against_names[i]) != 0) continue;
        r->s.prior[i] = bits;
        return true;
    }
    return false;
}

static bool value_read(Reader *r, const char *line) {
    uint64_t key, count;
    if (sscanf(line, "value %" SCNx64 " %" SCNu64, &key, &count) != 2) return false;
    uint64_t *at = table_at(r->counts, key);
    if (at) *at = count;
    return at != NULL;
}

static bool line_read(Reader *r, const char *line) {
    if (strncmp(line, "level ", 6) == 0) return level_read(r, line);
    if (strncmp(line, "value ", 6) == 0) return value_read(r, line);
    if (strncmp(line, "given ", 6) == 0) return given_read(r, line);
    if (strncmp(line, "prior ", 6) == 0) return prior_read(r, line);
    if (sscanf(line, "number %" SCNu64, &r->s.number) == 1) return true;
    if (sscanf(line, "people %" SCNu64, &r->s.people) == 1) return true;
    r->end = strcmp(line, "end\n") == 0;
    return r->end;
}

int model_read(FILE *in, Model **ret) {
    char line[200];
    _cleanup_(table_freep) Table *counts = table_new();
    Reader r = {.counts = counts};
    if (!counts) return ERR_MEMORY;
    if (!fgets(line, sizeof(line), in) || strcmp(line, "mash-link-model 1\n") != 0) return ERR_FILE;
    while (!r.end && fgets(line, sizeof(line), in)) {
        if (!line_read(&r, line)) return ERR_FILE;
    }
    if (!r.end || r.levels != LEVEL_COUNT) return ERR_FILE;
    *ret = model_new(&r.s, TAKE(counts));
    return *ret ? 0 : ERR_MEMORY;
}
