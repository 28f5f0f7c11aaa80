/* The mapping profile "police-notice 1"; see notice.h and README.md. Words that go outside the hub
 * come from the table or from the owner, never from the notice's fields: no name, address or number
 * can slip into them (R10). */
#include "adapters/police/notice.h"

#include "adapters/common/form.h"
#include "adapters/common/uktime.h"

#include <strings.h>

/* Legend: the incident's type as sent, its information class, category of abuse, risk factor
 * (either may be empty), and the summary for outside unless the owner wrote one. */
typedef struct IncidentType {
    const char *sent, *class, *concern, *risk, *summary;
} IncidentType;

static const IncidentType incident_types[] = {
    {"Domestic abuse", "domestic_abuse", "EMO", "3A",
     "Police attended a report of domestic abuse in a household with a child."},
    {"Missing child", "missing_episode", "", "10A",
     "Police dealt with a report of a missing child."},
    {"Neglect", "incident", "NEG", "16A",
     "Police attended an incident and recorded a concern about neglect of a child."},
    {"CSE", "exploitation", "SAB", "11A",
     "Police recorded a concern that a child may be at risk of sexual exploitation."},
    {"CCE", "exploitation", "", "24A",
     "Police recorded a concern that a child may be at risk of criminal exploitation."},
    {"Knife crime", "incident", "PHY", "",
     "Police attended an incident involving a weapon that concerned a child."},
    {"Parental substance misuse", "substance_misuse", "NEG", "",
     "Police recorded a concern about substance misuse in a household with a child."},
};
static const IncidentType other_incident = {
    "", "incident", "", "", "Police attended an incident and recorded a concern about a child."};

/* Legend: a word of the notice, and ours. */
typedef struct Word {
    const char *sent, *ours;
} Word;

static const Word roles[] = {
    {"child", "child"},         {"unborn", "unborn"},   {"parent", "parent"},
    {"carer", "carer"},         {"sibling", "sibling"}, {"suspect", "suspect"},
    {"victim", "victim"},       {"witness", "witness"}, {"household", "household"},
    {"informant", "informant"}, {NULL, NULL},
};
static const Word consents[] = {
    {"given", "given"},
    {"refused", "refused"},
    {"overridden", "overridden"},
    {"not_sought", "not_sought"},
    {"not sought", "not_sought"},
    {"unsafe", "unsafe"},
    {NULL, NULL},
};
static const Word sexes[] = {{"F", "F"}, {"M", "M"}, {"Female", "F"}, {"Male", "M"}, {NULL, NULL}};
static const Word relations[] = {
    {"mother", "mother"},          {"father", "father"},           {"stepfather", "step_parent"},
    {"stepmother", "step_parent"}, {"grandmother", "grandparent"}, {"grandfather", "grandparent"},
    {"brother", "sibling"},        {"sister", "sibling"},          {NULL, NULL},
};
static const Word dash_risks[] = {{"high", "DASH_HIGH"}, {"medium", "DASH_MEDIUM"}, {NULL, NULL}};

static bool same_word(Str sent, const char *word) {
    return sent.len == strlen(word) && strncasecmp(sent.at, word, sent.len) == 0;
}

static Str word_of(const Word *words, Str sent) {
    for (size_t i = 0; words[i].sent; i++) {
        if (same_word(sent, words[i].sent)) return str_z(words[i].ours);
    }
    return (Str){0};
}

static const IncidentType *incident_type(Str sent) {
    for (size_t i = 0; i < COUNT_OF(incident_types); i++) {
        if (same_word(sent, incident_types[i].sent)) return &incident_types[i];
    }
    return &other_incident;
}

/* ---- persons --------------------------------------------------------------------------------- */

static size_t first_child(const Notice *n) {
    size_t at = 0;
    while (at < n->person_count && !same_word(n->persons[at].role, "child")) at++;
    return at;
}

/* "stepfather", said of the first child. */
static void person_relation(Draft *d, const Notice *n, Value *p, Str sent) {
    size_t child = first_child(n);
    if (sent.len == 0 || child == n->person_count) return;
    Str type = word_of(relations, sent);
    Value *r = value_add_map(d->arena, p, F_person_relationship);
    value_set_text(d->arena, r, F_relationship_to, arena_printf(d->arena, "p%zu", child + 1));
    value_set_text(d->arena, r, F_relationship_type, type.len ? type : STR("other"));
    value_set_text(d->arena, r, F_relationship_source_text, sent);
}

