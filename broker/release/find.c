/* One pass of the automaton over a text's letters, then, until nothing more is believed, whatever
 * stands beside what was found. See net.h. */
#include "broker/release/net.h"

enum { SPANS_LEAST = 16, HITS_LEAST = 64, ROUNDS_MOST = 64, LOOKS_MOST = 8 };

/* ---- what the automaton finds --------------------------------------------------------------- */

static void *grown(Search *s, const void *at, size_t count, size_t *cap, size_t size,
                   size_t least) {
    size_t more = *cap ? 2 * *cap : least;
    void *bigger = arena_array(s->arena, more, size);
    s->failed = s->failed || !bigger;
    if (bigger && count) memcpy(bigger, at, count * size);
    if (bigger) *cap = more;
    return bigger;
}

static void hit_add(Search *s, Hit hit) {
    if (s->hit_count == s->hit_cap) {
        Hit *more = grown(s, s->hits, s->hit_count, &s->hit_cap, sizeof(Hit), HITS_LEAST);
        if (!more) return;
        s->hits = more;
    }
    s->hits[s->hit_count++] = hit;
}

static bool plain_same(const Letter *at, const Pattern *p) {
    for (size_t i = 0; i < p->len; i++) {
        if (at[i].plain != PLAIN_ANY && at[i].plain != p->plain[i]) return false;
    }
    return true;
}

static bool letters_single(const Stream *s, size_t begin, size_t end) {
    for (size_t i = begin; i <= end; i++) {
        if (s->at[i].gap == 0) return false;
    }
    return end - begin > 2;
}

/* How far apart the two letters around a gap may stand within one hit. */
enum { JOINT_MOST = 4, DIGITS_MOST = 3 };

uint32_t gap_ends(const Stream *s, const Letter *l) {
    for (uint32_t at = l[-1].to; at < l->from; at++) {
        if (strchr(";:!?|", s->text.at[at])) return at + 1;
        if (s->text.at[at] == '.' && (l->gap & GAP_SPACE) && l[-1].gap == 0) return at + 1;
    }
    return 0;
}

/* The gaps within: a name has its own, and marks; letters spaced out one by one; numbers and codes
 * are divided in any way, on one line. */
static bool gaps_fit(const Stream *s, size_t begin, const Pattern *p) {
    bool code = p->kind != NET_name || p->trust == TRUST_initials;
    for (size_t i = 1; i < p->len; i++) {
        const Letter *l = &s->at[begin + i];
        if (l->gap == 0 || l->gap == GAP_EDGE) continue;
        uint32_t wide = l->from - l[-1].to;
        bool joint = i < 64 && (p->joints >> i & 1);
        if (l->gap & GAP_WALL) return false;
        if (wide > (joint ? JOINT_MOST : DIGITS_MOST) || gap_ends(s, l)) return false;
        if (joint || code || !(l->gap & GAP_SPACE)) continue;
        if (!letters_single(s, begin, begin + p->len)) return false;
    }
    return true;
}

static bool edge_between(const Letter *left, const Letter *right, bool digits) {
    if (right->gap) return true;
    return digits && letter_digit(left) != letter_digit(right);
}

/* A number is whole where no more digits follow, or is long enough to be found in more of them. */
static bool edges_fit(const Stream *s, size_t begin, size_t end, const Pattern *p) {
    bool digits = p->trust == TRUST_number || p->len >= 4;
    if (p->trust == TRUST_number && p->len >= 8) return true;
    return (begin == 0 || edge_between(&s->at[begin - 1], &s->at[begin], digits)) &&
           (end == s->count || edge_between(&s->at[end - 1], &s->at[end], digits));
}

static void hits_at(Search *s, const Pattern *p, size_t end) {
    size_t begin = end - p->len;
    for (; p; p = p->next) {
        if (!edges_fit(&s->stream, begin, end, p) || !gaps_fit(&s->stream, begin, p)) continue;
        bool exact = plain_same(&s->stream.at[begin], p);
        hit_add(s, (Hit){.begin = begin, .end = end, .pattern = p, .exact = exact});
    }
}

