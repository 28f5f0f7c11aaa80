/* broker/ledger: the tree against RFC 6962's well-known vectors and, for every size up to 130,
 * against the RFC's own recursive definitions written down here; notes against the C2SP texts. A
 * proof or a signature must hold for exactly what it was made for: every altered one is refused
 * (R15-R17). */
#include "broker/ledger/ledger.h"

#include <criterion/criterion.h>
#include <openssl/evp.h>

enum { ARENA = 1 << 22, SIZES = 130, PATH_MAX_LEN = 64 };

static Arena *arena;
static Hash leaves[SIZES];

static void setup(void) {
    arena = arena_new(ARENA);
    for (unsigned i = 0; i < SIZES; i++) {
        uint8_t body[2] = {(uint8_t)i, (uint8_t)(i >> 1)};
        cr_assert(leaf_hash(BYTES_OF(body), &leaves[i]) == 0);
    }
}

static void teardown(void) {
    arena_free(arena);
}

TestSuite(merkle, .init = setup, .fini = teardown);
TestSuite(checkpoint, .init = setup, .fini = teardown);

static Hash hex_hash(const char *text) {
    Hash h;
    cr_assert(hex_decode(str_z(text), h.at, sizeof(h.at)), "%s", text);
    return h;
}

/* ---- the RFC's definitions, word for word --------------------------------------------------- */

/* The largest power of two smaller than n. */
static size_t split(size_t n) {
    size_t k = 1;
    while (2 * k < n) k *= 2;
    return k;
}

static Hash mth(const Hash *d, size_t n) {
    Hash h;
    if (n == 0) {
        cr_assert(sha256(NULL, 0, &h) == 0);
        return h;
    }
    if (n == 1) return d[0];
    size_t k = split(n);
    Hash left = mth(d, k), right = mth(d + k, n - k);
    cr_assert(node_hash(&left, &right, &h) == 0);
    return h;
}

static size_t naive_path(size_t m, const Hash *d, size_t n, Hash *out) {
    if (n == 1) return 0;
    size_t k = split(n);
    bool left = m < k;
    size_t at = left ? naive_path(m, d, k, out) : naive_path(m - k, d + k, n - k, out);
    out[at] = left ? mth(d + k, n - k) : mth(d, k);
    return at + 1;
}

static size_t subproof(size_t m, const Hash *d, size_t n, bool whole, Hash *out) {
    if (m == n) {
        if (!whole) out[0] = mth(d, n);
        return whole ? 0 : 1;
    }
    size_t k = split(n);
    bool left = m <= k;
    size_t at = left ? subproof(m, d, k, whole, out) : subproof(m - k, d + k, n - k, false, out);
    out[at] = left ? mth(d + k, n - k) : mth(d, k);
    return at + 1;
}

/* ---- the tree ------------------------------------------------------------------------------- */

/* The eight leaves that Certificate Transparency implementations share, and the root after each. */
static const char *const ct_leaves[] = {
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
};
static const char *const ct_roots[] = {
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};

static Hash ct_leaf(size_t i) {
    uint8_t body[16];
    size_t len = strlen(ct_leaves[i]) / 2;
    Hash h;
    cr_assert(hex_decode(str_z(ct_leaves[i]), body, len));
    cr_assert(leaf_hash(bytes_of(body, len), &h) == 0);
    return h;
}

Test(merkle, gives_the_well_known_roots) {
    Frontier f = {0};
    for (size_t size = 0;; size++) {
        Hash root, known = hex_hash(ct_roots[size]);
        cr_assert(frontier_root(&f, &root) == 0);
        cr_expect(hash_eq(&root, &known), "root of %zu leaves", size);
        if (size == COUNT_OF(ct_leaves)) break;
        Hash leaf = ct_leaf(size);
        cr_assert(frontier_append(&f, &leaf) == 0);
    }
}

