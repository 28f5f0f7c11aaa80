/* broker/base without its cryptography (that is base_crypto.c): views, UTF-8, hex, the arena,
 * identifiers, marks, folding and settings. */
#include "broker/base/arena.h"
#include "broker/base/config.h"
#include "broker/base/err.h"
#include "broker/base/fold.h"
#include "broker/base/id.h"
#include "broker/base/mark.h"

#include <criterion/criterion.h>
#include <openssl/crypto.h>

/* ---- str ------------------------------------------------------------------------------------ */

Test(str, trims_white_space_but_no_nul) {
    cr_expect(str_is(str_trim(STR(" \t a b \r\n")), "a b"));
    cr_expect(str_is(str_trim(STR("   ")), ""));
    cr_expect(str_eq(str_trim(STR(" a\0 ")), STR("a\0")));
    cr_expect(str_trim((Str){0}).len == 0);
}

Test(str, finds_and_compares) {
    size_t at = 99;
    cr_expect(str_starts(STR("police:05"), STR("police")));
    cr_expect(str_starts(STR("x"), (Str){0}));
    cr_expect(!str_starts(STR("pol"), STR("police")));
    cr_expect(str_find(STR("one two"), STR("two"), &at) && at == 4);
    cr_expect(!str_find(STR("one"), STR("one two"), &at));
    cr_expect(!str_find(STR("one"), (Str){0}, &at));
}

Test(str, splits_at_every_mark) {
    Str rest = STR("a,,b"), part;
    cr_assert(str_split(&rest, ',', &part) && str_is(part, "a"));
    cr_assert(str_split(&rest, ',', &part) && str_is(part, ""));
    cr_assert(str_split(&rest, ',', &part) && str_is(part, "b"));
    cr_assert(!str_split(&rest, ',', &part));
}

static const struct {
    Str text;
    bool ok;
    uint64_t value;
} numbers[] = {
    {{"0", 1}, true, 0},
    {{"18446744073709551615", 20}, true, UINT64_MAX},
    {{"18446744073709551616", 20}, false, 0},
    {{"99999999999999999999", 20}, false, 0},
    {{"000000000000000000001", 21}, false, 0},
    {{"", 0}, false, 0},
    {{"-1", 2}, false, 0},
    {{"+1", 2}, false, 0},
    {{" 1", 2}, false, 0},
    {{"1a", 2}, false, 0},
};

Test(str, reads_plain_decimals_only) {
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        uint64_t value = 0;
        bool ok = str_u64(numbers[i].text, &value);
        cr_expect(ok == numbers[i].ok, "%.*s", STR_ARG(numbers[i].text));
        cr_expect(!ok || value == numbers[i].value, "%.*s", STR_ARG(numbers[i].text));
    }
}

static const struct {
    const char *bytes, *what;
    size_t len;
    bool ok;
} utf8_cases[] = {
    {"", "nothing", 0, true},
    {"Sin\xc3\xa9" "ad", "two bytes", 7, true},
    {"\xe2\x82\xac", "three bytes", 3, true},
    {"\xf0\x9f\x98\x80", "four bytes", 4, true},
    {"\xf4\x8f\xbf\xbf", "U+10FFFF", 4, true},
    {"\xed\x9f\xbf", "last before the surrogates", 3, true},
    {"\xf4\x90\x80\x80", "beyond U+10FFFF", 4, false},
    {"\xed\xa0\x80", "a surrogate", 3, false},
    {"\xc0\x80", "overlong NUL", 2, false},
    {"\xc1\xbf", "overlong in two", 2, false},
    {"\xe0\x9f\xbf", "overlong in three", 3, false},
    {"\xf0\x8f\xbf\xbf", "overlong in four", 4, false},
    {"a\0b", "NUL", 3, false},
    {"\x80", "a lone continuation", 1, false},
    {"\xc3", "cut after the first byte", 1, false},
    {"\xe2\x82", "cut after the second byte", 2, false},
    {"\xf0\x9f\x98", "cut after the third byte", 3, false},
    {"\xc3(", "no continuation", 2, false},
    {"\xff", "a byte that never occurs", 1, false},
    {"\xf8\x88\x80\x80\x80", "five bytes", 5, false},
};

Test(utf8, is_strict) {
    for (size_t i = 0; i < COUNT_OF(utf8_cases); i++) {
        bool ok = utf8_valid(bytes_of(utf8_cases[i].bytes, utf8_cases[i].len));
        cr_expect(ok == utf8_cases[i].ok, "%s", utf8_cases[i].what);
    }
}

