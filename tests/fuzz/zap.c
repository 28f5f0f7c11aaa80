/* Any request to the ZAP handler: answered once, and let in only with a key that may come in. */
#include "tests/fuzz/fake_store.h"
#include "tests/fuzz/frames.h"
#include "tests/fuzz/fuzz.h"

static void *asker;
static Zap *zap;
static bool admitted;

static bool check(void *keys, const Key *public, char user[USER_MAX]) {
    const RegisteredKey *k = register_by_public(keys, KEY_transport, public);
    admitted = k && k->usable;
    if (admitted) (void)snprintf(user, USER_MAX, "%s", k->id);
    return admitted;
}

static void open_once(void) {
    if (asker) return;
    void *zmq = zmq_ctx_new();
    asker = zmq_socket(zmq, ZMQ_REQ);
    MUST(zap_open(zmq, check, fake_register(), &zap) == 0);
    MUST(zmq_connect(asker, "inproc://zeromq.zap.01") == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len) {
    static Frames f;
    if (len == 0) return 0;
    open_once();
    admitted = false;
    zap_refuse_finally(zap, at[0] & 1);
    frames_cut(bytes_of(at + 1, len - 1), &f); /* libzmq asks in seven frames at most */
    for (size_t i = 0; i < f.count; i++) {
        int more = i + 1 < f.count ? ZMQ_SNDMORE : 0;
        MUST(zmq_msg_send(&f.at[i], asker, more) >= 0);
    }
    if (f.count == 0) return 0;
    f.count = 0;
    int r = zap_answer(zap);
    MUST(r == 0 && wire_take(asker, false, &f) == 0);
    MUST(f.count == 6 && str_is(bytes_str(frame(&f, 2)), "200") == admitted);
    frames_clear(&f);
    return 0;
}
