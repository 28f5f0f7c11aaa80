/* The police profile over its samples, field by field, and over what is not a notice. */
#include "adapters/police/notice_json.h"
#include "adapters/police/notice_xml.h"
#include "tests/unit/adapters_kit.h"

#include <criterion/criterion.h>
#include <unistd.h>

static const char json_sample[] = "adapters/police/samples/police-notices.json";
static const char xml_sample[] = "adapters/police/samples/police-notices.xml";
static const char story_json[] = "adapters/police/samples/story-notice.json";
static const char story_xml[] = "adapters/police/samples/story-notice.xml";

static Kit k;

static void open_kit(void) {
    kit_open(&k);
}

static void close_kit(void) {
    kit_close(&k);
}

TestSuite(adapters_police, .init = open_kit, .fini = close_kit);

static void take(BatchRead read, const char *path) {
    Fault fault = {0};
    cr_assert(read(&k.batch, kit_sample(k.arena, path), &fault) == 0, "%s", fault.path);
}

static const Value *narrative(const Value *referral, const char *class) {
    for (size_t i = 0; i < value_count(referral, F_referral_narrative); i++) {
        const Value *n = value_item(referral, F_referral_narrative, i);
        if (str_is(value_text(n, F_narrative_class), class)) return n;
    }
    return NULL;
}

static bool risk(const Value *referral, const char *code) {
    for (size_t i = 0; i < value_count(referral, F_referral_risk_factor); i++) {
        const Value *r = value_item(referral, F_referral_risk_factor, i);
        if (str_is(value_text(r, F_risk_factor_code), code)) return true;
    }
    return false;
}

Test(adapters_police, maps_every_field_of_a_json_notice) {
    take(notices_json, json_sample);
    cr_assert_eq(json_array_size(k.stored), 7);
    /* The second notice is in the immediate lane and stands first; the first stands next. */
    const Value *v = kit_queued(&k, 1), *child = value_item(v, F_referral_person, 0);
    const Value *suspect = value_item(v, F_referral_person, 1);
    const Value *name = value_item(child, F_person_name, 0);
    const Value *address = value_item(child, F_person_address, 0);
    const Value *reference = value_item(v, F_referral_native_reference, 0);
    cr_expect(str_is(TEXT(reference, F_reference_scheme), "police:05:notice"));
    cr_expect(str_is(TEXT(reference, F_reference_value), "PPN/26/088100"));
    cr_expect_eq(value_count(v, F_referral_native_reference), 3);
    cr_expect(str_is(TEXT(v, F_referral_category), "referral"));
    cr_expect(str_is(TEXT(v, F_referral_source), "6"));
    cr_expect(str_is(TEXT(v, F_referral_authored_at), "2026-10-03T20:15:00+01:00"));
    cr_expect(str_is(TEXT(v, F_referral_priority), "routine"));
    cr_expect(str_is(TEXT(v, F_referral_classification), "OFFICIAL-SENSITIVE"));
    cr_expect(str_is(TEXT(v, F_referral_voice_of_child), "I was upstairs, I heard shouting."));
    cr_expect(str_is(TEXT(value_get(v, F_referral_consent), F_consent_status), "overridden"));
    cr_expect(str_is(TEXT(value_get(v, F_referral_referrer), F_contact_identifier), "PC9784"));
    cr_expect(str_is(TEXT(value_item(v, F_referral_flag, 0), F_flag_scheme), "encompass"));
    cr_expect(str_is(TEXT(name, F_name_family), "Chan"));
    cr_expect(str_is(TEXT(name, F_name_given), "Mei"));
    cr_expect(str_is(TEXT(child, F_person_birth_date), "2017-05-05"));
    cr_expect(str_is(TEXT(child, F_person_sex), "F"));
    cr_expect(value_yes(child, F_person_present));
    cr_expect(str_is(TEXT(address, F_address_postcode), "ZZ99 3VZ"));
    cr_expect(str_is(value_item_text(address, F_address_line, 0), "3 Example Street"));
    cr_expect(str_is(value_item_text(suspect, F_person_role, 0), "suspect"));
    cr_expect(str_is(value_item_text(suspect, F_person_warning_marker, 0), "VI"));
    const Value *relation = value_item(suspect, F_person_relationship, 0);
    cr_expect(str_is(TEXT(relation, F_relationship_type), "step_parent"));
    cr_expect(str_is(TEXT(relation, F_relationship_to), "p1"));
    cr_expect(risk(v, "3A") && !risk(v, "DASH_HIGH") && !risk(v, "S46"));
    cr_expect(narrative(v, "domestic_abuse") != NULL);
    cr_expect_eq(value_count(v, F_referral_warning), 0);
    cr_expect(value_get(v, F_referral_immediate_safety) == NULL);
}

