/* Intake's picture of itself for the hub's staff (`mashctl intake`): every two seconds the totals,
 * and of senders and refusals what has changed, go into three tables by door.intake_report. Not
 * evidence, and nothing about any message: instance, agency, key, reason, and numbers.
 *
 * It has a connection of its own and never waits for it: while a report is under way the next is
 * left out. */
#ifndef MASH_REPORT_H
#define MASH_REPORT_H

#include "broker/intake/lanes.h"
#include "broker/io/store.h"

enum { REPORT_EVERY_MS = 2000 };

typedef struct Reporter Reporter;

/* `name` tells instances apart (the setting hub.name); it and `lanes` are borrowed. The store is
 * the reporter's own from now on, also when this fails. */
int reporter_new(Store *store, const char *name, Lanes *lanes, Reporter **ret) _must_check_;
void reporter_free(Reporter *r); /* closes its store */

/* Counts a refusal, `agency` empty for a key of nobody. NULL counts nothing. */
void report_refused(Reporter *r, Str agency, Reason reason);

/* LoopCalls on the reporter: on a timer of REPORT_EVERY_MS, and when reporter_fd is readable.
 * ERR_STORE: the database is lost. */
int report_tick(void *reporter) _must_check_;
int report_arrived(void *reporter) _must_check_;
int reporter_fd(const Reporter *r);

DEFINE_FREEP(Reporter, reporter_free)

#endif
