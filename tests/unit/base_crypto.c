/* broker/base's cryptography: published vectors for every primitive, then the seals. A seal must
 * open for exactly one key and one purpose, and for no altered byte. */
#include "broker/base/arena.h"
#include "broker/base/seal.h"

#include <criterion/criterion.h>
#include <sys/wait.h>

enum { ARENA = 1 << 22 };

static Arena *arena;

static void setup(void) {
    arena = arena_new(ARENA);
}

static void teardown(void) {
    arena_free(arena);
}

TestSuite(crypto, .init = setup, .fini = teardown);
TestSuite(seal, .init = setup, .fini = teardown);

static Bytes hex(const char *text) {
    size_t len = strlen(text) / 2;
    uint8_t *at = arena_alloc(arena, len + 1);
    cr_assert(at && hex_decode(str_z(text), at, len), "%s", text);
    return bytes_of(at, len);
}

static Key key(const char *text) {
    Key k = {{0}};
    Bytes b = hex(text);
    cr_assert(b.len <= sizeof(k.at));
    memcpy(k.at, b.at, b.len);
    return k;
}

static bool is(const uint8_t *at, size_t len, const char *text) {
    return bytes_eq(bytes_of(at, len), hex(text));
}

/* ---- primitives ----------------------------------------------------------------------------- */

