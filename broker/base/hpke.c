/* Letters: RFC 9180 base mode composed from OpenSSL 3.0's X25519, HKDF and AES-GCM (3.0 has no
 * HPKE of its own), and the padding that hides a letter's length. See seal.h. */
#include "broker/base/seal.h"

#include <openssl/crypto.h>

enum { KEM_X25519 = 0x0020, KDF_SHA256 = 0x0001, AEAD_AES256 = 0x0002, LABELED = 256 };

static const size_t size_classes[] = {1024, 4096, 16384, 65536, 262144};

typedef struct Suite {
    uint8_t at[10];
    size_t len;
} Suite;

static Suite suite_kem(void) {
    return (Suite){.at = {'K', 'E', 'M', 0, KEM_X25519}, .len = 5};
}

static Suite suite_hpke(void) {
    return (Suite){.at = {'H', 'P', 'K', 'E', 0, KEM_X25519, 0, KDF_SHA256, 0, AEAD_AES256},
                   .len = 10};
}

/* RFC 9180 section 4: LabeledExtract. HMAC's key is the salt, zero-filled when empty. */
static int labeled_extract(Suite suite, Bytes salt, const char *label, Bytes secret, Hash *ret) {
    Key key = {{0}};
    if (salt.len > sizeof(key.at)) return ERR_BROKEN;
    if (salt.len) memcpy(key.at, salt.at, salt.len);
    Bytes parts[] = {str_bytes(STR("HPKE-v1")), bytes_of(suite.at, suite.len),
                     str_bytes(str_z(label)), secret};
    return hmac_sha256(&key, parts, COUNT_OF(parts), ret);
}

/* LabeledExpand for at most one hash length, which is all that this suite needs. */
static int labeled_expand(Suite suite, const Hash *secret, const char *label, Bytes info,
                          uint8_t *out, size_t len) {
    uint8_t length[2] = {(uint8_t)(len >> 8), (uint8_t)len};
    uint8_t one = 1;
    Bytes parts[] = {BYTES_OF(length), str_bytes(STR("HPKE-v1")), bytes_of(suite.at, suite.len),
                     str_bytes(str_z(label)), info, bytes_of(&one, 1)};
    Key key;
    Hash block;
    if (len > HASH_LEN) return ERR_BROKEN;
    memcpy(key.at, secret->at, sizeof(key.at));
    int r = hmac_sha256(&key, parts, COUNT_OF(parts), &block);
    if (r == 0) memcpy(out, block.at, len);
    OPENSSL_cleanse(&block, sizeof(block));
    key_wipe(&key);
    return r;
}

/* DHKEM's shared secret from the raw exchange and both public keys. */
static int kem_secret(const Key *exchange, const uint8_t *enc, const Key *recipient, Hash *ret) {
    uint8_t context[2 * KEY_LEN];
    memcpy(context, enc, KEY_LEN);
    memcpy(context + KEY_LEN, recipient->at, KEY_LEN);
    Hash prk;
    int r = labeled_extract(suite_kem(), (Bytes){0}, "eae_prk", BYTES_OF(exchange->at), &prk);
    if (r < 0) return r;
    r = labeled_expand(suite_kem(), &prk, "shared_secret", BYTES_OF(context), ret->at, HASH_LEN);
    OPENSSL_cleanse(&prk, sizeof(prk));
    return r;
}

static int key_schedule(const Hash *shared, Bytes info, Key *ret_key, uint8_t nonce[NONCE_LEN]) {
    uint8_t context[1 + 2 * HASH_LEN] = {0}; /* mode base is 0 */
    Hash part, secret;
    int r = labeled_extract(suite_hpke(), (Bytes){0}, "psk_id_hash", (Bytes){0}, &part);
    if (r < 0) return r;
    memcpy(context + 1, part.at, HASH_LEN);
    r = labeled_extract(suite_hpke(), (Bytes){0}, "info_hash", info, &part);
    if (r < 0) return r;
    memcpy(context + 1 + HASH_LEN, part.at, HASH_LEN);
    r = labeled_extract(suite_hpke(), BYTES_OF(shared->at), "secret", (Bytes){0}, &secret);
    if (r < 0) return r;
    r = labeled_expand(suite_hpke(), &secret, "key", BYTES_OF(context), ret_key->at, KEY_LEN);
    if (r == 0) {
        r = labeled_expand(suite_hpke(), &secret, "base_nonce", BYTES_OF(context), nonce,
                           NONCE_LEN);
    }
    OPENSSL_cleanse(&secret, sizeof(secret));
    return r;
}

