/* Endorsing an owner's choice, offline: each of two people adds a signature to the file that will
 * be dropped at the adapter's desk. What is signed is the will as it stands in the file, so the
 * file must be whole before the first signs it. */
#include "broker/ctl/ctl.h"

#include "broker/io/keyfile.h"
#include "schemas/choice.h"
#include "schemas/json_read.h"

#include <stdint.h>

enum { CHOICE_MOST = 16384 };

static bool endorsed_by(const Value *choice, const char *id) {
    for (size_t i = 0; i < value_count(choice, F_choice_endorsement); i++) {
        const Value *e = value_item(choice, F_choice_endorsement, i);
        if (str_is(value_text(e, F_endorsement_key), id)) return true;
    }
    return false;
}

static int endorsement_add(Arena *a, const Key *secret, const PolicyName *n, Value *choice,
                           char id[KEY_ID_LEN + 1]) {
    Key public;
    Signature *signature = arena_alloc(a, sizeof(*signature));
    Str message = choice_message(a, n->realm, n->owner, choice);
    if (!signature || !message.at) return ERR_MEMORY;
    int r = ed25519_public(secret, &public);
    if (r == 0) r = key_id(&public, id);
    if (r == 0 && endorsed_by(choice, id)) return complain(id, "this key has signed already");
    if (r == 0) r = ed25519_sign(secret, str_bytes(message), signature);
    if (r) return r;
    Value *e = value_add_map(a, choice, F_choice_endorsement);
    value_set_text(a, e, F_endorsement_key, arena_str(a, str_z(id)));
    value_set_bytes(a, e, F_endorsement_signature, BYTES_OF(signature->at));
    return 0;
}

/* The tree that was read, to be added to. */
static int choice_load(Arena *a, const char *file, Value **ret) {
    const Value *read = NULL;
    Fault fault = {0};
    Str text;
    int r = text_read(a, file, CHOICE_MOST, &text);
    if (r) return r;
    r = json_read(a, STRUCT_choice, text, &read, &fault);
    if (r > 0) (void)fprintf(stderr, "mashctl: at \"%s\": %s\n", fault.path, reason_sentence(r));
    if (r > 0) return ERR_FILE;
    *ret = (Value *)(uintptr_t)read; /* nobody else's: it lives in our arena */
    return r;
}

int choice_sign(const char *file, const char *key_file, const PolicyName *name) {
    _cleanup_(arena_freep) Arena *a = arena_new(1024 * 1024);
    char id[KEY_ID_LEN + 1];
    Value *choice = NULL;
    Key secret;
    if (!a) return ERR_MEMORY;
    int r = choice_load(a, file, &choice);
    if (r) return r;
    r = secret_read(key_file, &secret);
    if (r) return r;
    r = endorsement_add(a, &secret, name, choice, id);
    key_wipe(&secret);
    Str json = r == 0 ? codec_json(a, STRUCT_choice, choice) : (Str){0};
    if (r || !json.at) return r ? r : ERR_MEMORY;
    if (file_replace(file, arena_printf(a, "%.*s\n", STR_ARG(json))) != 0) {
        return complain(file, "cannot be replaced; it stands as it was");
    }
    (void)fprintf(stderr, "Endorsed with key %s for %.*s (%.*s): %s\n", id, STR_ARG(name->owner),
                  STR_ARG(name->realm), file);
    return 0;
}
