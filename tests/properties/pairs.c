/* The properties of what leaves (R10), one random enquiry at a time:
 *
 *   1 two enquiries that differ only in what stays give identical bytes in every form, and letters
 *     that are as long when sealed
 *   2 one more silent item, and what who says nothing calls the child, change nothing
 *   3 a stricter policy or tier shows no more of any item
 *   4 redacting what left is redacting once
 *   5 no canary of what stays is heard, in whatever encoding; and those of what leaves are */
#include "tests/properties/world.h"

static bool same(const Outbound *a, const Outbound *b) {
    if (a->outcome != b->outcome) return false;
    for (size_t i = 0; i < FORMS; i++) {
        if (!str_eq(a->form[i], b->form[i])) return false;
    }
    return bytes_eq(a->letter, b->letter) && hash_eq(&a->digest, &b->digest);
}

static const char *try_pair(Arena *a, Dice *d, const World *w, const Outbound *o, bool seal,
                            Tally *t) {
    World other = world_other(a, d, w, o);
    Outbound two = world_out(a, &other);
    t->pairs++;
    t->products += o->outcome == 0;
    t->differing += other.count != w->count;
    if (!same(o, &two)) return "what stays shows in what leaves";
    if (!seal || o->outcome) return NULL;
    t->sealed++;
    size_t len = sealed_length(a, o);
    return len && len == sealed_length(a, &two) ? NULL : "sealed, the letters differ in length";
}

static const char *try_silent(Arena *a, Dice *d, const World *w, const Outbound *o, Tally *t) {
    World other = world_with_silent(a, d, w, o);
    Outbound two = world_out(a, &other);
    t->silent++;
    return same(o, &two) ? NULL : "one more silent item shows";
}

/* Whether item `i` is shown in no fuller form than before, and in the same one with the very same
 * cuts: not a byte more. (Letters that overflow, where a stricter rule may make room for what the
 * laxer one let out as well, are in tests/unit/release_fit.c: no enquiry here fills one.) */
static bool no_more(const Redacted *before, const Redacted *after, size_t i) {
    const Cut *was = &before->cuts[i], *is = &after->cuts[i];
    if (is->kind <= VERDICT_signpost || is->kind < was->kind) return true;
    if (is->kind != was->kind || is->span_count != was->span_count) return false;
    for (size_t k = 0; k < is->span_count; k++) {
        if (is->spans[k].from != was->spans[k].from) return false;
        if (is->spans[k].len != was->spans[k].len) return false;
    }
    return true;
}

static const char *try_stricter(Arena *a, Dice *d, const World *w, const Outbound *o, Tally *t) {
    static char said[80];
    const char *what = NULL;
    World other = world_stricter(d, w, &what);
    Outbound two = world_out(a, &other);
    t->stricter++;
    for (size_t i = 0; i < w->count; i++) {
        if (no_more(&o->redacted, &two.redacted, i)) continue;
        (void)snprintf(said, sizeof(said), "stricter shows more: %s", what);
        return said;
    }
    return NULL;
}

static const char *try_again(Arena *a, const World *w, const Outbound *o, Tally *t) {
    World once = world_released(w, o);
    Outbound two = world_out(a, &once);
    World twice = world_released(&once, &two);
    Outbound three = world_out(a, &twice);
    t->again++;
    return same(o, &two) && same(o, &three) ? NULL : "what left does not come to itself";
}

/* How many canaries stand in the words of the items that are shown, each said once an owner and
 * class. Every one of them is heard where it leaves, and there is no other. */
static size_t canaries_shown(const World *w, const Redacted *r) {
    size_t count = 0, n = sizeof(CANARY) - 1 + 7;
    for (size_t i = 0; i < w->count; i++) {
        VerdictKind kind = r->cuts[i].kind;
        if (kind != VERDICT_full && kind != VERDICT_summary) continue;
        Str words = kind == VERDICT_full ? w->items[i].text : w->items[i].summary;
        count += words.len >= n && memmem(words.at, words.len, CANARY, sizeof(CANARY) - 1);
    }
    return count;
}

static const char *try_canaries(const World *w, const Outbound *o, Tally *t) {
    static char said[120];
    size_t shown = canaries_shown(w, &o->redacted), plain = 0;
    t->canaries++;
    for (size_t i = 0; o->outcome == 0 && i < FORMS; i++) {
        /* msgpack and JSON hold lines, text and page; the page and the text hold each once */
        size_t times = i < 2 ? 3 : 1;
        const char *encoding = canary_encoded(o->form[i], &plain);
        t->heard += plain;
        if (!encoding && plain == shown * times) continue;
        (void)snprintf(said, sizeof(said), "a canary is heard in form %zu: %s, %zu for %zu", i,
                       encoding ? encoding : "as it is", plain, shown * times);
        return said;
    }
    return NULL;
}

const char *properties_try(Arena *a, Dice *d, uint64_t number, Tally *t) {
    World w = world_new(a, d);
    Outbound o = world_out(a, &w);
    if (o.outcome < 0) return "it failed";
    const char *fault = try_pair(a, d, &w, &o, number % 64 == 0, t);
    if (!fault) fault = try_stricter(a, d, &w, &o, t);
    if (!fault && number % 4 == 0) fault = try_silent(a, d, &w, &o, t);
    if (!fault && number % 4 == 2) fault = try_again(a, &w, &o, t);
    if (!fault && number % 4 == 3) fault = try_canaries(&w, &o, t);
    if (!fault && number % 8 == 4) fault = letters_try(a, d, &w, t);
    return fault;
}