int hpke_seal(const Key *recipient_public, Bytes info, Bytes aad, Bytes plain,
              const KeyPair *ephemeral, uint8_t enc[KEY_LEN], uint8_t *out) {
    KeyPair fresh;
    int r = ephemeral ? 0 : x25519_pair(&fresh);
    if (r < 0) return r;
    if (ephemeral) fresh = *ephemeral;
    memcpy(enc, fresh.public.at, KEY_LEN);
    Key exchange, key;
    Hash shared;
    uint8_t nonce[NONCE_LEN];
    r = x25519_shared(&fresh.secret, recipient_public, &exchange);
    key_wipe(&fresh.secret);
    if (r == 0) r = kem_secret(&exchange, enc, recipient_public, &shared);
    if (r == 0) r = key_schedule(&shared, info, &key, nonce);
    if (r == 0) r = aead_seal(&key, nonce, aad, plain, out);
    OPENSSL_cleanse(&shared, sizeof(shared));
    key_wipe(&exchange);
    key_wipe(&key);
    return r;
}

bool hpke_open(const KeyPair *recipient, const uint8_t enc[KEY_LEN], Bytes info, Bytes aad,
               Bytes boxed, uint8_t *out) {
    Key exchange, key, theirs;
    Hash shared;
    uint8_t nonce[NONCE_LEN];
    memcpy(theirs.at, enc, KEY_LEN);
    if (x25519_shared(&recipient->secret, &theirs, &exchange) < 0) return false;
    bool ok = kem_secret(&exchange, enc, &recipient->public, &shared) == 0 &&
              key_schedule(&shared, info, &key, nonce) == 0 &&
              aead_open(&key, nonce, aad, boxed, out);
    OPENSSL_cleanse(&shared, sizeof(shared));
    key_wipe(&exchange);
    key_wipe(&key);
    return ok;
}

static Bytes letter_info(Arena *a, SealFor p) {
    char id[ID_TEXT];
    id_text(p.id, id);
    return str_bytes(arena_printf(a, "mash/1 letter\n%.*s\n%.*s\n%s", STR_ARG(p.realm),
                                  STR_ARG(p.agency), id));
}

/* Four bytes of length, the content, zeros up to the size class. */
static int letter_pad(Arena *a, Bytes plain, Bytes *ret) {
    for (size_t i = 0; i < COUNT_OF(size_classes); i++) {
        if (plain.len + 4 > size_classes[i]) continue;
        uint8_t *out = arena_alloc(a, size_classes[i]);
        if (!out) return ERR_MEMORY;
        for (int b = 0; b < 4; b++) out[b] = (uint8_t)(plain.len >> (24 - 8 * b));
        if (plain.len) memcpy(out + 4, plain.at, plain.len);
        *ret = bytes_of(out, size_classes[i]);
        return 0;
    }
    return ERR_BROKEN;
}

int letter_seal(Arena *a, const Key *recipient_public, SealFor purpose, Bytes plain,
                const Sealed **ret) {
    Bytes padded, info = letter_info(a, purpose);
    int r = letter_pad(a, plain, &padded);
    if (r < 0) return r;
    Key boxed_under;
    const Sealed *box = NULL;
    /* HPKE carries only the key of a box, so that boxes stay the one maker of Sealed. */
    r = random_bytes(boxed_under.at, sizeof(boxed_under.at));
    if (r == 0) r = box_seal(a, &boxed_under, purpose, padded, &box);
    if (r < 0 || !info.at) return r < 0 ? r : ERR_MEMORY;
    uint8_t wrapped[2 * KEY_LEN + TAG_LEN];
    r = hpke_seal(recipient_public, info, (Bytes){0}, BYTES_OF(boxed_under.at), NULL, wrapped,
                  wrapped + KEY_LEN);
    key_wipe(&boxed_under);
    return r < 0 ? r : sealed_prefix(a, BYTES_OF(wrapped), box, ret);
}

bool letter_open(Arena *a, const KeyPair *recipient, SealFor purpose, Bytes sealed,
                 Bytes *ret_plain) {
    const size_t head = 2 * KEY_LEN + TAG_LEN;
    Bytes padded, info = letter_info(a, purpose);
    Key key;
    if (sealed.len < head || !info.at) return false;
    Bytes boxed = bytes_of(sealed.at + KEY_LEN, KEY_LEN + TAG_LEN);
    if (!hpke_open(recipient, sealed.at, info, (Bytes){0}, boxed, key.at)) return false;
    bool ok = box_open(a, &key, purpose, bytes_of(sealed.at + head, sealed.len - head), &padded);
    key_wipe(&key);
    if (!ok || padded.len < 4) return false;
    size_t len = 0;
    for (int b = 0; b < 4; b++) len = len << 8 | padded.at[b];
    if (len > padded.len - 4) return false;
    *ret_plain = bytes_of(padded.at + 4, len);
    return true;
}
