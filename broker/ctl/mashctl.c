/* mashctl: a member of staff asks the hub. One command, one answer: 0 done, 1 refused (the sentence
 * on stderr says what, why and what to do), 2 wrongly called, 3 the hub does not answer. Who asks
 * is the CURVE key, nothing that is typed. */
#include "broker/ctl/ctl.h"

#include "broker/base/config.h"
#include "broker/ctl/offline.h"
#include "broker/io/clock.h"
#include "broker/io/keyfile.h"
#include "broker/io/wire.h"
#include "schemas/envelope.h"

#include <argp.h>

enum {
    EXIT_DONE,
    EXIT_REFUSED,
    EXIT_USAGE,
    EXIT_NO_HUB,
    WAIT_MS = 10 * 1000,
    MEMORY = 256 * 1024 * 1024, /* every page is asked for with the whole question */
    VALUE_MOST = 65536,
    WORDS_MAX = 32,
};

static const Setting settings[] = {
    {"hub.realm", NULL, "live or demonstration"},
    {"hub.endpoint", NULL, "tcp://..., or file:PATH of the file that the hub writes it to"},
    {"hub.public", NULL, "key file, curve-public: the hub's"},
    {"keys.curve", NULL, "key file, curve-secret: your own"},
    {0},
};

/* The first argument's name, for a word without "name=". */
typedef struct Asked {
    const char *name, *usage;
} Asked;

static const Asked commands[] = {
#define COMMAND(name, handler, roles, usage, doc) {name, usage},
#include "schemas/commands.def"
#undef COMMAND
};

typedef struct Options {
    const char *config;
    bool json;
    const char *since, *owner; /* of policy rehearse */
    const char *word[WORDS_MAX];
    int count;
} Options;

typedef struct Ask {
    Arena *a;
    const Options *o;
    Config *config;
    const Asked *command;
    Value *head;
    Id request;
    Str ref; /* of the enquiry, when there is one */
} Ask;

static int fail(int code, const char *what, const char *why) {
    (void)fprintf(stderr, "mashctl: %s%s%s\n", what, why[0] ? ": " : "", why);
    return code;
}

/* ---- from words to a command ----------------------------------------------------------------- */

static const Asked *command_find(const char *name) {
    for (size_t i = 0; i < COUNT_OF(commands); i++) {
        if (strcmp(commands[i].name, name) == 0) return &commands[i];
    }
    return NULL;
}

/* True when the command takes an argument of this name. */
static bool command_takes(const Asked *c, Str name) {
    Str rest = str_z(c->usage), word;
    while (str_split(&rest, ' ', &word)) {
        if (word.len > 2 && word.at[0] == '[') {
            word = (Str){.at = word.at + 1, .len = word.len - 2};
        }
        if (str_eq(word, name)) return true;
    }
    return false;
}

static Str first_argument(const Asked *c) {
    Str rest = str_z(c->usage), word = {0};
    if (!str_split(&rest, ' ', &word)) return (Str){0};
    bool optional = word.len > 2 && word.at[0] == '[';
    return optional ? (Str){.at = word.at + 1, .len = word.len - 2} : word;
}

/* NULL when there is none of this name yet. */
static Value *argument_find(const Ask *k, Str name) {
    const Value *list = value_get(k->head, F_command_argument);
    for (size_t i = 0; list && i < list->list.count; i++) {
        if (str_eq(value_text(list->list.at[i], F_argument_name), name)) return list->list.at[i];
    }
    return NULL;
}

/* Of two with one name, the last one counts. */
static void argument_add(Ask *k, Str name, Str value) {
    if (value.len == 0) return;
    if (str_is(name, "ref")) k->ref = value;
    Value *one = argument_find(k, name);
    if (!one) one = value_add_map(k->a, k->head, F_command_argument);
    value_set_text(k->a, one, F_argument_name, name);
    value_set_text(k->a, one, F_argument_value, value);
}

static Str upper(Arena *a, Str s) {
    char *at = arena_alloc(a, s.len + 1);
    for (size_t i = 0; at && i < s.len; i++) {
        at[i] = (char)(s.at[i] >= 'a' && s.at[i] <= 'z' ? s.at[i] - 'a' + 'A' : s.at[i]);
    }
    return (Str){.at = at, .len = at ? s.len : 0};
}

