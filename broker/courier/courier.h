/* The courier: carries sealed letters out and receipts, cosignatures and proofs back and forth. It
 * holds no key but its CURVE key, so it cannot open what it carries, and it takes no content.
 *
 * Who speaks is the CURVE key behind the message, looked up again for each one, because a revoked
 * key's open connection stays open (F4, R7); the agency named in the head must be that key's owner
 * (R8). What is not understood is logged and left: the adapter repeats itself. */
#ifndef MASH_COURIER_ROOM_H
#define MASH_COURIER_ROOM_H

#include "broker/io/server.h"
#include "schemas/envelope.h"

enum { PEERS_MAX = 256 };

/* An adapter that is connected now: where a letter to its agency goes. */
typedef struct Peer {
    uint8_t routing[ROUTING_MAX];
    size_t routing_len;
    char key[KEY_ID_LEN + 1];
    char agency[32];
} Peer;

typedef struct Courier {
    Str realm;
    Store *store; /* role mash_courier */
    Server server;
    Loop *loop;
    Arena *arena; /* of the message in hand */
    Peer peer[PEERS_MAX];
    size_t peers;
} Courier;

/* One message whose sender is known, in this realm and of the agency it names. */
typedef struct Mail {
    const Frames *frames;
    const RegisteredKey *from;
    const Value *head;
    Str agency;
} Mail;

/* Sends a head, and `rest` when it is not empty. 0, 1 (the peer is gone), ERR_*. */
int courier_put(Courier *c, Bytes routing, const Value *head, Bytes rest) _must_check_;
Bytes mail_routing(const Mail *m);

/* The handlers of main.c's table: 0, a REFUSE_* to be logged, ERR_* which ends the program. */
int take_collect(Courier *c, const Mail *m) _must_check_;     /* deliver.c */
int take_receipt(Courier *c, const Mail *m) _must_check_;     /* receipt.c */
int take_cosignature(Courier *c, const Mail *m) _must_check_; /* witness.c */
int take_prove(Courier *c, const Mail *m) _must_check_;

/* The numbers that the courier tells (metrics.h); main.c holds their table. */
enum {
    M_sent,            /* parcels put on the wire, also again */
    M_receipts,        /* by outcome */
    M_left,            /* messages not understood or not allowed, by reason */
    M_connected,       /* adapters */
    M_letters,         /* letters that wait */
    M_oldest_seconds,  /* the oldest of them */
    M_parked,          /* letters that their agency could not read: a person has to look */
    M_unsigned,        /* leaves that no checkpoint covers */
    M_unsigned_seconds,
    M_COUNT
};

/* deliver.c: letters that are due, to every agency that is connected; a few times a second, because
 * letters leave at fixed ticks, and on NOTIFY, because immediate danger waits for none. */
int deliver_ready(Courier *c) _must_check_;
/* witness.c: the newest signed head, when it is newer than what the witness holds. */
int send_checkpoint(Courier *c, const Mail *m) _must_check_;

#endif
