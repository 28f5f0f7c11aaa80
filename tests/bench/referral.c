/* See referral.h. */
#include "tests/bench/referral.h"

#include "schemas/envelope.h"
#include "tests/bench/meter.h"

static const char words[] =
    "The child came in this morning without a coat and said that nobody had been at home since the "
    "evening before last. There was bruising on the upper left arm which the child first said came "
    "from a fall on the stairs and later from an argument at home. The class teacher has noted "
    "five "
    "late arrivals in the last two weeks, and twice no lunch. The parent who was telephoned "
    "sounded "
    "drowsy, could not say who had been looking after the children, and asked that nobody come to "
    "the house. A younger sibling is believed to be at home. The school nurse has seen the arm and "
    "asks that it be looked at today by somebody who can judge it. No earlier concern of this kind "
    "is known to us; the family moved here in the spring, and their former school has been asked.";
static const char summary[] =
    "The school has noted lateness, hunger and an injury whose explanation has changed.";

/* The first nine digits and the check digit that fits them; 0 digits are tried past a 10. */
static Str nhs_number(Arena *a, uint64_t child) {
    for (uint64_t n = 400000000 + child * 3 % 500000000;; n++) {
        uint64_t sum = 0, rest = n;
        for (uint64_t weight = 2; weight <= 10; weight++, rest /= 10) sum += rest % 10 * weight;
        uint64_t check = (11 - sum % 11) % 11;
        if (check != 10)
            return arena_printf(a, "%09llu%llu", (unsigned long long)n, (unsigned long long)check);
    }
}

static Str birth_date(Arena *a, uint64_t child) {
    return arena_printf(a, "%04u-%02u-%02u", (unsigned)(2009 + child % 14),
                        (unsigned)(1 + child / 14 % 12), (unsigned)(1 + child / 168 % 28));
}

static void add_name(Arena *a, Value *person, const char *given, uint64_t family) {
    Value *name = value_add_map(a, person, F_person_name);
    value_set_text(a, name, F_name_use, STR("official"));
    value_set_text(a, name, F_name_family,
                   arena_printf(a, "Exampleton%llu", (unsigned long long)family));
    value_set_text(a, name, F_name_given, str_z(given));
}

static Value *add_person(Arena *a, Value *referral, Str ref, Str role) {
    Value *person = value_add_map(a, referral, F_referral_person);
    value_set_text(a, person, F_person_ref, ref);
    value_add_text(a, person, F_person_role, role);
    return person;
}

static void add_people(Arena *a, Value *referral, uint64_t child) {
    Value *who = add_person(a, referral, STR("c1"), STR("child"));
    Value *number = value_add_map(a, who, F_person_identifier);
    value_set_text(a, number, F_identifier_scheme, STR("nhs_number"));
    value_set_text(a, number, F_identifier_value, nhs_number(a, child));
    value_set_text(a, number, F_identifier_check, STR("ok"));
    add_name(a, who, "Alder", child);
    value_set_text(a, who, F_person_birth_date, birth_date(a, child));
    Value *home = value_add_map(a, who, F_person_address);
    value_add_text(a, home, F_address_line, STR("7 Example Street"));
    value_set_text(a, home, F_address_town, STR("Anytown"));
    value_set_text(a, home, F_address_postcode, STR("ZZ99 3VZ"));
    who = add_person(a, referral, STR("p1"), STR("parent"));
    add_name(a, who, "Rowan", child);
    Value *tie = value_add_map(a, who, F_person_relationship);
    value_set_text(a, tie, F_relationship_to, STR("c1"));
    value_set_text(a, tie, F_relationship_type, STR("mother"));
}

static void add_words(Arena *a, Value *referral) {
    Value *concern = value_add_map(a, referral, F_referral_narrative);
    value_set_text(a, concern, F_narrative_class, STR("concern"));
    value_set_text(a, concern, F_narrative_text, str_z(words));
    value_set_text(a, concern, F_narrative_summary, str_z(summary));
    value_add_text(a, concern, F_narrative_about, STR("c1"));
    Value *risk = value_add_map(a, referral, F_referral_risk_factor);
    value_set_text(a, risk, F_risk_factor_code, STR("16A"));
    value_set_text(a, risk, F_risk_factor_person, STR("c1"));
    value_set_text(a, risk, F_risk_factor_certainty, STR("suspected"));
}

static Value *referral_tree(Arena *a, uint64_t number) {
    Str reference = arena_printf(a, "CL/%llu", (unsigned long long)number);
    Hash *raw = arena_alloc(a, sizeof(*raw));
    Value *r = value_map(a);
    if (!raw ||
        sha256(&(Bytes){.at = (const uint8_t *)reference.at, .len = reference.len}, 1, raw) != 0) {
        die("a referral cannot be made");
    }
    value_set_text(a, r, F_referral_category, STR("referral"));
    Value *native = value_add_map(a, r, F_referral_native_reference);
    value_set_text(a, native, F_reference_scheme, STR("school:concern-log"));
    value_set_text(a, native, F_reference_value, reference);
    value_set_text(a, r, F_referral_authored_at, STR("2026-11-22T08:55:00Z"));
    value_set_text(a, r, F_referral_priority, STR("urgent"));
    value_set_text(a, r, F_referral_source, STR("2A"));
    Value *school = value_set_map(a, r, F_referral_source_agency);
    value_set_text(a, school, F_organisation_scheme, STR("urn"));
    value_set_text(a, school, F_organisation_code, STR("999001"));
    value_set_text(a, school, F_organisation_name, STR("Example Primary School"));
    value_add_text(a, r, F_referral_concern, STR("NEG"));
    add_words(a, r);
    value_set_text(a, r, F_referral_parents_aware, STR("no"));
    add_people(a, r, number % 5 == 4 ? number - 1 : number);
    value_set_text(a, r, F_referral_mapping_profile, STR("concern-log/1"));
    value_set_text(a, r, F_referral_received_at, STR("2026-11-22T08:56:00Z"));
    value_set_hash(a, r, F_referral_raw_digest, raw);
    return r;
}

Bytes referral_frame(Arena *scratch, uint64_t number) {
    const Value *checked;
    Bytes content;
    Fault fault;
    if (codec_encode(scratch, referral_tree(scratch, number), &content) != 0 ||
        content_decode(scratch, STRUCT_referral, content, &checked, &fault) != 0) {
        die("the bench's own referral does not hold: %s", fault.path);
    }
    uint8_t *frame = must_alloc(SALT_LEN + content.len);
    if (random_bytes(frame, SALT_LEN) != 0) die("no random bytes");
    memcpy(frame + SALT_LEN, content.at, content.len);
    Bytes whole = bytes_of(frame, SALT_LEN + content.len);
    arena_reset(scratch);
    return whole;
}
