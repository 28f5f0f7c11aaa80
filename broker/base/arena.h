/* Memory for one message: everything is taken from here and given back at once, wiped, so that a
 * leak is impossible by shape and no personal data outlives its message.
 *
 * An arena has a cap. Past it, or when the machine has no memory, arena_alloc gives NULL and the
 * arena stays *failed* until reset: code may build a whole value and ask arena_failed() once. */
#ifndef MASH_ARENA_H
#define MASH_ARENA_H

#include "broker/base/cleanup.h"
#include "broker/base/str.h"

typedef struct Arena Arena;

Arena *arena_new(size_t cap); /* NULL when out of memory */
void arena_free(Arena *a);    /* wipes, then frees */
void arena_reset(Arena *a);   /* wipes; everything taken from it is gone */
bool arena_failed(const Arena *a);
size_t arena_used(const Arena *a);

void *arena_alloc(Arena *a, size_t size) _must_check_; /* zeroed, aligned for any type */
void *arena_array(Arena *a, size_t count, size_t size) _must_check_;
Bytes arena_copy(Arena *a, Bytes b);               /* {0} when failed */
Str arena_str(Arena *a, Str s);                    /* copied, and a NUL after it */
Str arena_join(Arena *a, const Str *parts, size_t count); /* likewise */
Str arena_printf(Arena *a, const char *format, ...) _printf_(2, 3);

DEFINE_FREEP(Arena, arena_free)

#endif
