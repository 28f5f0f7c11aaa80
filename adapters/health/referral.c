/* The mapping profile "hl7-ref 1"; see referral.h and README.md. Summaries come from the tables:
 * nothing that was typed about a patient is in them. */
#include "adapters/health/referral.h"

#include "adapters/common/uktime.h"

/* Legend: NHS Data Dictionary safeguarding vulnerability factor, our risk factor (may be empty),
 * category of abuse (may be empty). */
typedef struct Vulnerability {
    const char *code, *risk, *concern;
} Vulnerability;

static const Vulnerability vulnerabilities[] = {
    {"11", "INJURY", "PHY"}, /* history inconsistent with injuries */
    {"12", "INJURY", "PHY"}, /* injury without a history */
    {"14", "", "NEG"},       /* delay in presentation */
};

static const struct {
    const char *event, *category;
} events[] = {{"I12", "referral"}, {"I13", "update"}, {"I14", "withdrawal"}};

/* Legend: HL7 table 0280, our priority. */
static const struct {
    const char *sent, *ours;
} priorities[] = {{"S", "stat"}, {"A", "urgent"}, {"U", "urgent"}, {"R", "routine"}};

/* Legend: HL7 table 0063, the role and the relationship to the child. */
static const struct {
    const char *sent, *role, *relationship;
} relations[] = {
    {"MTH", "parent", "mother"},         {"FTH", "parent", "father"},
    {"PAR", "parent", "other"},          {"SPO", "household", "other"},
    {"GRP", "household", "grandparent"}, {"GRD", "carer", "other"},
    {"FCH", "carer", "other"},           {"SIB", "sibling", "sibling"},
    {"BRO", "sibling", "sibling"},       {"SIS", "sibling", "sibling"},
};

Str hl7_decode(Arena *a, Bytes message, bool *ret_guessed) {
    *ret_guessed = false;
    return text_utf8(a, message, ret_guessed);
}

/* ---- may it be taken ------------------------------------------------------------------------- */

static bool fault_set(Hl7Fault *fault, Hl7Code code, const char *segment, int field) {
    *fault = (Hl7Fault){.code = code, .field = field};
    (void)snprintf(fault->segment, sizeof(fault->segment), "%s", segment);
    return false;
}

const char *hl7_category(Str event) {
    for (size_t i = 0; i < COUNT_OF(events); i++) {
        if (str_is(event, events[i].event)) return events[i].category;
    }
    return NULL;
}

static bool version_known(Str v) {
    return v.len >= 3 && v.at[0] == '2' && v.at[1] == '.' && v.at[2] >= '3' && v.at[2] <= '8';
}

bool hl7_accepts(const Identity *self, const Hl7 *m, Hl7Fault *fault) {
    Str msh = m->segment[0], processing = hl7_raw(m, msh, 11, 1);
    *fault = (Hl7Fault){0};
    if (!str_is(hl7_raw(m, msh, 9, 1), "REF")) {
        return fault_set(fault, HL7_message_type, "MSH", 9);
    }
    if (!hl7_category(hl7_raw(m, msh, 9, 2))) return fault_set(fault, HL7_event, "MSH", 9);
    if (!version_known(hl7_raw(m, msh, 12, 1))) {
        return fault_set(fault, HL7_version, "MSH", 12);
    }
    bool test = str_is(processing, "T") || str_is(processing, "D");
    bool real = str_is(processing, "P");
    if (!real && (!test || str_is(self->realm, "live"))) {
        return fault_set(fault, HL7_processing, "MSH", 11);
    }
    Str control = hl7_field(m, msh, 10);
    if (control.len == 0 || control.len > 199)
        return fault_set(fault, HL7_field_missing, "MSH", 10);
    if (hl7_segment(m, "PID", 0).len == 0) return fault_set(fault, HL7_segment_sequence, "PID", 0);
    return true;
}

/* ---- persons --------------------------------------------------------------------------------- */

static void identifiers_map(Draft *d, const Hl7 *m, Str pid, Value *p) {
    Str field = hl7_field(m, pid, 3);
    for (size_t i = 0; i < 16; i++) {
        Str one = hl7_repeat(m, field, i);
        if (!one.at) return;
        Str value = hl7_text(d->arena, m, hl7_component(m, one, 1));
        Str issuer = hl7_text(d->arena, m, hl7_part(m, hl7_component(m, one, 4), 1));
        Str type = hl7_component(m, one, 5);
        bool nhs = str_is(issuer, "NHS") || str_is(type, "NH");
        person_identifier(d, p, nhs ? STR("nhs_number") : STR("local"), value, issuer, "PID-3");
    }
}

static Str sex_of(Str sent) {
    if (str_is(sent, "F") || str_is(sent, "2")) return STR("F");
    return str_is(sent, "M") || str_is(sent, "1") ? STR("M") : STR("U");
}

