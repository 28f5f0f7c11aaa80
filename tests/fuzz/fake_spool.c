/* See fake_spool.h. */
#include "tests/fuzz/fake_spool.h"

#include "broker/base/err.h"
#include "broker/ledger/ledger.h"
#include "schemas/envelope.h"
#include "schemas/leaf.h"
#include "tests/fuzz/fuzz.h"

enum { MOST = 4, FRAME = SALT_LEN + 8 };

struct Spool {
    size_t queued, put;
    bool immediate, gone[MOST], proven[SPOOL_LEAVES];
    Hash receipt_for;
    bool stored;
};

static Spool the_spool;

Identity fake_identity(void) {
    Identity self = {
        .realm = FUZZ_REALM,
        .agency = FUZZ_AGENCY,
        .dir = "/nonexistent",
        .origin = cast_key(CAST_origin),
        .witness = {.secret = cast_key(CAST_witness), .public = cast_key(CAST_witness)},
        .letter = {.secret = cast_key(CAST_letter)},
        .witness_name = "mash.example/witness/police",
        .ack_public = cast_key(CAST_hub),
        .letter_sign_public = cast_key(CAST_hub),
        .log_public = cast_key(CAST_hub),
        .log_origin = STR("mash.example/hub/demonstration"),
    };
    MUST(x25519_public(&self.letter.secret, &self.letter.public) == 0);
    cast_id(CAST_origin, self.origin_id);
    return self;
}

Spool *fake_spool(size_t queued, bool immediate) {
    the_spool = (Spool){.queued = queued < MOST ? queued : MOST, .immediate = immediate};
    return &the_spool;
}

Id fake_message_id(size_t nth) {
    return (Id){{7, (uint8_t)nth}};
}

Bytes fake_message_frame(size_t nth) {
    static uint8_t frames[MOST][FRAME];
    memset(frames[nth], 'f' + (int)nth, FRAME);
    return BYTES_OF(frames[nth]);
}

Str fake_leaf(size_t nth) {
    static const char *const leaves[SPOOL_LEAVES] = {"mash-leaf/1\nact accept\n",
                                                     "mash-leaf/1\nact quarantine\n"};
    return str_z(leaves[nth]);
}

SpoolHead fake_head(void) {
    SpoolHead head = {.size = SPOOL_LEAVES};
    Hash leaves[SPOOL_LEAVES];
    for (size_t i = 0; i < SPOOL_LEAVES; i++) {
        MUST(leaf_hash(str_bytes(fake_leaf(i)), &leaves[i]) == 0);
    }
    MUST(node_hash(&leaves[0], &leaves[1], &head.root) == 0);
    return head;
}

/* ---- the queue ------------------------------------------------------------------------------- */

static size_t known(Id id) {
    size_t i = 0;
    while (i < the_spool.queued && !id_eq(id, fake_message_id(i))) i++;
    MUST(i < the_spool.queued && !the_spool.gone[i]); /* nothing is answered twice */
    return i;
}

size_t spool_queued(const Spool *s) {
    size_t count = s->put;
    for (size_t i = 0; i < s->queued; i++) count += !s->gone[i];
    return count;
}

static bool is_passed(const SpoolAsk *ask, int64_t place) {
    for (size_t i = 0; i < ask->passed_count; i++) {
        if (ask->passed[i] == place) return true;
    }
    return false;
}

int spool_next(Spool *s, Arena *a, const SpoolAsk *ask, SpoolEntry *ret, size_t *ret_count) {
    (void)a;
    *ret_count = 0;
    for (size_t i = 0; i < s->queued && *ret_count < ask->most; i++) {
        bool immediate = s->immediate && i + 1 == s->queued;
        if (s->gone[i] || immediate != ask->immediate || is_passed(ask, (int64_t)i)) continue;
        ret[(*ret_count)++] = (SpoolEntry){.message_id = fake_message_id(i),
                                           .content = STR("referral"),
                                           .immediate = immediate,
                                           .frame = fake_message_frame(i),
                                           .place = (int64_t)i};
    }
    return 0;
}

/* A promise is believed only if it is about our message and our bytes (R1). */
int spool_acknowledge(Spool *s, const SpoolAnswer *answers, size_t count, int64_t now_ms) {
    (void)now_ms;
    for (size_t i = 0; i < count; i++) {
        size_t n = known(answers[i].message_id);
        const Bytes frame = fake_message_frame(n);
        Hash commitment;
        char hex[2 * HASH_LEN + 1];
        MUST(sha256(&frame, 1, &commitment) == 0);
        hex_encode(BYTES_OF(commitment.at), hex);
        MUST(leaf_says(bytes_str(answers[i].leaf), "commitment", str_z(hex)));
        s->gone[n] = true;
    }
    return 0;
}

int spool_refuse(Spool *s, Id message_id, Str reason) {
    MUST(reason.len > 0);
    s->gone[known(message_id)] = true;
    return 0;
}

int spool_alone(Spool *s, const Id *message_ids, size_t count) {
    for (size_t i = 0; i < count; i++) MUST(known(message_ids[i]) < s->queued);
    return 0;
}

