/* Inside the release room only: what a net is made of. names.c and places.c turn words into
 * patterns, find.c finds them in a stream of letters, codes.c finds numbers that nobody listed. */
#ifndef MASH_NET_H
#define MASH_NET_H

#include "broker/release/detect.h"
#include "broker/release/stream.h"
#include "broker/release/trie.h"

#include <unicode/ubrk.h>

/* When what stands in a text is believed to be what the pattern means. */
typedef enum Trust {
    TRUST_name,     /* as a word of its own, in any case */
    TRUST_noun,     /* an English word, too (Grace): where it is written as a name */
    TRUST_verb,     /* (Will, Mark): likewise, and what follows must fit, where a sentence begins */
    TRUST_month,    /* (May, Summer): likewise, but not beside what dates are written with */
    TRUST_small,    /* (An, So): only beside another part of a name, or after a title */
    TRUST_phrase,   /* several parts of one name together: in any case */
    TRUST_pair,     /* likewise, of English words: each with its capital */
    TRUST_initials, /* in capitals */
    TRUST_number,   /* digits: in any run of digits, however divided */
    TRUST_code,     /* letters and digits: between the same marks as other words */
} Trust;

typedef struct Pattern {
    struct Pattern *next; /* another that looks the same */
    const uint8_t *plain; /* what it is, letter by letter; see stream.h */
    size_t len;
    uint64_t joints;   /* bit i: before letter i it has a gap of its own */
    uint32_t initials; /* of those who are called so, before or after it; bit 0 is a */
    uint32_t follows;  /* that only follow it: a family's, after a given name */
    int word;          /* NET_WORD_NONE: of a subject only */
    NetKind kind;
    Trust trust;
    bool hides, keeps; /* see Span */
    bool subject; /* a part of a subject's name */
} Pattern;

struct Net {
    Arena *arena;
    Arena *scratch; /* while it is made */
    Trie *trie;
    const Str *allowed; /* identifiers that may be told, folded */
    size_t allowed_count;
    const Subject *subjects;
    size_t subject_count;
    bool failed; /* while it is made */
};

/* ---- net.c ---------------------------------------------------------------------------------- */

/* Adds what `text` folds to, in the case that it is written in and in others, as `like` says. */
void pattern_add(Net *n, Str text, Pattern like);
bool allowed(const Net *n, Str key);

/* ---- names.c, places.c: from words to patterns ---------------------------------------------- */

void name_add(Net *n, Str name, Pattern like);
void place_add(Net *n, Str line, Pattern like);
void telephone_add(Net *n, Str number, Pattern like);

/* ---- common.c: words that are names and English, too ---------------------------------------- */

/* How far a part of a name is believed, by what else the word means. */
Trust word_trust(Str folded);
bool word_in(Str word, const char *list); /* words parted by single spaces */

/* ---- find.c, belief.c, codes.c -------------------------------------------------------------- */

typedef struct Hit {
    size_t begin, end; /* letters of the stream */
    const Pattern *pattern;
    bool exact; /* not only alike */
    bool taken;
} Hit;

typedef struct Search {
    const Net *net;
    Arena *arena;
    Stream stream;
    Hit *hits;
    size_t hit_count, hit_cap;
    Span *spans;
    size_t span_count, span_cap;
    UText *characters; /* as people see them; opened at need */
    UBreakIterator *breaks;
    bool failed;
} Search;

/* Whether what is found, or was cut before, stands right beside these letters. */
bool beside_found(const Search *s, size_t begin, size_t end);
bool hit_believed(const Search *s, const Hit *hit);
/* Whether letter `i` is one of these initials, close to what begins at `right` or ends there. */
bool initial_near(const Stream *s, size_t i, size_t right, uint32_t initials);
/* Marks the letters as found and keeps the span. */
void letters_found(Search *s, size_t begin, size_t end, const Pattern *like);
void codes_find(Search *s);
/* After a mark that ends a sentence or a clause and stands in the gap before the letter: its byte;
 * 0: there is none. */
uint32_t gap_ends(const Stream *s, const Letter *l);
/* Sorts, joins what is parted by soft marks only; how many are left. */
size_t spans_settle(Str text, Span *spans, size_t count);
/* `known` and those `found` in the text that is left when they are cut out, as spans of `text`,
 * settled. Takes and gives the number of `known`. NULL when the arena failed. */
Span *spans_add(Arena *a, Str text, const Span *known, size_t *count, const Span *found,
                size_t more);
/* Whether one of them is run together with a letter or a digit that stays. */
bool spans_glued(Str text, const Span *spans, size_t count);
/* At most three of these between two things leave them beside each other. */
bool soft(char c);

#endif
