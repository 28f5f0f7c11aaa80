/* Any message at the courier's door: collect, receipt, cosignature, prove, or none of them. */
#define main courier_main
#include "broker/courier/main.c" /* on_message is its own */
#undef main

#include "tests/fuzz/fake_store.h"
#include "tests/fuzz/fake_wire.h"
#include "tests/fuzz/fuzz.h"

enum { BITS_from = 3, BIT_many = 4, BIT_gone = 8 };

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len) {
    static Courier courier = {.realm = {"demonstration", 13}};
    static const CastKey peers[] = {CAST_transport, CAST_transport, CAST_revoked, CAST_hub};
    if (len == 0) return 0;
    if (!courier.arena) {
        courier.arena = arena_new(COURIER_ARENA);
        courier.store = fake_store();
        courier.server.keys = fake_register();
        courier.server.store = courier.store;
    }
    Bytes rest = bytes_of(at + 1, len - 1);
    Bytes parts[] = {part_cut(&rest), part_cut(&rest)};
    fake_store_answers(part_cut(&rest));
    fake_wire_gives(peers[at[0] & BITS_from], parts, COUNT_OF(parts),
                    at[0] & BIT_many ? REFUSE_frames_wrong : 0, at[0] & BIT_gone);
    ids_again();
    int r = on_message(&courier);
    MUST(r == 0 || r == ERR_BROKEN); /* the latter only when the database is what is broken */
    MUST(courier.peers <= 1 && arena_used(courier.arena) == 0);
    MUST(fake_wire_answers() == 0 || (at[0] & BITS_from) < 2);
    courier.peers = at[0] & BIT_gone ? 0 : courier.peers;
    return 0;
}
