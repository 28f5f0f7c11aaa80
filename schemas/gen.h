/* The generator's printers: each writes one derived view of the .def tables to stdout. What
 * they print is kept in the tree, so that a reader needs no compiler, and `make check-gen` proves
 * that it still says what the tables say. */
#ifndef MASH_GEN_H
#define MASH_GEN_H

#include "schemas/schema.h"

/* sql/functions/vocabulary.sql. */
void gen_sql(void);

/* schemas/PROTOCOL.md after its introduction: limits, messages, structures, lists. */
void gen_protocol(void);

/* schemas/ENQUIRY.md after its introduction: the structures of a file on paper, and their lists. */
void gen_paper(void);

/* schemas/json/<struct>.schema.json, JSON Schema 2020-12 of what codec_json prints. */
void gen_json(StructKind top);

/* The structs that stand on their own: every head, and what contents and letters hold. False past
 * the last. */
bool gen_top(size_t i, StructKind *ret);

/* Marks `kind` and everything that it holds. What no top reaches never leaves the hub. */
void gen_reach(StructKind kind, bool reached[STRUCT_COUNT]);

const char *sensitivity_name(Sensitivity s);

#endif
