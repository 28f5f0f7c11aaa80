/* Whom a product is about, told by those who speak in it. Who speaks is known only when it has been
 * redacted once, with whatever name there is; a second time makes it with the right one. The names
 * of the child are not searched for in either, so the second says what the first did. */
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

static bool subjects_same(const Subject *a, const Subject *b, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (!str_eq(a[i].name, b[i].name) || !str_eq(a[i].birth_date, b[i].birth_date) ||
            !str_eq(a[i].identifier_scheme, b[i].identifier_scheme) ||
            !str_eq(a[i].identifier, b[i].identifier)) {
            return false;
        }
    }
    return true;
}

int redact_about(Arena *a, Request *request, const Known *known, const Item *items,
                 size_t item_count, const Policy *policies, size_t policy_count, Redacted *ret) {
    Addressee to = {.agency = request->recipient, .type = request->recipient_type};
    *ret = (Redacted){0};
    request->subjects = subjects_choose(a, known, &to, &request->subject_count);
    if (!request->subjects) return ERR_MEMORY;
    if (known->about_count && !request->subject_count) return REFUSE_nothing_to_share;
    int r = redact(a, request, items, item_count, policies, policy_count, ret);
    to.speakers = ret->speakers;
    to.speaker_count = ret->speaker_count;
    if (r < 0 || ret->speaker_count == 0) return r;
    size_t count;
    const Subject *told = subjects_choose(a, known, &to, &count);
    if (!told) return ERR_MEMORY;
    if (subjects_same(told, request->subjects, count)) return r;
    request->subjects = told;
    return redact(a, request, items, item_count, policies, policy_count, ret);
}
