/* The sealing schemes over crypto.h; see seal.h. Letters' HPKE is in hpke.c. */
#include "broker/base/seal.h"

#include <openssl/crypto.h>

enum {
    EPOCH_MS = 60 * 1000,
    WRAPPED_LEN = NONCE_LEN + KEY_LEN + TAG_LEN,
    BOX_EXTRA = NONCE_LEN + TAG_LEN,
};

struct Sealed {
    Bytes bytes;
};

struct Sealer {
    Key hub_public;
    Key epoch_public;
    Key epoch_key;
    int64_t epoch_until_ms;
};

static const char intake_magic[4] = {'M', 'I', '0', '1'};

Bytes sealed_bytes(const Sealed *s) {
    return s->bytes;
}

static int sealed_make(Arena *a, const uint8_t *at, size_t len, const Sealed **ret) {
    Sealed *s = arena_alloc(a, sizeof(*s));
    if (!s) return ERR_MEMORY;
    s->bytes = bytes_of(at, len);
    *ret = s;
    return 0;
}

int sealed_prefix(Arena *a, Bytes head, const Sealed *box, const Sealed **ret) {
    uint8_t *out = arena_alloc(a, head.len + box->bytes.len);
    if (!out) return ERR_MEMORY;
    memcpy(out, head.at, head.len);
    memcpy(out + head.len, box->bytes.at, box->bytes.len);
    return sealed_make(a, out, head.len + box->bytes.len, ret);
}

/* The associated data: lengths are fixed by the separator, which no code may contain. */
static Bytes seal_aad(Arena *a, SealFor p) {
    char id[ID_TEXT];
    id_text(p.id, id);
    const Str parts[] = {STR("mash/1\n"), p.realm,  STR("\n"), p.use,
                         STR("\n"),       p.agency, STR("\n"), str_z(id)};
    return str_bytes(arena_join(a, parts, COUNT_OF(parts)));
}

/* nonce, ciphertext and tag of `plain` at `out`, which takes plain.len + BOX_EXTRA. */
static int box_write(const Key *key, Bytes aad, Bytes plain, uint8_t *out) {
    int r = random_bytes(out, NONCE_LEN);
    if (r < 0) return r;
    return aead_seal(key, out, aad, plain, out + NONCE_LEN);
}

static bool box_read(const Key *key, Bytes aad, Bytes boxed, uint8_t *out) {
    if (boxed.len < BOX_EXTRA) return false;
    return aead_open(key, boxed.at, aad, bytes_of(boxed.at + NONCE_LEN, boxed.len - NONCE_LEN),
                     out);
}

int box_seal(Arena *a, const Key *key, SealFor purpose, Bytes plain, const Sealed **ret) {
    Bytes aad = seal_aad(a, purpose);
    uint8_t *out = arena_alloc(a, plain.len + BOX_EXTRA);
    if (!out || !aad.at) return ERR_MEMORY;
    int r = box_write(key, aad, plain, out);
    return r < 0 ? r : sealed_make(a, out, plain.len + BOX_EXTRA, ret);
}

bool box_open(Arena *a, const Key *key, SealFor purpose, Bytes sealed, Bytes *ret_plain) {
    Bytes aad = seal_aad(a, purpose);
    if (!aad.at || sealed.len < BOX_EXTRA) return false;
    uint8_t *out = arena_alloc(a, sealed.len - BOX_EXTRA + 1);
    if (!out || !box_read(key, aad, sealed, out)) return false;
    *ret_plain = bytes_of(out, sealed.len - BOX_EXTRA);
    return true;
}

int sealer_new(const Key *hub_public, Sealer **ret) {
    Sealer *s = calloc(1, sizeof(*s));
    if (!s) return ERR_MEMORY;
    s->hub_public = *hub_public;
    *ret = s;
    return 0;
}

void sealer_free(Sealer *s) {
    if (!s) return;
    OPENSSL_cleanse(s, sizeof(*s));
    free(s);
}

/* The key that both sides of an epoch reach: intake from its throw-away secret, the hub from its
 * own. Bound to both public keys. */
static int epoch_key(const Key *mine, const Key *theirs, const Key *epoch, const Key *hub,
                     Key *ret) {
    Key shared;
    int r = x25519_shared(mine, theirs, &shared);
    if (r < 0) return r;
    uint8_t salt[2 * KEY_LEN];
    memcpy(salt, epoch->at, KEY_LEN);
    memcpy(salt + KEY_LEN, hub->at, KEY_LEN);
    r = hkdf_sha256(BYTES_OF(salt), BYTES_OF(shared.at), str_bytes(STR("mash/1 intake epoch")),
                    ret->at, sizeof(ret->at));
    key_wipe(&shared);
    return r;
}

