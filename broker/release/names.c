/* All that one name is written as: its parts, what they are shortened to, initials, the family's
 * plural, either order. See net.h. */
#include "broker/base/fold.h"
#include "broker/release/lexicon.h"
#include "broker/release/net.h"

#include <ctype.h>

enum { PARTS_MOST = 8, PART_LEAST = 3 /* letters: a shorter half says nothing by itself */ };

/* What a given name is shortened to, in no order: any of a row stands for any other. */
static const char *const nickname_rows[] = {
#define NICK(formal, short) formal " " short,
#include "broker/release/nicknames.def"
#undef NICK
};
LEXICON(nicknames, nickname_rows)

/* Before a family name, and no part of it that says anything by itself. */
static const char particles[] =
    "de da do dos du di del della van der den ter von zu bin ibn bint al "
    "el ben abu le la st mac mc ap ab ni nic o d y e und";

typedef struct Name {
    Str given, family;
    Str given_at[PARTS_MOST], family_at[PARTS_MOST];
    size_t givens, families;
} Name;

/* What parts a name and is wider than a byte: spaces that do not break, hyphens and dashes, curly
 * apostrophes. */
static const char *const wide_marks[] = {
    "\xc2\xa0",     "\xe2\x80\xaf", "\xe2\x80\x90", "\xe2\x80\x91", "\xe2\x80\x92",
    "\xe2\x80\x93", "\xe2\x80\x94", "\xe2\x80\x95", "\xe2\x80\x98", "\xe2\x80\x99",
    "\xca\xbc"};

/* Bytes of the mark at `i`; 0: it is a letter or a digit. */
static size_t mark_between(Str text, size_t i) {
    unsigned char c = (unsigned char)text.at[i];
    if (c < 0x80) return !isalnum(c);
    for (size_t k = 0; k < COUNT_OF(wide_marks); k++) {
        Str rest = {.at = text.at + i, .len = text.len - i};
        if (str_starts(rest, str_z(wide_marks[k]))) return strlen(wide_marks[k]);
    }
    return 0;
}

/* The parts between marks; what is beyond PARTS_MOST is nobody's name. */
static size_t parts_of(Str text, Str ret[PARTS_MOST]) {
    size_t count = 0, from = 0;
    for (size_t i = 0, mark; i <= text.len && count < PARTS_MOST; i += mark ? mark : 1) {
        mark = i < text.len ? mark_between(text, i) : 1;
        if (!mark) continue;
        if (i > from) ret[count++] = (Str){.at = text.at + from, .len = i - from};
        from = i + mark;
    }
    return count;
}

/* "Pryce-Jones, Rhys" or "Rhys Pryce-Jones". */
static Name name_read(Str text) {
    Name name = {.family = str_trim(text)};
    size_t comma, last = name.family.len;
    if (str_find(name.family, STR(","), &comma)) {
        Str all = name.family;
        name.family = str_trim((Str){.at = all.at, .len = comma});
        name.given = str_trim((Str){.at = all.at + comma + 1, .len = all.len - comma - 1});
    } else {
        while (last && name.family.at[last - 1] != ' ') last--;
        if (last) name.given = str_trim((Str){.at = name.family.at, .len = last});
        if (last) name.family = (Str){.at = name.family.at + last, .len = name.family.len - last};
    }
    if (name.family.len == 0) name.family = name.given, name.given = (Str){0};
    name.givens = parts_of(name.given, name.given_at);
    name.families = parts_of(name.family, name.family_at);
    return name;
}

/* ---- one part ------------------------------------------------------------------------------- */

static void part_add(Net *n, Str text, Pattern like) {
    Str key = fold_key(n->arena, text);
    n->failed = n->failed || !key.at;
    if (n->failed || key.len < 2) return;
    like.trust = word_trust(key);
    pattern_add(n, text, like);
    /* "the Okafors", "Daves sister" */
    char last = key.at[key.len - 1];
    bool hisses = last == 's' || last == 'x' || last == 'z' || last == 'h';
    if (key.len < PART_LEAST) return;
    Str many = arena_printf(n->arena, "%.*s%s", STR_ARG(text), hisses ? "es" : "s");
    if (like.trust == TRUST_name) like.trust = word_trust(fold_key(n->arena, many));
    pattern_add(n, many, like);
}

/* A part as it is written without Polish or other letters, as lists have it. */
static Str latin_key(Net *n, Str part) {
    Stream s;
    char *at = arena_alloc(n->arena, 2 * part.len + 1);
    size_t used = 0;
    bool read = stream_new(n->scratch, part, &s) && at;
    n->failed = n->failed || !read;
    for (size_t i = 0; read && i < s.count; i = token_end(&s, i)) {
        used += token_plain(&s, i, at + used, 2 * part.len - used).len;
    }
    arena_reset(n->scratch);
    return (Str){.at = at, .len = used};
}

/* A part's first letter without its accent; 0: it is no Latin one. */
static char initial_of(Net *n, Str part) {
    Str key = latin_key(n, part);
    bool latin = key.len && key.at[0] >= 'a' && key.at[0] <= 'z';
    return latin ? key.at[0] : 0;
}

