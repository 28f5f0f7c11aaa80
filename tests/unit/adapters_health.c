/* HL7: the parser, the profile over its samples, and what is refused. */
#include "adapters/health/mllp.h"
#include "adapters/health/referral.h"
#include "tests/unit/adapters_kit.h"

#include <criterion/criterion.h>

static Kit k;

static void open_kit(void) {
    kit_open(&k);
}

static void close_kit(void) {
    kit_close(&k);
}

TestSuite(adapters_health, .init = open_kit, .fini = close_kit);

#define HEAD "MSH|^~\\&|EDIS|RX1|MASHHUB|E920|202610051412||REF^I12^REF_I12|C1|P|2.4\r"
#define CHILD "PID|1||9993041785^^^NHS^NH||CHAN^MEI||20170505|2\r"

/* The message into the spool; the fault's code otherwise. */
static Hl7Code take(Bytes message, Draft *draft, Kept *kept, Hl7Fault *fault) {
    Hl7 m;
    bool guessed;
    Fault schema;
    if (!hl7_parse(hl7_decode(k.arena, message, &guessed), &m)) return HL7_segment_sequence;
    if (!hl7_accepts(&k.adapter.self, &m, fault)) return fault->code;
    int r = hl7_referral(k.arena, &k.adapter.self, &m, message, guessed, KIT_NOW_MS, draft, fault);
    if (r) return fault->code;
    cr_assert(keep_referral(k.adapter.spool, draft, KIT_NOW_MS, kept, &schema) == 0, "%s",
              schema.path);
    return HL7_fine;
}

static Hl7Code take_text(const char *message) {
    Draft d;
    Kept kept;
    Hl7Fault fault = {0};
    return take(str_bytes(str_z(message)), &d, &kept, &fault);
}

Test(adapters_health, maps_every_field_of_the_sample) {
    Draft d;
    Kept kept;
    Hl7Fault fault;
    Bytes b = kit_sample(k.arena, "adapters/health/samples/ref_i12_safeguarding_1.hl7");
    cr_assert_eq(take(b, &d, &kept, &fault), HL7_fine);
    const Value *v = kit_queued(&k, 0), *child = value_item(v, F_referral_person, 0);
    const Value *mother = value_item(v, F_referral_person, 1);
    const Value *nhs = value_item(child, F_person_identifier, 0);
    const Value *local = value_item(child, F_person_identifier, 1);
    const Value *name = value_item(child, F_person_name, 0);
    const Value *address = value_item(child, F_person_address, 0);
    const Value *reference = value_item(v, F_referral_native_reference, 0);
    const Value *n = value_item(v, F_referral_narrative, 0);
    cr_expect(str_is(TEXT(reference, F_reference_scheme), "health:RX1:referral"));
    cr_expect(str_is(TEXT(reference, F_reference_value), "RX1-REF-0000"));
    cr_expect(str_is(TEXT(v, F_referral_category), "referral"));
    cr_expect(str_is(TEXT(v, F_referral_priority), "stat"));
    cr_expect(str_is(TEXT(v, F_referral_source), "3E"));
    cr_expect(str_is(TEXT(v, F_referral_authored_at), "2026-10-05T14:12:00+01:00"));
    cr_expect(str_is(TEXT(value_get(v, F_referral_source_agency), F_organisation_code), "RX1"));
    cr_expect(str_is(TEXT(value_get(v, F_referral_referrer), F_contact_name), "Dr Priya Shah"));
    cr_expect(str_is(TEXT(nhs, F_identifier_scheme), "nhs_number"));
    cr_expect(str_is(TEXT(nhs, F_identifier_value), "9993041785"));
    cr_expect(str_is(TEXT(nhs, F_identifier_check), "ok"));
    cr_expect(str_is(TEXT(local, F_identifier_value), "MRN7000"));
    cr_expect(str_is(TEXT(local, F_identifier_check), "none"));
    cr_expect(str_is(TEXT(name, F_name_family), "Chan"));
    cr_expect(str_is(TEXT(name, F_name_given), "Mei"));
    cr_expect(str_is(TEXT(child, F_person_birth_date), "2017-05-05"));
    cr_expect(str_is(TEXT(child, F_person_sex), "F"));
    cr_expect(str_is(TEXT(address, F_address_postcode), "ZZ99 3VZ"));
    cr_expect(str_is(TEXT(value_item(child, F_person_telecom, 0), F_telecom_value), "07700900100"));
    cr_expect(str_is(value_item_text(mother, F_person_role, 0), "parent"));
    cr_expect(
        str_is(TEXT(value_item(mother, F_person_relationship, 0), F_relationship_type), "mother"));
    cr_expect(str_is(TEXT(value_item(v, F_referral_risk_factor, 0), F_risk_factor_code), "DX42"));
    cr_expect(str_is(TEXT(value_item(v, F_referral_risk_factor, 1), F_risk_factor_code), "INJURY"));
    cr_expect(str_is(TEXT(n, F_narrative_class), "health"));
    cr_expect(contains(TEXT(n, F_narrative_text), "pattern bruising\nexplanation changed twice & "
                                                  "partner left department"));
    cr_expect(contains(TEXT(n, F_narrative_summary), "concern about an injury"));
    cr_expect(str_is(TEXT(n, F_narrative_tier), "sanitise"));
    cr_expect_eq(value_count(v, F_referral_warning), 0);
}

