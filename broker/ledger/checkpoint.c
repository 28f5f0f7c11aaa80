/* Signed heads as text: C2SP signed-note, tlog-checkpoint and tlog-cosignature. Reading is strict
 * (one encoding for every value), because what is verified is what is shown to a person. */
#include "broker/ledger/ledger.h"

#include <openssl/evp.h>

enum {
    KEY_HASH_LEN = 4,
    TIME_LEN = 8,
    ED25519_NOTE = 0x01,
    COSIGNATURE_V1 = 0x04,
    LOG_BLOB = KEY_HASH_LEN + SIG_LEN,
    WITNESS_BLOB = KEY_HASH_LEN + TIME_LEN + SIG_LEN,
    BLOB_MAX = WITNESS_BLOB,
    BASE64_MAX = (BLOB_MAX + 2) / 3 * 4,
};

#define DASH "\xe2\x80\x94 " /* what every signature line begins with */

/* ---- base64 --------------------------------------------------------------------------------- */

static Str base64(Arena *a, Bytes b) {
    char out[BASE64_MAX + 1];
    int len = EVP_EncodeBlock((unsigned char *)out, b.at, (int)b.len);
    return arena_str(a, (Str){.at = out, .len = (size_t)len});
}

/* Exactly `len` bytes. OpenSSL forgives spaces and stray bits: what does not encode to the very
 * same text is refused. */
static bool unbase64(Str text, uint8_t *out, size_t len) {
    unsigned char wide[BASE64_MAX], again[BASE64_MAX + 1];
    if (len > BLOB_MAX || text.len != (len + 2) / 3 * 4) return false;
    int got = EVP_DecodeBlock(wide, (const unsigned char *)text.at, (int)text.len);
    if (got != (int)(text.len / 4 * 3)) return false; /* it counts the padding */
    (void)EVP_EncodeBlock(again, wide, (int)len);     /* cannot fail: `again` is large enough */
    if (memcmp(again, text.at, text.len) != 0) return false;
    memcpy(out, wide, len);
    return true;
}

/* ---- names and lines ------------------------------------------------------------------------ */

static bool visible(Str s) {
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] <= ' ' || s.at[i] > '~') return false;
    }
    return s.len > 0;
}

/* A key's name, and so an origin: visible ASCII without "+", which is stricter than C2SP. */
static bool name_valid(Str name) {
    return visible(name) && !memchr(name.at, '+', name.len);
}

/* The hint that stands before a signature: SHA-256(name || "\n" || algorithm || key), cut. */
static int key_hash(Str name, uint8_t algorithm, const Key *public, uint8_t out[KEY_HASH_LEN]) {
    const Bytes parts[] = {str_bytes(name), str_bytes(STR("\n")), bytes_of(&algorithm, 1),
                           BYTES_OF(public->at)};
    Hash hash;
    int r = sha256(parts, COUNT_OF(parts), &hash);
    if (r == 0) memcpy(out, hash.at, KEY_HASH_LEN);
    return r;
}

static Str signature_line(Arena *a, Str name, Bytes blob) {
    Str text = base64(a, blob);
    return arena_printf(a, DASH "%.*s %.*s\n", STR_ARG(name), STR_ARG(text));
}

/* "— <name> <base64>", its newline already taken off. */
static bool line_open(Str line, Str *ret_name, Str *ret_base64) {
    if (!str_starts(line, STR(DASH))) return false;
    Str rest = {.at = line.at + sizeof(DASH) - 1, .len = line.len - (sizeof(DASH) - 1)};
    return str_split(&rest, ' ', ret_name) && str_split(&rest, ' ', ret_base64) && !rest.at &&
           name_valid(*ret_name) && visible(*ret_base64);
}

/* ---- checkpoints ---------------------------------------------------------------------------- */

Str checkpoint_body(Arena *a, const Checkpoint *c) {
    Str root = base64(a, BYTES_OF(c->root.at));
    return arena_printf(a, "%.*s\n%llu\n%.*s\n", STR_ARG(c->origin), (unsigned long long)c->size,
                        STR_ARG(root));
}

int checkpoint_sign(Arena *a, const Checkpoint *c, const KeyPair *log_key, Str *ret_note) {
    if (!name_valid(c->origin)) return ERR_CONFIG;
    uint8_t blob[LOG_BLOB];
    Signature signature;
    Str body = checkpoint_body(a, c);
    if (arena_failed(a)) return ERR_MEMORY;
    int r = key_hash(c->origin, ED25519_NOTE, &log_key->public, blob);
    if (r == 0) r = ed25519_sign(&log_key->secret, str_bytes(body), &signature);
    if (r < 0) return r;
    memcpy(blob + KEY_HASH_LEN, signature.at, SIG_LEN);
    Str line = signature_line(a, c->origin, BYTES_OF(blob));
    Str note = arena_printf(a, "%.*s\n%.*s", STR_ARG(body), STR_ARG(line));
    if (arena_failed(a)) return ERR_MEMORY;
    *ret_note = note;
    return 0;
}

