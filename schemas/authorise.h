/* An owner's word, given offline: the request as its person has it (the opened letter as JSON, as
 * the adapter's desk or `authorise-show` wrote it) in, what she signs out. Nothing here asks the
 * hub: her key stays where she is. */
#ifndef MASH_AUTHORISE_H
#define MASH_AUTHORISE_H

#include "schemas/envelope.h"

typedef struct AuthoriseAsked {
    AuthorisationTerms terms; /* verdict and reason are still empty */
    Str words; /* for a person: to whom, for what, until when, and exactly what would leave */
} AuthoriseAsked;

/* 0, a REFUSE_* with its place in ret_fault, or ERR_*. The words are made of what is signed, never
 * of what stands beside it, but for the recipient's name: its code is signed and stands first, and
 * the name is told as the hub's. REFUSE_commitment_wrong: the file is not as it came, for its
 * section is not the one that its digest is of. */
int authorise_read(Arena *a, Str json, AuthoriseAsked *ret, Fault *ret_fault) _must_check_;

/* The answer of the person who holds the key (its secret, and the id of its public half), at `now`.
 * `reason` empty: granted. REFUSE_code_unknown for one that is not in the list refusal_reason. */
int authorise_answer(Arena *a, const AuthoriseAsked *asked, Str reason, const Key *secret,
                     Str key_id, Str now, const Value **ret) _must_check_;

#endif
