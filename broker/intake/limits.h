/* What one agency may do to the front door, as the hub's manager has set it (`mashctl limit`): kept
 * in the database, loaded at start and again on NOTIFY "register", so that a change needs no
 * restart. An agency without a row has the default's; a default without a row has those below. */
#ifndef MASH_LIMITS_H
#define MASH_LIMITS_H

#include "broker/intake/lanes.h"
#include "broker/io/store.h"

enum { IMMEDIATE_PER_MINUTE = 120, WAITING = 4096, CREDIT = 512 };

typedef struct Limits Limits;

int limits_new(Limits **ret) _must_check_; /* defaults only, until loaded */
void limits_free(Limits *l);

/* All of them, or on failure none: what was in force stays so. */
int limits_load(Limits *l, Store *store) _must_check_;
Allowance limits_of(const Limits *l, Str agency);

DEFINE_FREEP(Limits, limits_free)

#endif