/* Text is looked at eight bytes at a time. */
Test(utf8, is_as_strict_inside_a_longer_text) {
    char text[40];
    for (size_t i = 0; i < COUNT_OF(utf8_cases); i++) {
        for (size_t at = 0; at + utf8_cases[i].len <= sizeof(text); at++) {
            memset(text, 0x7f, sizeof(text));
            memcpy(text + at, utf8_cases[i].bytes, utf8_cases[i].len);
            bool ok = utf8_valid(BYTES_OF(text));
            cr_expect(ok == utf8_cases[i].ok, "%s at %zu", utf8_cases[i].what, at);
        }
    }
}

Test(hex, goes_there_and_back) {
    const uint8_t raw[] = {0x00, 0x7f, 0x80, 0xff};
    uint8_t back[4];
    char text[9];
    hex_encode(BYTES_OF(raw), text);
    cr_expect_str_eq(text, "007f80ff");
    cr_expect(hex_decode(STR("007F80fF"), back, 4) && memcmp(raw, back, 4) == 0);
}

Test(hex, refuses_other_lengths_and_letters) {
    uint8_t back[4];
    cr_expect(!hex_decode(STR("007f80f"), back, 4));
    cr_expect(!hex_decode(STR("007f80ff0"), back, 4));
    cr_expect(!hex_decode(STR("007f80fg"), back, 4));
    cr_expect(!hex_decode(STR("007f 0ff"), back, 4));
}

Test(err, names_each_error_once) {
    for (int a = ERR_BROKEN; a <= 0; a++) {
        cr_expect_str_neq(err_name(a), "unknown error", "%d", a);
        for (int b = ERR_BROKEN; b < a; b++) cr_expect_str_neq(err_name(a), err_name(b));
    }
    cr_expect_str_eq(err_name(-99), "unknown error");
}

/* ---- arena ---------------------------------------------------------------------------------- */

/* Stands in for OpenSSL's in this program, to see what is wiped before it is given back. */
static struct {
    const uint8_t *at;
    size_t len;
} wiped[8];
static size_t wipes;

void OPENSSL_cleanse(void *at, size_t len) {
    memset(at, 0, len);
    if (wipes < COUNT_OF(wiped)) {
        wiped[wipes].at = at;
        wiped[wipes++].len = len;
    }
}

static bool was_wiped(const uint8_t *at, size_t len) {
    for (size_t i = 0; i < wipes; i++) {
        size_t offset = (size_t)(at - wiped[i].at);
        bool from = at >= wiped[i].at;
        if (from && offset <= wiped[i].len && len <= wiped[i].len - offset) return true;
    }
    return false;
}

Test(arena, wipes_everything_it_gave_before_it_lets_go) {
    Arena *a = arena_new(1 << 20);
    const uint8_t *small = arena_alloc(a, 100), *big = arena_alloc(a, 50000);
    const char *name = arena_str(a, STR("a name")).at;
    wipes = 0;
    arena_reset(a);
    cr_expect(was_wiped(small, 100) && was_wiped(big, 50000));
    cr_expect(was_wiped((const uint8_t *)name, 6));
    const uint8_t *later = arena_alloc(a, 10);
    wipes = 0;
    arena_free(a);
    cr_expect(was_wiped(later, 10));
}

Test(arena, gives_zeroed_and_aligned_memory_again_after_reset) {
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
    uint8_t *dirt = malloc(100000), *fence = malloc(1); /* what the heap will give again */
    memset(dirt, 0xa5, 100000);
    free(dirt);
    for (int round = 0; round < 2; round++) {
        for (size_t size = 1; size < 40000; size = size * 3 + 1) {
            uint8_t *at = arena_alloc(a, size);
            cr_assert(at && (uintptr_t)at % _Alignof(max_align_t) == 0, "%zu", size);
            for (size_t i = 0; i < size; i++) cr_assert(at[i] == 0, "%zu at %zu", size, i);
            memset(at, 0xa5, size);
        }
        arena_reset(a);
        cr_assert(arena_used(a) == 0 && !arena_failed(a));
    }
    free(fence);
}

