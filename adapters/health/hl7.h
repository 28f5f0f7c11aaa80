/* HL7 version 2 as text: segments, fields, repetitions, components, sub-components, escapes. The
 * delimiters come from MSH. Nothing is built beforehand: everything is a view that is cut when
 * asked for, so memory is bounded by the message itself. Segments end in CR; LF and CRLF are
 * tolerated. */
#ifndef MASH_HL7_H
#define MASH_HL7_H

#include "broker/base/arena.h"

enum { HL7_SEGMENTS = 512 };

typedef struct Hl7 {
    char field, component, repeat, escape, part;
    Str segment[HL7_SEGMENTS];
    size_t count;
} Hl7;

/* False when there is no MSH with usable delimiters, or there are too many segments. Borrows. */
bool hl7_parse(Str text, Hl7 *ret);

/* The nth (from 0) segment of this name; {0} when there is none. */
Str hl7_segment(const Hl7 *m, const char *name, size_t nth);
/* Field n of a segment as HL7 counts (MSH-1 is the separator itself); raw; {0} when absent. */
Str hl7_field(const Hl7 *m, Str segment, size_t n);
Str hl7_repeat(const Hl7 *m, Str field, size_t nth);   /* from 0 */
Str hl7_component(const Hl7 *m, Str repeat, size_t n); /* from 1 */
Str hl7_part(const Hl7 *m, Str component, size_t n);   /* from 1 */

/* Escapes resolved, "" (the explicit null) as empty. {0} when the arena failed. */
Str hl7_text(Arena *a, const Hl7 *m, Str raw);
/* Component `c` of the first repetition of field `f`, raw and resolved. */
Str hl7_raw(const Hl7 *m, Str segment, size_t f, size_t c);
Str hl7_get(Arena *a, const Hl7 *m, Str segment, size_t f, size_t c);

#endif
