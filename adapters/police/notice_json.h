/* The JSON form of the police profile: an array of notices, or one notice. Each has its own fate:
 * one bad notice does not stop its neighbours. */
#ifndef MASH_NOTICE_JSON_H
#define MASH_NOTICE_JSON_H

#include "adapters/common/intake_folder.h"
#include "adapters/police/notice.h"

int notices_json(Batch *b, Bytes content, Fault *ret_fault); /* a BatchRead */

/* One notice out of its object; a REFUSE_* with the place when a field has a wrong type. */
int notice_from_json(Arena *a, json_t *object, Notice *ret, Fault *ret_fault) _must_check_;

#endif
