/* Numbers that nobody listed, found by their form and, where they have one, their checksum: NHS
 * numbers, UPNs, telephone numbers, postcodes, e-mail addresses, vehicle marks, national insurance
 * numbers. Each as a whole. See net.h. */
#include "broker/base/fold.h"
#include "broker/release/net.h"

#include <ctype.h>

enum { CODE_MOST = 24, TOKENS_MOST = 7 };

/* Tokens joined, with what each adds. */
typedef struct Joined {
    char at[CODE_MOST + 1];
    size_t len;
    size_t end[TOKENS_MOST]; /* in `at`, after each token */
    size_t tokens;
    bool upper; /* no small letter */
} Joined;

/* ---- forms ---------------------------------------------------------------------------------- */

/* `9` is a digit, `A` a letter, `*` either, anything else itself. */
static bool shaped(Str s, const char *shape) {
    if (s.len != strlen(shape)) return false;
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.at[i];
        bool fits = shape[i] == '9'   ? isdigit(c) != 0
                    : shape[i] == 'A' ? isalpha(c) != 0
                    : shape[i] == '*' ? isalnum(c) != 0
                                      : c == (unsigned char)shape[i];
        if (!fits) return false;
    }
    return true;
}

static bool shaped_any(Str s, const char *const *shapes, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (shaped(s, shapes[i])) return true;
    }
    return false;
}

static const char areas[] =
#define AREAS(words) words " "
#include "broker/release/areas.def"
#undef AREAS
    ;

static bool letters_among(Str s, const char *letters) {
    for (size_t i = 0; i < s.len; i++) {
        if (!strchr(letters, s.at[i])) return false;
    }
    return true;
}

static Str piece(Str s, size_t from, size_t len) {
    return (Str){.at = s.at + from, .len = len};
}

static bool is_postcode(const Joined *j) {
    static const char *const outward[] = {"a9", "a99", "a9a", "aa9", "aa99", "aa9a"};
    Str all = {.at = j->at, .len = j->len};
    if (all.len < 5 || all.len > 7 || (j->tokens == 2 && j->end[0] != all.len - 3)) return false;
    if (j->tokens > 2) return false;
    Str out = piece(all, 0, all.len - 3), in = piece(all, all.len - 3, 3);
    size_t letters = out.len > 1 && isalpha((unsigned char)out.at[1]) ? 2 : 1;
    bool formed = false;
    for (size_t i = 0; i < COUNT_OF(outward); i++) {
        char shape[5] = "";
        for (size_t k = 0; outward[i][k]; k++) shape[k] = outward[i][k] == 'a' ? 'A' : '9';
        formed = formed || shaped(out, shape);
    }
    bool ordinal = !j->upper && word_in(piece(in, 1, 2), "st nd rd th");
    return formed && !ordinal && shaped(in, "9AA") &&
           letters_among(piece(in, 1, 2), "abdefghjlnpqrstuwxyz") &&
           word_in(piece(out, 0, letters), areas);
}

static bool is_nhs_number(const Joined *j) {
    bool grouped = j->tokens == 1 || (j->tokens == 2 && j->end[0] == 3) ||
                   (j->tokens == 2 && j->end[0] == 6) ||
                   (j->tokens == 3 && j->end[0] == 3 && j->end[1] == 6);
    return grouped && nhs_number_valid((Str){.at = j->at, .len = j->len});
}

static bool is_upn(const Joined *j) {
    char upper[CODE_MOST];
    if (j->len != 13) return false;
    for (size_t i = 0; i < j->len; i++) upper[i] = (char)toupper((unsigned char)j->at[i]);
    return j->tokens <= 4 && upn_valid((Str){.at = upper, .len = j->len});
}

static bool is_insurance(const Joined *j) {
    Str all = {.at = j->at, .len = j->len};
    if (!shaped(all, "AA999999A") || !strchr("abcd", all.at[8])) return false;
    bool never = strchr("dfiquv", all.at[0]) || strchr("dfiquvo", all.at[1]);
    return !never && !word_in(piece(all, 0, 2), "bg gb kn nk nt tn zz");
}

