/* Key files: one line, "<kind> <64 hex digits>\n", mode 0600 for secrets. Kinds: ed25519-secret,
 * x25519-secret, curve-secret, aes-secret, hmac-secret, and the same with -public. The kind is
 * checked, so that a key is never used for another purpose. */
#ifndef MASH_KEYFILE_H
#define MASH_KEYFILE_H

#include "broker/base/crypto.h"

enum { KEY_ID_LEN = 16 }; /* hex digits */

/* ERR_FILE when unreadable, ERR_CONFIG when it is not a key of that kind, or when a secret can be
 * read by others. */
int keyfile_load(const char *path, const char *kind, Key *ret) _must_check_;
/* Synced; never over an existing file (ERR_FILE). */
int keyfile_save(const char *path, const char *kind, const Key *key) _must_check_;

/* What names a public key everywhere: the first 16 hex digits of its SHA-256. */
int key_id(const Key *public, char out[KEY_ID_LEN + 1]) _must_check_;

#endif
