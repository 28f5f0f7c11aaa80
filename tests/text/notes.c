/* Reads the labelled notes and counts; see notes.h. The form of the files: "@enquiry" begins anew,
 * "@name Okafor, Margaret" and the like say who is in it, "category: text with {labels}" is a note.
 */
#include "tests/text/notes.h"

#include <stdlib.h>

enum { LINE_MOST = 1024, WORDS_MOST = 32 };

typedef struct Reader {
    Arena *enquiry; /* words and net, until the next @enquiry */
    Arena *note;
    NetWord words[WORDS_MOST];
    size_t word_count;
    Subject subject;
    const Net *net;
    Measured *measured;
    FILE *say;
} Reader;

/* A note without its braces, and which of its bytes are labelled: 0, or the label's number. */
typedef struct Note {
    char text[LINE_MOST];
    size_t len;
    int label[LINE_MOST];
    int labels;
} Note;

double recall(const Tally *t) {
    return t->labels ? (double)t->labels_found / (double)t->labels : 1;
}

double precision(const Tally *t) {
    return t->cuts ? (double)t->cuts_right / (double)t->cuts : 1;
}

/* ---- reading ----------------------------------------------------------------------------------
 */

static void put_utf8(Note *n, unsigned c, int label) {
    char bytes[3] = {(char)c};
    size_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : 3;
    if (len == 2) bytes[0] = (char)(0xc0 | c >> 6), bytes[1] = (char)(0x80 | (c & 0x3f));
    if (len == 3) {
        bytes[0] = (char)(0xe0 | c >> 12);
        bytes[1] = (char)(0x80 | (c >> 6 & 0x3f));
        bytes[2] = (char)(0x80 | (c & 0x3f));
    }
    for (size_t i = 0; i < len; i++) {
        n->label[n->len] = label;
        n->text[n->len++] = bytes[i];
    }
}

static void note_read(const char *line, Note *ret) {
    int label = 0;
    *ret = (Note){.len = 0};
    for (const char *c = line; *c && ret->len < LINE_MOST - 4; c++) {
        if (*c == '{') {
            label = ++ret->labels;
        } else if (*c == '}') {
            label = 0;
        } else if (strncmp(c, "\\u", 2) == 0) {
            char hex[5] = "";
            memcpy(hex, c + 2, 4);
            put_utf8(ret, (unsigned)strtoul(hex, NULL, 16), label);
            c += 5;
        } else {
            ret->label[ret->len] = label;
            ret->text[ret->len++] = *c;
        }
    }
}

static const struct {
    const char *word;
    NetKind kind;
} directives[] = {
    {"@name ", NET_name},           {"@address ", NET_address},       {"@postcode ", NET_postcode},
    {"@telephone ", NET_telephone}, {"@identifier ", NET_identifier}, {"@vehicle ", NET_vehicle},
    {"@email ", NET_email},
};

static void directive(Reader *r, Str line) {
    r->net = NULL;
    if (str_is(line, "@enquiry")) {
        arena_reset(r->enquiry);
        r->word_count = 0;
        r->subject = (Subject){0};
    }
    if (str_starts(line, STR("@subject "))) {
        r->subject.name = arena_str(r->enquiry, (Str){line.at + 9, line.len - 9});
    }
    for (size_t i = 0; i < COUNT_OF(directives); i++) {
        Str word = str_z(directives[i].word);
        if (!str_starts(line, word) || r->word_count == WORDS_MOST) continue;
        Str text = arena_str(r->enquiry, (Str){line.at + word.len, line.len - word.len});
        r->words[r->word_count++] = (NetWord){.text = text, .kind = directives[i].kind};
    }
}

/* ---- counting ---------------------------------------------------------------------------------
 */

static Tally *tally_of(Measured *m, Str category) {
    for (size_t i = 0; i < m->categories; i++) {
        if (str_is(category, m->of[i].category)) return &m->of[i];
    }
    if (m->categories == CATEGORIES_MOST) abort();
    Tally *t = &m->of[m->categories++];
    (void)snprintf(t->category, sizeof(t->category), "%.*s", STR_ARG(category));
    return t;
}

static bool counts(char c) {
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (c & 0x80);
}

static void say_fault(Reader *r, const Note *n, const char *what, size_t from, size_t len) {
    if (r->say) {
        (void)fprintf(r->say, "%s \"%.*s\" in: %.*s\n", what, (int)len, n->text + from, (int)n->len,
                      n->text);
    }
}

static void count_labels(Reader *r, Tally *t, const Note *n, const bool *cut) {
    for (int label = 1; label <= n->labels; label++) {
        size_t from = 0, len = 0;
        bool found = true;
        while (n->label[from] != label) from++;
        for (size_t i = from; i < n->len && n->label[i] == label; i++, len++) {
            found = found && (cut[i] || !counts(n->text[i]));
        }
        t->labels++;
        t->labels_found += found;
        if (!found) say_fault(r, n, "missed", from, len);
    }
}

static void count_cuts(Reader *r, Tally *t, const Note *n, const Span *spans, size_t count) {
    for (size_t i = 0; i < count; i++) {
        bool right = true;
        for (size_t at = spans[i].from; at < spans[i].from + spans[i].len; at++) {
            right = right && (n->label[at] || !counts(n->text[at]));
        }
        t->cuts++;
        t->cuts_right += right;
        if (!right) say_fault(r, n, "wrong", spans[i].from, spans[i].len);
    }
}

static void note_count(Reader *r, Str category, const Note *n) {
    const Span *spans = NULL;
    size_t count = 0;
    bool cut[LINE_MOST] = {0};
    if (!r->net) r->net = net_new(r->enquiry, r->words, r->word_count, &r->subject, 1);
    if (!net_find(r->net, r->note, (Str){n->text, n->len}, &spans, &count)) abort();
    for (size_t i = 0; i < count; i++) memset(cut + spans[i].from, true, spans[i].len);
    Tally *tallies[] = {tally_of(r->measured, category), &r->measured->all};
    for (size_t i = 0; i < COUNT_OF(tallies); i++) {
        tallies[i]->notes++;
        count_labels(r, tallies[i], n, cut);
        count_cuts(r, tallies[i], n, spans, count);
        r->say = i == 0 ? NULL : r->say;
    }
    arena_reset(r->note);
}

void notes_measure(const char *path, Measured *ret, FILE *say) {
    _cleanup_(arena_freep) Arena *enquiry = arena_new(64 << 20);
    _cleanup_(arena_freep) Arena *note = arena_new(64 << 20);
    Reader r = {.enquiry = enquiry, .note = note, .measured = ret};
    char buffer[LINE_MOST];
    FILE *in = fopen(path, "r");
    *ret = (Measured){.all.category = "all"};
    if (!in) {
        perror(path);
        abort();
    }
    while (fgets(buffer, sizeof(buffer), in)) {
        Str line = str_trim(str_z(buffer)), category;
        static Note n;
        buffer[line.len] = '\0';
        if (line.len == 0 || line.at[0] == '#') continue;
        if (line.at[0] == '@') {
            directive(&r, line);
            continue;
        }
        (void)str_split(&line, ':', &category);
        note_read(str_trim(line).at, &n);
        r.say = say;
        note_count(&r, category, &n);
    }
    (void)fclose(in);
}
