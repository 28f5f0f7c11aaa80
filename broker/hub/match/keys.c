/* Composite identity keys; see keys.h. A number alone is never a key (it is mistyped, or a
 * sibling's), and neither is a name alone. */
#include "broker/hub/match/keys.h"

#include "broker/base/fold.h"
#include "schemas/codec.h"

#include <ctype.h>

enum { PARTS_MAX = 4, NAMES_MOST = 16, NUMBERS_MOST = 16 };

static const char *const placeholders[] = {
#define PLACEHOLDER(word) word,
#include "broker/hub/match/placeholders.def"
#undef PLACEHOLDER
};

typedef struct Number {
    const char *scheme;
    const char *with_birth, *with_family; /* kinds */
    bool (*valid)(Str text);
} Number;

static const Number numbers[] = {
    {"nhs_number", "nhs_dob", "nhs_family", nhs_number_valid},
    {"upn", "upn_dob", "upn_family", upn_valid},
    {"former_upn", "upn_dob", "upn_family", upn_valid},
};

typedef struct Keys {
    Arena *a;
    const Key *index;
    MatchKey *at;
    size_t count, cap;
} Keys;

int index_hash(Arena *a, const Key *index, const char *use, const Str *parts, size_t count,
               Hash *ret) {
    Bytes pieces[2 * PARTS_MAX + 1] = {str_bytes(str_z(use))};
    uint8_t *lengths = arena_array(a, PARTS_MAX, 4);
    if (!lengths) return ERR_MEMORY;
    if (count > PARTS_MAX) return ERR_BROKEN;
    for (size_t i = 0; i < count; i++, lengths += 4) {
        for (int b = 0; b < 4; b++) lengths[b] = (uint8_t)(parts[i].len >> (24 - 8 * b));
        pieces[2 * i + 1] = bytes_of(lengths, 4);
        pieces[2 * i + 2] = str_bytes(parts[i]);
    }
    return hmac_sha256(index, pieces, 2 * count + 1, ret);
}

static int key_add(Keys *k, const char *kind, Str first, Str second) {
    if (first.len == 0 || second.len == 0) return 0;
    if (k->count == k->cap) return ERR_BROKEN;
    MatchKey *key = &k->at[k->count];
    key->kind = kind;
    int r = index_hash(k->a, k->index, kind, (const Str[]){first, second}, 2, &key->hash);
    if (r < 0) return r;
    for (size_t i = 0; i < k->count; i++) {
        if (hash_eq(&k->at[i].hash, &key->hash)) return 0;
    }
    k->count++;
    return 0;
}

/* Folded; empty when it is no name. */
static Str name_fold(Arena *a, Str text) {
    Str name = fold_key(a, text);
    for (size_t i = 0; i < COUNT_OF(placeholders); i++) {
        if (str_is(name, placeholders[i])) return (Str){0};
    }
    return name;
}

/* Empty unless the very day is known. 1900-01-01 is what systems write for "unknown". */
static Str birth_day(const Value *person) {
    Str date = value_text(person, F_person_birth_date);
    Str accuracy = value_text(person, F_person_birth_date_accuracy);
    bool exact = accuracy.len == 0 || str_is(accuracy, "exact");
    bool whole = date.len == 10 && date_valid(date) && !str_is(date, "1900-01-01");
    return exact && whole ? date : (Str){0};
}

/* A number as it is compared: no spaces, upper case; empty when its check digit does not hold. */
static Str number_fold(Arena *a, const Number *n, const Value *identifier) {
    Str text = fold_key(a, value_text(identifier, F_identifier_value));
    char *at = arena_alloc(a, text.len + 1);
    if (!at || str_is(value_text(identifier, F_identifier_check), "bad")) return (Str){0};
    for (size_t i = 0; i < text.len; i++) at[i] = (char)toupper((unsigned char)text.at[i]);
    Str folded = {.at = at, .len = text.len};
    return n->valid(folded) ? folded : (Str){0};
}

/* The person's one valid number of this scheme. Two different ones are two people's: whoever sends
 * them, by mistake or to tie two families together, ties nobody by either. */
static Str number_of(Keys *k, const Number *n, const Value *person) {
    Str found = {0};
    size_t count = value_count(person, F_person_identifier);
    if (count > NUMBERS_MOST) return found;
    for (size_t i = 0; i < count; i++) {
        const Value *identifier = value_item(person, F_person_identifier, i);
        if (!str_is(value_text(identifier, F_identifier_scheme), n->scheme)) continue;
        Str number = number_fold(k->a, n, identifier);
        if (number.len == 0) continue;
        if (found.len && !str_eq(found, number)) return (Str){0};
        found = number;
    }
    return found;
}

static int number_keys(Keys *k, const Number *n, const Value *person) {
    Str number = number_of(k, n, person);
    int r = key_add(k, n->with_birth, number, birth_day(person));
    for (size_t j = 0; r == 0 && j < value_count(person, F_person_name) && j < NAMES_MOST; j++) {
        const Value *name = value_item(person, F_person_name, j);
        r = key_add(k, n->with_family, number, name_fold(k->a, value_text(name, F_name_family)));
    }
    return r;
}

/* Family names stand first in some languages and systems: the two are put in one order. */
static int name_key(Keys *k, const Value *name, Str birth) {
    Str family = name_fold(k->a, value_text(name, F_name_family));
    Str given = name_fold(k->a, value_text(name, F_name_given));
    if (family.len == 0 || given.len == 0) return 0;
    size_t shorter = family.len < given.len ? family.len : given.len;
    int order = memcmp(family.at, given.at, shorter);
    bool swap = order > 0 || (order == 0 && family.len > given.len);
    Str first = swap ? given : family, second = swap ? family : given;
    Str both = arena_printf(k->a, "%.*s %.*s", STR_ARG(first), STR_ARG(second));
    return key_add(k, "name_dob", both, birth);
}

int match_keys(Arena *a, const Key *index, const Value *person, MatchKey **ret, size_t *ret_count) {
    size_t names = value_count(person, F_person_name);
    if (names > NAMES_MOST) names = NAMES_MOST;
    size_t cap = COUNT_OF(numbers) * (names + 1) + names;
    Keys k = {
        .a = a, .index = index, .at = arena_array(a, cap + 1, sizeof(MatchKey)), .cap = cap + 1};
    int r = k.at ? 0 : ERR_MEMORY;
    for (size_t i = 0; r == 0 && i < COUNT_OF(numbers); i++)
        r = number_keys(&k, &numbers[i], person);
    for (size_t i = 0; r == 0 && i < names; i++) {
        r = name_key(&k, value_item(person, F_person_name, i), birth_day(person));
    }
    if (r < 0) return r;
    *ret = k.at;
    *ret_count = k.count;
    return arena_failed(a) ? ERR_MEMORY : 0;
}
