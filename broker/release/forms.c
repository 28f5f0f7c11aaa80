/* What one item's words come to when everybody whom they name is cut out of them. See forms.h.
 *
 * Words that hide somebody are not cut: the cut would tell that there was somebody to be hidden.
 * What the owner wrote for outside (its summary, or where there is none the text itself) decides
 * for the whole item: when that hides somebody of whom the owner told, the item stays in, whatever
 * its rule shows. So no rule that allows less can let out the fact, or a summary, of what a laxer
 * rule keeps in; and who told is not betrayed by the bare fact that somebody did. Whom another
 * agency told of keeps in the words, but not the fact: else whoever names somebody, a recipient
 * too, could try by what is still told which words stand in a text that is not. A clean summary
 * beside a text that hides somebody still leaves: its owner wrote it to be told without them. */
#include "broker/release/forms.h"

#include "broker/release/net.h"

static const char reason_empty[] = "There is nothing to show: the text is empty.";
static const char reason_named[] = "It names somebody or something that must not be named outside.";
static const char reason_nothing_left[] =
    "Nothing is left of it after what names people was cut out.";
static const char reason_memory[] = "There was no memory to search it.";

Str fact_text(Arena *a, InfoClass class) {
    return arena_printf(a, "The owner holds information of this kind: %s.", class_doc(class));
}

/* Spans of a text without the white space at its ends, as spans of `all` of it. */
static const Span *spans_kept(Arena *a, const Span *spans, size_t count, Str text, Str all) {
    Span *kept = arena_array(a, count, sizeof(*kept));
    for (size_t i = 0; kept && i < count; i++) {
        kept[i] = spans[i];
        kept[i].from += (size_t)(text.at - all.at);
    }
    return kept;
}

/* What to think of before they leave. NULL, or why none of these words leaves. */
static const char *words_think(Forms *f, Words *w) {
    if (!text_left(w->text)) return reason_nothing_left;
    if (f->seen) return NULL;
    bool thought =
        text_warnings(f->arena, f->scratch, w->text, &w->warnings, &w->warning_count);
    return thought ? NULL : reason_memory;
}

/* NULL, or why none of these words leaves. */
static const char *words_cut(Forms *f, Str all, Words *w) {
    const Span *spans = NULL;
    Str text = str_trim(all);
    if (text.len == 0) return reason_empty;
    w->hides = w->keeps = !net_find(f->net, f->scratch, text, &spans, &w->span_count);
    for (size_t i = 0; !w->keeps && i < w->span_count; i++) {
        w->hides = w->hides || spans[i].hides;
        w->keeps = spans[i].keeps;
    }
    if (w->hides) return reason_named;
    w->text = text_cut(f->arena, text, spans, w->span_count);
    w->spans = spans_kept(f->arena, spans, w->span_count, text, all);
    return words_think(f, w);
}

static const Words *words_of(Forms *f, VerdictKind form) {
    bool full = form == VERDICT_full;
    Words *w = full ? &f->text : &f->summary;
    if (w->read) return w;
    w->read = true;
    w->why = words_cut(f, full ? f->item->text : f->item->summary, w);
    arena_reset(f->scratch);
    return w;
}

/* Whether what its owner wrote for outside hides somebody of whom it told. */
static bool forms_keep(Forms *f) {
    bool summary = str_trim(f->item->summary).len > 0;
    return words_of(f, summary ? VERDICT_summary : VERDICT_full)->keeps;
}

const Words *forms_fullest(Forms *f, VerdictKind *form, const char **ret_why) {
    *ret_why = NULL;
    if (forms_keep(f)) {
        *ret_why = reason_named;
        return NULL;
    }
    for (; *form > VERDICT_fact; --*form) {
        const Words *w = words_of(f, *form);
        if (!w->why) return w;
        if (!*ret_why) *ret_why = w->why;
    }
    f->fact.text = fact_text(f->arena, f->item->class);
    return &f->fact;
}

static bool spans_same(const Span *a, const Span *b, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (a[i].from != b[i].from || a[i].len != b[i].len) return false;
    }
    return true;
}

/* Spans cut out of the same text once more: those of both. NULL: the arena failed. */
static const Words *words_more(Forms *f, Str all, const Words *w, const Span *cut, size_t count) {
    Words *more = arena_alloc(f->arena, sizeof(*more));
    Span *spans = arena_array(f->arena, w->span_count + count, sizeof(*spans));
    if (!more || !spans) return NULL;
    if (w->span_count) memcpy(spans, w->spans, w->span_count * sizeof(*spans));
    if (count) memcpy(spans + w->span_count, cut, count * sizeof(*spans));
    *more = (Words){.spans = spans, .read = true};
    more->span_count = spans_settle(all, spans, w->span_count + count);
    if (more->span_count == w->span_count && spans_same(spans, w->spans, w->span_count)) return w;
    more->text = str_trim(text_cut(f->arena, all, spans, more->span_count));
    more->why = words_think(f, more);
    arena_reset(f->scratch);
    return more;
}

const Words *forms_again(Forms *f, VerdictKind form, const Span *cut, size_t count,
                         const char **ret_why) {
    VerdictKind fact = VERDICT_fact;
    if (form == VERDICT_fact) return forms_fullest(f, &fact, ret_why);
    const Words *w = words_of(f, form);
    *ret_why = w->why;
    if (*ret_why) return NULL;
    w = words_more(f, form == VERDICT_full ? f->item->text : f->item->summary, w, cut, count);
    *ret_why = w ? w->why : reason_memory;
    return *ret_why ? NULL : w;
}
