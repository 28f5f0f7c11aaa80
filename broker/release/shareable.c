/* A letter of any kind as the value that travels, and its digest. Nothing here knows what was
 * withheld. */
#include "broker/release/shareable.h"

#include "broker/base/fold.h"

const char *code_meaning(CodeList list, Str code) {
    CodeList its;
    const char *value, *doc;
    for (size_t i = 0; code_at(i, &its, &value, &doc); i++) {
        if (its == list && str_is(code, value)) return doc[0] ? doc : value;
    }
    return "";
}

/* Which identifier a type of agency itself uses. The others see none. */
static const struct {
    const char *type, *scheme;
} identifier_used[] = {
    {"police", "pnc"},
    {"ambulance", "nhs_number"},
    {"health_acute", "nhs_number"},
    {"health_primary", "nhs_number"},
    {"health_community", "nhs_number"},
    {"mental_health", "nhs_number"},
    {"childrens_social_care", "nhs_number"},
    {"school", "upn"},
    {"education_service", "upn"},
};

Str identifier_scheme(Str agency_type) {
    for (size_t i = 0; i < COUNT_OF(identifier_used); i++) {
        if (str_is(agency_type, identifier_used[i].type)) return str_z(identifier_used[i].scheme);
    }
    return (Str){0};
}

static Str identifier_check(const Subject *s) {
    bool nhs = str_is(s->identifier_scheme, "nhs_number");
    if (!nhs && !str_is(s->identifier_scheme, "upn")) return STR("none");
    bool ok = nhs ? nhs_number_valid(s->identifier) : upn_valid(s->identifier);
    return ok ? STR("ok") : STR("bad");
}

void subjects_value(Arena *a, Value *map, uint32_t key, const Subject *subjects, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const Subject *s = &subjects[i];
        Value *v = value_add_map(a, map, key);
        value_set_text(a, v, F_subject_name, s->name);
        value_set_text(a, v, F_subject_birth_date, s->birth_date);
        if (s->identifier.len == 0) continue;
        Value *identifier = value_add_map(a, v, F_subject_identifier);
        value_set_text(a, identifier, F_identifier_scheme, s->identifier_scheme);
        value_set_text(a, identifier, F_identifier_value, s->identifier);
        value_set_text(a, identifier, F_identifier_check, identifier_check(s));
    }
}

void section_value(Arena *a, Value *ret, const Section *section) {
    value_set_text(a, ret, F_section_owner, section->owner_name);
    for (size_t i = 0; i < section->line_count; i++) {
        Value *line = value_add_map(a, ret, F_section_line);
        const char *heading = class_doc(section->lines[i].class);
        value_set_text(a, line, F_product_line_heading, str_z(heading));
        value_set_text(a, line, F_product_line_text, section->lines[i].text);
    }
    value_set_text(a, ret, F_section_signpost, section->signpost);
}

bool text_hides(Arena *a, Str text, const Subject *subjects, size_t subject_count,
                const NetWord *words, size_t word_count) {
    return net_hides(net_new(a, words, word_count, subjects, subject_count), a, text);
}

void shareable_render(Arena *a, Shareable *s) {
    s->text = render_text(a, s);
    s->html = render_html(a, s);
}

void renderings_value(Arena *a, Value *ret, const Shareable *s, uint32_t text, uint32_t page) {
    const Field *kind = schema_field(STRUCT_letter, s->kind), *its = schema_field(kind->of, page);
    value_set_text(a, ret, text, s->text);
    if (s->html.len <= its->max) value_set_text(a, ret, page, s->html);
}

int shareable_finish(Arena *a, Shareable *s, const Value *value) {
    const Field *kind = schema_field(STRUCT_letter, s->kind);
    Bytes bytes;
    Fault fault;
    if (!kind || kind->type != TYPE_map) return ERR_BROKEN; /* no kind of letter */
    int r = arena_failed(a) ? ERR_MEMORY : codec_encode(a, value, &bytes);
    if (r) return r;
    if (bytes.len > VALUE_MOST) return REFUSE_too_large;
    r = schema_check(kind->of, value, &fault);
    if (r == REFUSE_too_long || r == REFUSE_too_many) return REFUSE_too_large;
    if (r) return r;
    s->value = value;
    return sha256(&bytes, 1, &s->digest);
}

Value *shareable_letter(Arena *a, const Shareable *s, const Id *letter_id, Str realm) {
    Value *copy = arena_alloc(a, sizeof(*copy));
    if (copy) *copy = *s->value;
    Value *letter = value_map(a);
    value_set_number(a, letter, F_letter_version, PROTOCOL_VERSION);
    value_set_id(a, letter, F_letter_letter_id, letter_id);
    value_set_text(a, letter, F_letter_realm, realm);
    value_set_text(a, letter, F_letter_agency, s->recipient);
    value_set_text(a, letter, F_letter_kind, str_z(schema_field(STRUCT_letter, s->kind)->name));
    value_set(a, letter, s->kind, copy);
    return arena_failed(a) ? NULL : letter;
}

Str shareable_text(const Shareable *s) {
    return s->text;
}

Str shareable_html(const Shareable *s) {
    return s->html;
}

Str shareable_recipient(const Shareable *s) {
    return s->recipient;
}

const Value *shareable_value(const Shareable *s, StructKind *ret_kind) {
    *ret_kind = schema_field(STRUCT_letter, s->kind)->of;
    return s->value;
}

bool shareable_digest(const Shareable *s, Hash *ret) {
    *ret = s->digest;
    return s->value != NULL;
}
