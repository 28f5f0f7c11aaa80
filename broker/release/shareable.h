/* Inside the release room only: what a Shareable is made of. Its two makers fill one in and hand
 * it to shareable_finish, which renders it once and for all. */
#ifndef MASH_SHAREABLE_H
#define MASH_SHAREABLE_H

#include "broker/release/release.h"

typedef struct Line {
    InfoClass class;
    Str text;
} Line;

typedef struct Section {
    Str owner, owner_name;
    Line *lines;
    size_t line_count;
    Str signpost; /* empty when none is due */
} Section;

struct Shareable {
    Str kind; /* of letter: "product" or "check" */
    Str recipient, recipient_name;
    Str purpose, today; /* of a product */
    Id id;
    const Subject *subjects;
    size_t subject_count;
    const Section *sections; /* of a product */
    size_t section_count;
    const CheckRequest *check; /* of a check */
    Str text, html;            /* rendered from all of the above and nothing else */
    const Value *value;        /* the product or check of schemas/fields.def */
    Hash digest;
};

/* Renders, checks against the schema and takes the digest. ERR_MEMORY, ERR_CRYPTO, REFUSE_too_large
 * or the schema's refusal. */
int shareable_finish(Arena *a, Shareable *s) _must_check_;

/* A code in words: "to assess the child's need or risk"; the code itself when it has none. */
const char *code_meaning(CodeList list, Str code);

/* render.c: the two forms for people. {0} when the arena failed. */
Str render_text(Arena *a, const Shareable *s);
Str render_html(Arena *a, const Shareable *s);

#endif
