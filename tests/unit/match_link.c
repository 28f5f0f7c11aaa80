/* What agreement is worth, what is learned, and what is decided. */
#include <criterion/criterion.h>

#include "broker/base/err.h"
#include "broker/hub/match/train.h"
#include "tests/unit/link_kit.h"

enum { MEMORY = 256 * 1024 * 1024, SEED = 20261129 };

/* ---- scores ---------------------------------------------------------------------------------- */

static Score score_of(Arena *a, const Model *m, const char *x, const char *y, Comparison *c) {
    Identity one = link_person(a, x), other = link_person(a, y);
    Score s;
    compare(&one, &other, c);
    score(m, &one, &other, c, &s);
    return s;
}

static Bits sum_of(const Score *s) {
    Bits sum = s->prior;
    for (int t = 0; t < TRAIT_COUNT; t++) sum += s->bar[t];
    return sum;
}

static int model_of(const Identity *people, size_t count, Model **ret) {
    return model_train(people, count, 7, SEED, ret);
}

Test(score, is_exactly_the_prior_and_the_bars) {
    Arena *a = arena_new(MEMORY);
    _cleanup_(model_freep) Model *m = NULL;
    Identity *people = link_crowd(a, 400, SEED, false);
    cr_assert_eq(model_of(people, 400, &m), 0);
    for (size_t i = 1; i < 400; i++) {
        for (size_t j = 0; j < i; j += 7) {
            Comparison c;
            Score s, early;
            compare(&people[i], &people[j], &c);
            score(m, &people[i], &people[j], &c, &s);
            cr_assert_eq(sum_of(&s), s.total);
            bool reaches = score_reaches(m, &people[i], &people[j], -500, &c, &early);
            cr_assert_eq(reaches, s.total >= -500, "%zu %zu: %d", i, j, s.total);
            if (reaches) cr_assert_eq(early.total, s.total);
        }
    }
    arena_free(a);
}

Test(score, is_told_against_the_home_where_that_is_less) {
    Arena *a = arena_new(MEMORY);
    _cleanup_(model_freep) Model *m = link_model(10000);
    Comparison c;
    const char *ann = "ann;hill;20150302;f;zq1 1ab;1 mill lane;";
    Score home = score_of(a, m, ann, "zoe;hill;20150302;f;zq1 1ab;1 mill lane;", &c);
    cr_expect(c.home);
    cr_expect_eq(home.against, AGAINST_home);
    cr_expect_eq(home.bar[TRAIT_address], 0);
    cr_expect(home.total < 700, "%d", home.total);
    Score apart = score_of(a, m, ann, "ann;hill;20150302;f;zq7 7xy;9 far road;", &c);
    cr_expect(!c.home);
    cr_expect_eq(apart.against, AGAINST_stranger);
    arena_free(a);
}

Test(score, counts_rare_names_for_more) {
    Arena *a = arena_new(MEMORY);
    _cleanup_(model_freep) Model *m = NULL;
    Identity *people = link_crowd(a, 1000, SEED, false);
    memcpy(people, link_crowd(a, 300, SEED, true), 300 * sizeof(Identity));
    cr_assert_eq(model_of(people, 1000, &m), 0);
    Comparison c;
    Score common = score_of(a, m, ";smith;;;;;", ";smith;;;;;", &c);
    Score rare = score_of(a, m, ";zyzzy;;;;;", ";zyzzy;;;;;", &c);
    cr_expect(common.bar[TRAIT_surname] + 300 < rare.bar[TRAIT_surname], "%d %d",
              common.bar[TRAIT_surname], rare.bar[TRAIT_surname]);
    arena_free(a);
}

Test(score, gives_less_where_one_of_many_values_agrees) {
    Arena *a = arena_new(MEMORY);
    _cleanup_(model_freep) Model *m = link_model(10000);
    Comparison c;
    Score one = score_of(a, m, ";hill;;;;;", ";hill;;;;;", &c);
    Score many = score_of(a, m, ";hill|wood|marsh;;;;;", ";hill|brook;;;;;", &c);
    cr_expect_eq(c.ways[TRAIT_surname], 6);
    cr_expect(many.bar[TRAIT_surname] < one.bar[TRAIT_surname]);
    arena_free(a);
}

/* ---- models ---------------------------------------------------------------------------------- */

