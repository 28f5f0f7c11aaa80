/* `mashctl policy sign`: one person's signature on a policy, on her own machine, after it was read
 * as any hub would by its words. See sign.c. */
#include "broker/ctl/ctl.h"
#include "broker/ctl/offline.h"
#include "broker/ctl/policy.h"
#include "broker/release/findings.h"
#include "broker/release/rule.h"

#include <argp.h>

enum { MEMORY = 64 * 1024 * 1024 };

typedef struct Sign {
    const char *text, *key;
    PolicyName name;
    Str version;
} Sign;

/* "name=value", into `ret` when it has this name. */
static bool word_take(const char *word, const char *name, Str *ret) {
    Str value = str_z(word), at;
    bool is = str_split(&value, '=', &at) && str_is(at, name);
    if (is) *ret = value;
    return is;
}

/* 0: none. */
static int64_t version_of(Str word) {
    uint64_t number = 0;
    return str_u64(word, &number) && number <= INT32_MAX ? (int64_t)number : 0;
}

/* What is missing or wrong in how it was called; NULL: nothing. */
static const char *fault_of(const Sign *s) {
    if (!s->text) return "TEXT is missing: the file of the policy";
    if (!s->key) return "--key FILE is missing: whose signature is it?";
    if (!agency_code_valid(s->name.owner)) {
        return "owner= is missing, or no agency's code: whose policy is it?";
    }
    if (s->name.version == 0) {
        return "version= is missing, or no whole number from 1: the one that it will be, one more "
               "than the last that `mashctl policy-list` shows";
    }
    if (!code_known(LIST_realm, s->name.realm)) return "realm= must be live or demonstration";
    bool day = s->name.from.len == 0 || day_valid(s->name.from);
    return day ? NULL : "from= is a day of the calendar, written YYYY-MM-DD";
}

/* ---- what may be signed ---------------------------------------------------------------------- */

static int refuse_other(const Paper *paper, const Policy *its, Str owner) {
    (void)fprintf(stderr,
                  "mashctl: %s: line %zu is a rule of %.*s, and what is signed as %.*s's may hold "
                  "its own rules alone; give each owner a file\n",
                  paper->path, its->rules[0].line, STR_ARG(its->owner), STR_ARG(owner));
    return ERR_CONFIG;
}

static int warn(Arena *a, const Policy *p, Str today) {
    Finding *at = NULL;
    size_t count = 0;
    int r = policy_findings(a, p, NULL, 0, today, &at, &count);
    for (size_t i = 0; r == 0 && i < count; i++) {
        Str text = finding_text(a, &at[i], today);
        (void)fprintf(stderr, "Worth a look before anybody else signs: %.*s\n", STR_ARG(text));
    }
    return r;
}

/* By its words alone: the hub knows the agencies, too. */
static int check(Arena *a, const Sign *s, Paper *paper) {
    Agencies agencies = {0};
    if (!paper_read(a, s->text, &agencies, paper)) return ERR_CONFIG;
    for (size_t i = 0; i < paper->count; i++) {
        const Policy *its = &paper->at[i];
        if (!str_eq(its->owner, s->name.owner)) return refuse_other(paper, its, s->name.owner);
    }
    Policy whole = paper_policy(paper, s->name.owner);
    if (whole.count == 0) {
        (void)fprintf(stderr, "Worth a look: there is no rule in it, so all is withheld\n");
    }
    return warn(a, &whole, s->name.from.len ? s->name.from : day_today(a));
}

/* ---- the command line ------------------------------------------------------------------------ */

static const struct argp_option options[] = {
    {"key", 'k', "FILE", 0, "your ed25519-secret key file", 0},
    {0},
};

static error_t option(int key, char *arg, struct argp_state *state) {
    Sign *s = state->input;
    const char *fault;
    switch (key) {
    case 'k': s->key = arg; return 0;
    case ARGP_KEY_ARG:
        if (word_take(arg, "owner", &s->name.owner) || word_take(arg, "realm", &s->name.realm) ||
            word_take(arg, "version", &s->version) || word_take(arg, "from", &s->name.from)) {
            return 0;
        }
        if (s->text) argp_error(state, "\"%s\" is one word too many: one text is signed", arg);
        s->text = arg;
        return 0;
    case ARGP_KEY_END:
        s->name.version = version_of(s->version);
        fault = fault_of(s);
        if (fault) argp_error(state, "%s", fault);
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp command_line = {
    .options = options,
    .parser = option,
    .args_doc = "TEXT owner=AGENCY version=N realm=REALM [from=DAY]",
    .doc = "Signs a policy into TEXT.sig, as the version that it will be.\v"
           "With from= it comes into force on that day, at 00:00 Europe/London. "
           "Two people of the owner sign; a hub manager loads text and signatures (policy-load).",
};

int policy_sign_run(int argc, char **argv) {
    Sign s = {0};
    (void)argp_parse(&command_line, argc, argv, 0, NULL, &s); /* ends the program when it fails */
    _cleanup_(arena_freep) Arena *a = arena_new(MEMORY);
    Paper paper;
    int r = a ? check(a, &s, &paper) : ERR_MEMORY;
    if (r == ERR_MEMORY) r = complain(s.text, "there is no memory to read it: nothing is signed");
    if (r == 0) r = policy_sign(s.text, paper.text, s.key, &s.name);
    return r ? OFFLINE_REFUSED : OFFLINE_DONE;
}
