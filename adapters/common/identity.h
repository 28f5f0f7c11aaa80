/* Who this adapter is: its agency, its realm, its keys, the hub's pinned public keys and its
 * folder. Loaded once at start from the settings; nothing changes it afterwards. */
#ifndef MASH_IDENTITY_H
#define MASH_IDENTITY_H

#include "broker/base/config.h"
#include "broker/base/crypto.h"
#include "broker/io/keyfile.h"

enum { WITNESS_NAME_MAX = 100 };

typedef struct Identity {
    Str realm, agency;        /* "demonstration", "police" */
    Str name, type;           /* of the agency, for people; its agency_type code */
    Str org_scheme, org_code; /* its national code, when the native message has none */
    Str summary_tier;         /* the owner's will for what carries its own summary */
    const char *dir;
    Key transport, origin, spool;
    KeyPair letter, witness;
    char origin_id[KEY_ID_LEN + 1];
    char witness_name[WITNESS_NAME_MAX];
    Key intake_public, ack_public, courier_public, letter_sign_public, log_public;
    Str log_origin;
} Identity;

/* The settings of every adapter, ending with a NULL key: README.md lists them. */
extern const Setting identity_settings[];

/* Borrows from `c`. ERR_CONFIG or ERR_FILE with a sentence that names the setting in `why`. */
int identity_load(const Config *c, Identity *ret, char *why, size_t why_len) _must_check_;
void identity_wipe(Identity *self);

#endif
