/* Over what a hub ended: the one message that it has in hand stands in a small file of its own, so
 * that whoever is started after it can tell a message over which hubs end from an outage.
 *
 *   nothing          it ended in order, or by an outage: no message is to blame
 *   working <it>     the process, or its connection, was gone while it worked on that message: a
 *                    kill, the kernel out of memory, a backend that crashed, or chance
 *   crashed <it>     it died of a fault of its own, or the database gave up over the content
 *
 * The file outlives the process, and need not outlive the machine: nothing is synced. It is
 * written over in place, so that a full disk does not hurt. Never more than ids. */
#ifndef MASH_ENDING_H
#define MASH_ENDING_H

#include "broker/hub/hub.h"

/* How much it speaks against a message, and from when on a person looks at it: three crashes, or
 * ten endings that may have been chance. */
enum { BLAME_CRASHED = 10, BLAME_WORKING = 3, BLAME_MOST = 30 };

enum { AGENCY_MAX = 32 }; /* a code of the register, and its NUL */

/* From now on a fault of this process (SIGSEGV, SIGABRT and their like, not one that somebody else
 * sends) is written down, too: for one Ending in a process. An empty path: nothing is kept.
 * ERR_FILE also when another hub has the file. */
int ending_open(const char *path, Ending **ret) _must_check_;
void ending_close(Ending *e); /* leaves the file as it is */

/* What the hub before left: 0, and nothing else is set, when no message is to blame. */
int64_t ending_last(const Ending *e, char agency[AGENCY_MAX], Id *ret_message);

void ending_working(Ending *e, Str agency, Id message);
void ending_crashed(Ending *e);
void ending_nothing(Ending *e);

DEFINE_FREEP(Ending, ending_close)

#endif