Test(merkle, takes_the_well_known_proofs) {
    Hash path[] = {hex_hash("bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"),
                   hex_hash("ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"),
                   hex_hash("d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7")};
    Hash leaf = ct_leaf(5), root8 = hex_hash(ct_roots[8]), root6 = hex_hash(ct_roots[6]);
    cr_expect(inclusion_holds(5, 8, &leaf, path, 3, &root8));
    path[0] = hex_hash("0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a");
    cr_expect(consistency_holds(6, &root6, 8, &root8, path, 3));
}

Test(merkle, frontier_is_the_recursive_root_at_every_size) {
    Frontier f = {0};
    for (size_t size = 0; size <= SIZES; size++) {
        Hash root, want = mth(leaves, size);
        cr_assert(frontier_root(&f, &root) == 0);
        cr_expect(hash_eq(&root, &want), "size %zu", size);
        if (size < SIZES) cr_assert(frontier_append(&f, &leaves[size]) == 0);
    }
}

static void flip(Hash *h, size_t at) {
    h->at[at % HASH_LEN] ^= (uint8_t)(1u << (at % 8));
}

Test(merkle, inclusion_holds_for_exactly_its_leaf_and_place) {
    Hash path[PATH_MAX_LEN + 1];
    for (size_t n = 1; n <= SIZES; n++) {
        Hash root = mth(leaves, n);
        for (size_t i = 0; i < n; i++) {
            size_t count = naive_path(i, leaves, n, path);
            cr_assert(inclusion_holds(i, n, &leaves[i], path, count, &root), "%zu of %zu", i, n);
            for (size_t p = 0; p < count; p++) {
                flip(&path[p], i + p);
                cr_expect(!inclusion_holds(i, n, &leaves[i], path, count, &root));
                flip(&path[p], i + p);
            }
            path[count] = root;
            size_t other = (i + 1) % n;
            cr_expect(!inclusion_holds(i, n, &leaves[i], path, count + 1, &root));
            cr_expect(count == 0 || !inclusion_holds(i, n, &leaves[i], path, count - 1, &root));
            cr_expect(n == 1 || !inclusion_holds(i, n, &leaves[other], path, count, &root));
            cr_expect(n == 1 || !inclusion_holds(other, n, &leaves[i], path, count, &root));
            cr_expect(!inclusion_holds(n, n, &leaves[i], path, count, &root));
        }
    }
}

Test(merkle, consistency_holds_for_exactly_its_two_trees) {
    Hash path[PATH_MAX_LEN + 1];
    for (size_t n = 1; n <= SIZES; n++) {
        Hash root = mth(leaves, n);
        for (size_t m = 1; m <= n; m++) {
            Hash old = mth(leaves, m);
            size_t count = m == n ? 0 : subproof(m, leaves, n, true, path);
            cr_assert(consistency_holds(m, &old, n, &root, path, count), "%zu to %zu", m, n);
            for (size_t p = 0; p < count; p++) {
                flip(&path[p], m + p);
                cr_expect(!consistency_holds(m, &old, n, &root, path, count));
                flip(&path[p], m + p);
            }
            path[count] = root;
            cr_expect(!consistency_holds(m, &old, n, &root, path, count + 1));
            cr_expect(count == 0 || !consistency_holds(m, &old, n, &root, path, count - 1));
            flip(&old, m);
            cr_expect(!consistency_holds(m, &old, n, &root, path, count));
            flip(&old, m);
            flip(&root, n);
            cr_expect(!consistency_holds(m, &old, n, &root, path, count));
            flip(&root, n);
            cr_expect(m == n || !consistency_holds(n, &root, m, &old, path, count));
        }
    }
}

Test(merkle, from_the_empty_tree_everything_follows_by_an_empty_path) {
    Hash root = mth(leaves, 5), nothing = {{0}};
    cr_expect(consistency_holds(0, &nothing, 5, &root, NULL, 0));
    cr_expect(!consistency_holds(0, &nothing, 5, &root, &root, 1));
    cr_expect(!consistency_holds(5, &root, 0, &nothing, NULL, 0));
}

Test(merkle, an_empty_path_proves_no_growth) {
    Hash root = mth(leaves, 5), old = mth(leaves, 3), four = mth(leaves, 4);
    cr_expect(!consistency_holds(3, &old, 5, &root, NULL, 0));
    cr_expect(!consistency_holds(4, &four, 5, &root, NULL, 0));
    cr_expect(!inclusion_holds(0, 5, &root, NULL, 0, &root));
}

