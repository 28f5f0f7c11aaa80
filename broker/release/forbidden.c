/* Who may not be named; see persons.h. What is read here is the sealed mention, never a column of
 * the database: a role taken away there takes no name off the list. */
#include "broker/release/persons.h"

#include <stdlib.h>

enum {
    NAMES_MOST = 32,         /* of one person; the rest is nobody's name */
    BYTES_MOST = 256 * 1024, /* of different names, numbers and addresses: some 3,600 people */
    SCRATCH = 256 << 20      /* where messages name the same people over and over */
};

typedef struct Words {
    Arena *arena;
    NetWord *at;
    size_t count, cap;
    bool foreign; /* what is added now */
    bool told_it; /* by the recipient */
} Words;

static void word_add(Words *w, NetKind kind, bool hides, Str text) {
    if (text.len == 0) return;
    if (w->count == w->cap) {
        size_t cap = w->cap ? 2 * w->cap : 64;
        NetWord *at = arena_array(w->arena, cap, sizeof(*at));
        if (!at) return; /* the arena has failed, and says so */
        if (w->count) memcpy(at, w->at, w->count * sizeof(*at));
        w->at = at;
        w->cap = cap;
    }
    w->at[w->count++] = (NetWord){
        .text = text, .kind = kind, .hides = hides && !w->told_it, .foreign = w->foreign};
}

static bool id_among(Id id, const Id *list, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (id_eq(list[i], id)) return true;
    }
    return false;
}

static bool role_among(const Value *person, const char *const roles[3]) {
    for (size_t i = 0; i < value_count(person, F_person_role); i++) {
        for (size_t k = 0; k < 3; k++) {
            if (str_is(value_item_text(person, F_person_role, i), roles[k])) return true;
        }
    }
    return false;
}

/* Whoever told, saw, or was hurt must not be named outside, whatever a summary says. */
static const char *const hidden_roles[3] = {"informant", "witness", "victim"};
/* Whoever else is tied to the child's person is somebody else whom a machine or a person took for
 * the child. */
static const char *const child_roles[3] = {"child", "unborn", "sibling"};

static void names_add(Words *w, const Value *person, bool hides, bool named) {
    for (size_t i = 0; i < value_count(person, F_person_name) && i < NAMES_MOST; i++) {
        const Value *name = value_item(person, F_person_name, i);
        if (named && !name_former(name)) continue;
        Str given = value_text(name, F_name_given), family = value_text(name, F_name_family);
        Str all = given.len ? arena_printf(w->arena, "%.*s, %.*s", STR_ARG(family), STR_ARG(given))
                            : family;
        word_add(w, NET_name, hides, all);
    }
}

static void numbers_add(Words *w, const Value *person, bool hides) {
    for (size_t i = 0; i < value_count(person, F_person_telecom); i++) {
        const Value *telecom = value_item(person, F_person_telecom, i);
        bool email = str_is(value_text(telecom, F_telecom_system), "email");
        word_add(w, email ? NET_email : NET_telephone, hides, value_text(telecom, F_telecom_value));
    }
    for (size_t i = 0; i < value_count(person, F_person_identifier); i++) {
        const Value *id = value_item(person, F_person_identifier, i);
        word_add(w, NET_identifier, hides, value_text(id, F_identifier_value));
    }
}

/* A protected one hides, whosever it is. */
static void addresses_add(Words *w, const Value *person) {
    for (size_t i = 0; i < value_count(person, F_person_address); i++) {
        const Value *address = value_item(person, F_person_address, i);
        bool hides = value_yes(address, F_address_protected);
        word_add(w, NET_postcode, hides, value_text(address, F_address_postcode));
        for (size_t k = 0; k < value_count(address, F_address_line); k++) {
            word_add(w, NET_address, hides, value_item_text(address, F_address_line, k));
        }
    }
}

static int word_sort(const NetWord *w) {
    return (int)w->kind * 4 + w->hides * 2 + w->foreign;
}

static int word_order(const void *left, const void *right) {
    const NetWord *a = left, *b = right;
    int sort = word_sort(a) - word_sort(b);
    return sort ? sort : str_order(a->text, b->text);
}

/* Each once: many messages name the same people. How many are left. */
static size_t words_settle(NetWord *at, size_t count) {
    size_t kept = 0;
    if (count) qsort(at, count, sizeof(*at), word_order);
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || word_order(&at[kept - 1], &at[i]) != 0) at[kept++] = at[i];
    }
    return kept;
}

static int words_keep(Arena *a, const Words *w, NetWord **ret, size_t *ret_count) {
    size_t kept = words_settle(w->at, w->count), bytes = 0;
    NetWord *at = arena_array(a, kept, sizeof(*at));
    for (size_t i = 0; at && i < kept; i++) {
        at[i] = w->at[i];
        at[i].text = arena_str(a, w->at[i].text);
        bytes += at[i].text.len;
    }
    *ret = at;
    *ret_count = kept;
    if (arena_failed(a)) return ERR_MEMORY;
    return bytes > BYTES_MOST ? REFUSE_too_many_names : 0;
}

int forbidden_words(Arena *a, const Person *persons, size_t count, const Id *about,
                    size_t about_count, Between between, NetWord **ret, size_t *ret_count) {
    _cleanup_(arena_freep) Arena *scratch = arena_new(SCRATCH);
    Words w = {.arena = scratch};
    if (!scratch) return ERR_MEMORY;
    for (size_t i = 0; i < count; i++) {
        const Person *p = &persons[i];
        if (!p->value) continue;
        bool named = p->subject && id_among(p->person_id, about, about_count) &&
                     role_among(p->value, child_roles);
        bool hides = !named && role_among(p->value, hidden_roles);
        w.foreign = between.owner.len && p->agency.len && !str_eq(p->agency, between.owner);
        w.told_it = between.recipient.len && str_eq(p->agency, between.recipient);
        names_add(&w, p->value, hides, named);
        numbers_add(&w, p->value, hides);
        addresses_add(&w, p->value);
    }
    return arena_failed(scratch) ? ERR_MEMORY : words_keep(a, &w, ret, ret_count);
}

bool persons_unread(const Person *persons, size_t count, Str agency) {
    for (size_t i = 0; i < count; i++) {
        if (persons[i].value) continue;
        bool anybody = agency.len == 0 || persons[i].agency.len == 0;
        if (anybody || str_eq(persons[i].agency, agency)) return true;
    }
    return false;
}
