/* JSON to a tree: what codec_json writes comes back as it was, and whatever a person could mistype
 * is refused where it stands. */
#include "tests/unit/sample.h"

#include "schemas/json_read.h"

#include <criterion/criterion.h>

static Arena *arena;

static void setup(void) {
    arena = arena_new(1 << 24);
}

static void teardown(void) {
    arena_free(arena);
}

TestSuite(json_read, .init = setup, .fini = teardown);

Test(json_read, every_structure_comes_back_as_it_was) {
    for (int k = STRUCT_none + 1; k < STRUCT_COUNT; k++) {
        for (int full = 0; full < 2; full++) {
            StructKind kind = (StructKind)k;
            const Value *made = sample_tree(arena, kind, full), *back = NULL;
            Str text = codec_json(arena, kind, made);
            Bytes before, after;
            Fault fault;
            int r = json_read(arena, kind, text, &back, &fault);
            cr_assert(r == 0, "%s: %s at %s", schema_struct_name(kind), reason_name(r), fault.path);
            cr_assert(codec_encode(arena, made, &before) == 0);
            cr_assert(codec_encode(arena, back, &after) == 0);
            cr_expect(bytes_eq(before, after), "%s", schema_struct_name(kind));
            arena_reset(arena);
        }
    }
}

static const struct {
    StructKind kind;
    const char *text, *path;
    Reason reason;
} cases[] = {
    {STRUCT_reference, "{\"scheme\":\"a\",\"value\":\"b\"}", "", REFUSE_none},
    {STRUCT_reference, " { \"value\" : \"\\u00e9\" , \"scheme\" : \"a\" } ", "", REFUSE_none},
    {STRUCT_address, "{\"line\":[]}", "", REFUSE_none},
    /* no JSON, or not one object */
    {STRUCT_reference, "", "", REFUSE_argument_wrong},
    {STRUCT_reference, "{\"scheme\":\"a\",\"value\":\"b\"} x", "", REFUSE_argument_wrong},
    {STRUCT_reference, "{\"scheme\":\"a\",}", "", REFUSE_argument_wrong},
    {STRUCT_reference, "{\"scheme\":\"\\ud800\",\"value\":\"b\"}", "", REFUSE_argument_wrong},
    {STRUCT_reference, "{\"scheme\":\"a\\u0000\",\"value\":\"b\"}", "", REFUSE_argument_wrong},
    {STRUCT_reference, "{\"scheme\":\"\xc3\x28\",\"value\":\"b\"}", "", REFUSE_bad_utf8},
    {STRUCT_reference, "{\"scheme\":\"a\",\"scheme\":\"a\"}", "", REFUSE_duplicate_key},
    {STRUCT_reference, "[]", "", REFUSE_wrong_type},
    /* fields */
    {STRUCT_reference, "{\"shceme\":\"a\",\"value\":\"b\"}", "shceme", REFUSE_field_unknown},
    {STRUCT_reference, "{\"#1\":\"a\",\"value\":\"b\"}", "#1", REFUSE_field_unknown},
    {STRUCT_reference, "{\"Mei Chan\":\"a\"}", "(unknown)", REFUSE_field_unknown},
    {STRUCT_reference, "{\"\":\"a\"}", "(unknown)", REFUSE_field_unknown},
    {STRUCT_reference, "{\"scheme\":\"a\"}", "value", REFUSE_missing_field},
    {STRUCT_reference, "{\"scheme\":\"\",\"value\":\"b\"}", "scheme", REFUSE_missing_field},
    {STRUCT_person, "{\"name\":[{\"given\":\"a\"},{\"fist\":\"b\"}]}", "name[1].fist",
     REFUSE_field_unknown},
    {STRUCT_person, "{\"address\":[{\"line\":[\"a\",2]}]}", "address[0].line[1]",
     REFUSE_wrong_type},
    /* types */
    {STRUCT_reference, "{\"scheme\":null,\"value\":\"b\"}", "scheme", REFUSE_wrong_type},
    {STRUCT_reference, "{\"scheme\":7,\"value\":\"b\"}", "scheme", REFUSE_wrong_type},
    {STRUCT_address, "{\"line\":\"a\"}", "line", REFUSE_wrong_type},
    {STRUCT_address, "{\"protected\":1}", "protected", REFUSE_wrong_type},
    {STRUCT_referral, "{\"immediate_safety\":[]}", "immediate_safety", REFUSE_wrong_type},
    {STRUCT_referral, "{\"raw_digest\":\"abc\"}", "raw_digest", REFUSE_wrong_type},
    {STRUCT_referral, "{\"raw_digest\":\"gg\"}", "raw_digest", REFUSE_wrong_type},
    {STRUCT_referral, "{\"raw_digest\":7}", "raw_digest", REFUSE_wrong_type},
    {STRUCT_answer, "{\"check_id\":\"0197\"}", "check_id", REFUSE_wrong_type},
    {STRUCT_prove, "{\"leaf_index\":1.5}", "leaf_index", REFUSE_wrong_type},
    {STRUCT_prove, "{\"leaf_index\":\"1\"}", "leaf_index", REFUSE_wrong_type},
    {STRUCT_prove, "{\"leaf_index\":-1}", "leaf_index", REFUSE_wrong_type},
    {STRUCT_prove, "{\"leaf_index\":9223372036854775808}", "", REFUSE_argument_wrong},
    /* what the schema itself refuses */
    {STRUCT_referral, "{\"category\":\"nonsense\"}", "category", REFUSE_code_unknown},
    {STRUCT_referral, "{\"authored_at\":\"yesterday\"}", "authored_at", REFUSE_bad_time},
};

