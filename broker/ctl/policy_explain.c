/* `mashctl policy explain`: why an item goes or stays. The answer is the policy's own, and beside
 * it every rule about the item's class with what became of it. */
#include "broker/ctl/offline.h"
#include "broker/ctl/policy.h"
#include "broker/release/rule.h"

#include <argp.h>

enum { MEMORY = 64 * 1024 * 1024 };

typedef struct Explain {
    const char *file, *agencies;
    const char *owner, *class, *recipient, *type, *purpose, *rating, *tier, *day;
    bool no_summary, prose, authorised, no_desk;
} Explain;

/* ---- from words to a question ---------------------------------------------------------------- */

static bool need(const char *option, const char *value) {
    if (value) return true;
    (void)fprintf(stderr, "mashctl: --%s is missing; see --help\n", option);
    return false;
}

/* Of a paper with one owner's rules, hers. */
static bool owner_of(const Explain *e, const Paper *paper, Str *ret) {
    if (!e->owner && paper->count != 1) return need("owner", NULL);
    *ret = e->owner ? str_z(e->owner) : paper->at[0].owner;
    return true;
}

static bool agency_type(Arena *a, const Explain *e, const Agencies *agencies, Str *ret) {
    for (size_t i = 0; i < agencies->count && !e->type; i++) {
        if (!str_is(agencies->at[i].code, e->recipient)) continue;
        *ret = agencies->at[i].type;
        return true;
    }
    return need("type", e->type) &&
           word_known(a, LIST_agency_type, "a type of agency", e->type, ret);
}

static bool rating_of(Arena *a, const char *word, Rating *ret) {
    Str rating;
    *ret = RATING_none;
    if (!word || strcmp(word, "none") == 0) return true;
    if (!word_known(a, LIST_rating, "a rating", word, &rating)) return false;
    *ret = rating_by_name(rating);
    return true;
}

static bool tier_of(Arena *a, const char *word, Tier *ret) {
    Str tier;
    *ret = TIER_none;
    if (!word || strcmp(word, "none") == 0) return true;
    if (!word_known(a, LIST_tier, "a tier", word, &tier)) return false;
    *ret = tier_by_name(tier);
    return true;
}

static bool question_of(Arena *a, const Explain *e, const Paper *paper, const Agencies *agencies,
                        Question *ret) {
    Question q = {.has_summary = !e->no_summary,
                  .free_text = e->prose,
                  .authorised = e->authorised,
                  .has_desk = !e->no_desk,
                  .today = day_today(a)};
    bool good = owner_of(e, paper, &q.owner) && need("class", e->class) &&
                word_class(a, e->class, &q.class) && need("recipient", e->recipient) &&
                agency_type(a, e, agencies, &q.recipient_type) && need("purpose", e->purpose) &&
                word_known(a, LIST_purpose, "a purpose", e->purpose, &q.purpose) &&
                rating_of(a, e->rating, &q.rating) && tier_of(a, e->tier, &q.tier) &&
                (!e->day || word_day(e->day, &q.today));
    if (good) q.recipient = str_z(e->recipient);
    *ret = q;
    return good;
}

/* ---- the answer ------------------------------------------------------------------------------ */

static void print_question(const Question *q) {
    (void)printf("%s of %.*s, to %.*s (%.*s), for %.*s, ", class_name(q->class), STR_ARG(q->owner),
                 STR_ARG(q->recipient), STR_ARG(q->recipient_type), STR_ARG(q->purpose));
    (void)printf("rating %s, on %.*s; tier %s; %s, %s, %s, %s\n",
                 q->rating == RATING_none ? "none" : rating_name(q->rating), STR_ARG(q->today),
                 q->tier == TIER_none ? "not chosen" : tier_name(q->tier),
                 q->has_summary ? "with a summary" : "without a summary",
                 q->free_text ? "prose" : "not prose",
                 q->authorised ? "authorised" : "not authorised",
                 q->has_desk ? "its owner has a desk" : "its owner has no desk");
}

static void print_rule(Arena *a, const Paper *paper, const Rule *r) {
    Str line = rule_print(a, r);
    (void)printf("  %s:%zu  %.*s\n", paper->path, r->line, STR_ARG(line));
}

