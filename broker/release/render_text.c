/* A letter as plain text. What agencies wrote is indented, so that no content can pass for the
 * hub's own words; control and direction marks become spaces. */
#include "broker/base/mark.h"
#include "broker/release/page.h"
#include "broker/release/shareable.h"

/* Somebody's words, each line behind `indent`; all on one line when that is empty. */
static void put_indented(Page *p, const char *indent, Str s) {
    size_t from = 0;
    put_z(p, indent);
    for (size_t i = 0; i < s.len;) {
        bool line = s.at[i] == '\n';
        size_t len = line ? 1 : mark_len(s, i);
        i += len ? len : 1;
        if (len == 0) continue;
        put(p, (Str){.at = s.at + from, .len = i - len - from});
        put_z(p, line && indent[0] ? "\n" : " ");
        if (line) put_z(p, indent);
        from = i;
    }
    put(p, (Str){.at = s.at + from, .len = s.len - from});
}

static void text_head(Page *p, const Shareable *s) {
    Pair head[HEAD_MOST + 2];
    size_t pairs = head_pairs(p->arena, s, head);
    put_z(p, letter_marking);
    put_z(p, "\n\n");
    put_z(p, s->title);
    put_z(p, "\n\n");
    for (size_t i = 0; i < pairs; i++) {
        put_z(p, head[i].label);
        put_z(p, ": ");
        put_indented(p, "", head[i].words);
        put_z(p, "\n");
    }
    if (s->subject_count) put_z(p, "\nAbout:\n");
    for (size_t i = 0; i < s->subject_count; i++) {
        put_indented(p, "    ", subject_line(p->arena, &s->subjects[i]));
        put_z(p, "\n");
    }
}

static void text_section(Page *p, const Section *s) {
    put_z(p, "\n== ");
    put_indented(p, "", s->owner_name);
    put_z(p, " ==\n");
    for (size_t i = 0; i < s->line_count; i++) {
        if (opens_class(s, i)) {
            put_z(p, "\n");
            put_z(p, class_doc(s->lines[i].class));
            put_z(p, ":\n");
        }
        put_indented(p, "    ", s->lines[i].text);
        put_z(p, "\n");
    }
    if (s->signpost.len == 0) return;
    put_z(p, "\n");
    put_indented(p, "", s->signpost);
    put_z(p, "\n");
}

size_t text_section_len(const Section *s) {
    Page p = {0};
    text_section(&p, s);
    return p.len;
}

static void text_blocks(Page *p, const Shareable *s) {
    for (size_t i = 0; i < BLOCKS_MOST && s->blocks[i].label; i++) {
        if (s->blocks[i].words.len == 0) continue;
        put_z(p, "\n");
        put_z(p, s->blocks[i].label);
        put_z(p, ":\n");
        put_indented(p, "    ", s->blocks[i].words);
        put_z(p, "\n");
    }
}

Str render_text(Arena *a, const Shareable *s) {
    Page p = {.arena = a};
    text_head(&p, s);
    for (size_t i = 0; i < s->section_count; i++) text_section(&p, &s->sections[i]);
    text_blocks(&p, s);
    put_z(&p, "\n");
    put_z(&p, letter_caution);
    put_z(&p, "\n\n");
    put_z(&p, letter_marking);
    put_z(&p, "\n");
    return page_join(&p);
}
