/* `mashctl policy diff`: what a new version changes, before anybody signs it. Every case of the
 * domain of both is tried; what changes alike is said once. */
#include "broker/ctl/offline.h"
#include "broker/ctl/policy.h"
#include "broker/ctl/policy_boxes.h"
#include "broker/release/rule.h"

#include <argp.h>

enum { MEMORY = 512 * 1024 * 1024 };

/* ---- what kind of change --------------------------------------------------------------------- */

typedef enum Change {
    CHANGE_released,
    CHANGE_withheld,
    CHANGE_more,
    CHANGE_less,
    CHANGE_told,
    CHANGE_untold,
    CHANGES
} Change;

static const char *const change_titles[CHANGES] = {
    [CHANGE_released] = "Newly released",
    [CHANGE_withheld] = "Newly withheld",
    [CHANGE_more] = "Shown more",
    [CHANGE_less] = "Shown less",
    [CHANGE_told] = "Newly with a signpost",
    [CHANGE_untold] = "No longer with a signpost",
};

static Change change_of(const Box *b) {
    bool was = b->was.kind >= VERDICT_fact, now = b->now.kind >= VERDICT_fact;
    if (was != now) return now ? CHANGE_released : CHANGE_withheld;
    if (was && b->was.kind != b->now.kind) {
        return b->now.kind > b->was.kind ? CHANGE_more : CHANGE_less;
    }
    return b->now.signposts ? CHANGE_told : CHANGE_untold;
}

/* ---- a box in words -------------------------------------------------------------------------- */

static bool whole(const Boxes *b, const Box *box, size_t dim) {
    for (size_t i = 0; i < b->sizes[dim]; i++) {
        if (!box->in[dim][i]) return false;
    }
    return true;
}

/* The values of a dimension that belong to the box, "a, b or c". */
static void print_list(const char *const *names, const bool *in, size_t count) {
    size_t left = 0, said = 0;
    for (size_t i = 0; i < count; i++) left += in[i];
    for (size_t i = 0; i < count; i++) {
        if (!in[i]) continue;
        const char *before = said == 0 ? "" : said + 1 == left ? " or " : ", ";
        (void)printf("%s%s", before, names[i]);
        said++;
    }
}

static void print_classes(const Box *box) {
    const char *names[CLASS_COUNT];
    for (int c = 0; c < CLASS_COUNT; c++) names[c] = class_name((InfoClass)c);
    (void)printf("  ");
    print_list(names, box->classes, CLASS_COUNT);
    (void)printf("\n    to ");
}

/* Of an agency whose type is not known there is an entry for each type that it may have: "agency X
 * if it is school", or "unless", whichever is shorter. */
static void print_entries(Arena *a, const Domain *d, Str agency, const bool *in) {
    const char **names = arena_array(a, d->recipient_count, sizeof(*names));
    bool *listed = arena_alloc(a, d->recipient_count);
    size_t count = 0, some = 0;
    for (size_t i = 0; names && listed && i < d->recipient_count; i++) {
        if (!str_eq(d->recipients[i].agency, agency)) continue;
        names[count] = d->recipients[i].type.at;
        listed[count++] = in[i];
        some += in[i];
    }
    (void)printf("agency %.*s", STR_ARG(agency));
    if (some == count) return;
    bool most = 2 * some > count;
    (void)printf(most ? " unless it is " : " if it is ");
    for (size_t i = 0; i < count; i++) listed[i] ^= most;
    print_list(names, listed, count);
}

/* Types first, then the agencies that are named. */
static void print_recipients(const Boxes *b, const Box *box) {
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
    const Domain *d = b->domain;
    const bool *in = box->in[DIM_recipient];
    const char *comma = "";
    if (!a || whole(b, box, DIM_recipient)) {
        (void)printf("anyone");
        return;
    }
    for (size_t i = 0; i < d->recipient_count; i++) {
        const Recipient *r = &d->recipients[i];
        bool unnamed = str_is(r->agency, UNNAMED), said = false;
        for (size_t k = 0; k < i; k++) said |= in[k] && str_eq(d->recipients[k].agency, r->agency);
        if (!in[i] || (said && !unnamed)) continue;
        (void)printf("%s", comma);
        comma = ", ";
        if (unnamed) (void)printf("any %.*s", STR_ARG(r->type));
        if (!unnamed) print_entries(a, d, r->agency, in);
    }
}

