/* Inside the release room only: what a Shareable is made of, whatever its kind. To make one:
 *
 *   1 withhold: words that people wrote pass text_hides(), identities are at their minimum
 *   2 fill in a Shareable: kind, title, head, subjects, sections, blocks
 *   3 shareable_render(): text and page, from those and nothing else
 *   4 build the value of its structure in schemas/fields.def
 *   5 shareable_finish(): checks the value against the schema and takes the digest
 *
 * The renderings know no kind of letter. check.c is the shortest maker there is. */
#ifndef MASH_SHAREABLE_H
#define MASH_SHAREABLE_H

#include "broker/release/release.h"

enum { HEAD_MOST = 8, BLOCKS_MOST = 8 };

/* Bytes of a kind's value: a letter's largest size class, less the hub's signature and the letter's
 * own head. */
enum { VALUE_MOST = 255 * 1024 };

/* A label and what somebody or something says; a list of them ends where the label is NULL. One
 * with no words is not shown. */
typedef struct Pair {
    const char *label;
    Str words;
} Pair;

typedef struct Line {
    InfoClass class;
    Str text;
} Line;

/* What one owner lets the recipient have. */
struct Section {
    Str owner, owner_name;
    Line *lines;
    size_t line_count;
    Str signpost; /* empty when none is due */
    Str instead;  /* the signpost that stands for all of it when it is too much for one letter;
                     empty where its owner has no desk */
};

struct Shareable {
    uint32_t kind; /* F_letter_product, ...: the field of the letter that holds its value */
    const char *title;
    Id id;                         /* the reference that both sides quote */
    Str recipient, recipient_name; /* code; name */
    Str day;                       /* on which it was made; empty when its kind has none */
    Pair head[HEAD_MOST];          /* after the reference and whom it goes to */
    const Subject *subjects;
    size_t subject_count;
    const Section *sections;
    size_t section_count;
    Pair blocks[BLOCKS_MOST]; /* longer words, after the sections */
    Str text, html;           /* shareable_render's */
    const Value *value;       /* shareable_finish's, with the digest */
    Hash digest;
};

/* ---- shareable.c ---------------------------------------------------------------------------- */

void shareable_render(Arena *a, Shareable *s);
/* Both renderings under these fields of the letter's structure; the page only where its field has
 * room for it. */
void renderings_value(Arena *a, Value *ret, const Shareable *s, uint32_t text, uint32_t page);
/* ERR_MEMORY, ERR_CRYPTO, REFUSE_too_large or the schema's refusal. */
int shareable_finish(Arena *a, Shareable *s, const Value *value) _must_check_;

/* A code in words: "to assess the child's need or risk"; the code itself when it has none. */
const char *code_meaning(CodeList list, Str code);

/* Parts of values that several kinds hold: subjects under `key` of `map`, a section. */
void subjects_value(Arena *a, Value *map, uint32_t key, const Subject *subjects, size_t count);
void section_value(Arena *a, Value *ret, const Section *section);

/* Whether `text` holds a word that hides (detect.h): other names and numbers may stand in it. True
 * also when it cannot be told. */
bool text_hides(Arena *a, Str text, const Subject *subjects, size_t subject_count,
                const NetWord *words, size_t word_count);

/* ---- render_text.c, render_html.c: the forms for people. {0} when the arena failed. --------- */

Str render_text(Arena *a, const Shareable *s);
Str render_html(Arena *a, const Shareable *s);
/* What one section takes of each; no more, in any place among 256. */
size_t text_section_len(const Section *s);
size_t html_section_len(const Section *s);

/* What both show: the head in order (`at` takes HEAD_MOST + 2), a subject on one line, whether a
 * line is the first of its class and so stands under the class's heading. (page.c) */
size_t head_pairs(Arena *a, const Shareable *s, Pair *at);
Str subject_line(Arena *a, const Subject *s);
bool opens_class(const Section *s, size_t line);
extern const char letter_caution[];
extern const char letter_marking[];

#endif
