/* The maker of requests for an owner's word: its own section of one product, exactly as it would
 * leave, to whom, for what and until when; nothing of another owner's, and no number by which the
 * recipient knows the child. */
#include "broker/release/shareable.h"

static Value *authorise_value(Arena *a, const AuthoriseRequest *q, const Shareable *s) {
    Value *v = value_map(a), *rendering = arena_alloc(a, sizeof(*rendering));
    if (rendering) *rendering = *q->wanted->rendering;
    value_set_id(a, v, F_authorise_request_id, &q->request_id);
    value_set_text(a, v, F_authorise_recipient_name, q->recipient_name);
    value_set_hash(a, v, F_authorise_section, &q->wanted->digest);
    if (rendering) value_set(a, v, F_authorise_rendering, rendering);
    value_set_text(a, v, F_authorise_expires_on, q->expires_on);
    value_set_text(a, v, F_authorise_answer_by, q->answer_by);
    value_set_text(a, v, F_authorise_text, s->text);
    return v;
}

/* As they stand in the rendering: the two must not differ by a byte. */
static Subject *authorise_subjects(Arena *a, const Value *rendering, size_t *ret_count) {
    size_t count = value_count(rendering, F_rendering_subject);
    Subject *at = arena_array(a, count, sizeof(*at));
    for (size_t i = 0; at && i < count; i++) {
        const Value *one = value_item(rendering, F_rendering_subject, i);
        at[i] = (Subject){.name = value_text(one, F_subject_name),
                          .birth_date = value_text(one, F_subject_birth_date)};
    }
    *ret_count = at ? count : 0;
    return at;
}

int authorise_shareable(Arena *a, const AuthoriseRequest *q, const Shareable **ret) {
    Shareable *s = arena_alloc(a, sizeof(*s));
    const Value *rendering = q->wanted->rendering;
    Str purpose = value_text(rendering, F_rendering_purpose);
    size_t count = 0;
    const Subject *subjects = authorise_subjects(a, rendering, &count);
    if (!s || !subjects) return ERR_MEMORY;
    *s = (Shareable){
        .kind = F_letter_authorise,
        .title = "May this leave?",
        .id = q->request_id,
        .recipient = q->wanted->owner,
        .recipient_name = q->wanted->section->owner_name,
        .head = {{"It would go to", q->recipient_name},
                 {"Purpose", str_z(code_meaning(LIST_purpose, purpose))},
                 {"Answer by", q->answer_by},
                 {"A grant counts until", q->expires_on}},
        .subjects = subjects,
        .subject_count = count,
        .sections = q->wanted->section,
        .section_count = 1,
    };
    shareable_render(a, s);
    int r = shareable_finish(a, s, authorise_value(a, q, s));
    if (r == 0) *ret = s;
    return r;
}
