/* Any message of a courier to an adapter: parcels with letters in them, checkpoints, proofs. */
#include "adapters/common/courier.h"
#include "tests/fuzz/fake_spool.h"
#include "tests/fuzz/frames.h"
#include "tests/fuzz/fuzz.h"

static int take_it(void *context, const Bytes *parts, size_t count) {
    (void)context;
    MUST(count > 0 && parts[0].len > 0);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len) {
    static Identity self;
    static Letters *letters;
    static Courier *courier;
    Spool *spool = fake_spool(0, false);
    if (!courier) {
        self = fake_identity();
        MUST(letters_open(&self, spool, &letters) == 0);
        MUST(courier_open(&self, spool, letters, take_it, NULL, &courier) == 0);
    }
    ids_again();
    Bytes rest = bytes_of(at, len);
    Bytes head = part_cut(&rest), sealed = part_cut(&rest);
    MUST(courier_take(courier, head, sealed) == 0);
    return 0;
}