Test(adapters_police, section_46_goes_before_everything_else) {
    take(notices_json, json_sample);
    const Value *v = kit_queued(&k, 0);
    const Value *safety = value_get(v, F_referral_immediate_safety);
    cr_expect(value_yes(safety, F_immediate_safety_police_protection));
    cr_expect(value_yes(safety, F_immediate_safety_at_risk));
    cr_expect(risk(v, "S46") && risk(v, "10A") && risk(v, "DASH_MEDIUM"));
    cr_expect(str_is(TEXT(v, F_referral_priority), "stat"));
}

typedef struct Row {
    const char *reference, *class, *risk;
} Row;

Test(adapters_police, each_incident_type_has_its_class_and_factor) {
    static const Row rows[] = {
        {"PPN/26/088100", "domestic_abuse", "3A"},
        {"PPN/26/088101", "missing_episode", "10A"},
        {"PPN/26/088102", "incident", "16A"},
        {"PPN/26/088103", "exploitation", "11A"},
        {"PPN/26/088104", "exploitation", "24A"},
        {"PPN/26/088105", "incident", "DASH_MEDIUM"},
        {"PPN/26/088106", "substance_misuse", "DASH_HIGH"},
    };
    take(notices_xml, xml_sample);
    cr_assert_eq(spool_queued(k.adapter.spool), COUNT_OF(rows));
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const Value *v = kit_queued(&k, i);
        const Value *reference = value_item(v, F_referral_native_reference, 0);
        cr_expect(str_is(TEXT(reference, F_reference_value), rows[i].reference));
        cr_expect(narrative(v, rows[i].class) != NULL, "%s", rows[i].reference);
        cr_expect(risk(v, rows[i].risk), "%s", rows[i].reference);
    }
}

Test(adapters_police, xml_gives_names_with_their_letters) {
    take(notices_xml, xml_sample);
    const Value *n =
        value_item(value_item(kit_queued(&k, 3), F_referral_person, 0), F_person_name, 0);
    cr_expect(str_is(TEXT(n, F_name_family), "O'Dowd"));
    n = value_item(value_item(kit_queued(&k, 6), F_referral_person, 0), F_person_name, 0);
    cr_expect(str_is(TEXT(n, F_name_family), "Fern\xc3\xa1ndez"));
}

static void expect_story(void) {
    const Value *v = kit_queued(&k, 0), *source = narrative(v, "source_identity");
    const Value *informant = value_item(v, F_referral_person, 2);
    cr_assert(source != NULL);
    cr_expect(str_is(TEXT(source, F_narrative_tier), "silent"));
    cr_expect(contains(TEXT(source, F_narrative_text), "Derek Quillfeather"));
    cr_expect(contains(TEXT(source, F_narrative_text), "marmalade-teapot"));
    cr_expect(TEXT(source, F_narrative_summary).len == 0);
    cr_expect(str_is(value_item_text(informant, F_person_role, 0), "informant"));
    const Value *offence = narrative(v, "offence");
    cr_expect(contains(TEXT(offence, F_narrative_text), "copperfinch"));
    cr_expect(TEXT(offence, F_narrative_tier).len == 0);
    const Value *told = narrative(v, "domestic_abuse");
    cr_expect(str_is(TEXT(told, F_narrative_tier), "sanitise"));
    cr_expect(contains(TEXT(told, F_narrative_summary), "domestic abuse at the child's home"));
    cr_expect(!contains(TEXT(told, F_narrative_text), "Quillfeather"));
}

