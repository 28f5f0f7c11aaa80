/* The referral that every bench sends: what a school or hospital usually says, about 1.5 KB
 * encoded. One in five is about a child that an earlier one was about, so that matching has work to
 * do; all people are invented. */
#ifndef MASH_BENCH_REFERRAL_H
#define MASH_BENCH_REFERRAL_H

#include "broker/base/arena.h"

/* The content frame (salt, then the encoded referral), by itself on the heap. No two numbers give
 * the same reference; `scratch` is reset. */
Bytes referral_frame(Arena *scratch, uint64_t number);

#endif