Test(adapters_health, the_same_message_again_gets_the_same_id) {
    Draft d;
    Kept first, again;
    Hl7Fault fault;
    Bytes b = str_bytes(STR(HEAD CHILD "NTE|1||words\r"));
    cr_assert_eq(take(b, &d, &first, &fault), HL7_fine);
    cr_assert_eq(take(b, &d, &again, &fault), HL7_fine);
    cr_expect(id_eq(first.message_id, again.message_id));
    cr_expect_eq(again.as, KEPT_again);
    cr_expect_eq(spool_queued(k.adapter.spool), 1);
}

Test(adapters_health, cancelled_is_a_withdrawal_under_the_same_reference) {
    cr_assert_eq(take_text("MSH|^~\\&|EDIS|RX1|M|E|202610051412||REF^I14|C2|P|2.4\n"
                           "RF1|C|S|3E|||RX1-REF-0000^EDIS|202610051412\n" CHILD),
                 HL7_fine);
    const Value *v = kit_queued(&k, 0);
    cr_expect(str_is(TEXT(v, F_referral_category), "withdrawal"));
    cr_expect(str_is(TEXT(value_item(v, F_referral_native_reference, 0), F_reference_value),
                     "RX1-REF-0000"));
}

Test(adapters_health, a_bad_nhs_number_is_kept_and_warned_of) {
    cr_assert_eq(take_text(HEAD "PID|1||9993041784^^^NHS^NH||CHAN^MEI||20170505|2\r"), HL7_fine);
    const Value *v = kit_queued(&k, 0);
    const Value *id = value_item(value_item(v, F_referral_person, 0), F_person_identifier, 0);
    cr_expect(str_is(TEXT(id, F_identifier_check), "bad"));
    cr_expect(
        str_is(TEXT(value_item(v, F_referral_warning, 0), F_warning_code), "check_digit_wrong"));
}

Test(adapters_health, latin_1_bytes_are_read_and_warned_of) {
    cr_assert_eq(take_text(HEAD "PID|1||1^^^RX1^MR||Fern\xe1ndez^Tom\xe1s||20131015|1\r"),
                 HL7_fine);
    const Value *v = kit_queued(&k, 0);
    const Value *name = value_item(value_item(v, F_referral_person, 0), F_person_name, 0);
    cr_expect(str_is(TEXT(name, F_name_family), "Fern\xc3\xa1ndez"));
    cr_expect(contains(kit_json(&k, v), "charset_guessed"));
}

/* Legend: the message, the code of table 0357. */
static const struct {
    const char *message;
    Hl7Code code;
} refused[] = {
    {"", HL7_segment_sequence},
    {"PID|1\r", HL7_segment_sequence},
    {"MSH|", HL7_segment_sequence},
    {"MSH|||||||||||\r", HL7_segment_sequence},
    {"MSHaaaaaaaaaaaaa\r", HL7_segment_sequence},
    {"MSH|^~\\&|E|R|M|E|2026||ADT^A01|C|P|2.4\r" CHILD, HL7_message_type},
    {"MSH|^~\\&|E|R|M|E|2026||REF^I15|C|P|2.4\r" CHILD, HL7_event},
    {"MSH|^~\\&|E|R|M|E|2026||REF^I12|C|P|3.0\r" CHILD, HL7_version},
    {"MSH|^~\\&|E|R|M|E|2026||REF^I12|C|X|2.4\r" CHILD, HL7_processing},
    {"MSH|^~\\&|E|R|M|E|2026||REF^I12||P|2.4\r" CHILD, HL7_field_missing},
    {HEAD, HL7_segment_sequence},
    {HEAD "PID|1||||\r", HL7_field_missing},
};

Test(adapters_health, refuses_with_the_code_of_the_standard) {
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        cr_expect_eq(take_text(refused[i].message), refused[i].code, "case %zu", i);
    }
    cr_expect_eq(spool_queued(k.adapter.spool), 0);
}

Test(adapters_health, a_live_adapter_takes_no_test_message) {
    const char *message = "MSH|^~\\&|E|R|M|E|2026||REF^I12|C|T|2.4\r" CHILD;
    cr_expect_eq(take_text(message), HL7_fine);
    k.adapter.self.realm = STR("live");
    cr_expect_eq(take_text(message), HL7_processing);
}

