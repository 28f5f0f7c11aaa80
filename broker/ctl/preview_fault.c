/* What is wrong in a file that a person wrote: where it stands, what it is, and what would be right
 * there. What the schema asks is read from schemas/fields.def, so that the two cannot differ. */
#include "broker/ctl/preview.h"

#include <jansson.h>

int fault_enquiry(EnquiryFault *ret, const char *path, const char *sentence) {
    (void)snprintf(ret->sentence, sizeof(ret->sentence), "%s%s%s", path, path[0] ? ": " : "",
                   sentence);
    return REFUSE_argument_wrong;
}

int fault_choice(EnquiryFault *ret, const char *path, Str word, const Words *w) {
    char sentence[400];
    words_offer(w, word, sentence, sizeof(sentence));
    return fault_enquiry(ret, path, sentence);
}

/* ---- where the fault stands ------------------------------------------------------------------ */

typedef struct Place {
    const json_t *value; /* NULL: nothing stands there */
    StructKind owner;    /* the structure that the last name of the path belongs to */
    const Field *field;  /* NULL: no field of it has that name */
} Place;

static const Field *field_named(StructKind kind, Str name) {
    for (uint32_t key = 0; key <= FIELD_KEY_MAX; key++) {
        const Field *f = schema_field(kind, key);
        if (f && str_is(name, f->name)) return f;
    }
    return NULL;
}

/* One step, "items[3]", down from `at`. */
static void place_step(Place *at, Str step) {
    Str name = step;
    uint64_t index = 0;
    size_t bracket;
    bool indexed = str_find(step, STR("["), &bracket);
    if (indexed) {
        name.len = bracket;
        (void)str_u64((Str){.at = step.at + bracket + 1, .len = step.len - bracket - 2}, &index);
    }
    at->field = field_named(at->owner, name);
    at->value = json_object_getn(at->value, name.at, name.len);
    if (indexed) at->value = json_array_get(at->value, (size_t)index);
}

static Place place_of(const json_t *root, Str path) {
    Place at = {.value = root, .owner = STRUCT_enquiry};
    Str step;
    while (path.len && str_split(&path, '.', &step)) {
        if (at.field) at.owner = at.field->of;
        place_step(&at, step);
        if (!at.field) break;
    }
    return at;
}

/* ---- what would be right --------------------------------------------------------------------- */

static Words words_fields(Arena *a, StructKind kind) {
    Str *at = arena_array(a, FIELD_KEY_MAX + 1, sizeof(*at));
    size_t count = 0;
    for (uint32_t key = 0; at && key <= FIELD_KEY_MAX; key++) {
        const Field *f = schema_field(kind, key);
        if (f) at[count++] = str_z(f->name);
    }
    return (Words){.what = "a field that can stand here", .at = at, .count = count};
}

/* The first name of the object that the schema does not have. */
static Str name_unknown(const json_t *object, StructKind kind) {
    void *at = json_object_iter((json_t *)(uintptr_t)object);
    for (; at; at = json_object_iter_next((json_t *)(uintptr_t)object, at)) {
        Str name = str_z(json_object_iter_key(at));
        if (!field_named(kind, name)) return name;
    }
    return (Str){0};
}

static const char *type_words(const Field *f) {
    if (!f) return "one object: {...}";
    switch (f->type) {
    case TYPE_none:
    case TYPE_text: return "text in quotation marks";
    case TYPE_code: return "one word of its list, in quotation marks";
    case TYPE_time: return "a time in quotation marks";
    case TYPE_date: return "a date in quotation marks";
    case TYPE_id: return "a UUID in quotation marks";
    case TYPE_bytes:
    case TYPE_hash: return "64 hexadecimal digits in quotation marks";
    case TYPE_number: return "a whole number";
    case TYPE_yes: return "true or false, without quotation marks";
    case TYPE_map: return "an object: {...}";
    }
    return "something else";
}

static void say_type(const Field *f, const char *path, EnquiryFault *ret) {
    char sentence[120];
    bool list = f && (f->count == COUNT_many || f->count == COUNT_some);
    bool element = path[0] && path[strlen(path) - 1] == ']';
    (void)snprintf(sentence, sizeof(sentence), "must be %s%s",
                   list && !element ? "a list, [...], of " : "", type_words(f));
    (void)fault_enquiry(ret, path, sentence);
}

static void say_unknown(Arena *a, const json_t *root, const Fault *fault, EnquiryFault *ret) {
    Str path = str_z(fault->path);
    size_t parent = path.len;
    while (parent && path.at[parent - 1] != '.') parent--;
    Str above = arena_str(a, (Str){.at = path.at, .len = parent ? parent - 1 : 0});
    Place at = place_of(root, above);
    StructKind kind = at.field ? at.field->of : STRUCT_enquiry;
    Words names = words_fields(a, kind);
    (void)fault_choice(ret, above.at ? above.at : "", name_unknown(at.value, kind), &names);
}

static void say_code(Arena *a, const json_t *root, const Fault *fault, EnquiryFault *ret) {
    Place at = place_of(root, str_z(fault->path));
    const char *what = "a word of its list";
    Words words = words_codes(a, at.field ? at.field->list : LIST_none, what);
    (void)fault_choice(ret, fault->path, str_z(json_string_value(at.value)), &words);
}

static void say_place(Arena *a, const json_t *root, const Fault *fault, EnquiryFault *ret) {
    const Field *f = place_of(root, str_z(fault->path)).field;
    char sentence[120];
    (void)snprintf(sentence, sizeof(sentence), "is longer than %u bytes", f ? f->max : 0);
    switch ((int)fault->reason) {
    case REFUSE_field_unknown: say_unknown(a, root, fault, ret); return;
    case REFUSE_code_unknown: say_code(a, root, fault, ret); return;
    case REFUSE_wrong_type: say_type(f, fault->path, ret); return;
    case REFUSE_too_long: (void)fault_enquiry(ret, fault->path, sentence); return;
    case REFUSE_too_many:
        (void)fault_enquiry(ret, fault->path, "has more than 256 elements");
        return;
    case REFUSE_missing_field:
        (void)fault_enquiry(ret, fault->path, "must be given, and is missing or empty");
        return;
    case REFUSE_bad_time:
        (void)fault_enquiry(ret, fault->path,
                            "is no day of the calendar, written YYYY, YYYY-MM or YYYY-MM-DD");
        return;
    default: (void)fault_enquiry(ret, fault->path, reason_sentence((int)fault->reason)); return;
    }
}

void fault_json(Arena *a, Str text, const Fault *fault, EnquiryFault *ret) {
    json_error_t error;
    json_t *root = json_loadb(text.at ? text.at : "", text.len, JSON_REJECT_DUPLICATES, &error);
    char where[60];
    if (root) {
        say_place(a, root, fault, ret);
    } else {
        (void)snprintf(where, sizeof(where), "line %d, column %d", error.line, error.column);
        const char *what = fault->reason == REFUSE_duplicate_key
                               ? "one object holds the same name twice"
                               : "this is not JSON as it should be (RFC 8259, in UTF-8)";
        (void)fault_enquiry(ret, where, what);
    }
    json_decref(root);
}
