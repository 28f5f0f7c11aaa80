/* The .def tables as C: enums, limits and look-ups. Read the .def files first; they are the
 * contract. This header adds names for them and nothing else. */
#ifndef MASH_SCHEMA_H
#define MASH_SCHEMA_H

#include "broker/base/str.h"

enum { PROTOCOL_VERSION = 100, PROTOCOL_MAJOR = 1 };

/* Bounds on what comes from outside, all in one place (P5, R23). */
enum {
    LIMIT_HEAD = 32 * 1024,        /* bytes of a message's head, except: */
    LIMIT_ACK = 192 * 1024,        /* an acknowledgement, which holds its leaves */
    LIMIT_COMMAND = 128 * 1024,    /* a command, which holds its arguments */
    LIMIT_RESULT = 1100 * 1024,    /* a result, which holds its JSON */
    LIMIT_CONTENT = 192 * 1024,    /* bytes of one content frame */
    LIMIT_SUBMISSION = 256 * 1024, /* bytes of all frames (ZeroMQ's own limit is per frame) */
    LIMIT_LETTER = 300 * 1024,     /* bytes of a sealed letter */
    LIMIT_ENTRIES = 64,            /* messages of one submission */
    LIMIT_LIST = 256,              /* elements of any other list */
    LIMIT_DEPTH = 8,
    SALT_LEN = 32,
};

/* STRUCT_submission, ... */
typedef enum StructKind {
    STRUCT_none,
#define STRUCT(name, doc) STRUCT_##name,
#define FIELD(...)
#include "schemas/fields.def"
#undef STRUCT
#undef FIELD
    STRUCT_COUNT
} StructKind;

/* Keys: F_submission_agency = 5, ... */
enum {
#define STRUCT(name, doc)
#define FIELD(owner, key, name, ...) F_##owner##_##name = (key),
#include "schemas/fields.def"
#undef STRUCT
#undef FIELD
    FIELD_KEY_MAX = 31
};

/* Code lists: LIST_realm, ... */
typedef enum CodeList {
    LIST_none,
#define LIST(name) LIST_##name,
#define CODE(...)
#include "schemas/codes.def"
#undef LIST
#undef CODE
    LIST_COUNT
} CodeList;

/* Refusals: REFUSE_key_unknown = 1, ...; 0 is done (err.h). */
typedef enum Reason {
    REFUSE_none,
#define REASON(name, sentence) REFUSE_##name,
#include "schemas/reasons.def"
#undef REASON
    REASON_COUNT
} Reason;

/* Information classes: CLASS_child_identity, ... */
typedef enum InfoClass {
    CLASS_none,
#define CLASS(name, sensitivity, tier, doc, example) CLASS_##name,
#include "schemas/classes.def"
#undef CLASS
    CLASS_COUNT
} InfoClass;

typedef enum Tier { TIER_none, TIER_share, TIER_sanitise, TIER_signpost, TIER_silent } Tier;
typedef enum Sensitivity { K0, K1, K2, K3, K4 } Sensitivity;

typedef enum FieldType {
    TYPE_none,
    TYPE_text,
    TYPE_code,
    TYPE_id,
    TYPE_bytes,
    TYPE_hash,
    TYPE_time,
    TYPE_date,
    TYPE_number,
    TYPE_yes,
    TYPE_map
} FieldType;

typedef enum FieldCount { COUNT_one, COUNT_opt, COUNT_many, COUNT_some } FieldCount;

typedef struct Field {
    const char *name;
    FieldType type;
    StructKind of; /* TYPE_map */
    CodeList list; /* TYPE_code */
    FieldCount count;
    uint32_t max; /* bytes of a text or byte string */
    Sensitivity sensitivity;
    const char *doc;
} Field;

/* NULL when the struct has no such key. */
const Field *schema_field(StructKind owner, uint32_t key);
/* Bit n: the struct must have key n, and there are no keys above 31. */
uint32_t schema_needed(StructKind owner);
const char *schema_struct_name(StructKind owner);
const char *schema_struct_doc(StructKind owner);

/* A reason's word and sentence. */
const char *reason_name(int reason);
const char *reason_sentence(int reason);
Reason reason_by_name(Str name); /* REFUSE_none when unknown */

bool code_known(CodeList list, Str value);
const char *code_list_name(CodeList list);
/* The i-th code of all, in file order; false past the end. */
bool code_at(size_t i, CodeList *ret_list, const char **ret_value, const char **ret_doc);

InfoClass class_by_name(Str name); /* CLASS_none when unknown */
const char *class_name(InfoClass c);
const char *class_doc(InfoClass c);
const char *class_example(InfoClass c); /* an invented one, for people who choose a class */
Tier class_default_tier(InfoClass c);
Sensitivity class_sensitivity(InfoClass c);
Tier tier_by_name(Str name); /* TIER_none when unknown */
const char *tier_name(Tier t);

/* One transition of schemas/lifecycle.def; false past the end. */
typedef struct Step {
    const char *machine, *from, *event, *to, *who;
} Step;
bool lifecycle_step(size_t i, Step *ret);

typedef struct MessageKind {
    const char *name, *signer, *frames, *path, *doc;
    StructKind head;
} MessageKind;
bool message_kind(size_t i, MessageKind *ret);

#endif
