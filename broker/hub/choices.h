/* What owners chose for what they said before, as the ledger has it: the newest word on a class, or
 * on all of a message, counts. Nothing stands beside the leaf that could say something else. */
#ifndef MASH_CHOICES_H
#define MASH_CHOICES_H

#include "broker/base/arena.h"
#include "broker/base/id.h"
#include "schemas/schema.h"

typedef struct Choice {
    Str owner;
    Id message;
    InfoClass class; /* CLASS_none: all that the message says */
    Tier tier;       /* TIER_none: the class's default */
    bool held;       /* at source: not even shown inside */
} Choice;

typedef struct Choices {
    Choice *at; /* newest first */
    size_t count;
} Choices;

/* One of them from its leaf. False when it is not understood, or not about this message of this
 * owner: what it wanted is not known, so that it stands for silence (R25). */
bool choice_read(Arena *a, Str owner, Id message, Str leaf, Choice *ret);
/* The one that counts for an item of this class; NULL when its owner chose nothing for it. */
const Choice *choice_of(const Choices *c, Str owner, Id message, InfoClass class);
/* All of this message is held at source, or at least this class of it. */
bool choice_holds(const Choices *c, Str owner, Id message, InfoClass class);

#endif
