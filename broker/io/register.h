/* The register of keys as a program holds it: loaded by door.register, loaded again on NOTIFY and
 * every two seconds, so that a revocation acts within five on open connections (F4, R7). A key
 * whose ledger leaf does not hold its digest is not obeyed: nobody enrols by editing a table. */
#ifndef MASH_REGISTER_H
#define MASH_REGISTER_H

#include "broker/io/keyfile.h"
#include "broker/io/store.h"

typedef enum KeyKind {
    KEY_transport,
    KEY_origin,
    KEY_letter,
    KEY_witness,
    KEY_people,
    KEY_staff
} KeyKind;

enum { MOMENT_LEN = 23 }; /* "2026-11-28T23:50:00.123", UTC */

/* From when to when somebody speaks for an agency. */
typedef struct Term {
    char since[MOMENT_LEN + 1], until[MOMENT_LEN + 1];
    char ended[MOMENT_LEN + 1]; /* before its time; else empty */
    bool current;               /* in force now */
    bool voided;                /* it counts for nothing, and never did */
} Term;

typedef struct RegisteredKey {
    char id[KEY_ID_LEN + 1];
    char owner[32];       /* agency code, or staff user name for KEY_staff */
    char agency_type[32]; /* empty for staff */
    char holder[80];      /* who holds it, as its leaf says; empty when the leaf names nobody */
    KeyKind kind;
    Key public;
    bool usable;          /* in force now */
    char roles[128];      /* staff: "+decision_maker+triage_officer+", else "" */
    Term term;            /* people: voided unless its enrolment is proven (people.h) */
} RegisteredKey;

typedef struct Register Register;

/* `realm`: people's keys are wanted, and the acts that made them are verified in it; {0}: nobody
 * signs anything here, and no people's key is usable. It must outlive the register. */
int register_new(Register **ret, Str realm) _must_check_;
void register_free(Register *r);
/* Replaces what is held; on any failure the old state stays. `ret_bad` counts rows not obeyed. */
int register_load(Register *r, Store *s, size_t *ret_bad) _must_check_;

/* NULL when there is none. Also finds keys that are not usable: look at `usable`. */
const RegisteredKey *register_by_id(const Register *r, KeyKind kind, Str id);
const RegisteredKey *register_by_public(const Register *r, KeyKind kind, const Key *public);
/* Who speaks for the agencies, as people.h asks it. */
const struct People *register_people(const Register *r);
/* Whether nobody but this key's holder speaks for its agency at that moment. */
bool register_alone(const Register *r, const RegisteredKey *k, Str moment);
/* Whether this post of the agency holds a people's key in force now. */
bool register_holds(const Register *r, Str agency, Str holder);
/* The agency's usable key of this kind that was enrolled last. */
const RegisteredKey *register_current(const Register *r, KeyKind kind, Str owner);
bool staff_has_role(const RegisteredKey *k, const char *role);

DEFINE_FREEP(Register, register_free)

#endif
