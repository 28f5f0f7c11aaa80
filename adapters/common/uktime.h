/* Times as agencies write them, made into RFC 3339 with offset and ISO 8601 dates. A time without
 * an offset is a wall clock in the United Kingdom: +01:00 from 01:00 UTC on the last Sunday of
 * March to 01:00 UTC on the last Sunday of October, else +00:00. In the hour that comes twice the
 * first is meant. Everything gives {0} for what is not a real calendar time, and for a failed
 * arena. */
#ifndef MASH_UKTIME_H
#define MASH_UKTIME_H

#include "broker/base/arena.h"

Str uk_date(Arena *a, Str dd_mm_yyyy);            /* "05/05/2017" -> "2017-05-05" */
Str uk_time(Arena *a, Str dd_mm_yyyy, Str hh_mm); /* time may be empty: midnight */
Str hl7_date(Arena *a, Str yyyymmdd);             /* also YYYY, YYYYMM, and longer */
Str hl7_time(Arena *a, Str text);                 /* YYYYMMDD[HHMM[SS[.S]]][+ZZZZ] */
Str words_time(Arena *a, Str rfc3339);            /* "3 October 2026 at 20:15" */

#endif
