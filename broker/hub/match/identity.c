/* From what was written to what is compared; see identity.h. */
#include "broker/hub/match/identity.h"

#include "broker/base/err.h"
#include "broker/base/fold.h"

enum { TEXT_MOST = 200, WORDS_MOST = 24 };

typedef struct Maker {
    Arena *a;
    const Described *d;
    Identity *to;
} Maker;

void described_add(Described *d, Trait trait, Str value) {
    if (d->count[trait] == VALUES_MOST || value.len == 0) return;
    d->value[trait][d->count[trait]++] = value;
}

/* ---- hashes ---------------------------------------------------------------------------------- */

static uint64_t mix(uint64_t x) {
    x ^= x >> 32;
    x *= UINT64_C(0xd6e8feb86659fd93);
    x ^= x >> 32;
    x *= UINT64_C(0xd6e8feb86659fd93);
    return x ^ x >> 32;
}

uint64_t hash_join(uint64_t a, uint64_t b) {
    return mix(a * UINT64_C(0x9e3779b97f4a7c15) + b + 1);
}

uint64_t text_hash(uint64_t use, Str text) {
    uint64_t h = mix(use + 1);
    for (size_t i = 0; i < text.len; i += 8) {
        uint64_t word = 0;
        size_t left = text.len - i < 8 ? text.len - i : 8;
        memcpy(&word, text.at + i, left);
        h = hash_join(h, word ^ (uint64_t)left << 56);
    }
    return h;
}

static Text text_of(Trait trait, Str text) {
    return (Text){.text = text, .hash = text_hash(trait, text)};
}

/* ---- names ----------------------------------------------------------------------------------- */

static const char *const placeholders[] = {
#define PLACEHOLDER(word) word,
#include "broker/hub/match/placeholders.def"
#undef PLACEHOLDER
};

static bool placeholder(Str word) {
    for (size_t i = 0; i < COUNT_OF(placeholders); i++) {
        if (str_is(word, placeholders[i])) return true;
    }
    return false;
}

static Str folded_words(Arena *a, Str value) {
    Str cut = {.at = value.at, .len = value.len < TEXT_MOST ? value.len : TEXT_MOST};
    while (cut.len < value.len && cut.len && (value.at[cut.len] & 0xC0) == 0x80) cut.len--;
    return fold_words(a, cut);
}

/* Joins the words in place; those beyond PARTS_MOST belong to the last part. */
static void name_join(Str words, Name *n) {
    char *to = (char *)(uintptr_t)words.at; /* our own copy, just folded */
    size_t used = 0;
    Str rest = words, word;
    while (str_split(&rest, ' ', &word)) {
        if (placeholder(word)) continue;
        memmove(to + used, word.at, word.len);
        used += word.len;
        if (used > UINT8_MAX) used = UINT8_MAX;
        if (n->parts < PARTS_MOST) n->parts++;
        n->end[n->parts - 1] = (uint8_t)used;
    }
    n->whole.text = (Str){.at = to, .len = used};
}

static uint32_t letters_of(Str text) {
    uint32_t letters = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        letters |= 1U << (c >= 'a' && c <= 'z' ? c - 'a' : 26);
    }
    return letters;
}

static bool name_make(Arena *a, Trait trait, Str value, Name *n) {
    *n = (Name){0};
    Str words = folded_words(a, value);
    if (words.len) name_join(words, n);
    if (n->parts == 0 || placeholder(n->whole.text)) return false;
    n->whole = text_of(trait, n->whole.text);
    for (int i = 0; i < n->parts; i++) n->sound[i] = sound_code(name_part(n, i));
    n->sound[PARTS_MOST] = n->parts == 1 ? n->sound[0] : sound_code(n->whole.text);
    n->letters = letters_of(n->whole.text);
    if (trait == TRAIT_forename) n->nicks = nick_rows(name_part(n, 0));
    return true;
}

