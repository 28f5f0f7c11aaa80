/* See mark.h. */
#include "broker/base/mark.h"

/* What is wider than one byte, as UTF-8: the first to the last of a row. */
static const struct {
    const char *first, *last;
} marks[] = {
    {"\xc2\x80", "\xc2\x9f"},         /* control characters of C1 */
    {"\xd8\x9c", "\xd8\x9c"},         /* Arabic letter mark */
    {"\xe2\x80\x8e", "\xe2\x80\x8f"}, /* left-to-right, right-to-left mark */
    {"\xe2\x80\xa8", "\xe2\x80\xae"}, /* separators, embeddings, overrides */
    {"\xe2\x81\xa6", "\xe2\x81\xa9"}, /* isolates */
    {"\xef\xbf\xbe", "\xef\xbf\xbf"}, /* no characters */
};

size_t mark_rare(Str s, size_t at) {
    unsigned char c = (unsigned char)s.at[at];
    if (c < 0x80) return (c < ' ' && c != '\n' && c != '\t') || c == 0x7f;
    for (size_t i = 0; i < COUNT_OF(marks); i++) {
        size_t len = strlen(marks[i].first);
        if (s.len - at < len) continue;
        if (memcmp(s.at + at, marks[i].first, len) < 0) continue;
        if (memcmp(s.at + at, marks[i].last, len) <= 0) return len;
    }
    return 0;
}

Str marks_replaced(Arena *a, Str words, char instead) {
    char *at = arena_alloc(a, words.len + 1);
    size_t n = 0;
    for (size_t i = 0, mark; at && i < words.len; i += mark ? mark : 1) {
        mark = mark_len(words, i);
        at[n++] = mark ? instead : words.at[i];
    }
    return (Str){.at = at, .len = at ? n : 0};
}
