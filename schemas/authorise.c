/* See authorise.h. */
#include "schemas/authorise.h"

#include "broker/base/mark.h"
#include "schemas/json_read.h"

static Str code_words(CodeList list, Str value) {
    CodeList its;
    const char *code, *doc;
    for (size_t i = 0; code_at(i, &its, &code, &doc); i++) {
        if (its == list && str_is(value, code)) return doc[0] ? str_z(doc) : value;
    }
    return value;
}

static Str subjects_words(Arena *a, const Value *rendering) {
    Str all = {0};
    for (size_t i = 0; i < value_count(rendering, F_rendering_subject); i++) {
        const Value *one = value_item(rendering, F_rendering_subject, i);
        Str born = value_text(one, F_subject_birth_date);
        all = arena_printf(a, "%.*s  %.*s%s%.*s\n", STR_ARG(all),
                           STR_ARG(value_text(one, F_subject_name)), born.len ? ", born " : "",
                           STR_ARG(born));
    }
    return all;
}

static Str section_words(Arena *a, const Value *section) {
    Str all = {0}, signpost = value_text(section, F_section_signpost);
    for (size_t i = 0; i < value_count(section, F_section_line); i++) {
        const Value *line = value_item(section, F_section_line, i);
        all = arena_printf(a, "%.*s  %.*s\n    %.*s\n", STR_ARG(all),
                           STR_ARG(value_text(line, F_product_line_heading)),
                           STR_ARG(value_text(line, F_product_line_text)));
    }
    return arena_printf(a, "%.*s%s%.*s%s", STR_ARG(all), signpost.len ? "  " : "",
                        STR_ARG(signpost), signpost.len ? "\n" : "");
}

static Str words_make(Arena *a, const AuthorisationTerms *t, Str recipient_name,
                      const Value *rendering) {
    Str about = subjects_words(a, rendering);
    Str section = section_words(a, value_get(rendering, F_rendering_section));
    return arena_printf(a,
                        "It would go to: %.*s (the hub names it %.*s)\nPurpose: %.*s\n"
                        "Counts until: %.*s\n\nAbout\n%.*s\nExactly this would leave\n%.*s",
                        STR_ARG(t->recipient), STR_ARG(recipient_name),
                        STR_ARG(code_words(LIST_purpose, t->purpose)), STR_ARG(t->expires_on),
                        STR_ARG(about), STR_ARG(section));
}

static int fault_at(Fault *fault, Reason reason, const char *path) {
    fault->reason = reason;
    (void)snprintf(fault->path, sizeof(fault->path), "%s", path);
    return (int)reason;
}

/* That the digest is this rendering's. */
static int rendering_check(Arena *a, const Value *rendering, const Hash *section, Fault *fault) {
    Bytes bytes;
    Hash digest;
    int r = codec_encode(a, rendering, &bytes);
    if (r == 0) r = sha256(&bytes, 1, &digest);
    if (r) return r;
    return hash_eq(&digest, section)
               ? 0
               : fault_at(fault, REFUSE_commitment_wrong, "authorise.section");
}

int authorise_read(Arena *a, Str json, AuthoriseAsked *ret, Fault *ret_fault) {
    const Value *letter = NULL;
    int r = json_read(a, STRUCT_letter, json, &letter, ret_fault);
    if (r) return r;
    const Value *asked = value_get(letter, F_letter_authorise);
    const Value *rendering = value_get(asked, F_authorise_rendering);
    if (!rendering) return fault_at(ret_fault, REFUSE_missing_field, "authorise");
    AuthorisationTerms t = {
        .realm = value_text(letter, F_letter_realm),
        .owner = value_text(letter, F_letter_agency),
        .recipient = value_text(rendering, F_rendering_recipient),
        .purpose = value_text(rendering, F_rendering_purpose),
        .template = value_text(rendering, F_rendering_template),
        .expires_on = value_text(asked, F_authorise_expires_on),
    };
    bool whole = value_id(asked, F_authorise_request_id, &t.request) &&
                 value_hash(asked, F_authorise_section, &t.section);
    if (!whole) return fault_at(ret_fault, REFUSE_missing_field, "authorise");
    r = rendering_check(a, rendering, &t.section, ret_fault);
    if (r) return r;
    ret->terms = t;
    Str name = value_text(asked, F_authorise_recipient_name);
    ret->words = marks_replaced(a, words_make(a, &t, name, rendering), '?');
    return arena_failed(a) ? ERR_MEMORY : 0;
}

int authorise_answer(Arena *a, const AuthoriseAsked *asked, Str reason, const Key *secret,
                     Str key_id, Str now, const Value **ret) {
    AuthorisationTerms t = asked->terms;
    Signature *signature = arena_alloc(a, sizeof(*signature));
    if (reason.len && !code_known(LIST_refusal_reason, reason)) return REFUSE_code_unknown;
    t.verdict = reason.len ? STR("refused") : STR("granted");
    t.reason = reason;
    Str message = authorisation_message(a, &t);
    if (!signature || !message.at) return ERR_MEMORY;
    int r = ed25519_sign(secret, str_bytes(message), signature);
    if (r) return r;
    Value *v = value_map(a);
    value_set_id(a, v, F_authorisation_request_id, &t.request);
    value_set_text(a, v, F_authorisation_verdict, t.verdict);
    value_set_text(a, v, F_authorisation_reason, t.reason);
    Value *by = value_set_map(a, v, F_authorisation_endorsement);
    value_set_text(a, by, F_endorsement_key, key_id);
    value_set_bytes(a, by, F_endorsement_signature, BYTES_OF(signature->at));
    value_set_text(a, v, F_authorisation_answered_at, now);
    *ret = v;
    return arena_failed(a) ? ERR_MEMORY : 0;
}