Test(arena, never_goes_past_its_cap_and_stays_failed) {
    _cleanup_(arena_freep) Arena *a = arena_new(1024);
    cr_assert(arena_alloc(a, 1000));
    cr_assert(!arena_alloc(a, 100) && arena_failed(a));
    cr_assert(!arena_alloc(a, 1), "once failed, what was built is not trusted");
    cr_assert(arena_copy(a, str_bytes(STR("x"))).at == NULL);
    cr_assert(arena_printf(a, "%d", 1).at == NULL);
    arena_reset(a);
    cr_assert(arena_alloc(a, 1024));
}

Test(arena, refuses_sizes_that_overflow) {
    _cleanup_(arena_freep) Arena *a = arena_new(SIZE_MAX);
    cr_expect(!arena_array(a, SIZE_MAX / 2, 3) && arena_failed(a));
    arena_reset(a);
    cr_expect(!arena_alloc(a, SIZE_MAX) && arena_failed(a));
    arena_reset(a);
    cr_expect(!arena_alloc(a, SIZE_MAX - 64) && arena_failed(a));
}

Test(arena, copies_and_prints) {
    _cleanup_(arena_freep) Arena *a = arena_new(4096);
    Str copy = arena_str(a, STR("abc")), line = arena_printf(a, "%s=%d", "n", 42);
    cr_expect(str_is(copy, "abc") && copy.at[3] == '\0');
    cr_expect(str_is(line, "n=42") && line.at[4] == '\0');
    Bytes none = arena_copy(a, (Bytes){0});
    cr_expect(none.at && none.len == 0, "an empty copy is not a failure");
}

/* ---- mark ----------------------------------------------------------------------------------- */

static const struct {
    const char *words, *shown;
} mark_cases[] = {
    {"", ""},
    {"line\n\tand tab", "line\n\tand tab"},
    {"\x1b[2J\r\x7f", "?[2J??"},
    {"a\xc2\x80" "b\xc2\x9f" "c\u00a0", "a?b?c\u00a0"},
    {"\u061b\u061c\u061d", "\u061b?\u061d"},
    {"\u200d\u200e\u200f\u2010", "\u200d??\u2010"},
    {"\u2027\u2028\u2029\u202a\u202e\u202f", "\u2027????\u202f"},
    {"\u2065\u2066\u2069\u206a", "\u2065??\u206a"},
    {"\ufffd\xef\xbf\xbe\xef\xbf\xbf", "\ufffd??"},
    {"Si\u00e2n \u202e", "Si\u00e2n ?"},
    {"cut short \xe2\x80", "cut short \xe2\x80"},
};

Test(mark, what_steers_is_replaced_and_nothing_else) {
    _cleanup_(arena_freep) Arena *a = arena_new(1024 * 1024);
    for (size_t i = 0; i < COUNT_OF(mark_cases); i++) {
        Str shown = marks_replaced(a, str_z(mark_cases[i].words), '?');
        cr_expect(str_is(shown, mark_cases[i].shown), "case %zu: %.*s", i, STR_ARG(shown));
    }
}

/* ---- id ------------------------------------------------------------------------------------- */

Test(id, v7_orders_by_time_and_says_its_version) {
    static const int64_t times[] = {0, 1, 255, 256, 1763820000000, 1763820000001, 281474976710655};
    Id last, next;
    for (size_t i = 0; i < COUNT_OF(times); i++) {
        cr_assert(id_v7(times[i], &next) == 0);
        cr_expect(i == 0 || memcmp(last.at, next.at, sizeof(last.at)) < 0, "%zu", i);
        cr_expect((next.at[6] & 0xf0) == 0x70 && (next.at[8] & 0xc0) == 0x80);
        last = next;
    }
}

Test(id, random_ids_differ_and_tell_no_time) {
    Id a, b;
    cr_assert(id_random(&a) == 0 && id_random(&b) == 0);
    cr_expect(!id_eq(a, b) && id_eq(a, a));
    cr_expect((a.at[6] & 0xf0) == 0x40 && (a.at[8] & 0xc0) == 0x80);
}

Test(id, one_of_many_is_found_where_it_stands) {
    IdAt list[1000];
    for (size_t i = 0; i < COUNT_OF(list); i++) {
        cr_assert(id_v7(1000000 + (int64_t)(i * 7919 % COUNT_OF(list)), &list[i].id) == 0);
        list[i].at = i;
    }
    IdAt sorted[COUNT_OF(list)];
    memcpy(sorted, list, sizeof(list));
    ids_sort(sorted, COUNT_OF(sorted));
    size_t at;
    for (size_t i = 0; i < COUNT_OF(list); i++) {
        cr_assert(ids_find(sorted, COUNT_OF(sorted), list[i].id, &at) && at == i);
    }
    Id other;
    cr_assert(id_random(&other) == 0);
    cr_expect(!ids_find(sorted, COUNT_OF(sorted), other, &at));
    cr_expect(!ids_find(sorted, 0, list[0].id, &at));
}

