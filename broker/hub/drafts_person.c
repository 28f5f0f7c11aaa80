/* What a referral says about each person, as drafts. The class follows from who the person is to
 * the child: whoever is neither subject nor family is a third party, and every fact about a third
 * party or a source is as silent as their name. */
#include "broker/hub/drafts_of.h"

#include "broker/base/fold.h"

/* The first row that fits decides what somebody's identity is. */
static const struct {
    const char *role;
    InfoClass identity;
} role_classes[] = {
    {"child", CLASS_child_identity},      {"unborn", CLASS_child_identity},
    {"parent", CLASS_family_identity},    {"carer", CLASS_family_identity},
    {"sibling", CLASS_family_identity},   {"household", CLASS_family_identity},
    {"professional", CLASS_professional}, {"informant", CLASS_source_identity},
};

/* Roles in an incident are facts of their own, apart from the identity. */
static const struct {
    const char *role;
    InfoClass class;
    const char *says;
} role_facts[] = {
    {"suspect", CLASS_offence, "named as a suspect"},
    {"victim", CLASS_incident, "named as a victim"},
    {"witness", CLASS_incident, "named as a witness"},
    {"informant", CLASS_source_identity, "gave the information"},
};

static bool has_role(const Value *person, const char *role) {
    for (size_t i = 0; i < value_count(person, F_person_role); i++) {
        if (str_is(value_item_text(person, F_person_role, i), role)) return true;
    }
    return false;
}

static InfoClass identity_class(const Value *person) {
    for (size_t i = 0; i < COUNT_OF(role_classes); i++) {
        if (has_role(person, role_classes[i].role)) return role_classes[i].identity;
    }
    return CLASS_third_party;
}

static bool hidden_person(const Value *person) {
    InfoClass identity = identity_class(person);
    return identity == CLASS_third_party || identity == CLASS_source_identity;
}

/* A fact about a hidden person is of that person's class, unless its own is stricter. */
static InfoClass fact_class(const Value *person, InfoClass wanted) {
    if (!hidden_person(person) || class_sensitivity(wanted) == K4) return wanted;
    return identity_class(person);
}

static bool former(const Value *name) {
    return str_is(value_text(name, F_name_use), "former");
}

static Str name_text(Arena *a, const Value *name) {
    return joined(a, value_text(name, F_name_given), " ", value_text(name, F_name_family));
}

static Str person_name(Arena *a, const Value *person) {
    for (size_t i = 0; i < value_count(person, F_person_name); i++) {
        const Value *name = value_item(person, F_person_name, i);
        Str text = former(name) ? (Str){0} : name_text(a, name);
        if (text.len) return text;
    }
    return has_role(person, "unborn") ? STR("Unborn child") : STR("Name not given");
}

/* "<name>: <text>", of the class that fits the person. */
static void say(Drafts *d, const Value *person, InfoClass class, Str text) {
    if (text.len == 0) return;
    Str whole = joined(d->a, person_name(d->a, person), ": ", text);
    fact_add(d, fact_class(person, class), value_text(person, F_person_ref), whole);
}

static const struct {
    const char *scheme, *words;
} identifier_words[] = {
    {"nhs_number", "NHS number "},
    {"upn", "UPN "},
    {"local", "local number "},
    {"pnc", "PNC "},
};

static Str identifiers_text(Arena *a, const Value *person, Str text) {
    for (size_t i = 0; i < value_count(person, F_person_identifier); i++) {
        const Value *v = value_item(person, F_person_identifier, i);
        bool bad = str_is(value_text(v, F_identifier_check), "bad");
        for (size_t k = 0; k < COUNT_OF(identifier_words); k++) {
            if (!str_is(value_text(v, F_identifier_scheme), identifier_words[k].scheme)) continue;
            text = joined(a, text, "; ", str_z(identifier_words[k].words));
            text = joined(a, text, "", value_text(v, F_identifier_value));
            text = joined(a, text, "", bad ? STR(" (check digit wrong)") : (Str){0});
        }
    }
    return text;
}

