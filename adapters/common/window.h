/* The submissions under way, called flights, and how much more may go beside them. Pure: it sends
 * nothing, and knows neither spool nor wire.
 *
 * A signature costs both sides far more than a message does. So what comes bit by bit is gathered:
 * a routine flight that took all there was, or all that the credit left, holds what fills no
 * submission until it is answered, and 500 ms at most: its intake may be gone, and the next may go
 * by another. A full one neither holds nor is held, nor is anything of the immediate lane. */
#ifndef MASH_WINDOW_H
#define MASH_WINDOW_H

#include "adapters/common/submission.h"

enum {
    FLIGHTS = 8, /* the last is for the immediate lane */
    CREDIT_MOST = FLIGHTS * LIMIT_ENTRIES,
};

typedef struct Flight {
    Arena *arena;          /* made at first use; holds frames, head and signature */
    Submission submission; /* count 0: nothing */
    SubmissionEntry entries[LIMIT_ENTRIES];
    int64_t places[LIMIT_ENTRIES]; /* in the spool */
    bool immediate;
    bool busy; /* intake had no room for it: due_ms is when it goes again */
    bool over; /* answered: it only holds its messages back until due_ms */
    int64_t due_ms, pause_ms;
    int64_t gathers_ms; /* until then what fills no submission waits for its answer */
} Flight;

typedef struct Window {
    Flight flights[FLIGHTS];
    int64_t credit; /* messages; 0: intake said none */
} Window;

bool flight_is_held(const Flight *f);      /* has messages */
bool flight_is_under_way(const Flight *f); /* and no final answer */
void flight_clear(Flight *f);              /* keeps its arena */
/* Just filled: of at most `most` messages, and `waiting` were left behind. */
void flight_gathers(Flight *f, size_t most, size_t waiting, int64_t now_ms);

/* What is held already: how many messages, and where they stand in the spool. */
size_t window_held(const Window *w);
size_t window_places(const Window *w, int64_t places[CREDIT_MOST]);
size_t window_under_way(const Window *w);         /* messages without a final answer */
Flight *window_find(Window *w, Id submission_id); /* under way; NULL: not ours, or answered */

/* What an answer said; 0 is read as 1, absent (not `said`) takes back what an earlier one gave. */
void window_credit(Window *w, bool said, int64_t credit);
/* How many messages a new submission of this lane may hold now, when `waiting` are in none; if any,
 * *ret is the flight for it. */
size_t window_room(Window *w, bool immediate, size_t waiting, int64_t now_ms, Flight **ret);

#endif