int spool_damaged(Spool *s, bool *ret_found, Id *ret) {
    *ret_found = false;
    *ret = (Id){{(uint8_t)s->queued}};
    return 0;
}

int spool_damaged_told(Spool *s, Id message_id, int64_t now_ms) {
    (void)message_id;
    MUST(!s && now_ms); /* nothing here is damaged */
    return ERR_STORE;
}

/* ---- taking in ------------------------------------------------------------------------------- */

int spool_look(Spool *s, Str native, Bytes content, SpoolKnown *ret, Id *ret_id,
               int64_t *ret_stored_ms) {
    MUST(s && native.len > 0 && content.len > 0);
    *ret = SPOOL_new;
    *ret_id = (Id){{0}};
    *ret_stored_ms = 0;
    return 0;
}

/* Only what another program can read again is kept. */
int spool_put(Spool *s, Arena *a, Str native, Bytes native_content, const SpoolEntry *entry,
              Bytes content, int64_t now_ms) {
    const Value *value = NULL;
    Fault fault;
    MUST(native.len > 0 && native_content.len > 0 && now_ms > 0);
    StructKind kind = content_kind(entry->content);
    MUST(content_decode(a, kind, content, &value, &fault) == 0 || arena_failed(a));
    s->put++;
    return 0;
}

int spool_open(const char *path, const Key *key, Str realm, Str agency, Spool **ret) {
    MUST(path && key && realm.len && agency.len);
    *ret = fake_spool(0, false);
    return 0;
}

void spool_close(Spool *s) {
    MUST(!s || s == &the_spool);
}

int spool_requeue(Spool *s, size_t *ret_count) {
    *ret_count = s->queued;
    return 0;
}

int spool_tidy(Spool *s, int64_t before_ms) {
    MUST(s && before_ms);
    return 0;
}

int spool_counts(Spool *s, SpoolCounts *ret) {
    *ret = (SpoolCounts){.queued = (int64_t)s->queued};
    return 0;
}

int spool_waiting(Spool *s, SpoolWaiting *ret) {
    MUST(s);
    *ret = (SpoolWaiting){0};
    return 0;
}

int spool_unsent(Spool *s, Arena *a, size_t most, SpoolUnsent *ret, size_t *ret_count) {
    MUST(s && a && most && ret);
    *ret_count = 0;
    return 0;
}

/* ---- letters --------------------------------------------------------------------------------- */

int spool_letter_put(Spool *s, Id letter_id, const Hash *digest, Bytes sealed, int64_t now_ms) {
    (void)letter_id;
    Hash found;
    MUST(now_ms > 0 && sha256(&sealed, 1, &found) == 0 && hash_eq(&found, digest));
    s->stored = true;
    return 0;
}

int spool_receipt(Spool *s, Arena *a, Id letter_id, const Hash *digest, Bytes *ret_head,
                  Bytes *ret_signature) {
    (void)a;
    (void)letter_id;
    s->receipt_for = *digest;
    *ret_head = *ret_signature = (Bytes){0};
    return 0;
}

/* No receipt before the letter itself is kept. */
int spool_receipt_put(Spool *s, Id letter_id, const Hash *digest, Bytes head, Bytes signature) {
    (void)letter_id;
    MUST(s->stored && hash_eq(digest, &s->receipt_for));
    MUST(head.len > 0 && signature.len == SIG_LEN);
    return 0;
}

int spool_letter_open(Spool *s, Arena *a, bool *ret_found, SpoolLetter *ret) {
    (void)s;
    (void)a;
    (void)ret;
    *ret_found = false;
    return 0;
}

/* ---- the witness ----------------------------------------------------------------------------- */

int spool_head(Spool *s, SpoolHead *ret) {
    (void)s;
    *ret = fake_head();
    return 0;
}

int spool_head_at(Spool *s, int64_t size, SpoolHead *ret) {
    (void)s;
    *ret = size == SPOOL_LEAVES ? fake_head() : (SpoolHead){0};
    return 0;
}

int spool_head_put(Spool *s, const SpoolHead *head, Str note) {
    (void)s;
    MUST(head->size >= SPOOL_LEAVES && note.len > 0); /* never back */
    return 0;
}

int spool_unproven(Spool *s, int64_t size, int64_t *ret_indexes, size_t most, size_t *ret_count) {
    *ret_count = 0;
    for (int64_t i = 0; i < SPOOL_LEAVES && i < size && *ret_count < most; i++) {
        if (!s->proven[i]) ret_indexes[(*ret_count)++] = i;
    }
    return 0;
}

int spool_leaf(Spool *s, Arena *a, int64_t index, Bytes *ret) {
    (void)s;
    (void)a;
    bool ours = index >= 0 && index < SPOOL_LEAVES;
    *ret = ours ? str_bytes(fake_leaf((size_t)index)) : (Bytes){0};
    return 0;
}

int spool_proven(Spool *s, int64_t index) {
    MUST(index >= 0 && index < SPOOL_LEAVES);
    s->proven[index] = true;
    return 0;
}
