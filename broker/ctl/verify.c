/* mash-verify: the offline proof. Links no database, no network, and nothing that writes the
 * ledger; keys and origin come from the person who verifies. Exit codes: 0 proven, 1 not proven, 2
 * could not read. */
#include "broker/ctl/prove.h"

#include "broker/base/err.h"

#include <argp.h>

enum { EXIT_PROVEN, EXIT_NOT_PROVEN, EXIT_UNREADABLE, ARENA_CAP = 1 << 20 };

typedef struct Arguments {
    Arena *arena;
    const char *word[3]; /* the command and its paths */
    unsigned words;
    const char *log_key, *head;
    Trusted trusted;
    bool quorum_given;
} Arguments;

static const struct argp_option options[] = {
    {"log-key", 'k', "FILE", 0, "the ledger's ed25519-public key, as handed over in person", 0},
    {"origin", 'o', "ORIGIN", 0, "the ledger's name, e.g. mash.example/hub/live", 0},
    {"witness", 'w', "NAME=FILE", 0, "a witness's key name and its ed25519-public key", 0},
    {"quorum", 'q', "N", 0, "how many witnesses must have cosigned (default: all that are named)",
     0},
    {"head", 'h', "FILE", 0, "a signed head that you kept yourself: must be of the same ledger", 0},
    {0},
};

/* "ed25519-public <64 hex digits>\n" */
static bool key_read(Arena *a, const char *path, Key *ret) {
    Str text = {0}, kind = {0};
    if (!file_read(a, path, &text)) return false;
    text = str_trim(text);
    if (str_split(&text, ' ', &kind) && str_is(kind, "ed25519-public") &&
        hex_decode(text, ret->at, sizeof(ret->at))) {
        return true;
    }
    (void)fprintf(stderr, "mash-verify: %s is no ed25519-public key\n", path);
    return false;
}

static void witness_add(Arguments *args, const char *value, struct argp_state *state) {
    Trusted *trusted = &args->trusted;
    const char *path = strchr(value, '=');
    if (!path || path == value) argp_error(state, "a witness is given as NAME=FILE");
    if (trusted->witnesses == WITNESSES_MAX) argp_error(state, "too many witnesses");
    Witness *w = &trusted->witness[trusted->witnesses++];
    w->name = (Str){.at = value, .len = (size_t)(path - value)};
    if (!key_read(args->arena, path + 1, &w->public)) exit(EXIT_UNREADABLE);
}

static error_t argument(int key, char *value, struct argp_state *state) {
    Arguments *args = state->input;
    uint64_t number;
    switch (key) {
    case 'k': args->log_key = value; return 0;
    case 'o': args->trusted.origin = str_z(value); return 0;
    case 'w': witness_add(args, value, state); return 0;
    case 'q':
        if (!str_u64(str_z(value), &number) || number > WITNESSES_MAX) {
            argp_error(state, "not a number of witnesses");
        }
        args->trusted.quorum = (size_t)number;
        args->quorum_given = true;
        return 0;
    case 'h': args->head = value; return 0;
    case ARGP_KEY_ARG:
        if (args->words == COUNT_OF(args->word)) argp_usage(state);
        args->word[args->words++] = value;
        return 0;
    case ARGP_KEY_END:
        if (!args->log_key || !args->trusted.origin.at) {
            argp_error(state,
                       "--log-key and --origin are needed: the export cannot vouch for itself");
        }
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static int prove(Arguments *args, Ledger **ret) {
    bool acks = args->words == 3;
    Str note = {0};
    int r = ledger_prove(args->word[acks ? 2 : 1], &args->trusted, stdout, ret);
    if (r == 0 && args->head) {
        r = file_read(args->arena, args->head, &note) ? 0 : ERR_FILE;
        if (r == 0) r = ledger_prove_head(*ret, &args->trusted, note);
    }
    return r == 0 && acks ? ledger_prove_acks(*ret, args->word[1]) : r;
}

static int verify(Arguments *args) {
    _cleanup_(ledger_freep) Ledger *ledger = NULL;
    if (!args->quorum_given) args->trusted.quorum = args->trusted.witnesses;
    if (!key_read(args->arena, args->log_key, &args->trusted.log_key)) return EXIT_UNREADABLE;
    int r = prove(args, &ledger);
    if (r < 0) {
        (void)fprintf(stderr, "mash-verify: nothing is said about this ledger: %s\n", err_name(r));
        return EXIT_UNREADABLE;
    }
    ledger_verdict(ledger, &args->trusted);
    return ledger_wrong(ledger) ? EXIT_NOT_PROVEN : EXIT_PROVEN;
}

static bool command_known(const Arguments *args) {
    if (args->words == 2) return strcmp(args->word[0], "ledger") == 0;
    return args->words == 3 && strcmp(args->word[0], "acks") == 0;
}

static const char manual[] =
    "Proves that an exported ledger (a folder written by sql/export.sql) is what was signed, and "
    "that it holds what an agency was promised.\v"
    "ACKS.tsv has a line for each acknowledgement: message id, row, leaf in hex, and optionally "
    "the commitment in hex, parted by tabs.\n"
    "Exit status: 0 proven, 1 not proven, 2 could not be read.";

int main(int argc, char **argv) {
    static const struct argp parser = {
        .options = options,
        .parser = argument,
        .args_doc = "ledger EXPORT\nacks ACKS.tsv EXPORT",
        .doc = manual,
    };
    _cleanup_(arena_freep) Arena *arena = arena_new(ARENA_CAP);
    Arguments args = {.arena = arena};
    argp_err_exit_status = EXIT_UNREADABLE;
    if (!arena || argp_parse(&parser, argc, argv, 0, NULL, &args) != 0) return EXIT_UNREADABLE;
    if (command_known(&args)) return verify(&args);
    (void)fputs("usage: mash-verify ledger EXPORT ... or mash-verify acks ACKS.tsv EXPORT ...\n",
                stderr);
    return EXIT_UNREADABLE;
}