static int names_make(Maker *m, Trait trait, const Name **ret) {
    Name *names = arena_array(m->a, m->d->count[trait], sizeof(Name));
    uint8_t count = 0;
    if (!names) return ERR_MEMORY;
    for (int i = 0; i < m->d->count[trait]; i++) {
        bool made = name_make(m->a, trait, m->d->value[trait][i], &names[count]);
        for (int j = 0; made && j < count; j++) {
            made = names[j].whole.hash != names[count].whole.hash;
        }
        count += made;
    }
    m->to->count[trait] = count;
    *ret = names;
    return 0;
}

/* ---- dates of birth -------------------------------------------------------------------------- */

static bool birth_make(Str value, Birth *b) {
    *b = (Birth){0};
    int digits = 0;
    for (size_t i = 0; i < value.len; i++) {
        char c = value.at[i];
        bool gap = c == '-' || c == '/' || c == ' ';
        if (gap && (digits == 4 || digits == 6)) continue;
        if (c < '0' || c > '9' || digits == 8) return false;
        b->digits[digits++] = c;
    }
    for (int i = 0; i < 4; i++) b->year = b->year * 10 + (b->digits[i] - '0');
    if (digits == 8) {
        b->month = (b->digits[4] - '0') * 10 + b->digits[5] - '0';
        b->day = (b->digits[6] - '0') * 10 + b->digits[7] - '0';
    }
    bool first = b->month == 1 && b->day == 1;
    if ((digits != 8 && digits != 4) || b->year < 1850 || (first && b->year == 1900)) return false;
    if (first || b->month == 0 || b->day == 0) b->month = b->day = 0;
    b->hash = text_hash(TRAIT_birth, (Str){.at = b->digits, .len = b->month ? 8 : 4});
    return true;
}

static int births_make(Maker *m) {
    Birth *births = arena_array(m->a, m->d->count[TRAIT_birth], sizeof(Birth));
    uint8_t count = 0;
    if (!births) return ERR_MEMORY;
    for (int i = 0; i < m->d->count[TRAIT_birth]; i++) {
        bool made = birth_make(str_trim(m->d->value[TRAIT_birth][i]), &births[count]);
        for (int j = 0; made && j < count; j++) made = births[j].hash != births[count].hash;
        count += made;
    }
    m->to->count[TRAIT_birth] = count;
    m->to->birth = births;
    return 0;
}

/* ---- addresses ------------------------------------------------------------------------------- */

typedef struct Short {
    const char *word, *is;
} Short;

static const Short shorts[] = {
    {"apartment", "flat"}, {"apt", "flat"},     {"avenue", "ave"},   {"boulevard", "blvd"},
    {"circle", "cir"},     {"close", "cl"},     {"court", "ct"},     {"crescent", "cres"},
    {"drive", "dr"},       {"east", "e"},       {"gardens", "gdns"}, {"green", "grn"},
    {"grove", "gr"},       {"lane", "ln"},      {"mount", "mt"},     {"north", "n"},
    {"northeast", "ne"},   {"northwest", "nw"}, {"parade", "pde"},   {"park", "pk"},
    {"place", "pl"},       {"road", "rd"},      {"saint", "st"},     {"south", "s"},
    {"southeast", "se"},   {"southwest", "sw"}, {"square", "sq"},    {"street", "st"},
    {"terrace", "terr"},   {"west", "w"},
};

static Str shortened(Str word) {
    for (size_t i = 0; i < COUNT_OF(shorts); i++) {
        if (str_is(word, shorts[i].word)) return str_z(shorts[i].is);
    }
    return word;
}

static bool has_digit(Str word) {
    return word.len && word.at[0] >= '0' && word.at[0] <= '9';
}

