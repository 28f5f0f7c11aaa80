/* Numbers by 64-bit keys: how often something occurs, where a list begins. Grows as it fills. */
#ifndef MASH_TABLE_H
#define MASH_TABLE_H

#include "broker/base/cleanup.h"

#include <stdint.h>

typedef struct Slot {
    uint64_t key, value; /* key 0: free */
} Slot;

typedef struct Table {
    Slot *slots;
    size_t size, used; /* `size` is a power of two */
} Table;

Table *table_new(void); /* NULL: no memory */
void table_free(Table *t);

/* The value of `key`, 0 when it is new. NULL: no memory. Valid until the next call. */
uint64_t *table_at(Table *t, uint64_t key);
uint64_t table_get(const Table *t, uint64_t key); /* 0: not there */
void table_expect(const Table *t, uint64_t key);  /* it will be asked for soon */

DEFINE_FREEP(Table, table_free)

#endif