/* AB12 CDE; A123 BCD and ABC 123D, the older ones. */
static bool is_vehicle(const Joined *j) {
    static const char *const older[] = {"A9AAA", "A99AAA", "A999AAA", "AAA9A", "AAA99A", "AAA999A"};
    Str all = {.at = j->at, .len = j->len};
    if (j->tokens > 2) return false;
    if (shaped(all, "AA99AAA")) {
        bool parted = j->tokens == 1 || j->end[0] == 4;
        bool year = strchr("02567", all.at[2]) || all.at[2] == '1';
        return parted && year && !memchr("iqz", all.at[0], 3) && !memchr("iqz", all.at[1], 3) &&
               letters_among(piece(all, 4, 3), "abcdefghjklmnoprstuvwxyz");
    }
    if (!shaped_any(all, older, COUNT_OF(older)) || j->tokens != 2) return false;
    Str word = isdigit((unsigned char)all.at[1]) ? piece(all, all.len - 3, 3) : piece(all, 0, 3);
    bool parted = isdigit((unsigned char)all.at[1]) ? j->end[0] == all.len - 3 : j->end[0] == 3;
    return parted &&
           !word_in(word, "the and for but was has had her his she one two who now not all "
                          "any out off our may day dob age top car bus see ref mon tue wed "
                          "thu fri sat sun jan feb mar apr jun jul aug sep oct nov dec");
}

static bool is_telephone(const Joined *j) {
    Str n = {.at = j->at, .len = j->len};
    size_t national = n.len;
    for (size_t i = 0; i < n.len; i++) {
        if (!isdigit((unsigned char)n.at[i])) return false;
    }
    if (str_starts(n, STR("00"))) n.at += 2, n.len -= 2;
    if (str_starts(n, STR("44")) && n.len > 11)
        n.at += 2, n.len -= 2;
    else if (national != n.len)
        return false;
    bool zero = str_starts(n, STR("0"));
    if (!zero && n.len == j->len) return false;
    if (zero) n.at++, n.len--;
    bool first_long = j->tokens == 1 || j->end[0] >= 3 || n.len != j->len - 1;
    return first_long && ((n.len == 10 && strchr("123578", n.at[0])) ||
                          (n.len == 9 && strchr("18", n.at[0]) && j->end[0] >= 4));
}

/* `upper`: only in capitals, as small letters make words. */
static const struct {
    bool (*is)(const Joined *);
    NetKind kind;
    bool digits, upper;
} forms[] = {
    {is_nhs_number, NET_identifier, true, false}, {is_telephone, NET_telephone, true, false},
    {is_upn, NET_identifier, false, false},       {is_insurance, NET_identifier, false, false},
    {is_postcode, NET_postcode, false, false},    {is_vehicle, NET_vehicle, false, true},
};

/* ---- where they stand ----------------------------------------------------------------------- */

/* Between two tokens of one number: a space, a hyphen, a dot, brackets. */
static bool divides(const Stream *s, size_t i) {
    const Letter *l = &s->at[i];
    if ((l->gap & GAP_WALL) || l->from - l[-1].to > 3) return false;
    for (uint32_t at = l[-1].to; at < l->from; at++) {
        char c = s->text.at[at];
        bool fits = c == ' ' || c == '-' || c == '.' || c == '(' || c == ')' || (uint8_t)c >= 0x80;
        if (!fits) return false;
    }
    return true;
}

static bool all_upper(const Stream *s, size_t begin, size_t end) {
    for (size_t i = begin; i < end; i++) {
        if (!letter_digit(&s->at[i]) && !stream_upper(s, i)) return false;
    }
    return true;
}

