/* OpenSSL 3.0, called in one place; see crypto.h. */
#include "broker/base/crypto.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <stdnoreturn.h>

DEFINE_FREEP(EVP_PKEY, EVP_PKEY_free)
DEFINE_FREEP(EVP_PKEY_CTX, EVP_PKEY_CTX_free)
DEFINE_FREEP(EVP_MD_CTX, EVP_MD_CTX_free)
DEFINE_FREEP(EVP_CIPHER_CTX, EVP_CIPHER_CTX_free)
DEFINE_FREEP(EVP_MAC_CTX, EVP_MAC_CTX_free)
DEFINE_FREEP(EVP_KDF, EVP_KDF_free)
DEFINE_FREEP(EVP_KDF_CTX, EVP_KDF_CTX_free)

/* A check that could not be made is no answer: as "does not hold" it would turn a good concern away
 * or set a good letter aside. Without memory the program ends, and its supervisor starts it again:
 * nothing is answered, and whoever sent it comes again (R25). */
static noreturn void cannot_tell(void) {
    (void)fputs("a signature or a seal could not be checked: no memory\n", stderr);
    exit(EXIT_FAILURE);
}

/* OpenSSL looks an algorithm up by its name at every use, which costs as much as using it once:
 * each thread looks once. NULL where it failed; whoever uses it then fails. */
static const EVP_MD *digest(void) {
    static _Thread_local EVP_MD *found;
    if (!found) found = EVP_MD_fetch(NULL, "SHA256", NULL);
    return found;
}

static const EVP_CIPHER *cipher(void) {
    static _Thread_local EVP_CIPHER *found;
    if (!found) found = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
    return found;
}

static EVP_MAC *authenticator(void) {
    static _Thread_local EVP_MAC *found;
    if (!found) found = EVP_MAC_fetch(NULL, "HMAC", NULL);
    return found;
}

/* Drawn in larger portions, because a draw costs the same for one byte or hundreds. What has been
 * given out is wiped, and a child process does not inherit what is left. */
static _Thread_local struct {
    uint8_t at[512];
    size_t left;
} drawn;
static bool forks_seen; /* set once, before any thread draws from what is left */

static void drawn_forget(void) {
    drawn.left = 0;
}

static void forks_watch(void) {
    forks_seen = pthread_atfork(NULL, NULL, drawn_forget) == 0;
}

int random_bytes(void *out, size_t len) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, forks_watch); /* cannot fail */
    bool direct = !forks_seen || len > sizeof(drawn.at) / 4;
    if (direct) return RAND_bytes(out, (int)len) == 1 ? 0 : ERR_CRYPTO;
    if (drawn.left < len) {
        drawn.left = 0;
        if (RAND_bytes(drawn.at, sizeof(drawn.at)) != 1) return ERR_CRYPTO;
        drawn.left = sizeof(drawn.at);
    }
    drawn.left -= len;
    memcpy(out, drawn.at + drawn.left, len);
    OPENSSL_cleanse(drawn.at + drawn.left, len);
    return 0;
}

void key_wipe(Key *k) {
    OPENSSL_cleanse(k->at, sizeof(k->at));
}

int sha256(const Bytes *parts, size_t count, Hash *ret) {
    _cleanup_(EVP_MD_CTX_freep) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    if (!ctx || EVP_DigestInit_ex(ctx, digest(), NULL) != 1) return ERR_CRYPTO;
    for (size_t i = 0; i < count; i++) {
        if (EVP_DigestUpdate(ctx, parts[i].at, parts[i].len) != 1) return ERR_CRYPTO;
    }
    return EVP_DigestFinal_ex(ctx, ret->at, NULL) == 1 ? 0 : ERR_CRYPTO;
}