static char *text_of(const Model *m, size_t *ret_len) {
    char *text = NULL;
    FILE *out = open_memstream(&text, ret_len);
    cr_assert(out);
    cr_assert_eq(model_write(m, out), 0);
    cr_assert_eq(fclose(out), 0);
    return text;
}

Test(model, is_the_same_for_the_same_people_and_survives_being_written) {
    Arena *a = arena_new(MEMORY);
    _cleanup_(model_freep) Model *m = NULL, *again = NULL, *read = NULL;
    Identity *people = link_crowd(a, 800, SEED, false);
    size_t len, len_again, len_read;
    cr_assert_eq(model_of(people, 800, &m), 0);
    cr_assert_eq(model_of(people, 800, &again), 0);
    _cleanup_(mem_freep) char *text = text_of(m, &len);
    _cleanup_(mem_freep) char *text_again = text_of(again, &len_again);
    cr_expect_str_eq(text, text_again);
    _cleanup_(file_closep) FILE *in = fmemopen(text, len, "r");
    cr_assert_eq(model_read(in, &read), 0);
    _cleanup_(mem_freep) char *text_read = text_of(read, &len_read);
    cr_expect_str_eq(text, text_read);
    cr_expect_eq(memcmp(m->weight, read->weight, sizeof(m->weight)), 0);
    arena_free(a);
}

Test(model, is_not_read_from_what_is_none) {
    _cleanup_(model_freep) Model *m = link_model(10), *read = NULL;
    size_t len;
    _cleanup_(mem_freep) char *text = text_of(m, &len);
    for (size_t cut = 1; cut < len; cut += 7) {
        _cleanup_(file_closep) FILE *in = fmemopen(text, len - cut, "r");
        cr_expect_eq(model_read(in, &read), ERR_FILE, "%zu", cut);
    }
    text[20] = 'x';
    _cleanup_(file_closep) FILE *in = fmemopen(text, len, "r");
    cr_expect_eq(model_read(in, &read), ERR_FILE);
}

Test(train, takes_nobody_and_one) {
    Arena *a = arena_new(MEMORY);
    Identity one = link_person(a, "amy;ant;20150302;;;;");
    for (size_t count = 0; count < 2; count++) {
        _cleanup_(model_freep) Model *m = NULL;
        cr_assert_eq(model_of(&one, count, &m), 0);
    }
    arena_free(a);
}

/* ---- arrivals -------------------------------------------------------------------------------- */

enum { STORY_MOST = 4 };

