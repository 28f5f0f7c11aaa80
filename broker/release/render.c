/* A Shareable for people: plain text and one accessible, self-contained page. Both show the same
 * words. What agencies wrote is indented in the text and escaped in the page, so that no content
 * can pass for the hub's own words; control characters become spaces. */
#include "broker/release/shareable.h"

/* Rendering is a long concatenation: pieces in a chain, joined once. */
typedef struct Piece {
    Str text;
    struct Piece *next;
} Piece;

typedef struct Page {
    Arena *arena;
    Piece *first, *last;
    size_t len;
} Page;

typedef struct Pair {
    const char *label;
    Str value;
} Pair;

enum { PAIRS = 5 };

static const char caution[] =
    "Use this only to safeguard the child. Do not pass it on without the agreement of the agency "
    "that owns it.";

static const char style[] =
    "body{font:1.1rem/1.5 sans-serif;max-width:44rem;margin:1.5rem auto;padding:0 1rem}"
    "dt{font-weight:bold}dd{margin:0 0 .5rem}section{border-top:2px solid;margin-top:1.5rem}"
    ".words{white-space:pre-wrap}.mark{font-weight:bold}";

static void put(Page *p, Str text) {
    Piece *piece = text.len ? arena_alloc(p->arena, sizeof(*piece)) : NULL;
    if (!piece) return; /* empty, or the arena has failed and says so in the end */
    piece->text = text;
    if (p->last) p->last->next = piece;
    if (!p->first) p->first = piece;
    p->last = piece;
    p->len += text.len;
}

static void put_z(Page *p, const char *z) {
    put(p, str_z(z));
}

static Str page_join(Page *p) {
    char *at = arena_alloc(p->arena, p->len + 1);
    size_t used = 0;
    for (const Piece *piece = p->first; at && piece; piece = piece->next) {
        memcpy(at + used, piece->text.at, piece->text.len);
        used += piece->text.len;
    }
    return (Str){.at = at, .len = at ? used : 0};
}

static bool is_control(char c) {
    return ((unsigned char)c < ' ' && c != '\n' && c != '\t') || c == 0x7f;
}

static const char *escape(char c) {
    switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    case '\n': return "\n";
    default: return is_control(c) ? " " : NULL;
    }
}

/* Somebody's words in the page. */
static void put_escaped(Page *p, Str s) {
    size_t from = 0;
    for (size_t i = 0; i < s.len; i++) {
        const char *instead = escape(s.at[i]);
        if (!instead) continue;
        put(p, (Str){.at = s.at + from, .len = i - from});
        put_z(p, instead);
        from = i + 1;
    }
    put(p, (Str){.at = s.at + from, .len = s.len - from});
}

/* Somebody's words in the text, each line behind `indent`; all on one line when that is empty. */
static void put_indented(Page *p, const char *indent, Str s) {
    size_t from = 0;
    put_z(p, indent);
    for (size_t i = 0; i < s.len; i++) {
        bool line = s.at[i] == '\n';
        if (!line && !is_control(s.at[i])) continue;
        put(p, (Str){.at = s.at + from, .len = i - from});
        put_z(p, line && indent[0] ? "\n" : " ");
        if (line) put_z(p, indent);
        from = i + 1;
    }
    put(p, (Str){.at = s.at + from, .len = s.len - from});
}

/* What stands at the head of both forms. */
static size_t head_pairs(Arena *a, const Shareable *s, Pair at[PAIRS]) {
    char id[ID_TEXT];
    size_t n = 0;
    id_text(s->id, id);
    at[n++] = (Pair){"Reference", arena_str(a, str_z(id))};
    at[n++] = (Pair){"To", s->recipient_name};
    if (!s->check) {
        at[n++] = (Pair){"Purpose", str_z(code_meaning(LIST_purpose, s->purpose))};
        at[n++] = (Pair){"Date", s->today};
        return n;
    }
    const char *family = code_meaning(LIST_family_informed, s->check->family_informed);
    at[n++] = (Pair){"Gateway", str_z(code_meaning(LIST_gateway, s->check->gateway))};
    at[n++] = (Pair){"Threshold", str_z(code_meaning(LIST_threshold, s->check->threshold))};
    at[n++] = (Pair){"Family told", str_z(family)};
    return n;
}

static Str title(const Shareable *s) {
    return s->check ? STR("Safeguarding check") : STR("Safeguarding information");
}

static Str subject_line(Arena *a, const Subject *s) {
    Str line = s->name;
    if (s->birth_date.len) {
        line = arena_printf(a, "%.*s, born %.*s", STR_ARG(line), STR_ARG(s->birth_date));
    }
    if (s->identifier.len) {
        line = arena_printf(a, "%.*s, %.*s %.*s", STR_ARG(line), STR_ARG(s->identifier_scheme),
                            STR_ARG(s->identifier));
    }
    return line;
}

/* The heading of a line is said once for all lines of its class. */
static bool opens_class(const Section *s, size_t line) {
    return line == 0 || s->lines[line].class != s->lines[line - 1].class;
}

