/* Who plays in the harnesses: fixed keys that protect nothing, and a signature that counts as good
 * without being computed, so that what lies behind a signature is tried as often as what lies
 * before it. */
#ifndef MASH_FUZZ_CAST_H
#define MASH_FUZZ_CAST_H

#include "broker/io/keyfile.h"

#define FUZZ_REALM STR("demonstration")
#define FUZZ_AGENCY STR("police")

/* A key whose bytes are all this letter. */
typedef enum CastKey {
    CAST_transport = 't',
    CAST_origin = 'o',
    CAST_letter = 'l',
    CAST_witness = 'w',
    CAST_revoked = 'r',        /* police's, a transport key once */
    CAST_revoked_origin = 'q', /* likewise */
    CAST_health = 'h',         /* another agency's origin key */
    CAST_staff = 's',
    CAST_hub = 'u', /* acknowledgements, letters, the ledger */
} CastKey;

static inline Key cast_key(CastKey k) {
    Key key;
    memset(key.at, (int)k, sizeof(key.at));
    return key;
}

static inline void cast_id(CastKey k, char out[KEY_ID_LEN + 1]) {
    Key key = cast_key(k);
    if (key_id(&key, out) < 0) abort();
}

/* stand_ins.c: what ed25519_sign makes here, and ed25519_verify takes. Any other signature is
 * verified in earnest. */
enum { GOOD_SIGNATURE = 'S' };

/* The nth id that id_v7 gives since ids_again. */
void ids_again(void);

#endif
