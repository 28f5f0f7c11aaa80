/* Finds names and numbers that must not leave, in folded text. It may only add cuts: what it does
 * not find is still withheld unless the owner lets it go. So it leans towards finding too much.
 *
 * A phrase ("Dr. Rhys Pryce-Jones") is a few units ("dr", "rhys", "prycejones"); the text is a row
 * of tokens. A unit is found where it equals one token, or a few joined ("pryce", "jones"; "999",
 * "304", "1785"). A phrase is found where it stands joined ("9993041785"), and where all its units
 * stand close together in any order ("Pryce-Jones, Rhys"; "Rhys T. Pryce Jones"). */
#include "broker/base/fold.h"
#include "broker/release/release.h"

enum {
    UNITS_MAX = 32,   /* a longer phrase cannot be searched for, and so counts as found */
    STRAYS = 2,       /* tokens that may stand between the units of one name */
    JOIN_LEAST = 3,   /* bytes: shorter units match one whole token only */
    DIGITS_LEAST = 6, /* a number this long is found inside any longer run of digits */
};

typedef struct Tokens {
    const Str *at;
    size_t count;
} Tokens;

typedef struct Phrase {
    Str unit[UNITS_MAX];
    size_t count;
    size_t reach; /* tokens from the first unit to any other, at most */
    Str joined;
} Phrase;

static size_t spaces(Str s) {
    size_t count = 0;
    for (size_t i = 0; i < s.len; i++) count += s.at[i] == ' ';
    return count;
}

/* Without its spaces. */
static Str squeeze(Arena *a, Str folded) {
    char *at = arena_alloc(a, folded.len + 1);
    size_t used = 0;
    for (size_t i = 0; at && i < folded.len; i++) {
        if (folded.at[i] != ' ') at[used++] = folded.at[i];
    }
    return (Str){.at = at, .len = used};
}

static bool tokens_of(Arena *a, Str folded, Tokens *ret) {
    size_t count = 0;
    Str *at = arena_array(a, spaces(folded) + 1, sizeof(*at));
    if (!at) return false;
    Str rest = folded, one;
    while (folded.len && str_split(&rest, ' ', &one)) at[count++] = one;
    *ret = (Tokens){.at = at, .count = count};
    return true;
}

/* How many tokens from `i` on make up exactly `unit`; 0 when they do not. */
static size_t unit_at(Tokens t, size_t i, Str unit) {
    size_t used = 0;
    for (size_t n = 0; i + n < t.count; n++) {
        Str token = t.at[i + n];
        Str left = {.at = unit.at + used, .len = unit.len - used};
        if (!str_starts(left, token)) return 0;
        used += token.len;
        if (used == unit.len) return n + 1;
        if (unit.len < JOIN_LEAST) return 0;
    }
    return 0;
}

static bool unit_between(Tokens t, size_t from, size_t until, Str unit) {
    for (size_t i = from; i < until && i < t.count; i++) {
        if (unit_at(t, i, unit)) return true;
    }
    return false;
}

/* Whether every other unit stands near the first one, which is at `i`. */
static bool phrase_near(Tokens t, size_t i, const Phrase *p) {
    size_t from = i > p->reach ? i - p->reach : 0;
    for (size_t u = 1; u < p->count; u++) {
        if (!unit_between(t, from, i + p->reach + 1, p->unit[u])) return false;
    }
    return true;
}

static bool phrase_found(Tokens t, const Phrase *p) {
    for (size_t i = 0; i < t.count; i++) {
        if (unit_at(t, i, p->joined)) return true;
        if (unit_at(t, i, p->unit[0]) && phrase_near(t, i, p)) return true;
    }
    return false;
}

static bool all_digits(Str s) {
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] < '0' || s.at[i] > '9') return false;
    }
    return true;
}

/* In the squeezed text only marks and spaces are gone from between digits. */
static bool digits_found(Str squeezed, Str number) {
    size_t at;
    return number.len >= DIGITS_LEAST && all_digits(number) && str_find(squeezed, number, &at);
}

