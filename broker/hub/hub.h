/* The hub: reads, decides, never talks to an agency. What every file of this room shares. */
#ifndef MASH_HUB_H
#define MASH_HUB_H

#include "broker/base/seal.h"
#include "broker/io/server.h"
#include "broker/release/release.h"

typedef struct Pipeline Pipeline;
typedef struct Ending Ending;

/* What waits to be worked in, as it was found at `at_ms`; by lane: immediate, routine. */
typedef struct Waiting {
    int64_t at_ms;
    int64_t count[2], oldest_ms[2]; /* since how long the oldest waits */
} Waiting;

typedef struct Hub {
    Str realm;
    Store *store; /* role mash_hub */
    Store *vault; /* role mash_vault: the key store, behind its own connection string */
    KeyPair intake;  /* opens what intake sealed */
    Opener *opener;  /* the same, for many */
    Key storage;     /* wraps the keys of messages, items, mentions, decisions */
    Key index;       /* HMAC of match keys and native references */
    Key letter_sign; /* signs what is inside letters */
    Register *keys;  /* the server's */
    Loop *loop;
    Server server;   /* staff */
    Pipeline *pipeline;
    Ending *ending; /* ending.h */
    Waiting waiting;
} Hub;

/* ---- vault.c: sealing with a key of its own for each thing, wrapped in the vault ------------- */

/* `use` says of what kind the thing is, so that no key opens another kind ("item", "product"). */
typedef struct VaultThing {
    Id id;
    Str use, agency; /* owner agency; empty where there is none */
    Bytes plain;
    const Sealed *sealed; /* out */
    Bytes wrapped;        /* out: for vault_put */
    bool broken;          /* out: its key is there and does not open it: nobody erased it */
} VaultThing;

int vault_seal(const Hub *h, Arena *a, VaultThing *t) _must_check_;
/* Commits the wrapped keys, before the act that needs them. */
int vault_put(Hub *h, Arena *a, const VaultThing *things, size_t count) _must_check_;
/* Under which id the vault keeps a message's own key: agencies mint message ids by themselves, and
 * two may mint the same. */
int vault_message_id(Str agency, Id message, Id *ret) _must_check_;
/* Wraps that key, so that the message opens when intake's key pair is gone. */
int vault_wrap(const Hub *h, Arena *a, Id id, const Key *key, Bytes *ret_wrapped) _must_check_;
int vault_put_wrapped(Hub *h, Arena *a, const Id *ids, const Bytes *wrapped,
                      size_t count) _must_check_;
/* The same in two steps, so that other work goes on meanwhile; nothing else may be asked of the
 * vault in between. Committed when vault_sent is 0. */
int vault_send(Hub *h, Arena *a, const Id *ids, const Bytes *wrapped, size_t count) _must_check_;
int vault_sent(Hub *h) _must_check_;
/* Opens many at once: `sealed[i]` belongs to `things[i]` (id, use, agency set); fills plain. A
 * thing whose key is gone (erased) or that does not open keeps plain {0}. */
int vault_open(Hub *h, Arena *a, VaultThing *things, const Bytes *sealed, size_t count)
    _must_check_;

/* ---- items.c: items of an enquiry, opened ---------------------------------------------------- */

typedef struct HubItem {
    Item item;      /* as release.h wants it, but for the owner's name and desk; text opened */
    Id message_id;
    Str arrived_at; /* RFC 3339 */
    const char *tier_by; /* owner: as sent; choice: as the owner chose later (choices.h); class */
    Id chosen_for; /* another message than this one: what the tier inherits was chosen for that */
} HubItem;

/* Somebody mentioned in the enquiry's messages, as release.h has it. Whoever shows them leaves out
 * those that are held. */
typedef Person HubPerson;

/* In the order of arrival. Opening is revealing: the caller's door has recorded a `view` (S47) or
 * is about to, in the same transaction. Where somebody's words were taken away or altered, not
 * erased, one more person stands at the end, whom nobody can read and no agency mentioned: anybody
 * may name them (R25). */
int items_open(Hub *h, Arena *a, Id enquiry, HubItem **ret, size_t *ret_count) _must_check_;
int persons_open(Hub *h, Arena *a, Id enquiry, HubPerson **ret, size_t *ret_count) _must_check_;
/* Whether somebody is a child or unborn of the enquiry by what was sealed: nobody else heads a
 * letter, whatever a row says. */
bool persons_subject(const HubPerson *persons, size_t count, Id person);
/* Only these of them, by item_id or mention_id; whose child somebody is, only all tell. */
int items_open_some(Hub *h, Arena *a, Id enquiry, const Id *ids, size_t count, HubItem **ret,
                    size_t *ret_count) _must_check_;
int persons_open_some(Hub *h, Arena *a, Id enquiry, const Id *ids, size_t count, HubPerson **ret,
                      size_t *ret_count) _must_check_;

/* ---- deadlines.c: what is owed by a time (sql/functions/21_deadlines.sql) -------------------- */

/* Whatever is late takes its next step up. For a timer. */
int deadlines_climb(void *hub) _must_check_;

/* ---- letters --------------------------------------------------------------------------------- */

/* Signs, pads and seals what may leave, to its recipient's letter key; the row goes in by the door
 * of the act itself, in its transaction. Accepts only Shareable.
 * REFUSE_key_unknown when the recipient has no usable letter key. (share.c) */
int letter_put(Hub *h, Arena *a, const Shareable *s, const Id *letter_id, const Sealed **ret)
    _must_check_;

#endif
