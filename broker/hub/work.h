/* One message in the hub's hand: opened, decoded, cut into drafts of items, its people given their
 * match keys, all of it sealed anew. Nothing here asks the database. */
#ifndef MASH_WORK_H
#define MASH_WORK_H

#include "broker/hub/drafts.h"
#include "broker/hub/hub.h"
#include "broker/hub/match/keys.h"
#include "broker/hub/rate.h"
#include "schemas/envelope.h"

/* More than any family or any report needs, and few enough for one transaction's locks: a message
 * beyond is for a person to look at, and holds up nobody. A batch has no more, either. */
enum { WORK_KEYS_MOST = 1000, WORK_DRAFTS_MOST = 1000 };

/* A person as the message describes them, and the keys to find them by. */
typedef struct Mention {
    const Value *value;
    MatchKey *keys;
    size_t key_count;
} Mention;

typedef struct Work {
    Str agency, content, lane;
    StructKind kind; /* of the content */
    Id id;
    Bytes commitment, sealed;
    int64_t blame; /* ending.h */

    int reason; /* REFUSE_*: it goes to a person */
    Fault fault;
    Key key; /* the message's own */
    const Value *value;
    Suggestion rating;
    Mention *mentions;
    size_t mention_count, key_count;
    Draft *drafts;
    size_t draft_count;
    VaultThing *things; /* one a mention, then one a draft */
    size_t thing_count;
    Hash reference, content_hash; /* keyed; of the sender's reference, if `named`, and content */
    bool named;
    Id check;     /* of an answer */
    Id enquiry;   /* the id if it opens one; then, where it went */
    Str treatment; /* how it ended */
} Work;

static inline bool work_is_referral(const Work *w) {
    return w->kind == STRUCT_referral;
}

/* Neither a referral nor an answer: a later word about what is here already (word.h). */
static inline bool work_is_word(const Work *w) {
    return w->kind != STRUCT_referral && w->kind != STRUCT_answer;
}

/* 0 also when it cannot be taken: then `reason` says why. */
int work_prepare(const Hub *h, Arena *a, Work *w, int64_t now_ms) _must_check_;

/* take.c: hands `count` of them, all prepared, to the door, keys to the vault first. Fills how each
 * ended, or its reason. Positive: the door refused all of them. In the caller's transaction. */
int take(Hub *h, Arena *a, Work **works, size_t count, int64_t now_ms) _must_check_;

#endif