static void address_map(Draft *d, const Hl7 *m, Str pid, Value *p) {
    Str field = hl7_field(m, pid, 11);
    for (size_t i = 0; i < 4; i++) {
        Str one = hl7_repeat(m, field, i);
        if (!one.at) return;
        Str line = hl7_text(d->arena, m, hl7_part(m, hl7_component(m, one, 1), 1));
        Str town = hl7_text(d->arena, m, hl7_component(m, one, 3));
        person_address(d, p, line, town, hl7_text(d->arena, m, hl7_component(m, one, 5)), (Str){0});
    }
}

static void child_map(Draft *d, const Hl7 *m) {
    Arena *a = d->arena;
    Str pid = hl7_segment(m, "PID", 0), born = hl7_get(a, m, pid, 7, 1);
    Value *p = draft_person(d, STR("child"));
    identifiers_map(d, m, pid, p);
    person_name(d, p, text_name(a, hl7_get(a, m, pid, 5, 1)),
                text_name(a, hl7_get(a, m, pid, 5, 2)));
    person_birth(d, p, born, hl7_date(a, born), "PID-7");
    value_set_text(a, p, F_person_sex, sex_of(hl7_get(a, m, pid, 8, 1)));
    address_map(d, m, pid, p);
    person_phone(d, p, hl7_get(a, m, pid, 13, 1));
}

static void relative_map(Draft *d, const Hl7 *m, Str nk1) {
    Arena *a = d->arena;
    Str family = text_name(a, hl7_get(a, m, nk1, 2, 1)), given = hl7_get(a, m, nk1, 2, 2);
    Str sent = hl7_get(a, m, nk1, 3, 1), words = hl7_get(a, m, nk1, 3, 2);
    const char *role = "household", *relationship = "other";
    if (family.len + given.len == 0) return;
    for (size_t i = 0; i < COUNT_OF(relations); i++) {
        if (!str_is(sent, relations[i].sent)) continue;
        role = relations[i].role;
        relationship = relations[i].relationship;
    }
    Value *p = draft_person(d, str_z(role));
    person_name(d, p, family, text_name(a, given));
    Value *r = value_add_map(a, p, F_person_relationship);
    value_set_text(a, r, F_relationship_to, STR("p1"));
    value_set_text(a, r, F_relationship_type, str_z(relationship));
    value_set_text(a, r, F_relationship_source_text, words.len ? words : sent);
    person_phone(d, p, hl7_get(a, m, nk1, 5, 1));
}

static void persons_map(Draft *d, const Hl7 *m) {
    child_map(d, m);
    for (size_t i = 0; i < 32; i++) {
        Str nk1 = hl7_segment(m, "NK1", i);
        if (!nk1.len) return;
        relative_map(d, m, nk1);
    }
}

/* ---- the concern ----------------------------------------------------------------------------- */

/* Says what is in the coded segments; returns it as sentences. */
static Str coded_map(Draft *d, const Hl7 *m, bool *ret_injury) {
    Arena *a = d->arena;
    Str text = STR("");
    for (size_t i = 0; i < 32; i++) {
        Str dg1 = hl7_segment(m, "DG1", i);
        if (!dg1.len) break;
        Str code = hl7_get(a, m, dg1, 3, 1), words = hl7_get(a, m, dg1, 3, 2);
        if (str_is(code, "CPREF") || str_is(code, "Dx42")) {
            draft_risk(d, STR("DX42"), STR("stated"), code);
        }
        if (words.len) text = arena_printf(a, "%.*sCoded: %.*s.\n", STR_ARG(text), STR_ARG(words));
    }
    for (size_t i = 0; i < 64; i++) {
        Str obx = hl7_segment(m, "OBX", i);
        if (!obx.len) break;
        Str code = hl7_get(a, m, obx, 5, 1), words = hl7_get(a, m, obx, 5, 2);
        for (size_t k = 0; str_is(hl7_get(a, m, obx, 3, 1), "SVF") && k < COUNT_OF(vulnerabilities);
             k++) {
            const Vulnerability *v = &vulnerabilities[k];
            if (!str_is(code, v->code)) continue;
            if (v->risk[0]) draft_risk(d, str_z(v->risk), STR("derived"), words);
            if (v->concern[0]) draft_concern(d, str_z(v->concern));
            if (v->risk[0]) *ret_injury = true;
        }
        Str said = words.len ? words : code;
        if (said.len) text = arena_printf(a, "%.*sRecorded: %.*s.\n", STR_ARG(text), STR_ARG(said));
    }
    return text;
}

static Str notes(Draft *d, const Hl7 *m, Str text) {
    for (size_t i = 0; i < 64; i++) {
        Str nte = hl7_segment(m, "NTE", i);
        if (!nte.len) break;
        Str note = hl7_text(d->arena, m, hl7_field(m, nte, 3));
        if (note.len) {
            text = arena_printf(d->arena, "%.*s%.*s\n", STR_ARG(text), STR_ARG(note));
        }
    }
    return str_trim(text);
}

