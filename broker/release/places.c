/* All that an address or a telephone number is written as. See net.h. */
#include "broker/base/fold.h"
#include "broker/release/lexicon.h"
#include "broker/release/net.h"

enum { NUMBER_LEAST = 6, LOCAL_LEN = 6, NATIONAL_LEN = 10 };

/* The words that streets end in, in full and short. */
static const char *const street_rows[] = {
#define STREET(full, short) full " " short,
#define DWELLING(word)
#include "broker/release/streets.def"
#undef STREET
#undef DWELLING
};
LEXICON(streets, street_rows)

static const char *const dwellings[] = {
#define STREET(full, short)
#define DWELLING(word) word,
#include "broker/release/streets.def"
#undef STREET
#undef DWELLING
};

static const char *street_row(Str word) {
    const LexiconWord *place = lexicon_find(&streets, word);
    return place ? street_rows[place->row] : NULL;
}

static bool has_dwelling(Str words) {
    Str one;
    while (words.len && str_split(&words, ' ', &one)) {
        for (size_t i = 0; i < COUNT_OF(dwellings); i++) {
            if (str_is(one, dwellings[i])) return true;
        }
    }
    return false;
}

static bool digit_in(Str word) {
    for (size_t i = 0; i < word.len; i++) {
        if (word.at[i] >= '0' && word.at[i] <= '9') return true;
    }
    return false;
}

static Str last_word(Str words) {
    size_t from = words.len;
    while (from && words.at[from - 1] != ' ') from--;
    return (Str){.at = words.at + from, .len = words.len - from};
}

/* The house's number is no part of the street's name. */
static Str without_number(Str words) {
    Str rest = words, first;
    while (str_split(&rest, ' ', &first) && digit_in(first) && rest.len) words = rest;
    return words;
}

static void street_add(Net *n, Str words, const char *row, Pattern like) {
    Str last = last_word(words), forms = str_z(row), one;
    Str head = {.at = words.at, .len = words.len - last.len};
    while (forms.len && str_split(&forms, ' ', &one)) {
        Str whole = arena_printf(n->arena, "%.*s%.*s", STR_ARG(head), STR_ARG(one));
        Str street = without_number(whole);
        pattern_add(n, whole, like);
        if (street.len < whole.len && !str_eq(street, one)) pattern_add(n, street, like);
    }
}

/* A town, and a flat's number alone, say nothing that is worth a cut; but where somebody is
 * protected, everything does. */
static void piece_add(Net *n, Str piece, Pattern like) {
    Str words = fold_words(n->arena, piece);
    n->failed = n->failed || !words.at;
    if (words.len == 0) return;
    const char *row = street_row(last_word(words));
    size_t space;
    bool several = str_find(words, STR(" "), &space);
    if (row && several) {
        street_add(n, words, row, like);
    } else if (several && (like.hides || (has_dwelling(words) && !digit_in(words)))) {
        if (!like.hides) like.trust = TRUST_pair;
        pattern_add(n, words, like);
    } else if (like.hides && !digit_in(words)) {
        pattern_add(n, words, like);
    }
}

/* "Flat 9": it goes with what follows. */
static bool piece_flat(Arena *a, Str piece) {
    Str words = fold_words(a, piece), first;
    return str_split(&words, ' ', &first) && word_in(first, "flat apartment apt unit room flt");
}

void place_add(Net *n, Str line, Pattern like) {
    Str rest = line, piece, flat = {0};
    like.trust = TRUST_code;
    while (rest.len && str_split(&rest, ',', &piece)) {
        piece_add(n, piece, like);
        if (flat.len) {
            piece_add(n, arena_printf(n->arena, "%.*s %.*s", STR_ARG(flat), STR_ARG(piece)), like);
        }
        flat = piece_flat(n->arena, piece) ? piece : (Str){0};
    }
}

/* "07700 900123" is 7700900123 after 0, 44, 0044 and "+44 (0)"; and "01632 960999" is 960999 to the
 * neighbours. */
void telephone_add(Net *n, Str number, Pattern like) {
    static const char *const before[] = {"", "0", "44", "440", "0044", "00440"};
    Str key = fold_key(n->arena, number);
    n->failed = n->failed || !key.at;
    if (str_starts(key, STR("00"))) key.at += 2, key.len -= 2;
    if (key.len > NATIONAL_LEN && str_starts(key, STR("44"))) key.at += 2, key.len -= 2;
    while (str_starts(key, STR("0"))) key.at++, key.len--;
    like.trust = key.len >= NUMBER_LEAST ? TRUST_number : TRUST_code;
    for (size_t i = 0; i < COUNT_OF(before) && key.len; i++) {
        pattern_add(n, arena_printf(n->arena, "%s%.*s", before[i], STR_ARG(key)), like);
    }
    if (key.len != NATIONAL_LEN || key.at[0] != '1') return;
    like.trust = TRUST_code;
    pattern_add(n, (Str){.at = key.at + key.len - LOCAL_LEN, .len = LOCAL_LEN}, like);
}
