/* One agency's sender, as an adapter's client behaves: it makes and signs submissions out of what
 * is due, keeps to the credit that the hub gives, sends again what is put off or not answered, and
 * believes only answers that the hub signed about what was sent. Contents are made beforehand, as
 * an adapter makes them when it takes a concern in; commitments, heads and signatures are made as
 * they are sent. */
#ifndef MASH_BENCH_PEER_H
#define MASH_BENCH_PEER_H

#include "adapters/common/submission.h"
#include "broker/io/keyfile.h"
#include "tests/bench/meter.h"

enum { OPEN_MOST = 1024 };

/* How all senders of a run behave. */
typedef struct Plan {
    size_t window;    /* messages unanswered at most */
    size_t per;       /* messages of one submission at most */
    size_t flight;    /* submissions unanswered at most */
    double rate;      /* messages a second, all senders together; 0: as fast as they are answered */
    int64_t again_ns; /* without an answer for so long: the same again */
    bool immediate;   /* the lane of immediate danger */
    bool heedless;    /* keeps to its window and not to the hub's credit */
    bool keep;        /* submissions are kept, to be sent once more */
} Plan;

typedef enum Fate { FATE_none, FATE_accepted, FATE_duplicate, FATE_quarantined, FATE_refused } Fate;

typedef struct Message {
    Id id;
    Bytes frame;
    int64_t due;   /* when it should leave; without a rate, when it left */
    int64_t acked; /* when its answer was believed */
    int64_t leaf_index;
    Fate fate;
} Message;

typedef struct Flight {
    Id id;
    size_t first, count; /* its messages */
    int64_t again_at;
    bool answered;
    Signature signature;
    Bytes head; /* behind this struct */
} Flight;

typedef struct Peer {
    const Plan *plan;
    char agency[32], origin_id[KEY_ID_LEN + 1];
    char realm[32];
    Key origin, ack_public;
    void *socket;
    Arena *scratch;
    Message *messages;
    size_t made, count, next; /* there are, are to leave, have left */
    Flight *open[OPEN_MOST];
    size_t open_count, unanswered;
    Flight **kept;
    size_t kept_count, kept_next;
    bool once_more; /* what is kept goes out again, as it was */
    int64_t credit; /* -1: nothing was said yet */
    uint64_t submissions, answered, busy, again, distrusted, refused;
    int64_t library_ns; /* CPU of making submissions and of checking answers */
    char refusal[64];   /* the last reason that was not `busy` */
} Peer;

/* `hub`: the hub's folder, with the agency's keys under keys/<agency>, and in it the file that
 * names intake's endpoint. */
void peer_open(Peer *p, const Plan *plan, void *zmq, const char *hub, const char *endpoint_file,
               const char *agency, size_t messages, uint64_t first_number);
void peer_close(Peer *p);

/* Puts out what may leave at `now`. Returns when it next has something to do by itself. */
int64_t peer_pump(Peer *p, int64_t now);
/* Takes all answers that wait. */
void peer_take(Peer *p);
bool peer_done(const Peer *p);
/* What has not left yet does not leave any more. */
void peer_stop(Peer *p);
/* All that was answered goes out once more, byte for byte (plan->keep). */
void peer_once_more(Peer *p);

#endif
