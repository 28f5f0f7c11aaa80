/* What an owner was asked and what it said, believed only as far as the ledger's leaves say the
 * same and a signature of one of its people holds: today, with the keys that are in force today. */
#ifndef MASH_GRANTS_H
#define MASH_GRANTS_H

#include "broker/hub/hub.h"
#include "schemas/envelope.h"

/* One request, as its leaf has it. The realm is the hub's; verdict and reason are still empty. */
typedef struct Asked {
    AuthorisationTerms terms;
    Id enquiry;
    Bytes kept; /* sealed: the letter, as the owner has it */
} Asked;

/* REFUSE_not_found also when row and leaf do not agree. */
int asked_load(Hub *h, Arena *a, Id request, Asked *ret) _must_check_;

/* Whether a person of the owner signed these terms, verdict and reason filled in, with a key that
 * is in force: 0, REFUSE_key_unknown, REFUSE_key_revoked, REFUSE_signature_wrong, ERR_MEMORY. */
int asked_verify(const Hub *h, Arena *a, const AuthorisationTerms *t, Str key_id,
                 Bytes signature) _must_check_;

/* What may count today towards a product for this recipient and purpose. Each is verified anew;
 * one that does not hold is logged by its request and lets nothing out. */
int grants_load(Hub *h, Arena *a, Id enquiry, Str recipient, Str purpose, Str today, Grant **ret,
                size_t *ret_count) _must_check_;

#endif
