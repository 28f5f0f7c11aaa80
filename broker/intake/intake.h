/* Intake: writes and can never read. What every file of this room shares.
 *
 *   ROUTER -> flow (look) -> lanes (wait) -> flow (verify, seal) -> writers (commit) -> answer
 *
 * One thread. While one batch is with the database the next is verified and sealed, and what comes
 * meanwhile is looked at and waits in its lane, or is told `busy`. Nothing is answered but `busy`
 * before it is committed (R1). */
#ifndef MASH_INTAKE_H
#define MASH_INTAKE_H

#include "broker/intake/limits.h"
#include "broker/intake/reply.h"
#include "broker/intake/report.h"
#include "broker/io/server.h"

/* The numbers that intake tells (metrics.h): flow.c holds the table. */
enum {
    M_messages,       /* by outcome */
    M_refused,        /* submissions, by reason */
    M_busy,           /* submissions told to come again, by agency */
    M_unheard,        /* submissions not even told, by agency */
    M_waiting,        /* messages, by lane */
    M_waiting_bytes,  /* by lane */
    M_senders,        /* with something unanswered */
    M_batches,        /* by lane */
    M_commit_seconds, /* by lane: from sending a batch to its result */
    M_answer_seconds, /* by lane: from a message's coming to its answer */
    M_COUNT
};

typedef struct Writer Writer;

typedef struct Intake {
    Gate gate;
    Speaker speaker;
    Lanes *lanes;
    Limits *limits;
    Writer *writers[WRITERS_MAX]; /* the first is the reserved lane's */
    size_t writer_count;
    Store *others; /* the register, limits, NOTIFY, and what is refused */
    Reporter *reporter;
    Sender *nobody; /* stands for peers whose key is not theirs to use any more */
    Arena *scratch;
    Loop *loop;
    Server server;
    int64_t answered, answered_before; /* messages: their difference a second is the rate */
    int64_t rate;
    struct {
        uint8_t first[ROUTING_MAX]; /* the connection that was the first */
        size_t first_len, count;
        bool all_round; /* it has come again: everybody else's turn was between */
    } unheard;          /* in this turn of reading */
    bool draining;
} Intake;

const char *lane_word(Lane lane); /* "reserved", "ordinary" */

/* ---- flow.c ---------------------------------------------------------------------------------- */

extern const Metric intake_metrics[M_COUNT];

/* LoopCalls on an Intake. */
int flow_arrive(void *intake) _must_check_; /* the ROUTER is readable */
int flow_work(void *intake) _must_check_;   /* positive: more to do */
int flow_second(void *intake) _must_check_; /* once a second: the rate, the alarms */
/* For status.h: what is looked up rather than counted; what stands in the way of work. */
int flow_gauges(void *intake, Metrics *m) _must_check_;
int flow_ready(void *intake, Unready *ret) _must_check_;
/* Everything that waits is committed and answered; what still comes is told to come again. */
int flow_drain(void *intake) _must_check_;

#endif
