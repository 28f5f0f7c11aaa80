/* The people of an enquiry: whom a letter is about, and who may be named in none. */
#ifndef MASH_PERSONS_H
#define MASH_PERSONS_H

#include "broker/release/detect.h"
#include "schemas/codec.h"

/* Somebody mentioned in the enquiry's messages. */
typedef struct Person {
    Id person_id;
    const Value *value; /* STRUCT_person; NULL: does not open, by whatever it was */
    bool subject;       /* a child or unborn of this enquiry */
    bool held;          /* mentioned by what its owner holds at source: cut, and shown nowhere */
    Str roles;          /* "child+victim", as they were sealed */
    Str agency;         /* who mentioned them */
} Person;

/* ---- subject.c ------------------------------------------------------------------------------ */

/* Minimum identity of somebody for an agency of this type: name, birth date, and only the
 * identifier that the recipient itself uses. */
Subject subject_of(Arena *a, const Value *person, Str recipient_type);
/* The same of one person of the enquiry, from the mentions there are. In the recipient's own words
 * where another agency calls the child the same, for they tell it nothing new; its word alone,
 * against all others', could be anybody's name. False when nobody mentions the person but in what
 * is held. */
bool subject_choose(Arena *a, const Person *persons, size_t count, Id person, Str recipient,
                    Str recipient_type, Subject *ret) _must_check_;
/* "child+victim"; empty for NULL. */
Str roles_text(Arena *a, const Value *person);

/* ---- forbidden.c ---------------------------------------------------------------------------- */

/* What the net searches for: the names of everybody in the enquiry but the children that the letter
 * is about, and everybody's numbers and addresses, theirs too. Gathered here and nowhere else.
 * Professionals are no exception: a rule lets words out, not names, and whoever needs a name asks
 * the owner. Who told, who saw, who was hurt (be it another child of the enquiry) and protected
 * addresses hide. Somebody whose mention does not open has no words here; see persons_unread.
 * ERR_MEMORY. */
int forbidden_words(Arena *a, const Person *persons, size_t count, const Id *about,
                    size_t about_count, NetWord **ret, size_t *ret_count) _must_check_;

/* True when somebody whom `agency` mentioned cannot be read, so that nobody knows which words may
 * not leave. Any agency, when `agency` is {0}. */
bool persons_unread(const Person *persons, size_t count, Str agency);

#endif
