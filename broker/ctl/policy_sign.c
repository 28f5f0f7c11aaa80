/* `mashctl policy sign`: one person's signature on a policy, on her own machine. See sign.c. */
#include "broker/ctl/ctl.h"
#include "broker/ctl/offline.h"
#include "broker/ctl/policy.h"
#include "broker/release/rule.h"

#include <argp.h>

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

static bool complete(Sign *s) {
    uint64_t number = 0;
    bool numbered = str_u64(s->version, &number) && number > 0 && number <= INT32_MAX;
    s->name.version = (int64_t)number;
    return s->text && s->key && numbered && s->name.owner.len > 0 &&
           code_known(LIST_realm, s->name.realm);
}

/* ---- the command line ------------------------------------------------------------------------ */

static const struct argp_option options[] = {
    {"key", 'k', "FILE", 0, "your ed25519-secret key file", 0},
    {0},
};

static error_t option(int key, char *arg, struct argp_state *state) {
    Sign *s = state->input;
    switch (key) {
    case 'k': s->key = arg; return 0;
    case ARGP_KEY_ARG:
        if (word_take(arg, "owner", &s->name.owner) || word_take(arg, "realm", &s->name.realm) ||
            word_take(arg, "version", &s->version) || word_take(arg, "from", &s->name.from)) {
            return 0;
        }
        if (s->text) argp_usage(state);
        s->text = arg;
        return 0;
    case ARGP_KEY_END:
        if (s->name.from.len && !day_valid(s->name.from)) {
            argp_error(state, "from= is a day of the calendar, written YYYY-MM-DD");
        }
        if (!complete(s)) argp_usage(state);
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
    return policy_sign(s.text, s.key, &s.name) == 0 ? OFFLINE_DONE : OFFLINE_REFUSED;
}
