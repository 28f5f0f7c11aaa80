/* Spans of a text: put in order, joined where only soft marks part them, cut out. See detect.h. */
#include "broker/release/net.h"

#include <ctype.h>
#include <stdlib.h>

enum { SOFT_MOST = 3 };

static int span_order(const void *left, const void *right) {
    const Span *a = left, *b = right;
    int order = (a->from > b->from) - (a->from < b->from);
    return order ? order : (a->len < b->len) - (a->len > b->len);
}

static size_t span_end(const Span *s) {
    return s->from + s->len;
}

/* Overlapping, or nothing between but a few soft marks. */
static bool joined(Str text, const Span *left, const Span *right) {
    size_t from = span_end(left);
    if (right->from > from + SOFT_MOST) return false;
    for (size_t i = from; i < right->from; i++) {
        if (!soft(text.at[i])) return false;
    }
    return true;
}

size_t spans_settle(Str text, Span *spans, size_t count) {
    if (count == 0) return 0;
    qsort(spans, count, sizeof(*spans), span_order);
    size_t last = 0;
    for (size_t i = 1; i < count; i++) {
        Span *to = &spans[last];
        if (!joined(text, to, &spans[i])) {
            spans[++last] = spans[i];
            continue;
        }
        if (span_end(&spans[i]) > span_end(to)) to->len = span_end(&spans[i]) - to->from;
        to->hides = to->hides || spans[i].hides;
        to->keeps = to->keeps || spans[i].keeps;
    }
    return last + 1;
}

/* Where a place of the cut text stands in `text`; within a token, where its span begins or ends. */
static size_t place_back(const Span *spans, size_t count, size_t place, bool begins) {
    size_t cut = 0, from = 0; /* so far, in the cut text and in `text` */
    for (size_t i = 0; i < count; i++) {
        size_t kept = spans[i].from - from;
        if (place < cut + kept || (!begins && place == cut + kept)) break;
        cut += kept + sizeof(CUT_TOKEN) - 1;
        from = span_end(&spans[i]);
        if (place < cut || (!begins && place == cut)) return begins ? spans[i].from : from;
    }
    return from + (place - cut);
}

Span *spans_add(Arena *a, Str text, const Span *known, size_t *count, const Span *found,
                size_t more) {
    Span *all = arena_array(a, *count + more, sizeof(*all));
    if (!all) return NULL;
    if (*count) memcpy(all, known, *count * sizeof(*all));
    for (size_t i = 0; i < more; i++) {
        Span s = found[i];
        size_t until = place_back(known, *count, span_end(&found[i]), false);
        s.from = place_back(known, *count, found[i].from, true);
        s.len = until - s.from;
        all[*count + i] = s;
    }
    *count = spans_settle(text, all, *count + more);
    return all;
}

static bool in_word(char c) {
    return (uint8_t)c >= 0x80 || isalnum((unsigned char)c);
}

bool spans_glued(Str text, const Span *spans, size_t count) {
    for (size_t i = 0; i < count; i++) {
        size_t from = spans[i].from, until = span_end(&spans[i]);
        if (from > 0 && in_word(text.at[from - 1])) return true;
        if (until < text.len && in_word(text.at[until])) return true;
    }
    return false;
}

bool text_left(Str cut) {
    const Str token = STR(CUT_TOKEN);
    for (size_t i = 0; i < cut.len; i++) {
        Str rest = {.at = cut.at + i, .len = cut.len - i};
        if (str_starts(rest, token))
            i += token.len - 1;
        else if (in_word(cut.at[i]))
            return true;
    }
    return false;
}

Str text_cut(Arena *a, Str text, const Span *spans, size_t count) {
    const Str token = STR(CUT_TOKEN);
    char *at = arena_alloc(a, text.len + count * token.len + 1);
    size_t used = 0, from = 0;
    for (size_t i = 0; at && i <= count; i++) {
        size_t until = i < count ? spans[i].from : text.len;
        if (until > from) memcpy(at + used, text.at + from, until - from);
        used += until - from;
        if (i == count) break;
        memcpy(at + used, token.at, token.len);
        used += token.len;
        from = span_end(&spans[i]);
    }
    return (Str){.at = at, .len = at ? used : 0};
}
