/* The people of an enquiry: whom a letter is about, and who may be named in none. */
#ifndef MASH_PERSONS_H
#define MASH_PERSONS_H

#include "broker/release/redact.h"

/* Somebody mentioned in the enquiry's messages. */
typedef struct Person {
    Id person_id;
    const Value *value; /* STRUCT_person; NULL: does not open, by whatever it was */
    bool subject;       /* a child or unborn of this enquiry */
    bool held;          /* mentioned by what its owner holds at source: cut, and shown nowhere */
    Str roles;          /* "child+victim", as they were sealed */
    Str agency;         /* who mentioned them; {0}: anybody may have, everybody did (on paper) */
} Person;

#define NAME_NOT_KNOWN "Name not known" /* of a mention without one */

/* ---- subject.c ------------------------------------------------------------------------------ */

/* Minimum identity of somebody for an agency of this type: name, birth date, and only the
 * identifier that the recipient itself uses. */
Subject subject_of(Arena *a, const Value *person, Str recipient_type);

bool name_former(const Value *name);

/* Who is known in an enquiry, and whom of them a letter is about. */
struct Known {
    const Person *at;
    size_t count;
    const Id *about;
    size_t about_count;
};

/* Whom a letter goes to, and the agencies that tell something in it. */
typedef struct Addressee {
    Str agency, type;
    const Str *speakers;
    size_t speaker_count;
} Addressee;

/* The same of one person of the enquiry, by a mention of those who speak in the letter (of anybody,
 * where nobody does): by the name that most of those agencies have, of equals the first, with the
 * recipient's number where one of them has it. In the recipient's own words where it calls her the
 * same, or nobody else may be asked, for they tell it nothing new; its word alone, against theirs,
 * could be anybody's name. False when none of them mentions her but in what is held. */
bool subject_choose(Arena *a, const Known *known, Id person, const Addressee *to,
                    Subject *ret) _must_check_;
/* "child+victim"; empty for NULL. */
Str roles_text(Arena *a, const Value *person);

/* ---- heading.c ------------------------------------------------------------------------------ */

/* The request's subjects, out of its `known`, for a letter in which these speak. For redact. */
int heading_make(Arena *a, Request *request, const Str *speakers,
                 size_t speaker_count) _must_check_;

/* redact() of redact.h with the request's subjects and views out of the mentions.
 * REFUSE_nothing_to_share, too, when nobody mentions any of those whom it should be about. */
int redact_about(Arena *a, Request *request, const Known *known, const Item *items,
                 size_t item_count, const Policy *policies, size_t policy_count,
                 Redacted *ret) _must_check_;

/* ---- forbidden.c ---------------------------------------------------------------------------- */

/* Whose words are searched, and for whom. Empty: anybody's, for anybody. */
typedef struct Between {
    Str owner, recipient;
} Between;

/* What the net searches for: the names of everybody in the enquiry but the children that the letter
 * is about, their former names, and everybody's numbers and addresses, theirs too. Gathered here
 * and nowhere else. A mention is a child's only where it says so itself. Professionals are no
 * exception: a rule lets words out, not names, and whoever needs a name asks the owner. Who told,
 * who saw, who was hurt (be it another child of the enquiry) and protected addresses hide, but not
 * those that the recipient told of itself: it could try what others have said of whom. Somebody
 * whose mention does not open has no words here; see persons_unread. Each word stands once.
 * REFUSE_too_many_names: nobody may be left out, so nothing may leave. ERR_MEMORY. */
int forbidden_words(Arena *a, const Person *persons, size_t count, const Id *about,
                    size_t about_count, Between between, NetWord **ret,
                    size_t *ret_count) _must_check_;

/* True when somebody whom `agency` mentioned cannot be read, so that nobody knows which words may
 * not leave. Any agency, when `agency` is {0}. */
bool persons_unread(const Person *persons, size_t count, Str agency);

#endif
