/* Folding with a map back to the bytes; see stream.h. ASCII, nearly all of what is written here,
 * goes by a table; the rest by ICU, letter by letter. */
#include "broker/release/stream.h"

#include <ctype.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uspoof.h>
#include <unicode/ustring.h>
#include <unicode/utf8.h>

#pragma GCC diagnostic ignored "-Wconversion" /* within the macros of ICU */
#pragma GCC diagnostic ignored "-Wsign-conversion"

enum {
    ONE_MOST = 32, /* UTF-16 units of one character, folded; the worst is U+FDFA with 18 */
    SHORT = 4096   /* bytes */
};

typedef struct Folding {
    Stream *s;
    size_t cap;
    bool full;
    uint8_t gap;
    const UNormalizer2 *casefold, *apart;
    USpoofChecker *spoof;
} Folding;

static uint8_t look_alike(uint8_t plain) {
    switch (plain) {
    case '0': return 'o';
    case '1':
    case 'i': return 'l';
    case '5': return 's';
    case '8': return 'b';
    default: return plain;
    }
}

/* `r` and `n` side by side become the letter that they are read as. */
static bool letter_joined(Folding *f, uint8_t plain, uint32_t to) {
    Stream *s = f->s;
    if (f->gap || s->count == 0) return false;
    Letter *last = &s->at[s->count - 1];
    bool rn = plain == 'n' && last->plain == 'r', vv = plain == 'v' && last->plain == 'v';
    if (!rn && !vv) return false;
    last->skeleton = rn ? 'm' : 'w';
    last->plain = rn ? PLAIN_RN : PLAIN_VV;
    last->to = to;
    return true;
}

static inline void letter_add(Folding *f, uint8_t skeleton, uint8_t plain, uint32_t from,
                              uint32_t to) {
    if ((plain == 'n' || plain == 'v') && letter_joined(f, plain, to)) return;
    f->full = f->full || f->s->count == f->cap;
    if (f->full) return;
    f->s->at[f->s->count++] =
        (Letter){.from = from, .to = to, .skeleton = skeleton, .plain = plain, .gap = f->gap};
    f->s->digits += plain >= '0' && plain <= '9';
    f->gap = 0;
}

/* ---- other than ASCII ----------------------------------------------------------------------- */

/* What NFKC case folding makes of it, accents taken off. Its length; -1 when ICU fails. */
static int32_t fold_one(Folding *f, UChar32 c, UChar ret[ONE_MOST]) {
    UErrorCode e = U_ZERO_ERROR;
    UChar first[ONE_MOST], second[ONE_MOST];
    int32_t len = 0, kept = 0;
    if (!f->casefold) f->casefold = unorm2_getNFKCCasefoldInstance(&e);
    if (!f->apart) f->apart = unorm2_getNFKDInstance(&e);
    U16_APPEND_UNSAFE(first, len, c);
    len = unorm2_normalize(f->casefold, first, len, second, ONE_MOST, &e);
    len = unorm2_normalize(f->apart, second, len, first, ONE_MOST, &e);
    for (int32_t i = 0; U_SUCCESS(e) && i < len;) {
        UChar32 one;
        U16_NEXT(first, i, len, one);
        if (u_isalnum(one)) U16_APPEND_UNSAFE(ret, kept, one);
    }
    return U_FAILURE(e) ? -1 : kept;
}

/* Small letters that Unicode tells from Latin by their height alone. */
static char small_look(UChar32 c) {
    static const struct {
        UChar32 c;
        char looks;
    } small[] = {{0x432, 'b'}, {0x43a, 'k'}, {0x43c, 'm'}, {0x43d, 'h'}, {0x442, 't'},
                 {0x3b7, 'n'}, {0x3b9, 'i'}, {0x3ba, 'k'}, {0x3c4, 't'}, {0x3c5, 'u'}};
    for (size_t i = 0; i < sizeof(small) / sizeof(small[0]); i++) {
        if (small[i].c == c) return small[i].looks;
    }
    return 0;
}

