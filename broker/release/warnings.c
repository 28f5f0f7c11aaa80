/* What a person should think of before a text leaves: that the cuts have made it useless, or that
 * what remains discloses without a name. Nothing here cuts or withholds; see detect.h. */
#include "broker/release/net.h"

#include <threads.h>

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

/* ---- compiled ------------------------------------------------------------------------------- */

enum { SLOTS = 1024, FORM_MOST = 8, WANT_WHO = SLOTS, WANT_TOLD };

/* A word of the lists or of a pattern. */
typedef struct Entry {
    Str word;
    bool who, told, empty; /* it is in these lists */
    bool begins;           /* some pattern begins with it, or with a list that it is in */
} Entry;

/* A pattern: which words, as slots, and how many may stand before each. */
typedef struct Form {
    uint16_t want[FORM_MOST];
    uint8_t any[FORM_MOST];
    size_t count;
} Form;

typedef struct Cautions {
    Entry slots[SLOTS];
    Form forms[COUNT_OF(indirect)];
} Cautions;

static Cautions cautions; /* read once; see cautions_read */

/* The slot of a word, or the free one where it would stand: there are few words in many slots. */
static uint16_t slot_of(const Cautions *c, Str word) {
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < word.len; i++) hash = (hash ^ (uint8_t)word.at[i]) * 16777619u;
    uint32_t at = (hash ^ hash >> 15) % SLOTS;
    while (c->slots[at].word.len && !str_eq(c->slots[at].word, word)) at = (at + 1) % SLOTS;
    return (uint16_t)at;
}

static Entry *entry_of(Cautions *c, Str word) {
    Entry *e = &c->slots[slot_of(c, word)];
    e->word = word;
    return e;
}

static void form_read(Cautions *c, Form *form, Str pattern) {
    Str want;
    while (str_split(&pattern, ' ', &want)) {
        if (str_is(want, "*")) {
            form->any[form->count] = ANY_MOST;
            continue;
        }
        bool is_who = str_is(want, "@who"), is_told = str_is(want, "@told");
        Entry *e = is_who || is_told ? NULL : entry_of(c, want);
        if (e && form->count == 0) e->begins = true;
        form->want[form->count++] = is_who ? WANT_WHO : e ? (uint16_t)(e - c->slots) : WANT_TOLD;
    }
}

static void cautions_read(void) {
    Cautions *c = &cautions;
    Str word;
    for (Str rest = str_z(who); str_split(&rest, ' ', &word);) {
        *entry_of(c, word) = (Entry){.word = word, .who = true, .begins = true};
    }
    for (Str rest = str_z(told); str_split(&rest, ' ', &word);) {
        Entry *e = entry_of(c, word);
        e->told = e->begins = true;
    }
    for (Str rest = str_z(empty_words); str_split(&rest, ' ', &word);) {
        entry_of(c, word)->empty = true;
    }
    for (size_t i = 0; i < COUNT_OF(indirect); i++) {
        form_read(c, &c->forms[i], str_z(indirect[i].pattern));
    }
}

/* ---- read ----------------------------------------------------------------------------------- */

typedef struct Word {
    uint16_t slot;
    bool breaks; /* a sentence or a clause ends before it */
    size_t begin, end;
} Word;

typedef struct Reading {
    Stream s;
    Word *words;
    size_t word_count;
    Warning warnings[WARNINGS_MOST];
    size_t count;
} Reading;

static bool reading_new(Arena *scratch, Str text, Reading *r) {
    char buffer[WORD_MOST];
    if (!stream_new(scratch, text, &r->s)) return false;
    r->words = arena_array(scratch, r->s.count, sizeof(Word));
    for (size_t i = 0, end; r->words && i < r->s.count; i = end) {
        end = token_end(&r->s, i);
        Str plain = token_plain(&r->s, i, buffer, WORD_MOST); /* too long: as no word is */
        r->words[r->word_count++] = (Word){.slot = slot_of(&cautions, plain.len ? plain : STR("?")),
                                           .breaks = i && gap_ends(&r->s, &r->s.at[i]),
                                           .begin = i,
                                           .end = end};
    }
    return r->words != NULL;
}

