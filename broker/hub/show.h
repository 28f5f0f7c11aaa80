/* Pages of what is too long for one answer: an enquiry, a preview's cuts, a product. Looking is
 * revealing: it is recorded and committed before anything is answered (S47), and a page is made to
 * fit, so that no look is recorded that shows nothing.
 *
 * An agency may write as much about a child as it likes, and nobody else's words may become
 * unreadable over it. So the first page has every list, newest first, each as far as its own share
 * of the answer reaches, and what agencies say in equal shares: none can push another's off the
 * page. "pages" tells of each list how many rows there are and, where earlier ones were left off,
 * the cursor: `after` it come the earlier ones of that list, with the whole page for them. The
 * cursor's number is how many there are still to read, counted from the oldest, so that what
 * arrives meanwhile moves nothing. Only what a page may have room for is opened. */
#ifndef MASH_SHOW_H
#define MASH_SHOW_H

#include "broker/hub/commands.h"

/* JSON bytes. The shares together fit into a result, and any single row into a page. */
enum {
    PAGE = 450 * 1000, /* of one list, when it is all there is */
    SHARE_items = 400 * 1000,
    SHARE_persons = 130 * 1000,
    SHARE_words = 80 * 1000, /* ratings, checks, emergencies: up to 72 KiB of staff's words a row */
    SHARE_codes = 35 * 1000,
};

/* Which page of what; without a list, the first one. */
typedef struct Cursor {
    Str list, agency;
    uint64_t earlier; /* so many rows, from the oldest on */
} Cursor;

/* What of one list, or of one agency's part of it, stands on this page. */
typedef struct Slice {
    Str agency; /* empty: a list that is nobody's */
    size_t total, from, shown;
    size_t room; /* JSON bytes that are left */
} Slice;

/* ---- show.c ---------------------------------------------------------------------------------- */

/* Of "after": "items.police.37", "ratings.37", or nothing. */
int cursor_take(Call *c, Cursor *ret) _must_check_;
int cursor_wrong(Call *c); /* a refusal that says what a cursor looks like */
Slice slice_of(const Cursor *k, Str agency, size_t total, size_t share);
/* Takes over the row. False when there is no room for it. */
bool slice_put(Slice *s, json_t *list, json_t *row);
/* Into "pages". */
void slice_tell(Call *c, const char *list, const Slice *s);

/* ---- show_told.c ----------------------------------------------------------------------------- */

int persons_show(Call *c, const Cursor *k) _must_check_;
int items_show(Call *c, const Cursor *k) _must_check_;

#endif