static void concern_map(Draft *d, const Hl7 *m) {
    bool injury = false;
    Str text = notes(d, m, coded_map(d, m, &injury));
    Str summary = injury ? STR("Attended the emergency department; staff recorded a safeguarding "
                               "concern about an injury.")
                         : STR("Seen by a health service; staff recorded a safeguarding concern.");
    if (text.len == 0) {
        text = STR("A safeguarding referral without text.");
        draft_warn(d, "no_text", "NTE-3", "The message has no note, diagnosis or observation.");
    }
    draft_narrative(d, injury ? STR("health") : STR("concern"), text, summary, (Str){0});
}

/* ---- the whole ------------------------------------------------------------------------------- */

/* The spool knows the message by MSH-3, 4 and 10; the hub ties events together by RF1-6. */
static void references_map(Draft *d, const Hl7 *m) {
    Arena *a = d->arena;
    Str msh = m->segment[0], rf1 = hl7_segment(m, "RF1", 0);
    Str site = hl7_get(a, m, msh, 4, 1), control = hl7_text(a, m, hl7_field(m, msh, 10));
    if (site.len == 0) site = d->self->agency;
    Str short_site = (Str){.at = site.at, .len = site.len < 32 ? site.len : 32};
    d->native = arena_printf(a, "hl7\n%.*s\n%.*s\n%.*s", STR_ARG(hl7_field(m, msh, 3)),
                             STR_ARG(hl7_field(m, msh, 4)), STR_ARG(hl7_field(m, msh, 10)));
    Str referral = arena_printf(a, "health:%.*s:referral", STR_ARG(short_site));
    draft_reference(d, referral, hl7_get(a, m, rf1, 6, 1));
    draft_reference(d, referral, hl7_get(a, m, rf1, 11, 1));
    draft_reference(d, arena_printf(a, "health:%.*s:message", STR_ARG(short_site)), control);
    draft_source_agency(d, STR("ods"), hl7_get(a, m, msh, 4, 1));
}

static void heading_map(Draft *d, const Hl7 *m) {
    Arena *a = d->arena;
    Str msh = m->segment[0], rf1 = hl7_segment(m, "RF1", 0), type = hl7_get(a, m, rf1, 3, 1);
    Str sent = hl7_get(a, m, rf1, 2, 1), at = hl7_time(a, hl7_get(a, m, rf1, 7, 1));
    const char *category = hl7_category(hl7_raw(m, msh, 9, 2));
    if (at.len == 0) at = hl7_time(a, hl7_get(a, m, msh, 7, 1));
    draft_code(d, F_referral_category, str_z(category ? category : "referral"));
    draft_times(d, at, (Str){0}, "RF1-7");
    draft_code(d, F_referral_source, code_known(LIST_source, type) ? type : STR("3F"));
    for (size_t i = 0; i < COUNT_OF(priorities); i++) {
        if (!str_is(sent, priorities[i].sent)) continue;
        draft_code(d, F_referral_priority, str_z(priorities[i].ours));
    }
    value_add_text(a, d->referral, F_referral_lawful_basis, STR("ca2004_s11"));
}

/* The referring provider's PRD. */
static void referrer_map(Draft *d, const Hl7 *m) {
    Arena *a = d->arena;
    for (size_t i = 0; i < 16; i++) {
        Str prd = hl7_segment(m, "PRD", i);
        if (!prd.len) return;
        if (!str_is(hl7_get(a, m, prd, 1, 1), "RP")) continue;
        Str title = hl7_get(a, m, prd, 2, 5), given = hl7_get(a, m, prd, 2, 2);
        Str name = arena_printf(a, "%.*s %.*s %.*s", STR_ARG(title), STR_ARG(given),
                                STR_ARG(hl7_get(a, m, prd, 2, 1)));
        draft_referrer(d, str_trim(name), STR("referring provider"), hl7_get(a, m, prd, 7, 1));
        return;
    }
}

static bool child_named(const Hl7 *m) {
    Str pid = hl7_segment(m, "PID", 0);
    return hl7_field(m, pid, 3).len > 0 || hl7_field(m, pid, 5).len > 0;
}

int hl7_referral(Arena *a, const Identity *self, const Hl7 *m, Bytes native, bool guessed,
                 int64_t now_ms, Draft *ret, Hl7Fault *ret_fault) {
    if (!child_named(m)) return !fault_set(ret_fault, HL7_field_missing, "PID", 5);
    int r = draft_open(a, self, STR("hl7-ref 1"), native, now_ms, ret);
    if (r < 0) return r;
    references_map(ret, m);
    heading_map(ret, m);
    referrer_map(ret, m);
    persons_map(ret, m);
    concern_map(ret, m);
    if (guessed) {
        draft_warn(ret, "charset_guessed", "MSH-18", "The bytes were not UTF-8; read as Latin-1.");
    }
    return arena_failed(a) ? ERR_MEMORY : 0;
}