static void person_details(Draft *d, Value *p, const NoticePerson *from) {
    Str sex = word_of(sexes, from->sex);
    value_set_text(d->arena, p, F_person_sex, sex.len ? sex : STR("U"));
    if (from->ethnicity.len) {
        Value *e = value_set_map(d->arena, p, F_person_ethnicity);
        value_set_text(d->arena, e, F_coded_original, from->ethnicity);
        value_set_text(d->arena, e, F_coded_scheme, STR("police self-defined"));
    }
    if (from->school.len) {
        Value *o = value_set_map(d->arena, p, F_person_school);
        value_set_text(d->arena, o, F_organisation_scheme, STR("name"));
        value_set_text(d->arena, o, F_organisation_code, STR("not stated"));
        value_set_text(d->arena, o, F_organisation_name, from->school);
    }
    for (size_t i = 0; i < from->marker_count; i++) {
        value_add_text(d->arena, p, F_person_warning_marker, from->markers[i]);
    }
    if (from->present_said) value_set_yes(d->arena, p, F_person_present, from->present);
}

static void person_map(Draft *d, const Notice *n, size_t at) {
    const NoticePerson *from = &n->persons[at];
    char path[48];
    Str role = word_of(roles, from->role);
    (void)snprintf(path, sizeof(path), "persons[%zu]", at);
    if (role.len == 0) draft_warn(d, "role_unknown", path, "The person's role is not known here.");
    Value *p = draft_person(d, role.len ? role : STR("household"));
    person_name(d, p, from->surname, from->forenames);
    person_birth(d, p, from->dob, from->dob, path);
    person_identifier(d, p, STR("nhs_number"), from->nhs_number, STR(""), path);
    person_identifier(d, p, STR("upn"), from->upn, STR(""), path);
    person_identifier(d, p, STR("pnc"), from->pnc, STR(""), path);
    person_phone(d, p, from->phone);
    person_details(d, p, from);
    person_relation(d, n, p, from->relationship);
    if (!str_is(role, "child")) return;
    Str line = arena_printf(d->arena, "%.*s%s%.*s", STR_ARG(n->paon),
                            n->paon.len && n->street.len ? " " : "", STR_ARG(n->street));
    person_address(d, p, line, n->town, n->postcode, n->uprn);
    if (value_get(d->referral, F_referral_voice_of_child)) return; /* the first child's stands */
    value_set_text(d->arena, d->referral, F_referral_voice_of_child, from->voice_of_child);
}

/* ---- what happened --------------------------------------------------------------------------- */

static Str sentence(Arena *a, Str before, const char *label, Str value) {
    if (value.len == 0) return before;
    return arena_printf(a, "%.*s%s%s%.*s.", STR_ARG(before), before.len ? " " : "", label,
                        STR_ARG(value));
}

/* The notice's coded fields as factual sentences, then the officer's own text. */
static Str account(Draft *d, const Notice *n) {
    Arena *a = d->arena;
    Str when = words_time(a, n->at);
    Str text = arena_printf(a, "Police incident: %.*s%s%.*s.",
                            STR_ARG(n->type.len ? n->type : STR("type not stated")),
                            when.len ? ", " : "", STR_ARG(when));
    text = sentence(a, text, "DASH risk: ", n->dash);
    text = sentence(a, text, "Officer's risk grade: ", n->bra);
    if (n->police_protection) {
        text = arena_printf(a, "%.*s Police protection under section 46 was used.", STR_ARG(text));
    }
    if (n->encompass) {
        text = arena_printf(a, "%.*s Operation Encompass applies.", STR_ARG(text));
    }
    if (n->circumstances.len == 0) return text;
    return arena_printf(a, "%.*s\n%.*s", STR_ARG(text), STR_ARG(n->circumstances));
}

static void incident_map(Draft *d, const Notice *n) {
    const IncidentType *type = incident_type(n->type);
    Str summary = n->summary.len ? n->summary : str_z(type->summary);
    if (type == &other_incident) {
        draft_warn(d, "type_unknown", "incident_type", "The incident's type is not known here.");
    }
    draft_narrative(d, str_z(type->class), account(d, n), summary, (Str){0});
    if (type->concern[0]) draft_concern(d, str_z(type->concern));
    if (type->risk[0]) draft_risk(d, str_z(type->risk), STR("derived"), n->type);
    Str dash = word_of(dash_risks, n->dash);
    if (dash.len) draft_risk(d, dash, STR("stated"), n->dash);
    draft_assessment(d, STR("DASH"), n->dash);
    draft_assessment(d, STR("BRA"), n->bra);
}

