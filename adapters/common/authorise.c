/* See authorise.h. */
#include "adapters/common/authorise.h"

#include "adapters/common/files.h"
#include "broker/io/clock.h"
#include "broker/io/keyfile.h"
#include "schemas/authorise.h"

#include <argp.h>

enum { EXIT_REFUSED = 1, EXIT_USAGE = 2, MEMORY = 16 * 1024 * 1024 };

typedef struct Options {
    const char *program, *file, *key, *refuse, *reply;
} Options;

static int complain(const Options *o, const char *what, const char *why) {
    (void)fprintf(stderr, "%s authorise: %s: %s\n", o->program, what, why);
    return EXIT_REFUSED;
}

/* ---- signing --------------------------------------------------------------------------------- */

static int asked_read(const Options *o, Arena *a, AuthoriseAsked *ret) {
    Bytes json;
    Fault fault = {0};
    char what[PATH_LEN + 128];
    int r = file_read(a, o->file, &json);
    if (r) return complain(o, o->file, "cannot be read");
    r = authorise_read(a, bytes_str(json), ret, &fault);
    if (r == 0) return 0;
    (void)snprintf(what, sizeof(what), "%s, at \"%s\"", o->file, fault.path);
    return complain(o, what,
                    r == REFUSE_commitment_wrong
                        ? "is not as the hub sent it: these are not the words asked about"
                        : (r > 0 ? reason_sentence(r) : err_name(r)));
}

static int answer_make(const Options *o, Arena *a, const AuthoriseAsked *asked, const Value **ret) {
    Key secret, public;
    char id[KEY_ID_LEN + 1], now[CLOCK_TEXT];
    if (keyfile_load(o->key, "ed25519-secret", &secret) != 0) {
        return complain(o, o->key, "is not an ed25519-secret key file with mode 0600");
    }
    clock_text(clock_ms(), now);
    int r = ed25519_public(&secret, &public);
    if (r == 0) r = key_id(&public, id);
    if (r == 0) {
        r = authorise_answer(a, asked, str_z(o->refuse ? o->refuse : ""), &secret,
                             arena_str(a, str_z(id)), arena_str(a, str_z(now)), ret);
    }
    key_wipe(&secret);
    if (r == 0) return 0;
    return complain(o, o->refuse ? o->refuse : o->file,
                    r == REFUSE_code_unknown ? "is not a reason for which sharing is refused"
                                             : err_name(r));
}

/* desk/authorise/<id>.json: the reply goes to desk/reply. */
static int reply_folder(const Options *o, char out[PATH_LEN]) {
    char copy[PATH_LEN];
    int n = snprintf(copy, sizeof(copy), "%s", o->file);
    if (n < 0 || n >= (int)sizeof(copy)) return ERR_CONFIG;
    char *slash = strrchr(copy, '/');
    if (slash) *slash = '\0';
    return path_join(out, slash ? copy : ".", "../reply");
}

static int reply_write(const Options *o, Arena *a, const AuthoriseAsked *asked,
                       const Value *answer) {
    char dir[PATH_LEN], name[ID_TEXT + 8], id[ID_TEXT];
    id_text(asked->terms.request, id);
    (void)snprintf(name, sizeof(name), "%s.json", id);
    Str json = codec_json(a, STRUCT_authorisation, answer);
    int r = o->reply ? path_join(dir, o->reply, ".") : reply_folder(o, dir);
    if (r == 0) r = json.at ? file_write(dir, name, str_bytes(json)) : ERR_MEMORY;
    return r == 0 ? 0
                  : complain(o, o->reply ? o->reply : o->file,
                             "the reply cannot be written; say with --reply which folder");
}

static int authorise(const Options *o) {
    _cleanup_(arena_freep) Arena *a = arena_new(MEMORY);
    AuthoriseAsked asked;
    const Value *answer = NULL;
    if (!a) return complain(o, o->file, "no memory");
    int r = asked_read(o, a, &asked);
    if (r == 0) r = answer_make(o, a, &asked, &answer);
    if (r == 0) r = reply_write(o, a, &asked, answer);
    if (r) return r;
    (void)printf("%.*s\n%s%s\n", STR_ARG(asked.words), o->refuse ? "Refused: " : "Granted.",
                 o->refuse ? o->refuse : "");
    return 0;
}

/* ---- the command line ------------------------------------------------------------------------ */

static const struct argp_option options[] = {
    {"key", 'k', "FILE", 0, "your ed25519-secret key file", 0},
    {"refuse", 'r', "REASON", 0, "refuse, for a reason from the list refusal_reason", 0},
    {"reply", 'o', "FOLDER", 0, "where the reply goes; otherwise desk/reply beside the file", 0},
    {0},
};

static error_t option(int key, char *arg, struct argp_state *state) {
    Options *o = state->input;
    switch (key) {
    case 'k': o->key = arg; return 0;
    case 'r': o->refuse = arg; return 0;
    case 'o': o->reply = arg; return 0;
    case ARGP_KEY_ARG:
        if (o->file) argp_usage(state);
        o->file = arg;
        return 0;
    case ARGP_KEY_END:
        if (!o->file || !o->key) argp_usage(state);
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

int authorise_main(int argc, char **argv, const char *program) {
    static const struct argp command_line = {
        .options = options,
        .parser = option,
        .args_doc = "desk/authorise/ID.json --key FILE",
        .doc = "Grants, or refuses, that exactly this of your agency's may leave, and shows it.",
    };
    Options o = {.program = program};
    argp_err_exit_status = EXIT_USAGE;
    (void)argp_parse(&command_line, argc, argv, 0, NULL, &o); /* ends the program when it fails */
    return authorise(&o);
}
