/* See word_form.h. */
#include "adapters/common/word_form.h"

#include "broker/base/err.h"
#include "broker/io/clock.h"

/* Where a form's name goes: into the message, into the contact in it, or nowhere. */
typedef enum Goes { GOES_text, GOES_id, GOES_person, GOES_nowhere } Goes;

struct FormField {
    const char *name;
    Goes goes;
    uint32_t field;
};

static const FormField ask_fields[] = {
    {"product_id", GOES_id, F_signpost_question_product_id},
    {"owner", GOES_text, F_signpost_question_owner},
    {"question", GOES_text, F_signpost_question_question},
    {"name", GOES_person, F_contact_name},
    {"role", GOES_person, F_contact_role},
    {"phone", GOES_person, F_contact_phone},
    {"email", GOES_person, F_contact_email},
    {"told", GOES_nowhere, 0},
    {0},
};
static const FormField reply_fields[] = {
    {"question_id", GOES_id, F_signpost_reply_question_id},
    {"outcome", GOES_text, F_signpost_reply_outcome},
    {"reason", GOES_text, F_signpost_reply_reason},
    {"reply", GOES_text, F_signpost_reply_reply},
    {"told", GOES_nowhere, 0},
    {0},
};
static const FormField confirm_fields[] = {
    {"recall_id", GOES_id, F_confirmation_recall_id},
    {"done", GOES_text, F_confirmation_done},
    {"name", GOES_person, F_contact_name},
    {"told", GOES_nowhere, 0},
    {0},
};
static const FormField correct_fields[] = {
    {"message_id", GOES_id, F_correction_message_id},
    {"class", GOES_text, F_correction_class},
    {"kind", GOES_text, F_correction_kind},
    {"text", GOES_text, F_correction_text},
    {"summary", GOES_text, F_correction_summary},
    {0},
};

const WordForm form_ask = {STRUCT_signpost_question, ask_fields, F_signpost_question_product_id,
                           F_signpost_question_question_id, F_signpost_question_asked_at,
                           F_signpost_question_asker};
const WordForm form_reply = {STRUCT_signpost_reply, reply_fields, F_signpost_reply_question_id, 0,
                             F_signpost_reply_replied_at, 0};
const WordForm form_confirm = {STRUCT_confirmation, confirm_fields, F_confirmation_recall_id, 0,
                               F_confirmation_confirmed_at, F_confirmation_confirmed_by};
const WordForm form_correct = {STRUCT_correction, correct_fields, F_correction_message_id, 0,
                               F_correction_corrected_at, 0};

static const FormField *field_named(const WordForm *f, const char *name) {
    for (const FormField *at = f->fields; at->name; at++) {
        if (strcmp(at->name, name) == 0) return at;
    }
    return NULL;
}

/* A closed world: a name that is not known may be a misspelt one, and is not passed over. */
static int names_check(const WordForm *f, json_t *form, Fault *fault) {
    const char *name;
    json_t *value;
    if (!json_is_object(form)) return form_fault(fault, REFUSE_wrong_type, "%s", "");
    json_object_foreach(form, name, value) {
        const FormField *at = field_named(f, name);
        if (!at) return form_fault(fault, REFUSE_field_unknown, "%s", "");
        if (at->goes == GOES_nowhere || json_is_string(value) || json_is_null(value)) continue;
        return form_fault(fault, REFUSE_wrong_type, "%s", at->name);
    }
    return 0;
}

static int field_take(Arena *a, const FormField *at, Str text, Value *v, Value *person,
                      Fault *fault) {
    Id id;
    switch (at->goes) {
    case GOES_text: value_set_text(a, v, at->field, text); return 0;
    case GOES_person: value_set_text(a, person, at->field, text); return 0;
    case GOES_nowhere: return 0;
    case GOES_id: break;
    }
    if (text.len == 0) return form_fault(fault, REFUSE_missing_field, "%s", at->name);
    if (!id_parse(text, &id)) return form_fault(fault, REFUSE_argument_wrong, "%s", at->name);
    value_set_id(a, v, at->field, &id);
    return 0;
}

int word_read(Arena *a, const WordForm *f, const Id *id, Bytes content, int64_t now_ms, Value **ret,
              Fault *ret_fault) {
    _cleanup_(json_freep) json_t *form = form_load(content);
    Value *v = value_map(a), *person = value_map(a);
    char *now = arena_alloc(a, CLOCK_TEXT);
    *ret_fault = (Fault){0};
    int r = now ? names_check(f, form, ret_fault) : ERR_MEMORY;
    if (r) return r;
    clock_text(now_ms, now);
    for (const FormField *at = f->fields; r == 0 && at->name; at++) {
        r = field_take(a, at, str_trim(form_text(a, form, at->name)), v, person, ret_fault);
    }
    if (r) return r;
    if (f->minted && id) value_set_id(a, v, f->minted, id);
    if (f->person && person->map.count) value_set(a, v, f->person, person);
    value_set_text(a, v, f->at, str_z(now));
    if (arena_failed(a)) return ERR_MEMORY;
    r = schema_check(f->kind, v, ret_fault);
    if (r == 0) *ret = v;
    return r;
}

Str word_blank(Arena *a, const WordForm *f, Id id, Str owner, json_t *told) {
    _cleanup_(json_freep) json_t *form = json_object();
    char text[ID_TEXT];
    id_text(id, text);
    for (const FormField *at = f->fields; at->name; at++) {
        json_t *value = NULL;
        if (at->goes == GOES_id) value = json_string(text);
        if (at->goes == GOES_nowhere) value = told ? told : json_null();
        if (!value && f == &form_ask && at->field == F_signpost_question_owner &&
            at->goes == GOES_text) {
            value = json_stringn(owner.at, owner.len);
        }
        if (!value) value = json_string("");
        if (json_object_set_new(form, at->name, value) != 0) return (Str){0};
    }
    char *printed = json_dumps(form, JSON_INDENT(2));
    Str copy = printed ? arena_printf(a, "%s\n", printed) : (Str){0};
    free(printed);
    return copy;
}

bool word_is(const WordForm *f, const json_t *blank) {
    return json_object_get(blank, f->fields[0].name) != NULL;
}
