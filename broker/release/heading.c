/* Whom a product is about, as those call her who speak in it, and what each owner's words are
 * searched for: everybody but the child, under the name that the owner itself has for her. So whose
 * words leave hangs on nobody's name for the child but their owner's. */
#include "broker/release/persons.h"

/* Who answers a question about a child mentions her in nothing: where none of the speakers does,
 * she is called as whoever was asked was told. A letter without a name helps no child. */
static const Subject *subjects_tell(Arena *a, const Known *known, const Addressee *to) {
    const Addressee anybody = {.agency = to->agency, .type = to->type};
    Subject *at = arena_array(a, known->about_count, sizeof(*at));
    for (size_t i = 0; at && i < known->about_count; i++) {
        if (subject_choose(a, known, known->about[i], to, &at[i])) continue;
        if (subject_choose(a, known, known->about[i], &anybody, &at[i])) continue;
        at[i] = (Subject){.name = STR(NAME_NOT_KNOWN)};
    }
    return at;
}

int heading_make(Arena *a, Request *request, const Str *speakers, size_t speaker_count) {
    Addressee to = {request->recipient, request->recipient_type, speakers, speaker_count};
    request->subjects = subjects_tell(a, request->known, &to);
    request->subject_count = request->known->about_count;
    return request->subjects ? 0 : ERR_MEMORY;
}

/* ---- what each owner told -------------------------------------------------------------------- */

static bool viewed(const View *views, size_t count, Str owner) {
    for (size_t i = 0; i < count; i++) {
        if (str_eq(views[i].owner, owner)) return true;
    }
    return false;
}

/* What is known as far as one agency told it. */
static int known_by(Arena *a, const Known *known, Str agency, Known *ret) {
    Person *at = arena_array(a, known->count, sizeof(*at));
    *ret = *known;
    ret->at = at;
    ret->count = 0;
    for (size_t i = 0; at && i < known->count; i++) {
        Str teller = known->at[i].agency;
        if (!teller.len || str_eq(teller, agency)) at[ret->count++] = known->at[i];
    }
    return at ? 0 : ERR_MEMORY;
}

static int view_make(Arena *a, const Request *q, Str owner, View *ret) {
    Known own;
    NetWord *words = NULL, *its = NULL;
    const Addressee to = {owner, q->recipient_type, &owner, 1}; /* by its own mentions first */
    Between between = {.owner = owner, .recipient = q->recipient};
    const Known *all = q->known;
    *ret = (View){.owner = owner, .subject_count = all->about_count};
    int r = known_by(a, all, owner, &own);
    if (r == 0) {
        r = forbidden_words(a, all->at, all->count, all->about, all->about_count, between, &words,
                            &ret->word_count);
    }
    if (r == 0) {
        r = forbidden_words(a, own.at, own.count, own.about, own.about_count, between, &its,
                            &ret->own_count);
    }
    if (r) return r;
    ret->words = words;
    ret->own = its;
    ret->subjects = subjects_tell(a, all, &to);
    Subject *named = arena_array(a, own.about_count, sizeof(*named));
    for (size_t i = 0; named && i < own.about_count; i++) {
        ret->named_count +=
            subject_choose(a, &own, own.about[i], &to, &named[ret->named_count]);
    }
    ret->named = named;
    return ret->subjects && named ? 0 : ERR_MEMORY;
}

static int views_make(Arena *a, Request *request, const Item *items, size_t item_count) {
    View *views = arena_array(a, item_count, sizeof(*views));
    size_t count = 0;
    if (!views) return ERR_MEMORY;
    for (size_t i = 0; i < item_count; i++) {
        if (viewed(views, count, items[i].owner)) continue;
        int r = view_make(a, request, items[i].owner, &views[count++]);
        if (r) return r;
    }
    request->views = views;
    request->view_count = count;
    return 0;
}

static bool anybody_mentioned(Arena *a, const Known *known) {
    Addressee nobody = {0};
    Subject s;
    for (size_t i = 0; i < known->about_count; i++) {
        if (subject_choose(a, known, known->about[i], &nobody, &s)) return true;
    }
    return known->about_count == 0;
}

int redact_about(Arena *a, Request *request, const Known *known, const Item *items,
                 size_t item_count, const Policy *policies, size_t policy_count, Redacted *ret) {
    *ret = (Redacted){0};
    request->known = known;
    if (!anybody_mentioned(a, known)) return REFUSE_nothing_to_share;
    int r = views_make(a, request, items, item_count);
    return r ? r : redact(a, request, items, item_count, policies, policy_count, ret);
}
