/* <dir>/unsent: a file for each message that did not become a referral, for a person: by ids and
 * the hub's own words, never by what it says (R26). It goes when the message is taken after all. */
#ifndef MASH_UNSENT_H
#define MASH_UNSENT_H

#include "adapters/common/files.h"
#include "broker/base/id.h"
#include "broker/base/str.h"

typedef struct Unsent {
    char dir[PATH_LEN];
} Unsent;

int unsent_open(const char *dir, Unsent *ret) _must_check_; /* makes it at need */
/* `state` as in the spool, `reason` as the hub said it. A file that cannot be written is logged. */
void unsent_put(const Unsent *u, Id message_id, const char *state, Str reason);
void unsent_damaged(const Unsent *u, Id message_id, const char *sentence);
void unsent_forget(const Unsent *u, Id message_id);

#endif
