/* What the suites about intake share: a sender and a look into the database, anew for each test. */
#ifndef MASH_E2E_INTAKE_H
#define MASH_E2E_INTAKE_H

#include "tests/e2e/client.h"

extern Peer peer; /* police */
extern Store *look;

void intake_set_up(void);
void intake_tear_down(void);

/* Rows there are of a message: accepted, in quarantine; and of a whole submission kept raw. */
int64_t messages_of(Id id);
int64_t quarantined_of(Id id);
int64_t kept_raw(const Parts *parts, const char *reason);

#endif
