/* Text that is safe on a terminal, and aligned tables of it: what show.c and show_enquiry.c put
 * together. */
#ifndef MASH_CTL_TABLE_H
#define MASH_CTL_TABLE_H

#include "broker/base/cleanup.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { CELL_MAX = 400, COLUMNS_MAX = 16, INDENT = 2 };

/* Control and direction marks become "?". Lines after the first are indented; returns how many
 * columns the last one took. */
size_t put_text(FILE *out, const char *text, int indent);

/* The text under a key; "" when there is none. */
const char *field(const json_t *object, const char *key);
/* A value on one line; "" for what is not there. `out` takes CELL_MAX bytes. */
void cell_text(const json_t *v, char *out);

typedef struct Heading {
    const char *key, *title;
    void (*cell)(const json_t *row, char *out); /* NULL: the value as it is */
} Heading;

/* A row for each element, under the titles. */
void put_table(FILE *out, const json_t *rows, const Heading *h, size_t columns);
/* A list whose columns are the keys of its first rows, in the order in which they come. */
void put_list(FILE *out, const json_t *rows);

#endif
