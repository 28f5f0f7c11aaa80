/* Any message of any number of frames, as ZeroMQ hands it over: taken whole or refused, and the
 * next one is whole again. The first byte says whether it comes by a ROUTER. */
#include "tests/fuzz/frames.h"
#include "tests/fuzz/fuzz.h"

static void *sender, *receiver;

static void open_once(void) {
    if (sender) return;
    void *zmq = zmq_ctx_new();
    MUST(zmq);
    sender = zmq_socket(zmq, ZMQ_PAIR); /* gives a routing frame of our own choice */
    receiver = zmq_socket(zmq, ZMQ_PAIR);
    MUST(zmq_bind(receiver, "inproc://fuzz") == 0 && zmq_connect(sender, "inproc://fuzz") == 0);
}

static size_t put(Bytes in) {
    size_t count = 0;
    do {
        Bytes part = part_cut(&in);
        int more = in.len ? ZMQ_SNDMORE : 0;
        MUST(zmq_send(sender, part.at ? (const void *)part.at : "", part.len, more) >= 0);
        count++;
    } while (in.len);
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len) {
    static Frames f;
    if (len == 0) return 0;
    open_once();
    bool router = at[0] & 1;
    size_t count = put(bytes_of(at + 1, len - 1)) - router;
    int r = wire_take(receiver, router, &f);
    if (router && count == 0) {
        MUST(r == ERR_WIRE && f.count == 0); /* a ROUTER never gives a name alone */
    } else {
        MUST(r == (count < FRAMES_MAX ? 0 : REFUSE_frames_wrong));
        MUST(f.count == (r ? 0 : count) && f.routing_len <= ROUTING_MAX);
    }
    frames_clear(&f);
    MUST(wire_take(receiver, router, &f) == 1 && frame(&f, 0).at == NULL); /* nothing is left */
    return 0;
}
