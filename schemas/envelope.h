/* Heads: the first frame of every message, and what is signed of it. PROTOCOL.md describes them. */
#ifndef MASH_ENVELOPE_H
#define MASH_ENVELOPE_H

#include "schemas/codec.h"

enum { KEY_HEAD_VERSION = 1, KEY_HEAD_MESSAGE = 2 }; /* the same in every head */

/* A new head of this kind, with version and name set. NULL when the arena failed. */
Value *head_new(Arena *a, StructKind kind);

/* Decodes, knows the message by its name, checks it. 0, a REFUSE_* (in ret_fault), ERR_MEMORY. */
int head_decode(Arena *a, Bytes frame, StructKind *ret_kind, const Value **ret, Fault *ret_fault)
    _must_check_;

/* The signature is over "mash/1 <message name>\n" and the head's bytes. Contents are covered by
 * their commitments in the head. */
int head_sign(Arena *a, const Key *secret, StructKind kind, Bytes head, Signature *ret)
    _must_check_;
bool head_verify(Arena *a, const Key *public, StructKind kind, Bytes head, Bytes signature);

/* What two people of `owner` sign: this text, as this version of this owner's policy, in this
 * realm, so that no text comes back that they have replaced; `from` is the day on which it begins,
 * {0} at once. {0} when the arena failed. */
Str policy_message(Arena *a, Str realm, Str owner, int64_t version, Str from, Str text);

/* An owner's word on its section of one product, and all that it is about. */
typedef struct AuthorisationTerms {
    Str realm, owner;
    Id request;
    Str verdict, reason; /* granted and empty; refused and a code of refusal_reason */
    Hash section;        /* SHA-256 of STRUCT_rendering, encoded */
    Str recipient, purpose, template, expires_on;
} AuthorisationTerms;

/* What one person of the owner signs. {0} when the arena failed. */
Str authorisation_message(Arena *a, const AuthorisationTerms *t);

/* A content frame is salt (32 bytes) || content; its commitment is SHA-256 of the whole frame. */
int content_commit(Bytes frame, Hash *ret) _must_check_;

/* The struct that holds content of this name; STRUCT_none when it is not in the list `content`. */
StructKind content_kind(Str content);
/* Content in bounds and as the schema says. The value borrows from the bytes. */
int content_decode(Arena *a, StructKind kind, Bytes content, const Value **ret,
                   Fault *ret_fault) _must_check_;

#endif
