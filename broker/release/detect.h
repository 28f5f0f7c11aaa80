/* The safety net under text that leaves: it may add cuts and never releases anything (R11, R25). */
#ifndef MASH_DETECT_H
#define MASH_DETECT_H

#include "broker/base/arena.h"

/* ---- detect.c ------------------------------------------------------------------------------- */

/* True when `text` holds one of `words` after folding (case, accents, marks that do not show), as
 * whole words; also a name's words in reversed order, and digits of an identifier run together.
 * False when nothing was found; true also when anything fails (R25). */
bool detect_any(Arena *a, Str text, const Str *words, size_t count);

typedef struct Subject {
    Str name, birth_date; /* birth date may be empty */
    Str identifier_scheme, identifier; /* only one that the recipient itself uses; may be empty */
} Subject;

/* `words` without what only names one of the subjects, who may be named. Takes and gives their
 * number; the arena has failed when NULL comes back. */
const Str *detect_words(Arena *a, const Subject *subjects, size_t subject_count, const Str *words,
                        size_t *count);

#endif
