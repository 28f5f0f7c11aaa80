/* A letter as one accessible, self-contained page: no script, no outside reference. What agencies
 * wrote is escaped; control and direction marks become spaces. */
#include "broker/base/mark.h"
#include "broker/release/page.h"
#include "broker/release/shareable.h"

static const char style[] =
    "body{font:1.1rem/1.5 sans-serif;max-width:44rem;margin:1.5rem auto;padding:0 1rem}"
    "dt{font-weight:bold}dd{margin:0 0 .5rem}section{border-top:2px solid;margin-top:1.5rem}"
    ".words{white-space:pre-wrap}.mark{font-weight:bold}";

static const char *escape(char c) {
    switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    default: return NULL;
    }
}

static void put_escaped(Page *p, Str s) {
    size_t from = 0;
    for (size_t i = 0; i < s.len;) {
        const char *instead = escape(s.at[i]);
        size_t len = instead ? 1 : mark_len(s, i);
        i += len ? len : 1;
        if (len == 0) continue;
        put(p, (Str){.at = s.at + from, .len = i - len - from});
        put_z(p, instead ? instead : " ");
        from = i;
    }
    put(p, (Str){.at = s.at + from, .len = s.len - from});
}

void put_element(Page *p, const char *tag, Str words) {
    put_z(p, "<");
    put_z(p, tag);
    put_z(p, " class=\"words\">");
    put_escaped(p, words);
    put_z(p, "</");
    put_z(p, tag);
    put_z(p, ">\n");
}

static void html_section(Page *p, const Section *s, Str label) {
    put_z(p, "<section aria-labelledby=\"");
    put(p, label);
    put_z(p, "\">\n<h2 id=\"");
    put(p, label);
    put_z(p, "\">");
    put_escaped(p, s->owner_name);
    put_z(p, "</h2>\n");
    for (size_t i = 0; i < s->line_count; i++) {
        if (opens_class(s, i)) put_element(p, "h3", str_z(class_doc(s->lines[i].class)));
        put_element(p, "p", s->lines[i].text);
    }
    if (s->signpost.len) put_element(p, "p", s->signpost);
    put_z(p, "</section>\n");
}

size_t html_section_len(const Section *s) {
    Page p = {0};
    html_section(&p, s, STR("owner-256"));
    return p.len;
}

static void html_head(Page *p, const Shareable *s) {
    put_z(p, "<!DOCTYPE html>\n<html lang=\"en-GB\">\n<head>\n<meta charset=\"utf-8\">\n"
             "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>");
    put_z(p, s->title);
    put_z(p, "</title>\n<style>");
    put_z(p, style);
    put_z(p, "</style>\n</head>\n<body>\n<header><p class=\"mark\">");
    put_z(p, letter_marking);
    put_z(p, "</p></header>\n<main>\n<h1>");
    put_z(p, s->title);
    put_z(p, "</h1>\n");
}

static void html_about(Page *p, const Shareable *s) {
    Pair head[HEAD_MOST + 2];
    size_t pairs = head_pairs(p->arena, s, head);
    put_z(p, "<dl>\n");
    for (size_t i = 0; i < pairs; i++) {
        put_z(p, "<dt>");
        put_z(p, head[i].label);
        put_z(p, "</dt>");
        put_element(p, "dd", head[i].words);
    }
    put_z(p, "</dl>\n");
    if (s->subject_count == 0) return;
    put_z(p, "<h2>About</h2>\n<ul>\n");
    for (size_t i = 0; i < s->subject_count; i++) {
        put_element(p, "li", subject_line(p->arena, &s->subjects[i]));
    }
    put_z(p, "</ul>\n");
}

static void html_blocks(Page *p, const Shareable *s) {
    for (size_t i = 0; i < BLOCKS_MOST && s->blocks[i].label; i++) {
        if (s->blocks[i].words.len == 0) continue;
        put_z(p, "<h2>");
        put_z(p, s->blocks[i].label);
        put_z(p, "</h2>\n");
        put_element(p, "p", s->blocks[i].words);
    }
}

Str render_html(Arena *a, const Shareable *s) {
    Page p = {.arena = a};
    html_head(&p, s);
    html_about(&p, s);
    for (size_t i = 0; i < s->section_count; i++) {
        html_section(&p, &s->sections[i], arena_printf(a, "owner-%zu", i + 1));
    }
    html_blocks(&p, s);
    put_z(&p, "</main>\n<footer>\n");
    put_element(&p, "p", str_z(letter_caution));
    put_z(&p, "<p class=\"mark\">");
    put_z(&p, letter_marking);
    put_z(&p, "</p>\n</footer>\n</body>\n</html>\n");
    return page_join(&p);
}
