/* Writes the seeds of a harness. usage: fuzz-seeds NAME FOLDER (which must exist). `messages` are
 * those of codec and head: one full and one least example of every structure that travels. */
#include "tests/fuzz/seeds.h"

void seed_write(Seeds *s, const char *name, Bytes content) {
    char path[512];
    (void)snprintf(path, sizeof(path), "%s/%s", s->folder, name);
    FILE *out = fopen(path, "w");
    bool written = out && fwrite(content.at, 1, content.len, out) == content.len;
    if (out) written = fclose(out) == 0 && written;
    if (!written) perror(path);
    s->failed = s->failed || !written;
}

void seed_frames(Seeds *s, const char *name, uint8_t first, const Bytes *parts, size_t count) {
    Bytes joined = frames_join(s->arena, parts, count);
    uint8_t *whole = arena_alloc(s->arena, joined.len + 1);
    if (!whole) abort();
    whole[0] = first;
    memcpy(whole + 1, joined.at, joined.len);
    seed_write(s, name, bytes_of(whole, joined.len + 1));
}

Bytes seed_encode(Seeds *s, const Value *head) {
    Bytes bytes;
    if (codec_encode(s->arena, head, &bytes) != 0) abort();
    return bytes;
}

Bytes seed_signature(Seeds *s) {
    uint8_t *at = arena_alloc(s->arena, SIG_LEN);
    if (!at) abort();
    memset(at, GOOD_SIGNATURE, SIG_LEN);
    return bytes_of(at, SIG_LEN);
}

static bool has(StructKind kind, uint32_t key, const char *name) {
    const Field *f = schema_field(kind, key);
    return f && strcmp(f->name, name) == 0;
}

Value *seed_head(Seeds *s, StructKind kind) {
    Value *head = sample_tree(s->arena, kind, true);
    for (uint32_t key = 0; key <= FIELD_KEY_MAX; key++) {
        if (has(kind, key, "realm")) value_set_text(s->arena, head, key, FUZZ_REALM);
        if (has(kind, key, "agency")) value_set_text(s->arena, head, key, FUZZ_AGENCY);
    }
    return head;
}

/* ---- codec and head -------------------------------------------------------------------------- */

static void seeds_of(Seeds *s, StructKind kind, bool full) {
    char name[64];
    (void)snprintf(name, sizeof(name), "%s-%s", schema_struct_name(kind), full ? "full" : "least");
    seed_write(s, name, sample_bytes(s->arena, kind, full));
}

static void seeds_messages(Seeds *s) {
    static const StructKind contents[] = {STRUCT_referral, STRUCT_answer, STRUCT_letter};
    MessageKind m;
    for (int full = 0; full < 2; full++) {
        for (size_t i = 0; message_kind(i, &m); i++) seeds_of(s, m.head, full);
        for (size_t i = 0; i < COUNT_OF(contents); i++) seeds_of(s, contents[i], full);
    }
}

int main(int argc, char **argv) {
    static const struct {
        const char *name;
        void (*write)(Seeds *s);
    } harnesses[] = {
        {"messages", seeds_messages}, {"envelope", seeds_envelope}, {"mail", seeds_mail},
        {"command", seeds_command},   {"frames", seeds_frames},     {"zap", seeds_zap},
        {"answer", seeds_answer},     {"letter", seeds_letter},
    };
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 24);
    Seeds s = {.arena = a, .failed = true};
    if (argc != 3 || !a) return EXIT_FAILURE;
    s.folder = argv[2];
    for (size_t i = 0; i < COUNT_OF(harnesses); i++) {
        if (strcmp(argv[1], harnesses[i].name) != 0) continue;
        s.failed = false;
        harnesses[i].write(&s);
    }
    return s.failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
