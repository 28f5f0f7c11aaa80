/* How alike texts are, what a person is made into, the level of each trait, and which two people
 * are compared at all. */
#include <criterion/criterion.h>

#include "broker/hub/match/block.h"
#include "tests/unit/link_kit.h"

enum { MEMORY = 4 * 1024 * 1024 };

/* ---- alike ----------------------------------------------------------------------------------- */

static const struct {
    const char *a, *b;
    int jaro_winkler, edits;
} alikes[] = {
    {"martha", "marhta", 961, 1},
    {"dwayne", "duane", 840, 2},
    {"dixon", "dicksonx", 813, 4},
    {"", "", 0, 0},
    {"", "amy", 0, 3},
    {"amy", "amy", 1000, 0},
    {"amy", "zoe", 0, 3},
    {"mia", "tia", 777, 1},
    {"aiden", "aidan", 906, 1},
    {"ab", "ba", 0, 1},
    {"jon", "john", 933, 1},
    {"ella", "ellla", 953, 1},
    {"smith", "smyth", 893, 1},
    {"smith", "smiht", 953, 1},
    {"abcd", "badc", 833, 2},
};

Test(alike, measures_what_the_published_examples_say) {
    for (size_t i = 0; i < COUNT_OF(alikes); i++) {
        Str a = str_z(alikes[i].a), b = str_z(alikes[i].b);
        int jw = jaro_winkler(a, b), back = jaro_winkler(b, a), far = edits(a, b, 9);
        cr_expect(abs(jw - alikes[i].jaro_winkler) <= 1, "%zu: %d", i, jw);
        cr_expect_eq(back, jw, "%zu: %d", i, back);
        cr_expect_eq(far, alikes[i].edits, "%zu: %d", i, far);
        cr_expect_eq(edits(b, a, 9), far, "%zu", i);
        for (int most = 0; most < far; most++) cr_expect_eq(edits(a, b, most), most + 1, "%zu", i);
    }
}

Test(alike, looks_at_the_beginning_of_long_texts) {
    char a[200], b[200];
    memset(a, 'x', sizeof(a));
    memset(b, 'x', sizeof(b));
    b[150] = 'y';
    cr_expect_eq(edits((Str){a, sizeof(a)}, (Str){b, sizeof(b)}, 3), 0);
    cr_expect_eq(jaro_winkler((Str){a, sizeof(a)}, (Str){b, sizeof(b)}), 1000);
}

static const struct {
    const char *a, *b;
    bool same;
} sounds[] = {
    {"catherine", "kathryn", true}, {"philip", "filip", true},
    {"wright", "rite", true},       {"knight", "nite", true},
    {"stephen", "steven", true},    {"macdonald", "mcdonald", true},
    {"schmidt", "smit", false},     {"amy", "zoe", false},
    {"ella", "emma", false},        {"zoe", "", false},
    {"smith", "smyth", true},       {"giles", "jiles", true},
};

Test(alike, hears_spellings_of_one_name_as_one) {
    for (size_t i = 0; i < COUNT_OF(sounds); i++) {
        uint32_t a = sound_code(str_z(sounds[i].a)), b = sound_code(str_z(sounds[i].b));
        cr_expect_eq(a == b, sounds[i].same, "%zu: %x %x", i, a, b);
    }
    cr_expect_eq(sound_code(STR("")), 0);
    cr_expect_neq(sound_code(STR("\xd0\xb8\xd0\xb2\xd0\xb0\xd0\xbd")), 0);
}

static const struct {
    const char *a, *b;
    bool nick;
} nicks[] = {
    {"elizabeth", "beth", true},   {"beth", "elizabeth", true},     {"robert", "bob", true},
    {"malgorzata", "gosia", true}, {"kulwinder", "kuldeep", false}, {"isabella", "izzy", true},
    {"robert", "beth", false},     {"nobody", "bob", false},        {"", "", false},
};

Test(alike, knows_what_people_are_called) {
    for (size_t i = 0; i < COUNT_OF(nicks); i++) {
        Str a = str_z(nicks[i].a), b = str_z(nicks[i].b);
        cr_expect_eq(nick_of(a, nick_rows(a), b, nick_rows(b)), nicks[i].nick, "%zu", i);
    }
}

Test(alike, finds_every_nickname_because_the_tables_are_in_order) {
    static const char *const names[] = {
#define NICK(name, called) name,
#include "broker/hub/match/nicknames.def"
#include "broker/release/nicknames.def"
#undef NICK
    };
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        NickRows rows = nick_rows(str_z(names[i]));
        cr_expect(rows.american || rows.british, "%s", names[i]);
    }
    for (size_t i = 1; i < COUNT_OF(names); i++) {
        bool second = strcmp(names[i - 1], "zylphia") > 0 || strcmp(names[i], "abdullah") == 0;
        cr_expect(second || strcmp(names[i - 1], names[i]) < 0, "%s", names[i]);
    }
}

