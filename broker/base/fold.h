/* Folding: the one way names, identifiers and free text are made comparable, for matching and for
 * finding what must not leave. NFKC case folding (ICU), accents and invisible marks dropped. */
#ifndef MASH_FOLD_H
#define MASH_FOLD_H

#include "broker/base/arena.h"

/* Lower-case letters and digits only, everything else removed: "O'Dowd" -> "odowd". {0} when the
 * arena failed or `text` is not UTF-8. */
Str fold_key(Arena *a, Str text);

/* The same, with every run of other characters turned into one space, none at the ends:
 * "Pryce-Jones, Rhys" -> "pryce jones rhys". */
Str fold_words(Arena *a, Str text);

/* Checksums (data-standards: NHS number modulus 11; UPN's check letter). Spaces are ignored in an
 * NHS number; a UPN is exactly 13 characters. */
bool nhs_number_valid(Str text);
bool upn_valid(Str text);

#endif
