/* Reading policies from files; see policy.h. What is wrong with a text is shown where it stands. */
#include "broker/ctl/policy.h"

#include "broker/ctl/ctl.h"
#include "broker/ctl/offline.h"
#include "broker/release/rule.h"
#include "broker/release/words.h"

#include <time.h>

enum { AGENCIES_MOST = 1024 };

/* ---- where the fault is ---------------------------------------------------------------------- */

static Str line_of(Str text, size_t number) {
    Str line = {0};
    while (number-- && str_split(&text, '\n', &line)) continue;
    return line;
}

/* The line as it is, where it can be shown, and a mark under the word. */
static void fault_show(const Paper *p, const PolicyFault *fault) {
    Str line = line_of(p->text, fault->line);
    size_t at = 0, len = strlen(fault->word);
    (void)fprintf(stderr, "mashctl: %s: %s\n", p->path, fault->sentence);
    bool found = len && str_find(line, str_z(fault->word), &at);
    if (!found) return;
    (void)fprintf(stderr, "    ");
    for (size_t i = 0; i < line.len; i++) {
        bool plain = line.at[i] >= ' ' && line.at[i] < 0x7f;
        (void)fputc(plain ? line.at[i] : ' ', stderr);
    }
    (void)fprintf(stderr, "\n    %*s", (int)at, "");
    while (len--) (void)fputc('^', stderr);
    (void)fputc('\n', stderr);
}

bool paper_read(Arena *a, const char *path, const Agencies *agencies, Paper *ret) {
    PolicyFault fault;
    *ret = (Paper){.path = path};
    if (text_read(a, path, PAPER_MOST, &ret->text) != 0) return false;
    int r = policies_parse(a, ret->text, agencies->codes, agencies->count, &ret->at, &ret->count,
                           &fault);
    if (r > 0) fault_show(ret, &fault);
    return r == 0 || (r < 0 && complain(path, err_name(r)) == 0);
}

Policy paper_policy(const Paper *p, Str owner) {
    for (size_t i = 0; i < p->count; i++) {
        if (str_eq(p->at[i].owner, owner)) return p->at[i];
    }
    return (Policy){.owner = owner};
}

/* ---- the agencies ---------------------------------------------------------------------------- */

static bool agency_take(Str line, AgencyKnown *ret) {
    bool two = str_split(&line, ' ', &ret->code);
    ret->type = str_trim(line);
    return two && agency_code_valid(ret->code) && code_known(LIST_agency_type, ret->type);
}

bool agencies_read(Arena *a, const char *path, Agencies *ret) {
    Str text, line;
    *ret = (Agencies){0};
    if (!path) return true;
    if (text_read(a, path, PAPER_MOST, &text) != 0) return false;
    AgencyKnown *at = arena_array(a, AGENCIES_MOST, sizeof(*at));
    Str *codes = arena_array(a, AGENCIES_MOST, sizeof(*codes));
    if (!at || !codes) return complain(path, err_name(ERR_MEMORY)) == 0;
    for (size_t number = 1; str_split(&text, '\n', &line); number++) {
        line = str_trim(line);
        if (line.len == 0 || line.at[0] == '#') continue;
        if (ret->count == AGENCIES_MOST || !agency_take(line, &at[ret->count])) {
            (void)fprintf(stderr,
                          "mashctl: %s: line %zu: each line is an agency's code, a space and its "
                          "type; `mashctl policy words` lists the types\n",
                          path, number);
            return false;
        }
        codes[ret->count] = at[ret->count].code;
        ret->count++;
    }
    ret->at = at;
    ret->codes = codes;
    return true;
}

/* ---- an option's word ------------------------------------------------------------------------ */

static bool word_find(const Words *words, const char *word, size_t *ret) {
    static const char place[] = "line 0: "; /* an option stands in no line */
    PolicyFault fault;
    if (words_find(words, str_z(word), ret)) return true;
    fault_word(&fault, 0, str_z(word), words);
    (void)fprintf(stderr, "mashctl: %s\n", fault.sentence + sizeof(place) - 1);
    return false;
}

bool word_known(Arena *a, CodeList list, const char *what, const char *word, Str *ret) {
    Words words = words_codes(a, list, what);
    size_t i;
    if (!word_find(&words, word, &i)) return false;
    *ret = words.at[i];
    return true;
}

bool word_class(Arena *a, const char *word, InfoClass *ret) {
    Words words = words_classes(a);
    size_t i;
    if (!word_find(&words, word, &i)) return false;
    *ret = class_by_name(words.at[i]);
    return true;
}

bool word_day(const char *word, Str *ret) {
    *ret = str_z(word);
    return day_valid(*ret) ||
           complain(word, "is not a day of the calendar, written YYYY-MM-DD") == 0;
}

Str day_today(Arena *a) {
    time_t now = time(NULL);
    struct tm utc;
    if (!gmtime_r(&now, &utc)) return (Str){0};
    return arena_printf(a, "%04d-%02d-%02d", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday);
}

const char *count_text(uint64_t n, char out[32]) {
    char plain[24];
    int len = snprintf(plain, sizeof(plain), "%llu", (unsigned long long)n);
    size_t at = 0;
    for (int i = 0; i < len; i++) {
        if (i && (len - i) % 3 == 0) out[at++] = ',';
        out[at++] = plain[i];
    }
    out[at] = '\0';
    return out;
}