/* ---- identity -------------------------------------------------------------------------------- */

static const struct {
    const char *line;
    int forenames, surnames, births, postcodes, addresses, numbers, bad;
} made[] = {
    {"Amy;Ant;2015-03-02;F;ZQ1 1AB;1 Mill Lane;943 476 5919", 1, 1, 1, 1, 1, 1, 0},
    {"Baby;Ant;;;;;", 0, 1, 0, 0, 0, 0, 0},
    {"Baby Boy;Unknown;1900-01-01;;ZZ99 3VZ;;", 0, 0, 0, 0, 0, 0, 0},
    {"Amy;Ant;20150302;;;;9434765918", 1, 1, 1, 0, 0, 0, 1},
    {"Amy;Ant;20150302;;;;1111111111", 1, 1, 1, 0, 0, 0, 1},
    {"Amy|Ame|AMY;Ant|Bee;20150302|20150203|2015-03-02;;;;", 2, 2, 2, 0, 0, 0, 0},
    {"Amy;Ant;tomorrow;;;;", 1, 1, 0, 0, 0, 0, 0},
    {"\xc3\x89lodie;O'Dowd;2015;x;;;", 1, 1, 1, 0, 0, 0, 0},
    {"\xd9\x85\xd8\xad\xd9\x85\xd8\xaf;--;;;;;", 1, 0, 0, 0, 0, 0, 0},
    {" ; ; ; ; ; ; ", 0, 0, 0, 0, 0, 0, 0},
};

Test(identity, keeps_what_is_one_and_leaves_out_what_is_none) {
    Arena *a = arena_new(MEMORY);
    for (size_t i = 0; i < COUNT_OF(made); i++) {
        Identity p = link_person(a, made[i].line);
        cr_expect_eq(p.count[TRAIT_forename], made[i].forenames, "%zu", i);
        cr_expect_eq(p.count[TRAIT_surname], made[i].surnames, "%zu", i);
        cr_expect_eq(p.count[TRAIT_birth], made[i].births, "%zu", i);
        cr_expect_eq(p.count[TRAIT_postcode], made[i].postcodes, "%zu", i);
        cr_expect_eq(p.count[TRAIT_address], made[i].addresses, "%zu", i);
        cr_expect_eq(p.count[TRAIT_nhs], made[i].numbers, "%zu", i);
        cr_expect_eq(p.bad_numbers, made[i].bad, "%zu", i);
    }
    arena_free(a);
}

/* ---- levels ---------------------------------------------------------------------------------- */

static const struct {
    const char *a, *b;
    Level level;
} levels[] = {
    {"amy;;;;;;", "Amy;;;;;;", LEVEL_forename_exact},
    {"caroline;;;;;;", "carolien;;;;;;", LEVEL_forename_close},
    {"mary jane;;;;;;", "jane;;;;;;", LEVEL_forename_called},
    {"robert;;;;;;", "rob;;;;;;", LEVEL_forename_called},
    {"elizabeth;;;;;;", "beth;;;;;;", LEVEL_forename_similar},
    {"amy;lee;;;;;", "lee;amy;;;;;", LEVEL_forename_swapped},
    {"amy;lee;;;;;", "lee;;;;;;", LEVEL_forename_crossed},
    {"amy;;;;;;", "zoe;;;;;;", LEVEL_forename_other},
    {"zoe|amy;;;;;;", "amy;;;;;;", LEVEL_forename_exact},
    {";garcia-moral;;;;;", ";moral;;;;;", LEVEL_surname_part},
    {";o'dowd;;;;;", ";odowd;;;;;", LEVEL_surname_exact},
    {";o'dowd;;;;;", ";o'neill;;;;;", LEVEL_surname_other},
    {";;20150302;;;;", ";;2015-03-02;;;;", LEVEL_birth_exact},
    {";;20150302;;;;", ";;20150203;;;;", LEVEL_birth_swapped},
    {";;20150312;;;;", ";;20150321;;;;", LEVEL_birth_one_edit},
    {";;20150312;;;;", ";;20150324;;;;", LEVEL_birth_two_edits},
    {";;20150101;;;;", ";;20150324;;;;", LEVEL_birth_year_only},
    {";;20151111;;;;", ";;20150324;;;;", LEVEL_birth_same_year},
    {";;20150324;;;;", ";;19721108;;;;", LEVEL_birth_other},
    {";;;f;;;", ";;;female;;;", LEVEL_sex_same},
    {";;;f;;;", ";;;m;;;", LEVEL_sex_other},
    {";;;;zq1 1ab;;", ";;;;ZQ11AB;;", LEVEL_postcode_exact},
    {";;;;zq1 1ab;;", ";;;;zq1 1ac;;", LEVEL_postcode_close},
    {";;;;zq1 1ab;;", ";;;;zq1 1cd;;", LEVEL_postcode_sector},
    {";;;;zq1 1ab;;", ";;;;zq7 9cd;;", LEVEL_postcode_other},
    {";;;;;1 Mill Lane;", ";;;;;1, mill ln;", LEVEL_address_exact},
    {";;;;;1 Mill Lane;", ";;;;;1 mil lane;", LEVEL_address_close},
    {";;;;;Mill Lane;", ";;;;;1 mill lane;", LEVEL_address_alike},
    {";;;;;1 Mill Lane;", ";;;;;77 wood road;", LEVEL_address_other},
    {";;;;;;9434765919", ";;;;;;943 476 5919", LEVEL_nhs_exact},
    {";;;;;;9434765919", ";;;;;;4010232137", LEVEL_nhs_other},
};