Test(id, prints_and_parses_the_usual_text_only) {
    static const char *const wrong[] = {
        "", "0193a5b0-7c00-7000-8000-00000000000", "0193a5b0-7c00-7000-8000-0000000000011",
        "0193a5b07-c00-7000-8000-000000000001", "0193a5b0-7c00-7000-8000-00000000000g",
        "{193a5b0-7c00-7000-8000-000000000001", "0193a5b0 7c00 7000 8000 000000000001"};
    char text[ID_TEXT];
    Id id;
    cr_assert(id_parse(STR("0193A5B0-7c00-7000-8000-0000000000ff"), &id));
    id_text(id, text);
    cr_expect_str_eq(text, "0193a5b0-7c00-7000-8000-0000000000ff");
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        cr_expect(!id_parse(str_z(wrong[i]), &id), "%s", wrong[i]);
    }
}

/* ---- fold ----------------------------------------------------------------------------------- */

static const struct {
    const char *text, *key, *words;
} folds[] = {
    {"O'Dowd", "odowd", "o dowd"},
    {"O\xe2\x80\x99" "DOWD", "odowd", "o dowd"},
    {"Pryce-Jones, Rhys", "prycejonesrhys", "pryce jones rhys"},
    {"  Fern\xc3\xa1ndez ", "fernandez", "fernandez"},
    {"Ferna\xcc\x81ndez", "fernandez", "fernandez"},
    {"Zo\xe2\x80\x8b" "e", "zoe", "zoe"},               /* zero-width space */
    {"Zo\xef\xbb\xbf\xc2\xad" "e", "zoe", "zoe"},       /* byte order mark, soft hyphen */
    {"\xef\xbc\xa1\xef\xbd\x82\xef\xbc\x91", "ab1", "ab1"}, /* full-width A b 1 */
    {"o\xef\xac\x83" "ce", "office", "office"},         /* one ligature for "ffi" */
    {"Stra\xc3\x9f" "e", "strasse", "strasse"},
    {"N\xc2\xba 5 \xe2\x91\xa0", "no51", "no 5 1"},     /* ordinal sign, circled one */
    {"\xce\xa3\xce\xaf\xcf\x83\xcf\x85\xcf\x86\xce\xbf\xcf\x82",
     "\xcf\x83\xce\xb9\xcf\x83\xcf\x85\xcf\x86\xce\xbf\xcf\x83",
     "\xcf\x83\xce\xb9\xcf\x83\xcf\x85\xcf\x86\xce\xbf\xcf\x83"}, /* final sigma */
    {"\xf0\x9d\x93\x90" "bc", "abc", "abc"},            /* mathematical bold script A */
    {"", "", ""},
    {"\xe2\x80\x8b - ", "", ""},
};

Test(fold, makes_spellings_equal) {
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 16);
    for (size_t i = 0; i < COUNT_OF(folds); i++) {
        Str key = fold_key(a, str_z(folds[i].text)), words = fold_words(a, str_z(folds[i].text));
        cr_expect(key.at && str_is(key, folds[i].key), "%zu: %.*s", i, STR_ARG(key));
        cr_expect(words.at && str_is(words, folds[i].words), "%zu: %.*s", i, STR_ARG(words));
    }
}

Test(fold, holds_the_longest_expansion_there_is) {
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 16);
    char text[300];
    for (size_t i = 0; i < sizeof(text); i += 3) memcpy(text + i, "\xef\xb7\xba", 3); /* U+FDFA */
    Str words = fold_words(a, (Str){text, sizeof(text)});
    cr_expect(words.len > sizeof(text), "%zu", words.len);
}

Test(fold, gives_nothing_for_bytes_that_are_no_text) {
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 16);
    cr_expect(fold_key(a, STR("a\xff")).at == NULL);
    cr_expect(!arena_failed(a));
    _cleanup_(arena_freep) Arena *small = arena_new(16);
    cr_expect(fold_key(small, STR("a name too long for so little memory")).at == NULL);
}

