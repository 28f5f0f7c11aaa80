/* Reading a ledger leaf: text, "mash-leaf/1" and then one "key value" a line (sql/README.md). What
 * a table says is believed only where the leaf of the act that put it there says the same. */
#ifndef MASH_LEAF_H
#define MASH_LEAF_H

#include "broker/base/id.h"
#include "broker/base/str.h"

/* The leaf holds exactly the line "<name> <value>". */
bool leaf_says(Str leaf, const char *name, Str value);
bool leaf_says_id(Str leaf, const char *name, Id id);
/* The value of its first line "<name> ..."; {0} when it holds none. Borrows from the leaf. */
Str leaf_word(Str leaf, const char *name);

#endif