Test(adapters_police, keeps_the_informant_apart_in_json) {
    take(notices_json, story_json);
    expect_story();
    const Value *intelligence = narrative(kit_queued(&k, 0), "intelligence");
    cr_expect(str_is(TEXT(intelligence, F_narrative_tier), "silent"));
}

Test(adapters_police, keeps_the_informant_apart_in_xml) {
    take(notices_xml, story_xml);
    expect_story();
}

Test(adapters_police, no_summary_of_the_table_has_a_name_or_a_number) {
    take(notices_json, json_sample);
    for (size_t i = 0; i < 7; i++) {
        const Value *v = kit_queued(&k, i), *n = value_item(v, F_referral_narrative, 0);
        Str summary = TEXT(n, F_narrative_summary);
        const Value *person = value_item(v, F_referral_person, 0);
        const Value *name = value_item(person, F_person_name, 0);
        size_t at;
        cr_expect(summary.len > 0);
        cr_expect(!str_find(summary, TEXT(name, F_name_family), &at));
        cr_expect(!contains(summary, "Example Street") && !contains(summary, "24"));
    }
}

Test(adapters_police, the_same_file_again_makes_no_second_message) {
    take(notices_json, json_sample);
    take(notices_json, json_sample);
    cr_expect_eq(spool_queued(k.adapter.spool), 7);
    json_t *first = json_object_get(json_array_get(k.stored, 0), "message_id");
    json_t *again = json_object_get(json_array_get(k.stored, 7), "message_id");
    cr_expect(json_equal(first, again));
    cr_expect_str_eq(json_string_value(json_object_get(json_array_get(k.stored, 7), "state")),
                     "known");
}

Test(adapters_police, changed_content_under_one_reference_is_an_update) {
    static const char changed[] =
        "{\"notice_ref\":\"PPN/26/088200\",\"force_code\":\"05\",\"incident_type\":\"Neglect\","
        "\"incident_datetime\":\"2026-10-07T08:00:00+01:00\","
        "\"persons\":[{\"role\":\"child\",\"surname\":\"Chan\"}]}";
    Fault fault = {0};
    take(notices_json, story_json);
    cr_assert(notices_json(&k.batch, str_bytes(str_z(changed)), &fault) == 0);
    cr_assert_eq(spool_queued(k.adapter.spool), 2);
    cr_expect(str_is(TEXT(kit_queued(&k, 1), F_referral_category), "update"));
}

Test(adapters_police, one_bad_notice_does_not_stop_its_neighbours_and_is_not_echoed) {
    static const char file[] =
        "[{\"notice_ref\":\"N1\",\"incident_type\":\"Neglect\",\"persons\":[{\"role\":\"child\","
        "\"surname\":{\"secret\":\"Zanzibar\"}}]},"
        "{\"notice_ref\":\"N2\",\"persons\":[]},"
        "{\"notice_ref\":\"N3\",\"persons\":[{\"role\":\"child\",\"surname\":\"Chan\"}]}]";
    Fault fault = {0};
    cr_assert(notices_json(&k.batch, str_bytes(str_z(file)), &fault) == 0);
    cr_expect_eq(json_array_size(k.stored), 1);
    cr_expect_eq(json_array_size(k.rejected), 2);
    json_t *first = json_array_get(k.rejected, 0);
    cr_expect_str_eq(json_string_value(json_object_get(first, "path")), "persons[0].surname");
    char *text = json_dumps(k.rejected, 0);
    cr_expect(!strstr(text, "Zanzibar"));
    free(text);
}

