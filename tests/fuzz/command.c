/* Any command to the hub, from a member of staff or somebody else, with any answers of a database
 * that holds nothing: what is asked for is read, judged and answered, whatever it says. */
#include "broker/hub/commands.h"
#include "tests/fuzz/fake_store.h"
#include "tests/fuzz/fake_wire.h"
#include "tests/fuzz/fuzz.h"

enum { BIT_stranger = 1, BIT_many = 2, BIT_gone = 4, BIT_two = 8 };

static Hub hub;

static void open_once(void) {
    if (hub.keys) return;
    hub = (Hub){.realm = FUZZ_REALM, .store = fake_store(), .vault = fake_store()};
    hub.keys = hub.server.keys = fake_register();
    hub.server.store = hub.store;
    hub.storage = hub.index = hub.letter_sign = hub.intake.secret = cast_key(CAST_hub);
    MUST(x25519_public(&hub.intake.secret, &hub.intake.public) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len) {
    if (len == 0) return 0;
    open_once();
    ids_again();
    Bytes rest = bytes_of(at + 1, len - 1);
    Bytes parts[] = {part_cut(&rest), (Bytes){0}};
    fake_store_answers(part_cut(&rest));
    fake_wire_gives(at[0] & BIT_stranger ? CAST_transport : CAST_staff, parts,
                    at[0] & BIT_two ? 2 : 1, at[0] & BIT_many ? REFUSE_frames_wrong : 0,
                    at[0] & BIT_gone);
    MUST(commands_serve(&hub) == 0);
    MUST(fake_wire_answers() == 1); /* every question has its one answer */
    return 0;
}