Test(json_read, refuses_what_is_wrong_where_it_stands) {
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const Value *v = NULL;
        Fault fault;
        int r = json_read(arena, cases[i].kind, str_z(cases[i].text), &v, &fault);
        cr_expect(r == (int)cases[i].reason, "%s: %s", cases[i].text, reason_name(r));
        cr_expect(fault.reason == cases[i].reason, "%s", cases[i].text);
        cr_expect_str_eq(fault.path, cases[i].path, "%s", cases[i].text);
        cr_expect((v != NULL) == (r == 0), "%s", cases[i].text);
    }
}

Test(json_read, an_empty_list_stays_one) {
    const Value *v = NULL;
    Fault fault;
    cr_assert_eq(json_read(arena, STRUCT_address, STR("{\"line\":[]}"), &v, &fault), 0);
    cr_expect(value_get(v, F_address_line) && value_count(v, F_address_line) == 0);
}

Test(json_read, refuses_a_list_that_is_too_long_before_it_reads_it) {
    char text[4 * LIMIT_LIST + 100] = "{\"line\":[\"a\"";
    for (int i = 0; i < LIMIT_LIST; i++) strcat(text, ",\"a\"");
    strcat(text, "]}");
    const Value *v = NULL;
    Fault fault;
    cr_expect_eq(json_read(arena, STRUCT_address, str_z(text), &v, &fault), REFUSE_too_many);
    cr_expect_str_eq(fault.path, "line");
}

Test(json_read, refuses_a_text_beyond_any_result) {
    static char much[LIMIT_RESULT + 1];
    const Value *v = NULL;
    Fault fault;
    memset(much, ' ', sizeof(much));
    Str text = {.at = much, .len = sizeof(much)};
    cr_expect_eq(json_read(arena, STRUCT_address, text, &v, &fault), REFUSE_too_large);
}

Test(json_read, survives_nesting_without_end) {
    static char deep[20000];
    const Value *v = NULL;
    Fault fault;
    memset(deep, '[', sizeof(deep));
    Str text = {.at = deep, .len = sizeof(deep)};
    cr_expect_eq(json_read(arena, STRUCT_address, text, &v, &fault), REFUSE_argument_wrong);
}

Test(json_read, borrows_nothing_from_the_text) {
    char text[] = "{\"scheme\":\"a\",\"value\":\"kept\"}";
    const Value *v = NULL;
    Fault fault;
    cr_assert_eq(json_read(arena, STRUCT_reference, str_z(text), &v, &fault), 0);
    memset(text, 'x', sizeof(text));
    cr_expect(str_is(value_text(v, F_reference_value), "kept"));
}

Test(json_read, says_that_memory_is_out) {
    Str text = codec_json(arena, STRUCT_referral, sample_tree(arena, STRUCT_referral, true));
    _cleanup_(arena_freep) Arena *small = arena_new(2048);
    const Value *v = NULL;
    Fault fault;
    cr_expect_eq(json_read(small, STRUCT_referral, text, &v, &fault), ERR_MEMORY);
    cr_expect_null(v);
}
