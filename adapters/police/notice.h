/* A police notice, as both forms of the invented profile (JSON and XML, see README.md) are read
 * into it, and its mapping to a canonical referral. Texts are borrowed; an empty one was not there.
 */
#ifndef MASH_NOTICE_H
#define MASH_NOTICE_H

#include "adapters/common/mapping.h"

enum { NOTICE_PERSONS = 32, NOTICE_MARKERS = 8 };

typedef struct NoticePerson {
    Str role, surname, forenames, dob, sex, ethnicity, school, relationship;
    Str nhs_number, upn, pnc, phone, voice_of_child;
    bool present, present_said;
    Str markers[NOTICE_MARKERS];
    size_t marker_count;
} NoticePerson;

typedef struct Notice {
    Str reference, force, occurrence, crime, at, type;
    Str dash, bra, consent, marking;
    bool encompass, police_protection;
    bool unknown_fields; /* kept in `raw` only */
    Str paon, street, town, postcode, uprn;
    Str collar, team;
    Str circumstances; /* the officer's free text */
    Str summary;       /* the owner's own words for outside the hub */
    Str intelligence, criminal_history;
    Str informant_name, informant_account;
    NoticePerson persons[NOTICE_PERSONS];
    size_t person_count;
} Notice;

/* 0 and the draft; a REFUSE_* with the place when there is nothing to make a referral of; or
 * negative. `native` are the notice's own bytes. */
int notice_map(Arena *a, const Identity *self, const Notice *n, Bytes native, int64_t now_ms,
               Draft *ret, Fault *ret_fault) _must_check_;

#endif