Test(crypto, sha256_of_parts_is_sha256_of_the_whole) { /* FIPS 180-2 appendix B.1 */
    Bytes parts[] = {str_bytes(STR("a")), {0}, str_bytes(STR("bc"))};
    Hash hash;
    cr_assert(sha256(parts, 3, &hash) == 0);
    cr_expect(is(hash.at, 32, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    cr_assert(sha256(NULL, 0, &hash) == 0);
    cr_expect(is(hash.at, 32, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
}

/* RFC 4231, cases 1 to 4. A key shorter than 32 bytes is filled with zeros, as HMAC itself does. */
static const struct {
    const char *key, *data, *mac;
} macs[] = {
    {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {"4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
     "dddddddddddddddddddddddddddddddddddddddddddddddddd"
     "dddddddddddddddddddddddddddddddddddddddddddddddddd",
     "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
    {"0102030405060708090a0b0c0d0e0f10111213141516171819",
     "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd"
     "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd",
     "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
};

Test(crypto, hmac_agrees_with_rfc_4231) {
    for (size_t i = 0; i < COUNT_OF(macs); i++) {
        Key k = key(macs[i].key);
        Bytes data = hex(macs[i].data);
        Bytes parts[] = {bytes_of(data.at, 3), bytes_of(data.at + 3, data.len - 3)};
        Hash mac;
        cr_assert(hmac_sha256(&k, parts, 2, &mac) == 0);
        cr_expect(is(mac.at, 32, macs[i].mac), "case %zu", i + 1);
    }
}

Test(crypto, hkdf_agrees_with_rfc_5869) {
    uint8_t out[42];
    Bytes secret = hex("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b");
    cr_assert(hkdf_sha256(hex("000102030405060708090a0b0c"), secret, hex("f0f1f2f3f4f5f6f7f8f9"),
                          out, sizeof(out)) == 0);
    cr_expect(is(out, 42, "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208"
                          "d5b887185865"));
    cr_assert(hkdf_sha256((Bytes){0}, secret, (Bytes){0}, out, sizeof(out)) == 0);
    cr_expect(is(out, 42, "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395"
                          "faa4b61a96c8"));
}

/* RFC 8032 section 7.1, tests 1 and 2. */
static const struct {
    const char *secret, *public, *message, *signature;
} signatures[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9"
     "b46bd25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f1"
     "1d8c387b2eaeb4302aeeb00d291612bb0c00"},
};

Test(crypto, ed25519_agrees_with_rfc_8032) {
    for (size_t i = 0; i < COUNT_OF(signatures); i++) {
        Key secret = key(signatures[i].secret), public;
        Bytes message = hex(signatures[i].message);
        Signature signature;
        cr_assert(ed25519_public(&secret, &public) == 0);
        cr_expect(is(public.at, 32, signatures[i].public), "test %zu", i + 1);
        cr_assert(ed25519_sign(&secret, message, &signature) == 0);
        cr_expect(is(signature.at, 64, signatures[i].signature), "test %zu", i + 1);
        cr_expect(ed25519_verify(&public, message, BYTES_OF(signature.at)));
    }
}

Test(crypto, ed25519_signs_with_the_key_that_it_is_given_each_time) {
    KeyPair one, two;
    Signature a, b;
    uint8_t message[] = {1, 2, 3};
    cr_assert(ed25519_pair(&one) == 0 && ed25519_pair(&two) == 0);
    for (int i = 0; i < 3; i++) {
        cr_assert(ed25519_sign(&one.secret, BYTES_OF(message), &a) == 0);
        cr_assert(ed25519_sign(&two.secret, BYTES_OF(message), &b) == 0);
        cr_expect(ed25519_verify(&one.public, BYTES_OF(message), BYTES_OF(a.at)));
        cr_expect(ed25519_verify(&two.public, BYTES_OF(message), BYTES_OF(b.at)));
    }
}

/* More than are kept ready, so that they take each other's places. */
Test(crypto, ed25519_takes_no_key_for_another_among_many) {
    static KeyPair pairs[400];
    static Signature made[COUNT_OF(pairs)];
    uint8_t message[] = {1, 2, 3};
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        cr_assert(ed25519_pair(&pairs[i]) == 0);
        cr_assert(ed25519_sign(&pairs[i].secret, BYTES_OF(message), &made[i]) == 0);
    }
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        const Key *other = &pairs[(i + 1) % COUNT_OF(pairs)].public;
        Bytes signature = BYTES_OF(made[i].at);
        cr_expect(ed25519_verify(&pairs[i].public, BYTES_OF(message), signature), "%zu", i);
        cr_expect(!ed25519_verify(other, BYTES_OF(message), signature), "%zu", i);
    }
}

Test(crypto, draws_no_random_bytes_twice) {
    static uint8_t at[4096][16];
    for (size_t i = 0; i < COUNT_OF(at); i++) {
        cr_assert(random_bytes(at[i], sizeof(at[i])) == 0);
        for (size_t k = i < 64 ? 0 : i - 64; k < i; k++) {
            cr_assert(memcmp(at[i], at[k], sizeof(at[i])) != 0, "%zu and %zu", i, k);
        }
    }
}

/* What was drawn before a fork is the parent's alone. */
Test(crypto, draws_other_random_bytes_in_a_child_process) {
    uint8_t mine[16], childs[16];
    int ends[2];
    cr_assert(random_bytes(mine, sizeof(mine)) == 0);
    cr_assert(pipe(ends) == 0);
    pid_t child = fork();
    if (child == 0) {
        bool ok = random_bytes(childs, sizeof(childs)) == 0 &&
                  write(ends[1], childs, sizeof(childs)) == sizeof(childs);
        _exit(ok ? 0 : 1);
    }
    cr_assert(read(ends[0], childs, sizeof(childs)) == sizeof(childs));
    cr_assert(waitpid(child, NULL, 0) == child);
    cr_assert(random_bytes(mine, sizeof(mine)) == 0);
    cr_expect(memcmp(mine, childs, sizeof(mine)) != 0);
}

Test(crypto, ed25519_refuses_every_changed_byte) {
    KeyPair pair, other;
    Signature s;
    uint8_t message[] = {1, 2, 3, 4, 5, 6, 7, 8};
    cr_assert(ed25519_pair(&pair) == 0 && ed25519_pair(&other) == 0);
    cr_assert(ed25519_sign(&pair.secret, BYTES_OF(message), &s) == 0);
    cr_expect(!ed25519_verify(&other.public, BYTES_OF(message), BYTES_OF(s.at)));
    cr_expect(!ed25519_verify(&pair.public, BYTES_OF(message), bytes_of(s.at, SIG_LEN - 1)));
    for (size_t i = 0; i < sizeof(message); i++) {
        message[i] ^= 0x10;
        cr_expect(!ed25519_verify(&pair.public, BYTES_OF(message), BYTES_OF(s.at)), "%zu", i);
        message[i] ^= 0x10;
    }
    for (size_t i = 0; i < SIG_LEN; i++) {
        s.at[i] ^= 0x10;
        cr_expect(!ed25519_verify(&pair.public, BYTES_OF(message), BYTES_OF(s.at)), "%zu", i);
        s.at[i] ^= 0x10;
    }
    cr_expect(ed25519_verify(&pair.public, BYTES_OF(message), BYTES_OF(s.at)));
}

Test(crypto, x25519_agrees_with_rfc_7748) { /* section 6.1 */
    Key alice = key("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
    Key bob = key("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
    Key alice_public, bob_public, one, two;
    cr_assert(x25519_public(&alice, &alice_public) == 0);
    cr_assert(x25519_public(&bob, &bob_public) == 0);
    cr_expect(is(alice_public.at, 32,
                 "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"));
    cr_expect(is(bob_public.at, 32,
                 "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"));
    cr_assert(x25519_shared(&alice, &bob_public, &one) == 0);
    cr_assert(x25519_shared(&bob, &alice_public, &two) == 0);
    cr_expect(is(one.at, 32, "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"));
    cr_expect(memcmp(one.at, two.at, KEY_LEN) == 0);
}

Test(crypto, x25519_refuses_a_point_of_low_order) {
    KeyPair pair;
    Key zero = {{0}}, shared;
    cr_assert(x25519_pair(&pair) == 0);
    cr_expect(x25519_shared(&pair.secret, &zero, &shared) == ERR_CRYPTO);
}

/* The GCM specification (McGrew and Viega), test cases 13, 14 and 16. */
static const struct {
    const char *key, *nonce, *aad, *plain, *boxed;
} gcm[] = {
    {"", "000000000000000000000000", "", "", "530f8afbc74536b9a963b4f1c4cb738b"},
    {"", "000000000000000000000000", "", "00000000000000000000000000000000",
     "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"},
    {"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
     "cafebabefacedbaddecaf888", "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6"
     "b525b16aedf5aa0de657ba637b39",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b105682"
     "8838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b"},
};

Test(crypto, aes_256_gcm_agrees_with_its_specification) {
    for (size_t i = 0; i < COUNT_OF(gcm); i++) {
        Key k = key(gcm[i].key);
        Bytes nonce = hex(gcm[i].nonce), aad = hex(gcm[i].aad), plain = hex(gcm[i].plain);
        uint8_t out[128], back[128];
        cr_assert(aead_seal(&k, nonce.at, aad, plain, out) == 0);
        cr_expect(is(out, plain.len + TAG_LEN, gcm[i].boxed), "row %zu", i);
        cr_expect(aead_open(&k, nonce.at, aad, bytes_of(out, plain.len + TAG_LEN), back));
        cr_expect(bytes_eq(bytes_of(back, plain.len), plain), "row %zu", i);
    }
}

Test(crypto, aead_open_leaves_nothing_behind_when_it_refuses) {
    Key k = {{1}};
    uint8_t nonce[NONCE_LEN] = {0}, out[5 + TAG_LEN], back[5];
    cr_assert(aead_seal(&k, nonce, (Bytes){0}, str_bytes(STR("hello")), out) == 0);
    out[5] ^= 1;
    memset(back, 0x55, sizeof(back));
    cr_expect(!aead_open(&k, nonce, (Bytes){0}, BYTES_OF(out), back));
    cr_expect(is(back, 5, "0000000000"));
    cr_expect(!aead_open(&k, nonce, (Bytes){0}, bytes_of(out, TAG_LEN - 1), back));
}

/* DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM, mode base: kem_id 32, kdf_id 1, aead_id 2,
 * mode 0, encryption 0 of the vectors published with RFC 9180 (cfrg/draft-irtf-cfrg-hpke,
 * test-vectors.json). The RFC prints only its other suites. */
Test(crypto, hpke_agrees_with_the_vectors_of_rfc_9180) {
    KeyPair recipient = {
        key("497b4502664cfea5d5af0b39934dac72242a74f8480451e1aee7d6a53320333d"),
        key("430f4b9859665145a6b1ba274024487bd66f03a2dd577d7753c68d7d7d00c00c")};
    KeyPair ephemeral = {
        key("179d4b53b6365c45b600c4163b61d95cbc2f4d9e36f1695558dce265ab8bab11"),
        key("6c93e09869df3402d7bf231bf540fadd35cd56be14f97178f0954db94b7fc256")};
    Bytes info = hex("4f6465206f6e2061204772656369616e2055726e"), aad = hex("436f756e742d30");
    Bytes plain = hex("4265617574792069732074727574682c20747275746820626561757479");
    uint8_t enc[KEY_LEN], out[64], back[64];
    cr_assert(hpke_seal(&recipient.public, info, aad, plain, &ephemeral, enc, out) == 0);
    cr_expect(memcmp(enc, ephemeral.public.at, KEY_LEN) == 0);
    cr_expect(is(out, plain.len + TAG_LEN,
                 "e5d84cd531cfb583096e7cfa9641bd3079cf3a91cda813c52deb5f512be9931980a41de125a925cda"
                 "d859d5b7a"));
    Bytes boxed = bytes_of(out, plain.len + TAG_LEN);
    cr_expect(hpke_open(&recipient, enc, info, aad, boxed, back));
    cr_expect(bytes_eq(bytes_of(back, plain.len), plain));
    cr_expect(!hpke_open(&recipient, enc, aad, aad, boxed, back), "other info");
    cr_expect(!hpke_open(&recipient, enc, info, info, boxed, back), "other associated data");
}

/* ---- seals ---------------------------------------------------------------------------------- */

static SealFor purpose(void) {
    return (SealFor){STR("demonstration"), STR("item"), STR("police"), {{1, 2, 3}}};
}

/* The i-th purpose that differs from purpose() in one thing; false past the last. */
static bool purpose_other(size_t i, SealFor *ret) {
    *ret = purpose();
    if (i == 0) ret->realm = STR("live");
    if (i == 1) ret->use = STR("spool");
    if (i == 2) ret->agency = STR("health");
    if (i == 3) ret->agency = (Str){0};
    if (i == 4) ret->id.at[15] ^= 1;
    return i < 5;
}

static const Bytes content = {(const uint8_t *)"what the sender is worried about", 32};

/* A copy with one byte changed. */
static Bytes flipped(Bytes b, size_t i) {
    uint8_t *at = arena_alloc(arena, b.len);
    memcpy(at, b.at, b.len);
    at[i] ^= 0x40;
    return bytes_of(at, b.len);
}

Test(seal, box_opens_for_its_key_and_purpose_only) {
    Key k = {{1}}, other = {{2}};
    const Sealed *s = NULL;
    SealFor wrong;
    Bytes plain = {0};
    cr_assert(box_seal(arena, &k, purpose(), content, &s) == 0);
    Bytes sealed = sealed_bytes(s);
    cr_assert(box_open(arena, &k, purpose(), sealed, &plain) && bytes_eq(plain, content));
    cr_expect(!box_open(arena, &other, purpose(), sealed, &plain));
    for (size_t i = 0; purpose_other(i, &wrong); i++) {
        cr_expect(!box_open(arena, &k, wrong, sealed, &plain), "purpose %zu", i);
    }
    for (size_t i = 0; i < sealed.len; i++) {
        cr_expect(!box_open(arena, &k, purpose(), flipped(sealed, i), &plain), "byte %zu", i);
        cr_expect(!box_open(arena, &k, purpose(), bytes_of(sealed.at, i), &plain), "cut %zu", i);
    }
}

Test(seal, box_of_nothing_opens_to_nothing) {
    Key k = {{1}};
    const Sealed *s = NULL;
    Bytes plain = content;
    cr_assert(box_seal(arena, &k, purpose(), (Bytes){0}, &s) == 0);
    cr_expect(box_open(arena, &k, purpose(), sealed_bytes(s), &plain) && plain.len == 0);
}

static Bytes seal_at(Sealer *sealer, int64_t now_ms) {
    const Sealed *s = NULL;
    cr_assert(sealer_seal(sealer, arena, now_ms, purpose(), content, &s) == 0);
    return sealed_bytes(s);
}

Test(seal, what_intake_seals_only_the_hub_opens) {
    _cleanup_(sealer_freep) Sealer *sealer = NULL;
    KeyPair hub, other;
    cr_assert(x25519_pair(&hub) == 0 && x25519_pair(&other) == 0);
    cr_assert(sealer_new(&hub.public, &sealer) == 0);
    Bytes sealed = seal_at(sealer, 1000), plain = {0};
    Key message_key;
    SealFor wrong;
    cr_expect(!intake_open(arena, &other, purpose(), sealed, &message_key, &plain));
    for (size_t i = 0; purpose_other(i, &wrong); i++) {
        cr_expect(!intake_open(arena, &hub, wrong, sealed, &message_key, &plain), "%zu", i);
    }
    for (size_t i = 0; i < sealed.len; i++) {
        Bytes bad = flipped(sealed, i), cut = bytes_of(sealed.at, i);
        cr_expect(!intake_open(arena, &hub, purpose(), bad, &message_key, &plain), "byte %zu", i);
        cr_expect(!intake_open(arena, &hub, purpose(), cut, &message_key, &plain), "cut %zu", i);
    }
    cr_assert(intake_open(arena, &hub, purpose(), sealed, &message_key, &plain));
    cr_expect(bytes_eq(plain, content));
    plain = (Bytes){0};
    cr_expect(intake_reopen(arena, &message_key, purpose(), sealed, &plain));
    cr_expect(bytes_eq(plain, content));
    cr_expect(!intake_reopen(arena, &other.secret, purpose(), sealed, &plain));
}

static bool same_epoch(Bytes a, Bytes b) {
    return memcmp(a.at + 4, b.at + 4, KEY_LEN) == 0; /* after the magic */
}

Test(seal, epoch_lasts_a_minute_and_not_into_the_past) {
    _cleanup_(sealer_freep) Sealer *sealer = NULL;
    KeyPair hub;
    cr_assert(x25519_pair(&hub) == 0 && sealer_new(&hub.public, &sealer) == 0);
    Bytes first = seal_at(sealer, 1000000), late = seal_at(sealer, 1059999);
    cr_expect(same_epoch(first, late));
    Bytes next = seal_at(sealer, 1060000);
    cr_expect(!same_epoch(first, next), "a minute is over");
    Bytes back = seal_at(sealer, 1059999);
    cr_expect(!same_epoch(next, back), "the clock went back");
    cr_expect(!same_epoch(back, seal_at(sealer, 9000000)), "the clock jumped on");
    Key message_key;
    Bytes plain;
    cr_expect(intake_open(arena, &hub, purpose(), first, &message_key, &plain));
}

static Bytes letter(const KeyPair *to, size_t len) {
    const Sealed *s = NULL;
    uint8_t *at = arena_alloc(arena, len + 1);
    memset(at, 'x', len);
    cr_assert(letter_seal(arena, &to->public, purpose(), bytes_of(at, len), &s) == 0, "%zu", len);
    return sealed_bytes(s);
}

Test(seal, letter_opens_for_its_recipient_and_purpose_only) {
    KeyPair to, other;
    SealFor wrong;
    Bytes plain = {0};
    cr_assert(x25519_pair(&to) == 0 && x25519_pair(&other) == 0);
    Bytes sealed = letter(&to, 32);
    cr_expect(!letter_open(arena, &other, purpose(), sealed, &plain));
    for (size_t i = 0; purpose_other(i, &wrong); i++) {
        cr_expect(!letter_open(arena, &to, wrong, sealed, &plain), "purpose %zu", i);
    }
    for (size_t i = 0; i < sealed.len; i++) {
        cr_expect(!letter_open(arena, &to, purpose(), flipped(sealed, i), &plain), "byte %zu", i);
        if (i % 64 == 0) { /* a few: memory comes back only at the end */
            cr_expect(!letter_open(arena, &to, purpose(), bytes_of(sealed.at, i), &plain));
        }
    }
    cr_assert(!arena_failed(arena), "refusals are for the right reason");
    cr_assert(letter_open(arena, &to, purpose(), sealed, &plain) && plain.len == 32);
}

Test(seal, letters_of_one_size_class_are_equally_long) { /* R10 */
    static const size_t classes[] = {1024, 4096, 16384, 65536, 262144};
    KeyPair to;
    Bytes plain = {0};
    size_t shortest = 0;
    cr_assert(x25519_pair(&to) == 0);
    for (size_t i = 0; i < COUNT_OF(classes); i++) {
        size_t longest = classes[i] - 4;
        Bytes least = letter(&to, shortest), most = letter(&to, longest);
        cr_expect(least.len == most.len, "class %zu", classes[i]);
        cr_expect(letter_open(arena, &to, purpose(), least, &plain) && plain.len == shortest);
        cr_expect(letter_open(arena, &to, purpose(), most, &plain) && plain.len == longest);
        shortest = longest + 1;
        arena_reset(arena);
    }
    const Sealed *s = NULL;
    uint8_t *big = arena_alloc(arena, shortest);
    cr_expect(letter_seal(arena, &to.public, purpose(), bytes_of(big, shortest), &s) < 0);
}
