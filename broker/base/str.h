/* Borrowed views. A Str is text, Bytes are bytes; neither owns, neither ends in NUL. A view lives
 * as long as what it looks into: usually the arena of the message being handled. */
#ifndef MASH_STR_H
#define MASH_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct Str {
    const char *at;
    size_t len;
} Str;

typedef struct Bytes {
    const uint8_t *at;
    size_t len;
} Bytes;

#define STR(literal) ((Str){.at = (literal), .len = sizeof(literal) - 1})
#define STR_ARG(s) (int)(s).len, (s).at /* for "%.*s" */
#define BYTES_OF(array) ((Bytes){.at = (const uint8_t *)(array), .len = sizeof(array)})

static inline Str str_z(const char *z) {
    return (Str){.at = z, .len = z ? strlen(z) : 0};
}

static inline Bytes bytes_of(const void *at, size_t len) {
    return (Bytes){.at = at, .len = len};
}

static inline Bytes str_bytes(Str s) {
    return (Bytes){.at = (const uint8_t *)s.at, .len = s.len};
}

static inline Str bytes_str(Bytes b) {
    return (Str){.at = (const char *)b.at, .len = b.len};
}

static inline bool str_eq(Str a, Str b) {
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static inline bool str_is(Str a, const char *z) {
    return str_eq(a, str_z(z));
}

static inline bool bytes_eq(Bytes a, Bytes b) {
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

/* By bytes, the shorter first where one begins the other. As qsort wants it. */
int str_order(Str a, Str b);

Str str_trim(Str s);
bool str_starts(Str s, Str head);
bool str_find(Str s, Str needle, size_t *ret_at);

/* Cuts the text before the first `mark` off `*rest`; false when nothing is left. */
bool str_split(Str *rest, char mark, Str *ret_part);

/* Decimal digits only, no sign, no space; false on anything else or overflow. */
bool str_u64(Str s, uint64_t *ret);

/* Strict UTF-8 (no overlong form, no surrogate, no NUL). */
bool utf8_valid(Bytes b);

/* Lower-case hex. `out` takes 2 * b.len + 1 bytes, NUL included. */
void hex_encode(Bytes b, char *out);

/* Exactly `len` bytes from 2 * len hex digits of either case; false otherwise. */
bool hex_decode(Str hex, uint8_t *out, size_t len);

#endif