/* The constructed identifiers of the test data; none belongs to a person. */
static const struct {
    const char *value;
    bool upn, valid;
} identifiers[] = {
    {"F92020011570R", true, true},  {"B920200115261", true, true},
    {"Z920200115879", true, true},  {"K92020011556R", true, true},
    {"X920200115648", true, true},  {"L920200115018", true, true},
    {"W92020011539X", true, true},  {"9993041785", false, true},
    {"9998061008", false, true},    {"9991712194", false, true},
    {"9991383700", false, true},    {"9999582257", false, true},
    {"9990938563", false, true},    {"9998448581", false, true},
    {"9994825055", false, false},   {"9993189414", false, false},
    {"9997016042", false, false},   {"9996035647", false, false},
    {"9992371146", false, false},   {"9993938409", false, false},
    {"M920200115458", true, false}, {"N920200115341", true, false},
    {"N920200115480", true, false}, {"D920200115744", true, false},
    {"H920200115986", true, false}, {"X920200115877", true, false},
    {"I920200115001", true, false}, {"S920200115001", true, false},
    {"a920200115001", true, false}, {"A92020011500", true, false},
    {"A9202001150011", true, false}, {"", true, false},
    {"999 304 1785", false, true},  {"999304178", false, false},
    {"99930417850", false, false},  {"999-304-1785", false, false},
    {"0000000000", false, false},   {"1111111111", false, false},
    {"9999999999", false, false},   {"", false, false},
};

Test(fold, knows_valid_identifiers) {
    for (size_t i = 0; i < COUNT_OF(identifiers); i++) {
        Str value = str_z(identifiers[i].value);
        bool ok = identifiers[i].upn ? upn_valid(value) : nhs_number_valid(value);
        cr_expect(ok == identifiers[i].valid, "%zu: %s", i, identifiers[i].value);
    }
}

/* ---- config --------------------------------------------------------------------------------- */

static const Setting known[] = {
    {"hub.realm", NULL, "live or demonstration"},
    {"hub.endpoint", "tcp://127.0.0.1:*", "where to serve"},
    {"limits.batch", "64", "messages of one commit"},
    {NULL, NULL, NULL},
};

static int load(const char *text, Config **ret, char *why, size_t why_len) {
    char path[] = "/tmp/mash-config-XXXXXX";
    int fd = mkstemp(path);
    cr_assert(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    (void)close(fd);
    int r = config_load(path, known, ret, why, why_len);
    (void)unlink(path);
    return r;
}

Test(config, reads_values_and_fallbacks) {
    _cleanup_(config_freep) Config *c = NULL;
    char why[200];
    cr_assert(load("; ours\n[hub]\nrealm = live\n[limits]\nbatch=1000\n", &c, why, 200) == 0,
              "%s", why);
    cr_expect_str_eq(config_text(c, "hub.realm"), "live");
    cr_expect_str_eq(config_text(c, "hub.endpoint"), "tcp://127.0.0.1:*");
    cr_expect_null(config_text(c, "hub.unheard_of"));
    cr_expect(config_number(c, "limits.batch", 1, 5000) == 1000);
    cr_expect(config_number(c, "limits.batch", 1, 256) == 256);
    cr_expect(config_number(c, "limits.batch", 2000, 5000) == 2000);
    cr_expect(config_number(c, "hub.realm", 7, 9) == 7, "no number: the least");
}

static const struct {
    const char *text, *word;
} wrong_settings[] = {
    {"[hub]\nendpoint = x\n", "hub.realm"},
    {"[hub]\nrealm = live\nrelm = live\n", "hub.relm"},
    {"realm = live\n", "realm"},
    {"[hub]\nrealm = live\nrealm = demonstration\n", "twice"},
    {"[hub]\nrealm = live\n more = of it\n", "twice"},
    {"[hub]\nrealm = live\nnonsense\n", "line 3"},
};

Test(config, refuses_what_is_unknown_missing_or_said_twice) {
    for (size_t i = 0; i < COUNT_OF(wrong_settings); i++) {
        _cleanup_(config_freep) Config *c = NULL;
        char why[200] = "";
        cr_expect(load(wrong_settings[i].text, &c, why, sizeof(why)) == ERR_CONFIG, "%zu", i);
        cr_expect(strstr(why, wrong_settings[i].word), "%zu: %s", i, why);
        cr_expect_null(c);
    }
    _cleanup_(config_freep) Config *c = NULL;
    char why[200] = "";
    cr_expect(config_load("/nowhere/mash.ini", known, &c, why, sizeof(why)) == ERR_CONFIG);
    cr_expect(strstr(why, "/nowhere/mash.ini"), "%s", why);
}
