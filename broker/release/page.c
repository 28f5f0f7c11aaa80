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