static bool address_make(Arena *a, Str value, Address *to) {
    Str rest = folded_words(a, value), word, piece[2 * WORDS_MOST];
    size_t count = 0;
    *to = (Address){0};
    while (count + 1 < COUNT_OF(piece) && str_split(&rest, ' ', &word)) {
        if (count) piece[count++] = STR(" ");
        piece[count++] = shortened(word);
    }
    if (count == 0) return false;
    Str whole = arena_join(a, piece, count);
    if (!whole.at) return false;
    to->whole = text_of(TRAIT_address, whole);
    if (has_digit(piece[0])) to->number_len = (uint8_t)piece[0].len;
    size_t from = to->number_len ? to->number_len + 1U : 0;
    if (from < whole.len) {
        to->street = text_hash(TRAIT_COUNT, (Str){.at = whole.at + from, .len = whole.len - from});
    }
    return true;
}

static int addresses_make(Maker *m) {
    Address *to = arena_array(m->a, m->d->count[TRAIT_address], sizeof(Address));
    uint8_t count = 0;
    if (!to) return ERR_MEMORY;
    for (int i = 0; i < m->d->count[TRAIT_address]; i++) {
        count += address_make(m->a, m->d->value[TRAIT_address][i], &to[count]);
    }
    m->to->count[TRAIT_address] = count;
    m->to->address = to;
    return 0;
}

/* ---- the other texts ------------------------------------------------------------------------- */

/* No fixed address, and what stands for no postcode in the postcode directory. */
static bool postcode_real(Str text) {
    return text.len > 0 && !str_starts(text, STR("zz99"));
}

static bool any_text(Str text) {
    return text.len > 0;
}

/* Folding made it lower-case; check letters are upper-case. */
static bool upn_real(Str text) {
    char upper[13];
    if (text.len != sizeof(upper)) return false;
    for (size_t i = 0; i < sizeof(upper); i++) {
        char c = text.at[i];
        upper[i] = (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    }
    return upn_valid((Str){.at = upper, .len = sizeof(upper)});
}

static int texts_make(Maker *m, Trait trait, bool (*real)(Str), const Text **ret) {
    Text *texts = arena_array(m->a, m->d->count[trait], sizeof(Text));
    uint8_t count = 0;
    if (!texts) return ERR_MEMORY;
    for (int i = 0; i < m->d->count[trait]; i++) {
        Str text = fold_key(m->a, m->d->value[trait][i]);
        bool number = trait == TRAIT_nhs || trait == TRAIT_upn;
        if (text.len && number && !real(text)) m->to->bad_numbers++;
        if (text.len && text.len <= TEXT_MOST && real(text)) texts[count++] = text_of(trait, text);
    }
    m->to->count[trait] = count;
    *ret = texts;
    return 0;
}

static void sex_make(Maker *m) {
    Str sex = m->d->count[TRAIT_sex] ? fold_key(m->a, m->d->value[TRAIT_sex][0]) : (Str){0};
    if (sex.len && (sex.at[0] == 'f' || str_is(sex, "2"))) m->to->sex = 'f';
    if (sex.len && (sex.at[0] == 'm' || str_is(sex, "1"))) m->to->sex = 'm';
    m->to->count[TRAIT_sex] = m->to->sex != 0;
}

int identity_make(Arena *a, const Described *d, Identity *ret) {
    *ret = (Identity){0};
    Maker m = {.a = a, .d = d, .to = ret};
    int r = names_make(&m, TRAIT_forename, &ret->forename);
    if (r == 0) r = names_make(&m, TRAIT_surname, &ret->surname);
    if (r == 0) r = births_make(&m);
    if (r == 0) r = addresses_make(&m);
    if (r == 0) r = texts_make(&m, TRAIT_postcode, postcode_real, &ret->postcode);
    if (r == 0) r = texts_make(&m, TRAIT_city, any_text, &ret->city);
    if (r == 0) r = texts_make(&m, TRAIT_nhs, nhs_number_valid, &ret->nhs);
    if (r == 0) r = texts_make(&m, TRAIT_upn, upn_real, &ret->upn);
    sex_make(&m);
    return r ? r : arena_failed(a) ? ERR_MEMORY : 0;
}