/* Unicode's skeleton of one character, when that is Latin letters; lower case. */
static int32_t spoof_one(Folding *f, UChar32 c, char ret[ONE_MOST]) {
    ret[0] = small_look(c);
    if (ret[0]) return 1;
    UErrorCode e = U_ZERO_ERROR;
    UChar in[2], out[ONE_MOST];
    int32_t len = 0, kept = 0;
    if (!f->spoof) f->spoof = uspoof_open(&e);
    U16_APPEND_UNSAFE(in, len, c);
    len = uspoof_getSkeleton(f->spoof, 0, in, len, out, ONE_MOST, &e);
    if (U_FAILURE(e)) return -1;
    for (int32_t i = 0; i < len; i++) {
        if (U_GET_GC_MASK(out[i]) & U_GC_M_MASK) continue;
        if (out[i] >= 0x80 || !isalpha((int)out[i])) return 0;
        ret[kept++] = (char)tolower((int)out[i]);
    }
    return kept;
}

static bool all_ascii(const UChar *at, int32_t len) {
    for (int32_t i = 0; i < len; i++) {
        if (at[i] >= 0x80) return false;
    }
    return true;
}

/* A letter of no Latin look: its own bytes, folded. */
static void letter_foreign(Folding *f, UChar32 c, uint32_t from, uint32_t to) {
    uint8_t bytes[U8_MAX_LENGTH];
    size_t len = 0;
    bool edge = u_hasBinaryProperty(c, UCHAR_IDEOGRAPHIC);
    U8_APPEND_UNSAFE(bytes, len, c);
    if (edge) f->gap |= GAP_EDGE;
    for (size_t i = 0; i < len; i++) letter_add(f, bytes[i], bytes[i], from, to);
    if (edge) f->gap |= GAP_EDGE;
}

static bool letters_foreign(Folding *f, UChar32 c, uint32_t from, uint32_t to) {
    UChar folded[ONE_MOST];
    char look[ONE_MOST];
    int32_t len = fold_one(f, c, folded), looks = 0;
    if (len < 0) return false;
    if (all_ascii(folded, len)) {
        for (int32_t i = 0; i < len; i++) {
            letter_add(f, look_alike((uint8_t)folded[i]), (uint8_t)folded[i], from, to);
        }
        return true;
    }
    looks = spoof_one(f, c, look);
    for (int32_t i = 0; looks == 0 && i < len;) {
        UChar32 one;
        U16_NEXT(folded, i, len, one);
        looks = spoof_one(f, one, look);
        if (looks == 0) letter_foreign(f, one, from, to);
        if (looks > 0 && i < len) looks = 1; /* the rest of an expansion goes by its first */
    }
    for (int32_t i = 0; i < looks; i++) {
        letter_add(f, look_alike((uint8_t)look[i]), PLAIN_ANY, from, to);
    }
    return looks >= 0;
}

/* One character beyond ASCII; its length in bytes, 0 when it cannot be read. */
static size_t take_foreign(Folding *f, size_t at) {
    Str text = f->s->text;
    size_t next = at;
    UChar32 c;
    U8_NEXT(text.at, next, text.len, c);
    if (c < 0) return 0;
    uint32_t mask = U_GET_GC_MASK(c);
    if ((mask & (U_GC_M_MASK | U_GC_CF_MASK)) ||
        u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT)) {
        Stream *s = f->s; /* it does not show, or only changes the letter before */
        if (s->count && f->gap == 0) s->at[s->count - 1].to = (uint32_t)next;
        return next - at;
    }
    UChar folded[ONE_MOST];
    bool apostrophe = c >= 0x2b9 && c <= 0x2bf; /* letters to Unicode, marks to a reader */
    if (apostrophe) f->gap |= GAP_MARK;
    if (apostrophe) return next - at;
    if (u_isalnum(c) || fold_one(f, c, folded) > 0) {
        return letters_foreign(f, c, (uint32_t)at, (uint32_t)next) ? next - at : 0;
    }
    f->gap |= u_isUWhiteSpace(c) ? GAP_SPACE : GAP_MARK;
    return next - at;
}

/* ---- the whole ------------------------------------------------------------------------------ */

