/* The JSON form of the police profile: an array of notices, or one notice. Each has its own fate:
 * one bad notice does not stop its neighbours. */
#ifndef MASH_NOTICE_JSON_H
#define MASH_NOTICE_JSON_H

#include "adapters/common/intake_folder.h"

int notices_json(Batch *b, Bytes content, Fault *ret_fault); /* a BatchRead */

#endif
