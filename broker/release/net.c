/* A net is made of patterns, each in all the letters that it may be written in. See net.h. */
#include "broker/base/fold.h"
#include "broker/release/net.h"

#include <unicode/ucasemap.h>

enum { SCRATCH = 1 << 20, CODE_LEAST = 4 /* letters and digits of a number */ };

const char *net_kind(NetKind kind) {
    static const char *const names[] = {
        [NET_name] = "name",
        [NET_address] = "address",
        [NET_postcode] = "postcode",
        [NET_telephone] = "telephone",
        [NET_email] = "email",
        [NET_vehicle] = "vehicle",
        [NET_identifier] = "identifier",
    };
    return names[kind];
}

/* ---- one pattern ---------------------------------------------------------------------------- */

static bool same_pattern(const Pattern *a, const Pattern *b) {
    return a->trust == b->trust && a->kind == b->kind && a->joints == b->joints &&
           memcmp(a->plain, b->plain, a->len) == 0;
}

/* What several people have in common is one pattern. */
static bool pattern_merged(Pattern *first, const Pattern *p) {
    for (; first; first = first->next) {
        if (!same_pattern(first, p)) continue;
        if (first->word == NET_WORD_NONE) first->word = p->word;
        first->hides = first->hides || p->hides;
        first->keeps = first->keeps || p->keeps;
        first->subject = first->subject || p->subject;
        first->initials |= p->initials;
        first->follows |= p->follows;
        return true;
    }
    return false;
}

static void pattern_put(Net *n, const Stream *s, Pattern p) {
    uint8_t *letters = arena_alloc(n->arena, s->count + 1);
    uint8_t *plain = arena_alloc(n->arena, s->count + 1);
    if (!letters || !plain) return;
    for (size_t i = 0; i < s->count; i++) {
        letters[i] = s->at[i].skeleton;
        plain[i] = s->at[i].plain ? s->at[i].plain : s->at[i].skeleton;
        if (i && i < 64 && s->at[i].gap) p.joints |= UINT64_C(1) << i;
    }
    p.plain = plain;
    p.len = s->count;
    void **thing = trie_add(n->trie, letters, s->count);
    if (!thing || pattern_merged(*thing, &p)) return;
    Pattern *kept_one = arena_alloc(n->arena, sizeof(*kept_one));
    if (!kept_one) return;
    p.next = *thing;
    *kept_one = p;
    *thing = kept_one;
}

static void pattern_fold(Net *n, Str text, Pattern like) {
    Stream s;
    bool read = stream_new(n->scratch, text, &s);
    n->failed = n->failed || !read;
    if (read && s.count) pattern_put(n, &s, like);
    arena_reset(n->scratch);
}

/* Run together, "r" and "n" of two parts become one letter. */
static Str squeezed(Net *n, Str text) {
    char *at = arena_alloc(n->arena, text.len + 1);
    size_t used = 0;
    for (size_t i = 0; at && i < text.len; i++) {
        uint8_t c = (uint8_t)text.at[i];
        bool letter =
            c >= 0x80 || (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
        if (letter) at[used++] = text.at[i];
    }
    return (Str){.at = at, .len = used};
}

static bool ascii(Str text) {
    for (size_t i = 0; i < text.len; i++) {
        if ((uint8_t)text.at[i] >= 0x80) return false;
    }
    return true;
}

typedef int32_t CaseMap(const UCaseMap *, char *, int32_t, const char *, int32_t, UErrorCode *);

/* A letter of another script may look Latin in one case only. */
static Str in_case(Net *n, Str text, CaseMap *map) {
    UErrorCode e = U_ZERO_ERROR;
    UCaseMap *m = ucasemap_open("", 0, &e);
    int32_t cap = (int32_t)text.len * 3 + 1;
    char *at = arena_alloc(n->arena, (size_t)cap);
    int32_t len = at && m ? map(m, at, cap, text.at, (int32_t)text.len, &e) : 0;
    if (m) ucasemap_close(m);
    n->failed = n->failed || !at || U_FAILURE(e);
    return n->failed ? (Str){0} : (Str){.at = at, .len = (size_t)len};
}

void pattern_add(Net *n, Str text, Pattern like) {
    Str tight = squeezed(n, text);
    if (text.len > UINT16_MAX) n->failed = true;
    if (n->failed || !tight.at) return;
    pattern_fold(n, text, like);
    if (tight.len < text.len) pattern_fold(n, tight, like);
    if (ascii(text)) return;
    pattern_fold(n, in_case(n, text, ucasemap_utf8ToLower), like);
    pattern_fold(n, in_case(n, text, ucasemap_utf8ToUpper), like);
}

/* ---- all of them ---------------------------------------------------------------------------- */

bool allowed(const Net *n, Str key) {
    for (size_t i = 0; i < n->allowed_count; i++) {
        if (str_eq(n->allowed[i], key)) return true;
    }
    return false;
}

static void code_add(Net *n, Str text, Pattern like) {
    Str key = fold_key(n->arena, text);
    size_t digits = 0;
    for (size_t i = 0; i < key.len; i++) digits += key.at[i] >= '0' && key.at[i] <= '9';
    like.trust = digits == key.len && digits >= 8 ? TRUST_number : TRUST_code;
    n->failed = n->failed || !key.at;
    /* "the", as somebody's number, would keep in every text */
    if (like.kind == NET_identifier && (digits == 0 || key.len < CODE_LEAST)) return;
    if (!allowed(n, key)) pattern_add(n, text, like);
}

static void word_add(Net *n, const NetWord *w, int index) {
    Pattern like = {.word = index, .kind = w->kind, .hides = w->hides};
    like.keeps = w->hides && !w->foreign;
    switch (w->kind) {
    case NET_name: name_add(n, w->text, like); break;
    case NET_address: place_add(n, w->text, like); break;
    case NET_telephone: telephone_add(n, w->text, like); break;
    case NET_postcode:
    case NET_email:
    case NET_identifier:
    case NET_vehicle: code_add(n, w->text, like); break;
    }
}

static void subjects_add(Net *n) {
    Str *keys = arena_array(n->arena, n->subject_count, sizeof(*keys));
    for (size_t i = 0; keys && i < n->subject_count; i++) {
        Str key = fold_key(n->arena, n->subjects[i].identifier);
        if (key.len) keys[n->allowed_count++] = key;
        Pattern like = {.word = NET_WORD_NONE, .kind = NET_name, .subject = true};
        name_add(n, n->subjects[i].name, like);
    }
    n->allowed = keys;
}

const Net *net_new(Arena *a, const NetWord *words, size_t count, const Subject *subjects,
                   size_t subject_count) {
    Net *n = arena_alloc(a, sizeof(*n));
    if (!n || count > INT32_MAX) return NULL;
    _cleanup_(arena_freep) Arena *scratch = arena_new(SCRATCH);
    *n =
        (Net){.arena = a, .scratch = scratch, .subjects = subjects, .subject_count = subject_count};
    n->trie = trie_new(a);
    if (!n->trie || !scratch) return NULL;
    subjects_add(n);
    for (size_t i = 0; i < count && !n->failed; i++) word_add(n, &words[i], (int)i);
    n->scratch = NULL;
    bool done = !n->failed && !arena_failed(a) && trie_finish(n->trie);
    return done ? n : NULL;
}
