/* Looks for canaries however they are written. A text that a program had encoded, turned about or
 * packed would hold one in some of these forms. */
#include "tests/properties/world.h"

#include <ctype.h>
#include <zlib.h>

static const char *const names[ENCODINGS] = {
    "UTF-8",
    "UTF-16LE",
    "UTF-16BE",
    "UTF-32LE",
    "base64",
    "base64 from the 2nd byte",
    "base64 from the 3rd byte",
    "base32",
    "hex",
    "HEX",
    "URL",
    "HTML decimal",
    "HTML hex",
    "JSON \\u",
    "quoted-printable",
    "reversed",
    "rot13",
};

/* Each letter as a number, in hex or (digits NULL) decimal, between two marks. */
static size_t each(const char *word, const char *before, const char *digits, const char *after,
                   char *out) {
    size_t used = 0;
    for (; *word; word++) {
        unsigned c = (unsigned char)*word;
        used += (size_t)sprintf(out + used, "%s", before);
        if (digits)
            used += (size_t)sprintf(out + used, "%c%c", digits[c >> 4], digits[c & 15]);
        else
            used += (size_t)sprintf(out + used, "%u", c);
        used += (size_t)sprintf(out + used, "%s", after);
    }
    return used;
}

static size_t wide(const char *word, size_t before, size_t after, char *out) {
    size_t used = 0;
    for (; *word; word++) {
        for (size_t i = 0; i < before; i++) out[used++] = '\0';
        out[used++] = *word;
        for (size_t i = 0; i < after; i++) out[used++] = '\0';
    }
    return used;
}

/* `bits` to a letter; `skip` bytes stand before the word. Only letters that hold nothing of what
 * stands around it. */
static size_t based(const char *word, size_t bits, size_t skip, const char *alphabet, char *out) {
    size_t len = strlen(word), used = 0;
    for (size_t at = 0; (at + 1) * bits <= (skip + len) * 8; at++) {
        unsigned value = 0;
        if (at * bits < skip * 8) continue;
        for (size_t b = at * bits; b < (at + 1) * bits; b++) {
            unsigned char c = (unsigned char)word[b / 8 - skip];
            value = value << 1 | ((c >> (7 - b % 8)) & 1u);
        }
        out[used++] = alphabet[value];
    }
    return used;
}

static size_t turned(const char *word, bool rot, char *out) {
    size_t len = strlen(word);
    for (size_t i = 0; i < len; i++) {
        char c = rot ? word[i] : word[len - 1 - i], low = (char)(c | 0x20);
        if (rot) c = (char)(low < 'n' ? c + 13 : c - 13);
        out[i] = c;
    }
    return len;
}

size_t canary_write(size_t encoding, const char *word, char *out) {
    static const char b64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    static const char b32[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    static const char low[] = "0123456789abcdef", up[] = "0123456789ABCDEF";
    switch (encoding) {
    case 0: return (size_t)sprintf(out, "%s", word);
    case 1: return wide(word, 0, 1, out);
    case 2: return wide(word, 1, 0, out);
    case 3: return wide(word, 0, 3, out);
    case 4: return based(word, 6, 0, b64, out);
    case 5: return based(word, 6, 1, b64, out);
    case 6: return based(word, 6, 2, b64, out);
    case 7: return based(word, 5, 0, b32, out);
    case 8: return each(word, "", low, "", out);
    case 9: return each(word, "", up, "", out);
    case 10: return each(word, "%", up, "", out);
    case 11: return each(word, "&#", NULL, ";", out);
    case 12: return each(word, "&#x", low, ";", out);
    case 13: return each(word, "\\u00", low, "", out);
    case 14: return each(word, "=", up, "", out);
    case 15: return turned(word, false, out);
    default: return turned(word, true, out);
    }
}

static bool holds(Str text, const char *needle, size_t len) {
    return memmem(text.at, text.len, needle, len) != NULL;
}

/* What is packed in a zlib or gzip stream that begins here, as far as it unpacks. */
static bool packed_here(Str text, size_t at) {
    static unsigned char out[1 << 16];
    z_stream z = {.next_in = (unsigned char *)(uintptr_t)(text.at + at),
                  .avail_in = (unsigned)(text.len - at),
                  .next_out = out,
                  .avail_out = sizeof(out)};
    if (inflateInit2(&z, 15 + 32) != Z_OK) return false;
    (void)inflate(&z, Z_SYNC_FLUSH); /* what came out before an error counts */
    Str plain = {.at = (const char *)out, .len = sizeof(out) - z.avail_out};
    (void)inflateEnd(&z);
    return holds(plain, CANARY, sizeof(CANARY) - 1);
}

static bool packed(Str text) {
    for (size_t i = 0; i + 2 < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i], next = (unsigned char)text.at[i + 1];
        bool zlib = c == 0x78 && (c * 256u + next) % 31 == 0, gzip = c == 0x1f && next == 0x8b;
        if ((zlib || gzip) && packed_here(text, i)) return true;
    }
    return false;
}

/* `word` in one of the encodings from this one on; NULL for none. */
static const char *written(Str text, const char *word, size_t first) {
    char needle[200];
    for (size_t i = first; i < ENCODINGS; i++) {
        size_t len = canary_write(i, word, needle);
        if (holds(text, needle, len)) return names[i];
    }
    return NULL;
}

const char *canary_heard(Str text) {
    char word[sizeof(CANARY)] = CANARY;
    const char *how = written(text, word, 0);
    for (size_t i = 0; word[i]; i++) word[i] = (char)tolower((unsigned char)word[i]);
    if (!how) how = written(text, word, 0);
    for (size_t i = 0; word[i]; i++) word[i] = (char)toupper((unsigned char)word[i]);
    if (!how) how = written(text, word, 0);
    return how || !packed(text) ? how : "packed";
}

const char *canary_encoded(Str text, size_t *plain) {
    const char *how = written(text, CANARY, 1);
    if (how) return how;
    if (packed(text)) return "packed";
    for (*plain = 0; text.len >= sizeof(CANARY) - 1;) {
        const char *at = memmem(text.at, text.len, CANARY, sizeof(CANARY) - 1);
        if (!at) break;
        ++*plain;
        text.len -= (size_t)(at + 1 - text.at);
        text.at = at + 1;
    }
    return NULL;
}
