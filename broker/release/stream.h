/* Inside the release room only: a text as the row of folded letters and digits that the net reads,
 * each with the bytes of the original that it stands for. Folding: NFKC, case, accents and marks
 * that do not show are gone, and what looks alike is one letter (Unicode's confusables; 0 and o,
 * 1 and i and l, 5 and s, 8 and b, rn and m, vv and w). What the letter was before is kept beside
 * it. */
#ifndef MASH_STREAM_H
#define MASH_STREAM_H

#include "broker/base/arena.h"

/* What stands between two letters. */
enum {
    GAP_MARK = 1,  /* marks: a hyphen, an apostrophe, a bracket */
    GAP_SPACE = 2, /* white space, the text's end */
    GAP_WALL = 4,  /* something that was cut already: nothing is found across it */
    GAP_EDGE = 8,  /* nothing at all, in a script that is written without spaces */
};

/* In `plain`: what it was cannot be told from what it looks like; and two that look like one. */
enum { PLAIN_ANY = 0, PLAIN_RN = 'R', PLAIN_VV = 'V' };

typedef struct Letter {
    uint32_t from, to; /* bytes of the text */
    uint8_t skeleton;  /* what the net reads */
    uint8_t plain;     /* the same before look-alikes became one */
    uint8_t gap;       /* GAP_* before it; 0: it goes on with the one before */
    bool found;        /* find.c's: part of what is cut */
} Letter;

typedef struct Stream {
    Str text;
    Letter *at; /* count + 1: after the last stands a gap */
    size_t count;
    size_t digits; /* how many of them are digits */
} Stream;

/* What stands in released text for all that was cut, whatever and however long it was. It is a wall
 * to the net: cutting twice is cutting once. */
#define CUT_TOKEN "[removed]"

/* False when `text` is not UTF-8, is too long, or the arena failed. */
bool stream_new(Arena *a, Str text, Stream *ret) _must_check_;

bool letter_digit(const Letter *l);
/* Whether the letter is a capital in the text. */
bool stream_upper(const Stream *s, size_t i);
/* The end of the token that begins at `i`; the begin of the one that ends before `i`. */
size_t token_end(const Stream *s, size_t i);
size_t token_begin(const Stream *s, size_t i);
/* The token from `i` on as plain lower-case letters; {0} when it is longer than `cap`. */
Str token_plain(const Stream *s, size_t i, char *buffer, size_t cap);

#endif
