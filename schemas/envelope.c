/* See envelope.h. */
#include "schemas/envelope.h"

Value *head_new(Arena *a, StructKind kind) {
    Value *head = value_map(a);
    value_set_number(a, head, KEY_HEAD_VERSION, PROTOCOL_VERSION);
    value_set_text(a, head, KEY_HEAD_MESSAGE, str_z(schema_struct_name(kind)));
    return head;
}

static StructKind head_kind(Str name) {
    MessageKind kind;
    for (size_t i = 0; message_kind(i, &kind); i++) {
        if (str_is(name, kind.name)) return kind.head;
    }
    return STRUCT_none;
}

static int head_fault(Fault *fault, Reason reason, const char *path) {
    fault->reason = reason;
    (void)snprintf(fault->path, sizeof(fault->path), "%s", path);
    return (int)reason;
}

/* Heads that carry their content; every other is short. */
static size_t head_limit(StructKind kind) {
    if (kind == STRUCT_acknowledgement) return LIMIT_ACK;
    if (kind == STRUCT_command) return LIMIT_COMMAND;
    return kind == STRUCT_result ? LIMIT_RESULT : LIMIT_HEAD;
}

int head_decode(Arena *a, Bytes frame, StructKind *ret_kind, const Value **ret, Fault *ret_fault) {
    const Value *head = NULL;
    *ret_fault = (Fault){0};
    if (frame.len > LIMIT_RESULT) return head_fault(ret_fault, REFUSE_too_large, "head");
    int r = codec_decode(a, frame, &head, ret_fault);
    if (r) return r;
    if (value_number(head, KEY_HEAD_VERSION) / 100 != PROTOCOL_MAJOR) {
        return head_fault(ret_fault, REFUSE_version_unknown, "version");
    }
    StructKind kind = head_kind(value_text(head, KEY_HEAD_MESSAGE));
    if (kind == STRUCT_none) return head_fault(ret_fault, REFUSE_message_not_allowed, "message");
    if (frame.len > head_limit(kind)) return head_fault(ret_fault, REFUSE_too_large, "head");
    r = schema_check(kind, head, ret_fault);
    if (r) return r;
    *ret_kind = kind;
    *ret = head;
    return 0;
}

static Bytes signed_bytes(Arena *a, StructKind kind, Bytes head) {
    Str domain = arena_printf(a, "mash/1 %s\n", schema_struct_name(kind));
    uint8_t *at = arena_alloc(a, domain.len + head.len);
    if (!at) return (Bytes){0};
    memcpy(at, domain.at, domain.len);
    memcpy(at + domain.len, head.at, head.len);
    return bytes_of(at, domain.len + head.len);
}

int head_sign(Arena *a, const Key *secret, StructKind kind, Bytes head, Signature *ret) {
    Bytes message = signed_bytes(a, kind, head);
    return message.at ? ed25519_sign(secret, message, ret) : ERR_MEMORY;
}

bool head_verify(Arena *a, const Key *public, StructKind kind, Bytes head, Bytes signature) {
    Bytes message = signed_bytes(a, kind, head);
    return message.at && signature.len == SIG_LEN && ed25519_verify(public, message, signature);
}

Str policy_message(Arena *a, Str realm, Str owner, int64_t version, Str from, Str text) {
    return arena_printf(a, "mash/1 policy\n%.*s\n%.*s\n%lld%s%.*s\n%.*s", STR_ARG(realm),
                        STR_ARG(owner), (long long)version, from.len ? " from " : "",
                        STR_ARG(from), STR_ARG(text));
}

Str authorisation_message(Arena *a, const AuthorisationTerms *t) {
    char request[ID_TEXT], section[2 * HASH_LEN + 1];
    id_text(t->request, request);
    hex_encode(BYTES_OF(t->section.at), section);
    return arena_printf(a,
                        "mash/1 authorisation\n%.*s\n%.*s\n%s\n%.*s%s%.*s\n%s\n%.*s\n%.*s\n"
                        "%.*s\n%.*s\n",
                        STR_ARG(t->realm), STR_ARG(t->owner), request, STR_ARG(t->verdict),
                        t->reason.len ? " " : "", STR_ARG(t->reason), section,
                        STR_ARG(t->recipient), STR_ARG(t->purpose), STR_ARG(t->template),
                        STR_ARG(t->expires_on));
}

int content_commit(Bytes frame, Hash *ret) {
    return sha256(&frame, 1, ret);
}

/* Each kind of content is named as its struct is. */
StructKind content_kind(Str content) {
    if (!code_known(LIST_content, content)) return STRUCT_none;
    for (int kind = STRUCT_none + 1; kind < STRUCT_COUNT; kind++) {
        if (str_is(content, schema_struct_name((StructKind)kind))) return (StructKind)kind;
    }
    return STRUCT_none;
}

int content_decode(Arena *a, StructKind kind, Bytes content, const Value **ret,
                   Fault *ret_fault) {
    *ret_fault = (Fault){0};
    if (content.len > LIMIT_CONTENT) return head_fault(ret_fault, REFUSE_too_large, "content");
    const Value *made = NULL;
    int r = codec_decode(a, content, &made, ret_fault);
    if (r == 0) r = schema_check(kind, made, ret_fault);
    if (r == 0) *ret = made;
    return r;
}
