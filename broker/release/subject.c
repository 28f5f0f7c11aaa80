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
    if (s.name.len == 0) s.name = STR("Name not known");
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

/* Another agency's mention of the person by this name; with `any`, by whatever name. */
static bool called_so(Arena *a, const Known *known, Id person, Str agency, Str name, bool any) {
    for (size_t i = 0; i < known->count; i++) {
        const Person *p = &known->at[i];
        if (!mentioned(p, person) || str_eq(p->agency, agency)) continue;
        if (any) return true;
        Str other = fold_words(a, subject_of(a, p->value, (Str){0}).name);
        if (other.len && str_eq(other, fold_words(a, name))) return true;
    }
    return false;
}

static bool speaks(const Addressee *to, Str agency) {
    for (size_t i = 0; i < to->speaker_count; i++) {
        if (str_eq(to->speakers[i], agency)) return true;
    }
    return false;
}

/* Higher is better; of equals the first counts. */
enum { RANK_unbelieved, RANK_silent, RANK_speaker = 3, RANK_own = 5 };

bool subject_choose(Arena *a, const Known *known, Id person, const Addressee *to,
                    Subject *ret) {
    int best = -1;
    bool alone = !called_so(a, known, person, to->agency, (Str){0}, true);
    for (size_t i = 0; i < known->count; i++) {
        const Person *p = &known->at[i];
        if (!mentioned(p, person)) continue;
        Subject s = subject_of(a, p->value, to->type);
        int rank = speaks(to, p->agency) ? RANK_speaker : RANK_silent;
        rank += s.identifier.len > 0;
        if (str_eq(p->agency, to->agency)) {
            bool believed = alone || called_so(a, known, person, to->agency, s.name, false);
            rank = believed ? RANK_own : RANK_unbelieved;
        }
        if (rank <= best) continue;
        best = rank;
        *ret = s;
    }
    return best >= 0;
}
