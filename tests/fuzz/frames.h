/* Fuzzed bytes as the frames of a message, and back: each frame after its length (16 bits, little
 * end first), a length past the end means the rest. So a mutation moves a border as easily as it
 * changes a byte. */
#ifndef MASH_FUZZ_FRAMES_H
#define MASH_FUZZ_FRAMES_H

#include "broker/base/arena.h"
#include "broker/io/wire.h"

enum { FRAME_LENGTH = 2 };

static inline Bytes part_cut(Bytes *rest) {
    size_t len = rest->len < FRAME_LENGTH ? 0 : (size_t)(rest->at[0] | rest->at[1] << 8);
    size_t skip = rest->len < FRAME_LENGTH ? rest->len : FRAME_LENGTH;
    if (len > rest->len - skip) len = rest->len - skip;
    Bytes part = bytes_of(rest->at + skip, len);
    *rest = bytes_of(rest->at + skip + len, rest->len - skip - len);
    return part;
}

/* Copied, as ZeroMQ's would be; at most as many as fit. */
static inline void frames_cut(Bytes in, Frames *ret) {
    ret->count = 0;
    while (in.len && ret->count < FRAMES_MAX - 1) {
        Bytes part = part_cut(&in);
        zmq_msg_t *m = &ret->at[ret->count];
        if (zmq_msg_init_size(m, part.len) != 0) return;
        if (part.len) memcpy(zmq_msg_data(m), part.at, part.len);
        ret->count++;
    }
}

static inline Bytes frames_join(Arena *a, const Bytes *parts, size_t count) {
    size_t len = 0, at = 0;
    for (size_t i = 0; i < count; i++) len += FRAME_LENGTH + parts[i].len;
    uint8_t *all = arena_alloc(a, len ? len : 1);
    if (!all) abort();
    for (size_t i = 0; i < count; i++) {
        all[at++] = (uint8_t)parts[i].len;
        all[at++] = (uint8_t)(parts[i].len >> 8);
        if (parts[i].len) memcpy(all + at, parts[i].at, parts[i].len);
        at += parts[i].len;
    }
    return bytes_of(all, len);
}

#endif
