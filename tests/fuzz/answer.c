/* Any answers to what an adapter has sent: believed only when they are about that, and whatever
 * comes, nothing is lost and nothing is answered twice (fake_spool.c states it). The first byte
 * says what waits; then come pairs of head and signature, and time passes. */
#include "adapters/common/client.h"
#include "tests/fuzz/fake_spool.h"
#include "tests/fuzz/frames.h"
#include "tests/fuzz/fuzz.h"

enum { BITS_queued = 3, BIT_immediate = 4, STEP_MS = 40000, ANSWERS_MOST = 8 };

static size_t sent;

static int take_it(void *context, const Bytes *parts, size_t count) {
    (void)context;
    MUST(count >= 3 && parts[0].len > 0 && parts[1].len == SIG_LEN);
    sent++;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len) {
    static Identity self;
    _cleanup_(client_closep) Client *c = NULL;
    if (len == 0) return 0;
    if (!self.agency.len) self = fake_identity();
    Spool *spool = fake_spool(1 + (at[0] & BITS_queued), at[0] & BIT_immediate);
    size_t queued = spool_queued(spool);
    ids_again();
    sent = 0;
    MUST(client_open(&self, spool, take_it, NULL, &c) == 0);
    int64_t now = 1000;
    MUST(client_pump(c, now) == 0 && sent > 0);
    Bytes rest = bytes_of(at + 1, len - 1);
    for (int i = 0; rest.len && i < ANSWERS_MOST; i++) {
        Bytes head = part_cut(&rest), signature = part_cut(&rest);
        MUST(client_take(c, head, signature, now) == 0);
        MUST(client_under_way(c) <= spool_queued(spool) && spool_queued(spool) <= queued);
        now += STEP_MS;
        MUST(client_pump(c, now) == 0);
    }
    return 0;
}
