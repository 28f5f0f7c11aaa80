/* Whose word a later word is. It moves what may leave, so the hub takes neither a row's nor
 * intake's word for it: the submission that brought it is verified once more. */
#ifndef MASH_ORIGIN_H
#define MASH_ORIGIN_H

#include "broker/hub/work.h"

/* 0 when a key in force of its agency signed a head that names this message and this commitment;
 * else REFUSE_signature_wrong. What staff put through under a new id nobody has signed. */
int origin_proved(Hub *h, Arena *a, const Work *w) _must_check_;

#endif
