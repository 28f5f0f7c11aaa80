/* What is told of a person: roles inside, minimum identity outside, the same for a check and for a
 * product; see persons.h. */
#include "broker/base/fold.h"
#include "broker/release/letters.h"
#include "broker/release/persons.h"

/* May be the trace of an adoption. */
bool name_former(const Value *name) {
    return str_is(value_text(name, F_name_use), "former");
}

static const Value *name_now(const Value *person) {
    for (size_t i = 0; i < value_count(person, F_person_name); i++) {
        const Value *name = value_item(person, F_person_name, i);
        if (!name_former(name)) return name;
    }
    return NULL;
}

Subject subject_of(Arena *a, const Value *person, Str recipient_type) {
    const Value *name = name_now(person);
    Str given = value_text(name, F_name_given), family = value_text(name, F_name_family);
    Str scheme = identifier_scheme(recipient_type);
    Subject s = {
        .name = arena_printf(a, "%.*s%s%.*s", STR_ARG(given), given.len && family.len ? " " : "",
                             STR_ARG(family)),
        .birth_date = value_text(person, F_person_birth_date),
    };
    if (s.name.len == 0) s.name = STR(NAME_NOT_KNOWN);
    for (size_t i = 0; scheme.len && i < value_count(person, F_person_identifier); i++) {
        const Value *id = value_item(person, F_person_identifier, i);
        if (!str_eq(value_text(id, F_identifier_scheme), scheme)) continue;
        if (!str_is(value_text(id, F_identifier_check), "ok")) continue;
        s.identifier_scheme = scheme;
        s.identifier = value_text(id, F_identifier_value);
    }
    return s;
}

Str roles_text(Arena *a, const Value *person) {
    Str text = value_item_text(person, F_person_role, 0);
    for (size_t i = 1; i < value_count(person, F_person_role); i++) {
        Str more = value_item_text(person, F_person_role, i);
        text = arena_printf(a, "%.*s+%.*s", STR_ARG(text), STR_ARG(more));
    }
    return text;
}

static bool mentioned(const Person *p, Id person) {
    return p->value && !p->held && id_eq(p->person_id, person);
}

static bool speaks(const Addressee *to, Str agency) {
    for (size_t i = 0; i < to->speaker_count; i++) {
        if (str_eq(to->speakers[i], agency)) return true;
    }
    return false;
}

/* The mentions of one person by whose name a letter may go, told as its recipient may be. */
typedef struct Told {
    Subject subject;
    Str agency, name; /* folded; empty: none */
    bool again;       /* the agency calls her so in one before it */
} Told;

typedef struct Choosing {
    Told *at;
    size_t count;
} Choosing;

/* Each agency's each name once, and once more for the first with a number: one who is mentioned
 * thousands of times is not looked at thousands of times for each. */
static void choosing_add(Choosing *c, Told told) {
    for (size_t i = 0; i < c->count; i++) {
        const Told *t = &c->at[i];
        if (!str_eq(t->name, told.name) || !str_eq(t->agency, told.agency)) continue;
        told.again = true;
        if (t->subject.identifier.len || !told.subject.identifier.len) return;
    }
    c->at[c->count++] = told;
}

static int choosing_make(Arena *a, const Known *known, Id person, const Addressee *to, bool own,
                         Choosing *ret) {
    *ret = (Choosing){.at = arena_array(a, known->count, sizeof(Told))};
    for (size_t i = 0; ret->at && i < known->count; i++) {
        const Person *p = &known->at[i];
        bool its = str_eq(p->agency, to->agency);
        if (!mentioned(p, person) || its != own) continue;
        if (!own && to->speaker_count && p->agency.len && !speaks(to, p->agency)) continue;
        Told t = {.subject = subject_of(a, p->value, to->type), .agency = p->agency};
        if (!str_is(t.subject.name, NAME_NOT_KNOWN)) t.name = fold_words(a, t.subject.name);
        choosing_add(ret, t);
    }
    return ret->at ? 0 : ERR_MEMORY;
}

/* How many agencies call her so. */
static size_t agreed(const Choosing *c, const Told *told) {
    size_t count = 0;
    for (size_t i = 0; told->name.len && i < c->count; i++) {
        count += !c->at[i].again && str_eq(c->at[i].name, told->name);
    }
    return count;
}

/* Of those with this name, the first that has the number. */
static const Told *numbered(const Choosing *c, const Told *told) {
    for (size_t i = 0; i < c->count; i++) {
        bool same = str_eq(c->at[i].name, told->name);
        if (same && c->at[i].subject.identifier.len) return &c->at[i];
    }
    return told;
}

bool subject_choose(Arena *a, const Known *known, Id person, const Addressee *to,
                    Subject *ret) {
    Choosing others, own;
    const Told *best = NULL;
    size_t most = 0;
    if (choosing_make(a, known, person, to, false, &others) != 0) return false;
    if (choosing_make(a, known, person, to, true, &own) != 0) return false;
    for (size_t i = 0; i < others.count; i++) {
        size_t count = agreed(&others, &others.at[i]);
        if (best && count <= most) continue;
        best = &others.at[i];
        most = count;
    }
    for (size_t i = 0; i < own.count; i++) {
        if (best && !(most && str_eq(own.at[i].name, best->name))) continue;
        *ret = numbered(&own, &own.at[i])->subject;
        return true;
    }
    if (best) *ret = numbered(&others, best)->subject;
    return best != NULL;
}
