/* A Shareable as the value that travels, its digest, and the letter around it; and the second maker
 * of Shareables, for checks. Nothing here knows what was withheld. */
#include "broker/base/fold.h"
#include "broker/release/shareable.h"

/* A letter's largest size class, less the hub's signature and the letter's own head. */
enum { PRODUCT_MAX = 255 * 1024 };

const char *code_meaning(CodeList list, Str code) {
    CodeList its;
    const char *value, *doc;
    for (size_t i = 0; code_at(i, &its, &value, &doc); i++) {
        if (its == list && str_is(code, value)) return doc[0] ? doc : value;
    }
    return "";
}

static Str identifier_check(const Subject *s) {
    bool nhs = str_is(s->identifier_scheme, "nhs_number");
    if (!nhs && !str_is(s->identifier_scheme, "upn")) return STR("none");
    bool ok = nhs ? nhs_number_valid(s->identifier) : upn_valid(s->identifier);
    return ok ? STR("ok") : STR("bad");
}

/* The maps of a product and of a check hold the subjects under different keys. */
static void subjects_set(Arena *a, Value *map, uint32_t key, const Shareable *s) {
    for (size_t i = 0; i < s->subject_count; i++) {
        const Subject *subject = &s->subjects[i];
        Value *v = value_add_map(a, map, key);
        value_set_text(a, v, F_subject_name, subject->name);
        value_set_text(a, v, F_subject_birth_date, subject->birth_date);
        if (subject->identifier.len == 0) continue;
        Value *identifier = value_add_map(a, v, F_subject_identifier);
        value_set_text(a, identifier, F_identifier_scheme, subject->identifier_scheme);
        value_set_text(a, identifier, F_identifier_value, subject->identifier);
        value_set_text(a, identifier, F_identifier_check, identifier_check(subject));
    }
}

static void section_set(Arena *a, Value *product, const Section *section) {
    Value *v = value_add_map(a, product, F_product_section);
    value_set_text(a, v, F_section_owner, section->owner_name);
    for (size_t i = 0; i < section->line_count; i++) {
        Value *line = value_add_map(a, v, F_section_line);
        const char *heading = class_doc(section->lines[i].class);
        value_set_text(a, line, F_product_line_heading, str_z(heading));
        value_set_text(a, line, F_product_line_text, section->lines[i].text);
    }
    value_set_text(a, v, F_section_signpost, section->signpost);
}

static Value *product_value(Arena *a, const Shareable *s) {
    Value *v = value_map(a);
    value_set_id(a, v, F_product_product_id, &s->id);
    value_set_text(a, v, F_product_purpose, s->purpose);
    value_set_text(a, v, F_product_marking, STR("OFFICIAL-SENSITIVE"));
    subjects_set(a, v, F_product_subject, s);
    for (size_t i = 0; i < s->section_count; i++) section_set(a, v, &s->sections[i]);
    value_set_text(a, v, F_product_text, s->text);
    value_set_text(a, v, F_product_html, s->html);
    return v;
}

static Value *check_value(Arena *a, const Shareable *s) {
    Value *v = value_map(a);
    value_set_id(a, v, F_check_check_id, &s->id);
    value_set_text(a, v, F_check_gateway, s->check->gateway);
    value_set_text(a, v, F_check_threshold, s->check->threshold);
    value_set_text(a, v, F_check_family_informed, s->check->family_informed);
    subjects_set(a, v, F_check_subject, s);
    value_set_text(a, v, F_check_question, s->check->question);
    value_set_text(a, v, F_check_answer_by, s->check->answer_by);
    return v;
}

int shareable_finish(Arena *a, Shareable *s) {
    Bytes bytes;
    Fault fault;
    s->text = render_text(a, s);
    s->html = render_html(a, s);
    const Value *v = s->check ? check_value(a, s) : product_value(a, s);
    int r = codec_encode(a, v, &bytes);
    if (r) return r;
    if (bytes.len > PRODUCT_MAX) return REFUSE_too_large;
    r = schema_check(s->check ? STRUCT_check : STRUCT_product, v, &fault);
    if (r == REFUSE_too_long || r == REFUSE_too_many) return REFUSE_too_large;
    if (r) return r;
    s->value = v;
    return sha256(&bytes, 1, &s->digest);
}

int check_shareable(Arena *a, const CheckRequest *check, const Shareable **ret) {
    if (!code_known(LIST_gateway, check->gateway)) return REFUSE_gateway_missing;
    if (!code_known(LIST_threshold, check->threshold)) return REFUSE_threshold_missing;
    if (!code_known(LIST_family_informed, check->family_informed)) return REFUSE_family_missing;
    size_t count = check->forbidden_count;
    const Str *words =
        detect_words(a, check->subjects, check->subject_count, check->forbidden, &count);
    if (arena_failed(a)) return ERR_MEMORY;
    if (detect_any(a, check->question, words, count)) {
        return arena_failed(a) ? ERR_MEMORY : REFUSE_question_names;
    }
    Shareable *s = arena_alloc(a, sizeof(*s));
    CheckRequest *kept = arena_alloc(a, sizeof(*kept));
    if (!s || !kept) return ERR_MEMORY;
    *kept = *check;
    *s = (Shareable){
        .kind = STR("check"),
        .recipient = check->agency,
        .recipient_name = check->agency,
        .id = check->check_id,
        .subjects = check->subjects,
        .subject_count = check->subject_count,
        .check = kept,
    };
    int r = shareable_finish(a, s);
    if (r == 0) *ret = s;
    return r;
}

Value *shareable_letter(Arena *a, const Shareable *s, const Id *letter_id, Str realm) {
    Value *copy = arena_alloc(a, sizeof(*copy));
    if (copy) *copy = *s->value;
    Value *letter = value_map(a);
    value_set_number(a, letter, F_letter_version, PROTOCOL_VERSION);
    value_set_id(a, letter, F_letter_letter_id, letter_id);
    value_set_text(a, letter, F_letter_realm, realm);
    value_set_text(a, letter, F_letter_agency, s->recipient);
    value_set_text(a, letter, F_letter_kind, s->kind);
    value_set(a, letter, s->check ? F_letter_check : F_letter_product, copy);
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

bool shareable_digest(const Shareable *s, Hash *ret) {
    *ret = s->digest;
    return s->value != NULL;
}
