/* What commands answer that are refused: asked about enquiries that hold what stays in, in words
 * that name it, and wrong each in its own way. No answer may say one of those words. */
#include "tests/wire/refused.h"

#include "tests/properties/world.h"

/* In the place of these words stand the enquiry's reference, and a word that stays in. */
#define REF "<ref>"
#define STAYS CANARY "bcdfghj"

typedef struct Given {
    const char *name, *value;
} Given;

enum { WORDS_MOST = 8 };

static const struct {
    const char *command;
    Given words[WORDS_MOST];
} cases[] = {
    {STAYS, {{"ref", REF}}},
    {"claim", {{"ref", STAYS}}},
    {"show", {{"ref", REF}, {"purpose", STAYS}}},
    {"show", {{"ref", REF}, {"after", STAYS}}},
    {"rate", {{"ref", REF}, {"token", "1"}, {"rating", "red"}, {"reason", STAYS}}},
    {"rate", {{"ref", REF}, {"token", "1"}, {"rating", STAYS}, {"reason", "x"}}},
    {"check",
     {{"ref", REF},
      {"token", "1"},
      {"agency", "health"},
      {"gateway", "ca1989_s47"},
      {"threshold", "s47"},
      {"family", "no_risk"},
      {"question", "Has " STAYS " rung?"}}},
    {"decide",
     {{"ref", REF},
      {"token", "1"},
      {"subject", "1"},
      {"outcome", STAYS},
      {"gateway", "ca1989_s17"},
      {"rationale", STAYS},
      {"necessity", STAYS},
      {"version", "1"}}},
    {"decisions", {{"ref", REF}, {"purpose", STAYS}}},
    {"preview", {{"ref", REF}, {"recipient", STAYS}, {"purpose", "safeguarding_assessment"}}},
    {"preview", {{"ref", REF}, {"recipient", "education"}, {"purpose", STAYS}}},
    {"explain",
     {{"ref", REF},
      {"item", STAYS},
      {"recipient", "education"},
      {"purpose", "safeguarding_assessment"}}},
    {"share",
     {{"ref", REF},
      {"recipient", "education"},
      {"purpose", "safeguarding_assessment"},
      {"product", "2f010203-0405-4607-8809-0a0b0c0d0e0f"},
      {"digest", "00"},
      {"gateway", "ca1989_s17"}}},
    {"share",
     {{"ref", REF},
      {"recipient", "education"},
      {"purpose", "safeguarding_assessment"},
      {"product", "2f010203-0405-4607-8809-0a0b0c0d0e0f"},
      {"digest", "0000000000000000000000000000000000000000000000000000000000000000"},
      {"gateway", "ca1989_s17"}}},
    {"emergency", {{"ref", REF}, {"recipient", STAYS}}},
    {"justify", {{"product", STAYS}, {"rationale", STAYS}, {"necessity", STAYS}}},
    {"product", {{"product", STAYS}}},
    {"quarantine-show", {{"id", STAYS}}},
    {"term", {{"term", STAYS}, {"from", "2026-01-01"}, {"source", STAYS}}},
};

size_t refused_all(Staff *s, Arena *a, Str ref) {
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Word words[WORDS_MOST];
        size_t count = 0;
        Str reason;
        for (; count < WORDS_MOST && cases[i].words[count].name; count++) {
            const Given *t = &cases[i].words[count];
            words[count] = (Word){t->name, strcmp(t->value, REF) == 0 ? ref : str_z(t->value)};
        }
        json_t *body = staff_ask(s, a, cases[i].command, words, count, &reason);
        if (body) give_up("case %zu of refused.c was not refused: %s", i, cases[i].command);
    }
    return COUNT_OF(cases);
}
