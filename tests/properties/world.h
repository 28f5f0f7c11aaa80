/* Random enquiries to redact, in pairs that agree in all that leaves and differ in all else; and
 * everything that leaves of one. No test framework: the campaign runs it a million times. */
#ifndef MASH_PROPERTIES_WORLD_H
#define MASH_PROPERTIES_WORLD_H

#include "broker/release/persons.h"
#include "broker/release/release.h"

typedef struct Dice {
    uint64_t state;
} Dice;
size_t dice(Dice *d, size_t below); /* 0 .. below - 1 */

enum { ITEMS_MOST = 40, ITEMS_FIRST = 12, RULES = 14, OWNERS = 4, FORMS = 5, NAMES = 4 };

/* Every word that should not be heard begins with this, and nothing else does. */
#define CANARY "Kqzvwxjq"

typedef struct World {
    Request request;
    Subject subject;
    NetWord names[NAMES]; /* the last two are cut out of a text, the others keep all of it in */
    size_t teller[NAMES]; /* the owner that mentioned who is called so */
    Str called[OWNERS + 1]; /* the child, by each owner and the recipient; empty: not mentioned */
    Rule rules[OWNERS][RULES];
    Policy policies[OWNERS]; /* the last owner has none */
    Item items[ITEMS_MOST];
    size_t count;
    bool granted;   /* every owner that is asked agrees to exactly what it is asked; else the
                       request's grants stand */
    unsigned words; /* canaries used so far */
} World;

/* What leaves, in every form, and what is sealed of it. */
typedef struct Outbound {
    int outcome;
    Str form[FORMS]; /* msgpack, JSON, text, page, FHIR */
    Bytes letter;
    Hash digest;
    Redacted redacted;
} Outbound;

World world_new(Arena *a, Dice *d);
/* Another world that agrees with `w` in what was released and in which owners give a signpost. */
World world_other(Arena *a, Dice *d, const World *w, const Outbound *o);
/* Everybody who must not be named has another name, which no other text says; but who was mentioned
 * by this owner, when it is one. */
void world_rename(Arena *a, World *w, Str but);
/* The same as far as this owner goes; what all others hold, allow and told is another. */
World world_others(Arena *a, Dice *d, const World *w, Str owner);
/* One more item that says nothing outside, and other names for the child by who says nothing. */
World world_with_silent(Arena *a, Dice *d, const World *w, const Outbound *o);
/* Whether this owner mentioned the child. */
bool world_mentions(const World *w, Str owner);
/* A random rule taken away or made narrower, or a tier, and the grants of `w`: nobody is asked
 * anew. `ret_what` for the report. */
World world_stricter(Dice *d, const World *w, const char **ret_what);
/* Only what left, as if it were all there is. */
World world_released(const World *w, const Outbound *o);

Outbound outbound(Arena *a, const Shareable *s);
/* Redacts and renders; the items' texts are those of `w`. */
Outbound world_out(Arena *a, World *w);
/* The sealed letter's length; 0 when sealing failed. */
size_t sealed_length(Arena *a, const Outbound *o);

/* ---- pairs.c ------------------------------------------------------------------------------- */

typedef struct Tally {
    uint64_t pairs, products, differing, sealed, silent, stricter, again, canaries, heard;
    uint64_t letters, letters_refused, asked;
} Tally;

/* Tries every property on one random enquiry; NULL, or what does not hold. */
const char *properties_try(Arena *a, Dice *d, uint64_t number, Tally *t);

/* ---- letters.c ------------------------------------------------------------------------------ */

/* Tries every other kind of letter on the world; NULL, or what does not hold. */
const char *letters_try(Arena *a, Dice *d, const World *w, Tally *t);

/* ---- canary.c ------------------------------------------------------------------------------ */

enum { ENCODINGS = 17 };
/* The name of the encoding in which a canary stands in `text`; NULL for none. `plain` counts those
 * that stand there as they are, which is the caller's to judge. */
const char *canary_encoded(Str text, size_t *plain);
/* The same where none may stand, plain or not: as it is spelt, in small letters or in capitals. */
const char *canary_heard(Str text);
/* Writes a short `word` in the encoding, at most 8 bytes a letter; returns the length. */
size_t canary_write(size_t encoding, const char *word, char *out);

#endif
