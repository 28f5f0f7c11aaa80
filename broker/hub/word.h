/* An agency's later word about what is here already: the owner authorises, chooses, corrects; a
 * recipient confirms, or asks the owner. It comes by intake as every message does, makes no items
 * and opens no enquiry. One message, one door, one leaf: the door takes the message off the work
 * list (mash.word_done) and does what was said in the same transaction.
 *
 * What cannot be obeyed (no such request, a signature that does not hold) is refused by the door or
 * the handler and goes to quarantine, where a person sees it; the owner's will is never guessed. */
#ifndef MASH_WORD_H
#define MASH_WORD_H

#include "broker/hub/work.h"

/* In the caller's transaction, after the batch's referrals and answers. 0 with w->treatment set;
 * positive: nothing of it may be, and the message is taken alone and set aside with that reason. */
int word_take(Hub *h, Arena *a, Work *w) _must_check_;

/* Handlers, by file: obey one word, or refuse it. word_authorisation.c */
int word_authorisation(Hub *h, Arena *a, const Work *w) _must_check_;
/* word_choice.c */
int word_choice(Hub *h, Arena *a, const Work *w) _must_check_;

#endif
