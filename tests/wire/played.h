/* Those who stand around a hub, as the wire campaign plays them: an agency with its real keys,
 * which sends signed submissions and takes, opens and receipts its letters; and a member of staff.
 * Every process runs in the hub's folder. Whoever cannot do its part says why and ends (give_up).
 */
#ifndef MASH_WIRE_PLAYED_H
#define MASH_WIRE_PLAYED_H

#include "tests/torture/sender.h"

#include <jansson.h>

/* ---- an agency ------------------------------------------------------------------------------- */

/* A letter as it came over the wire, and what it held. */
typedef struct Arrived {
    Id letter_id;
    size_t frames, lengths[4]; /* of the message that brought it */
    const Value *letter;       /* STRUCT_letter, opened, its signature verified */
} Arrived;

typedef struct Agency {
    Party party;
    KeyPair letter_key;
    Key letter_sign_public;
    void *intake, *courier; /* sockets */
} Agency;

void agency_open(Agency *g, void *zmq, const char *code);
void agency_close(Agency *g);

/* One submission, until the hub has promised every message of it. */
void agency_send(Agency *g, Arena *a, const SubmissionEntry *entries, size_t count);
/* Asks the courier what there is; everything that has come so far is opened, receipted and appended
 * to `at`, which has room for `most`. Returns how many it added. */
size_t agency_collect(Agency *g, Arena *a, Arrived *at, size_t most);

/* salt || content, checked as the adapter checks it. */
Bytes content_frame(Arena *a, StructKind kind, const Value *content);

/* ---- a member of staff ------------------------------------------------------------------------
 */

typedef struct Staff {
    void *socket;
} Staff;

void staff_open(Staff *s, void *zmq, const char *who);
void staff_close(Staff *s);

typedef struct Word {
    const char *name;
    Str value;
} Word;

/* The answer's body; NULL when it was refused, with `*ret_reason`. json_decref it. A refusal
 * that says a word that stays in, in whatever encoding, ends the campaign. */
json_t *staff_ask(Staff *s, Arena *a, const char *command, const Word *words, size_t count,
                  Str *ret_reason);

#endif
