/* Identifiers. UUIDv7 (RFC 9562) inside the hub: time-ordered, so that indexes stay dense. What is
 * released to anyone gets id_random (UUIDv4), which tells nothing about when or how many. */
#ifndef MASH_ID_H
#define MASH_ID_H

#include "broker/base/cleanup.h"
#include "broker/base/str.h"

typedef struct Id {
    uint8_t at[16];
} Id;

enum { ID_TEXT = 37 }; /* 36 characters and a NUL */

int id_v7(int64_t unix_ms, Id *ret) _must_check_;
int id_random(Id *ret) _must_check_;
void id_text(Id id, char out[ID_TEXT]);
bool id_parse(Str text, Id *ret);
bool id_eq(Id a, Id b);
Bytes id_bytes(const Id *id);

/* Ids in order, each with where it stands elsewhere: to find one of many without asking each. */
typedef struct IdAt {
    Id id;
    size_t at;
} IdAt;

void ids_sort(IdAt *list, size_t count);
/* Of a sorted list; false when it is not there. Of several alike, any. */
bool ids_find(const IdAt *list, size_t count, Id id, size_t *ret_at);

#endif
