/* Any bytes as a signed note, as a witness's line, and as proofs. Whatever opens has one encoding:
 * it is the text that its own values print. */
#include "tests/fuzz/fuzz.h"

#include "broker/ledger/ledger.h"

enum { ARENA = 1 << 20, PATH_MOST = 70 };

static const uint8_t seed[KEY_LEN] = {1};

/* Made once: keys and signatures would cost more than what is tried. */
static KeyPair pair(void) {
    static KeyPair p;
    if (p.secret.at[0] == seed[0]) return p;
    memcpy(p.secret.at, seed, sizeof(seed));
    MUST(ed25519_public(&p.secret, &p.public) == 0);
    return p;
}

/* The first line is taken for the origin, so that the inner checks are reached. */
static void note(Arena *a, const KeyPair *key, Str in) {
    Checkpoint c;
    Str rest = in, origin = {0}, again;
    if (!str_split(&rest, '\n', &origin) || !checkpoint_open(a, in, origin, &key->public, &c))
        return;
    MUST(str_eq(c.origin, origin));
    MUST(str_starts(in, checkpoint_body(a, &c)));
    MUST(checkpoint_sign(a, &c, key, &again) == 0);
    MUST(checkpoint_open(a, again, origin, &key->public, &c));
}

/* Behind a good note, any bytes may be lines of other signers, and change nothing of what it says.
 */
static void longer_note(Arena *a, const KeyPair *key, Str in) {
    Checkpoint c = {.origin = STR("fuzz/log"), .size = 7}, got;
    static Arena *kept;
    static Str whole;
    if (!kept) {
        kept = arena_new(ARENA);
        MUST(checkpoint_sign(kept, &c, key, &whole) == 0);
    }
    char *at = arena_alloc(a, whole.len + in.len);
    MUST(at);
    memcpy(at, whole.at, whole.len);
    memcpy(at + whole.len, in.at, in.len);
    Str longer = {.at = at, .len = whole.len + in.len};
    bool opens = checkpoint_open(a, longer, c.origin, &key->public, &got);
    MUST(in.len > 0 ? !opens || in.at[in.len - 1] == '\n' : opens);
    MUST(!opens || got.size == c.size);
}

static void line(Arena *a, const KeyPair *key, Str in) {
    Checkpoint c = {.origin = STR("fuzz/log"), .size = 7};
    MUST(!cosignature_holds(a, &c, in, STR("fuzz/witness"), &key->public)); /* nobody signed it */
}

static void proofs(Str in) {
    Hash path[PATH_MOST], root = {{0}};
    uint64_t sizes[2] = {0};
    size_t count = in.len / HASH_LEN < PATH_MOST ? in.len / HASH_LEN : PATH_MOST;
    if (count) memcpy(path, in.at, count * HASH_LEN);
    memcpy(sizes, in.at, in.len < sizeof(sizes) ? in.len : sizeof(sizes));
    MUST(!inclusion_holds(sizes[0], sizes[1], &root, path, count, &root) || sizes[1] == 1);
    bool holds = consistency_holds(sizes[0], &root, sizes[1], &root, path, count);
    MUST(!holds || (count == 0 && (sizes[0] == 0 || sizes[0] == sizes[1])));
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len) {
    _cleanup_(arena_freep) Arena *a = arena_new(ARENA + 4 * len);
    static const uint8_t none[1] = {0};
    Str in = bytes_str(bytes_of(len ? at : none, len));
    KeyPair key = pair();
    MUST(a);
    note(a, &key, in);
    longer_note(a, &key, in);
    line(a, &key, in);
    proofs(in);
    return 0;
}
