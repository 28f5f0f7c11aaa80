/* The commands that sign, offline: an act of an agency's people, an owner's word, a choice. What
 * each of them signs: people.c, sign.c, endorse.c. */
#include "broker/ctl/ctl.h"
#include "broker/ctl/offline.h"
#include "schemas/envelope.h"

#include <argp.h>

enum { WORDS_MAX = 32 };

typedef struct Signing {
    int least, most; /* words that the command takes */
    const char *key, *refuse;
    const char *word[WORDS_MAX];
    int count;
} Signing;

static const struct argp_option options[] = {
    {"key", 'k', "FILE", 0, "your ed25519-secret key file", 0},
    {0},
};

static const struct argp_option word_options[] = {
    {"key", 'k', "FILE", 0, "your ed25519-secret key file", 0},
    {"refuse", 'r', "REASON", 0, "refuse, for a reason of refusal_reason", 0},
    {0},
};

static error_t option(int key, char *arg, struct argp_state *state) {
    Signing *s = state->input;
    switch (key) {
    case 'k': s->key = arg; return 0;
    case 'r': s->refuse = arg; return 0;
    case ARGP_KEY_ARG:
        if (s->count == s->most) argp_usage(state);
        s->word[s->count++] = arg;
        return 0;
    case ARGP_KEY_END:
        if (s->count < s->least) argp_usage(state);
        if (!s->key) argp_error(state, "--key FILE is missing: whose signature is it?");
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static int exit_of(int r) {
    return r > 0 ? OFFLINE_USAGE : r ? OFFLINE_REFUSED : OFFLINE_DONE;
}

/* ---- people-sign ----------------------------------------------------------------------------- */

static const struct argp people_line = {
    .options = options,
    .parser = option,
    .args_doc = "SIGNATURES realm=REALM agency=AGENCY act=ACT [NAME=VALUE ...]",
    .doc = "Adds your signature of an act of your agency's people to the file SIGNATURES.\v"
           "Two people sign the same words; a hub manager brings them with the file's lines.",
};

int people_sign_run(int argc, char **argv) {
    Signing s = {.least = 2, .most = WORDS_MAX};
    (void)argp_parse(&people_line, argc, argv, 0, NULL, &s); /* ends the program when it fails */
    return exit_of(people_sign(s.word + 1, s.count - 1, s.word[0], s.key));
}

/* ---- authorise-sign -------------------------------------------------------------------------- */

static const struct argp word_line = {
    .options = word_options,
    .parser = option,
    .args_doc = "FILE",
    .doc = "Shows exactly what would leave, and signs your agency's word on it.\v"
           "FILE is what `authorise-show --json` printed, or the adapter's desk has.",
};

int authorise_sign_run(int argc, char **argv) {
    Signing s = {.least = 1, .most = 1};
    (void)argp_parse(&word_line, argc, argv, 0, NULL, &s); /* ends the program when it fails */
    return exit_of(authorise_sign(s.word[0], s.key, s.refuse));
}

/* ---- choice-sign ----------------------------------------------------------------------------- */

static const struct argp choice_line = {
    .options = options,
    .parser = option,
    .args_doc = "FILE owner=AGENCY realm=REALM",
    .doc = "Adds your endorsement to your agency's choice in FILE.\v"
           "Two people endorse what keeps a thing in silently, or at its source.",
};

/* The value of "name=value"; {0} for another name. */
static Str word_value(const char *word, const char *name) {
    Str value = str_z(word), at;
    return str_split(&value, '=', &at) && str_is(at, name) ? value : (Str){0};
}

int choice_sign_run(int argc, char **argv) {
    Signing s = {.least = 3, .most = 3};
    PolicyName name = {0};
    (void)argp_parse(&choice_line, argc, argv, 0, NULL, &s); /* ends the program when it fails */
    for (int i = 1; i < s.count; i++) {
        if (word_value(s.word[i], "owner").len) name.owner = word_value(s.word[i], "owner");
        if (word_value(s.word[i], "realm").len) name.realm = word_value(s.word[i], "realm");
    }
    if (name.owner.len == 0 || !code_known(LIST_realm, name.realm)) {
        (void)complain("choice-sign", "owner= is missing, or realm= is not live or demonstration");
        return OFFLINE_USAGE;
    }
    return exit_of(choice_sign(s.word[0], s.key, &name));
}
