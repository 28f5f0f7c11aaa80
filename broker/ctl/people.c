/* Signing an act of an agency's people, offline: two of them sign the same words, each on a machine
 * of their own, and send the lines to the hub's manager. */
#include "broker/ctl/ctl.h"

#include "schemas/people.h"

enum { PEOPLE_MEMORY = 256 * 1024, WORD_MOST = 4096 };

static int wrong(const char *what, const char *why) {
    (void)fprintf(stderr, "mashctl: %s: %s\n", what, why);
    return 1;
}

/* "name=value", or "public=@FILE" of a key file. */
static int word_take(Arena *a, const char *word, PeopleAct *act, Str *realm) {
    Str value = str_z(word), name;
    if (!str_split(&value, '=', &name) || value.len == 0) return wrong(word, "is not name=value");
    Str *to = str_is(name, "realm") ? realm : people_word(act, name);
    if (!to) return wrong(word, "an act of an agency's people has no such word");
    if (value.at[0] == '@' && file_read(a, value.at + 1, WORD_MOST, &value) != 0) {
        return wrong(word, "cannot be read");
    }
    *to = str_is(name, "public") ? public_hex(value) : str_trim(value);
    return 0;
}

int people_sign(const char *const *words, int count, const char *path, const char *key_file) {
    _cleanup_(arena_freep) Arena *a = arena_new(PEOPLE_MEMORY);
    PeopleAct act = {0};
    Str realm = {0};
    if (!a) return ERR_MEMORY;
    for (int i = 0; i < count; i++) {
        int r = word_take(a, words[i], &act, &realm);
        if (r) return r;
    }
    if (!code_known(LIST_realm, realm)) {
        return wrong("realm", "is missing, or none: live or demonstration");
    }
    const char *fault = people_fault(&act);
    if (fault && strcmp(fault, "act") == 0) {
        return wrong("act", "is missing, or none: enrol, rotate, revoke, delegate or withdraw");
    }
    if (fault) return wrong(fault, "is missing, wrong, or not for this act");
    Str message = people_message(a, realm, &act);
    if (!message.at) return ERR_MEMORY;
    (void)fprintf(stderr, "%.*s", STR_ARG(message));
    return signature_add(path, key_file, message);
}