static bool phrase_make(Arena *a, Str raw, Phrase *ret) {
    Str folded = fold_words(a, raw), rest = str_trim(raw), one;
    if (!folded.at) return false;
    ret->reach = spaces(folded) + STRAYS;
    ret->joined = squeeze(a, folded);
    while (str_split(&rest, ' ', &one)) {
        Str unit = fold_key(a, one);
        if (!unit.at || (unit.len && ret->count == UNITS_MAX)) return false;
        if (unit.len) ret->unit[ret->count++] = unit;
    }
    return ret->joined.at != NULL;
}

/* A double-barrelled name that stands alone is looked for by its halves too. */
static bool half_found(Arena *a, Tokens text, Str raw) {
    size_t at;
    Str rest = raw, one;
    if (!str_find(raw, STR("-"), &at)) return false;
    while (str_split(&rest, '-', &one)) {
        Str half = fold_key(a, one);
        if (!half.at) return true;
        bool name = half.len >= JOIN_LEAST && !all_digits(half);
        if (name && unit_between(text, 0, text.count, half)) return true;
    }
    return false;
}

/* True also when it cannot be told. */
static bool word_found(Arena *a, Tokens text, Str squeezed, Str raw) {
    Phrase p = {.count = 0};
    if (!phrase_make(a, raw, &p)) return true;
    if (p.count == 0) return false; /* nothing but marks: it names nobody */
    if (phrase_found(text, &p) || digits_found(squeezed, p.joined)) return true;
    return p.count == 1 && half_found(a, text, raw);
}

bool detect_any(Arena *a, Str text, const Str *words, size_t count) {
    Tokens tokens;
    if (!utf8_valid(str_bytes(text))) return true;
    if (count == 0) return false;
    Str folded = fold_words(a, text);
    Str squeezed = squeeze(a, folded);
    if (!folded.at || !squeezed.at || !tokens_of(a, folded, &tokens)) return true;
    for (size_t i = 0; i < count; i++) {
        if (word_found(a, tokens, squeezed, words[i])) return true;
    }
    return false;
}

/* ---- who may be named ------------------------------------------------------------------------ */

static size_t words_in(Str folded) {
    size_t count = folded.len > 0;
    for (size_t i = 0; i < folded.len; i++) count += folded.at[i] == ' ';
    return count;
}

/* How many of the words of `name` are also words of `other`. */
static size_t words_shared(Str name, Str other) {
    size_t shared = 0;
    Str left, right;
    while (name.len && str_split(&name, ' ', &left)) {
        bool found = false;
        for (Str rest = other; rest.len && str_split(&rest, ' ', &right);) {
            found = found || str_eq(left, right);
        }
        shared += found;
    }
    return shared;
}

/* A word of a subject's own name may be told: a forbidden name that is one word of it is left out
 * (false). A name of several words never is, not even when it is all of the subject's: whoever may
 * mention a child could else call her by an informant's name and have it told. One that shares a
 * part is searched for in its folded form, so that the shared half of a double-barrelled name is
 * not searched for alone. */
static bool word_kept(Arena *a, const Subject *subjects, size_t count, Str word, Str *ret) {
    Str folded = fold_words(a, word);
    size_t all = words_in(folded);
    *ret = word;
    for (size_t i = 0; i < count; i++) {
        Str own = fold_words(a, subjects[i].name);
        size_t shared = words_shared(folded, own);
        if (shared && all == 1) return false;
        if (shared) *ret = folded;
    }
    return true;
}

const Str *detect_words(Arena *a, const Subject *subjects, size_t subject_count, const Str *words,
                        size_t *count) {
    Str *kept = arena_array(a, *count, sizeof(*kept));
    size_t n = 0;
    for (size_t i = 0; kept && i < *count; i++) {
        n += word_kept(a, subjects, subject_count, words[i], &kept[n]);
    }
    *count = n;
    return kept;
}
