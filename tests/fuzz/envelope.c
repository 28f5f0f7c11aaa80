/* Any frames at the front door, from whoever: looked at, verified, sealed, or refused and kept.
 * The first byte says who sends and what is mended before it is tried, so that a mutation gets
 * behind the commitments too. */
#include "broker/intake/receive.h"
#include "tests/fuzz/fake_store.h"
#include "tests/fuzz/frames.h"
#include "tests/fuzz/fuzz.h"

enum { SCRATCH = 64 * LIMIT_SUBMISSION, KEEP = 2 * LIMIT_SUBMISSION };

/* Bits of the first byte. */
enum { BITS_peer = 3, BIT_mend = 4, BIT_many = 8, BIT_reserved = 16 };

static Gate gate;
static Arena *scratch, *keep;

static void open_once(void) {
    if (gate.keys) return;
    KeyPair hub;
    MUST(x25519_pair(&hub) == 0 && sealer_new(&hub.public, &gate.sealer) == 0);
    gate.realm = FUZZ_REALM;
    gate.keys = fake_register();
    scratch = arena_new(SCRATCH);
    keep = arena_new(KEEP);
}

static void from(Frames *f, int who) {
    static const CastKey peers[] = {CAST_transport, CAST_revoked, CAST_origin};
    f->user[0] = '\0';
    if ((size_t)who < COUNT_OF(peers)) cast_id(peers[who], f->user);
    f->routing_len = 5;
    memset(f->routing, 1, f->routing_len);
}

/* In place: a tree borrows from its bytes, and those are ours. */
static void mend(Frames *f) {
    StructKind kind;
    const Value *head = NULL;
    Fault fault;
    if (head_decode(scratch, frame(f, 0), &kind, &head, &fault) != 0) return;
    for (size_t i = 0; i < value_count(head, F_submission_entry); i++) {
        Bytes promised = value_bytes(value_item(head, F_submission_entry, i), F_entry_commitment);
        Hash found;
        if (promised.len != sizeof(found.at)) continue;
        MUST(content_commit(frame(f, 2 + i), &found) == 0);
        memcpy((uint8_t *)(uintptr_t)promised.at, found.at, sizeof(found.at));
    }
    arena_reset(scratch);
}

static void entry_must(const Entry *e) {
    MUST(e->sealed && sealed_bytes(e->sealed).len > 0);
    MUST(str_is(e->content, "referral") || str_is(e->content, "answer"));
    MUST(str_is(e->lane, "immediate") || str_is(e->lane, "routine"));
    MUST(e->commitment.len == HASH_LEN && e->reason < REASON_COUNT);
    MUST(e->traceparent.len == 0 || e->traceparent.len == 55);
    MUST(e->reason == REFUSE_none || e->path.len < sizeof(((Fault *)0)->path));
}

static void accepted(const Envelope *envelope, bool reserved) {
    Submission s;
    MUST(receive_submission(&gate, scratch, keep, envelope, reserved, &s) == 0);
    MUST(s.count > 0 && s.count <= LIMIT_ENTRIES && str_eq(s.agency, FUZZ_AGENCY));
    for (size_t i = 0; i < s.count; i++) entry_must(&s.entries[i]);
}

static void refused(const Frames *f, const Refused *why) {
    const Sealed *sealed = NULL;
    Hash digest;
    Id id = {{1}};
    MUST(why->reason > REFUSE_none && why->reason < REASON_COUNT && why->path);
    MUST(!why->from || why->from->usable);
    if (!why->keep || !why->from) return;
    MUST(receive_refused(&gate, scratch, f, str_z(why->from->owner), id, &digest, &sealed) == 0);
    MUST(sealed_bytes(sealed).len > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len) {
    static Frames f;
    const Envelope *envelope = NULL;
    Look look;
    Refused why;
    if (len == 0) return 0;
    open_once();
    ids_again();
    frames_cut(bytes_of(at + 1, len - 1), &f);
    from(&f, at[0] & BITS_peer);
    if (at[0] & BIT_mend) mend(&f);
    int taken = at[0] & BIT_many ? REFUSE_frames_wrong : 0;
    int looked = receive_look(&gate, scratch, &f, taken, &look, &why);
    MUST(looked >= 0 && (looked == 0 || (int)why.reason == looked));
    MUST(looked || (look.from && look.messages <= LIMIT_ENTRIES && look.bytes <= LIMIT_SUBMISSION));
    if (looked) refused(&f, &why);
    arena_reset(scratch);
    int r = receive_envelope(&gate, scratch, &f, &envelope, &why);
    MUST(r >= 0 && (taken || looked == 0 || r == looked)); /* what was seen at once stays so */
    if (r) refused(&f, &why);
    if (r == 0) accepted(envelope, at[0] & BIT_reserved);
    arena_reset(scratch);
    arena_reset(keep);
    frames_clear(&f);
    return 0;
}