static int sealer_turn(Sealer *s, int64_t now_ms) {
    bool usable = now_ms < s->epoch_until_ms && s->epoch_until_ms - now_ms <= EPOCH_MS;
    if (usable) return 0;
    KeyPair pair;
    int r = x25519_pair(&pair);
    if (r < 0) return r;
    s->epoch_public = pair.public;
    r = epoch_key(&pair.secret, &s->hub_public, &pair.public, &s->hub_public, &s->epoch_key);
    key_wipe(&pair.secret);
    s->epoch_until_ms = r < 0 ? 0 : now_ms + EPOCH_MS;
    return r;
}

/* Layout: magic, epoch public key, wrapped message key, box of the content. */
int sealer_seal(Sealer *s, Arena *a, int64_t now_ms, SealFor purpose, Bytes plain,
                const Sealed **ret) {
    int r = sealer_turn(s, now_ms);
    if (r < 0) return r;
    Bytes aad = seal_aad(a, purpose);
    size_t head = sizeof(intake_magic) + KEY_LEN;
    size_t len = head + WRAPPED_LEN + plain.len + BOX_EXTRA;
    uint8_t *out = arena_alloc(a, len);
    if (!out || !aad.at) return ERR_MEMORY;
    memcpy(out, intake_magic, sizeof(intake_magic));
    memcpy(out + sizeof(intake_magic), s->epoch_public.at, KEY_LEN);
    Key key;
    r = random_bytes(key.at, sizeof(key.at));
    if (r == 0) r = box_write(&s->epoch_key, aad, BYTES_OF(key.at), out + head);
    if (r == 0) r = box_write(&key, aad, plain, out + head + WRAPPED_LEN);
    key_wipe(&key);
    return r < 0 ? r : sealed_make(a, out, len, ret);
}

bool intake_reopen(Arena *a, const Key *message_key, SealFor purpose, Bytes sealed,
                   Bytes *ret_plain) {
    size_t head = sizeof(intake_magic) + KEY_LEN + WRAPPED_LEN;
    if (sealed.len < head + BOX_EXTRA) return false;
    return box_open(a, message_key, purpose, bytes_of(sealed.at + head, sealed.len - head),
                    ret_plain);
}

/* The public half of the epoch that sealed it; false when it is too short or of another form. */
static bool intake_epoch(Bytes sealed, Key *ret) {
    size_t head = sizeof(intake_magic) + KEY_LEN;
    if (sealed.len < head + WRAPPED_LEN + BOX_EXTRA) return false;
    if (memcmp(sealed.at, intake_magic, sizeof(intake_magic)) != 0) return false;
    memcpy(ret->at, sealed.at + sizeof(intake_magic), KEY_LEN);
    return true;
}

static bool open_with(Arena *a, const Key *key, SealFor purpose, Bytes sealed, Key *ret_key,
                      Bytes *ret_plain) {
    Bytes aad = seal_aad(a, purpose);
    Bytes wrapped = bytes_of(sealed.at + sizeof(intake_magic) + KEY_LEN, WRAPPED_LEN);
    if (!aad.at || !box_read(key, aad, wrapped, ret_key->at)) return false;
    return intake_reopen(a, ret_key, purpose, sealed, ret_plain);
}

bool intake_open(Arena *a, const KeyPair *hub, SealFor purpose, Bytes sealed, Key *ret_key,
                 Bytes *ret_plain) {
    Key epoch, key;
    if (!intake_epoch(sealed, &epoch)) return false;
    if (epoch_key(&hub->secret, &epoch, &epoch, &hub->public, &key) < 0) return false;
    bool ok = open_with(a, &key, purpose, sealed, ret_key, ret_plain);
    key_wipe(&key);
    return ok;
}

enum { EPOCHS = 16 }; /* intakes have a few writers, each with an epoch of its own */

struct Opener {
    KeyPair hub;
    size_t next; /* which is forgotten for the next new one */
    struct {
        Key public, key;
    } epochs[EPOCHS];
};

int opener_new(const KeyPair *hub, Opener **ret) {
    Opener *o = calloc(1, sizeof(*o));
    if (!o) return ERR_MEMORY;
    o->hub = *hub;
    *ret = o;
    return 0;
}

void opener_free(Opener *o) {
    if (!o) return;
    OPENSSL_cleanse(o, sizeof(*o));
    free(o);
}

bool opener_open(Opener *o, Arena *a, SealFor purpose, Bytes sealed, Key *ret_key,
                 Bytes *ret_plain) {
    Key epoch, key;
    if (!intake_epoch(sealed, &epoch)) return false;
    for (size_t i = 0; i < EPOCHS; i++) {
        if (memcmp(o->epochs[i].public.at, epoch.at, KEY_LEN) != 0) continue;
        return open_with(a, &o->epochs[i].key, purpose, sealed, ret_key, ret_plain);
    }
    if (epoch_key(&o->hub.secret, &epoch, &epoch, &o->hub.public, &key) < 0) return false;
    bool ok = open_with(a, &key, purpose, sealed, ret_key, ret_plain);
    if (ok) { /* only an epoch that opens something is worth its place */
        o->epochs[o->next].public = epoch;
        o->epochs[o->next].key = key;
        o->next = (o->next + 1) % EPOCHS;
    }
    key_wipe(&key);
    return ok;
}
