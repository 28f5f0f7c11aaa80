/* The safety net under text that leaves: finds names, numbers and addresses of everybody in the
 * enquiry, however they are written, and numbers of people nobody named. It may only add cuts and
 * never releases anything (R11, R25). */
#ifndef MASH_DETECT_H
#define MASH_DETECT_H

#include "broker/base/arena.h"

typedef struct Subject {
    Str name, birth_date;              /* birth date may be empty */
    Str identifier_scheme, identifier; /* only one that the recipient itself uses; may be empty */
} Subject;

typedef enum NetKind {
    NET_name,
    NET_address,
    NET_postcode,
    NET_telephone,
    NET_email,
    NET_identifier, /* of any scheme */
    NET_vehicle,
} NetKind;
const char *net_kind(NetKind kind); /* "name"; for whoever sees the cuts, inside */

typedef struct NetWord {
    Str text; /* a name as "Pryce-Jones, Rhys" or "Rhys Pryce-Jones" (the last word is the family
                 name); one line of an address; a number as it was written. An identifier
                 without a digit, or shorter than four, is a word, and not searched. */
    NetKind kind;
    bool hides; /* who told, saw or was hurt, where somebody is protected: to cut it would tell that
                   it stood there, so all of the text stays in */
    bool foreign; /* told by another than whose words are searched: hides the text, but nothing of
                     what is said without it */
} NetWord;

enum {
    NET_MOST = 1 << 20, /* bytes of one text; a longer one cannot be searched */
    NET_WORD_NONE = -1
};

typedef struct Span {
    size_t from, len; /* of the text's bytes, on whole characters as people see them */
    NetKind kind;
    int word; /* which of the net's words, or NET_WORD_NONE: no list holds it, its form tells */
    bool hides, keeps; /* keeps: what hides there is not foreign */
} Span;

/* Compiled once for a product. Everybody whose words are given is searched for: the whole name and
 * each part of it, what it is shortened to, initials, the family's plural, reversed, run together.
 * The subjects keep their names, and the identifier that is given for them; whoever shares a part
 * of a subject's name is found by the others, or by all of it together.
 * Whatever goes wrong with a word, or with memory: NULL, which finds everything. */
typedef struct Net Net;
const Net *net_new(Arena *a, const NetWord *words, size_t count, const Subject *subjects,
                   size_t subject_count);

/* All that is found, in order, apart from each other. False when it cannot be told (no net, no
 * UTF-8, no memory): then the text must not leave. `scratch` holds the spans and the text's letters
 * until it is reset. */
bool net_find(const Net *net, Arena *scratch, Str text, const Span **ret,
              size_t *ret_count) _must_check_;

/* Whether the text holds what `hides`; true also when it cannot be told. */
bool net_hides(const Net *net, Arena *scratch, Str text);

/* `text` with one and the same token instead of each span: neither its kind nor its length is told.
 * {0} when the arena failed. What comes out holds nothing that net_find would find. */
Str text_cut(Arena *a, Str text, const Span *spans, size_t count);
/* Whether a letter or a digit is left beside what was cut. */
bool text_left(Str cut);

/* ---- warnings.c: what a person should know before a cut text leaves -------------------------- */

typedef struct Warning {
    const char *sentence;
    Str words; /* of what remains, that it is about; empty: all of it */
} Warning;

/* That the cut makes the text, or a sentence of it, useless; that what remains tells indirectly who
 * told or where somebody is. `remains` is what text_cut made, or a text that nothing was cut from.
 * False when it cannot be read or an arena failed. The warnings are in `a`, and borrow from
 * `remains`. */
bool text_warnings(Arena *a, Arena *scratch, Str remains, const Warning **ret,
                   size_t *ret_count) _must_check_;

#endif