Test(merkle, a_path_longer_than_any_tree_is_refused) {
    Hash path[PATH_MAX_LEN + 1] = {0}, root = mth(leaves, 1);
    cr_expect(!inclusion_holds(0, UINT64_MAX, &root, path, COUNT_OF(path), &root));
    cr_expect(!consistency_holds(1, &root, UINT64_MAX, &root, path, COUNT_OF(path)));
}

/* ---- notes ---------------------------------------------------------------------------------- */

static const char origin[] = "example.com/behind-the-sofa";
static const char witness_name[] = "witness.example.com/w1";

/* The body of the example in the C2SP documents. */
static const char spec_body[] = "example.com/behind-the-sofa\n20852163\n"
                                "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

static Checkpoint spec_checkpoint(void) {
    return (Checkpoint){
        .origin = str_z(origin),
        .size = 20852163,
        .root = hex_hash("0ac5186a91863e8e1d90c808014aa89bf5da8e3ee1d9f07630f0378f68f1ab62"),
    };
}

static KeyPair pair(uint8_t seed) {
    KeyPair p = {0};
    memset(p.secret.at, seed, sizeof(p.secret.at));
    cr_assert(ed25519_public(&p.secret, &p.public) == 0);
    return p;
}

static Str note_of(const KeyPair *key) {
    Checkpoint c = spec_checkpoint();
    Str note;
    cr_assert(checkpoint_sign(arena, &c, key, &note) == 0);
    return note;
}

Test(checkpoint, body_is_as_the_c2sp_example) {
    Checkpoint c = spec_checkpoint();
    cr_expect(str_is(checkpoint_body(arena, &c), spec_body));
}

Test(checkpoint, key_hash_is_as_the_go_reference_has_it) { /* PeterNeumann+c74f20a3+... */
    KeyPair peter;
    Checkpoint c = spec_checkpoint();
    Str note;
    Hash seed = hex_hash("810a1402d5146c8d84f2443330f54080ebf98ee17d9c74f6252fc5d5c7283173");
    memcpy(peter.secret.at, seed.at, sizeof(seed.at));
    cr_assert(ed25519_public(&peter.secret, &peter.public) == 0);
    c.origin = STR("PeterNeumann");
    cr_assert(checkpoint_sign(arena, &c, &peter, &note) == 0);
    size_t at;
    cr_expect(str_find(note, STR("\n\n\xe2\x80\x94 PeterNeumann x08go"), &at));
}

Test(checkpoint, opens_what_was_signed) {
    KeyPair key = pair(1);
    Checkpoint want = spec_checkpoint(), got;
    cr_assert(checkpoint_open(arena, note_of(&key), str_z(origin), &key.public, &got));
    cr_expect(str_eq(got.origin, want.origin));
    cr_expect(got.size == want.size);
    cr_expect(hash_eq(&got.root, &want.root));
}

Test(checkpoint, refuses_another_origin_and_another_key) {
    KeyPair key = pair(1), other = pair(2);
    Checkpoint got;
    cr_expect(!checkpoint_open(arena, note_of(&key), STR("example.com/x"), &key.public, &got));
    cr_expect(!checkpoint_open(arena, note_of(&key), str_z(origin), &other.public, &got));
    cr_expect(!checkpoint_open(arena, note_of(&other), str_z(origin), &key.public, &got));
}

Test(checkpoint, refuses_every_altered_byte_and_every_cut) {
    KeyPair key = pair(1);
    Checkpoint got;
    Str note = note_of(&key);
    char copy[512];
    cr_assert(note.len < sizeof(copy));
    for (size_t i = 0; i < note.len; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            memcpy(copy, note.at, note.len);
            copy[i] = (char)(copy[i] ^ (1 << bit));
            Str altered = {.at = copy, .len = note.len};
            cr_expect(!checkpoint_open(arena, altered, str_z(origin), &key.public, &got),
                      "byte %zu bit %u", i, bit);
        }
        Str cut = {.at = note.at, .len = i};
        cr_expect(!checkpoint_open(arena, cut, str_z(origin), &key.public, &got), "cut at %zu", i);
    }
}

