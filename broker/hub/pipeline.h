/* From acknowledged to visible in the queue: batches of messages become items of enquiries.
 *
 * One round claims what waits longest, immediate danger first and in small batches of its own,
 * makes every message ready (work.h), commits their keys to the vault and hands all of them to one
 * door, in one transaction. A long round makes the next batch smaller, because members of staff
 * wait meanwhile. A crash anywhere loses nothing: what was claimed is still on the work list, and
 * keys without their act open nothing. Several hubs may work on one list. */
#ifndef MASH_PIPELINE_H
#define MASH_PIPELINE_H

#include "broker/hub/hub.h"

int pipeline_new(Pipeline **ret) _must_check_;
void pipeline_free(Pipeline *p);

/* Tells the database over which message the hub before this one ended, if there was one. */
int pipeline_blame(Hub *h) _must_check_;

/* One round. What a message was refused for is recorded and no error. *ret_more: another round may
 * find something. */
int pipeline_run(Hub *h, bool *ret_more) _must_check_;

/* ---- waiting.c: what waits, and whether that is too long ----------------------------------- */

/* Looks, sets the numbers, raises or clears the alarm pipeline_late. For a timer of a second. */
int waiting_look(Hub *h) _must_check_;
/* A sentence for staff while the alarm stands; else empty. */
Str waiting_say(const Hub *h, Arena *a);

/* What became of a message, and how long a round took: for the numbers. */
void waiting_done(Hub *h, Str treatment);
void waiting_round(Hub *h, int64_t us);

/* The room's own numbers, before server_open. */
int waiting_metrics(Metrics **ret) _must_check_;

DEFINE_FREEP(Pipeline, pipeline_free)

#endif
