/* A person who mistypes a policy is told the line, the word, and the words she may have meant. The
 * sentence repeats the word she wrote, cut and made printable, and nothing else of the text. */
#include "broker/release/words.h"

#include "broker/release/rule.h"

#include <stdarg.h>

enum { WORD_MOST = sizeof(((PolicyFault *)0)->word) - 1, OFFER_MOST = 6, NEAR_MOST = 3 };

Words words_classes(Arena *a) {
    Str *at = arena_array(a, CLASS_COUNT, sizeof(*at));
    if (!at) return (Words){0};
    for (int c = 1; c < CLASS_COUNT; c++) at[c - 1] = str_z(class_name((InfoClass)c));
    return (Words){.what = "an information class", .at = at, .count = CLASS_COUNT - 1};
}

Words words_codes(Arena *a, CodeList list, const char *what) {
    CodeList its;
    const char *value, *doc;
    size_t all = 0, count = 0;
    while (code_at(all, &its, &value, &doc)) all++;
    Str *at = arena_array(a, all, sizeof(*at));
    for (size_t i = 0; at && i < all && code_at(i, &its, &value, &doc); i++) {
        if (its == list) at[count++] = str_z(value);
    }
    return (Words){.what = what, .at = at, .count = count};
}

bool words_find(const Words *w, Str word, size_t *ret_index) {
    for (size_t i = 0; i < w->count; i++) {
        if (!str_eq(w->at[i], word)) continue;
        *ret_index = i;
        return true;
    }
    return false;
}

/* Levenshtein's distance, both words cut at WORD_MOST. */
static size_t edits(Str a, Str b) {
    size_t row[WORD_MOST + 1];
    size_t width = b.len < WORD_MOST ? b.len : WORD_MOST;
    for (size_t j = 0; j <= width; j++) row[j] = j;
    for (size_t i = 0; i < a.len && i < WORD_MOST; i++) {
        size_t corner = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < width; j++) {
            size_t change = corner + (a.at[i] != b.at[j]);
            corner = row[j + 1];
            size_t step = (row[j] < corner ? row[j] : corner) + 1;
            row[j + 1] = change < step ? change : step;
        }
    }
    return row[width];
}

/* The words nearest to `word`, at most NEAR_MOST, none when all are far: more than half of the
 * letters would have to change. */
static size_t words_near(const Words *w, Str word, Str ret[NEAR_MOST]) {
    size_t least = word.len / 2, count = 0;
    for (size_t i = 0; i < w->count; i++) {
        size_t far = edits(word, w->at[i]);
        if (far < least) count = 0;
        if (far < least) least = far;
        if (far == least && far < word.len && count < NEAR_MOST) ret[count++] = w->at[i];
    }
    return count;
}

static void _printf_(2, 3) say(PolicyFault *fault, const char *format, ...) {
    size_t used = strlen(fault->sentence);
    va_list args;
    va_start(args, format);
    (void)vsnprintf(fault->sentence + used, sizeof(fault->sentence) - used, format, args);
    va_end(args);
}

static void say_choice(PolicyFault *fault, const Str *at, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const char *before = i == 0 ? "" : i + 1 == count ? " or " : ", ";
        say(fault, "%s%.*s", before, STR_ARG(at[i]));
    }
}

void words_offer(const Words *w, Str word, char *ret, size_t size) {
    PolicyFault fault;
    fault_word(&fault, 0, word, w);
    (void)snprintf(ret, size, "%s", strchr(fault.sentence, ':') + 2);
}

static void fault_open(PolicyFault *fault, size_t line, Str word) {
    *fault = (PolicyFault){.line = line};
    for (size_t i = 0; i < word.len && i < WORD_MOST; i++) {
        char c = word.at[i];
        bool prints = c > ' ' && c < 0x7f && c != '"';
        if (!prints) c = '?';
        fault->word[i] = c;
    }
    say(fault, "line %zu: ", line);
}

void fault_say(PolicyFault *fault, size_t line, Str word, const char *sentence) {
    fault_open(fault, line, word);
    if (word.len) say(fault, "\"%s\" ", fault->word);
    say(fault, "%s", sentence);
}

void fault_word(PolicyFault *fault, size_t line, Str word, const Words *w) {
    Str near[NEAR_MOST];
    size_t count = words_near(w, word, near);
    fault_open(fault, line, word);
    if (word.len) {
        say(fault, "\"%s\" is not %s", fault->word, w->what);
    } else {
        say(fault, "the line ends where %s must stand", w->what);
    }
    if (count) {
        say(fault, "; did you mean ");
        say_choice(fault, near, count);
        say(fault, "?");
    } else if (w->count <= OFFER_MOST) {
        say(fault, "; use ");
        say_choice(fault, w->at, w->count);
    } else {
        say(fault, "; `mashctl policy words` lists them");
    }
}

/* "2026-9-1", "1/9/2026" and "2026-02-30" as the days that they come nearest to; false when the
 * word is not three numbers. */
static bool day_near(Str word, char ret[11]) {
    unsigned part[3] = {0};
    size_t parts = 0, len[3] = {0};
    for (size_t i = 0; i < word.len; i++) {
        bool digit = word.at[i] >= '0' && word.at[i] <= '9';
        if (!digit && ++parts == 3) return false;
        if (!digit) continue;
        part[parts] = part[parts] * 10 + (unsigned)(word.at[i] - '0');
        if (++len[parts] > 4) return false;
    }
    bool turned = len[2] == 4; /* as people here write it: day, month, year */
    unsigned year = turned ? part[2] : part[0], day = turned ? part[0] : part[2];
    for (unsigned less = 0; less <= 3 && day > less; less++) { /* a month has at least 28 days */
        (void)snprintf(ret, 11, "%04u-%02u-%02u", year % 10000, part[1] % 100, (day - less) % 100);
        if (parts == 2 && day_valid(str_z(ret))) return true;
    }
    return false;
}

void fault_day(PolicyFault *fault, size_t line, Str word) {
    char near[11];
    fault_say(fault, line, word, "is not a day of the calendar, written YYYY-MM-DD");
    if (day_near(word, near)) say(fault, "; did you mean %s?", near);
}