/* "name=value", "name=@FILE", or the bare value of the command's first argument. */
static int word_take(Ask *k, const char *text) {
    Str whole = str_z(text), name, value = {0};
    Str rest = whole;
    bool named =
        strchr(text, '=') && str_split(&rest, '=', &name) && command_takes(k->command, name);
    if (named) value = rest;
    if (!named && strchr(text, '='))
        return fail(EXIT_USAGE, "the command takes no such argument", text);
    if (!named) {
        name = first_argument(k->command);
        value = whole;
    }
    if (name.len == 0) return fail(EXIT_USAGE, "the command takes no arguments", text);
    if (named && value.len > 1 && value.at[0] == '@') {
        if (file_read(k->a, value.at + 1, VALUE_MOST, &value) != 0) {
            return fail(EXIT_USAGE, "cannot be read, or is longer than 64 KiB", text);
        }
    }
    if (!utf8_valid(str_bytes(value))) return fail(EXIT_USAGE, "is not UTF-8", text);
    argument_add(k, name, str_is(name, "ref") ? upper(k->a, value) : value);
    return 0;
}

static void remembered_add(Ask *k, const char *name, int64_t number) {
    if (number == 0 || argument_find(k, str_z(name))) return;
    if (!command_takes(k->command, str_z(name))) return;
    argument_add(k, str_z(name), arena_printf(k->a, "%lld", (long long)number));
}

static int command_make(Ask *k) {
    k->head = head_new(k->a, STRUCT_command);
    value_set_text(k->a, k->head, F_command_realm, str_z(config_text(k->config, "hub.realm")));
    value_set_text(k->a, k->head, F_command_name, str_z(k->command->name));
    for (int i = 1; i < k->o->count; i++) {
        int r = word_take(k, k->o->word[i]);
        if (r) return r;
    }
    if (!command_takes(k->command, STR("token")) || k->ref.len == 0) return 0;
    Claim claim = claim_read(k->o->config, k->ref);
    remembered_add(k, "token", claim.token);
    remembered_add(k, "version", claim.version);
    return 0;
}

/* ---- to the hub and back --------------------------------------------------------------------- */

static const char *endpoint_text(Ask *k) {
    const char *endpoint = config_text(k->config, "hub.endpoint");
    Str text;
    if (strncmp(endpoint, "file:", 5) != 0) return endpoint;
    if (file_read(k->a, endpoint + 5, ENDPOINT_MAX, &text) != 0) return NULL;
    return arena_str(k->a, str_trim(text)).at;
}

static int hub_dial(Ask *k, void *zmq, void **ret) {
    Key secret, hub;
    const char *mine = config_text(k->config, "keys.curve");
    const char *theirs = config_text(k->config, "hub.public");
    const char *endpoint = endpoint_text(k);
    if (!endpoint)
        return fail(EXIT_NO_HUB, "the hub has not said where it listens; is it running?", "");
    if (keyfile_load(theirs, "curve-public", &hub) != 0) {
        return fail(EXIT_USAGE, "not a curve-public key file", theirs);
    }
    if (keyfile_load(mine, "curve-secret", &secret) != 0) {
        return fail(EXIT_USAGE, "not a curve-secret key file with mode 0600", mine);
    }
    int r = wire_dial(zmq, endpoint, &secret, &hub, ret);
    key_wipe(&secret);
    return r ? fail(EXIT_NO_HUB, "the hub's address is not one", endpoint) : 0;
}

/* The answer to this request; others are not ours to read. */
static int answer_wait(Ask *k, void *socket, Frames *f, const Value **ret) {
    int64_t until = clock_mono_ms() + WAIT_MS;
    for (int64_t left = WAIT_MS; left > 0; left = until - clock_mono_ms()) {
        zmq_pollitem_t item = {.socket = socket, .events = ZMQ_POLLIN};
        StructKind kind = STRUCT_none;
        Fault fault;
        Id request;
        frames_clear(f);
        if (zmq_poll(&item, 1, (long)left) <= 0 || wire_take(socket, false, f) != 0) continue;
        if (head_decode(k->a, frame(f, 0), &kind, ret, &fault) != 0) continue;
        if (kind != STRUCT_result || !value_id(*ret, F_result_request, &request)) continue;
        if (id_eq(request, k->request)) return 0;
    }
    return fail(EXIT_NO_HUB,
                "the hub did not answer in 10 seconds. Is it running, and is your key enrolled? "
                "Whether the command was done is not known: look before you repeat it",
                "");
}

static void socket_closep(void **socket) {
    if (*socket) (void)zmq_close(*socket); /* fails only for what is no socket */
}

