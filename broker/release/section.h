/* Inside the release room only: one owner's section in the making, and the product made of them. */
#ifndef MASH_SECTION_H
#define MASH_SECTION_H

#include "broker/release/shareable.h"

/* ---- section.c ------------------------------------------------------------------------------ */

/* An empty one with room for `most` lines. False when the arena failed. */
bool section_new(Arena *a, const Item *item, size_t most, Section *ret);
/* Adds what is released of one of its owner's items (`text` is shown as it stands) or the owner's
 * one signpost; VERDICT_silent adds nothing. */
void section_add(Arena *a, Section *s, const Item *item, VerdictKind kind, Str text);
/* Puts the lines into their order and says each once: how they arrived, and how often, is gone. */
void section_settle(Section *s);
bool section_empty(const Section *s);

/* ---- product.c ------------------------------------------------------------------------------ */

/* What an owner authorises: its section and all that it would go out under, with the child as its
 * view has her (NULL: as the request). */
Value *rendering_value(Arena *a, const Request *q, const View *view, const Section *section);
int rendering_digest(Arena *a, const Value *rendering, Hash *ret) _must_check_;

/* The maker of products, for redact alone. */
int product_shareable(Arena *a, const Request *q, const Section *sections, size_t count,
                      const Shareable **ret) _must_check_;

/* What a letter has room for, and what something takes of it: bytes of the two renderings and of
 * the whole value, with both in it. */
typedef struct Room {
    size_t text, page, value;
} Room;

/* That of a product for all its sections together. (product.c) */
int product_room(Arena *a, const Request *q, Room *ret) _must_check_;

/* ---- fit.c ---------------------------------------------------------------------------------- */

/* Takes out of these, in the order of their owners' codes, the words that are too much for one
 * letter, section by section: first whoever could be in no letter, then always the fullest, the
 * first of several, until the rest fits. Each becomes the signpost that stands instead of it, or
 * empty. All is decided by what would leave, and by nothing that stays in (R10). */
void sections_fit(Room room, Section *sections, size_t count);

/* The same subjects, without any number but one of this scheme. (product.c) */
const Subject *subjects_for(Arena *a, const Subject *subjects, size_t count, Str scheme);

#endif
