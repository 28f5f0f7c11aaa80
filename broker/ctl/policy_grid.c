/* From a policy to its grid; see policy_matrix.h. Each cell asks the policy itself: for every
 * rating, with the owner's authorisation and without. */
#include "broker/ctl/policy.h"
#include "broker/ctl/policy_matrix.h"
#include "broker/release/rule.h"

const char *const grid_legend =
    "full, summary, fact: what leaves of an item with a summary; \"from amber\": at that rating or "
    "higher; \"if authorised\": when the owner authorised its exact words; \"and signpost\": the "
    "recipient is also told whom to ask; signpost: it is told that only; -: nothing.";
const char *const grid_without =
    "Where no rule is about a class, or lets anything of it out, nothing of an item leaves; where "
    "the owner has a desk, a signpost to it may, unless the class or the owner keeps it silent "
    "(`mashctl policy words` says which classes are).";

/* ---- columns --------------------------------------------------------------------------------- */

static bool type_named(const Policy *p, Str type) {
    for (size_t i = 0; i < p->count; i++) {
        const Rule *r = &p->rules[i];
        if (r->recipient_kind == RECIPIENT_type && str_eq(r->recipient, type)) return true;
    }
    return false;
}

/* An agency whose type is not known has a column for each type that rules name, and one besides. */
static int columns_of(Arena *a, const Policy *p, const Domain *d, Grid *g) {
    Recipient *at = arena_array(a, d->recipient_count + 1, sizeof(*at));
    Str other = {0};
    if (!at) return ERR_MEMORY;
    for (size_t i = 0; i < d->recipient_count; i++) {
        const Recipient *r = &d->recipients[i];
        bool named = type_named(p, r->type);
        if (!named && other.len == 0) other = r->type;
        bool first_other = !named && str_eq(r->type, other);
        if (named || (first_other && !str_is(r->agency, UNNAMED))) at[g->column_count++] = *r;
    }
    if (other.len) at[g->column_count++] = (Recipient){STR(UNNAMED), {0}};
    g->columns = at;
    return 0;
}

/* Any type that no rule names will do for "every other". */
static Str column_type(const Policy *p, const Domain *d, const Recipient *column) {
    if (column->type.len) return column->type;
    for (size_t i = 0; i < d->recipient_count; i++) {
        if (!type_named(p, d->recipients[i].type)) return d->recipients[i].type;
    }
    return (Str){0};
}

Str column_text(Arena *a, const Recipient *r) {
    return r->type.len ? recipient_text(a, r) : STR("every other");
}

/* ---- cells ----------------------------------------------------------------------------------- */

typedef struct Shown {
    VerdictKind kind;
    bool signposts;
} Shown;

static Shown shown(const Verdicts *v, InfoClass class, unsigned flags) {
    const Verdict *answer = verdicts_at(v, class, TIER_none, flags | ITEM_summary | ITEM_desk);
    return (Shown){verdict_kind(answer), verdict_signposts(answer)};
}

static bool shown_same(Shown a, Shown b) {
    return a.kind == b.kind && a.signposts == b.signposts;
}

static Str shown_text(Arena *a, Shown s, Rating from, bool authorised) {
    static const char *const kinds[] = {"-", "signpost", "fact", "summary", "full"};
    char since[24] = "";
    if (from > RATING_none) (void)snprintf(since, sizeof(since), " from %s", rating_name(from));
    return arena_printf(a, "%s%s%s%s", kinds[s.kind],
                        s.signposts && s.kind >= VERDICT_fact ? " and signpost" : "", since,
                        authorised ? " if authorised" : "");
}

/* What is shown at each rating, said where it changes; with an authorisation only where that adds
 * something. */
static Cell cell_of(Arena *a, const Verdicts *const of_rating[RATING_COUNT], InfoClass class) {
    Str text = {0};
    for (int authorised = 0; authorised < 2; authorised++) {
        Shown before = {0};
        for (int rating = RATING_none; rating <= RATING_red; rating++) {
            Shown plain = shown(of_rating[rating], class, 0);
            Shown s = shown(of_rating[rating], class, authorised ? ITEM_authorised : 0);
            bool adds = !authorised || !shown_same(s, plain);
            bool changed = rating == RATING_none || !shown_same(s, before);
            before = s;
            if (!adds || !changed) continue;
            Str part = shown_text(a, s, (Rating)rating, authorised);
            bool base = text.len == 0;
            text = base ? part : arena_printf(a, "%.*s; %.*s", STR_ARG(text), STR_ARG(part));
        }
    }
    return (Cell){text};
}

int grid_make(Arena *a, const Policy *p, const Domain *d, Str purpose, Str day, Grid *ret) {
    Grid g = {.owner = p->owner, .purpose = purpose, .day = day};
    int r = columns_of(a, p, d, &g);
    if (r) return r;
    g.cells = arena_array(a, CLASS_COUNT * g.column_count, sizeof(Cell));
    g.named = arena_alloc(a, CLASS_COUNT);
    if (!g.cells || !g.named) return ERR_MEMORY;
    for (size_t i = 0; i < p->count; i++) g.named[p->rules[i].class] = true;
    for (size_t column = 0; column < g.column_count; column++) {
        const Verdicts *v[RATING_COUNT];
        Question q = {.owner = p->owner,
                      .recipient = g.columns[column].agency,
                      .recipient_type = column_type(p, d, &g.columns[column]),
                      .purpose = purpose,
                      .today = day};
        for (int rating = RATING_none; rating <= RATING_red; rating++) {
            q.rating = (Rating)rating;
            v[rating] = verdicts_compile(a, p, 1, &q);
            if (!v[rating]) return ERR_MEMORY;
        }
        for (int c = CLASS_none + 1; c < CLASS_COUNT; c++) {
            Shown best = shown(v[RATING_red], (InfoClass)c, ITEM_authorised);
            g.releases |= best.kind >= VERDICT_fact;
            g.cells[(size_t)c * g.column_count + column] = cell_of(a, v, (InfoClass)c);
        }
    }
    *ret = g;
    return arena_failed(a) ? ERR_MEMORY : 0;
}

const Cell *grid_cell(const Grid *g, InfoClass class, size_t column) {
    return &g->cells[(size_t) class * g->column_count + column];
}
