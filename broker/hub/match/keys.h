/* Match keys: when are two mentions certainly the same person? Each key is a keyed hash (HMAC under
 * the hub's index key) of a composite that two people do not share by chance, so that the database
 * can compare people and still names nobody. Pure; never merges anybody: it only makes hashes. */
#ifndef MASH_KEYS_H
#define MASH_KEYS_H

#include "broker/base/arena.h"
#include "broker/base/crypto.h"
#include "schemas/value.h"

/* Kinds, strongest first: "nhs_dob", "nhs_family", "upn_dob", "upn_family", "name_dob". */
typedef struct MatchKey {
    const char *kind;
    Hash hash;
} MatchKey;

/* Every key of a STRUCT_person, no key twice; often none. A number counts only when its checksum
 * holds, a birth date only when its day is known, a name only when it is one ("baby" is not). The
 * order of family and given name does not matter. ERR_MEMORY, ERR_CRYPTO. */
int match_keys(Arena *a, const Key *index, const Value *person, MatchKey **ret,
               size_t *ret_count) _must_check_;

/* The keyed hash of a list of texts, no list like another: lengths are hashed, too. `use` keeps
 * hashes for different purposes apart. ERR_CRYPTO; ERR_MEMORY. */
int index_hash(Arena *a, const Key *index, const char *use, const Str *parts, size_t count,
               Hash *ret) _must_check_;

#endif