/* The last of each arrives when the others are known. */
static const struct {
    const char *what;
    const char *line[STORY_MOST];
    Band cautious, balanced;
} stories[] = {
    {"nobody is known", {"amy;ant;20150302;f;zq1 1ab;1 mill lane;"}, BAND_new, BAND_new},
    {"the very same, moved",
     {"amy;ant;20150302;f;zq1 1ab;1 mill lane;", "amy;ant;20150302;f;zq9 9xy;7 far road;"},
     BAND_auto,
     BAND_auto},
    {"only a given name", {"amy;;;;;;", "amy;;;;;;"}, BAND_new, BAND_new},
    {"a given name and a street",
     {"amy;ant;20150302;f;zq1 1ab;1 mill lane;", "amy;;;;;1 mill lane;"},
     BAND_review,
     BAND_review},
    {"nothing at all", {";;;;;;", ";;;;;;"}, BAND_new, BAND_new},
    {"a twin, when one is known",
     {"hana;ant;20150302;f;zq1 1ab;1 mill lane;", "hank;ant;20150302;;zq1 1ab;1 mill lane;"},
     BAND_review,
     BAND_auto},
    {"a twin with quite another name",
     {"amy;ant;20150302;f;zq1 1ab;1 mill lane;", "zoe;ant;20150302;f;zq1 1ab;1 mill lane;"},
     BAND_review,
     BAND_review},
    {"one of two known twins",
     {"amy;ant;20150302;f;zq1 1ab;1 mill lane;", "zoe;ant;20150302;f;zq1 1ab;1 mill lane;",
      "amy;ant;20150302;f;zq1 1ab;1 mill lane;"},
     BAND_review,
     BAND_auto},
    {"a parent of the same name",
     {"john;ant;19800302;m;zq1 1ab;1 mill lane;", "john;ant;20150708;m;zq1 1ab;1 mill lane;"},
     BAND_review,
     BAND_review},
    {"the same name in the home, no date of birth",
     {"john;ant;19800302;m;zq1 1ab;1 mill lane;", "john;ant;;m;zq1 1ab;1 mill lane;"},
     BAND_review,
     BAND_review},
    {"two valid numbers that differ",
     {"amy;ant;20150302;f;zq1 1ab;1 mill lane;9434765919",
      "amy;ant;20150302;f;zq9 9xy;7 far road;4010232137"},
     BAND_review,
     BAND_review},
    {"one valid number and the name",
     {"amy;ant;20150302;f;zq1 1ab;1 mill lane;9434765919", "amy;ant;;;;;9434765919"},
     BAND_auto,
     BAND_auto},
    {"one of two who are equally like her",
     {"amy;ant;20150302;;zq1 1ab;;9434765919", "amy;ant;20150302;;zq9 9xy;;4010232137",
      "amy;ant;20150302;;;;"},
     BAND_review,
     BAND_review},
    {"only the year of birth",
     {"amy;ant;20150101;f;zq1 1ab;;", "amy;ant;20150101;f;zq1 1ab;;"},
     BAND_review,
     BAND_review},
    {"family name first",
     {"nguyen;thi;20150302;f;zq1 1ab;;", "thi;nguyen;20150302;f;zq9 9xy;;"},
     BAND_auto,
     BAND_auto},
    {"in letters of another script",
     {"\xd0\x98\xd0\xb2\xd0\xb0\xd0\xbd;\xd0\x9a\xd0\xbe\xd0\xb2\xd0\xb0\xd0\xbb;20150302;m;;;",
      "\xd0\xb8\xd0\xb2\xd0\xb0\xd0\xbd;\xd0\xba\xd0\xbe\xd0\xb2\xd0\xb0\xd0\xbb;20150302;m;;;"},
     BAND_auto,
     BAND_auto},
};

static Arrival last_of(Arena *a, size_t story, const char *preset) {
    Identity people[STORY_MOST];
    size_t count = 0;
    Arrival arrival = {0};
    _cleanup_(model_freep) Model *m = link_model(2000);
    while (count < STORY_MOST && stories[story].line[count]) {
        people[count] = link_person(a, stories[story].line[count]);
        count++;
    }
    _cleanup_(known_freep) Known *k = known_new(m, preset_find(preset), people, NULL, NULL);
    cr_assert(k);
    for (size_t i = 0; i < count; i++) cr_assert_eq(known_arrive(k, &arrival), 0);
    return arrival;
}

Test(decide, sends_to_a_person_what_a_machine_must_not_say) {
    Arena *a = arena_new(MEMORY);
    for (size_t i = 0; i < COUNT_OF(stories); i++) {
        Arrival c = last_of(a, i, "cautious"), b = last_of(a, i, "balanced");
        cr_expect_eq(c.decision.band, stories[i].cautious, "%s: %s, %s", stories[i].what,
                     band_name(c.decision.band), why_sentence(c.decision.why));
        cr_expect_eq(b.decision.band, stories[i].balanced, "balanced, %s: %s, %s", stories[i].what,
                     band_name(b.decision.band), why_sentence(b.decision.why));
    }
    cr_expect_null(preset_find("brave"));
    arena_free(a);
}

Test(known, keeps_its_head_among_ten_thousand_of_one_name_and_year) {
    enum { MANY = 10000, EACH_MOST = 3000 };
    Arena *a = arena_new(MEMORY);
    _cleanup_(model_freep) Model *m = link_model(MANY);
    Identity *people = link_crowd(a, MANY, SEED, true);
    _cleanup_(known_freep) Known *k = known_new(m, preset_find("balanced"), people, NULL, NULL);
    uint64_t before = 0, most = 0;
    for (size_t i = 0; i < MANY; i++) {
        Arrival arrival;
        cr_assert_eq(known_arrive(k, &arrival), 0);
        uint64_t now = known_pairs(k);
        if (now - before > most) most = now - before;
        before = now;
        cr_assert_neq(arrival.decision.band, BAND_auto);
    }
    cr_expect(most < EACH_MOST, "%lu compared for one", (unsigned long)most);
    cr_expect(index_too_common(known_index(k), BLOCK_surname) > 0);
    arena_free(a);
}
