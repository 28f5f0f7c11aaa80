/* An agency as the torture and the hostile campaigns play it: its keys, its referrals, and what it
 * was told about them. Whoever cannot do its work says why and ends. */
#ifndef MASH_TORTURE_SENDER_H
#define MASH_TORTURE_SENDER_H

#include "adapters/common/submission.h"
#include "broker/io/keyfile.h"
#include "broker/io/wire.h"
#include "schemas/envelope.h"

#include <stdnoreturn.h>

noreturn void give_up(const char *format, ...) _printf_(1, 2);
#define NEEDED(condition)                                                                          \
    do {                                                                                           \
        if (!(condition)) give_up("%s:%d: %s", __FILE__, __LINE__, #condition);                    \
    } while (0)

typedef struct Party {
    char agency[32], origin_id[KEY_ID_LEN + 1];
    Key transport, origin, server_public, ack_public;
} Party;

/* With the keys in the hub's folder, in which the process runs. */
void party_load(Party *p, const char *agency);
/* With keys of its own, shown but not enrolled. */
void party_make(Party *p, const char *agency);

/* The endpoint in this file. */
void endpoint_of(const char *file, char ret[ENDPOINT_MAX]);
void *party_dial(const Party *p, void *zmq, const char *endpoint);

/* A referral's frame that no other is like; bad: it is decoded and found wanting. */
Bytes referral_make(Arena *a, bool bad);
/* Signed, with so many messages. The entries stay in the arena. */
void submission_fill(Arena *a, const Party *p, size_t count, bool immediate, bool bad,
                     Submission *ret);

typedef struct Told {
    StructKind kind; /* STRUCT_none: nothing came */
    Id submission;
    const Value *head; /* in the arena */
    Str reason;        /* of a refusal */
} Told;

/* One waiting answer, signed by the hub; anything else ends the process. */
Told told_take(Arena *a, const Party *p, void *socket);
/* Blocks no longer than `ms`; also while `other` (a descriptor, or -1) is quiet. */
bool told_wait(void *socket, int other, int64_t ms);

#endif
