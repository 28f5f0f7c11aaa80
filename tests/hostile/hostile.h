/* What a hostile or a crowded network does to the front door. Every attack runs for so long, prints
 * one line of counts, and ends by itself; tests/hostile/run watches the hub meanwhile. */
#ifndef MASH_HOSTILE_H
#define MASH_HOSTILE_H

#include "tests/torture/sender.h"

#include "broker/io/clock.h"

typedef struct Against {
    const char *file; /* that holds the endpoint */
    char endpoint[ENDPOINT_MAX];
    int port;
    size_t count;    /* of sockets, peers or rounds */
    int64_t ms;      /* how long */
    char **agencies; /* by the rest of the command line */
    size_t agency_count;
} Against;

/* ---- raw.c: without ZeroMQ ------------------------------------------------------------------- */

void loris(const Against *a);     /* connections that say nothing, or half a greeting, and stay */
void malformed(const Against *a); /* greetings and commands that are wrong in every way */

/* ---- strangers.c, floods.c, senders.c: with ZeroMQ ------------------------------------------- */

void handshakes(const Against *a); /* CURVE with keys that nobody enrolled, again and again */
void bombs(const Against *a);      /* a valid agency's messages, as bad as can be made */
void flood(const Against *a);      /* a valid agency that sends as much as it can, heedlessly */
void leavers(const Against *a);    /* the same, and hangs up on what it is told */
void sink(const Against *a);       /* no attack: where a flood goes that is to harm nobody */
void work(const Against *a);       /* agencies at their usual pace: how long they wait */
void peers(const Against *a);      /* a county's schools at once, one referral each */
void last(const Against *a);       /* what comes while intake ends */
void enrol(const Against *a);      /* the SQL that enrols them */

/* The nth school of the county; its keys follow from its number. */
void school(size_t nth, Party *ret);

/* ---- latencies ------------------------------------------------------------------------------- */

typedef struct Times {
    double *ms;
    size_t count, cap;
} Times;

void times_add(Times *t, double ms);
double times_at(Times *t, double share); /* sorts; 0 when there are none */

#endif
