/* The words that may leave in no product and in no question about an enquiry: who told, who saw,
 * who was hurt, and protected addresses. Gathered here and nowhere else. */
#ifndef MASH_FORBIDDEN_H
#define MASH_FORBIDDEN_H

#include "broker/hub/hub.h"

/* The children that the letter is about may be named, and nobody else: not even another child of
 * the enquiry, when she told, saw or was hurt. Somebody whose mention does not open has no words
 * here; see persons_unread. ERR_MEMORY; ERR_BROKEN when there are too many to search for: some
 * would go unchecked, so nothing may leave. */
int forbidden_words(Arena *a, const HubPerson *persons, size_t count, const Id *about,
                    size_t about_count, Str **ret, size_t *ret_count) _must_check_;

/* True when somebody whom `agency` mentioned cannot be read, so that nobody knows which words may
 * not leave. Any agency, when `agency` is {0}. */
bool persons_unread(const HubPerson *persons, size_t count, Str agency);

#endif
