/* Who speaks for an agency, and what its people sign to change that: an act that enrols, rotates or
 * revokes a person's key, delegates the agency's policy to a named lead, or withdraws that. What is
 * signed is a text of words, one "name value" a line, as a person can read it (protocol-intro.md).
 */
#ifndef MASH_PEOPLE_H
#define MASH_PEOPLE_H

#include "schemas/codec.h"

/* Each act says exactly the words that people_words names for it. */
typedef struct PeopleAct {
    Str agency;
    Str act;      /* of the list people_act */
    Str key;      /* revoke: the key's id */
    Str public;   /* enrol, rotate: the new key's public half, 64 hex digits */
    Str holder;   /* enrol, rotate: the post that holds it; delegate: the lead's */
    Str until;    /* enrol, rotate, delegate: the day on which it ends, YYYY-MM-DD */
    Str replaces; /* rotate: the id of the key that ends */
    Str reason;   /* revoke: of the list key_end */
    Str lead;     /* delegate: the lead's agency */
    Str number;   /* delegate, withdraw: which of the agency's delegations, from 1 */
} PeopleAct;

/* The first word that is missing, not asked for, or not in its form; NULL when all is well. */
const char *people_fault(const PeopleAct *act);
/* What is signed. {0} when the arena failed or people_fault has something to say. */
Str people_message(Arena *a, Str realm, const PeopleAct *act);
/* A word of it by its name ("until"); NULL when there is none of this name. */
Str *people_word(PeopleAct *act, Str name);

/* The public half as a key file has it ("ed25519-public HEX"), or alone: its 64 digits; {0}. */
Str public_hex(Str text);

#endif
