/* What should have happened long ago and has not: a message is still not acknowledged, or one that
 * was acknowledged is still not proven. Silence must not look like success, so each raises an alarm
 * after `patience_ms`, and takes it back by itself once it is good again. While something is
 * overdue, <dir>/unsent/still-unsent.txt lists what the hub does not have, by message id. */
#ifndef MASH_OVERDUE_H
#define MASH_OVERDUE_H

#include "adapters/common/identity.h"
#include "adapters/common/spool.h"

/* Call every few seconds. Trouble with the spool or the folder is logged; the next call tries. */
void overdue_check(const Identity *self, Spool *spool, int64_t now_ms, int64_t patience_ms);

#endif