static const struct {
    const char *raw, *text;
} escapes[] = {
    {"a\\T\\b", "a&b"},    {"a\\F\\b\\S\\c\\R\\d\\E\\e", "a|b^c~d\\e"},
    {"a\\.br\\b", "a\nb"}, {"\\H\\bold\\N\\", "bold"},
    {"a\\X26\\b", "a&b"},  {"a\\X00\\b", "ab"},
    {"a\\Xzz\\b", "ab"},   {"a\\b", "a\\b"},
    {"\\", "\\"},          {"\\\\", ""},
    {"\"\"", ""},          {"  a  ", "a"},
};

Test(adapters_health, resolves_escapes) {
    Hl7 m;
    cr_assert(hl7_parse(STR(HEAD), &m));
    for (size_t i = 0; i < COUNT_OF(escapes); i++) {
        Str got = hl7_text(k.arena, &m, str_z(escapes[i].raw));
        cr_expect(str_is(got, escapes[i].text), "%s gave %.*s", escapes[i].raw, STR_ARG(got));
    }
}

Test(adapters_health, cuts_by_the_delimiters_of_the_header) {
    Hl7 m;
    cr_assert(hl7_parse(STR("MSH#$*!%#EDIS#RX1\nPID#1##9$$$NHS%x$NH*M7$$$RX1$MR\n"), &m));
    Str pid = hl7_segment(&m, "PID", 0), field = hl7_field(&m, pid, 3);
    Str second = hl7_repeat(&m, field, 1);
    cr_expect(str_is(hl7_component(&m, second, 1), "M7"));
    cr_expect(str_is(hl7_part(&m, hl7_component(&m, hl7_repeat(&m, field, 0), 4), 1), "NHS"));
    cr_expect(str_is(hl7_field(&m, m.segment[0], 1), "#"));
    cr_expect(str_is(hl7_field(&m, m.segment[0], 3), "EDIS"));
    cr_expect(hl7_field(&m, pid, 99).at == NULL);
    cr_expect(hl7_segment(&m, "PID", 1).len == 0);
}

Test(adapters_health, acknowledges_in_the_senders_words) {
    Hl7 m;
    cr_assert(hl7_parse(STR(HEAD CHILD), &m));
    Str ack = hl7_ack(k.arena, &m, "AA", NULL, STR("id"), KIT_NOW_MS);
    cr_expect(str_is(ack, "MSH|^~\\&|MASHHUB|E920|EDIS|RX1|20261122140000+0000||ACK^I12|id|P|2.4\r"
                          "MSA|AA|C1\r"),
              "%.*s", STR_ARG(ack));
    Hl7Fault fault = {.code = HL7_field_missing, .segment = "PID", .field = 5};
    ack = hl7_ack(k.arena, &m, hl7_ack_code(fault.code), &fault, STR("0"), KIT_NOW_MS);
    cr_expect(contains(ack, "MSA|AE|C1|PID-5: Required field missing\r"));
    cr_expect(contains(ack, "ERR|PID^1^5^101&Required field missing&HL70357\r"));
    cr_expect(!contains(ack, "CHAN") && !contains(ack, "9993041785"));
    cr_expect_str_eq(hl7_ack_code(HL7_version), "AR");
    cr_assert(hl7_parse(STR("MSH#$*!%#EDIS#RX1#M#E#2026##REF$I13#C#P#2.5\r"), &m));
    ack = hl7_ack(k.arena, &m, "AE", &fault, STR("0"), KIT_NOW_MS);
    cr_expect(contains(ack, "MSH#$*!%#M#E#EDIS#RX1#"));
    cr_expect(contains(ack, "ERR##PID$1$5#101$Required field missing$HL70357#E\r"));
}

/* Legend: bytes, what mllp_frame says, the message's length. */
static const struct {
    const char *in;
    int64_t used;
    size_t message;
} frames[] = {
    {"", 0, 0},
    {"\x0b"
     "abc",
     0, 0},
    {"\x0b"
     "abc\x1c",
     0, 0},
    {"\x0b"
     "abc\x1c\r",
     6, 3},
    {"\r\n\x0b"
     "abc\x1c\r\x0b",
     8, 3},
    {"abc", -1, 0},
    {"\x0b"
     "ab\x0b",
     -1, 0},
    {"\x0b"
     "ab\x1cx",
     -1, 0},
};

Test(adapters_health, frames_whole_messages_only) {
    for (size_t i = 0; i < COUNT_OF(frames); i++) {
        Bytes message = {0};
        int64_t used = mllp_frame(str_bytes(str_z(frames[i].in)), &message);
        cr_expect_eq(used, frames[i].used, "case %zu", i);
        if (used > 0) cr_expect_eq(message.len, frames[i].message);
    }
}
