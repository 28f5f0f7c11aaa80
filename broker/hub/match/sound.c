/* A phonetic code made by a table of spellings; see alike.h. Simpler than the published ones, and
 * like them only a way to find candidates: nothing is decided by it. */
#include "broker/hub/match/alike.h"

#include "broker/base/cleanup.h"

typedef struct Spelling {
    const char *letters;
    const char *sound; /* "": silent; a vowel is 'A' at the beginning and silent elsewhere */
    bool first;        /* only at the beginning */
} Spelling;

/* The first that fits counts: longer ones first. */
static const Spelling spellings[] = {
    {"sch", "S", false},  {"tch", "C", false},  {"ght", "T", false}, {"mac", "MK", true},
    {"chr", "KR", false}, {"chl", "KL", false}, {"mc", "MK", true},  {"kn", "N", true},
    {"gn", "N", true},    {"pn", "N", true},    {"wr", "R", true},   {"ps", "S", true},
    {"ts", "S", true},    {"rh", "R", true},    {"wh", "W", true},   {"ph", "F", false},
    {"gh", "", false},    {"ck", "K", false},   {"sh", "S", false},  {"ch", "C", false},
    {"th", "T", false},   {"dg", "J", false},   {"cz", "C", false},  {"sz", "S", false},
    {"ce", "S", false},   {"ci", "S", false},   {"cy", "S", false},  {"ge", "J", false},
    {"gi", "J", false},   {"gy", "J", false},   {"qu", "K", false},  {"b", "B", false},
    {"c", "K", false},    {"d", "D", false},    {"f", "F", false},   {"g", "G", false},
    {"j", "J", false},    {"k", "K", false},    {"l", "L", false},   {"m", "M", false},
    {"n", "N", false},    {"p", "P", false},    {"q", "K", false},   {"r", "R", false},
    {"s", "S", false},    {"t", "T", false},    {"v", "F", false},   {"w", "W", true},
    {"x", "KS", false},   {"y", "A", true},     {"z", "S", false},   {"a", "A", true},
    {"e", "A", true},     {"i", "A", true},     {"o", "A", true},    {"u", "A", true},
};

enum { SOUNDS_MOST = 6, SOUND_BITS = 5 };

static const Spelling *spelling_at(Str rest, bool first) {
    for (size_t i = 0; i < COUNT_OF(spellings); i++) {
        if (spellings[i].first && !first) continue;
        if (str_starts(rest, str_z(spellings[i].letters))) return &spellings[i];
    }
    return NULL;
}

/* Letters of other scripts keep their own code, five bits a byte. */
static uint32_t foreign(char c) {
    return (uint8_t)c & 31U;
}

uint32_t sound_code(Str name) {
    uint32_t code = 0, last = 0;
    int count = 0;
    for (size_t i = 0; i < name.len && count < SOUNDS_MOST;) {
        Str rest = {.at = name.at + i, .len = name.len - i};
        const Spelling *s = spelling_at(rest, i == 0);
        const char *sound = s ? s->sound : "";
        uint32_t other = !s && (name.at[i] & 0x80) ? foreign(name.at[i]) : 0;
        i += s ? strlen(s->letters) : 1;
        for (; (*sound || other) && count < SOUNDS_MOST; sound += *sound != '\0', other = 0) {
            uint32_t one = other ? other : (uint32_t)(*sound - '@');
            if (one != last) {
                code = code << SOUND_BITS | one;
                count++;
            }
            last = one;
        }
        if (!s && !other) last = 0; /* a vowel between: the same sound again is another one */
    }
    return code;
}