static void zmq_freep(void **zmq) {
    if (*zmq) (void)zmq_ctx_term(*zmq); /* fails only for what is no context */
}

static int hub_ask(Ask *k, Frames *f, const Value **ret) {
    _cleanup_(zmq_freep) void *zmq = zmq_ctx_new();
    _cleanup_(socket_closep) void *socket = NULL;
    Bytes bytes;
    if (!zmq || codec_encode(k->a, k->head, &bytes) != 0) return fail(EXIT_NO_HUB, "no memory", "");
    int r = hub_dial(k, zmq, &socket);
    if (r) return r;
    if (wire_put(socket, (Bytes){0}, &bytes, 1) != 0) return fail(EXIT_NO_HUB, "cannot send", "");
    return answer_wait(k, socket, f, ret);
}

/* ---- what came back -------------------------------------------------------------------------- */

/* Tokens and the version shown are kept; failing to is told, but the act was done. A later page
 * shows nothing of what came since the first. */
static void remember(const Ask *k, const json_t *result) {
    const char *name = k->command->name;
    bool claim = strcmp(name, "claim") == 0;
    bool show = strcmp(name, "show") == 0 && !argument_find(k, STR("after"));
    if (k->ref.len == 0 || (!claim && !show && strcmp(name, "release") != 0)) return;
    Claim c = claim_read(k->o->config, k->ref);
    if (claim) {
        c.token = json_integer_value(json_object_get(json_object_get(result, "claim"), "token"));
    } else if (show) {
        c.version =
            json_integer_value(json_object_get(json_object_get(result, "enquiry"), "version"));
    } else {
        c = (Claim){0};
    }
    if (claim_write(k->o->config, k->ref, c) == 0) return;
    (void)fprintf(stderr, "mashctl: the token could not be kept; give token= from now on\n");
}

static int refused(const Ask *k, Str reason, Str sentence) {
    if (k->o->json) {
        json_t *told = json_pack("{s:s%, s:s%}", "refused", reason.at, reason.len, "sentence",
                                 sentence.at ? sentence.at : "", sentence.len);
        (void)json_dumpf(told, stdout, JSON_COMPACT);
        (void)putchar('\n');
        json_decref(told);
    }
    (void)fprintf(stderr, "Refused (%.*s): %.*s\n", STR_ARG(reason), STR_ARG(sentence));
    return EXIT_REFUSED;
}

static int answer_read(const Ask *k, const Value *answer, json_t **ret) {
    Str reason = value_text(answer, F_result_reason), text = value_text(answer, F_result_json);
    if (reason.len) return refused(k, reason, value_text(answer, F_result_sentence));
    *ret = text.at ? json_loadb(text.at, text.len, 0, NULL) : json_object();
    return *ret ? 0 : fail(EXIT_NO_HUB, "the hub's answer is not JSON", "");
}

static int answer_show(const Ask *k, const json_t *result, Str sentence) {
    remember(k, result);
    if (k->o->json) {
        (void)json_dumpf(result, stdout, JSON_COMPACT);
        (void)putchar('\n');
    } else {
        show_result(stdout, k->command->name, result);
    }
    if (sentence.len) (void)fprintf(stderr, "%.*s\n", STR_ARG(sentence));
    return fflush(stdout) == 0 ? EXIT_DONE : fail(EXIT_NO_HUB, "the output cannot be written", "");
}

/* An answer that has a `next` is a page of a longer one. */
static int ask_all(Ask *k) {
    _cleanup_(frames_clear) Frames frames = {0};
    _cleanup_(json_decrefp) json_t *whole = NULL;
    const Value *answer = NULL;
    const char *next = NULL;
    do {
        _cleanup_(json_decrefp) json_t *page = NULL;
        if (next) argument_add(k, STR("after"), arena_str(k->a, str_z(next)));
        if (id_random(&k->request) != 0) return fail(EXIT_NO_HUB, "no random numbers", "");
        value_set_id(k->a, k->head, F_command_request, &k->request);
        int r = hub_ask(k, &frames, &answer);
        if (r == 0) r = answer_read(k, answer, &page);
        if (r) return r;
        next = pages_add(&whole, page);
    } while (next);
    return answer_show(k, whole, value_text(answer, F_result_sentence));
}

