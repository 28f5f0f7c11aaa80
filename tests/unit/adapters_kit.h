/* What the adapters' tests stand on: an agency with fresh keys, the hub's other halves of them, and
 * a folder of its own under /tmp that goes away with kit_close. */
#ifndef MASH_ADAPTERS_KIT_H
#define MASH_ADAPTERS_KIT_H

#include "adapters/common/adapter.h"
#include "adapters/common/files.h"
#include "adapters/common/intake_folder.h"
#include "schemas/envelope.h"

/* 2026-11-22T14:00:00.000Z */
#define KIT_NOW_MS 1795356000000

typedef struct Kit {
    Adapter adapter; /* no loop, no config */
    Arena *arena;
    KeyPair ack, letter_sign, log; /* the hub's */
    char dir[64], spool_path[80];
    json_t *stored, *rejected;
    Batch batch;
} Kit;

void kit_open(Kit *k);
void kit_close(Kit *k);
void kit_reopen_spool(Kit *k);
Bytes kit_sample(Arena *a, const char *path); /* relative to the project */
/* What would be sent next: of the immediate lane, then of the other. */
size_t kit_next(Kit *k, SpoolEntry entries[2 * LIMIT_ENTRIES]);
/* The referral of the message that is oldest in the queue. */
const Value *kit_queued(Kit *k, size_t nth);
Str kit_json(Kit *k, const Value *referral);
bool contains(Str text, const char *needle);
/* Every file under the kit's folder whose name has `part` in it, read whole; {0} when none. */
Str kit_file(Kit *k, const char *dir, const char *part);

/* A field of a referral by keys, as text; "" when absent. */
#define TEXT(v, key) value_text(v, key)

#endif