static void nicknames_add(Net *n, Str given, Pattern like) {
    Str key = latin_key(n, given), one;
    const LexiconWord *place = key.len > 1 ? lexicon_find(&nicknames, key) : NULL;
    for (; place; place = lexicon_next(&nicknames, place)) {
        Str rest = str_z(nickname_rows[place->row]);
        while (rest.len && str_split(&rest, ' ', &one)) part_add(n, one, like);
    }
}

/* ---- the parts together --------------------------------------------------------------------- */

static size_t words_shared(Arena *a, Str name, Str other, size_t *ret_all) {
    Str left = fold_words(a, name), right = fold_words(a, other), one, two;
    size_t shared = 0;
    *ret_all = 0;
    while (left.len && str_split(&left, ' ', &one)) {
        bool found = false;
        for (Str rest = right; rest.len && str_split(&rest, ' ', &two);) {
            found = found || str_eq(one, two);
        }
        shared += found;
        ++*ret_all;
    }
    return shared;
}

/* Whether a subject may be called all of this. */
static bool subjects_own(const Net *n, Str name) {
    for (size_t i = 0; i < n->subject_count; i++) {
        size_t all, shared = words_shared(n->arena, name, n->subjects[i].name, &all);
        if (shared == all) return true;
    }
    return false;
}

/* Both orders, in full and by the first given name. Of somebody who hides, also when a subject has
 * the very same name: whoever may mention a child could else call her by an informant's name and
 * have it told. */
static void whole_add(Net *n, const Name *name, Pattern like) {
    Str first = name->givens ? name->given_at[0] : (Str){0};
    if (like.subject || first.len == 0) return;
    bool english = word_trust(fold_key(n->arena, first)) != TRUST_name &&
                   word_trust(fold_key(n->arena, name->family)) != TRUST_name;
    like.trust = english ? TRUST_pair : TRUST_phrase;
    const Str givens[] = {first, name->given};
    for (size_t i = 0; i < COUNT_OF(givens); i++) {
        Str forward =
            arena_printf(n->arena, "%.*s %.*s", STR_ARG(givens[i]), STR_ARG(name->family));
        Str back = arena_printf(n->arena, "%.*s %.*s", STR_ARG(name->family), STR_ARG(givens[i]));
        if (!like.hides && subjects_own(n, forward)) continue;
        pattern_add(n, forward, like);
        pattern_add(n, back, like);
    }
}

static size_t initial_put(Net *n, char *at, size_t used, const Str *parts, size_t count) {
    for (size_t i = 0; i < count; i++) {
        char c = initial_of(n, parts[i]);
        if (!c) continue;
        if (used) at[used++] = '.';
        at[used++] = c;
    }
    return used;
}

/* "R.P-J." of all parts, of the first given name and the family's, and of the two first. */
static void initials_add(Net *n, const Name *name, Pattern like) {
    static const size_t most[][2] = {{PARTS_MOST, PARTS_MOST}, {1, PARTS_MOST}, {1, 1}};
    like.trust = TRUST_initials;
    for (size_t i = 0; i < COUNT_OF(most) && name->givens && !like.subject; i++) {
        char at[4 * PARTS_MOST];
        size_t givens = name->givens < most[i][0] ? name->givens : most[i][0];
        size_t families = name->families < most[i][1] ? name->families : most[i][1];
        size_t used = initial_put(n, at, 0, name->given_at, givens);
        used = initial_put(n, at, used, name->family_at, families);
        if (used > 2) pattern_add(n, arena_str(n->arena, (Str){.at = at, .len = used}), like);
    }
}

static uint32_t initials_of(Net *n, const Str *parts, size_t count) {
    uint32_t mask = 0;
    for (size_t i = 0; i < count; i++) {
        char c = initial_of(n, parts[i]);
        if (c) mask |= 1U << (c - 'a');
    }
    return mask;
}

static void families_add(Net *n, const Name *name, Pattern like) {
    if (name->families < 2) {
        part_add(n, name->family, like);
        return;
    }
    Pattern whole = like;
    whole.trust = TRUST_phrase;
    pattern_add(n, name->family, whole);
    pattern_add(n, arena_printf(n->arena, "%.*ss", STR_ARG(name->family)), whole);
    if (word_in(fold_key(n->arena, name->family_at[0]), "st saint")) return; /* and a given name */
    for (size_t i = 0; i < name->families; i++) {
        Str key = fold_key(n->arena, name->family_at[i]);
        if (key.len < PART_LEAST || word_in(key, particles)) continue;
        part_add(n, name->family_at[i], like);
    }
}

void name_add(Net *n, Str text, Pattern like) {
    Name name = name_read(text);
    if (!like.subject) like.initials = initials_of(n, name.given_at, name.givens);
    families_add(n, &name, like);
    whole_add(n, &name, like);
    initials_add(n, &name, like);
    /* "Torben V."; but "A&E Leo" is no Leo Evans */
    if (!like.subject) like.follows = initials_of(n, name.family_at, name.families);
    if (name.givens > 1) nicknames_add(n, name.given, like);
    if (name.givens == 0) nicknames_add(n, name.family, like);
    for (size_t i = 0; i < name.givens; i++) {
        bool half = name.givens > 1 && name.given_at[i].len < PART_LEAST;
        if (!half) part_add(n, name.given_at[i], like);
        nicknames_add(n, name.given_at[i], like);
    }
    if (name.givens > 1) {
        like.trust = TRUST_phrase;
        pattern_add(n, name.given, like);
    }
}
