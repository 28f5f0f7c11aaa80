/* spool.h without a disk, for the harnesses: some messages that wait, two leaves that are not
 * proven, one head. What it is told is checked against what it gave. */
#ifndef MASH_FUZZ_SPOOL_H
#define MASH_FUZZ_SPOOL_H

#include "adapters/common/identity.h"
#include "adapters/common/spool.h"
#include "tests/fuzz/cast.h"

enum { SPOOL_LEAVES = 2 };

/* So many messages wait; the last is immediate when `immediate`. Also: nothing is proven. */
Spool *fake_spool(size_t queued, bool immediate);
Id fake_message_id(size_t nth);
Bytes fake_message_frame(size_t nth);
Str fake_leaf(size_t nth);
SpoolHead fake_head(void); /* of the tree of those leaves */

/* The adapter of the cast, the hub's other halves pinned. */
Identity fake_identity(void);

#endif
