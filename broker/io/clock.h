/* Time as the programs see it. What is evidence takes its time from the database (hub_now). */
#ifndef MASH_CLOCK_H
#define MASH_CLOCK_H

#include <stdint.h>

enum { CLOCK_TEXT = 25 }; /* "2026-11-22T14:00:00.123Z" and a NUL */

int64_t clock_ms(void);      /* wall clock, milliseconds since 1970 */
int64_t clock_mono_ms(void); /* never goes back; for timeouts */
int64_t clock_mono_us(void); /* the same, finer; for measuring */
void clock_text(int64_t unix_ms, char out[CLOCK_TEXT]);

#endif
