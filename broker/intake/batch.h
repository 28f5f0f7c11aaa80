/* Group commit without timers: while one batch is being committed the next one fills; at low load a
 * batch is one submission, under load it is whatever has come. Answers go out after the commit,
 * never before (R1). Memory is bounded: a full batch means waiting, and the ROUTER's queue does the
 * rest.
 *
 * When the outcome of a commit is not known nobody is answered: ERR_STORE, the program ends, the
 * adapters send again and the door knows what it has seen (R2, R4). When the database says that a
 * batch cannot be stored, each of its submissions is tried alone: one cannot harm others. */
#ifndef MASH_BATCH_H
#define MASH_BATCH_H

#include "broker/intake/reply.h"

typedef struct Writer Writer;

typedef struct Counts {
    uint64_t accepted, duplicate, quarantined, refused, batches;
} Counts;

/* Borrows both. The store serves nothing else. */
int writer_new(Store *store, const Speaker *speaker, Writer **ret) _must_check_;
void writer_free(Writer *w);

bool writer_has_room(const Writer *w);            /* for any submission there may be */
Arena *writer_arena(Writer *w);                   /* where a submission that joins must live */
void writer_join(Writer *w, const Submission *s); /* only while there is room */

/* Sends the open batch, unless one is under way or nothing has come. */
int writer_start(Writer *w) _must_check_;
/* The connection is readable: answers once the result is complete. */
int writer_arrived(Writer *w) _must_check_;
/* Waits for the batch under way and answers it. */
int writer_finish(Writer *w) _must_check_;
bool writer_busy(const Writer *w); /* something is under way or has joined */

Counts *writer_counts(Writer *w);

DEFINE_FREEP(Writer, writer_free)

#endif