int hmac_sha256(const Key *key, const Bytes *parts, size_t count, Hash *ret) {
    EVP_MAC *mac = authenticator();
    _cleanup_(EVP_MAC_CTX_freep) EVP_MAC_CTX *ctx = mac ? EVP_MAC_CTX_new(mac) : NULL;
    char digest[] = "SHA256";
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string("digest", digest, 0),
                           OSSL_PARAM_construct_end()};
    if (!ctx || EVP_MAC_init(ctx, key->at, sizeof(key->at), params) != 1) return ERR_CRYPTO;
    for (size_t i = 0; i < count; i++) {
        if (EVP_MAC_update(ctx, parts[i].at, parts[i].len) != 1) return ERR_CRYPTO;
    }
    size_t len = 0;
    return EVP_MAC_final(ctx, ret->at, &len, sizeof(ret->at)) == 1 ? 0 : ERR_CRYPTO;
}

bool hash_eq(const Hash *a, const Hash *b) {
    return CRYPTO_memcmp(a->at, b->at, sizeof(a->at)) == 0;
}

int hkdf_sha256(Bytes salt, Bytes secret, Bytes info, uint8_t *out, size_t len) {
    _cleanup_(EVP_KDF_freep) EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    _cleanup_(EVP_KDF_CTX_freep) EVP_KDF_CTX *ctx = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
    if (!ctx) return ERR_CRYPTO;
    char digest[] = "SHA256";
    OSSL_PARAM params[5], *p = params;
    *p++ = OSSL_PARAM_construct_utf8_string("digest", digest, 0);
    *p++ = OSSL_PARAM_construct_octet_string("key", (void *)(uintptr_t)secret.at, secret.len);
    if (salt.len) {
        *p++ = OSSL_PARAM_construct_octet_string("salt", (void *)(uintptr_t)salt.at, salt.len);
    }
    *p++ = OSSL_PARAM_construct_octet_string("info", (void *)(uintptr_t)info.at, info.len);
    *p = OSSL_PARAM_construct_end();
    return EVP_KDF_derive(ctx, out, len, params) == 1 ? 0 : ERR_CRYPTO;
}

/* A fresh pair of `type`, raw. */
static int pair_new(int type, KeyPair *ret) {
    _cleanup_(EVP_PKEY_CTX_freep) EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_id(type, NULL);
    _cleanup_(EVP_PKEY_freep) EVP_PKEY *pkey = NULL;
    size_t secret = KEY_LEN, public = KEY_LEN;
    if (!ctx || EVP_PKEY_keygen_init(ctx) != 1 || EVP_PKEY_keygen(ctx, &pkey) != 1) {
        return ERR_CRYPTO;
    }
    if (EVP_PKEY_get_raw_private_key(pkey, ret->secret.at, &secret) != 1) return ERR_CRYPTO;
    return EVP_PKEY_get_raw_public_key(pkey, ret->public.at, &public) == 1 ? 0 : ERR_CRYPTO;
}

static int public_of(int type, const Key *secret, Key *ret) {
    _cleanup_(EVP_PKEY_freep)
    EVP_PKEY *pkey = EVP_PKEY_new_raw_private_key(type, NULL, secret->at, KEY_LEN);
    size_t len = KEY_LEN;
    if (!pkey) return ERR_CRYPTO;
    return EVP_PKEY_get_raw_public_key(pkey, ret->at, &len) == 1 ? 0 : ERR_CRYPTO;
}

int ed25519_pair(KeyPair *ret) {
    return pair_new(EVP_PKEY_ED25519, ret);
}

int ed25519_public(const Key *secret, Key *ret) {
    return public_of(EVP_PKEY_ED25519, secret, ret);
}

/* OpenSSL's form of a key stays from one use to the next: a secret one costs as much to make as a
 * signature, a public one up to a third of checking it. A program signs with one key or a few, and
 * verifies those of a few, or of many of whom some send now. NULL when it cannot be made. */
static EVP_PKEY *ready(const Key *raw, bool secret) {
    static _Thread_local struct {
        Key raw;
        EVP_PKEY *pkey;
    } kept[2][UINT8_MAX + 1], *k;
    k = &kept[secret][raw->at[0]];
    if (k->pkey && CRYPTO_memcmp(k->raw.at, raw->at, KEY_LEN) == 0) return k->pkey;
    EVP_PKEY_free(k->pkey);
    k->raw = *raw;
    k->pkey = secret ? EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, raw->at, KEY_LEN)
                     : EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, raw->at, KEY_LEN);
    return k->pkey;
}

