/* See lexicon.h. A net looks every part of every name up: reading thousands of words for each costs
 * more than all the rest of it. */
#include "broker/release/lexicon.h"

#include <stdlib.h>
#include <string.h>

static int place_order(const void *left, const void *right) {
    const LexiconWord *a = left, *b = right;
    int order = str_order(a->word, b->word);
    return order ? order : (a->row > b->row) - (a->row < b->row);
}

void lexicon_read(Lexicon *l) {
    for (size_t row = 0; row < l->row_count; row++) {
        Str rest = str_z(l->rows[row]), one;
        while (rest.len && str_split(&rest, ' ', &one)) {
            if (l->count == LEXICON_MOST) abort(); /* ours to make larger */
            l->at[l->count++] = (LexiconWord){one, row};
        }
    }
    qsort(l->at, l->count, sizeof(l->at[0]), place_order);
}

const LexiconWord *lexicon_find(Lexicon *l, Str word) {
    call_once(&l->once, l->read);
    size_t from = 0, until = l->count;
    while (from < until) {
        size_t middle = from + (until - from) / 2;
        if (str_order(l->at[middle].word, word) < 0)
            from = middle + 1;
        else
            until = middle;
    }
    return from < l->count && str_eq(l->at[from].word, word) ? &l->at[from] : NULL;
}

const LexiconWord *lexicon_next(const Lexicon *l, const LexiconWord *place) {
    const LexiconWord *next = place + 1;
    bool more = next < l->at + l->count && str_eq(next->word, place->word);
    return more ? next : NULL;
}
