/* From every single case to a few boxes; see policy_boxes.h. First a byte for each case, 0 where
 * both say the same; then, dimension by dimension, the values whose slices are alike are put
 * together. What is left has no choice in it: the same texts give the same boxes in the same order.
 */
#include "broker/ctl/policy_boxes.h"

enum { BOXES_MOST = 50000, CASES_MOST = 1 << 30, TOLD_KINDS = 10 };

/* ---- every case ------------------------------------------------------------------------------ */

static unsigned told_number(const Verdict *v) {
    return (unsigned)verdict_kind(v) * 2 + verdict_signposts(v);
}

static Told told_of(unsigned number) {
    return (Told){.kind = (VerdictKind)(number / 2), .signposts = number % 2};
}

/* 0: both say the same. */
static uint8_t change_of(const Verdict *old, const Verdict *new) {
    unsigned was = told_number(old), now = told_number(new);
    return (uint8_t)(was == now ? 0 : 1 + was * TOLD_KINDS + now);
}

/* The bits of an item's flags stand in the order of the last four dimensions. */
static size_t flags_place(unsigned flags) {
    size_t place = 0;
    for (unsigned bit = 1; bit < ITEM_FLAGS; bit *= 2) place = place * 2 + ((flags & bit) != 0);
    return place;
}

/* Where a setting's cases begin, in the order of the dimensions; domain_setting's is another. */
static size_t setting_place(const Domain *d, size_t setting) {
    size_t day = setting % d->day_count, rest = setting / d->day_count;
    size_t rating = rest % RATING_COUNT, outer = rest / RATING_COUNT;
    return ((outer * d->day_count + day) * RATING_COUNT + rating) * TIER_COUNT * ITEM_FLAGS;
}

static int setting_compare(Arena *a, const Domain *d, size_t setting, const Policy *old,
                           const Policy *new, uint8_t *changes) {
    Question q = domain_setting(d, setting);
    const Verdicts *was = verdicts_compile(a, old, 1, &q), *now = verdicts_compile(a, new, 1, &q);
    size_t of_class = domain_settings(d) * TIER_COUNT * ITEM_FLAGS;
    if (!was || !now) return ERR_MEMORY;
    for (int c = CLASS_none + 1; c < CLASS_COUNT; c++) {
        uint8_t *at = changes + (size_t)(c - 1) * of_class + setting_place(d, setting);
        for (unsigned n = 0; n < TIER_COUNT * ITEM_FLAGS; n++) {
            Tier tier = (Tier)(n / ITEM_FLAGS);
            unsigned flags = n % ITEM_FLAGS;
            at[tier * ITEM_FLAGS + flags_place(flags)] =
                change_of(verdicts_at(was, (InfoClass)c, tier, flags),
                          verdicts_at(now, (InfoClass)c, tier, flags));
        }
    }
    return 0;
}

/* ---- putting together ------------------------------------------------------------------------ */

typedef struct Gather {
    Arena *arena;
    Boxes *boxes;
    InfoClass class;
    bool *in[DIMS]; /* of the box being made */
} Gather;

static bool box_is(const Gather *g, const Box *box, uint8_t change) {
    unsigned number = change - 1u;
    Told was = told_of(number / TOLD_KINDS), now = told_of(number % TOLD_KINDS);
    if (box->was.kind != was.kind || box->was.signposts != was.signposts) return false;
    if (box->now.kind != now.kind || box->now.signposts != now.signposts) return false;
    for (size_t d = 0; d < DIMS; d++) {
        if (memcmp(box->in[d], g->in[d], g->boxes->sizes[d]) != 0) return false;
    }
    return true;
}

static uint64_t gather_cases(const Gather *g) {
    uint64_t cases = 1;
    for (size_t d = 0; d < DIMS; d++) {
        uint64_t some = 0;
        for (size_t i = 0; i < g->boxes->sizes[d]; i++) some += g->in[d][i];
        cases *= some;
    }
    return cases;
}

/* The same box of another class is the same box. */
static int box_put(Gather *g, uint8_t change) {
    Boxes *b = g->boxes;
    Box *box = NULL;
    for (size_t i = 0; i < b->count && !box; i++) {
        if (box_is(g, &b->at[i], change)) box = &b->at[i];
    }
    if (!box) {
        if (b->count == BOXES_MOST) return ERR_MEMORY;
        box = &b->at[b->count++];
        box->was = told_of((change - 1u) / TOLD_KINDS);
        box->now = told_of((change - 1u) % TOLD_KINDS);
        for (size_t d = 0; d < DIMS; d++) {
            box->in[d] = arena_alloc(g->arena, b->sizes[d]);
            if (!box->in[d]) return ERR_MEMORY;
            memcpy(box->in[d], g->in[d], b->sizes[d]);
        }
    }
    box->classes[g->class] = true;
    box->cases += gather_cases(g);
    return 0;
}

static bool nothing(const uint8_t *at, size_t len) {
    return at[0] == 0 && memcmp(at, at + 1, len - 1) == 0;
}

static int gather(Gather *g, size_t dim, const uint8_t *at, size_t len) {
    if (nothing(at, len)) return 0;
    if (dim == DIMS) return box_put(g, at[0]);
    size_t count = g->boxes->sizes[dim], slice = len / count;
    for (size_t i = 0; i < count; i++) {
        bool before = false;
        for (size_t k = 0; k < i && !before; k++) {
            before = memcmp(at + k * slice, at + i * slice, slice) == 0;
        }
        if (before) continue;
        for (size_t k = 0; k < count; k++) {
            g->in[dim][k] = memcmp(at + k * slice, at + i * slice, slice) == 0;
        }
        int r = gather(g, dim + 1, at + i * slice, slice);
        if (r) return r;
    }
    return 0;
}

static int gather_classes(Arena *a, Boxes *b, const uint8_t *changes, size_t of_class) {
    Gather g = {.arena = a, .boxes = b};
    for (size_t d = 0; d < DIMS; d++) {
        g.in[d] = arena_alloc(a, b->sizes[d]);
        if (!g.in[d]) return ERR_MEMORY;
    }
    for (int c = CLASS_none + 1; c < CLASS_COUNT; c++) {
        g.class = (InfoClass)c;
        int r = gather(&g, 0, changes + (size_t)(c - 1) * of_class, of_class);
        if (r) return r;
    }
    return 0;
}

int boxes_compare(Arena *a, const Domain *d, const Policy *old, const Policy *new, Boxes *ret) {
    _cleanup_(arena_freep) Arena *scratch = arena_new(16 << 20);
    _cleanup_(mem_freep) uint8_t *changes = NULL;
    uint64_t cases = domain_cases(d);
    *ret = (Boxes){.domain = d,
                   .cases = cases,
                   .sizes = {d->recipient_count, d->purpose_count, d->day_count, RATING_COUNT,
                             TIER_COUNT, 2, 2, 2, 2}};
    if (cases <= CASES_MOST) changes = calloc(1, cases);
    ret->at = arena_array(a, BOXES_MOST, sizeof(Box));
    if (!scratch || !changes || !ret->at) return ERR_MEMORY;
    for (size_t i = 0; i < domain_settings(d); i++) {
        int r = setting_compare(scratch, d, i, old, new, changes);
        if (r) return r;
        arena_reset(scratch);
    }
    return gather_classes(a, ret, changes, cases / (CLASS_COUNT - 1));
}
