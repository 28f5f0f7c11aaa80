/* Group commit without timers: while one batch is with the database the next one fills; at low load
 * a batch is one submission, under load it is whatever has come. As soon as one is committed the
 * next one goes, and only then is the first answered: the database never waits for signatures.
 * Answers go out after the commit, never before (R1).
 *
 * When the outcome of a commit is not known nobody is answered: ERR_STORE, the program ends, the
 * adapters send again and the door knows what it has seen (R2, R4). When the database says that a
 * batch cannot be stored, each of its submissions is tried alone: one cannot harm others. */
#ifndef MASH_BATCH_H
#define MASH_BATCH_H

#include "broker/intake/intake.h"

/* Borrows `in`; the store, which serves nothing else, is its own unless this fails. Its batches are
 * numbered from its place among the writers, which it joins next, in steps of WRITERS_MAX. */
int writer_new(Intake *in, Store *store, Lane lane, Writer **ret) _must_check_;
void writer_free(Writer *w); /* closes its store */

Lane writer_lane(const Writer *w);
int writer_fd(const Writer *w); /* for the loop: writer_arrived */
bool writer_has_room(const Writer *w); /* for any submission there may be */
uint64_t writer_batch(const Writer *w); /* the number of the batch that fills; no two writers' */
Arena *writer_arena(Writer *w);        /* where a submission that joins must live */
size_t writer_messages(const Writer *w); /* that have joined */
/* Only while there is room. `a`: what it was made of. */
void writer_join(Writer *w, const Submission *s, const Arrival *a);

/* Sends the open batch, unless one is under way or nothing has come. */
int writer_start(Writer *w) _must_check_;
/* A LoopCall: the connection is readable. Once the result is complete the next batch goes. */
int writer_arrived(void *writer) _must_check_;
/* Answers what has been committed, until then; positive: some of it is left. */
int writer_answer(Writer *w, int64_t until_us) _must_check_;
/* Waits for the batch under way and answers it. */
int writer_finish(Writer *w) _must_check_;
bool writer_busy(const Writer *w); /* something is under way or has joined */
int64_t writer_under_way_ms(const Writer *w); /* for how long; 0 when nothing is */

DEFINE_FREEP(Writer, writer_free)

#endif
