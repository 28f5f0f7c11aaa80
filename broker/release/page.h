/* Inside the release room only: a rendering in the making, a chain of pieces joined once. */
#ifndef MASH_PAGE_H
#define MASH_PAGE_H

#include "broker/base/arena.h"

typedef struct Piece {
    Str text;
    struct Piece *next;
} Piece;

typedef struct Page {
    Arena *arena; /* NULL: it is only measured */
    Piece *first, *last;
    size_t len;
} Page;

/* Borrowed until page_join. A failed arena is found out there: {0}. */
void put(Page *p, Str text);
void put_z(Page *p, const char *z);
Str page_join(Page *p);

/* Somebody's words inside an HTML or XHTML element of class "words", escaped. (render_html.c) */
void put_element(Page *p, const char *tag, Str words);

#endif
