/* What has come and waits for a writer: bounded, fair, in two lanes. Pure: no clock, no socket, no
 * database; a test can drive it.
 *
 * The reserved lane is for immediate danger and is emptied first. An agency may put so many
 * messages a minute into it; what is more goes at once by the ordinary lane, so that one sender's
 * habit cannot drown another's emergency, and nothing is lost. In each lane the agencies come in
 * turn, a quota of messages each; what one agency sends in thousands delays another by little more
 * than a quota.
 *
 * Everything is bounded: bytes in each lane and of each agency in it, messages of one agency,
 * unanswered messages of one sender; and room is kept for who has nothing waiting, however much
 * the others send. What does not fit is REFUSE_busy, and stays the sender's. So that this is rare,
 * every answer tells the sender its credit: its share of what is free now. */
#ifndef MASH_LANES_H
#define MASH_LANES_H

#include "broker/base/err.h"
#include "broker/base/id.h"
#include "broker/io/wire.h"

enum { WRITERS_MAX = 5 }; /* who may fill a batch at the same time */

typedef enum Lane { LANE_reserved, LANE_ordinary, LANE_COUNT } Lane;

/* What one agency may do; limits.h says where it comes from. */
typedef struct Allowance {
    int64_t immediate_per_minute; /* messages that may take the reserved lane */
    int64_t waiting;              /* messages that may wait, in both lanes */
    int64_t credit;               /* most messages that one sender may have unanswered */
} Allowance;

/* Answered, for the senders' picture. */
typedef struct Tally {
    uint64_t accepted, duplicate, quarantined, refused, busy;
} Tally;

/* One transport key. Made when it first speaks, kept until the end. */
typedef struct Sender Sender;
typedef struct Lanes Lanes;

/* A submission that has come. Owned by whoever holds it; arrival_free. */
typedef struct Arrival {
    Frames frames;
    Sender *sender;
    Id submission_id;
    size_t messages, bytes;
    bool immediate;        /* one of its messages is: the whole overtakes */
    Lane lane;             /* which one it took */
    int64_t at_us;         /* when it came, by the caller's clock */
    struct Arrival *next;
} Arrival;

Arrival *arrival_new(void); /* NULL when out of memory */
void arrival_free(Arrival *a);

/* `most_bytes` for each lane. */
int lanes_new(size_t most_bytes, Lanes **ret) _must_check_;
void lanes_free(Lanes *l); /* with all that waits */

/* The sender with this key; made when it is new. NULL when out of memory. */
Sender *lanes_sender(Lanes *l, const char *key_id, const char *agency);

/* The same submission came before by the same connection and is not answered yet: its answer will
 * do for both. A sender that grows impatient must not double the work that it waits for. */
bool lanes_know(const Arrival *a);
/* 0: it waits, and is the lanes' own now. REFUSE_busy: nothing has happened. */
int lanes_put(Lanes *l, Arrival *a, const Allowance *may, int64_t now_ms) _must_check_;

/* The next of this lane in fair order, the caller's own now; NULL: none waits that may come. It
 * counts as unanswered until lanes_answered.
 *
 * While several agencies send, each has one quota of a batch, so that nobody else's batch is long
 * because of one that sends in thousands. `batch` is its number: a writer's are all the same modulo
 * WRITERS_MAX, and no other's are. Alone, an agency may fill it. While others send, an agency that
 * goes on after it was told `busy` hundreds of times (TROUBLE_busy) is given so many ordinary
 * messages a second only: the rest waits in its bounded queue, or stays its own. INT64_MAX is past
 * every such time. */
Arrival *lanes_take(Lanes *l, Lane lane, uint64_t batch, int64_t now_ms);
/* The same of the ordinary lane, but only from an agency that has little unanswered: so that who
 * sends one message does not wait for the large batches of who sends thousands. */
Arrival *lanes_take_light(Lanes *l, uint64_t batch, int64_t now_ms);
/* Once a second: who has sent lately. */
void lanes_second(Lanes *l, int64_t now_ms);
/* Behind the door all agencies stand in one queue, and the hub is slower than we are: so that one
 * that sends in thousands does not stand before all others, its messages' turns are told apart, so
 * many a second. How much later than now the turn of these is; 0 for who sends less than that. */
int64_t lanes_turn_ms(Sender *s, size_t messages, int64_t now_ms);
void lanes_answered(Lanes *l, Sender *s, Id submission_id, Bytes routing, size_t messages);
size_t lanes_waiting(const Lanes *l, Lane lane); /* messages */
size_t lanes_bytes(const Lanes *l, Lane lane);
double lanes_full_percent(const Lanes *l, Lane lane);

/* How many messages this sender may have unanswered from now on. */
int64_t lanes_credit(Lanes *l, Sender *s, const Allowance *may);

/* What costs us more than it costs a sender is given out by the second: refusals written down, and
 * the bytes of them that are kept; `busy` said. True when this sender may have so much more now. */
typedef enum Trouble { TROUBLE_refusal, TROUBLE_keep, TROUBLE_busy, TROUBLE_COUNT } Trouble;
bool sender_may(Sender *s, Trouble what, size_t amount, int64_t now_ms);

/* ---- looking --------------------------------------------------------------------------------- */

Tally *sender_tally(Sender *s);
const char *sender_key(const Sender *s);
const char *sender_agency(const Sender *s);
int64_t sender_unanswered(const Sender *s);
int64_t sender_waiting(const Sender *s);
int64_t sender_credit(const Sender *s); /* as last told */
/* Within the last minute some agency sent more immediate messages than its cap lets overtake. */
bool lanes_overflow(const Lanes *l, int64_t now_ms);
/* Every sender, one after the other; NULL starts, NULL ends. */
Sender *lanes_each(Lanes *l, Sender *after);

DEFINE_FREEP(Arrival, arrival_free)
DEFINE_FREEP(Lanes, lanes_free)

#endif