Test(adapters_police, odd_notices_are_taken_with_a_warning) {
    static const char file[] =
        "{\"notice_ref\":\"N4\",\"incident_type\":\"Sheep "
        "worrying\",\"incident_datetime\":\"soon\","
        "\"consent_to_share\":\"perhaps\",\"colour\":\"red\","
        "\"persons\":[{\"role\":\"neighbour\",\"surname\":\"Chan\",\"dob\":\"31/02/2017\","
        "\"nhs_number\":\"9993041784\"}]}";
    static const char *const expected[] = {
        "type_unknown", "time_unusable", "consent_unknown",     "unknown_field",
        "role_unknown", "no_child",      "birth_date_unusable", "check_digit_wrong"};
    Fault fault = {0};
    cr_assert(notices_json(&k.batch, str_bytes(str_z(file)), &fault) == 0);
    const Value *v = kit_queued(&k, 0);
    Str json = kit_json(&k, v);
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        cr_expect(contains(json, expected[i]), "%s", expected[i]);
    }
    for (size_t i = 0; i < value_count(v, F_referral_warning); i++) {
        const Value *w = value_item(v, F_referral_warning, i);
        cr_expect(!contains(TEXT(w, F_warning_sentence), "Sheep"));
    }
}

/* Legend: what is not a batch of notices. */
static const char *const not_json[] = {"",
                                       "[",
                                       "[{\"notice_ref\":\"N1\"",
                                       "7",
                                       "[]",
                                       "{\"a\":1,\"a\":2}",
                                       "[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]",
                                       "\xff\xfe"};
static const char *const not_xml[] = {
    "",
    "<PPNBatch xmlns=\"urn:example:force:ppn:1\"><PPN ref=\"a\">",
    "<PPNBatch/>",
    "<PPNBatch xmlns=\"urn:example:force:ppn:1\"/>",
    "<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]><PPNBatch "
    "xmlns=\"urn:example:force:ppn:1\"><PPN ref=\"&b;\"/></PPNBatch>",
    "<!DOCTYPE x SYSTEM \"file:///etc/passwd\"><PPNBatch xmlns=\"urn:example:force:ppn:1\"/>",
};

Test(adapters_police, refuses_what_is_not_a_batch) {
    for (size_t i = 0; i < COUNT_OF(not_json); i++) {
        Fault fault = {0};
        cr_expect_gt(notices_json(&k.batch, str_bytes(str_z(not_json[i])), &fault), 0, "json %zu",
                     i);
    }
    for (size_t i = 0; i < COUNT_OF(not_xml); i++) {
        Fault fault = {0};
        cr_expect_gt(notices_xml(&k.batch, str_bytes(str_z(not_xml[i])), &fault), 0, "xml %zu", i);
    }
    cr_expect_eq(spool_queued(k.adapter.spool), 0);
}

Test(adapters_police, refuses_a_doctype_in_utf16_too) {
    static const char ascii[] =
        "<?xml version=\"1.0\" encoding=\"UTF-16\"?><!DOCTYPE x [<!ENTITY a "
        "\"b\">]><PPNBatch xmlns=\"urn:example:force:ppn:1\"><PPN "
        "ref=\"&a;\"/></PPNBatch>";
    uint8_t wide[2 * sizeof(ascii) + 2] = {0xff, 0xfe};
    Fault fault = {0};
    for (size_t i = 0; i < sizeof(ascii) - 1; i++) wide[2 + 2 * i] = (uint8_t)ascii[i];
    Bytes b = bytes_of(wide, 2 + 2 * (sizeof(ascii) - 1));
    cr_expect_gt(notices_xml(&k.batch, b, &fault), 0);
    cr_expect_eq(spool_queued(k.adapter.spool), 0);
}

static const BatchFormat formats[] = {{".json", notices_json}, {NULL, NULL}};

static void drop(const char *name, const char *content) {
    char in[PATH_LEN];
    (void)snprintf(in, sizeof(in), "%s/in", k.dir);
    cr_assert(dir_make(in) == 0);
    cr_assert(file_write(in, name, str_bytes(str_z(content))) == 0);
}

