/* What is told of a person: roles inside, minimum identity outside, the same for a check and for a
 * product; see persons.h. */
#include "broker/base/fold.h"
#include "broker/release/letters.h"
#include "broker/release/persons.h"

Subject subject_of(Arena *a, const Value *person, Str recipient_type) {
    const Value *name = value_item(person, F_person_name, 0);
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

/* Which mentions of one person another agency's letter may be headed by. */
typedef struct Choosing {
    Arena *arena;
    const Known *known;
    Id person;
    const Addressee *to;
    bool spoken; /* only those by who speaks in it */
} Choosing;

static bool eligible(const Choosing *c, const Person *p) {
    if (!mentioned(p, c->person) || str_eq(p->agency, c->to->agency)) return false;
    return !c->spoken || speaks(c->to, p->agency);
}

static size_t eligible_count(const Choosing *c) {
    size_t count = 0;
    for (size_t i = 0; i < c->known->count; i++) count += eligible(c, &c->known->at[i]);
    return count;
}

/* The recipient's own name for the person: another has it, too, or nobody has any. */
static bool believed(const Choosing *c, Str name) {
    Str own = fold_words(c->arena, name);
    for (size_t i = 0; i < c->known->count; i++) {
        const Person *p = &c->known->at[i];
        if (!eligible(c, p)) continue;
        Str other = fold_words(c->arena, subject_of(c->arena, p->value, (Str){0}).name);
        if (other.len && str_eq(other, own)) return true;
    }
    return eligible_count(c) == 0;
}

bool subject_choose(Arena *a, const Known *known, Id person, const Addressee *to,
                    Subject *ret) {
    int best = -1;
    Choosing c = {.arena = a, .known = known, .person = person, .to = to, .spoken = true};
    c.spoken = eligible_count(&c) > 0;
    for (size_t i = 0; i < known->count; i++) {
        const Person *p = &known->at[i];
        if (!mentioned(p, person)) continue;
        Subject s = subject_of(a, p->value, to->type);
        bool own = str_eq(p->agency, to->agency);
        if (own ? !believed(&c, s.name) : !eligible(&c, p)) continue;
        int rank = 2 * own + (s.identifier.len > 0); /* of equals the first counts */
        if (rank <= best) continue;
        best = rank;
        *ret = s;
    }
    return best >= 0;
}