static void text_section(Page *p, const Section *s) {
    put_z(p, "\n== ");
    put_indented(p, "", s->owner_name);
    put_z(p, " ==\n");
    for (size_t i = 0; i < s->line_count; i++) {
        if (opens_class(s, i)) put_z(p, "\n");
        if (opens_class(s, i)) put_z(p, class_doc(s->lines[i].class));
        if (opens_class(s, i)) put_z(p, ":\n");
        put_indented(p, "    ", s->lines[i].text);
        put_z(p, "\n");
    }
    if (s->signpost.len == 0) return;
    put_z(p, "\n");
    put_indented(p, "", s->signpost);
    put_z(p, "\n");
}

Str render_text(Arena *a, const Shareable *s) {
    Page p = {.arena = a};
    Pair head[PAIRS];
    size_t pairs = head_pairs(a, s, head);
    put_z(&p, "OFFICIAL-SENSITIVE\n\n");
    put(&p, title(s));
    put_z(&p, "\n\n");
    for (size_t i = 0; i < pairs; i++) {
        put_z(&p, head[i].label);
        put_z(&p, ": ");
        put_indented(&p, "", head[i].value);
        put_z(&p, "\n");
    }
    put_z(&p, "\nAbout:\n");
    for (size_t i = 0; i < s->subject_count; i++) {
        put_indented(&p, "    ", subject_line(a, &s->subjects[i]));
        put_z(&p, "\n");
    }
    for (size_t i = 0; i < s->section_count; i++) text_section(&p, &s->sections[i]);
    if (s->check) {
        put_z(&p, "\nQuestion:\n");
        put_indented(&p, "    ", s->check->question);
        put_z(&p, "\n\nAnswer by: ");
        put_indented(&p, "", s->check->answer_by);
        put_z(&p, "\n");
    }
    put_z(&p, "\n");
    put_z(&p, caution);
    put_z(&p, "\n\nOFFICIAL-SENSITIVE\n");
    return page_join(&p);
}

static void html_words(Page *p, const char *tag, Str words) {
    put_z(p, "<");
    put_z(p, tag);
    put_z(p, " class=\"words\">");
    put_escaped(p, words);
    put_z(p, "</");
    put_z(p, tag);
    put_z(p, ">\n");
}

static void html_section(Page *p, const Section *s, size_t number) {
    Str label = arena_printf(p->arena, "owner-%zu", number);
    put_z(p, "<section aria-labelledby=\"");
    put(p, label);
    put_z(p, "\">\n<h2 id=\"");
    put(p, label);
    put_z(p, "\">");
    put_escaped(p, s->owner_name);
    put_z(p, "</h2>\n");
    for (size_t i = 0; i < s->line_count; i++) {
        if (opens_class(s, i)) html_words(p, "h3", str_z(class_doc(s->lines[i].class)));
        html_words(p, "p", s->lines[i].text);
    }
    if (s->signpost.len) html_words(p, "p", s->signpost);
    put_z(p, "</section>\n");
}

static void html_head(Page *p, const Shareable *s) {
    Pair head[PAIRS];
    size_t pairs = head_pairs(p->arena, s, head);
    put_z(p, "<!DOCTYPE html>\n<html lang=\"en-GB\">\n<head>\n<meta charset=\"utf-8\">\n"
             "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>");
    put(p, title(s));
    put_z(p, "</title>\n<style>");
    put_z(p, style);
    put_z(p, "</style>\n</head>\n<body>\n"
             "<header><p class=\"mark\">OFFICIAL-SENSITIVE</p></header>\n<main>\n<h1>");
    put(p, title(s));
    put_z(p, "</h1>\n<dl>\n");
    for (size_t i = 0; i < pairs; i++) {
        put_z(p, "<dt>");
        put_z(p, head[i].label);
        put_z(p, "</dt>");
        html_words(p, "dd", head[i].value);
    }
    put_z(p, "</dl>\n<h2>About</h2>\n<ul>\n");
    for (size_t i = 0; i < s->subject_count; i++) {
        html_words(p, "li", subject_line(p->arena, &s->subjects[i]));
    }
    put_z(p, "</ul>\n");
}

Str render_html(Arena *a, const Shareable *s) {
    Page p = {.arena = a};
    html_head(&p, s);
    for (size_t i = 0; i < s->section_count; i++) html_section(&p, &s->sections[i], i + 1);
    if (s->check) {
        put_z(&p, "<h2>Question</h2>\n");
        html_words(&p, "p", s->check->question);
        put_z(&p, "<h2>Answer by</h2>\n");
        html_words(&p, "p", s->check->answer_by);
    }
    put_z(&p, "</main>\n<footer>\n");
    html_words(&p, "p", str_z(caution));
    put_z(&p, "<p class=\"mark\">OFFICIAL-SENSITIVE</p>\n</footer>\n</body>\n</html>\n");
    return page_join(&p);
}
