/* An agency as the tests play it: it can say anything, also what an adapter never would. Where the
 * running hub is comes from the environment (MASH_E2E_*); tests/e2e/run sets it. Every wait ends by
 * an answer or a deadline; a helper that cannot do its work fails the test. */
#ifndef MASH_E2E_CLIENT_H
#define MASH_E2E_CLIENT_H

#include "broker/base/seal.h"
#include "broker/io/keyfile.h"
#include "broker/io/store.h"
#include "broker/io/wire.h"
#include "schemas/envelope.h"

enum { PATIENCE_MS = 10000, PARTS_MAX = LIMIT_ENTRIES + 8 };

const char *e2e_env(const char *name); /* fails the test when it is not set */

/* ---- a sender -------------------------------------------------------------------------------- */

typedef struct Peer {
    Arena *arena; /* everything below, and what its helpers return */
    void *zmq, *socket;
    Str agency, realm;
    Key transport, origin, server_public, ack_public;
    char origin_id[KEY_ID_LEN + 1];
} Peer;

void peer_open(Peer *p, const char *agency); /* with the agency's own keys */
void peer_open_as(Peer *p, const char *agency,
                  const Key *transport); /* with another transport key */
void peer_close(Peer *p);

/* ---- a submission to be bent ----------------------------------------------------------------- */

typedef struct Draft {
    Value *head; /* entries are added by draft_add */
    Bytes contents[PARTS_MAX];
    size_t count;
    Id submission_id;
    Id message_ids[PARTS_MAX];
} Draft;

typedef struct Parts {
    Bytes at[PARTS_MAX];
    size_t count;
} Parts;

Draft draft_new(Peer *p);                         /* a good head without entries */
Draft draft_referrals(Peer *p, size_t count);     /* and this many good referrals */
Bytes draft_referral(Peer *p);                    /* encoded; no two are alike */
void draft_add(Peer *p, Draft *d, Bytes content); /* salted, committed to */
/* The same with an id and a frame of the caller's own. */
void draft_add_frame(Peer *p, Draft *d, Id message_id, Bytes whole);
Parts draft_sign(Peer *p, const Draft *d);             /* encoded, signed with the origin key */
Parts parts_sign(Peer *p, Bytes head, const Draft *d); /* a head of the caller's own making */

/* ---- talking --------------------------------------------------------------------------------- */

typedef struct Reply {
    StructKind kind; /* STRUCT_none: nothing came in time */
    const Value *head;
} Reply;

void peer_put(Peer *p, const Parts *parts);
Reply peer_take(Peer *p,
                int64_t ms); /* checked: signed by the hub's acknowledgement key, our realm */
/* Both; some answer must come. Told `busy` it comes again when it was told to. */
Reply peer_ask(Peer *p, const Parts *parts);

Str reply_reason(Reply r);            /* of a refusal; empty otherwise */
Str reply_outcome(Reply r, size_t i); /* of an acknowledgement's entry */
Str reply_entry_reason(Reply r, size_t i);
int64_t reply_leaf_index(Reply r, size_t i);
Bytes reply_leaf(Reply r, size_t i);
bool leaf_line(Bytes leaf, const char *name, const char *value);

/* ---- looking --------------------------------------------------------------------------------- */

Store *look_open(const char *variable); /* a conninfo in this variable of the environment */
/* The first column of the first row, as a number. */
int64_t look_number(Store *s, const char *sql, const Param *params, size_t count);
#define LOOK(s, sql, ...)                             \
    look_number(s, sql, (const Param[]){__VA_ARGS__}, \
                sizeof((const Param[]){__VA_ARGS__}) / sizeof(Param))

#endif
