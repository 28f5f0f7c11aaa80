/* The body of every adapter: settings, keys, spool, the two links to the hub, desk, letters,
 * witness and the loop. A program adds its Source: how its agency's system hands over messages.
 *
 *   mash-<name> CONFIG.ini [--ready-fd N] [--send-refused]
 *   mash-<name> authorise FILE --key KEY [--refuse REASON]     authorise.h
 *
 * "ready\n" is written to that descriptor once the source is open and the spool can take; the hub
 * need not be there. SIGTERM ends it: what is not sent yet waits in the spool. */
#ifndef MASH_ADAPTER_H
#define MASH_ADAPTER_H

#include "adapters/common/keep.h"
#include "broker/io/loop.h"

typedef struct Adapter {
    Identity self;
    const Config *config;
    Loop *loop;
    Spool *spool;
} Adapter;

typedef struct Source {
    const char *program;     /* "mash-police" */
    const char *doc;         /* for --help */
    const Setting *settings; /* its own, beside identity_settings; ends with a NULL key; or NULL */
    int (*open)(Adapter *adapter, void **ret_state); /* after this, messages may come */
    void (*scan)(void *state); /* every few seconds: what events may have missed; or NULL */
    void (*close)(void *state);
} Source;

/* The program's exit status. */
int adapter_main(int argc, char **argv, const Source *source);

#endif
