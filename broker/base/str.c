/* Views and the few text helpers that need no memory; see str.h. */
#include "broker/base/str.h"

static bool blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

int str_order(Str a, Str b) {
    size_t both = a.len < b.len ? a.len : b.len;
    int order = both ? memcmp(a.at, b.at, both) : 0;
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

Str str_trim(Str s) {
    while (s.len && blank(s.at[0])) {
        s.at++;
        s.len--;
    }
    while (s.len && blank(s.at[s.len - 1])) s.len--;
    return s;
}

bool str_starts(Str s, Str head) {
    return s.len >= head.len && (head.len == 0 || memcmp(s.at, head.at, head.len) == 0);
}

bool str_find(Str s, Str needle, size_t *ret_at) {
    if (needle.len == 0 || needle.len > s.len) return false;
    const char *hit = memmem(s.at, s.len, needle.at, needle.len);
    if (!hit) return false;
    *ret_at = (size_t)(hit - s.at);
    return true;
}

bool str_split(Str *rest, char mark, Str *ret_part) {
    if (!rest->at) return false;
    const char *hit = rest->len ? memchr(rest->at, mark, rest->len) : NULL;
    size_t len = hit ? (size_t)(hit - rest->at) : rest->len;
    *ret_part = (Str){.at = rest->at, .len = len};
    *rest = hit ? (Str){.at = hit + 1, .len = rest->len - len - 1} : (Str){0};
    return true;
}

bool str_u64(Str s, uint64_t *ret) {
    uint64_t value = 0;
    if (s.len == 0 || s.len > 20) return false;
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] < '0' || s.at[i] > '9') return false;
        if (__builtin_mul_overflow(value, 10u, &value)) return false;
        if (__builtin_add_overflow(value, (uint64_t)(s.at[i] - '0'), &value)) return false;
    }
    *ret = value;
    return true;
}

/* Length of the sequence that starts at `at`, 0 when it is not valid UTF-8. */
static size_t utf8_sequence(const uint8_t *at, size_t left) {
    uint32_t point;
    size_t len;
    if (at[0] < 0x80) return at[0] != 0;
    if ((at[0] & 0xe0) == 0xc0) {
        len = 2;
        point = at[0] & 0x1fu;
    } else if ((at[0] & 0xf0) == 0xe0) {
        len = 3;
        point = at[0] & 0x0fu;
    } else if ((at[0] & 0xf8) == 0xf0) {
        len = 4;
        point = at[0] & 0x07u;
    } else {
        return 0;
    }
    if (left < len) return 0;
    for (size_t i = 1; i < len; i++) {
        if ((at[i] & 0xc0) != 0x80) return 0;
        point = point << 6 | (at[i] & 0x3fu);
    }
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    bool surrogate = point >= 0xd800 && point <= 0xdfff;
    return point < least[len] || point > 0x10ffff || surrogate ? 0 : len;
}

/* Eight bytes at once, none of them NUL or outside ASCII: most text is nothing else. */
static bool ascii_word(const uint8_t *at) {
    const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;
    uint64_t word;
    memcpy(&word, at, sizeof(word));
    return !((word | (word - ones)) & tops);
}

bool utf8_valid(Bytes b) {
    for (size_t i = 0; i < b.len;) {
        if (b.len - i >= sizeof(uint64_t) && ascii_word(b.at + i)) {
            i += sizeof(uint64_t);
            continue;
        }
        size_t len = utf8_sequence(b.at + i, b.len - i);
        if (len == 0) return false;
        i += len;
    }
    return true;
}

void hex_encode(Bytes b, char *out) {
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < b.len; i++) {
        out[2 * i] = digits[b.at[i] >> 4];
        out[2 * i + 1] = digits[b.at[i] & 15];
    }
    out[2 * b.len] = '\0';
}

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool hex_decode(Str hex, uint8_t *out, size_t len) {
    if (hex.len != 2 * len) return false;
    for (size_t i = 0; i < len; i++) {
        int high = hex_digit(hex.at[2 * i]);
        int low = hex_digit(hex.at[2 * i + 1]);
        if (high < 0 || low < 0) return false;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}
