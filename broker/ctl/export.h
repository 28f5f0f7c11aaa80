/* The files that mash-verify reads, as sql/export.sql writes them: one row a line, fields parted by
 * tabs, hashes and leaves in hex, a line break inside a field as \n. All of it is untrusted. */
#ifndef MASH_EXPORT_H
#define MASH_EXPORT_H

#include "broker/base/arena.h"
#include "broker/base/crypto.h"

enum { EXPORT_LINE_MAX = 64 * 1024, EXPORT_FIELDS_MAX = 4 };

typedef struct Table {
    FILE *file;
    char name[300]; /* for sentences */
    uint64_t line;
    char text[EXPORT_LINE_MAX];
    Str field[EXPORT_FIELDS_MAX]; /* of the row read last; borrowed until the next */
    size_t fields;
} Table;

/* `name` is a file in `folder`, or a whole path when `folder` is NULL. NULL, with a sentence on
 * stderr, when it cannot be opened. */
Table *table_open(const char *folder, const char *name);
void table_free(Table *t);
DEFINE_FREEP(Table, table_free)

/* 1 with a row of least..most fields, 0 at the end, ERR_FILE (and a sentence on stderr) otherwise.
 */
int table_next(Table *t, size_t least, size_t most) _must_check_;
/* Says on stderr which line is not understood; ERR_FILE. */
int table_wrong(const Table *t);

bool field_number(const Table *t, size_t i, uint64_t *ret);
bool field_hash(const Table *t, size_t i, Hash *ret);
bool field_bytes(Table *t, size_t i, Bytes *ret); /* hex, decoded in place */
bool field_text(Table *t, size_t i, Str *ret);    /* line breaks restored, in place */

/* A whole small file (a key, a note) into the arena; false with a sentence on stderr. */
bool file_read(Arena *a, const char *path, Str *ret);

#endif
