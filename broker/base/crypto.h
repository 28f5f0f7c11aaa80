/* The primitives, one thin layer over OpenSSL 3.0: nothing here knows what it protects. Keys are
 * raw bytes. 0, ERR_CRYPTO, or where noted a plain false for a check that did not hold; a check
 * that cannot be made for want of memory ends the program. */
#ifndef MASH_CRYPTO_H
#define MASH_CRYPTO_H

#include "broker/base/cleanup.h"
#include "broker/base/err.h"
#include "broker/base/str.h"

enum {
    HASH_LEN = 32, /* SHA-256 */
    KEY_LEN = 32,  /* AES-256, X25519, Ed25519 and HMAC keys */
    SIG_LEN = 64,  /* Ed25519 */
    NONCE_LEN = 12,
    TAG_LEN = 16,
};

typedef struct Hash {
    uint8_t at[HASH_LEN];
} Hash;

typedef struct Key {
    uint8_t at[KEY_LEN];
} Key;

typedef struct KeyPair {
    Key secret;
    Key public;
} KeyPair;

typedef struct Signature {
    uint8_t at[SIG_LEN];
} Signature;

int random_bytes(void *out, size_t len) _must_check_;
void key_wipe(Key *k);

/* Concatenations are hashed as they stand: callers whose parts vary in length put lengths in. */
int sha256(const Bytes *parts, size_t count, Hash *ret) _must_check_;
int hmac_sha256(const Key *key, const Bytes *parts, size_t count, Hash *ret) _must_check_;
bool hash_eq(const Hash *a, const Hash *b); /* constant time */

/* RFC 5869. `out` up to 255 * 32 bytes. */
int hkdf_sha256(Bytes salt, Bytes secret, Bytes info, uint8_t *out, size_t len) _must_check_;

int ed25519_pair(KeyPair *ret) _must_check_;
int ed25519_public(const Key *secret, Key *ret) _must_check_;
int ed25519_sign(const Key *secret, Bytes message, Signature *ret) _must_check_;
bool ed25519_verify(const Key *public, Bytes message, Bytes signature);

int x25519_pair(KeyPair *ret) _must_check_;
int x25519_public(const Key *secret, Key *ret) _must_check_;
/* ERR_CRYPTO when the other side's key is of low order (an all-zero result is refused). */
int x25519_shared(const Key *secret, const Key *public, Key *ret) _must_check_;

/* AES-256-GCM. `out` takes plain.len + TAG_LEN bytes, the tag last. */
int aead_seal(const Key *key, const uint8_t nonce[NONCE_LEN], Bytes aad, Bytes plain,
              uint8_t *out) _must_check_;
/* `out` takes boxed.len - TAG_LEN bytes; false, and `out` wiped, unless every byte is as sealed. */
bool aead_open(const Key *key, const uint8_t nonce[NONCE_LEN], Bytes aad, Bytes boxed,
               uint8_t *out);

#endif
