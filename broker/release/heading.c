/* Whom a product is about, told by those who speak in it. Who speaks is found by redacting it once
 * with no name at all: every name is cut then, the child's, too, where somebody else has a part of
 * it, so that no name that a silent agency has for the child makes another speak. */
#include "broker/release/persons.h"

static const Subject *subjects_choose(Arena *a, const Known *known, const Addressee *to,
                                      size_t *ret_count) {
    Subject *subjects = arena_array(a, known->about_count, sizeof(*subjects));
    *ret_count = 0;
    for (size_t i = 0; subjects && i < known->about_count; i++) {
        *ret_count += subject_choose(a, known, known->about[i], to, &subjects[*ret_count]);
    }
    return subjects;
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
        if (str_eq(known->at[i].agency, agency)) at[ret->count++] = known->at[i];
    }
    return at ? 0 : ERR_MEMORY;
}

/* The children by the owner's own mentions, with the number that the recipient uses where they have
 * it. What others call a child that it never mentioned is not its to learn. */
static const Subject *view_subjects(Arena *a, const Known *own, const Addressee *to) {
    Subject *at = arena_array(a, own->about_count, sizeof(*at));
    for (size_t i = 0; at && i < own->about_count; i++) {
        if (subject_choose(a, own, own->about[i], to, &at[i])) continue;
        at[i] = (Subject){.name = STR(NAME_NOT_KNOWN)};
    }
    return at;
}

static int view_make(Arena *a, const Known *known, Str owner, Str recipient_type, View *ret) {
    Known own;
    NetWord *words = NULL;
    Addressee to = {.agency = owner, .type = recipient_type};
    *ret = (View){.owner = owner, .subject_count = known->about_count};
    int r = known_by(a, known, owner, &own);
    if (r == 0) {
        r = forbidden_words(a, own.at, own.count, own.about, own.about_count, &words,
                            &ret->word_count);
    }
    if (r) return r;
    ret->words = words;
    ret->subjects = view_subjects(a, &own, &to);
    return ret->subjects ? 0 : ERR_MEMORY;
}

static int views_make(Arena *a, Request *request, const Known *known, const Item *items,
                      size_t item_count) {
    View *views = arena_array(a, item_count, sizeof(*views));
    size_t count = 0;
    if (!views) return ERR_MEMORY;
    for (size_t i = 0; i < item_count; i++) {
        if (viewed(views, count, items[i].owner)) continue;
        int r = view_make(a, known, items[i].owner, request->recipient_type, &views[count++]);
        if (r) return r;
    }
    request->views = views;
    request->view_count = count;
    return 0;
}

/* ---- who speaks ------------------------------------------------------------------------------ */

/* Then nothing hangs on who of them speaks. */
static bool told_by_one(const Known *known) {
    for (size_t i = 1; i < known->count; i++) {
        if (!str_eq(known->at[i].agency, known->at[0].agency)) return false;
    }
    return true;
}

static int speakers_find(Arena *a, const Request *request, const Item *items, size_t item_count,
                         const Policy *policies, size_t policy_count, Addressee *ret) {
    Request nameless = *request;
    Redacted redacted;
    nameless.subject_count = 0;
    int r = redact(a, &nameless, items, item_count, policies, policy_count, &redacted);
    ret->speakers = redacted.speakers;
    ret->speaker_count = redacted.speaker_count;
    return r < 0 ? r : 0; /* no product without a name is a product */
}

int redact_about(Arena *a, Request *request, const Known *known, const Item *items,
                 size_t item_count, const Policy *policies, size_t policy_count, Redacted *ret) {
    Addressee to = {.agency = request->recipient, .type = request->recipient_type};
    NetWord *words = NULL;
    *ret = (Redacted){0};
    int r = forbidden_words(a, known->at, known->count, known->about, known->about_count, &words,
                            &request->word_count);
    request->words = words;
    if (r == 0) r = views_make(a, request, known, items, item_count);
    if (r == 0 && !told_by_one(known)) {
        r = speakers_find(a, request, items, item_count, policies, policy_count, &to);
    }
    if (r) return r;
    request->subjects = subjects_choose(a, known, &to, &request->subject_count);
    if (!request->subjects) return ERR_MEMORY;
    if (known->about_count && !request->subject_count) return REFUSE_nothing_to_share;
    r = redact(a, request, items, item_count, policies, policy_count, ret);
    if (to.speakers) {
        ret->speakers = to.speakers;
        ret->speaker_count = to.speaker_count;
    }
    return r;
}
