/* Find, score, gather by person, decide, join; see known.h. */
#include "broker/hub/match/known.h"

#include "broker/base/err.h"

enum {
    PAIR_LEAST = -500,   /* a pair that cannot reach this is nobody's, and is not told */
    PERSONS_MOST = 64,   /* candidates that are kept, the most likely */
    MENTIONS_ASKED = 64, /* descriptions of the best person that may contradict */
};

struct Known {
    const Model *model;
    const Preset *preset;
    const Identity *identities;
    ScoredFn *told;
    void *ctx;
    Index *index;
    uint32_t *person, *next; /* by description: its person, and a ring of that person's */
    uint32_t arrived;
    size_t room;
    uint64_t pairs;
    Candidate kept[PERSONS_MOST];
    size_t count;
};

Known *known_new(const Model *model, const Preset *preset, const Identity *identities,
                 ScoredFn *told, void *ctx) {
    _cleanup_(known_freep) Known *p = calloc(1, sizeof(*p));
    if (!p) return NULL;
    p->model = model;
    p->preset = preset;
    p->identities = identities;
    p->told = told;
    p->ctx = ctx;
    p->index = index_new();
    return p->index ? TAKE(p) : NULL;
}

void known_free(Known *p) {
    if (p->index) index_free(p->index);
    free(p->person);
    free(p->next);
    free(p);
}

uint32_t known_person(const Known *p, uint32_t mention) {
    return p->person[mention];
}

uint64_t known_pairs(const Known *p) {
    return p->pairs;
}

const Index *known_index(const Known *p) {
    return p->index;
}

static int grow(Known *p) {
    if (p->arrived < p->room) return 0;
    size_t room = p->room ? 2 * p->room : 1024;
    uint32_t *person = reallocarray(p->person, room, sizeof(uint32_t));
    if (person) p->person = person;
    uint32_t *next = reallocarray(p->next, room, sizeof(uint32_t));
    if (next) p->next = next;
    if (!person || !next) return ERR_MEMORY;
    p->room = room;
    return 0;
}

/* Of two that are equally likely, the one that came first. */
static bool before(const Candidate *a, const Candidate *b) {
    return a->s.total != b->s.total ? a->s.total > b->s.total : a->mention < b->mention;
}

/* Keeps the list in order, one a person. */
static void keep(Known *p, const Candidate *one) {
    size_t at = 0;
    while (at < p->count && p->kept[at].person != one->person) at++;
    if (at < p->count && !before(one, &p->kept[at])) return;
    if (at == p->count && p->count == PERSONS_MOST) {
        if (!before(one, &p->kept[--at])) return;
    } else if (at == p->count) {
        p->count++;
    }
    for (; at > 0 && before(one, &p->kept[at - 1]); at--) p->kept[at] = p->kept[at - 1];
    p->kept[at] = *one;
}

/* Most of the time goes into waiting for memory: what comes soon is asked for early. */
static void expect_soon(const Known *p, const uint32_t *found, size_t count, size_t i) {
    if (i + 12 < count) {
        const char *far = (const char *)&p->identities[found[i + 12]];
        __builtin_prefetch(far);
        __builtin_prefetch(far + 64);
    }
    if (i + 6 < count) {
        const Identity *soon = &p->identities[found[i + 6]];
        __builtin_prefetch(soon->birth);
        __builtin_prefetch(soon->forename);
        __builtin_prefetch(soon->surname);
        if (soon->count[TRAIT_nhs]) __builtin_prefetch(soon->nhs);
        __builtin_prefetch((const char *)soon->forename + 48);
        __builtin_prefetch((const char *)soon->surname + 48);
        __builtin_prefetch(&p->person[found[i + 6]]);
    }
    if (i + 3 < count) {
        const Identity *next = &p->identities[found[i + 3]];
        if (next->count[TRAIT_forename]) __builtin_prefetch(next->forename->whole.text.at);
        if (next->count[TRAIT_surname]) __builtin_prefetch(next->surname->whole.text.at);
    }
}

static void look_at(Known *p, const uint32_t *found, size_t count) {
    const Identity *self = &p->identities[p->arrived];
    p->count = 0;
    for (size_t i = 0; i < count; i++) {
        Candidate one;
        const Identity *other = &p->identities[found[i]];
        expect_soon(p, found, count, i);
        if (!score_reaches(p->model, self, other, PAIR_LEAST, &one.c, &one.s)) continue;
        one.mention = found[i];
        one.person = p->person[found[i]];
        one.contradicted = one.same_as_best = false;
        if (p->told) p->told(p->ctx, p->arrived, found[i], &one.s);
        keep(p, &one);
    }
    p->pairs += count;
}

static bool contradicted(const Known *p, const Candidate *best) {
    uint32_t mention = best->mention;
    for (int i = 0; i < MENTIONS_ASKED; i++) {
        Comparison c;
        compare(&p->identities[p->arrived], &p->identities[mention], &c);
        if (contradicts(&c)) return true;
        mention = p->next[mention];
        if (mention == best->mention) return false;
    }
    return false;
}

/* Would the machine join the two, had one of them arrived now? */
static bool one_person(const Known *p, const Candidate *x, const Candidate *y) {
    Comparison c;
    Score s;
    const Identity *a = &p->identities[x->mention], *b = &p->identities[y->mention];
    return score_reaches(p->model, a, b, p->preset->automatic, &c, &s) &&
           guard(p->preset, &c, &s) == WHY_clear && !contradicts(&c);
}

static void ask_more(Known *p) {
    Candidate *best = &p->kept[0];
    if (p->count == 0 || guard(p->preset, &best->c, &best->s) != WHY_clear) return;
    best->contradicted = contradicted(p, best);
    for (size_t i = 1; i < p->count; i++) {
        p->kept[i].same_as_best = one_person(p, best, &p->kept[i]);
    }
}

/* A person's number is that of her first description. */
static void join(Known *p, Band band) {
    uint32_t self = p->arrived, other = band == BAND_auto ? p->kept[0].mention : self;
    p->person[self] = band == BAND_auto ? p->person[other] : self;
    p->next[self] = band == BAND_auto ? p->next[other] : self;
    p->next[other] = self;
    p->arrived++;
}

int known_arrive(Known *p, Arrival *ret) {
    BlockKey keys[BLOCK_KEYS_MOST];
    const uint32_t *found = NULL;
    size_t key_count = block_keys(&p->identities[p->arrived], keys), count = 0;
    int r = grow(p);
    if (r == 0) r = index_find(p->index, keys, key_count, &found, &count);
    if (r < 0) return r;
    look_at(p, found, count);
    ask_more(p);
    ret->decision = link_decide(p->preset, p->kept, p->count);
    ret->count = p->count < CANDIDATES_SHOWN ? p->count : CANDIDATES_SHOWN;
    memcpy(ret->best, p->kept, ret->count * sizeof(Candidate));
    r = index_add(p->index, keys, key_count);
    if (r == 0) join(p, ret->decision.band);
    return r;
}