static void print_purposes(const Boxes *b, const Box *box) {
    const char *names[32];
    (void)printf("; for ");
    if (whole(b, box, DIM_purpose)) {
        (void)printf("any purpose");
        return;
    }
    for (size_t i = 0; i < b->sizes[DIM_purpose] && i < COUNT_OF(names); i++) {
        names[i] = b->domain->purposes[i].at;
    }
    print_list(names, box->in[DIM_purpose], b->sizes[DIM_purpose]);
}

static void print_ratings(const Boxes *b, const Box *box) {
    static const char *const names[] = {"not given", "green", "amber", "red"};
    const bool *in = box->in[DIM_rating];
    size_t least = 0;
    if (whole(b, box, DIM_rating)) {
        (void)printf("; any rating");
        return;
    }
    while (!in[least]) least++;
    bool higher = true;
    for (size_t i = least; i < RATING_COUNT; i++) higher &= in[i];
    (void)printf("; rating ");
    if (higher && least < RATING_red) {
        (void)printf("%s or higher", names[least]);
    } else {
        print_list(names, in, RATING_COUNT);
    }
}

/* Intervals that touch are one. */
static void print_days(const Boxes *b, const Box *box) {
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
    const Domain *d = b->domain;
    const bool *in = box->in[DIM_day];
    const char *comma = "; ";
    if (whole(b, box, DIM_day)) {
        (void)printf("; on any day");
        return;
    }
    for (size_t i = 0; a && i < d->day_count; i++) {
        if (!in[i] || (i && in[i - 1])) continue;
        size_t last = i;
        while (last + 1 < d->day_count && in[last + 1]) last++;
        Str until = domain_day_until(a, d, last);
        (void)printf("%s", comma);
        if (i > 0) (void)printf("from %.*s", STR_ARG(d->days[i]));
        if (until.len) (void)printf("%suntil %.*s", i > 0 ? " " : "", STR_ARG(until));
        if (!until.len) (void)printf(" on");
        comma = " and ";
    }
}

static void print_tiers(const Boxes *b, const Box *box, const char **comma) {
    static const char *const names[] = {"not chosen", "share", "sanitise", "signpost", "silent"};
    if (whole(b, box, DIM_tier)) return;
    (void)printf("%stier ", *comma);
    print_list(names, box->in[DIM_tier], TIER_COUNT);
    *comma = "; ";
}

static void print_items(const Boxes *b, const Box *box) {
    static const char *const names[][2] = {
        {"without a summary", "with a summary"},
        {"not prose", "prose"},
        {"not authorised", "authorised by the owner"},
        {"the owner has no desk", "the owner has a desk"},
    };
    const char *comma = "\n    items: ";
    print_tiers(b, box, &comma);
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (whole(b, box, DIM_summary + i)) continue;
        (void)printf("%s%s", comma, names[i][box->in[DIM_summary + i][1]]);
        comma = "; ";
    }
}

static void print_told(const Told *t) {
    bool beside = t->signposts && t->kind >= VERDICT_fact;
    (void)printf("%s%s", verdict_phrase(t->kind), beside ? " and a signpost" : "");
}

static void print_box(const Boxes *b, const Box *box) {
    char cases[32];
    print_classes(box);
    print_recipients(b, box);
    print_purposes(b, box);
    print_ratings(b, box);
    print_days(b, box);
    print_items(b, box);
    (void)printf("\n    was: ");
    print_told(&box->was);
    (void)printf("; now: ");
    print_told(&box->now);
    (void)printf(" (%s)\n", count_text(box->cases, cases));
}

/* ---- one owner ------------------------------------------------------------------------------- */

