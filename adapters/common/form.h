/* Reading JSON that an agency wrote: bounded, no duplicate names, a fault is a place and a reason
 * and never a value. */
#ifndef MASH_FORM_H
#define MASH_FORM_H

#include "schemas/codec.h"

#include <jansson.h>

enum { FORM_DEPTH = 16 };

static inline void json_freep(json_t **j) {
    json_decref(*j);
}

/* NULL when it is not JSON, nests deeper than FORM_DEPTH, or names anything twice. */
json_t *form_load(Bytes text);

/* Sets the fault and returns the reason, so that `return form_fault(...)` reads well. */
int form_fault(Fault *fault, Reason reason, const char *format, ...) _printf_(3, 4);

/* The text at `name`, copied; {0} when absent, null or not a text. */
Str form_text(Arena *a, const json_t *object, const char *name);

/* Writes {"file", "reason", "path", "sentence"} as <dir>/<name><ending>. */
int form_reason(const char *dir, const char *name, const char *ending,
                const Fault *fault) _must_check_;
/* Writes any JSON so; takes the reference. */
int form_write(const char *dir, const char *name, const char *ending, json_t *j) _must_check_;

#endif
