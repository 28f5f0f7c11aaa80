/* A ROUTER for the harnesses (the linker's --wrap of wire_take and wire_put): it gives one message,
 * and takes what is answered if it can be read. */
#ifndef MASH_FUZZ_WIRE_H
#define MASH_FUZZ_WIRE_H

#include "tests/fuzz/cast.h"
#include "tests/fuzz/frames.h"

/* The next message: from whom, and what wire_take says of it. `gone`: no answer reaches it. */
void fake_wire_gives(CastKey from, const Bytes *parts, size_t count, int taken, bool gone);
size_t fake_wire_answers(void); /* since then */

#endif
