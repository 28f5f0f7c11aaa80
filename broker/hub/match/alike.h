/* How alike two texts are. All are folded (broker/base/fold.h) and compared byte by byte: exact for
 * Latin letters, a little strict for others. Pure; longer texts are compared by their beginning. */
#ifndef MASH_ALIKE_H
#define MASH_ALIKE_H

#include "broker/base/str.h"

enum { ALIKE_MOST = 64 }; /* bytes of a text that are looked at: one bit each in a word */

/* Jaro-Winkler in thousandths: 1000 the same, 0 nothing in common or one of them empty. The bonus
 * for a common beginning (at most 4 bytes, a tenth each) is given from .7 on. */
int jaro_winkler(Str a, Str b);

/* Damerau-Levenshtein (one insertion, deletion, change, or exchange of neighbours is one edit),
 * given up beyond `most`: then most + 1. */
int edits(Str a, Str b, int most);

/* What a name sounds like to an English ear, letters that are written for one another made equal,
 * vowels but the first dropped: "catherine" and "kathryn" give one code. 0: it has no letter. */
uint32_t sound_code(Str name);

/* Which rows of the nickname tables a given name heads; found once, when it is normalised. */
typedef struct NickRows {
    uint16_t british, american; /* counted from 1; 0: none */
} NickRows;

NickRows nick_rows(Str name);

/* Is one what the bearers of the other are called? */
bool nick_of(Str a, NickRows rows_a, Str b, NickRows rows_b);

#endif