Test(compare, gives_each_trait_its_level_both_ways) {
    Arena *a = arena_new(MEMORY);
    for (size_t i = 0; i < COUNT_OF(levels); i++) {
        Identity x = link_person(a, levels[i].a), y = link_person(a, levels[i].b);
        Trait t = level_trait(levels[i].level);
        Comparison c;
        compare(&x, &y, &c);
        cr_expect_eq(c.level[t], levels[i].level, "%zu: %s", i, level_sentence(c.level[t]));
        compare(&y, &x, &c);
        cr_expect_eq(c.level[t], levels[i].level, "%zu: %s", i, level_sentence(c.level[t]));
    }
    arena_free(a);
}

Test(compare, says_nothing_about_what_is_not_given) {
    Arena *a = arena_new(MEMORY);
    Identity x = link_person(a, ";;;;;;"), y = link_person(a, "amy;ant;20150302;f;zq1 1ab;1 a;");
    Comparison c;
    compare(&x, &y, &c);
    for (int t = 0; t < TRAIT_COUNT; t++) cr_expect_eq(c.level[t], LEVEL_none);
    cr_expect(!c.home);
    arena_free(a);
}

/* ---- keys ------------------------------------------------------------------------------------ */

static bool share_key(const Identity *x, const Identity *y) {
    BlockKey kx[BLOCK_KEYS_MOST], ky[BLOCK_KEYS_MOST];
    size_t nx = block_keys(x, kx), ny = block_keys(y, ky);
    for (size_t i = 0; i < nx; i++) {
        for (size_t j = 0; j < ny; j++) {
            if (kx[i].hash == ky[j].hash) return true;
        }
    }
    return false;
}

static const struct {
    const char *a, *b;
    bool meet;
} meetings[] = {
    {"amy;ant;20150302;;;;", "amy;ant;19990506;;;;", true},
    {"amy;ant;20150302;;;;", "ant;amy;20150405;;;;", true},
    {"catherine;wright;20150302;;;;", "kathryn;rite;20140302;;;;", true},
    {"amy;ant;20150302;;;;", "zoe;bee;20150302;;;;", true},
    {"amy;;20150302;;;;", "abi;;20150203;;;;", true},
    {"amy;ant;;;zq1 1ab;;", "zoe;bee;;;zq1 1ab;;", true},
    {"amy;;;;;1 mill lane;", "amie;;;;;7 mill lane;", true},
    {";;;;;;9434765919", "zoe;;;;;;943 476 5919", true},
    {"amy;ant;20150302;f;zq1 1ab;1 a;", "zoe;bee;20140405;f;zq2 2cd;2 b;", false},
    {"amy;;;;;;", "amy;;;;;;", false},
};

Test(block, brings_together_who_shares_something) {
    Arena *a = arena_new(MEMORY);
    for (size_t i = 0; i < COUNT_OF(meetings); i++) {
        Identity x = link_person(a, meetings[i].a), y = link_person(a, meetings[i].b);
        cr_expect_eq(share_key(&x, &y), meetings[i].meet, "%zu", i);
    }
    arena_free(a);
}

Test(block, makes_no_more_keys_than_there_is_room_for) {
    Arena *a = arena_new(MEMORY);
    BlockKey keys[BLOCK_KEYS_MOST];
    Identity p = link_person(a, "a b c d|e f g h|i j k l;mm nn oo pp|qq rr ss tt|uu vv ww xx;"
                                "20150302|20150303|20150304;f;zq1 1ab|zq2 2ab;1 a st|2 b st;");
    size_t count = block_keys(&p, keys);
    cr_expect(count > 60 && count <= BLOCK_KEYS_MOST, "%zu", count);
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < i; j++) cr_expect_neq(keys[i].hash, keys[j].hash);
    }
    arena_free(a);
}
