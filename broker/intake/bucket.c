/* See bucket.h. */
#include "broker/intake/bucket.h"

bool bucket_take(Bucket *b, double a_second, double most, double wanted, int64_t now_ms) {
    double since = b->at_ms ? (double)(now_ms - b->at_ms) / 1000 : 0;
    double left = b->at_ms ? b->left + since * a_second : most;
    b->left = left > most ? most : left;
    b->at_ms = now_ms;
    if (b->left < wanted) return false;
    b->left -= wanted;
    return true;
}