Test(adapters_police, a_file_ends_as_a_receipt_or_where_a_person_looks) {
    IntakeFolder *folder = NULL;
    cr_assert(loop_new(&k.adapter.loop) == 0);
    cr_assert(intake_folder_open(&k.adapter, formats, &folder) == 0);
    drop("good.json",
         "{\"notice_ref\":\"N1\",\"persons\":[{\"role\":\"child\",\"surname\":\"C\"}]}");
    drop("half.json",
         "[{\"notice_ref\":\"N2\",\"persons\":[{\"role\":\"child\",\"surname\":\"D\"}]},"
         "{\"notice_ref\":\"N3\"}]");
    drop("broken.json", "{\"notice_ref\":\"Zanzibar\"");
    drop("picture.png", "Zanzibar");
    drop("unfinished.json.part", "Zanzibar");
    intake_folder_scan(folder);
    cr_expect_eq(spool_queued(k.adapter.spool), 2);
    cr_expect(contains(kit_file(&k, "receipts", "good.json.receipt"), "N1"));
    cr_expect(contains(kit_file(&k, "receipts", "half.json.receipt"), "missing_field"));
    cr_expect(kit_file(&k, "rejects", "half.json").at != NULL);
    Str reason = kit_file(&k, "rejects", "broken.json.reason");
    cr_expect(contains(reason, "wrong_type") && !contains(reason, "Zanzibar"));
    cr_expect(contains(kit_file(&k, "rejects", "picture.png.reason"), "message_not_allowed"));
    cr_expect(kit_file(&k, "in", "json").len == strlen("Zanzibar"));
    intake_folder_close(folder);
    loop_free(k.adapter.loop);
}

static const char one_notice[] =
    "{\"notice_ref\":\"N1\",\"persons\":[{\"role\":\"child\",\"surname\":\"C\"}]}";

/* The message id that a receipt gives. */
static Str receipt_id(const char *receipt) {
    Str text = kit_file(&k, "receipts", receipt);
    size_t at;
    cr_assert(str_find(text, STR("\"message_id\": \""), &at), "%s", receipt);
    return (Str){.at = text.at + at + strlen("\"message_id\": \""), .len = ID_TEXT - 1};
}

Test(adapters_police, a_file_under_another_name_gives_the_same_messages) {
    IntakeFolder *folder = NULL;
    cr_assert(loop_new(&k.adapter.loop) == 0);
    cr_assert(intake_folder_open(&k.adapter, formats, &folder) == 0);
    drop("monday.json", one_notice);
    intake_folder_scan(folder);
    kit_reopen_spool(&k);
    drop("tuesday.json", one_notice);
    intake_folder_scan(folder);
    cr_expect_eq(spool_queued(k.adapter.spool), 1);
    cr_expect(str_eq(receipt_id("monday.json.receipt"), receipt_id("tuesday.json.receipt")));
    cr_expect(contains(kit_file(&k, "receipts", "tuesday.json.receipt"), "known"));
    intake_folder_close(folder);
    loop_free(k.adapter.loop);
}

/* The receipt cannot be written: as if killed between the spool and it. */
Test(adapters_police, a_file_stays_until_its_receipt_stands) {
    IntakeFolder *folder = NULL;
    char obstacle[PATH_LEN];
    cr_assert(loop_new(&k.adapter.loop) == 0);
    cr_assert(intake_folder_open(&k.adapter, formats, &folder) == 0);
    (void)snprintf(obstacle, sizeof(obstacle), "%s/receipts/.one.json.receipt.json.part", k.dir);
    cr_assert(dir_make(obstacle) == 0);
    drop("one.json", one_notice);
    intake_folder_scan(folder);
    cr_expect_eq(spool_queued(k.adapter.spool), 1);
    cr_expect(kit_file(&k, "in", "one.json").at != NULL);
    kit_reopen_spool(&k);
    cr_assert(rmdir(obstacle) == 0);
    intake_folder_scan(folder);
    cr_expect_eq(spool_queued(k.adapter.spool), 1);
    cr_expect(contains(kit_file(&k, "receipts", "one.json.receipt"), "known"));
    cr_expect(kit_file(&k, "in", "one.json").at == NULL);
    intake_folder_close(folder);
    loop_free(k.adapter.loop);
}
