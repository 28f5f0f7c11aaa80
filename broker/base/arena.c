/* A chain of blocks, newest first; see arena.h. */
#include "broker/base/arena.h"

#include <openssl/crypto.h>
#include <stdarg.h>
#include <stdint.h>

enum { BLOCK_LEAST = 16 * 1024, KEPT_MOST = 64 * 1024, ALIGN = _Alignof(max_align_t) };

typedef struct Block {
    struct Block *older;
    size_t size;
    size_t used;
    _Alignas(max_align_t) uint8_t data[];
} Block;

struct Arena {
    Block *newest;
    size_t cap;
    size_t used;
    bool failed;
};

Arena *arena_new(size_t cap) {
    Arena *a = calloc(1, sizeof(*a));
    if (a) a->cap = cap < SIZE_MAX / 2 ? cap : SIZE_MAX / 2; /* sums of sizes then fit */
    return a;
}

/* Wiped, so zeroed again: one block is kept for what comes next, so that an arena that is used over
 * and over does not give its memory back and fetch it again each time. */
void arena_reset(Arena *a) {
    Block *kept = NULL;
    while (a->newest) {
        Block *block = a->newest;
        a->newest = block->older;
        OPENSSL_cleanse(block->data, block->used);
        if (kept || block->size > KEPT_MOST) {
            free(block);
            continue;
        }
        kept = block;
        kept->older = NULL;
        kept->used = 0;
    }
    a->newest = kept;
    a->used = 0;
    a->failed = false;
}

void arena_free(Arena *a) {
    if (!a) return;
    arena_reset(a);
    free(a->newest);
    free(a);
}

bool arena_failed(const Arena *a) {
    return a->failed;
}

size_t arena_used(const Arena *a) {
    return a->used;
}

static void *arena_fail(Arena *a) {
    a->failed = true;
    return NULL;
}

/* A block is zeroed when it is made and when it is wiped: what is taken needs no zeroing. */
void *arena_alloc(Arena *a, size_t size) {
    if (a->failed || size > a->cap) return arena_fail(a);
    size = (size + ALIGN - 1) / ALIGN * ALIGN;
    if (size > a->cap - a->used) return arena_fail(a);
    if (!a->newest || a->newest->size - a->newest->used < size) {
        size_t want = size > BLOCK_LEAST ? size : BLOCK_LEAST;
        Block *block = calloc(1, sizeof(*block) + want);
        if (!block) return arena_fail(a);
        block->older = a->newest;
        block->size = want;
        a->newest = block;
    }
    void *at = a->newest->data + a->newest->used;
    a->newest->used += size;
    a->used += size;
    return at;
}

void *arena_array(Arena *a, size_t count, size_t size) {
    size_t total;
    if (__builtin_mul_overflow(count, size, &total)) return arena_fail(a);
    return arena_alloc(a, total ? total : 1);
}

Bytes arena_copy(Arena *a, Bytes b) {
    uint8_t *at = arena_alloc(a, b.len ? b.len : 1);
    if (!at) return (Bytes){0};
    if (b.len) memcpy(at, b.at, b.len);
    return (Bytes){.at = at, .len = b.len};
}

Str arena_str(Arena *a, Str s) {
    return arena_join(a, &s, 1);
}

Str arena_join(Arena *a, const Str *parts, size_t count) {
    size_t len = 0;
    for (size_t i = 0; i < count; i++) len += parts[i].len;
    char *all = arena_alloc(a, len + 1), *at = all;
    if (!all) return (Str){0};
    for (size_t i = 0; i < count; i++) {
        if (parts[i].len) memcpy(at, parts[i].at, parts[i].len);
        at += parts[i].len;
    }
    *at = '\0';
    return (Str){.at = all, .len = len};
}

Str arena_printf(Arena *a, const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *at = len < 0 ? arena_fail(a) : arena_alloc(a, (size_t)len + 1);
    if (at) (void)vsnprintf(at, (size_t)len + 1, format, again); /* fits: just measured */
    va_end(again);
    return at ? (Str){.at = at, .len = (size_t)len} : (Str){0};
}