int ed25519_sign(const Key *secret, Bytes message, Signature *ret) {
    EVP_PKEY *pkey = ready(secret, true);
    _cleanup_(EVP_MD_CTX_freep) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    size_t len = SIG_LEN;
    if (!pkey || !ctx || EVP_DigestSignInit(ctx, NULL, NULL, NULL, pkey) != 1) return ERR_CRYPTO;
    return EVP_DigestSign(ctx, ret->at, &len, message.at, message.len) == 1 ? 0 : ERR_CRYPTO;
}

bool ed25519_verify(const Key *public, Bytes message, Bytes signature) {
    EVP_PKEY *pkey = ready(public, false);
    _cleanup_(EVP_MD_CTX_freep) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    if (!pkey || !ctx || EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, pkey) != 1) cannot_tell();
    int holds = EVP_DigestVerify(ctx, signature.at, signature.len, message.at, message.len);
    if (holds < 0) cannot_tell();
    return holds == 1;
}

int x25519_pair(KeyPair *ret) {
    return pair_new(EVP_PKEY_X25519, ret);
}

int x25519_public(const Key *secret, Key *ret) {
    return public_of(EVP_PKEY_X25519, secret, ret);
}

int x25519_shared(const Key *secret, const Key *public, Key *ret) {
    _cleanup_(EVP_PKEY_freep)
    EVP_PKEY *mine = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, secret->at, KEY_LEN);
    _cleanup_(EVP_PKEY_freep)
    EVP_PKEY *theirs = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, public->at, KEY_LEN);
    if (!mine || !theirs) return ERR_CRYPTO;
    _cleanup_(EVP_PKEY_CTX_freep) EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(mine, NULL);
    size_t len = KEY_LEN;
    if (!ctx || EVP_PKEY_derive_init(ctx) != 1) return ERR_CRYPTO;
    if (EVP_PKEY_derive_set_peer(ctx, theirs) != 1) return ERR_CRYPTO;
    return EVP_PKEY_derive(ctx, ret->at, &len) == 1 ? 0 : ERR_CRYPTO;
}

int aead_seal(const Key *key, const uint8_t nonce[NONCE_LEN], Bytes aad, Bytes plain,
              uint8_t *out) {
    _cleanup_(EVP_CIPHER_CTX_freep) EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int len = 0, last = 0;
    if (!ctx || EVP_EncryptInit_ex(ctx, cipher(), NULL, key->at, nonce) != 1) {
        return ERR_CRYPTO;
    }
    if (aad.len && EVP_EncryptUpdate(ctx, NULL, &len, aad.at, (int)aad.len) != 1) {
        return ERR_CRYPTO;
    }
    if (plain.len && EVP_EncryptUpdate(ctx, out, &len, plain.at, (int)plain.len) != 1) {
        return ERR_CRYPTO;
    }
    if (EVP_EncryptFinal_ex(ctx, out + plain.len, &last) != 1) return ERR_CRYPTO;
    return EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG_LEN, out + plain.len) == 1
               ? 0
               : ERR_CRYPTO;
}

bool aead_open(const Key *key, const uint8_t nonce[NONCE_LEN], Bytes aad, Bytes boxed,
               uint8_t *out) {
    if (boxed.len < TAG_LEN) return false;
    _cleanup_(EVP_CIPHER_CTX_freep) EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    size_t plain = boxed.len - TAG_LEN;
    uint8_t tag[TAG_LEN];
    memcpy(tag, boxed.at + plain, TAG_LEN);
    int len = 0;
    bool set = ctx && EVP_DecryptInit_ex(ctx, cipher(), NULL, key->at, nonce) == 1 &&
               (!aad.len || EVP_DecryptUpdate(ctx, NULL, &len, aad.at, (int)aad.len) == 1) &&
               (!plain || EVP_DecryptUpdate(ctx, out, &len, boxed.at, (int)plain) == 1) &&
               EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG_LEN, tag) == 1;
    if (!set) cannot_tell();
    bool ok = EVP_DecryptFinal_ex(ctx, out + plain, &len) == 1;
    if (!ok) OPENSSL_cleanse(out, plain);
    return ok;
}