static Str birth_text(Arena *a, const Value *person, Str text) {
    Str accuracy = value_text(person, F_person_birth_date_accuracy);
    Str born = value_text(person, F_person_birth_date);
    text = joined(a, text, "; born ", born);
    if (born.len && accuracy.len && !str_is(accuracy, "exact")) {
        Str meaning = meaning_of(LIST_accuracy, accuracy);
        text = arena_printf(a, "%.*s (%.*s)", STR_ARG(text), STR_ARG(meaning));
    }
    return joined(a, text, "; expected ", value_text(person, F_person_expected_birth_date));
}

static void identity_add(Drafts *d, const Value *person) {
    Str sex = value_text(person, F_person_sex), text = person_name(d->a, person);
    for (size_t i = 0; i < value_count(person, F_person_name); i++) {
        const Value *name = value_item(person, F_person_name, i);
        Str other = former(name) ? (Str){0} : name_text(d->a, name);
        if (!str_eq(other, person_name(d->a, person))) text = joined(d->a, text, "; also ", other);
    }
    text = birth_text(d->a, person, text);
    text = identifiers_text(d->a, person, text);
    if (str_is(sex, "F")) text = joined(d->a, text, "; ", STR("female"));
    if (str_is(sex, "M")) text = joined(d->a, text, "; ", STR("male"));
    fact_add(d, identity_class(person), value_text(person, F_person_ref), text);
}

/* A former name or number may be the trace of an adoption: apart, and silent by default. */
static void former_add(Drafts *d, const Value *person) {
    Str text = {0};
    for (size_t i = 0; i < value_count(person, F_person_name); i++) {
        const Value *name = value_item(person, F_person_name, i);
        if (former(name)) text = joined(d->a, text, "; formerly ", name_text(d->a, name));
    }
    for (size_t i = 0; i < value_count(person, F_person_identifier); i++) {
        const Value *v = value_item(person, F_person_identifier, i);
        if (!str_is(value_text(v, F_identifier_scheme), "former_upn")) continue;
        text = joined(d->a, text, "; former UPN ", value_text(v, F_identifier_value));
    }
    if (text.len) say(d, person, CLASS_adoption, joined(d->a, STR("Formerly"), ": ", text));
}

static Str address_text(Arena *a, const Value *address) {
    Str text = {0};
    for (size_t i = 0; i < value_count(address, F_address_line); i++) {
        text = joined(a, text, ", ", value_item_text(address, F_address_line, i));
    }
    text = joined(a, text, ", ", value_text(address, F_address_town));
    text = joined(a, text, ", ", value_text(address, F_address_postcode));
    return joined(a, text, ", UPRN ", value_text(address, F_address_uprn));
}

/* The places with a protected mark: one mark hides the place for everybody in the message. */
void places_learn(Drafts *d, const Value *referral) {
    size_t cap = 0;
    for (size_t p = 0; p < value_count(referral, F_referral_person); p++) {
        cap += value_count(value_item(referral, F_referral_person, p), F_person_address);
    }
    d->hidden = arena_array(d->a, cap + 1, sizeof(*d->hidden));
    for (size_t p = 0; d->hidden && p < value_count(referral, F_referral_person); p++) {
        const Value *person = value_item(referral, F_referral_person, p);
        for (size_t i = 0; i < value_count(person, F_person_address); i++) {
            const Value *v = value_item(person, F_person_address, i);
            if (!value_yes(v, F_address_protected)) continue;
            d->hidden[d->hidden_count++] = fold_key(d->a, address_text(d->a, v));
        }
    }
}

static bool address_hidden(const Drafts *d, const Value *address) {
    if (value_yes(address, F_address_protected)) return true;
    if (d->hidden_count == 0) return false;
    Str place = fold_key(d->a, address_text(d->a, address));
    for (size_t i = 0; i < d->hidden_count; i++) {
        if (str_eq(place, d->hidden[i])) return true;
    }
    return false;
}

