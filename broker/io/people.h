/* Who speaks for an agency. Its first two people are enrolled in the key ceremony; whoever comes
 * after them, by an act that two of its people signed (schemas/people.h). Where an agency has
 * delegated its policy, a named lead of another agency counts as well. The register proves all of
 * it again, from the first leaf on, whenever it has changed: a row that was slipped in, altered or
 * brought back is nobody's.
 *
 * A signature counts by the moment of the act that it stands under. That a key expires or is
 * replaced, that its holder leaves, that another lead is named, takes nothing back that was done
 * before. A key that somebody else may have used, and a delegation that its owner withdrew, count
 * for nothing any more, whenever they signed. */
#ifndef MASH_IO_PEOPLE_H
#define MASH_IO_PEOPLE_H

#include "broker/io/register.h"
#include "schemas/people.h"

enum { SIGNERS_MAX = 8 };

/* `agency` lets `holder` of the agency `lead` sign its policy with it. */
typedef struct Delegation {
    char agency[32], lead[32], holder[80];
    Term term;
} Delegation;

typedef struct People {
    Delegation *at; /* in the order of the ledger */
    size_t count;
} People;

typedef struct Signer {
    Str key_id;
    Bytes signature;
} Signer;

/* "<key id> <128 hex digits>" lines, as mashctl writes them. REFUSE_argument_wrong, also for more
 * than SIGNERS_MAX. */
int signers_read(Arena *a, Str lines, Signer ret[SIGNERS_MAX], size_t *ret_count) _must_check_;

/* Keeps, in front, the signatures over `message` of those who could speak for `owner` at that
 * moment ({0}: now), one a person: who holds two keys signs once. Returns how many people. */
size_t signers_keep(const Register *r, Str owner, Str moment, Str message, Signer *signers,
                    size_t count);

/* What they may say together:
 *   policy    two of the owner's people; or the lead, and one of the owner's or of the lead's
 *   people    two of the owner's people; or one of them, and the lead
 *   delegate  two of the owner's people, or the only one there is
 *   withdraw  one of the owner's people */
typedef enum Say { SAY_policy, SAY_people, SAY_delegate, SAY_withdraw } Say;
Say say_of(Str act); /* of the list people_act */
bool signers_may(const Register *r, Say say, Str owner, Str moment, const Signer *signers,
                 size_t count);

/* In force at that moment ({0}: now). */
bool term_holds(const Term *t, Str moment);
/* The agency's delegation at that moment ({0}: now): the last one made, if it was in force. */
const Delegation *delegation_at(const Register *r, Str agency, Str moment);

/* ---- for register.c -------------------------------------------------------------------------- */

/* One row an act, in the order of the ledger. */
extern const char people_sql[];
enum { PEOPLE_COLUMNS = 7 };

/* Proves row after row. A people's key in `r` gets its term when its row is proven; `key_at` finds
 * it by its id. */
int people_fill(const Register *r, People *p, Str realm, const Rows *rows,
                RegisteredKey *(*key_at)(const Register *r, Str id)) _must_check_;

#endif
