/* What owners chose for what they said before, as the ledger has it: the newest word on a class, or
 * on all of a message, counts. Nothing stands beside the leaf that could say something else.
 *
 * What came under the same native reference (an update, and what it replaces), and what corrects
 * any of it, is akin: the newest word on each of those messages counts, too, unless the owner has
 * chosen for this one since. A correction's leaf says what it corrects; no leaf proves a reference.
 * So what is inherited only ever narrows, and the strictest of it counts: a false row can withhold,
 * and can release nothing (R25). Only the owner widens, by a word on this message. */
#ifndef MASH_CHOICES_H
#define MASH_CHOICES_H

#include "broker/base/arena.h"
#include "broker/base/id.h"
#include "schemas/schema.h"

/* A message, and by what it is akin to others of its owner: ties joined by "+". */
typedef struct Origin {
    Str owner;
    Id message;
    Str ties;
} Origin;

typedef struct Choice {
    Origin of;       /* for which it was chosen */
    InfoClass class; /* CLASS_none: all that the message says */
    Tier tier;       /* TIER_none: the class's default */
    bool held;       /* at source: not even shown inside */
    const struct Choice *newer; /* the next newer word on the same message */
} Choice;

typedef struct Choices {
    Choice *at; /* newest first */
    size_t count;
} Choices;

/* What an owner wants of one item. */
typedef struct Will {
    Tier tier; /* TIER_none: the class's default */
    bool held;
    const Choice *choice; /* that says so; NULL: what was sent, or the class */
} Will;

/* From its leaf. False when it is not understood, or not about this message of this owner: what it
 * wanted is not known, so that it stands for silence (R25). */
bool choice_read(Arena *a, const Origin *of, Str leaf, Choice *ret);
/* When all are there: finds the newer word of each. */
void choices_link(Choices *c);
/* For an item of this class that was `sent` with this tier. */
Will choice_will(const Choices *c, const Origin *of, InfoClass class, Tier sent);
/* All of this message is held at source, or at least this class of it. */
bool choice_holds(const Choices *c, const Origin *of, InfoClass class);

/* The tier that shows no more than either does, in any case. */
Tier tier_stricter(InfoClass class, Tier a, Tier b);

#endif
