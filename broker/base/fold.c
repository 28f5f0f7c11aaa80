/* ICU normalisation, ASCII without it, and two checksums; see fold.h. */
#include "broker/base/fold.h"

#include <ctype.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

/* NFKC-casefolded, then decomposed, as UTF-16 in the arena. */
static UChar *fold_utf16(Arena *a, Str text, int32_t *ret_len) {
    UErrorCode e = U_ZERO_ERROR;
    if (text.len > INT32_MAX / 8) return NULL;
    /* The worst expansion is U+FDFA: 3 bytes become 18 units. */
    int32_t cap = (int32_t)(text.len * 6 + 1);
    UChar *first = arena_array(a, (size_t)cap, sizeof(UChar));
    UChar *second = arena_array(a, (size_t)cap, sizeof(UChar));
    if (!first || !second) return NULL;
    int32_t len = 0;
    u_strFromUTF8(first, cap, &len, text.at ? text.at : "", (int32_t)text.len, &e);
    const UNormalizer2 *casefold = unorm2_getNFKCCasefoldInstance(&e);
    if (U_FAILURE(e)) return NULL;
    len = unorm2_normalize(casefold, first, len, second, cap, &e);
    const UNormalizer2 *apart = unorm2_getNFKDInstance(&e);
    if (U_FAILURE(e)) return NULL;
    *ret_len = unorm2_normalize(apart, second, len, first, cap, &e);
    return U_FAILURE(e) ? NULL : first;
}

/* ASCII folds to itself, letter by letter: most of what is folded, at a hundredth of the cost.
 * False: there is something else in it. */
static bool fold_ascii(Str text, bool words, char *out, size_t *ret_len) {
    size_t used = 0;
    bool gap = false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if ((unsigned char)c >= 0x80) return false;
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && (c < '0' || c > '9')) {
            gap = true;
            continue;
        }
        if (words && gap && used) out[used++] = ' ';
        gap = false;
        out[used++] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
    *ret_len = used;
    return true;
}

static Str fold(Arena *a, Str text, bool words) {
    int32_t len = 0, used = 0;
    size_t ascii = 0;
    char *plain = arena_alloc(a, text.len + 1);
    if (plain && fold_ascii(text, words, plain, &ascii)) return (Str){.at = plain, .len = ascii};
    UChar *in = fold_utf16(a, text, &len);
    if (!in) return (Str){0};
    bool gap = false;
    for (int32_t i = 0; i < len;) {
        int32_t start = i;
        UChar32 c = in[i++];
        if (U16_IS_LEAD(in[start]) && i < len) c = U16_GET_SUPPLEMENTARY(in[start], in[i++]);
        if (U_GET_GC_MASK(c) & U_GC_M_MASK) continue;
        if (!u_isalnum(c)) {
            gap = true;
            continue;
        }
        if (words && gap && used) in[used++] = ' ';
        gap = false;
        for (int32_t k = start; k < i; k++) in[used++] = in[k];
    }
    UErrorCode e = U_ZERO_ERROR;
    int32_t cap = used * 3 + 1, bytes = 0;
    char *out = arena_alloc(a, (size_t)cap);
    if (!out) return (Str){0};
    u_strToUTF8(out, cap, &bytes, in, used, &e);
    return U_FAILURE(e) ? (Str){0} : (Str){.at = out, .len = (size_t)bytes};
}

Str fold_key(Arena *a, Str text) {
    return fold(a, text, false);
}

Str fold_words(Arena *a, Str text) {
    return fold(a, text, true);
}

/* Ten equal digits fit the checksum and are what people type for "unknown": never a number. */
bool nhs_number_valid(Str text) {
    int digits = 0, sum = 0, last = 0;
    bool differ = false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == ' ') continue;
        if (!isdigit((unsigned char)text.at[i]) || digits == 10) return false;
        differ = differ || (digits && text.at[i] - '0' != last);
        last = text.at[i] - '0';
        if (digits < 9) sum += last * (10 - digits);
        digits++;
    }
    int check = 11 - sum % 11;
    if (check == 11) check = 0;
    return digits == 10 && differ && check == last;
}

/* The alphabet leaves out I, O and S; a temporary UPN ends in a letter counted by its place. */
bool upn_valid(Str text) {
    static const char letters[] = "ABCDEFGHJKLMNPQRTUVWXYZ";
    int sum = 0;
    if (text.len != 13) return false;
    for (int i = 1; i < 13; i++) {
        char c = text.at[i];
        const char *letter = c && i == 12 ? strchr(letters, c) : NULL;
        if (!isdigit((unsigned char)c) && !letter) return false;
        sum += (letter ? (int)(letter - letters) : c - '0') * (i + 1);
    }
    return text.at[0] == letters[sum % 23];
}
