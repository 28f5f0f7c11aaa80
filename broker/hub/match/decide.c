/* The guards, in the order in which they are said; see decide.h. */
#include "broker/hub/match/decide.h"

static const Preset presets[] = {
    {"cautious", 700, 0, 400, true},
    {"balanced", 700, 0, 400, false},
};

static const char *const bands[] = {"auto", "review", "new"};

static const char *const sentences[] = {
#define W(name, sentence) sentence,
    WHYS(W)
#undef W
};

const Preset *preset_find(const char *name) {
    for (size_t i = 0; i < COUNT_OF(presets); i++) {
        if (strcmp(presets[i].name, name) == 0) return &presets[i];
    }
    return NULL;
}

const char *band_name(Band b) {
    return bands[b];
}

const char *why_sentence(Why w) {
    return sentences[w];
}

static bool number_equal(const Comparison *c) {
    return c->level[TRAIT_nhs] == LEVEL_nhs_exact || c->level[TRAIT_upn] == LEVEL_upn_exact;
}

static bool number_other(const Comparison *c) {
    return c->level[TRAIT_nhs] == LEVEL_nhs_other || c->level[TRAIT_upn] == LEVEL_upn_other;
}

static bool birth_supports(const Comparison *c) {
    return c->level[TRAIT_birth] <= LEVEL_birth_two_edits &&
           c->level[TRAIT_birth] != LEVEL_birth_year_only;
}

static bool forename_supports(const Comparison *c) {
    return c->level[TRAIT_forename] <= LEVEL_forename_swapped;
}

static bool supported(const Comparison *c) {
    bool family = c->level[TRAIT_surname] <= LEVEL_surname_swapped;
    bool name = forename_supports(c) || family;
    if (number_equal(c) && (name || birth_supports(c))) return true;
    return forename_supports(c) && birth_supports(c);
}

/* A near-alike name of the same birth may be a twin's; the same name without a birth, a parent's.
 * And twins move: it does not take the same address. */
static bool sure(const Comparison *c, const Score *s) {
    Level name = c->level[TRAIT_forename], birth = c->level[TRAIT_birth];
    if (number_equal(c)) return true;
    if (name == LEVEL_forename_exact) return birth_supports(c);
    bool meant = name == LEVEL_forename_called || name == LEVEL_forename_swapped || s->slip;
    return meant && birth == LEVEL_birth_exact && c->level[TRAIT_sex] != LEVEL_sex_other;
}

bool contradicts(const Comparison *c) {
    return number_other(c) || c->level[TRAIT_birth] == LEVEL_birth_other ||
           c->level[TRAIT_birth] == LEVEL_birth_same_year;
}

Why guard(const Preset *preset, const Comparison *c, const Score *s) {
    if (s->total < preset->automatic) return WHY_low;
    if (number_other(c)) return WHY_number;
    if (!supported(c)) return WHY_thin;
    return preset->strict && !sure(c, s) ? WHY_family : WHY_clear;
}

/* Another person of the same home and birth is a twin, if she is somebody else at all: who has the
 * very given name as well is only known twice. */
static bool twin_known(const Candidate *at, size_t count) {
    if (number_equal(&at->c) || !at->c.home) return false;
    for (size_t i = 1; i < count; i++) {
        const Comparison *c = &at[i].c;
        bool same = c->home && c->level[TRAIT_birth] == LEVEL_birth_exact &&
                    c->level[TRAIT_forename] != LEVEL_forename_exact && !at[i].s.slip;
        if (same && !at[i].same_as_best) return true;
    }
    return false;
}

static bool too_close(const Preset *preset, const Candidate *at, size_t count) {
    for (size_t i = 1; i < count; i++) {
        if (at->s.total - at[i].s.total >= preset->margin) return false;
        if (!at[i].same_as_best) return true;
    }
    return false;
}

Decision link_decide(const Preset *preset, const Candidate *at, size_t count) {
    if (count == 0 || at->s.total < preset->review) return (Decision){BAND_new, WHY_nobody};
    Why why = guard(preset, &at->c, &at->s);
    if (why == WHY_clear && at->contradicted) why = WHY_contradiction;
    if (why == WHY_clear && preset->strict && twin_known(at, count)) why = WHY_twin;
    if (why == WHY_clear && too_close(preset, at, count)) why = WHY_close;
    return (Decision){why == WHY_clear ? BAND_auto : BAND_review, why};
}