static void hits_find(Search *s) {
    const Trie *t = s->net->trie;
    uint32_t state = 0;
    for (size_t i = 0; i < s->stream.count; i++) {
        state = trie_step(t, state, s->stream.at[i].skeleton);
        if (!trie_ends(t, state)) continue;
        const Pattern *p;
        for (uint32_t at = state; (p = trie_thing(t, &at));) hits_at(s, p, i + 1);
    }
}

/* ---- what is taken with it ------------------------------------------------------------------ */

/* "Rhys's", "Jones'": the mark tells how the name ends. The length of an apostrophe. */
static size_t apostrophe(Str text, size_t at) {
    static const char *const marks[] = {"'",        "`",       "\xe2\x80\x99", "\xe2\x80\x98",
                                        "\xca\xbc", "\xc2\xb4"};
    Str rest = {.at = text.at + at, .len = text.len - at};
    for (size_t i = 0; i < COUNT_OF(marks); i++) {
        if (str_starts(rest, str_z(marks[i]))) return strlen(marks[i]);
    }
    return 0;
}

static size_t possessive(Search *s, size_t end) {
    Letter *at = s->stream.at;
    uint32_t to = at[end - 1].to;
    size_t mark = to < s->stream.text.len ? apostrophe(s->stream.text, to) : 0;
    if (!mark) return end;
    bool goes_on = end < s->stream.count && at[end].from == to + mark;
    bool s_alone = goes_on && at[end].plain == 's' && at[end + 1].gap;
    if (s_alone) return end + 1;
    if (!goes_on && at[end - 1].plain == 's') at[end - 1].to = to + (uint32_t)mark;
    return end;
}

static bool near(const Stream *s, size_t right) {
    const Letter *l = &s->at[right];
    if (l->gap & GAP_WALL || l->from - l[-1].to > 2) return false;
    return !gap_ends(s, l) && !memchr(s->text.at + l[-1].to, '\n', l->from - l[-1].to);
}

static bool dotted(const Stream *s, size_t i) {
    return s->at[i].to < s->text.len && s->text.at[s->at[i].to] == '.';
}

/* "A" and "I" need their dot: they are words. */
static bool initial(const Stream *s, size_t i, uint32_t initials) {
    uint8_t plain = s->at[i].plain;
    bool word = (plain == 'a' || plain == 'i') && !dotted(s, i);
    bool letter = plain >= 'a' && plain <= 'z' && (initials >> (plain - 'a') & 1) && !word;
    return letter && !s->at[i].found && s->at[i].gap && s->at[i + 1].gap && stream_upper(s, i);
}

bool initial_near(const Stream *s, size_t i, size_t right, uint32_t initials) {
    return initial(s, i, initials) && near(s, right);
}

/* "R. T. Pryce-Jones", "Pryce-Jones, R.", "Rhys P.": the initials go with the name. */
static void initials_taken(const Stream *s, size_t *begin, size_t *end, const Pattern *p) {
    uint32_t after = p->initials | p->follows;
    while (*begin && initial_near(s, *begin - 1, *begin, p->initials)) --*begin;
    while (*end < s->count && initial_near(s, *end, *end, after)) ++*end;
}

/* All of a run of digits that a number was found in. */
static void digits_taken(const Stream *s, size_t *begin, size_t *end) {
    while (*begin && !s->at[*begin].gap && letter_digit(&s->at[*begin - 1])) --*begin;
    while (*end < s->count && !s->at[*end].gap && letter_digit(&s->at[*end])) ++*end;
}

static void span_add(Search *s, Span span) {
    if (s->span_count == s->span_cap) {
        Span *more = grown(s, s->spans, s->span_count, &s->span_cap, sizeof(Span), SPANS_LEAST);
        if (!more) return;
        s->spans = more;
    }
    s->spans[s->span_count++] = span;
}

static uint32_t number_from(const Stream *s, size_t begin) {
    uint32_t from = s->at[begin].from;
    while (from && (s->text.at[from - 1] == '+' || s->text.at[from - 1] == '(')) from--;
    return from;
}