static const Entry *entry_at(const Reading *r, size_t word) {
    return &cautions.slots[r->words[word].slot];
}

static void warn(Reading *r, const char *sentence, size_t from, size_t to) {
    if (r->count == WARNINGS_MOST) return;
    Str words = {.at = r->s.text.at + from, .len = to - from};
    r->warnings[r->count++] = (Warning){.sentence = sentence, .words = words};
}

/* ---- indirectly --------------------------------------------------------------------------------
 */

static bool word_fits(const Reading *r, size_t word, uint16_t want) {
    const Entry *e = entry_at(r, word);
    if (want == WANT_WHO) return e->who;
    if (want == WANT_TOLD) return e->told;
    return r->words[word].slot == want;
}

/* The word after what fits the form from `at` on, within one sentence; 0 when nothing does. */
static size_t form_end(const Reading *r, size_t at, const Form *form) {
    size_t first = at;
    for (size_t i = 0; i < form->count; i++, at++) {
        for (size_t any = form->any[i];; at++) {
            if (at >= r->word_count || (at > first && r->words[at].breaks)) return 0;
            if (word_fits(r, at, form->want[i])) break;
            if (any-- == 0) return 0;
        }
    }
    return at;
}

static void disclosures(Reading *r) {
    for (size_t i = 0; i < r->word_count; i++) {
        if (!entry_at(r, i)->begins) continue;
        for (size_t k = 0; k < COUNT_OF(indirect); k++) {
            const Form *form = &cautions.forms[k];
            size_t end = word_fits(r, i, form->want[0]) ? form_end(r, i, form) : 0;
            if (!end) continue;
            size_t from = r->s.at[r->words[i].begin].from;
            warn(r, indirect[k].sentence, from, r->s.at[r->words[end - 1].end - 1].to);
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

/* Of the words from `at` up to `end`, those that say something. */
static size_t words_saying(const Reading *r, size_t at, size_t end) {
    size_t count = 0;
    for (; at < end; at++) count += !entry_at(r, at)->empty;
    return count;
}

/* From the word `at` to where its sentence ends: the word after it, and the byte after its mark. */
static size_t sentence_end(const Reading *r, size_t at, size_t *ret_byte) {
    do at++;
    while (at < r->word_count && !r->words[at].breaks);
    bool last = at == r->word_count;
    *ret_byte = last ? r->s.text.len : gap_ends(&r->s, &r->s.at[r->words[at].begin]);
    return at;
}

static void uselessness(Reading *r) {
    size_t cuts = cuts_in(r->s.text), from = 0;
    if (cuts == 0) return;
    if (words_saying(r, 0, r->word_count) < 2 * cuts) {
        warn(r, useless_all, 0, 0);
        return;
    }
    for (size_t i = 0, end; i < r->word_count; i = end) {
        size_t to;
        end = sentence_end(r, i, &to);
        Str part = {.at = r->s.text.at + from, .len = to - from};
        if (cuts_in(part) && words_saying(r, i, end) < 2) warn(r, useless_sentence, from, to);
        from = to;
    }
}

bool text_warnings(Arena *a, Arena *scratch, Str remains, const Warning **ret,
                   size_t *ret_count) {
    static once_flag once = ONCE_FLAG_INIT;
    Reading r = {0};
    call_once(&once, cautions_read);
    if (!reading_new(scratch, remains, &r)) return false;
    uselessness(&r);
    disclosures(&r);
    Warning *warnings = arena_array(a, r.count, sizeof(Warning));
    if (warnings && r.count) memcpy(warnings, r.warnings, r.count * sizeof(Warning));
    *ret = warnings;
    *ret_count = r.count;
    return warnings != NULL;
}