Test(checkpoint, ignores_other_signers_but_not_malformed_lines) {
    KeyPair key = pair(1), witness = pair(2);
    Checkpoint c = spec_checkpoint(), got;
    Str note = note_of(&key), line;
    cr_assert(cosignature_make(arena, &c, str_z(witness_name), &witness, 1, &line) == 0);
    static const struct {
        const char *after;
        bool opens;
    } cases[] = {
        {"", true},
        {"\xe2\x80\x94 someone else==\n", true},
        {"\xe2\x80\x94 someone else==", false},
        {"\n", false},
        {"someone else==\n", false},
        {"\xe2\x80\x94 someone\n", false},
        {"\xe2\x80\x94 some+one else==\n", false},
        {"\xe2\x80\x94 someone else== more\n", false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Str whole = arena_printf(arena, "%.*s%.*s%s", STR_ARG(note), STR_ARG(line), cases[i].after);
        cr_expect(checkpoint_open(arena, whole, str_z(origin), &key.public, &got) == cases[i].opens,
                  "case %zu", i);
    }
    Str alone = arena_printf(arena, "%s\n%.*s", spec_body, STR_ARG(line));
    cr_expect(!checkpoint_open(arena, alone, str_z(origin), &key.public, &got));
}

/* Texts that an honest key signed and that are no checkpoint of ours. */
static const char *const wrong_bodies[] = {
    "example.com/behind-the-sofa\n020852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
    "example.com/behind-the-sofa\n-1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
    "example.com/behind-the-sofa\n\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
    "example.com/behind-the-sofa\n99999999999999999999\n"
    "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
    "example.com/behind-the-sofa\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=\n",
    "example.com/behind-the-sofa\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2==\n",
    "example.com/behind-the-sofa\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\nextension\n",
    "example.com/behind-the-sofa\n1\n",
    "\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
};

static Str signed_text(Str body, const KeyPair *key) {
    static const uint8_t algorithm = 0x01;
    Bytes parts[] = {str_bytes(str_z(origin)), str_bytes(STR("\n")), bytes_of(&algorithm, 1),
                     BYTES_OF(key->public.at)};
    struct {
        uint8_t hint[4], signature[SIG_LEN];
    } blob;
    Hash hash;
    Signature signature;
    char text[93];
    cr_assert(sha256(parts, COUNT_OF(parts), &hash) == 0);
    cr_assert(ed25519_sign(&key->secret, str_bytes(body), &signature) == 0);
    memcpy(blob.hint, hash.at, sizeof(blob.hint));
    memcpy(blob.signature, signature.at, SIG_LEN);
    cr_assert(EVP_EncodeBlock((unsigned char *)text, (unsigned char *)&blob, sizeof(blob)) == 92);
    return arena_printf(arena, "%.*s\n\xe2\x80\x94 %s %s\n", STR_ARG(body), origin, text);
}

Test(checkpoint, refuses_signed_texts_that_are_no_checkpoint) {
    KeyPair key = pair(1);
    Checkpoint got;
    Str right = signed_text(str_z(spec_body), &key);
    cr_assert(checkpoint_open(arena, right, str_z(origin), &key.public, &got), "%s", right.at);
    for (size_t i = 0; i < COUNT_OF(wrong_bodies); i++) {
        Str note = signed_text(str_z(wrong_bodies[i]), &key);
        cr_expect(!checkpoint_open(arena, note, str_z(origin), &key.public, &got), "case %zu", i);
    }
}

Test(checkpoint, signs_nothing_under_a_name_that_is_no_name) {
    KeyPair key = pair(1);
    static const char *const names[] = {"", "a b", "a+b", "a\nb", "caf\xc3\xa9"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        Checkpoint c = spec_checkpoint();
        Str out;
        c.origin = str_z(names[i]);
        cr_expect(checkpoint_sign(arena, &c, &key, &out) == ERR_CONFIG, "case %zu", i);
        c = spec_checkpoint();
        cr_expect(cosignature_make(arena, &c, str_z(names[i]), &key, 1, &out) == ERR_CONFIG);
    }
}

/* ---- cosignatures --------------------------------------------------------------------------- */

Test(checkpoint, cosignature_signs_the_text_of_the_c2sp_example) {
    KeyPair witness = pair(3);
    Checkpoint c = spec_checkpoint();
    Signature want;
    Str line;
    Str text = arena_printf(arena, "cosignature/v1\ntime 1679315147\n%s", spec_body);
    cr_assert(cosignature_make(arena, &c, str_z(witness_name), &witness, 1679315147, &line) == 0);
    cr_expect(cosignature_holds(arena, &c, line, str_z(witness_name), &witness.public));
    /* Ed25519 is deterministic: signing the example's text gives the last 64 bytes of the line,
     * which begin at a border of base64. Before them the example's time stands in the same place.
     */
    char base64[93];
    cr_assert(ed25519_sign(&witness.secret, str_bytes(text), &want) == 0);
    cr_assert(EVP_EncodeBlock((unsigned char *)base64, want.at, SIG_LEN) == 88);
    Str head = STR("\xe2\x80\x94 witness.example.com/w1 ");
    cr_assert(str_starts(line, head) && line.len == head.len + 104 + 1);
    cr_expect(memcmp(line.at + head.len + 16, base64, 88) == 0);
    cr_expect(memcmp(line.at + head.len + 6, "AAAABkGFDL", 10) == 0);
}

Test(checkpoint, cosignature_holds_for_exactly_its_checkpoint_and_witness) {
    KeyPair witness = pair(3), other = pair(4);
    Str name = str_z(witness_name), line;
    Checkpoint c = spec_checkpoint(), larger = c, another = c, elsewhere = c;
    larger.size++;
    flip(&another.root, 3);
    elsewhere.origin = STR("example.com/x");
    cr_assert(cosignature_make(arena, &c, name, &witness, 1679315147, &line) == 0);
    cr_expect(cosignature_holds(arena, &c, line, name, &witness.public));
    cr_expect(!cosignature_holds(arena, &larger, line, name, &witness.public));
    cr_expect(!cosignature_holds(arena, &another, line, name, &witness.public));
    cr_expect(!cosignature_holds(arena, &elsewhere, line, name, &witness.public));
    cr_expect(!cosignature_holds(arena, &c, line, STR("witness.example.com/w2"), &witness.public));
    cr_expect(!cosignature_holds(arena, &c, line, name, &other.public));
}

Test(checkpoint, cosignature_refuses_every_altered_byte_and_every_cut) {
    KeyPair witness = pair(3);
    Str name = str_z(witness_name), line;
    Checkpoint c = spec_checkpoint();
    cr_assert(cosignature_make(arena, &c, name, &witness, 1679315147, &line) == 0);
    char copy[256];
    cr_assert(line.len < sizeof(copy));
    for (size_t i = 0; i < line.len; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            memcpy(copy, line.at, line.len);
            copy[i] = (char)(copy[i] ^ (1 << bit));
            Str altered = {.at = copy, .len = line.len};
            cr_expect(!cosignature_holds(arena, &c, altered, name, &witness.public),
                      "byte %zu bit %u", i, bit);
        }
        Str cut = {.at = line.at, .len = i};
        cr_expect(!cosignature_holds(arena, &c, cut, name, &witness.public), "cut at %zu", i);
    }
}

Test(checkpoint, a_signature_of_the_log_is_no_cosignature) {
    KeyPair key = pair(1);
    Checkpoint c = spec_checkpoint();
    Str note = note_of(&key), rest = note, line;
    cr_assert(str_split(&rest, '\n', &line) && str_split(&rest, '\n', &line));
    cr_assert(str_split(&rest, '\n', &line) && str_split(&rest, '\n', &line) && rest.len > 1);
    cr_expect(!cosignature_holds(arena, &c, rest, str_z(origin), &key.public));
}
