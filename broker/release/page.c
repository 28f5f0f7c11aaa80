/* Pieces of a rendering, and the few words that every rendering has in common. See page.h and
 * shareable.h. */
#include "broker/release/page.h"
#include "broker/release/shareable.h"

const char letter_caution[] =
    "Use this only to safeguard the child. Do not pass it on without the agreement of the agency "
    "that owns it.";
const char letter_marking[] = "OFFICIAL-SENSITIVE";

void put(Page *p, Str text) {
    p->len += text.len;
    Piece *piece = text.len && p->arena ? arena_alloc(p->arena, sizeof(*piece)) : NULL;
    if (!piece) return; /* empty, or the arena has failed and says so in the end */
    piece->text = text;
    if (p->last) p->last->next = piece;
    if (!p->first) p->first = piece;
    p->last = piece;
}

void put_z(Page *p, const char *z) {
    put(p, str_z(z));
}

Str page_join(Page *p) {
    if (arena_failed(p->arena)) return (Str){0};
    char *at = arena_alloc(p->arena, p->len + 1);
    size_t used = 0;
    for (const Piece *piece = p->first; at && piece; piece = piece->next) {
        memcpy(at + used, piece->text.at, piece->text.len);
        used += piece->text.len;
    }
    return (Str){.at = at, .len = at ? used : 0};
}

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

size_t mark_len(Str s, size_t at) {
    char c = s.at[at];
    if ((unsigned char)c < 0x80) {
        return ((unsigned char)c < ' ' && c != '\n' && c != '\t') || c == 0x7f;
    }
    for (size_t i = 0; i < COUNT_OF(marks); i++) {
        size_t len = strlen(marks[i].first);
        if (s.len - at < len) continue;
        if (memcmp(s.at + at, marks[i].first, len) < 0) continue;
        if (memcmp(s.at + at, marks[i].last, len) <= 0) return len;
    }
    return 0;
}

size_t head_pairs(Arena *a, const Shareable *s, Pair *at) {
    char id[ID_TEXT];
    size_t n = 0;
    id_text(s->id, id);
    at[n++] = (Pair){"Reference", arena_str(a, str_z(id))};
    at[n++] = (Pair){"To", s->recipient_name};
    for (size_t i = 0; i < HEAD_MOST && s->head[i].label; i++) {
        if (s->head[i].words.len) at[n++] = s->head[i];
    }
    return n;
}

Str subject_line(Arena *a, const Subject *s) {
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

bool opens_class(const Section *s, size_t line) {
    return line == 0 || s->lines[line].class != s->lines[line - 1].class;
}
