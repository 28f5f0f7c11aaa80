/* The .def files turned into const tables; see schema.h. */
#include "schemas/schema.h"

#include "broker/base/cleanup.h"

/* What FIELD's `of` means depends on its type. */
#define OF_text(of) STRUCT_none, LIST_none
#define OF_code(of) STRUCT_none, LIST_##of
#define OF_id(of) STRUCT_none, LIST_none
#define OF_bytes(of) STRUCT_none, LIST_none
#define OF_hash(of) STRUCT_none, LIST_none
#define OF_time(of) STRUCT_none, LIST_none
#define OF_date(of) STRUCT_none, LIST_none
#define OF_number(of) STRUCT_none, LIST_none
#define OF_yes(of) STRUCT_none, LIST_none
#define OF_map(of) STRUCT_##of, LIST_none

static const Field fields[STRUCT_COUNT][FIELD_KEY_MAX + 1] = {
#define STRUCT(name, doc)
#define FIELD(owner, key, name, type, of, count, max, sensitivity, doc)                            \
    [STRUCT_##owner][key] = {#name, TYPE_##type, OF_##type(of), COUNT_##count, max, sensitivity,   \
                             doc},
#include "schemas/fields.def"
#undef STRUCT
#undef FIELD
};

/* A bit for each key that must be there. */
enum { NEEDED_one = 1, NEEDED_opt = 0, NEEDED_many = 0, NEEDED_some = 1 };

static const uint32_t needed[STRUCT_COUNT] = {
    [STRUCT_none] = 0
#define STRUCT(name, doc) , [STRUCT_##name] = 0
#define FIELD(owner, key, name, type, of, count, ...) | (uint32_t)NEEDED_##count << (key)
#include "schemas/fields.def"
#undef STRUCT
#undef FIELD
};

static const struct {
    const char *name, *doc;
} structs[] = {
    {"none", ""},
#define STRUCT(name, doc) {#name, doc},
#define FIELD(...)
#include "schemas/fields.def"
#undef STRUCT
#undef FIELD
};

static const struct {
    const char *name, *sentence;
} reasons[] = {
    {"done", "Done."},
#define REASON(name, sentence) {#name, sentence},
#include "schemas/reasons.def"
#undef REASON
};

static const char *const lists[] = {
    "none",
#define LIST(name) #name,
#define CODE(...)
#include "schemas/codes.def"
#undef LIST
#undef CODE
};

/* Where the codes of each list begin; BEFORE_ only takes back that its list counts as none. */
enum {
#define LIST(name) FIRST_##name, BEFORE_##name = FIRST_##name - 1,
#define CODE(list, value, doc) CODE_##list##_##value,
#include "schemas/codes.def"
#undef LIST
#undef CODE
    CODES
};

static const size_t first_codes[LIST_COUNT + 1] = {
#define LIST(name) [LIST_##name] = FIRST_##name,
#define CODE(...)
#include "schemas/codes.def"
#undef LIST
#undef CODE
    [LIST_COUNT] = CODES,
};

static const struct {
    CodeList list;
    Str value;
    const char *doc;
} codes[] = {
#define LIST(name)
#define CODE(list, value, doc) {LIST_##list, {#value, sizeof(#value) - 1}, doc},
#include "schemas/codes.def"
#undef LIST
#undef CODE
};

static const struct {
    const char *name;
    Sensitivity sensitivity;
    Tier tier;
    const char *doc, *example;
} classes[] = {
    {"none", K4, TIER_silent, "", ""},
#define CLASS(name, sensitivity, tier, doc, example)                                               \
    {#name, sensitivity, TIER_##tier, doc, example},
#include "schemas/classes.def"
#undef CLASS
};

static const char *const tiers[] = {"none", "share", "sanitise", "signpost", "silent"};

static const Step steps[] = {
#define STEP(machine, from, event, to, who) {#machine, #from, #event, #to, #who},
#include "schemas/lifecycle.def"
#undef STEP
};

static const MessageKind messages[] = {
#define MESSAGE(name, signer, frames, path, doc) {#name, #signer, frames, path, doc, STRUCT_##name},
#include "schemas/messages.def"
#undef MESSAGE
};

const Field *schema_field(StructKind owner, uint32_t key) {
    if (owner >= STRUCT_COUNT || key > FIELD_KEY_MAX) return NULL;
    const Field *f = &fields[owner][key];
    return f->name ? f : NULL;
}

uint32_t schema_needed(StructKind owner) {
    return owner < STRUCT_COUNT ? needed[owner] : 0;
}

const char *schema_struct_name(StructKind owner) {
    return owner < STRUCT_COUNT ? structs[owner].name : structs[STRUCT_none].name;
}

const char *schema_struct_doc(StructKind owner) {
    return owner < STRUCT_COUNT ? structs[owner].doc : structs[STRUCT_none].doc;
}

const char *reason_name(int reason) {
    return reason >= 0 && reason < REASON_COUNT ? reasons[reason].name : "hub_failed";
}

const char *reason_sentence(int reason) {
    bool known = reason >= 0 && reason < REASON_COUNT;
    return reasons[known ? reason : REFUSE_hub_failed].sentence;
}

Reason reason_by_name(Str name) {
    for (int i = 1; i < REASON_COUNT; i++) {
        if (str_is(name, reasons[i].name)) return (Reason)i;
    }
    return REFUSE_none;
}

bool code_known(CodeList list, Str value) {
    if (list >= LIST_COUNT) return false;
    for (size_t i = first_codes[list]; i < first_codes[list + 1]; i++) {
        if (str_eq(codes[i].value, value)) return true;
    }
    return false;
}

const char *code_list_name(CodeList list) {
    return list < LIST_COUNT ? lists[list] : lists[LIST_none];
}

bool code_at(size_t i, CodeList *ret_list, const char **ret_value, const char **ret_doc) {
    if (i >= COUNT_OF(codes)) return false;
    *ret_list = codes[i].list;
    *ret_value = codes[i].value.at;
    *ret_doc = codes[i].doc;
    return true;
}

InfoClass class_by_name(Str name) {
    for (int i = 1; i < CLASS_COUNT; i++) {
        if (str_is(name, classes[i].name)) return (InfoClass)i;
    }
    return CLASS_none;
}

const char *class_name(InfoClass c) {
    return c < CLASS_COUNT ? classes[c].name : classes[CLASS_none].name;
}

const char *class_doc(InfoClass c) {
    return c < CLASS_COUNT ? classes[c].doc : classes[CLASS_none].doc;
}

const char *class_example(InfoClass c) {
    return c < CLASS_COUNT ? classes[c].example : classes[CLASS_none].example;
}

Tier class_default_tier(InfoClass c) {
    return c < CLASS_COUNT ? classes[c].tier : TIER_silent;
}

Sensitivity class_sensitivity(InfoClass c) {
    return c < CLASS_COUNT ? classes[c].sensitivity : K4;
}

Tier tier_by_name(Str name) {
    for (int i = 1; i <= TIER_silent; i++) {
        if (str_is(name, tiers[i])) return (Tier)i;
    }
    return TIER_none;
}

const char *tier_name(Tier t) {
    return t <= TIER_silent ? tiers[t] : tiers[TIER_none];
}

bool lifecycle_step(size_t i, Step *ret) {
    if (i >= COUNT_OF(steps)) return false;
    *ret = steps[i];
    return true;
}

bool message_kind(size_t i, MessageKind *ret) {
    if (i >= COUNT_OF(messages)) return false;
    *ret = messages[i];
    return true;
}
