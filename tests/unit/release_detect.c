/* Detection: names and numbers are found however they are written, and only as whole words. */
#include "tests/unit/release_kit.h"

static const struct {
    const char *word, *text;
    bool found;
} cases[] = {
    {"Chan", "Mrs Chan rang.", true},
    {"Chan", "MRS CHAN RANG", true},
    {"Chan", "Chan's sister", true},
    {"Chan", "Chan\xe2\x80\x99s sister", true},
    {"Chan", "(chan)", true},
    {"Chan", "a chance meeting", false},
    {"Chan", "Merchan", false},
    {"Mei Chan", "Mei Chan rang", true},
    {"Mei Chan", "Chan, Mei rang", true},
    {"Mei Chan", "CHAN Mei-Ling", true},
    {"Mei Chan", "Mei Ling Chan", true},
    {"Mei Chan", "Mei\nChan", true},
    {"Mei Chan", "MeiChan", true},
    {"Mei Chan", "Mei rang", false},
    {"Mei Chan", "Chan rang", false},
    {"Mei Chan", "Mei rang; much later, and about quite another matter, Mr Chan did", false},
    {"Rhys Pryce-Jones", "Pryce Jones, Rhys", true},
    {"Rhys Pryce-Jones", "Rhys T. PRYCE-JONES", true},
    {"Rhys Pryce Jones", "Rhys Pryce-Jones", true},
    {"Pryce-Jones", "Mrs Jones", true},
    {"Pryce-Jones", "Mrs Pryce", true},
    {"Pryce-Jones", "PryceJones", true},
    {"Pryce-Jones", "Mrs Johns", false},
    {"Jones", "Pryce-Jones", true},
    {"O'Dowd",
     "Sean O\xe2\x80\x99"
     "Dowd",
     true},
    {"O'Dowd", "Sean ODowd", true},
    {"Sean O'Dowd", "ODowd, Sean", true},
    {"Zo\xc3\xab", "zoe was there", true},
    {"Zoe", "ZO\xc3\x8b was there", true},
    {"Chan", "C\xe2\x80\x8bhan", true}, /* zero-width space */
    {"Chan",
     "Ch\xc2\xad"
     "an",
     true},                            /* soft hyphen */
    {"Chan", "\xef\xbc\xa3han", true}, /* full-width C */
    {"Chan", "C h a n", true},
    {"Li", "Li rang", true},
    {"Li", "Li's friend", true},
    {"Li", "a lie", false},
    {"Li", "L i", false},
    {"999 304 1785", "NHS 9993041785.", true},
    {"9993041785", "NHS no. 999 304 1785", true},
    {"9993041785", "999-304-1785", true},
    {"9993041785", "nhs9993041785", true},
    {"9993041785",
     "999\xc2\xa0"
     "304\xc2\xa0"
     "1785",
     true},
    {"9993041785", "999 304 1786", false},
    {"12", "at 12 o'clock", true},
    {"12", "in 2012", false},
    {"SW1A 1AA", "sw1a1aa", true},
    {"SW1A1AA", "SW1A 1AA", true},
    {"14 Garnet Street", "of 14, Garnet Street,", true},
    {"14 Garnet Street", "of 14, Garner Street,", false},
    {"", "anything", false},
    {" - ", "any-thing", false},
};

Test(detect, finds_names_however_they_are_written) {
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 24);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Str word = str_z(cases[i].word);
        bool found = detect_any(a, str_z(cases[i].text), &word, 1);
        cr_expect(found == cases[i].found, "\"%s\" in \"%s\"", cases[i].word, cases[i].text);
    }
}

Test(detect, looks_for_every_word) {
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 24);
    Str words[] = {STR("alpha"), STR("beta"), STR("gamma")};
    cr_expect(detect_any(a, STR("so gamma it is"), words, 3));
    cr_expect(!detect_any(a, STR("so gamma it is"), words, 2));
    cr_expect(!detect_any(a, STR("so gamma it is"), words, 0));
    cr_expect(!detect_any(a, STR(""), words, 3));
}

Test(detect, finds_when_it_cannot_tell) {
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 24);
    _cleanup_(arena_freep) Arena *small = arena_new(64);
    Str word = STR("Chan"), bad = STR("Ch\xff"
                                      "an");
    cr_expect(detect_any(a, STR("\xff"), &word, 1));
    cr_expect(detect_any(a, STR("\xff"), NULL, 0));
    cr_expect(detect_any(a, STR("a plain text"), &bad, 1));
    cr_expect(detect_any(small, STR("a plain text"), &word, 1));
    Str endless = STR("a b c d e f g h i j k l m n o p q r s t u v w x y z a b c d e f g");
    cr_expect(detect_any(a, STR("a plain text"), &endless, 1));
}

/* A name is found at every place of a long text, and a long text without it is clean. */
Test(detect, finds_a_name_anywhere_in_a_long_text) {
    static const char *const filler[] = {"school", "mother", "seen", "2026", "with", "change"};
    Random random = random_new("finds_a_name_anywhere_in_a_long_text");
    for (int round = 0; round < 200; round++) {
        _cleanup_(arena_freep) Arena *a = arena_new(1 << 24);
        char text[20000] = "";
        size_t used = 0, place = random_below(&random, 500);
        for (size_t i = 0; i < 500; i++) {
            const char *word = filler[random_below(&random, COUNT_OF(filler))];
            used +=
                (size_t)sprintf(text + used, "%s%s ", i == place ? "Okafor, Margaret; " : "", word);
        }
        Str name = STR("Margaret Okafor"), other = STR("Margaret Okoro");
        cr_assert(detect_any(a, (Str){.at = text, .len = used}, &name, 1));
        cr_assert(!detect_any(a, (Str){.at = text, .len = used}, &other, 1));
    }
}
