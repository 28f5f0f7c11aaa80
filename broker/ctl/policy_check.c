/* `mashctl policy check`: may this be signed? What is not understood ends with 1; what is
 * understood and worth a look is said, and ends with 0 (with --strict: 1). */
#include "broker/ctl/offline.h"
#include "broker/ctl/policy.h"
#include "broker/release/findings.h"
#include "broker/release/rule.h"

#include <argp.h>

enum { MEMORY = 64 * 1024 * 1024 };

typedef struct Check {
    const char *file, *agencies, *day;
    bool print, strict;
} Check;

static void print_rules(Arena *a, const Policy *p) {
    for (size_t i = 0; i < p->count; i++) {
        Str line = rule_print(a, &p->rules[i]);
        (void)printf("%6zu  %.*s\n", p->rules[i].line, STR_ARG(line));
    }
}

static void print_summary(const Policy *p, const Domain *d) {
    char hex[2 * HASH_LEN + 1], cases[32];
    size_t never = 0;
    for (size_t i = 0; i < p->count; i++) never += p->rules[i].never;
    hex_encode(BYTES_OF(p->digest.at), hex);
    (void)printf("%.*s: %zu rule%s (%zu allow, %zu never), %s cases covered; digest %s\n",
                 STR_ARG(p->owner), p->count, p->count == 1 ? "" : "s", p->count - never, never,
                 count_text(domain_cases(d), cases), hex);
}

static int check_policy(Arena *a, const Check *c, const Policy *p, const Agencies *agencies,
                        Str today, size_t *ret_found) {
    Finding *found = NULL;
    size_t count = 0;
    Domain d;
    int r = domain_of(a, p, 1, agencies->at, agencies->count, &d);
    if (r == 0) r = policy_findings(a, p, agencies->at, agencies->count, today, &found, &count);
    if (r) return r;
    print_summary(p, &d);
    if (c->print) print_rules(a, p);
    for (size_t i = 0; i < count; i++) {
        (void)printf("  %.*s\n", STR_ARG(finding_text(a, &found[i], today)));
    }
    *ret_found += count;
    return 0;
}

static int check(const Check *c) {
    _cleanup_(arena_freep) Arena *a = arena_new(MEMORY);
    Agencies agencies;
    Paper paper;
    Str today;
    size_t found = 0;
    if (!a) return OFFLINE_REFUSED;
    today = day_today(a);
    if (c->day && !word_day(c->day, &today)) return OFFLINE_USAGE;
    if (!agencies_read(a, c->agencies, &agencies)) return OFFLINE_REFUSED;
    if (!paper_read(a, c->file, &agencies, &paper)) return OFFLINE_REFUSED;
    for (size_t i = 0; i < paper.count; i++) {
        if (check_policy(a, c, &paper.at[i], &agencies, today, &found)) return OFFLINE_REFUSED;
    }
    if (paper.count == 0) (void)printf("no rule: whatever is asked, it is withheld\n");
    if (paper.count > 1) {
        (void)printf("the file holds the rules of %zu owners: none can sign or load it as its own; "
                     "give each a file\n",
                     paper.count);
        found++;
    }
    if (found) (void)printf("%zu worth a look\n", found);
    return found && c->strict ? OFFLINE_REFUSED : OFFLINE_DONE;
}

/* ---- the command line ------------------------------------------------------------------------ */

static const struct argp_option options[] = {
    {"agencies", 'a', "FILE", 0, "the agencies there are, a line each: CODE TYPE", 0},
    {"day", 'd', "DAY", 0, "as of this day (YYYY-MM-DD); otherwise today", 0},
    {"print", 'p', NULL, 0, "say every rule again, as it is understood", 0},
    {"strict", 's', NULL, 0, "end with 1 when anything is worth a look", 0},
    {0},
};

static error_t option(int key, char *arg, struct argp_state *state) {
    Check *c = state->input;
    switch (key) {
    case 'a': c->agencies = arg; return 0;
    case 'd': c->day = arg; return 0;
    case 'p': c->print = true; return 0;
    case 's': c->strict = true; return 0;
    case ARGP_KEY_ARG:
        if (c->file) argp_usage(state);
        c->file = arg;
        return 0;
    case ARGP_KEY_END:
        if (!c->file) argp_usage(state);
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp command_line = {
    .options = options,
    .parser = option,
    .args_doc = "FILE",
    .doc = "Reads a policy as the hub would, and says what is worth a look.\v"
           "Without --agencies every well-spelt code is taken for an agency. Ends with 1 when the "
           "text is not understood or contradicts itself.",
};

int policy_check_run(int argc, char **argv) {
    Check c = {0};
    (void)argp_parse(&command_line, argc, argv, 0, NULL, &c); /* ends the program when it fails */
    return check(&c);
}
