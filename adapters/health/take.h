/* One HL7 message in, its acknowledgement out. AA says that the message is in the spool, on disk
 * (R1); the same message gets the same bytes again. Whatever fails here is AR: the sender keeps the
 * message and tries again (R25). */
#ifndef MASH_HEALTH_TAKE_H
#define MASH_HEALTH_TAKE_H

#include "adapters/common/identity.h"
#include "adapters/common/spool.h"

/* Without MLLP framing, in the arena; empty when not even an answer can be made. */
Str hl7_take(const Identity *self, Spool *spool, Arena *a, Bytes message);

#endif