static bool at_token(Str text, size_t i) {
    Str rest = {.at = text.at + i, .len = text.len - i};
    return str_starts(rest, STR(CUT_TOKEN));
}

/* One mark or space; its length. */
static size_t take_gap(Folding *f, size_t i) {
    char c = f->s->text.at[i];
    if (c == '[' && at_token(f->s->text, i)) {
        f->gap |= GAP_WALL;
        return sizeof(CUT_TOKEN) - 1;
    }
    f->gap |= c == ' ' || (c >= '\t' && c <= '\r') ? GAP_SPACE : GAP_MARK;
    return 1;
}

static bool take_all(Folding *f) {
    Str text = f->s->text;
    for (size_t i = 0; i < text.len;) {
        uint8_t c = (uint8_t)text.at[i];
        size_t len = 1;
        uint8_t small = c >= 'A' && c <= 'Z' ? c | 0x20 : c;
        if (c >= 0x80) {
            len = take_foreign(f, i);
        } else if ((small >= 'a' && small <= 'z') || (c >= '0' && c <= '9')) {
            letter_add(f, look_alike(small), small, (uint32_t)i, (uint32_t)i + 1);
        } else {
            len = take_gap(f, i);
        }
        if (len == 0) return false;
        i += len;
    }
    return true;
}

/* Room for what a text may fold to: ASCII to itself. A long one that is full of characters that
 * each stand for many has more, and cannot be read then; a name, which nobody could search for
 * then, has room for all. */
static size_t letters_room(Str text) {
    size_t room = 0, foreign = 0;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = (uint8_t)text.at[i];
        foreign += c >= 0xc0;
        room += c < 0x80;
    }
    size_t each = text.len < SHORT ? ONE_MOST : U8_MAX_LENGTH;
    return foreign ? room + foreign * each + 4 * (size_t)ONE_MOST : room;
}

bool stream_new(Arena *a, Str text, Stream *ret) {
    *ret = (Stream){.text = text};
    if (text.len >= UINT32_MAX || !utf8_valid(str_bytes(text))) return false;
    Folding f = {.s = ret, .cap = letters_room(text), .gap = GAP_SPACE};
    ret->at = arena_array(a, f.cap + 1, sizeof(Letter));
    if (!ret->at) return false;
    bool done = take_all(&f) && !f.full;
    if (f.spoof) uspoof_close(f.spoof);
    uint32_t end = (uint32_t)text.len;
    ret->at[ret->count] = (Letter){.from = end, .to = end, .gap = (uint8_t)(f.gap | GAP_SPACE)};
    return done;
}

bool letter_digit(const Letter *l) {
    return l->plain >= '0' && l->plain <= '9';
}

bool stream_upper(const Stream *s, size_t i) {
    uint8_t c = (uint8_t)s->text.at[s->at[i].from];
    if (c < 0x80) return c >= 'A' && c <= 'Z';
    UChar32 one;
    size_t at = s->at[i].from;
    U8_NEXT(s->text.at, at, s->text.len, one);
    return one > 0 && (u_isupper(one) || u_istitle(one));
}

size_t token_end(const Stream *s, size_t i) {
    do i++;
    while (i < s->count && s->at[i].gap == 0);
    return i;
}

size_t token_begin(const Stream *s, size_t i) {
    do i--;
    while (i > 0 && s->at[i].gap == 0);
    return i;
}

Str token_plain(const Stream *s, size_t i, char *buffer, size_t cap) {
    size_t end = token_end(s, i), used = 0;
    for (; i < end; i++) {
        uint8_t plain = s->at[i].plain;
        bool two = plain == PLAIN_RN || plain == PLAIN_VV;
        if (used + 1U + two > cap) return (Str){0};
        if (plain == PLAIN_ANY) plain = s->at[i].skeleton;
        if (two) buffer[used++] = plain == PLAIN_RN ? 'r' : 'v';
        buffer[used++] = plain == PLAIN_RN ? 'n' : plain == PLAIN_VV ? 'v' : (char)plain;
    }
    return (Str){.at = buffer, .len = used};
}
