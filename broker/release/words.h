/* For the release room and the tools that read paper: the closed vocabularies of a policy sentence,
 * and the fault that a word outside of them makes. */
#ifndef MASH_WORDS_H
#define MASH_WORDS_H

#include "broker/release/release.h"

typedef struct Words {
    const char *what; /* "an information class": what one of these words is */
    const Str *at;
    size_t count;
} Words;

/* From the .def tables. {0} words when the arena failed. */
Words words_classes(Arena *a);
Words words_codes(Arena *a, CodeList list, const char *what);

bool words_find(const Words *w, Str word, size_t *ret_index);

/* Says that `word` (empty: the line's end) is none of these, and offers the nearest that are. */
void fault_word(PolicyFault *fault, size_t line, Str word, const Words *w);
/* Says that `word` is no day, and offers the one that may have been meant. */
void fault_day(PolicyFault *fault, size_t line, Str word);
/* The same sentence alone: "\"polce\" is not an agency known here; did you mean police?" */
void words_offer(const Words *w, Str word, char *ret, size_t size);
/* Says something else about `word`. */
void fault_say(PolicyFault *fault, size_t line, Str word, const char *sentence);

#endif
