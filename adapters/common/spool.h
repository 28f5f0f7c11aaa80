/* The spool: one SQLite file between the agency's system and the hub. What is in it survives this
 * program, this machine's power and the hub's absence; the agency's system is answered only after
 * spool_put (R1). Content is sealed under the adapter's own key before SQLite sees it.
 *
 * One native message is one message for ever (R2): the same native reference with the same content
 * keeps its message id, salt and answer; with other content it becomes a new message.
 *
 *   queued --acknowledgement--> acknowledged or quarantined --proof--> proven, content erased later
 *      |-----refusal-----> refused (kept, a person looks; spool_requeue puts it back)
 *      \-----it does not open-----> damaged (its native message can come again, as new)
 *
 * Everything here is 0, ERR_STORE, ERR_CRYPTO or ERR_MEMORY unless said otherwise. */
#ifndef MASH_SPOOL_H
#define MASH_SPOOL_H

#include "broker/base/arena.h"
#include "broker/base/crypto.h"
#include "broker/base/id.h"
#include "schemas/schema.h"

typedef struct Spool Spool;

/* ERR_CONFIG when the file belongs to another key, realm or agency. */
int spool_open(const char *path, const Key *key, Str realm, Str agency, Spool **ret) _must_check_;
void spool_close(Spool *s);

/* ---- what goes to the hub -------------------------------------------------------------------- */

typedef enum SpoolKnown { SPOOL_new, SPOOL_again, SPOOL_changed } SpoolKnown;

/* Is this native message known? Both are stored as keyed hashes only. When SPOOL_again, the id and
 * the time of the first storing; when SPOOL_changed, neither. */
int spool_look(Spool *s, Str native, Bytes content, SpoolKnown *ret, Id *ret_id,
               int64_t *ret_stored_ms) _must_check_;

typedef struct SpoolEntry {
    Id message_id;
    Str content; /* "referral", "answer" */
    bool immediate;
    Bytes frame;   /* salt || content */
    int64_t place; /* in this spool, which gives it */
} SpoolEntry;

/* Salts, seals, stores, and returns after the commit is on disk. `native` and `native_content` are
 * those of spool_look. */
int spool_put(Spool *s, Arena *a, Str native, Bytes native_content, const SpoolEntry *entry,
              Bytes content, int64_t now_ms) _must_check_;

/* ---- the queue (spool_queue.c) --------------------------------------------------------------- */

size_t spool_queued(const Spool *s);

/* What is asked of the queue. What is under way stays queued until it is answered; only the asker
 * knows of it, so that nothing is written to send and a crash forgets it. */
typedef struct SpoolAsk {
    bool immediate; /* of this lane only */
    size_t most, most_bytes;
    int64_t *passed; /* places to pass over: under way already; the call puts them in order */
    size_t passed_count;
} SpoolAsk;

/* The next to send, oldest first; up to so many and so many bytes of frames, always at least one
 * when there is one that can be read; what cannot becomes damaged. What was refused in company
 * comes alone. */
int spool_next(Spool *s, Arena *a, const SpoolAsk *ask, SpoolEntry *ret,
               size_t *ret_count) _must_check_;

typedef struct SpoolAnswer {
    Id message_id;
    bool quarantined;
    int64_t leaf_index;
    Bytes leaf;
    Str reason;
} SpoolAnswer;

/* All or none of them, in one commit. */
int spool_acknowledge(Spool *s, const SpoolAnswer *answers, size_t count,
                      int64_t now_ms) _must_check_;
int spool_refuse(Spool *s, Id message_id, Str reason) _must_check_;
/* They come alone, one by one; the second time and after, behind all of their lane that were put
 * back less often, so that what the hub keeps failing at holds up nothing else. */
int spool_alone(Spool *s, const Id *message_ids, size_t count) _must_check_;
int spool_requeue(Spool *s, size_t *ret_count) _must_check_; /* every refused one */

/* ---- what became of it (spool_sent.c) -------------------------------------------------------- */

/* Acknowledged leaves below `size` whose inclusion is not proven yet. */
int spool_unproven(Spool *s, int64_t size, int64_t *ret_indexes, size_t most,
                   size_t *ret_count) _must_check_;
int spool_leaf(Spool *s, Arena *a, int64_t index, Bytes *ret) _must_check_; /* {0}: not ours */
int spool_proven(Spool *s, int64_t index) _must_check_;
/* Erases the content of what was proven and stored before then; ids and leaves stay. */
int spool_tidy(Spool *s, int64_t before_ms) _must_check_;

/* Since when the oldest has waited: to be sent; acknowledged, to be proven. 0: nothing waits. */
typedef struct SpoolWaiting {
    int64_t queued_ms, unproven_ms, unproven_index;
} SpoolWaiting;
int spool_waiting(Spool *s, SpoolWaiting *ret) _must_check_;

typedef struct SpoolUnsent {
    Id message_id;
    Str content;
    bool immediate;
    int64_t stored_ms;
} SpoolUnsent;
/* What is queued, in the order of sending, without its content. */
int spool_unsent(Spool *s, Arena *a, size_t most, SpoolUnsent *ret, size_t *ret_count) _must_check_;

/* One that is damaged and that nobody was told of yet; told, it is not given again. */
int spool_damaged(Spool *s, bool *ret_found, Id *ret) _must_check_;
int spool_damaged_told(Spool *s, Id message_id, int64_t now_ms) _must_check_;

typedef struct SpoolCounts {
    int64_t queued, acknowledged, quarantined, refused, proven;
} SpoolCounts;
int spool_counts(Spool *s, SpoolCounts *ret) _must_check_;

/* ---- what comes from the hub (spool_hub.c) --------------------------------------------------- */

/* A letter as it came, still sealed to the letter key. Storing it again changes nothing. */
int spool_letter_put(Spool *s, Id letter_id, const Hash *digest, Bytes sealed,
                     int64_t now_ms) _must_check_;
/* Its signed receipt (head, signature); both {0} while there is none. */
int spool_receipt(Spool *s, Arena *a, Id letter_id, const Hash *digest, Bytes *ret_head,
                  Bytes *ret_signature) _must_check_;
/* Stores the receipt and drops the sealed bytes. */
int spool_receipt_put(Spool *s, Id letter_id, const Hash *digest, Bytes head,
                      Bytes signature) _must_check_;

typedef struct SpoolLetter {
    Id letter_id;
    Hash digest;
    Bytes sealed;
    int64_t received_ms;
} SpoolLetter;
/* One letter that was stored and not finished; false when there is none. */
int spool_letter_open(Spool *s, Arena *a, bool *ret_found, SpoolLetter *ret) _must_check_;

/* The witness's memory: heads that it has verified, the newest and a few before. */
typedef struct SpoolHead {
    int64_t size; /* 0: none yet */
    Hash root;
} SpoolHead;
int spool_head(Spool *s, SpoolHead *ret) _must_check_;
int spool_head_at(Spool *s, int64_t size, SpoolHead *ret) _must_check_; /* size 0: not held */
int spool_head_put(Spool *s, const SpoolHead *head, Str note) _must_check_;

DEFINE_FREEP(Spool, spool_close)

#endif
