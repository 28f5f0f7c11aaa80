/* One owner's section: lines in one order, each said once, and at most one signpost (R10). */
#include "broker/release/section.h"

static Str signpost_text(Arena *a, const Item *item) {
    Str desk = item->owner_desk.len ? item->owner_desk : item->owner_name;
    return arena_printf(a, "%.*s may be able to tell you more. Ask: %.*s.",
                        STR_ARG(item->owner_name), STR_ARG(desk));
}

bool section_new(Arena *a, const Item *item, size_t most, Section *ret) {
    *ret = (Section){.owner = item->owner, .owner_name = item->owner_name};
    ret->lines = arena_array(a, most, sizeof(Line));
    if (item->owner_desk.len) ret->instead = signpost_text(a, item);
    return ret->lines != NULL;
}

void section_add(Arena *a, Section *s, const Item *item, VerdictKind kind, Str text) {
    if (kind == VERDICT_silent) return;
    if (kind == VERDICT_signpost) {
        if (s->signpost.len == 0) s->signpost = signpost_text(a, item);
        return;
    }
    s->lines[s->line_count++] = (Line){.class = item->class, .text = text};
}

static int line_order(const void *left, const void *right) {
    const Line *a = left, *b = right;
    int order = (a->class > b->class) - (a->class < b->class);
    return order ? order : str_order(a->text, b->text);
}

void section_settle(Section *s) {
    if (s->line_count == 0) return;
    qsort(s->lines, s->line_count, sizeof(Line), line_order);
    size_t kept = 1;
    for (size_t i = 1; i < s->line_count; i++) {
        if (line_order(&s->lines[kept - 1], &s->lines[i]) != 0) s->lines[kept++] = s->lines[i];
    }
    s->line_count = kept;
}

bool section_empty(const Section *s) {
    return s->line_count == 0 && s->signpost.len == 0;
}
