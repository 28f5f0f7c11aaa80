/* Marks that no person's screen, page or letter shows as they are: they steer a terminal, turn the
 * direction of writing, or are no characters. One list of them for whatever is shown. */
#ifndef MASH_MARK_H
#define MASH_MARK_H

#include "broker/base/arena.h"

/* Bytes of the mark at `at`: control characters but newline and tab, line and paragraph
 * separators, marks of direction, and what no XML may hold. 0 for anything else. */
static inline size_t mark_len(Str s, size_t at);

/* The words with `instead` for every mark. {0} when the arena failed. */
Str marks_replaced(Arena *a, Str words, char instead);

/* ---- within --------------------------------------------------------------------------------- */

size_t mark_rare(Str s, size_t at);

/* Every byte of every page is asked about, and nearly all of them are plain. */
static inline size_t mark_len(Str s, size_t at) {
    bool plain = s.at[at] >= ' ' && s.at[at] < 0x7f;
    return plain ? 0 : mark_rare(s, at);
}

#endif
