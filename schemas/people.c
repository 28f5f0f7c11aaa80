/* See people.h. */
#include "schemas/people.h"

#include "broker/base/crypto.h"

#include <stddef.h>
#include <stdio.h>

enum { WORD_MOST = 79, KEY_ID_BYTES = 8 };

/* ---- the form of a word ---------------------------------------------------------------------- */

/* What may stand in a leaf, and on one line: nothing that could be taken for another word. */
static bool plain(Str s) {
    for (size_t i = 0; i < s.len; i++) {
        char c = s.at[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (!letter && (i == 0 || !memchr("-._", c, 3))) return false;
    }
    return s.len > 0 && s.len <= WORD_MOST;
}

static bool hex(Str s, size_t bytes) {
    uint8_t at[KEY_LEN];
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] >= 'A' && s.at[i] <= 'F') return false; /* one spelling */
    }
    return hex_decode(s, at, bytes);
}

static bool form_key(Str s) {
    return hex(s, KEY_ID_BYTES);
}

static bool form_public(Str s) {
    return hex(s, KEY_LEN);
}

static bool form_day(Str s) {
    static const char form[] = "dddd-dd-dd";
    if (s.len != sizeof(form) - 1) return false;
    for (size_t i = 0; i < s.len; i++) {
        bool digit = s.at[i] >= '0' && s.at[i] <= '9';
        if (form[i] == 'd' ? !digit : s.at[i] != form[i]) return false;
    }
    return true;
}

static bool form_act(Str s) {
    return code_known(LIST_people_act, s);
}

static bool form_reason(Str s) {
    return code_known(LIST_key_end, s) && !str_is(s, "rotated"); /* that is another act */
}

static bool form_number(Str s) {
    uint64_t n;
    return str_u64(s, &n) && n > 0 && n <= INT32_MAX && s.at[0] != '0';
}

/* ---- which act says what --------------------------------------------------------------------- */

/* In the order in which they are written. `acts`: those that say it, each between spaces. */
static const struct Word {
    const char *name;
    size_t at;
    bool (*form)(Str s);
    const char *acts;
} words[] = {
    {"agency", offsetof(PeopleAct, agency), plain, " enrol rotate revoke delegate withdraw "},
    {"act", offsetof(PeopleAct, act), form_act, " enrol rotate revoke delegate withdraw "},
    {"key", offsetof(PeopleAct, key), form_key, " revoke "},
    {"public", offsetof(PeopleAct, public), form_public, " enrol rotate "},
    {"holder", offsetof(PeopleAct, holder), plain, " enrol rotate delegate "},
    {"until", offsetof(PeopleAct, until), form_day, " enrol rotate delegate "},
    {"replaces", offsetof(PeopleAct, replaces), form_key, " rotate "},
    {"reason", offsetof(PeopleAct, reason), form_reason, " revoke "},
    {"lead", offsetof(PeopleAct, lead), plain, " delegate "},
    {"number", offsetof(PeopleAct, number), form_number, " delegate withdraw "},
};

static Str word_of(const PeopleAct *act, size_t i) {
    return *(const Str *)(const void *)((const char *)act + words[i].at);
}

static bool asked(const PeopleAct *act, size_t i) {
    char name[16];
    size_t at;
    int len = snprintf(name, sizeof(name), " %.*s ", STR_ARG(act->act));
    return len > 2 && (size_t)len < sizeof(name) &&
           str_find(str_z(words[i].acts), str_z(name), &at);
}

const char *people_fault(const PeopleAct *act) {
    if (!form_act(act->act)) return "act";
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        Str word = word_of(act, i);
        if (asked(act, i) ? !words[i].form(word) : word.len > 0) return words[i].name;
    }
    return NULL;
}

Str people_message(Arena *a, Str realm, const PeopleAct *act) {
    if (people_fault(act)) return (Str){0};
    Str text = arena_printf(a, "mash/1 people\nrealm %.*s\n", STR_ARG(realm));
    for (size_t i = 0; text.at && i < COUNT_OF(words); i++) {
        Str word = word_of(act, i);
        if (word.len == 0) continue;
        text = arena_printf(a, "%.*s%s %.*s\n", STR_ARG(text), words[i].name, STR_ARG(word));
    }
    return text;
}

Str *people_word(PeopleAct *act, Str name) {
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (str_is(name, words[i].name)) return (Str *)(void *)((char *)act + words[i].at);
    }
    return NULL;
}

Str public_hex(Str text) {
    Str rest = str_trim(text), kind = {0};
    if (str_starts(rest, STR("ed25519-public ")) && str_split(&rest, ' ', &kind)) {
        rest = str_trim(rest);
    }
    return form_public(rest) ? rest : (Str){0};
}