static void print_change(const Boxes *b, Change change) {
    uint64_t cases = 0;
    char text[32];
    for (size_t i = 0; i < b->count; i++) {
        if (change_of(&b->at[i]) == change) cases += b->at[i].cases;
    }
    if (cases == 0) return;
    (void)printf("%s: %s combination%s\n", change_titles[change], count_text(cases, text),
                 cases == 1 ? "" : "s");
    for (size_t i = 0; i < b->count; i++) {
        if (change_of(&b->at[i]) == change) print_box(b, &b->at[i]);
    }
}

static int diff_owner(const Policy both[2], const Agencies *agencies) {
    _cleanup_(arena_freep) Arena *a = arena_new(MEMORY);
    char text[32];
    Domain d;
    Boxes b;
    if (!a) return ERR_MEMORY;
    int r = domain_of(a, both, 2, agencies->at, agencies->count, &d);
    if (r == 0) r = boxes_compare(a, &d, &both[0], &both[1], &b);
    if (r) return r;
    (void)printf("%.*s: %s combinations compared; ", STR_ARG(both[0].owner),
                 count_text(b.cases, text));
    if (b.count == 0) (void)printf("all alike\n");
    if (b.count) (void)printf("differences in %zu group%s:\n", b.count, b.count == 1 ? "" : "s");
    for (int c = 0; c < CHANGES; c++) print_change(&b, (Change)c);
    return 0;
}

static int diff(const char *old_path, const char *new_path, const char *agencies_path) {
    _cleanup_(arena_freep) Arena *a = arena_new(MEMORY);
    Agencies agencies;
    Paper old, new;
    int r = 0;
    if (!a || !agencies_read(a, agencies_path, &agencies)) return OFFLINE_REFUSED;
    if (!paper_read(a, old_path, &agencies, &old)) return OFFLINE_REFUSED;
    if (!paper_read(a, new_path, &agencies, &new)) return OFFLINE_REFUSED;
    if (str_eq(old.text, new.text)) (void)printf("The two texts are identical.\n");
    for (size_t i = 0; r == 0 && i < old.count; i++) {
        Policy both[] = {old.at[i], paper_policy(&new, old.at[i].owner)};
        r = diff_owner(both, &agencies);
    }
    for (size_t i = 0; r == 0 && i < new.count; i++) {
        Policy both[] = {paper_policy(&old, new.at[i].owner), new.at[i]};
        if (both[0].count == 0) r = diff_owner(both, &agencies);
    }
    if (r == 0) return OFFLINE_DONE;
    (void)fprintf(stderr, "mashctl: the texts name too many days to try every one\n");
    return OFFLINE_REFUSED;
}

/* ---- the command line ------------------------------------------------------------------------ */

typedef struct Diff {
    const char *files[2], *agencies;
    size_t count;
} Diff;

static const struct argp_option options[] = {
    {"agencies", 'a', "FILE", 0, "the agencies there are, a line each: CODE TYPE", 0},
    {0},
};

static error_t option(int key, char *arg, struct argp_state *state) {
    Diff *d = state->input;
    switch (key) {
    case 'a': d->agencies = arg; return 0;
    case ARGP_KEY_ARG:
        if (d->count == COUNT_OF(d->files)) argp_usage(state);
        d->files[d->count++] = arg;
        return 0;
    case ARGP_KEY_END:
        if (d->count != COUNT_OF(d->files)) argp_usage(state);
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp command_line = {
    .options = options,
    .parser = option,
    .args_doc = "OLD NEW",
    .doc = "Says exactly what NEW would let out, or keep in, that OLD does not.\v"
           "A combination is a class, a recipient, a purpose, a rating, a day, a tier, and whether "
           "the item has a summary, is prose, is authorised, and its owner has a desk. All are "
           "tried. Without --agencies a named agency may be of any type.",
};

int policy_diff_run(int argc, char **argv) {
    Diff d = {0};
    (void)argp_parse(&command_line, argc, argv, 0, NULL, &d); /* ends the program when it fails */
    return diff(d.files[0], d.files[1], d.agencies);
}
