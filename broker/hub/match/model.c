/* Weights from shares, and a pair's score; see model.h. */
#include "broker/hub/match/model.h"

#include <math.h>

enum {
    RARE_LEAST = -400, /* what rarity may take or give */
    RARE_MOST = 600,
    RARE_MOST_CLOSE = 300, /* where the two values only resemble each other */
    SLIP_MOST = 3,         /* that often a misspelling occurs, and the name itself */
    SLIP_TIMES = 10,       /* so much more often */
};

static Bits clamp(Bits x, Bits least, Bits most) {
    return x < least ? least : x > most ? most : x;
}

static Bits log_bits(double x) {
    return (Bits)lround(100 * log2(x));
}

/* ---- from shares to weights ------------------------------------------------------------------ */

static Bits weight_of(const Shares *s, Against against, Level l) {
    double m = (double)(s->m[l] ? s->m[l] : 1), u = (double)s->u[against][l];
    return clamp(log_bits(m / (u > 1 ? u : 1)), level_least(l), level_most(l));
}

static void surprises(Model *m) {
    for (int l = LEVEL_COUNT - 1; l >= 0; l--) { /* ends with each trait's best level */
        Trait f = level_trait((Level)l);
        uint64_t u = m->shares.u[AGAINST_stranger][l], given = m->shares.given[f];
        m->usual[f] = -log_bits((double)(u ? u : 1) / (double)SHARE_ONE);
        m->rarest[f] = log_bits((double)(given ? given : 1));
    }
}

Model *model_new(const Shares *shares, Table *counts) {
    Model *m = calloc(1, sizeof(*m));
    if (!m) {
        table_free(counts);
        return NULL;
    }
    m->shares = *shares;
    m->counts = counts;
    for (int against = 0; against < AGAINST_COUNT; against++) {
        for (int l = 0; l < LEVEL_COUNT; l++) {
            m->weight[against][l] = weight_of(shares, (Against)against, (Level)l);
        }
    }
    surprises(m);
    return m;
}

void model_free(Model *m) {
    table_free(m->counts);
    free(m);
}

/* ---- from levels to a score ------------------------------------------------------------------ */

static uint64_t value_hash(const Identity *p, Trait f, int i) {
    switch (f) {
    case TRAIT_forename: return p->forename[i].whole.hash;
    case TRAIT_surname: return p->surname[i].whole.hash;
    case TRAIT_postcode: return p->postcode[i].hash;
    case TRAIT_address: return p->address[i].whole.hash;
    case TRAIT_city: return p->city[i].hash;
    case TRAIT_birth:
    case TRAIT_sex:
    case TRAIT_nhs:
    case TRAIT_upn:
    case TRAIT_COUNT: break;
    }
    return 0;
}

static uint64_t times(const Model *m, const Identity *p, Trait f, int i) {
    uint64_t count = table_get(m->counts, value_hash(p, f, i));
    return count ? count : 1;
}

/* The commoner of the two values tells. Most names occur once, and need no logarithm. */
static Bits rarity(const Model *m, const Identity *a, const Identity *b, const Comparison *c,
                   Trait f) {
    Level level = c->level[f];
    bool own = level != LEVEL_forename_crossed && trait_rare(f) && c->ways[f] && m->shares.given[f];
    if (!own || m->weight[AGAINST_stranger][level] <= 0) return 0;
    bool exact = level == 0 || level_trait((Level)(level - 1)) != f;
    uint64_t count = times(m, a, f, c->of_a[f]);
    if (!exact) {
        uint64_t other = times(m, b, f, c->of_b[f]);
        count = other > count ? other : count;
    }
    Bits surprise = m->rarest[f] - (count > 1 ? log_bits((double)count) : 0);
    return clamp(surprise - m->usual[f], RARE_LEAST, exact ? RARE_MOST : RARE_MOST_CLOSE);
}

/* With several values on each side, one of them agrees by chance more easily. */
static Bits for_ways(Bits bar, uint8_t ways) {
    if (ways < 2 || bar <= 0) return bar;
    return clamp(bar - log_bits(ways), 0, bar);
}

static bool counts_at_home(Trait f) {
    return f != TRAIT_postcode && f != TRAIT_address && f != TRAIT_city;
}

/* At home only the given name's rarity says anything: the family shares its own. */
static void bars(const Model *m, const Comparison *c, Against against, const Bits *rare,
                 Score *ret) {
    *ret = (Score){.against = against, .prior = m->shares.prior[against]};
    ret->total = ret->prior;
    for (int f = 0; f < TRAIT_COUNT; f++) {
        Level level = c->level[f];
        if (level == LEVEL_none || (against == AGAINST_home && !counts_at_home((Trait)f))) continue;
        bool told = against == AGAINST_stranger || f == TRAIT_forename;
        ret->rare[f] = told ? rare[f] : 0;
        ret->bar[f] = for_ways(m->weight[against][level] + ret->rare[f], c->ways[f]);
        ret->total += ret->bar[f];
    }
}

/* Parents who give twins names a letter apart give them names that others have, too. */
static bool slip(const Model *m, const Identity *a, const Identity *b, const Comparison *c) {
    const Trait f = TRAIT_forename;
    if (c->level[f] != LEVEL_forename_close) return false;
    uint64_t one = times(m, a, f, c->of_a[f]), other = times(m, b, f, c->of_b[f]);
    uint64_t rare = one < other ? one : other, usual = one < other ? other : one;
    if (rare > SLIP_MOST || usual < SLIP_TIMES * rare) return false;
    return edits(a->forename[c->of_a[f]].whole.text, b->forename[c->of_b[f]].whole.text, 1) <= 1;
}

void score(const Model *m, const Identity *a, const Identity *b, const Comparison *c, Score *ret) {
    Bits rare[TRAIT_COUNT];
    Score home;
    for (int f = 0; f < TRAIT_COUNT; f++) {
        rare[f] = c->level[f] == LEVEL_none ? 0 : rarity(m, a, b, c, (Trait)f);
    }
    bars(m, c, AGAINST_stranger, rare, ret);
    if (c->home) {
        bars(m, c, AGAINST_home, rare, &home);
        if (home.total < ret->total) *ret = home;
    }
    ret->slip = slip(m, a, b, c);
}

/* The most that the places can still bring to a pair that is not of one home. */
static Bits places_most(const Model *m) {
    const Bits *w = m->weight[AGAINST_stranger];
    return w[LEVEL_postcode_exact] + w[LEVEL_address_alike] + w[LEVEL_city_exact] + 2 * RARE_MOST +
           RARE_MOST_CLOSE;
}

bool score_reaches(const Model *m, const Identity *a, const Identity *b, Bits least, Comparison *c,
                   Score *ret) {
    compare_person(a, b, c);
    Bits apart = m->shares.prior[AGAINST_stranger] + places_most(m) + RARE_MOST;
    Bits home = m->shares.prior[AGAINST_home] + RARE_MOST;
    for (int f = 0; f < TRAIT_COUNT; f++) {
        Level level = c->level[f];
        bool told = counts_at_home((Trait)f) && level != LEVEL_none;
        if (!told) continue;
        bool rare = f == TRAIT_surname && m->weight[AGAINST_stranger][level] > 0;
        apart += m->weight[AGAINST_stranger][level] + (rare ? RARE_MOST : 0);
        home += m->weight[AGAINST_home][level];
    }
    if (apart < least && home < least) return false;
    compare_places(a, b, c);
    score(m, a, b, c, ret);
    return ret->total >= least;
}
