/* One described person, made comparable once: folded, cut into parts, placeholders and wrong
 * numbers left out. Everything is kept in several values: other names, earlier addresses. Pure,
 * immutable.
 *
 * A number whose check digit is wrong is not a number, a birth date of 1900-01-01 is none, and one
 * of 1 January says only its year: that is how systems write what they do not know. */
#ifndef MASH_IDENTITY_H
#define MASH_IDENTITY_H

#include "broker/base/arena.h"
#include "broker/hub/match/alike.h"

typedef enum Trait {
#define TRAIT(name, title, rare) TRAIT_##name,
#define LEVEL(trait, name, m, u, home, least, most, sentence)
#include "broker/hub/match/levels.def"
#undef TRAIT
#undef LEVEL
    TRAIT_COUNT,
} Trait;

enum { VALUES_MOST = 6, PARTS_MOST = 4 };

/* As somebody wrote it. Birth dates: YYYYMMDD or YYYY-MM-DD. More values than VALUES_MOST are left
 * out. */
typedef struct Described {
    Str value[TRAIT_COUNT][VALUES_MOST];
    uint8_t count[TRAIT_COUNT];
} Described;

void described_add(Described *d, Trait trait, Str value);

typedef struct Text {
    Str text;
    uint64_t hash; /* of the trait and the text: equal only when they are */
} Text;

typedef struct Name {
    Text whole;              /* the parts joined: "garciamorales" */
    uint8_t end[PARTS_MOST]; /* where each part ends */
    uint8_t parts;
    uint32_t sound[PARTS_MOST + 1]; /* of each part; the last one: of the whole */
    NickRows nicks;                 /* of the first part */
    uint32_t letters; /* which there are: a bit each, a to z, and one for all others */
} Name;

typedef struct Birth {
    int year, month, day; /* month 0: only the year is known */
    char digits[8];
    uint64_t hash;
} Birth;

typedef struct Address {
    Text whole;         /* "12 mill lane" is "12 mill ln" */
    uint64_t street;    /* hash of what follows the number; 0: nothing does */
    uint8_t number_len; /* of the house number at the beginning; 0: none */
} Address;

typedef struct Identity {
    const Name *forename, *surname;
    const Birth *birth;
    const Text *postcode, *city, *nhs, *upn;
    const Address *address;
    uint8_t count[TRAIT_COUNT];
    char sex;            /* 'f', 'm', 0 */
    uint8_t bad_numbers; /* left out because of their check digit */
} Identity;

/* ERR_MEMORY. The arena keeps what `ret` points into; `d` may go. */
int identity_make(Arena *a, const Described *d, Identity *ret) _must_check_;

/* Part `i` of a name. */
static inline Str name_part(const Name *n, int i) {
    uint8_t from = i ? n->end[i - 1] : 0;
    return (Str){.at = n->whole.text.at + from, .len = (size_t)(n->end[i] - from)};
}

/* A 64-bit hash that keeps apart what it is used for. No secret: the hub stores keyed ones. */
uint64_t text_hash(uint64_t use, Str text);
uint64_t hash_join(uint64_t a, uint64_t b); /* not the same the other way round */

#endif
