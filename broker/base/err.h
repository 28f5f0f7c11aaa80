/* The error contract, the same in every room.
 *
 *   0         done.
 *   negative  fatal for the work in hand: roll back, answer nothing, forward it unchanged. The
 *             sender keeps its copy and comes again. One of ERR_* below.
 *   positive  a documented refusal of this one function, from schemas/reasons.def: recorded, then
 *             answered; never forwarded blindly.
 *
 * Base and pure rooms never log: they return, and the program's room decides. */
#ifndef MASH_ERR_H
#define MASH_ERR_H

enum {
    ERR_MEMORY = -1,   /* no memory, or past an arena's cap */
    ERR_CRYPTO = -2,   /* OpenSSL failed at something that cannot fail on good input */
    ERR_STORE = -3,    /* the database did not answer as agreed; nothing is known to be done */
    ERR_WIRE = -4,     /* a socket failed */
    ERR_FILE = -5,     /* a file could not be read, written or synced */
    ERR_CONFIG = -6,   /* the settings make no sense */
    ERR_BROKEN = -7,   /* an invariant does not hold; stop rather than go on */
};

/* A short English name for a log line; "unknown error" for anything else. */
const char *err_name(int err);

#endif
