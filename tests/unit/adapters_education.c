/* The concern log: its sample, and logs that break off, miss columns or hold bad rows. */
#include "adapters/education/concern_log.h"
#include "tests/unit/adapters_kit.h"

#include <criterion/criterion.h>

static Kit k;

static void open_kit(void) {
    kit_open(&k);
}

static void close_kit(void) {
    kit_close(&k);
}

TestSuite(adapters_education, .init = open_kit, .fini = close_kit);

static int read_text(const char *text, Fault *fault) {
    return concern_log(&k.batch, str_bytes(str_z(text)), fault);
}

Test(adapters_education, maps_every_column_of_the_sample) {
    Fault fault = {0};
    Bytes b = kit_sample(k.arena, "adapters/education/samples/school-concern-log.csv");
    cr_assert(concern_log(&k.batch, b, &fault) == 0, "%s", fault.path);
    cr_assert_eq(json_array_size(k.stored), 7);
    const Value *v = kit_queued(&k, 0), *child = value_item(v, F_referral_person, 0);
    const Value *upn = value_item(child, F_person_identifier, 0);
    const Value *name = value_item(child, F_person_name, 0);
    const Value *n = value_item(v, F_referral_narrative, 0);
    const Value *mark = value_item(v, F_referral_narrative, 1);
    cr_expect(str_is(TEXT(value_item(v, F_referral_native_reference, 0), F_reference_value),
                     "INC-00410"));
    cr_expect(str_is(TEXT(v, F_referral_authored_at), "2026-10-01T10:40:00+01:00"));
    cr_expect(str_is(TEXT(v, F_referral_source), "2A"));
    cr_expect(str_is(TEXT(value_get(v, F_referral_referrer), F_contact_name), "A. Teacher"));
    cr_expect(str_is(TEXT(upn, F_identifier_value), "F92020011570R"));
    cr_expect(str_is(TEXT(upn, F_identifier_check), "ok"));
    cr_expect(str_is(TEXT(name, F_name_family), "Chan"));
    cr_expect(str_is(TEXT(child, F_person_birth_date), "2017-05-05"));
    cr_expect(str_is(TEXT(child, F_person_year_group), "4"));
    cr_expect(str_is(value_item_text(v, F_referral_concern, 0), "PHY"));
    cr_expect(contains(TEXT(n, F_narrative_text),
                       "Child said, \"I don't want to go home\".\nSeen by DSL."));
    cr_expect(contains(TEXT(n, F_narrative_summary), "physical abuse, a disclosure by the child"));
    cr_expect(str_is(TEXT(mark, F_narrative_class), "health"));
    cr_expect_eq(value_count(v, F_referral_warning), 0);
    const Value *last = value_item(kit_queued(&k, 6), F_referral_person, 0);
    cr_expect(str_is(TEXT(value_item(last, F_person_name, 0), F_name_given), "Tom\xc3\xa1s"));
}

#define HEADINGS \
    "Incident Ref,UPN,Forename,Surname,DOB,Incident Date,Categories,Incident,Actions\r\n"

Test(adapters_education, sends_only_rows_that_are_for_the_hub) {
    Fault fault = {0};
    cr_assert(read_text(HEADINGS "I1,,Mei,Chan,05/05/2017,01/10/2026,,words,Phone call home\r\n"
                                 "I2,,Mei,Chan,05/05/2017,01/10/2026,,words,MASH REFERRAL made\r\n",
                        &fault) == 0);
    cr_expect_eq(json_array_size(k.stored), 1);
    cr_expect_eq(json_array_size(k.rejected), 0);
}

Test(adapters_education, lists_bad_rows_by_number_column_and_reason) {
    Fault fault = {0};
    cr_assert(read_text(HEADINGS ",,Mei,Chan,,01/10/2026,,Zanzibar,MASH referral\r\n"
                                 "I2,,Mei,Chan,,01/10/2026,,words,MASH referral\r\n"
                                 "I3,,Mei\r\n",
                        &fault) == 0);
    cr_expect_eq(json_array_size(k.stored), 1);
    Str csv = kit_file(&k, ".", "file.rejects.csv");
    cr_expect(str_is(csv, "row,column,reason\r\n2,\"Incident Ref\",missing_field\r\n"
                          "4,\"columns\",wrong_type\r\n"),
              "%.*s", STR_ARG(csv));
}

Test(adapters_education, a_bad_upn_or_date_is_taken_with_a_warning) {
    Fault fault = {0};
    cr_assert(read_text(HEADINGS "I1,A92020011570R,Mei,Chan,2017,never,,words,MASH referral\r\n",
                        &fault) == 0);
    Str json = kit_json(&k, kit_queued(&k, 0));
    cr_expect(contains(json, "check_digit_wrong"));
    cr_expect(contains(json, "birth_date_unusable"));
    cr_expect(contains(json, "time_unusable"));
}

/* Legend: what is not such a log, as a whole. */
static const char *const broken[] = {
    "",
    "a,b,c\r\n1,2,3\r\n",
    HEADINGS "I1,,Mei,Chan,,01/10/2026,,words,MASH referral\r\nI2,\"breaks off",
    HEADINGS "I1,,Mei,Chan,,01/10/2026,,words,MASH referral\r\nI2,\"a\"b,\r\n",
    "Incident Ref,Incident Ref,Forename,Surname,Incident,Actions\r\n",
};

Test(adapters_education, refuses_a_broken_log_whole) {
    for (size_t i = 0; i < COUNT_OF(broken); i++) {
        Fault fault = {0};
        cr_expect_gt(read_text(broken[i], &fault), 0, "case %zu", i);
    }
    cr_expect_eq(spool_queued(k.adapter.spool), 0);
}

Test(adapters_education, the_log_exported_again_makes_no_second_message) {
    Fault fault = {0};
    cr_assert(read_text(HEADINGS "I1,,Mei,Chan,,01/10/2026,,words,MASH referral\r\n", &fault) == 0);
    cr_assert(read_text("Surname,Incident Ref,UPN,Forename,DOB,Incident Date,Categories,Incident,"
                        "Actions\r\nChan,I1,,Mei,,01/10/2026,,words,MASH referral\r\n",
                        &fault) == 0);
    cr_expect_eq(spool_queued(k.adapter.spool), 1);
}
