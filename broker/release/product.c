/* The maker of products, and the one owner's part of it that the owner authorises. Nothing here
 * knows what was withheld. */
#include "broker/release/persons.h"
#include "broker/release/section.h"

/* Changes with anything that changes how a section reads where it arrives, so that no owner's word
 * on the old form lets the new one out. */
static const char template[] = "product/1";

const Subject *subjects_for(Arena *a, const Subject *subjects, size_t count, Str scheme) {
    Subject *at = arena_array(a, count, sizeof(*at));
    for (size_t i = 0; at && i < count; i++) {
        at[i] = subjects[i];
        if (scheme.len && str_eq(at[i].identifier_scheme, scheme)) continue;
        at[i].identifier_scheme = at[i].identifier = (Str){0};
    }
    return at;
}

static Value *product_value(Arena *a, const Request *q, const Shareable *s) {
    Value *v = value_map(a);
    value_set_id(a, v, F_product_product_id, &s->id);
    value_set_text(a, v, F_product_purpose, q->purpose);
    value_set_text(a, v, F_product_marking, str_z(letter_marking));
    subjects_value(a, v, F_product_subject, s->subjects, s->subject_count);
    for (size_t i = 0; i < s->section_count; i++) {
        section_value(a, value_add_map(a, v, F_product_section), &s->sections[i]);
    }
    value_set_text(a, v, F_product_text, s->text);
    value_set_text(a, v, F_product_html, s->html);
    return v;
}

static Shareable *product_new(Arena *a, const Request *q, const Section *sections, size_t count) {
    Shareable *s = arena_alloc(a, sizeof(*s));
    const Subject *subjects =
        subjects_for(a, q->subjects, q->subject_count, identifier_scheme(q->recipient_type));
    if (!s || !subjects) return NULL;
    *s = (Shareable){
        .kind = F_letter_product,
        .title = "Safeguarding information",
        .id = q->product_id,
        .recipient = q->recipient,
        .recipient_name = q->recipient_name,
        .day = q->today,
        .head = {{"Purpose", str_z(code_meaning(LIST_purpose, q->purpose))}, {"Date", q->today}},
        .subjects = subjects,
        .subject_count = q->subject_count,
        .sections = sections,
        .section_count = count,
    };
    shareable_render(a, s);
    return s;
}

static size_t left_of(size_t most, size_t used) {
    return used < most ? most - used : 0;
}

int product_room(Arena *a, const Request *q, Room *ret) {
    enum { GROWS = 16 }; /* what is before a longer text and a longer list is longer */
    Bytes bytes;
    const Shareable *s = product_new(a, q, NULL, 0);
    const Value *v = s ? product_value(a, q, s) : NULL;
    int r = arena_failed(a) ? ERR_MEMORY : codec_encode(a, v, &bytes);
    if (r) return r;
    *ret = (Room){
        .text = left_of(schema_field(STRUCT_product, F_product_text)->max, s->text.len),
        .page = left_of(schema_field(STRUCT_product, F_product_html)->max, s->html.len),
        .value = left_of(VALUE_MOST, bytes.len + GROWS),
    };
    return 0;
}

int product_shareable(Arena *a, const Request *q, const Section *sections, size_t count,
                      const Shareable **ret) {
    Shareable *s = product_new(a, q, sections, count);
    int r = s ? shareable_finish(a, s, product_value(a, q, s)) : ERR_MEMORY;
    if (r == 0) *ret = s;
    return r;
}

/* Without anybody's number: an owner need not know how the recipient numbers the child. */
Value *rendering_value(Arena *a, const Request *q, const View *view, const Section *section) {
    size_t count = view ? view->subject_count : q->subject_count;
    const Subject *subjects =
        subjects_for(a, view ? view->subjects : q->subjects, count, (Str){0});
    Value *v = value_map(a);
    value_set_text(a, v, F_rendering_template, str_z(template));
    value_set_text(a, v, F_rendering_recipient, q->recipient);
    value_set_text(a, v, F_rendering_purpose, q->purpose);
    subjects_value(a, v, F_rendering_subject, subjects, subjects ? count : 0);
    section_value(a, value_set_map(a, v, F_rendering_section), section);
    for (size_t i = 0; q->known && i < q->known->about_count; i++) {
        value_add_id(a, v, F_rendering_child, &q->known->about[i]);
    }
    return v;
}

int rendering_digest(Arena *a, const Value *rendering, Hash *ret) {
    Bytes bytes;
    int r = arena_failed(a) ? ERR_MEMORY : codec_encode(a, rendering, &bytes);
    return r ? r : sha256(&bytes, 1, ret);
}