/* What stays in: these classes are silent by the table, and so that nobody has to know the table,
 * by word too. */
static void guarded_map(Draft *d, const Notice *n) {
    draft_narrative(d, STR("intelligence"), n->intelligence, (Str){0}, STR("silent"));
    draft_narrative(d, STR("offence"), n->criminal_history, (Str){0}, (Str){0});
    if (n->informant_name.len) {
        Value *p = draft_person(d, STR("informant"));
        person_name(d, p, (Str){0}, n->informant_name);
    }
    if (n->informant_name.len + n->informant_account.len == 0) return;
    Str told = n->informant_account.len ? n->informant_account : STR("No account was recorded.");
    Str text = n->informant_name.len ? arena_printf(d->arena, "%.*s told police: %.*s",
                                                    STR_ARG(n->informant_name), STR_ARG(told))
                                     : told;
    draft_narrative(d, STR("source_identity"), text, (Str){0}, STR("silent"));
}

/* ---- the whole ------------------------------------------------------------------------------- */

static void references_map(Draft *d, const Notice *n) {
    Arena *a = d->arena;
    Str force = n->force.len ? n->force : d->self->agency;
    draft_reference(d, arena_printf(a, "police:%.*s:notice", STR_ARG(force)), n->reference);
    draft_reference(d, arena_printf(a, "police:%.*s:occurrence", STR_ARG(force)), n->occurrence);
    draft_reference(d, arena_printf(a, "police:%.*s:crime", STR_ARG(force)), n->crime);
}

static void safety_map(Draft *d, const Notice *n) {
    if (!n->police_protection) return;
    Value *s = value_set_map(d->arena, d->referral, F_referral_immediate_safety);
    value_set_yes(d->arena, s, F_immediate_safety_at_risk, true);
    value_set_yes(d->arena, s, F_immediate_safety_police_protection, true);
    draft_risk(d, STR("S46"), STR("stated"), STR("police_protection_s46"));
    draft_code(d, F_referral_priority, STR("stat"));
    d->immediate = true;
}

static void consent_map(Draft *d, const Notice *n) {
    Str status = word_of(consents, n->consent);
    if (status.len) {
        Value *c = value_set_map(d->arena, d->referral, F_referral_consent);
        value_set_text(d->arena, c, F_consent_status, status);
    } else if (n->consent.len) {
        draft_warn(d, "consent_unknown", "consent_to_share", "The word for consent is not known.");
    }
}

static void heading_map(Draft *d, const Notice *n) {
    Str at = time_valid(n->at) ? n->at : (Str){0};
    draft_code(d, F_referral_source, STR("6"));
    draft_times(d, at, at, "incident_datetime");
    draft_source_agency(d, STR("force"), n->force);
    draft_referrer(d, (Str){0}, n->team, n->collar);
    draft_code(d, F_referral_classification, n->marking);
    value_add_text(d->arena, d->referral, F_referral_lawful_basis, STR("ca2004_s11"));
    if (n->encompass) draft_flag(d, STR("encompass"), STR("applies"));
    if (same_word(n->dash, "high")) draft_code(d, F_referral_priority, STR("urgent"));
}

int notice_map(Arena *a, const Identity *self, const Notice *n, Bytes native, int64_t now_ms,
               Draft *ret, Fault *ret_fault) {
    *ret_fault = (Fault){0};
    if (n->reference.len == 0) return form_fault(ret_fault, REFUSE_missing_field, "notice_ref");
    if (n->person_count == 0) return form_fault(ret_fault, REFUSE_missing_field, "persons");
    int r = draft_open(a, self, STR("police-notice 1"), native, now_ms, ret);
    if (r < 0) return r;
    references_map(ret, n);
    heading_map(ret, n);
    for (size_t i = 0; i < n->person_count; i++) person_map(ret, n, i);
    if (first_child(n) == n->person_count) {
        draft_warn(ret, "no_child", "persons", "No person of the notice has the role child.");
    }
    if (n->unknown_fields) {
        draft_warn(ret, "unknown_field", "",
                   "The notice has a field that the profile does not map.");
    }
    incident_map(ret, n);
    guarded_map(ret, n);
    safety_map(ret, n);
    consent_map(ret, n);
    return arena_failed(a) ? ERR_MEMORY : 0;
}
