/* A budget by the second: what somebody may have at once, and how fast it comes back. Pure; the
 * caller's clock. */
#ifndef MASH_BUCKET_H
#define MASH_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

typedef struct Bucket {
    double left;
    int64_t at_ms; /* when it was last asked; 0: never, it is full */
} Bucket;

/* True when there is as much as is wanted, which is then taken. `most` is what it holds. */
bool bucket_take(Bucket *b, double a_second, double most, double wanted, int64_t now_ms);

#endif