/* The nearest end of a character at or after `at`, or begin at or before it; `at` in plain text. */
static uint32_t character_edge(Search *s, uint32_t at, bool end) {
    Str text = s->stream.text;
    bool plain = (at == 0 || (uint8_t)text.at[at - 1] < 0x80) &&
                 (at == text.len || (uint8_t)text.at[at] < 0x80);
    UErrorCode e = U_ZERO_ERROR;
    if (plain || s->failed) return at;
    if (!s->breaks) {
        s->characters = utext_openUTF8(NULL, text.at, (int64_t)text.len, &e);
        s->breaks = ubrk_open(UBRK_CHARACTER, "", NULL, 0, &e);
        ubrk_setUText(s->breaks, s->characters, &e);
    }
    s->failed = s->failed || U_FAILURE(e);
    if (s->failed || ubrk_isBoundary(s->breaks, (int32_t)at)) return at;
    int32_t edge =
        end ? ubrk_following(s->breaks, (int32_t)at) : ubrk_preceding(s->breaks, (int32_t)at);
    return edge == UBRK_DONE ? at : (uint32_t)edge;
}

void letters_found(Search *s, size_t begin, size_t end, const Pattern *like) {
    Stream *t = &s->stream;
    if (like->trust == TRUST_number) digits_taken(t, &begin, &end);
    if (like->kind == NET_name) {
        initials_taken(t, &begin, &end, like);
        end = possessive(s, end);
    }
    for (size_t i = begin; i < end; i++) t->at[i].found = true;
    if (like->kind == NET_telephone) t->at[begin].from = number_from(t, begin);
    uint32_t from = t->at[begin].from = character_edge(s, t->at[begin].from, false);
    t->at[end - 1].to = character_edge(s, t->at[end - 1].to, true);
    span_add(s, (Span){.from = from,
                       .len = t->at[end - 1].to - from,
                       .kind = like->kind,
                       .word = like->word,
                       .hides = like->hides,
                       .keeps = like->keeps});
}

/* ---- the whole ------------------------------------------------------------------------------ */

static bool hit_try(Search *s, Hit *h) {
    if (h->taken || !hit_believed(s, h)) return false;
    h->taken = true;
    letters_found(s, h->begin, h->end, h->pattern);
    return true;
}

/* What is believed makes what stands beside it believed, so forth and back until nothing more
 * is; a text that needs many rounds was made to. */
static void hits_believe(Search *s) {
    bool more = true;
    for (int round = 0; more && !s->failed; round++) {
        more = false;
        for (size_t i = 0; i < s->hit_count; i++) more |= hit_try(s, &s->hits[i]);
        for (size_t i = s->hit_count; i-- > 0;) more |= hit_try(s, &s->hits[i]);
        s->failed = s->failed || round == ROUNDS_MOST;
    }
}

static bool find_once(const Net *net, Arena *scratch, Str text, Span **ret, size_t *ret_count) {
    Search s = {.net = net, .arena = scratch};
    if (!net || text.len > NET_MOST || !stream_new(scratch, text, &s.stream)) return false;
    codes_find(&s);
    hits_find(&s);
    hits_believe(&s);
    if (s.breaks) ubrk_close(s.breaks);
    if (s.characters) utext_close(s.characters);
    if (s.failed || arena_failed(scratch)) return false;
    *ret_count = spans_settle(text, s.spans, s.span_count);
    *ret = s.spans;
    return true;
}

/* A cut that is run together with a word or a number ends that one, too ("9434765919May Brown"): it
 * is looked at again, until the cuts uncover nothing more. */
bool net_find(const Net *net, Arena *scratch, Str text, const Span **ret, size_t *ret_count) {
    Span *all = NULL;
    size_t count = 0;
    Str remains = text;
    for (int look = 0; look < LOOKS_MOST; look++) {
        Span *found = NULL;
        size_t more = 0;
        if (!find_once(net, scratch, remains, &found, &more)) return false;
        if (more) all = spans_add(scratch, text, all, &count, found, more);
        if (more && !all) return false;
        if (!more || !spans_glued(text, all, count)) {
            *ret = all;
            *ret_count = count;
            return true;
        }
        remains = text_cut(scratch, text, all, count);
        if (!remains.at) return false;
    }
    return false;
}

bool net_hides(const Net *net, Arena *scratch, Str text) {
    const Span *spans = NULL;
    size_t count = 0;
    if (!net_find(net, scratch, text, &spans, &count)) return true;
    for (size_t i = 0; i < count; i++) {
        if (spans[i].hides) return true;
    }
    return false;
}