static void print_verdict(Arena *a, const Paper *paper, const Verdict *v) {
    bool beside = verdict_signposts(v) && verdict_kind(v) >= VERDICT_fact;
    const Rule *r = verdict_rule(v);
    (void)printf("%s: %s%s. %s\n", verdict_kind(v) >= VERDICT_fact ? "Goes" : "Stays",
                 verdict_phrase(verdict_kind(v)), beside ? ", and a signpost" : "",
                 verdict_reason(v));
    if (r) print_rule(a, paper, r);
}

static int explain(const Explain *e) {
    _cleanup_(arena_freep) Arena *a = arena_new(MEMORY);
    Agencies agencies;
    Paper paper;
    Question q;
    Considered *considered = NULL;
    size_t count = 0;
    if (!a || !agencies_read(a, e->agencies, &agencies)) return OFFLINE_REFUSED;
    if (!paper_read(a, e->file, &agencies, &paper)) return OFFLINE_REFUSED;
    if (!question_of(a, e, &paper, &agencies, &q)) return OFFLINE_USAGE;
    const Verdict *v = policy_ask(a, paper.at, paper.count, &q);
    int r = policy_consider(a, paper.at, paper.count, &q, &considered, &count);
    if (!v || r) return OFFLINE_REFUSED;
    print_question(&q);
    print_verdict(a, &paper, v);
    (void)printf(count ? "Considered, of %s:\n" : "No rule is about %s.\n", class_name(q.class));
    for (size_t i = 0; i < count; i++) {
        print_rule(a, &paper, considered[i].rule);
        (void)printf("      %s\n", considered[i].because);
    }
    return OFFLINE_DONE;
}

/* ---- the command line ------------------------------------------------------------------------ */

enum { KEY_summary = 256, KEY_desk };

static const struct argp_option options[] = {
    {"agencies", 'a', "FILE", 0, "the agencies there are, a line each: CODE TYPE", 0},
    {"owner", 'o', "AGENCY", 0, "whose item; not needed when the file has one owner's rules", 0},
    {"class", 'c', "CLASS", 0, "what it is about", 0},
    {"recipient", 'r', "AGENCY", 0, "to whom", 0},
    {"type", 't', "TYPE", 0, "the recipient's; not needed when --agencies says it", 0},
    {"purpose", 'p', "PURPOSE", 0, "what for", 0},
    {"rating", 'g', "RATING", 0, "green, amber, red or none (as without)", 0},
    {"tier", 'T', "TIER", 0, "share, sanitise, signpost, silent or none (as without)", 0},
    {"day", 'd', "DAY", 0, "on this day (YYYY-MM-DD); otherwise today", 0},
    {"prose", 'P', NULL, 0, "the item is free text", 0},
    {"authorised", 'A', NULL, 0, "the owner authorised its exact words", 0},
    {"no-summary", KEY_summary, NULL, 0, "the owner wrote none", 0},
    {"no-desk", KEY_desk, NULL, 0, "the owner has no desk that a signpost could lead to", 0},
    {0},
};

static error_t option(int key, char *arg, struct argp_state *state) {
    Explain *e = state->input;
    switch (key) {
    case 'a': e->agencies = arg; return 0;
    case 'o': e->owner = arg; return 0;
    case 'c': e->class = arg; return 0;
    case 'r': e->recipient = arg; return 0;
    case 't': e->type = arg; return 0;
    case 'p': e->purpose = arg; return 0;
    case 'g': e->rating = arg; return 0;
    case 'T': e->tier = arg; return 0;
    case 'd': e->day = arg; return 0;
    case 'P': e->prose = true; return 0;
    case 'A': e->authorised = true; return 0;
    case KEY_summary: e->no_summary = true; return 0;
    case KEY_desk: e->no_desk = true; return 0;
    case ARGP_KEY_ARG:
        if (e->file) argp_usage(state);
        e->file = arg;
        return 0;
    case ARGP_KEY_END:
        if (!e->file) argp_usage(state);
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp command_line = {
    .options = options,
    .parser = option,
    .args_doc = "FILE",
    .doc = "Says what would become of one item, and why: the rule that decided and every other "
           "that was considered.",
};

int policy_explain_run(int argc, char **argv) {
    Explain e = {0};
    (void)argp_parse(&command_line, argc, argv, 0, NULL, &e); /* ends the program when it fails */
    return explain(&e);
}
