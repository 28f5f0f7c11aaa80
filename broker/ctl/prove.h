/* The judgement of mash-verify: is an exported ledger exactly what was signed and witnessed, and if
 * not, which rows are not (R16-R18)? Every root is recomputed from the leaves' own text; stored
 * hashes and nodes are believed nowhere, they only help to name the row. And was everything that
 * was acknowledged worked on (R1)? Rows tell that, too. */
#ifndef MASH_PROVE_H
#define MASH_PROVE_H

#include "broker/ctl/export.h"
#include "broker/ledger/ledger.h"

enum { WITNESSES_MAX = 32 };

typedef struct Witness {
    Str name; /* as in its signature lines */
    Key public;
    uint64_t size; /* the largest head it cosigned; 0 for none */
} Witness;

typedef struct Trusted { /* what the verifier brings along, never from the export */
    Str origin;
    Key log_key;
    Witness witness[WITNESSES_MAX];
    size_t witnesses;
    size_t quorum; /* how many of them must have cosigned */
} Trusted;

typedef struct Ledger Ledger;

/* Reads and judges the export in `folder`; a sentence for each thing that is wrong goes to `out`.
 * Negative when it could not be read. */
int ledger_prove(const char *folder, Trusted *trusted, FILE *out, Ledger **ret) _must_check_;
void ledger_free(Ledger *l);
DEFINE_FREEP(Ledger, ledger_free)

/* The agency's own head, a note that it kept: must be one of this ledger. */
int ledger_prove_head(Ledger *l, const Trusted *trusted, Str note) _must_check_;
/* What an agency was promised (acks.c): lines of message id, row, leaf, and perhaps commitment. */
int ledger_prove_acks(Ledger *l, const char *path) _must_check_;

/* The hash of a row's text; NULL past the end and above a gap. */
const Hash *ledger_row(const Ledger *l, uint64_t idx);
uint64_t ledger_newest(const Ledger *l); /* the size of the newest head that holds */

/* Prints a sentence and counts it. */
void say_wrong(Ledger *l, const char *format, ...) _printf_(2, 3);
size_t ledger_wrong(const Ledger *l);
void ledger_verdict(const Ledger *l, const Trusted *trusted); /* to `out`, too */

#endif
