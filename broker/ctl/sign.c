/* Signing, offline: the key stays on the machine of the person who holds it. */
#include "broker/ctl/ctl.h"

#include "broker/io/keyfile.h"
#include "schemas/authorise.h"

#include <fcntl.h>
#include <limits.h>

enum { POLICY_MOST = 65536 }; /* as an argument of a command */

/* The signature that the key has among the lines already, in hex; {0}: none. */
static Str signed_before(Str lines, const char *id) {
    Str line, word;
    while (str_split(&lines, '\n', &line)) {
        if (str_split(&line, ' ', &word) && str_is(word, id)) return str_trim(line);
    }
    return (Str){0};
}

static int complain_before(const char *path, const Key *public, Str hex, Str message) {
    uint8_t raw[SIG_LEN];
    bool same = hex_decode(hex, raw, sizeof(raw)) &&
                ed25519_verify(public, str_bytes(message), BYTES_OF(raw));
    return complain(path, same ? "this key has signed this already; the second person signs next"
                               : "this key has signed something else here: another text, version, "
                                 "owner, realm or day. Remove the file and let everybody sign "
                                 "again");
}

static int line_add(const char *path, const char *id, const Signature *signature) {
    char hex[2 * SIG_LEN + 1], line[256];
    hex_encode(BYTES_OF(signature->at), hex);
    int len = snprintf(line, sizeof(line), "%s %s\n", id, hex);
    _cleanup_(fd_closep) int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    bool ok = fd >= 0 && len > 0 && write(fd, line, (size_t)len) == len && fsync(fd) == 0;
    return ok ? 0 : complain(path, "cannot be written");
}

int signature_add(const char *path, const char *key_file, Str message) {
    _cleanup_(arena_freep) Arena *a = arena_new(1024 * 1024);
    char id[KEY_ID_LEN + 1];
    Str before = {0};
    Signature signature;
    Key secret, public;
    if (!a) return ERR_MEMORY;
    int r = secret_read(key_file, &secret);
    if (r) return r;
    r = ed25519_public(&secret, &public);
    if (r == 0) r = key_id(&public, id);
    if (r == 0) r = ed25519_sign(&secret, str_bytes(message), &signature);
    key_wipe(&secret);
    if (r) return r;
    if (file_read(a, path, POLICY_MOST, &before) == 0) before = signed_before(before, id);
    if (before.len) return complain_before(path, &public, before, message);
    r = line_add(path, id, &signature);
    if (r == 0) (void)fprintf(stderr, "Signed with key %s: %s\n", id, path);
    return r;
}

int policy_sign(const char *file, Str text, const char *key_file, const PolicyName *n) {
    _cleanup_(arena_freep) Arena *a = arena_new(1024 * 1024);
    char path[PATH_MAX];
    if (!a) return ERR_MEMORY;
    if (text.len > POLICY_MOST) return complain(file, "is longer than 64 KiB: no hub takes it");
    int len = snprintf(path, sizeof(path), "%s.sig", file);
    if (len < 0 || (size_t)len >= sizeof(path)) return complain(file, "the name is too long");
    Str message = policy_message(a, n->realm, n->owner, n->version, n->from, text);
    int r = message.at ? signature_add(path, key_file, message) : ERR_MEMORY;
    if (r == 0) {
        (void)fprintf(stderr, "It is version %lld of %.*s (%.*s), from %.*s on.\n",
                      (long long)n->version, STR_ARG(n->owner), STR_ARG(n->realm),
                      STR_ARG(n->from.len ? n->from : STR("its loading")));
    }
    return r;
}

/* ---- an owner's word ------------------------------------------------------------------------- */

enum { LETTER_MOST = 1024 * 1024 };

/* The letter alone, or the answer of authorise-show with the letter in it. */
static Str letter_text(Arena *a, Str file) {
    _cleanup_(json_decrefp) json_t *whole = json_loadb(file.at, file.len, 0, NULL);
    const json_t *letter = json_object_get(whole, "letter");
    char *text = letter ? json_dumps(letter, JSON_COMPACT) : NULL;
    Str copy = text ? arena_str(a, str_z(text)) : file;
    free(text);
    return copy;
}

static int word_print(const AuthoriseAsked *asked, const Value *word) {
    char id[ID_TEXT], hex[2 * SIG_LEN + 1];
    const Value *by = value_get(word, F_authorisation_endorsement);
    Str reason = value_text(word, F_authorisation_reason);
    id_text(asked->terms.request, id);
    hex_encode(value_bytes(by, F_endorsement_signature), hex);
    (void)fprintf(stderr, "%.*s", STR_ARG(asked->words));
    (void)printf("request=%s verdict=%.*s%s%.*s key=%.*s signature=%s\n", id,
                 STR_ARG(value_text(word, F_authorisation_verdict)), reason.len ? " reason=" : "",
                 STR_ARG(reason), STR_ARG(value_text(by, F_endorsement_key)), hex);
    return fflush(stdout) == 0 ? 0 : ERR_FILE;
}

static int word_sign(Arena *a, const AuthoriseAsked *asked, const char *refuse,
                     const char *key_file, const Value **ret) {
    Key secret, public;
    char *id = arena_alloc(a, KEY_ID_LEN + 1);
    if (!id) return ERR_MEMORY;
    int r = secret_read(key_file, &secret);
    if (r) return r;
    r = ed25519_public(&secret, &public);
    if (r == 0) r = key_id(&public, id);
    /* When it was said is the hub's to tell: this goes by hand, and at once. */
    if (r == 0) {
        r = authorise_answer(a, asked, str_z(refuse ? refuse : ""), &secret, str_z(id), (Str){0},
                             ret);
    }
    key_wipe(&secret);
    return r > 0 ? complain(refuse ? refuse : key_file, reason_sentence(r)) : r;
}

int authorise_sign(const char *file, const char *key_file, const char *refuse) {
    _cleanup_(arena_freep) Arena *a = arena_new(16 * 1024 * 1024);
    AuthoriseAsked asked;
    const Value *word = NULL;
    Fault fault;
    Str text;
    if (!a) return ERR_MEMORY;
    int r = text_read(a, file, LETTER_MOST, &text);
    if (r) return r;
    r = authorise_read(a, letter_text(a, text), &asked, &fault);
    if (r == REFUSE_commitment_wrong) {
        return complain(file, "is not as the hub sent it: these are not the words asked about");
    }
    if (r > 0) return complain(file, reason_sentence(r));
    if (r == 0) r = word_sign(a, &asked, refuse, key_file, &word);
    return r ? r : word_print(&asked, word);
}
