/* Inside the release room only: long lists of words, read once and then searched. */
#ifndef MASH_LEXICON_H
#define MASH_LEXICON_H

#include "broker/base/cleanup.h"
#include "broker/base/str.h"

#include <threads.h>

/* A place of a word in the rows. */
typedef struct LexiconWord {
    Str word;
    size_t row;
} LexiconWord;

enum { LEXICON_MOST = 4096 }; /* words of all rows together */

/* Made by LEXICON and filled at its first use. Each row holds words parted by single spaces. */
typedef struct Lexicon {
    const char *const *rows;
    size_t row_count;
    once_flag once;
    void (*read)(void);
    size_t count;
    LexiconWord at[LEXICON_MOST];
} Lexicon;

void lexicon_read(Lexicon *l);

#define LEXICON(name, its_rows)                                       \
    static void name##_read(void);                                    \
    static Lexicon name = {.rows = (its_rows),                        \
                           .row_count = COUNT_OF(its_rows),           \
                           .once = ONCE_FLAG_INIT,                    \
                           .read = name##_read};                      \
    static void name##_read(void) {                                   \
        lexicon_read(&name);                                          \
    }

/* The first place of `word`, in the order of the rows; NULL: it is in none. */
const LexiconWord *lexicon_find(Lexicon *l, Str word);
/* The place of the same word after this one; NULL: there is no more. */
const LexiconWord *lexicon_next(const Lexicon *l, const LexiconWord *place);

#endif
