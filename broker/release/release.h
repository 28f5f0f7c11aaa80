/* Release: what leaves the hub leaves by its owner's word, and gives nothing else away. Pure, and
 * the best-tested code: no database, no sockets, no clock, no log. Read in this order:
 *
 *   policy.h  one rule, one line of closed vocabulary <-> one Rule; rules -> a Verdict for one item
 *   detect.h  finds names and numbers in text that must not leave; may only add cuts
 *   letters.h a Shareable: what may leave, as text, as a page and as the letter's value
 *   persons.h the people of an enquiry: whom a letter is about, who may be named in none
 *   forms.h   the forms in which one item may leave, without whom its words name
 *   redact.h  items + verdicts + the owners' grants -> a Shareable and the list of cuts (R10, R12)
 *   contact.h what goes on after a product: questions, replies, recalls, notices
 *   lapsed.h, rehearse.h   the same rules asked again: past their day, and before they are signed
 *   domain.h, findings.h   policies on paper: every case there is, and what is odd in them
 *   shareable.h            how a letter is made, for whoever adds a kind
 *
 * Everything failing ends in withhold (R25). */
#ifndef MASH_RELEASE_H
#define MASH_RELEASE_H

#include "broker/release/contact.h"
#include "broker/release/detect.h"
#include "broker/release/letters.h"
#include "broker/release/persons.h"
#include "broker/release/policy.h"
#include "broker/release/redact.h"

#endif