/* The three lines before the blank one; extension lines are refused, since ours never has any. */
static bool body_open(Str *rest, Checkpoint *ret) {
    Str size = {0}, root = {0}, blank = {0};
    if (!str_split(rest, '\n', &ret->origin) || !str_split(rest, '\n', &size)) return false;
    if (!str_split(rest, '\n', &root) || !str_split(rest, '\n', &blank) || blank.len) return false;
    if (size.len > 1 && size.at[0] == '0') return false;
    return name_valid(ret->origin) && str_u64(size, &ret->size) &&
           unbase64(root, ret->root.at, sizeof(ret->root.at));
}

/* Lines of other names and keys may stand beside the log's and say nothing; a line that claims to
 * be the log's must hold, and one must be there. */
static bool signatures_hold(Str lines, Str body, Str origin, const Key *log_public) {
    uint8_t hint[KEY_HASH_LEN], blob[LOG_BLOB];
    Str line = {0}, name = {0}, text = {0};
    bool held = false;
    if (key_hash(origin, ED25519_NOTE, log_public, hint) < 0) return false;
    while (str_split(&lines, '\n', &line)) {
        if (line.len == 0) return held && !lines.at; /* after the last newline */
        if (!line_open(line, &name, &text)) return false;
        if (!str_eq(name, origin) || !unbase64(text, blob, sizeof(blob))) continue;
        if (memcmp(blob, hint, KEY_HASH_LEN) != 0) continue;
        Bytes signature = bytes_of(blob + KEY_HASH_LEN, SIG_LEN);
        if (!ed25519_verify(log_public, str_bytes(body), signature)) return false;
        held = true;
    }
    return false; /* the note does not end in a newline */
}

bool checkpoint_open(Arena *a, Str note, Str origin, const Key *log_public, Checkpoint *ret) {
    Checkpoint c = {0};
    Str rest = note;
    if (!body_open(&rest, &c) || !str_eq(c.origin, origin) || !rest.at) return false;
    Str body = {.at = note.at, .len = (size_t)(rest.at - note.at) - 1};
    if (!signatures_hold(rest, body, origin, log_public)) return false;
    c.origin = arena_str(a, c.origin);
    if (arena_failed(a)) return false;
    *ret = c;
    return true;
}

/* ---- cosignatures --------------------------------------------------------------------------- */

static Str cosigned_text(Arena *a, const Checkpoint *c, uint64_t unix_s) {
    Str body = checkpoint_body(a, c);
    return arena_printf(a, "cosignature/v1\ntime %llu\n%.*s", (unsigned long long)unix_s,
                        STR_ARG(body));
}

int cosignature_make(Arena *a, const Checkpoint *c, Str name, const KeyPair *witness,
                     int64_t unix_s, Str *ret_line) {
    if (!name_valid(name) || unix_s < 0) return ERR_CONFIG;
    uint8_t blob[WITNESS_BLOB];
    uint64_t time = (uint64_t)unix_s;
    Signature signature;
    Str text = cosigned_text(a, c, time);
    if (arena_failed(a)) return ERR_MEMORY;
    int r = key_hash(name, COSIGNATURE_V1, &witness->public, blob);
    if (r == 0) r = ed25519_sign(&witness->secret, str_bytes(text), &signature);
    if (r < 0) return r;
    for (size_t i = 0; i < TIME_LEN; i++) {
        blob[KEY_HASH_LEN + i] = (uint8_t)(time >> (8 * (TIME_LEN - 1 - i)));
    }
    memcpy(blob + KEY_HASH_LEN + TIME_LEN, signature.at, SIG_LEN);
    Str line = signature_line(a, name, BYTES_OF(blob));
    if (arena_failed(a)) return ERR_MEMORY;
    *ret_line = line;
    return 0;
}

bool cosignature_holds(Arena *a, const Checkpoint *c, Str line, Str name, const Key *witness) {
    uint8_t hint[KEY_HASH_LEN], blob[WITNESS_BLOB];
    Str said = {0}, text = {0};
    if (line.len == 0 || line.at[line.len - 1] != '\n') return false;
    line.len--;
    if (!line_open(line, &said, &text) || !str_eq(said, name)) return false;
    if (!unbase64(text, blob, sizeof(blob))) return false;
    if (key_hash(name, COSIGNATURE_V1, witness, hint) < 0) return false;
    if (memcmp(blob, hint, KEY_HASH_LEN) != 0) return false;
    uint64_t time = 0;
    for (size_t i = 0; i < TIME_LEN; i++) time = time << 8 | blob[KEY_HASH_LEN + i];
    if (time > INT64_MAX) return false;
    Str signed_text = cosigned_text(a, c, time);
    Bytes signature = bytes_of(blob + KEY_HASH_LEN + TIME_LEN, SIG_LEN);
    return !arena_failed(a) && ed25519_verify(witness, str_bytes(signed_text), signature);
}
