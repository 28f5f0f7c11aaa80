/* libFuzzer over the net: a text; when it begins with '#', the first line is a name to search for,
 * too. Spans are in order, apart, within the text and on whole characters; what was cut is not cut
 * again. Links with broker/base, schemas and broker/release. */
#include "broker/release/release.h"

#include <unicode/ubrk.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const Subject subject = {.name = {"Isolde Quistgaard", 17}};

static void check_edges(Str text, const Span *spans, size_t count) {
    UErrorCode e = U_ZERO_ERROR;
    UText *t = utext_openUTF8(NULL, text.at, (int64_t)text.len, &e);
    UBreakIterator *breaks = ubrk_open(UBRK_CHARACTER, "", NULL, 0, &e);
    ubrk_setUText(breaks, t, &e);
    if (U_FAILURE(e)) abort();
    for (size_t i = 0; i < count; i++) {
        size_t from = spans[i].from, to = from + spans[i].len;
        if (!ubrk_isBoundary(breaks, (int32_t)from)) abort();
        if (to < text.len && !ubrk_isBoundary(breaks, (int32_t)to)) abort();
    }
    ubrk_close(breaks);
    utext_close(t);
}

static void check_spans(Str text, const Span *spans, size_t count) {
    size_t end = 0;
    for (size_t i = 0; i < count; i++) {
        if (spans[i].len == 0 || (i && spans[i].from <= end)) abort();
        end = spans[i].from + spans[i].len;
        if (end > text.len || end < spans[i].from) abort();
        size_t at;
        Str part = {.at = text.at + spans[i].from, .len = spans[i].len};
        if (str_find(part, STR("[removed]"), &at)) abort();
    }
    if (count) check_edges(text, spans, count);
}

static const Net *net_with(Arena *a, Str name) {
    const NetWord words[] = {
        {STR("Quistgaard, Marisol"), NET_name, false, false},
        {STR("May Brown"), NET_name, false, false},
        {STR("Rhys Pryce-Jones"), NET_name, false, false},
        {STR("07700 900123"), NET_telephone, false, false},
        {STR("14 Garnet Street"), NET_address, true, false},  {name, NET_name, false, false}};
    return net_new(a, words, COUNT_OF(words), &subject, 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const Net *common;
    _cleanup_(arena_freep) Arena *a = arena_new(256 << 20);
    Str text = {.at = (const char *)data, .len = size}, name = {0};
    if (!common) common = net_with(arena_new((size_t)64 << 20), name);
    const Net *net = common;
    if (size && data[0] == '#' && str_split(&text, '\n', &name)) net = net_with(a, name);
    const Span *spans = NULL, *again = NULL;
    size_t count = 0, more = 0;
    if (!text.at) text = STR("");
    if (!net_find(net, a, text, &spans, &count)) return 0;
    check_spans(text, spans, count);
    Str cut = text_cut(a, text, spans, count);
    if (!cut.at || !net_find(net, a, cut, &again, &more) || more) abort();
    const Warning *warnings;
    if (!text_warnings(a, a, cut, &warnings, &more)) abort();
    return 0;
}
