/* What goes on after a product has left: the words of professionals and owners to each other, and
 * what the hub takes back. word.h says how a word comes in; each handler here obeys one kind. A
 * word about something that is not there, or is somebody else's, is refused as not_found whatever
 * the hub holds: nobody finds out by asking.
 *
 * Who received what, and who asked whom, is read from the ledger and from what was sealed: a row
 * edited in the database is not obeyed. */
#ifndef MASH_HUB_CONTACT_H
#define MASH_HUB_CONTACT_H

#include "broker/hub/commands.h"
#include "broker/hub/policies.h"

typedef struct Work Work; /* work.h */

/* ---- signpost.c ------------------------------------------------------------------------------ */

/* REFUSE_not_found: no such product of the asker's, or no signpost of that owner in it. */
int signpost_question_take(Hub *h, Arena *a, const Work *w) _must_check_;
/* REFUSE_not_found: nobody asked this agency so; REFUSE_state_wrong: it has replied. */
int signpost_reply_take(Hub *h, Arena *a, const Work *w) _must_check_;

/* Whom a letter to `reader` is about, one child of the enquiry, and who must not be named in it:
 * those whom the agency that wrote it mentioned itself. Nothing that others said is in such a
 * letter, and whether it goes on must not tell its writer whom others named: else a list of names
 * would find an informant. `subject` is what `ret->subjects` points to. REFUSE_question_names when
 * somebody whom the writer mentioned cannot be read; REFUSE_not_found when the child cannot be. */
int about_load(Hub *h, Arena *a, Id enquiry, const Id *person, Str writer,
               const AgencyEntry *reader, Subject *subject, About *ret) _must_check_;

/* ---- correction.c, recalls.c ----------------------------------------------------------------- */

/* REFUSE_not_found: the sender has said no such thing, or has taken it back already. */
int correction_take(Hub *h, Arena *a, const Work *w) _must_check_;
/* REFUSE_not_found: no recall of that agency's; REFUSE_state_wrong: it was confirmed. */
int confirmation_take(Hub *h, Arena *a, const Work *w) _must_check_;

/* What a correction or withdrawal means for whoever received the old words. */
typedef struct Cause {
    Id enquiry;
    Str owner, kind;
    const HubItem *items; /* what counts no more */
    size_t item_count;
    const Item *now; /* what takes its place; NULL: nothing does */
    Str rating, today, confirm_by;
} Cause;

/* One for each item in each product that it left in; beside each other for the door. */
typedef struct Recalls {
    Id *recall, *product, *item, *letter;
    Str *agency, *class;
    Bytes *sealed;
    size_t count;
} Recalls;

/* REFUSE_hub_failed when what left cannot be told any more: somebody edited the cuts. */
int recalls_make(Hub *h, Arena *a, const Cause *cause, Recalls *ret) _must_check_;

/* ---- notices.c ------------------------------------------------------------------------------- */

/* In the transaction of the decision: a letter to every agency that referred the child. One that
 * has no letter key in force gets none. */
int notices_send(Call *c, Id decision) _must_check_;

#endif
