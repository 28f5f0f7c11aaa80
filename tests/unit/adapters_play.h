/* Intake as the adapters' tests play it by hand: it keeps every submission that the client hands to
 * the wire, and answers any of them as the test says, truly or with a twist. */
#ifndef MASH_ADAPTERS_PLAY_H
#define MASH_ADAPTERS_PLAY_H

#include "adapters/common/client.h"
#include "tests/unit/adapters_kit.h"

enum { PLAY_SENT = 64 };

typedef struct Sent {
    Bytes parts[LIMIT_ENTRIES + 2];
    size_t count;
} Sent;

typedef struct Play {
    Kit k;
    Client *client;
    Sent sent[PLAY_SENT]; /* in the order of sending */
    size_t sent_count;
    bool away; /* the wire takes nothing */
    int64_t now_ms;
} Play;

/* What the test's hub does differently from the real one. */
typedef enum Twist {
    TWIST_none,
    TWIST_signature,
    TWIST_realm,
    TWIST_agency,
    TWIST_submission,
    TWIST_count,
    TWIST_duplicate,
    TWIST_quarantine
} Twist;

/* Legend: what stands in the true leaf, and what stands there instead. */
typedef struct LeafTwist {
    const char *from, *to;
} LeafTwist;

typedef struct Says {
    Twist twist;
    const LeafTwist *leaf;
    const char *reason; /* of a refusal */
    bool unnamed;       /* a refusal that names no submission */
    const int64_t *credit, *retry_ms;
} Says;

#define CREDIT(n)                \
    .credit = &(const int64_t) { \
        n                        \
    }
#define RETRY_MS(n)                \
    .retry_ms = &(const int64_t) { \
        n                          \
    }

void play_open(Play *p);
void play_close(Play *p);
void play_restart(Play *p); /* the adapter ends and starts on the same spool */

Id play_put(Play *p, const char *content, bool immediate);
void play_put_many(Play *p, const char *content, size_t count); /* routine, no two alike */
void play_pump(Play *p, int64_t now_ms);

/* Of the nth that was sent, from 0. */
const Value *play_head(Play *p, size_t nth);
size_t play_messages(Play *p, size_t nth);
Id play_message(Play *p, size_t nth, size_t entry);
bool play_same(Play *p, size_t one, size_t other); /* byte for byte */

void play_acknowledge(Play *p, size_t nth, const Says *says);
void play_refuse(Play *p, size_t nth, const Says *says);
SpoolCounts play_counts(Play *p);

#endif
