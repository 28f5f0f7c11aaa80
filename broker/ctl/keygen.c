/* mash-keygen: makes the keys of a hub, an agency, a person or a member of staff. It never writes
 * over a key: what is there stays, what is missing is made, so that it may be run again at any
 * time. A secret never leaves its file; what is printed are the ids of the public halves that were
 * made. */
#include "broker/io/keyfile.h"
#include "broker/io/wire.h"

#include <argp.h>
#include <errno.h>
#include <limits.h>
#include <sys/stat.h>

/* ---- the kinds of key, and who needs which --------------------------------------------------- */

typedef struct Family {
    const char *name; /* <name>-secret, <name>-public */
    int (*pair)(KeyPair *ret);
    int (*public)(const Key *secret, Key *ret); /* NULL: there is no public half */
} Family;

static int random_secret(KeyPair *ret) {
    return random_bytes(ret->secret.at, sizeof(ret->secret.at));
}

static const Family aes = {"aes", random_secret, NULL};
static const Family hmac = {"hmac", random_secret, NULL};
static const Family ed25519 = {"ed25519", ed25519_pair, ed25519_public};
static const Family x25519 = {"x25519", x25519_pair, x25519_public};
static const Family curve = {"curve", wire_pair, wire_public};

typedef struct Wanted {
    const char *who;
    const char *name; /* NULL: the one given on the command line */
    const Family *family;
} Wanted;

static const Wanted table[] = {
    {"hub", "intake", &x25519},       /* content is sealed to it */
    {"hub", "storage", &aes},         /* wraps the keys in the vault */
    {"hub", "index", &hmac},          /* match keys and native references */
    {"hub", "letter-sign", &ed25519}, /* inside every letter */
    {"hub", "ack", &ed25519},         /* acknowledgements and refusals */
    {"hub", "log", &ed25519},         /* checkpoints */
    {"hub", "intake", &curve},        {"hub", "hub", &curve},         {"hub", "courier", &curve},
    {"agency", "transport", &curve},  {"agency", "origin", &ed25519}, {"agency", "letter", &x25519},
    {"agency", "witness", &ed25519},  {"agency", "spool", &aes},      {"people", NULL, &ed25519},
    {"staff", "staff", &curve},
};

/* ---- making one ------------------------------------------------------------------------------ */

typedef struct KeyPath {
    char at[PATH_MAX];
    char kind[32];
} KeyPath;

static bool path_of(const char *dir, const char *name, const Family *f, const char *half,
                    KeyPath *ret) {
    int kind = snprintf(ret->kind, sizeof(ret->kind), "%s-%s", f->name, half);
    int path = snprintf(ret->at, sizeof(ret->at), "%s/%s.%s", dir, name, ret->kind);
    return kind > 0 && path > 0 && (size_t)path < sizeof(ret->at);
}

static int complain(const KeyPath *p, const char *what) {
    (void)fprintf(stderr, "mash-keygen: %s: %s\n", p->at, what);
    return ERR_FILE;
}

static bool there(const KeyPath *p) {
    return access(p->at, F_OK) == 0;
}

static int secret_make(const Family *f, const KeyPath *secret, Key *ret) {
    KeyPair pair = {0};
    int r = f->pair(&pair);
    if (r == 0) r = keyfile_save(secret->at, secret->kind, &pair.secret);
    *ret = pair.secret;
    key_wipe(&pair.secret);
    return r;
}

static int public_make(const Family *f, const KeyPath *public, const Key *secret) {
    Key derived, held;
    char id[KEY_ID_LEN + 1];
    int r = f->public(secret, &derived);
    if (r) return complain(public, "cannot be derived from its secret");
    if (there(public)) {
        r = keyfile_load(public->at, public->kind, &held);
        bool same = r == 0 && memcmp(held.at, derived.at, sizeof(held.at)) == 0;
        return same ? 0 : complain(public, "does not belong to the secret beside it");
    }
    r = keyfile_save(public->at, public->kind, &derived);
    if (r == 0) r = key_id(&derived, id);
    if (r) return complain(public, "cannot be written");
    (void)printf("%s %s\n", id, public->at);
    return 0;
}

static int key_make(const char *dir, const char *name, const Family *f) {
    KeyPath secret = {0}, public = {0};
    Key key;
    if (!path_of(dir, name, f, "secret", &secret) || !path_of(dir, name, f, "public", &public)) {
        return ERR_FILE;
    }
    if (!there(&secret) && there(&public)) {
        return complain(&secret, "is not here though its public half is; nothing was made");
    }
    int r =
        there(&secret) ? keyfile_load(secret.at, secret.kind, &key) : secret_make(f, &secret, &key);
    if (r) return complain(&secret, "cannot be made, or is not a key of its kind with mode 0600");
    if (f->public) r = public_make(f, &public, &key);
    key_wipe(&key);
    return r;
}

/* ---- the command line ------------------------------------------------------------------------ */

typedef struct Options {
    const char *word[3]; /* who, DIR, NAME */
    int count;
} Options;

static bool name_plain(const char *name) {
    return *name && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-.") == strlen(name) &&
           *name != '.';
}

static error_t option(int key, char *arg, struct argp_state *state) {
    Options *o = state->input;
    if (key == ARGP_KEY_ARG) {
        if (o->count == (int)COUNT_OF(o->word)) argp_usage(state);
        o->word[o->count++] = arg;
        return 0;
    }
    if (key != ARGP_KEY_END) return ARGP_ERR_UNKNOWN;
    bool people = o->count > 0 && strcmp(o->word[0], "people") == 0;
    if (o->count != (people ? 3 : 2)) argp_usage(state);
    if (people && !name_plain(o->word[2])) {
        argp_error(state, "NAME is a post in small letters, digits, '-' and '.'");
    }
    return 0;
}

static const struct argp command_line = {
    .parser = option,
    .args_doc = "hub DIR\nagency DIR\nstaff DIR\npeople DIR NAME",
    .doc = "Makes the keys that are missing in DIR and prints the ids of the public halves made.\v"
           "NAME is the post that holds the key, for example police-siro. Existing files are kept.",
};

int main(int argc, char **argv) {
    Options o = {0};
    bool known = false;
    argp_err_exit_status = 2;
    (void)argp_parse(&command_line, argc, argv, 0, NULL, &o);
    (void)umask(022);
    if (mkdir(o.word[1], 0700) != 0 && errno != EEXIST) {
        (void)fprintf(stderr, "mash-keygen: %s cannot be made\n", o.word[1]);
        return 1;
    }
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        if (strcmp(table[i].who, o.word[0]) != 0) continue;
        known = true;
        const char *name = table[i].name ? table[i].name : o.word[2];
        if (key_make(o.word[1], name, table[i].family) != 0) return 1;
    }
    if (known) return 0;
    (void)fprintf(stderr, "mash-keygen: keys are for a hub, an agency, staff or people\n");
    return 2;
}
