/* See fake_wire.h. */
#include "tests/fuzz/fake_wire.h"

#include "schemas/envelope.h"
#include "tests/fuzz/fuzz.h"

enum { ANSWER_ARENA = 1 << 23 };

static const Bytes *next;
static size_t next_count, answers;
static CastKey next_from;
static int next_taken;
static bool next_gone;
static Arena *arena;

void fake_wire_gives(CastKey from, const Bytes *parts, size_t count, int taken, bool gone) {
    next = parts;
    next_count = count;
    next_from = from;
    next_taken = taken;
    next_gone = gone;
    answers = 0;
}

size_t fake_wire_answers(void) {
    return answers;
}

int __wrap_wire_take(void *socket, bool router, Frames *ret);
int __wrap_wire_put(void *socket, Bytes routing, const Bytes *parts, size_t count);

int __wrap_wire_take(void *socket, bool router, Frames *ret) {
    (void)socket;
    MUST(router);
    ret->count = 0;
    for (size_t i = 0; i < next_count && next_taken == 0; i++) {
        MUST(zmq_msg_init_size(&ret->at[i], next[i].len) == 0);
        if (next[i].len) memcpy(zmq_msg_data(&ret->at[i]), next[i].at, next[i].len);
        ret->count++;
    }
    ret->routing_len = 5;
    memset(ret->routing, 1, ret->routing_len);
    cast_id(next_from, ret->user);
    return next_taken;
}

int __wrap_wire_put(void *socket, Bytes routing, const Bytes *parts, size_t count) {
    const Value *v = NULL;
    Fault fault;
    (void)socket;
    if (!arena) arena = arena_new(ANSWER_ARENA);
    MUST(routing.len > 0 && count > 0 && ++answers <= 64);
    MUST(codec_decode(arena, parts[0], &v, &fault) == 0);
    arena_reset(arena);
    return next_gone ? 1 : 0;
}
