/* Fault points, for tests/faults: places before and after each durable step at which a campaign may
 * end, stop or fail the program. Where each is, and what it means, is in faults.def. They are there
 * in builds with -DMASH_FAULT_POINTS only (FLAVOUR=faults); in all others they are no code at all.
 *
 * A point is armed by "name:n:action": `action` happens at the n-th passing in one process.
 *
 *   kill  the process kills itself (SIGKILL)      stop  it stops itself (SIGSTOP)
 *   exit  it ends at once with status 1           fail  FAULT_FAILS is true there
 *
 * The word stands in the environment, MASH_FAULT; or, at any time, in the file of the program's
 * name in the folder MASH_FAULT_DIR. That file is renamed to <program>.taken just before the
 * action, so that whoever armed it knows that it took effect. */
#ifndef MASH_FAULT_H
#define MASH_FAULT_H

#include <stdbool.h>

typedef enum FaultPoint {
#define FAULT(name, programs, where) FAULT_##name,
#include "broker/io/faults.def"
#undef FAULT
    FAULT_POINTS
} FaultPoint;

#ifdef MASH_FAULT_POINTS
bool fault_pass(FaultPoint point);
#define FAULT_POINT(name) ((void)fault_pass(FAULT_##name))
#define FAULT_FAILS(name) fault_pass(FAULT_##name)
#else
#define FAULT_POINT(name) ((void)0)
#define FAULT_FAILS(name) false
#endif

#endif