static void forms_try(Search *s, size_t begin, size_t end, const Joined *j) {
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        if (forms[i].upper && !j->upper) continue;
        if (!forms[i].is(j) || allowed(s->net, (Str){.at = j->at, .len = j->len})) continue;
        Pattern like = {.word = NET_WORD_NONE, .kind = forms[i].kind, .trust = TRUST_code};
        letters_found(s, begin, end, &like);
    }
}

/* All that begins with the token at `begin`: of so many tokens as belong together. */
static void codes_from(Search *s, size_t begin) {
    const Stream *t = &s->stream;
    Joined j = {.upper = true};
    for (size_t i = begin; i < t->count && j.tokens < TOKENS_MOST;) {
        if (i > begin && !divides(t, i)) return;
        Str token = token_plain(t, i, j.at + j.len, CODE_MOST - j.len);
        if (token.len == 0) return;
        j.len += token.len;
        j.end[j.tokens++] = j.len;
        j.upper = j.upper && all_upper(t, i, token_end(t, i));
        i = token_end(t, i);
        if (j.len >= 5) forms_try(s, begin, i, &j);
    }
}

/* "nhs9993041785", "tel07700900123": digits that a word goes before. */
static size_t digits_begin(const Stream *t, size_t begin, size_t end) {
    char buffer[CODE_MOST];
    size_t i = begin;
    while (i < end && !letter_digit(&t->at[i])) i++;
    Str word = token_plain(t, begin, buffer, CODE_MOST);
    bool told =
        word.len && word_in(piece(word, 0, word.len - (end - i)), "nhs tel mob no ph phone");
    return told && i < end ? i : begin;
}

/* Only what has a digit, and a few letters before it, can begin one. */
static void codes_around(Search *s, size_t begin, size_t end) {
    const Stream *t = &s->stream;
    size_t before = begin ? token_begin(t, begin) : begin;
    size_t digits = digits_begin(t, begin, end);
    if (before < begin && begin - before <= 3 && divides(t, begin)) codes_from(s, before);
    codes_from(s, begin);
    if (digits != begin) codes_from(s, digits);
}

static void codes_listed_nowhere(Search *s) {
    const Stream *t = &s->stream;
    for (size_t i = 0; i < t->count; i++) {
        if (!letter_digit(&t->at[i])) continue;
        size_t end = token_end(t, i);
        codes_around(s, token_begin(t, i + 1), end);
        i = end - 1;
    }
}

/* ---- e-mail --------------------------------------------------------------------------------- */

static bool mail_letter(char c) {
    return isalnum((unsigned char)c) || (uint8_t)c >= 0x80 || (c && strchr("._%+-'", c));
}

/* The first letter at or after this byte. */
static size_t letter_at(const Stream *t, size_t byte) {
    size_t low = 0, high = t->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (t->at[middle].from < byte)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void mail_at(Search *s, size_t sign) {
    Str text = s->stream.text;
    size_t from = sign, to = sign + 1, dots = 0;
    while (from && mail_letter(text.at[from - 1])) from--;
    while (to < text.len && mail_letter(text.at[to])) dots += text.at[to++] == '.';
    while (to > sign + 1 && !isalnum((unsigned char)text.at[to - 1]) &&
           (uint8_t)text.at[to - 1] < 0x80)
        dots -= text.at[--to] == '.';
    size_t begin = letter_at(&s->stream, from), end = letter_at(&s->stream, to);
    bool name = begin < end && s->stream.at[begin].from < sign && s->stream.at[end - 1].from > sign;
    if (!name || dots == 0) return;
    Pattern like = {.word = NET_WORD_NONE, .kind = NET_email, .trust = TRUST_code};
    letters_found(s, begin, end, &like);
}

static void mails_find(Search *s) {
    Str text = s->stream.text;
    for (size_t at = 0; at < text.len; at++) {
        const char *sign = memchr(text.at + at, '@', text.len - at);
        if (!sign) return;
        at = (size_t)(sign - text.at);
        mail_at(s, at);
    }
}

void codes_find(Search *s) {
    mails_find(s);
    if (s->stream.digits >= 2) codes_listed_nowhere(s);
}
