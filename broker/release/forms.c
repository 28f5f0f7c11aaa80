/* What one item's words come to when everybody whom they name is cut out of them. See forms.h.
 *
 * Words that hide somebody are not cut: the cut would tell that there was somebody to be hidden.
 * What the owner wrote for outside (its summary, or where there is none the text itself) decides
 * for the whole item: when that hides somebody the item stays in, whatever its rule shows. So no
 * rule that allows less can let out the fact, or a summary, of what a laxer rule keeps in; and who
 * told is not betrayed by the bare fact that somebody did. A clean summary beside a text that hides
 * somebody still leaves: its owner wrote it to be told without them. */
#include "broker/release/forms.h"

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

/* NULL, or why none of these words leaves. */
static const char *words_cut(Forms *f, Str all, Words *w) {
    const Span *spans = NULL;
    Str text = str_trim(all);
    if (text.len == 0) return reason_empty;
    w->hides = !net_find(f->net, f->scratch, text, &spans, &w->span_count);
    for (size_t i = 0; !w->hides && i < w->span_count; i++) w->hides = spans[i].hides;
    if (w->hides) return reason_named;
    w->text = text_cut(f->arena, text, spans, w->span_count);
    w->spans = spans_kept(f->arena, spans, w->span_count, text, all);
    if (!text_left(w->text)) return reason_nothing_left;
    bool thought = text_warnings(f->net, f->arena, f->scratch, w->text, &w->warnings,
                                 &w->warning_count);
    return thought ? NULL : reason_memory;
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

const Words *forms_fullest(Forms *f, VerdictKind *form, const char **ret_why) {
    bool summary = str_trim(f->item->summary).len > 0;
    *ret_why = NULL;
    if (words_of(f, summary ? VERDICT_summary : VERDICT_full)->hides) {
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
