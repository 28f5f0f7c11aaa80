/* What a person should think of before a text leaves: that the cuts have made it useless, or that
 * what remains discloses without a name. Nothing here cuts or withholds; see detect.h. */
#include "broker/release/net.h"

enum {
    WARNINGS_MOST = 32, /* of one text; a person who has read these has been warned */
    WORD_MOST = 24,
    ANY_MOST = 2,
};

static const char useless_all[] =
    "What was cut is most of this text; a summary in the owner's words would serve better.";
static const char useless_sentence[] =
    "Too little is left of this sentence to say what happened, or to whom.";

/* Words that say nothing by themselves. */
static const char empty_words[] =
    "a an the and or but of to in on at by for from with as is was were are be been has had have "
    "he she they it his her their its him them who that this there s mr mrs ms miss dr pc dc "
    "also then when not no so if told said";

#define WHO(words) words
#define TOLD(words)
#define INDIRECT(pattern, sentence)
static const char who[] =
#include "broker/release/indirect.def"
    ;
#undef WHO
#undef TOLD
#define WHO(words)
#define TOLD(words) words
static const char told[] =
#include "broker/release/indirect.def"
    ;
#undef TOLD
#undef INDIRECT
#define TOLD(words)
#define INDIRECT(pattern, sentence) {pattern, sentence},
static const struct {
    const char *pattern, *sentence;
} indirect[] = {
#include "broker/release/indirect.def"
};

typedef struct Reading {
    Stream s;
    Warning *warnings;
    size_t count;
} Reading;

static void warn(Reading *r, const char *sentence, size_t from, size_t to) {
    if (r->count == WARNINGS_MOST) return;
    Str words = {.at = r->s.text.at + from, .len = to - from};
    r->warnings[r->count++] = (Warning){.sentence = sentence, .words = words};
}

/* ---- indirectly --------------------------------------------------------------------------------
 */

static bool word_fits(Str word, Str want) {
    if (str_is(want, "@who")) return word.len && word_in(word, who);
    if (str_is(want, "@told")) return word.len && word_in(word, told);
    return str_eq(word, want);
}

/* The end of what fits the pattern from `at` on, within one sentence; 0 when nothing does. */
static size_t pattern_end(const Stream *s, size_t at, Str pattern) {
    Str rest = pattern, want;
    size_t any = 0, first = at, end = 0;
    char buffer[WORD_MOST];
    while (str_split(&rest, ' ', &want)) {
        if (str_is(want, "*")) {
            any = ANY_MOST;
            continue;
        }
        for (;; at = token_end(s, at)) {
            if (at >= s->count || (at > first && gap_ends(s, &s->at[at]))) return 0;
            if (word_fits(token_plain(s, at, buffer, WORD_MOST), want)) break;
            if (any-- == 0) return 0;
        }
        any = 0;
        at = end = token_end(s, at);
    }
    return end;
}

static void disclosures(Reading *r) {
    const Stream *s = &r->s;
    for (size_t i = 0; i < s->count; i = token_end(s, i)) {
        for (size_t k = 0; k < COUNT_OF(indirect); k++) {
            size_t end = pattern_end(s, i, str_z(indirect[k].pattern));
            if (!end) continue;
            warn(r, indirect[k].sentence, s->at[i].from, s->at[end - 1].to);
            break;
        }
    }
}

/* ---- useless -----------------------------------------------------------------------------------
 */

/* Tokens of cuts in a stretch of the text. */
static size_t cuts_in(Str part) {
    size_t count = 0, at;
    while (str_find(part, STR(CUT_TOKEN), &at)) {
        count++;
        part.at += at + 1;
        part.len -= at + 1;
    }
    return count;
}

/* Words between `begin` and `end` that say something. */
static size_t words_saying(const Stream *s, size_t begin, size_t end) {
    char buffer[WORD_MOST];
    size_t count = 0;
    for (size_t i = begin; i < end; i = token_end(s, i)) {
        Str word = token_plain(s, i, buffer, WORD_MOST);
        count += word.len == 0 || !word_in(word, empty_words);
    }
    return count;
}

/* From `begin` to where the sentence ends: letters, and the byte after its mark. */
static size_t sentence_end(const Stream *s, size_t begin, size_t *ret_byte) {
    size_t i = begin;
    do i = token_end(s, i);
    while (i < s->count && !gap_ends(s, &s->at[i]));
    *ret_byte = i < s->count ? gap_ends(s, &s->at[i]) : s->text.len;
    return i;
}

static void uselessness(Reading *r) {
    const Stream *s = &r->s;
    size_t cuts = cuts_in(s->text), saying = words_saying(s, 0, s->count), from = 0;
    if (cuts == 0) return;
    if (saying < 2 * cuts) {
        warn(r, useless_all, 0, 0);
        return;
    }
    for (size_t i = 0, end; i < s->count; i = end) {
        size_t to;
        end = sentence_end(s, i, &to);
        Str part = {.at = s->text.at + from, .len = to - from};
        if (cuts_in(part) && words_saying(s, i, end) < 2) warn(r, useless_sentence, from, to);
        from = to;
    }
}

bool text_warnings(Arena *a, Str remains, const Warning **ret, size_t *ret_count) {
    _cleanup_(arena_freep) Arena *scratch = arena_new(NET_MOST * (size_t)64);
    Reading r = {.warnings = arena_array(a, WARNINGS_MOST, sizeof(Warning))};
    if (!scratch || !r.warnings || !stream_new(scratch, remains, &r.s)) return false;
    uselessness(&r);
    disclosures(&r);
    *ret = r.warnings;
    *ret_count = r.count;
    return true;
}