static void places_add(Drafts *d, const Value *person) {
    for (size_t i = 0; i < value_count(person, F_person_address); i++) {
        const Value *v = value_item(person, F_person_address, i);
        bool hidden = address_hidden(d, v);
        say(d, person, hidden ? CLASS_hidden_address : CLASS_address, address_text(d->a, v));
    }
    for (size_t i = 0; i < value_count(person, F_person_telecom); i++) {
        const Value *v = value_item(person, F_person_telecom, i);
        bool unsafe =
            value_get(v, F_telecom_safe_to_contact) && !value_yes(v, F_telecom_safe_to_contact);
        Str text =
            joined(d->a, value_text(v, F_telecom_system), " ", value_text(v, F_telecom_value));
        if (unsafe) text = joined(d->a, text, " ", STR("(not safe to use)"));
        say(d, person, unsafe ? CLASS_hidden_address : CLASS_address, text);
    }
}

static const Value *person_by_ref(const Value *referral, Str ref) {
    for (size_t i = 0; i < value_count(referral, F_referral_person); i++) {
        const Value *person = value_item(referral, F_referral_person, i);
        if (str_eq(value_text(person, F_person_ref), ref)) return person;
    }
    return NULL;
}

/* A tie to a hidden person is hidden with that person. */
static void relationship_add(Drafts *d, const Value *referral, const Value *person,
                             const Value *v) {
    const Value *to = person_by_ref(referral, value_text(v, F_relationship_to));
    if (!to) return;
    Str text = meaning_of(LIST_relationship, value_text(v, F_relationship_type));
    if (str_is(text, "other")) {
        text = joined(d->a, text, ": ", value_text(v, F_relationship_source_text));
    }
    text = joined(d->a, text, " of ", person_name(d->a, to));
    if (value_yes(v, F_relationship_parental_responsibility)) {
        text = joined(d->a, text, ", ", STR("has parental responsibility"));
    }
    if (value_yes(v, F_relationship_lives_with)) {
        text = joined(d->a, text, ", ", STR("lives with them"));
    }
    say(d, person, fact_class(to, CLASS_family_identity), text);
}

static Str organisation_text(Arena *a, const Value *v) {
    Str code = value_text(v, F_organisation_code), name = value_text(v, F_organisation_name);
    if (code.len == 0) return name;
    Str coded = joined(a, value_text(v, F_organisation_scheme), " ", code);
    return joined(a, name, ", ", coded);
}

static void circumstances_add(Drafts *d, const Value *person) {
    Str school = organisation_text(d->a, value_get(person, F_person_school));
    Str year = value_text(person, F_person_year_group);
    Str gp = organisation_text(d->a, value_get(person, F_person_gp_practice));
    if (school.len) say(d, person, CLASS_education, joined(d->a, STR("school"), " ", school));
    if (year.len) say(d, person, CLASS_education, joined(d->a, STR("year group"), " ", year));
    if (gp.len) say(d, person, CLASS_health, joined(d->a, STR("registered with"), " ", gp));
    if (value_yes(person, F_person_looked_after)) {
        say(d, person, CLASS_care_status, STR("looked after by the local authority"));
    }
    if (value_yes(person, F_person_present)) {
        say(d, person, CLASS_incident, STR("was present"));
    }
    for (size_t i = 0; i < value_count(person, F_person_warning_marker); i++) {
        say(d, person, CLASS_warning_marker, value_item_text(person, F_person_warning_marker, i));
    }
}

void person_add(Drafts *d, const Value *referral, const Value *person) {
    identity_add(d, person);
    former_add(d, person);
    for (size_t i = 0; i < COUNT_OF(role_facts); i++) {
        if (!has_role(person, role_facts[i].role)) continue;
        say(d, person, role_facts[i].class, str_z(role_facts[i].says));
    }
    places_add(d, person);
    for (size_t i = 0; i < value_count(person, F_person_relationship); i++) {
        relationship_add(d, referral, person, value_item(person, F_person_relationship, i));
    }
    circumstances_add(d, person);
}