static int ask(const Options *o) {
    _cleanup_(config_freep) Config *config = NULL;
    _cleanup_(arena_freep) Arena *a = arena_new(MEMORY);
    char why[240];
    Ask k = {.a = a, .o = o, .command = command_find(o->word[0])};
    if (!a) return fail(EXIT_NO_HUB, "no memory", "");
    if (!k.command)
        return fail(EXIT_USAGE, "there is no such command; see mashctl help", o->word[0]);
    if (!o->config) {
        return fail(EXIT_USAGE, "no settings: give --config FILE or set MASHCTL_CONFIG", "");
    }
    if (config_load(o->config, settings, &config, why, sizeof(why)) != 0) {
        return fail(EXIT_USAGE, why, "");
    }
    k.config = config;
    int r = command_make(&k);
    return r ? r : ask_all(&k);
}

/* "policy rehearse FILE --since DAY": said as its neighbours on paper are, and asked of the hub. */
static int rehearse(const Options *o) {
    _cleanup_(arena_freep) Arena *a = arena_new(64 * 1024);
    if (o->count != 3 || !o->since) {
        return fail(EXIT_USAGE, "policy rehearse takes the new text's file and --since DAY", "");
    }
    Options asked = *o;
    asked.count = 0;
    asked.word[asked.count++] = "policy-rehearse";
    asked.word[asked.count++] = a ? arena_printf(a, "text=@%s", o->word[2]).at : NULL;
    asked.word[asked.count++] = a ? arena_printf(a, "since=%s", o->since).at : NULL;
    if (o->owner) asked.word[asked.count++] = a ? arena_printf(a, "owner=%s", o->owner).at : NULL;
    return !a || arena_failed(a) ? fail(EXIT_NO_HUB, "no memory", "") : ask(&asked);
}

/* ---- the command line ------------------------------------------------------------------------ */

enum { KEY_since = 256, KEY_owner };

static const struct argp_option options[] = {
    {"config", 'c', "FILE", 0, "settings; otherwise $MASHCTL_CONFIG", 0},
    {"json", 'j', NULL, 0, "print the answer as it came", 0},
    {"since", KEY_since, "DAY", 0, "policy rehearse: what has left since (YYYY-MM-DD)", 0},
    {"owner", KEY_owner, "AGENCY", 0, "policy rehearse: whose text, when it has no rule", 0},
    {0},
};

static error_t option(int key, char *arg, struct argp_state *state) {
    Options *o = state->input;
    switch (key) {
    case 'c': o->config = arg; return 0;
    case 'j': o->json = true; return 0;
    case KEY_since: o->since = arg; return 0;
    case KEY_owner: o->owner = arg; return 0;
    case ARGP_KEY_ARG:
        if (o->count == WORDS_MAX) argp_usage(state);
        o->word[o->count++] = arg;
        return 0;
    case ARGP_KEY_END:
        if (o->count == 0) argp_usage(state);
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp command_line = {
    .options = options,
    .parser = option,
    .args_doc = "COMMAND [NAME=VALUE ...]\nhelp\npolicy check|diff|matrix|explain|words|sign ...\n"
                "policy rehearse FILE --since DAY [--owner AGENCY]\n"
                "product preview ...\n"
                "link trial ...\n"
                "people-sign ...\nauthorise-sign ...\nchoice-sign ...",
    .doc =
        "Asks the hub, as the owner of your key.\v"
        "A value that starts with @ is read from that file. The first argument's name may be left "
        "out. `mashctl help` lists the commands; those on paper need no hub, and tell more with "
        "--help.",
};

/* "product preview" is on paper, "product product=ID" the hub's. */
static bool hub_is_asked(int argc, char **argv) {
    return argc > 2 && command_find(argv[1]) && strpbrk(argv[2], "=0123456789");
}

int main(int argc, char **argv) {
    Options o = {.config = getenv("MASHCTL_CONFIG")};
    const Offline *offline = offline_find(argc, argv);
    argp_err_exit_status = EXIT_USAGE;
    if (offline) return offline_run(offline, argc, argv);
    if (!hub_is_asked(argc, argv) && offline_lost(argc, argv)) return EXIT_USAGE;
    (void)argp_parse(&command_line, argc, argv, 0, NULL, &o); /* ends the program when it fails */
    if (strcmp(o.word[0], "help") == 0) {
        show_help(stdout);
        offline_help(stdout);
        return EXIT_DONE;
    }
    bool tried = o.count > 1 && strcmp(o.word[0], "policy") == 0;
    return tried && strcmp(o.word[1], "rehearse") == 0 ? rehearse(&o) : ask(&o);
}
