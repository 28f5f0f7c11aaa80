/* The desk's forms about what is at the hub already: each filled in becomes its message, a blank
 * one is refused as it lies, and a fault is a place and a reason that repeat nothing. */
#include "tests/unit/adapters_kit.h"

#include "adapters/common/word_form.h"

#include <criterion/criterion.h>

#define ID "2f010203-0405-4607-8809-0a0b0c0d0e0f"

static const Id about = {{0x2f, 1, 2, 3, 4, 5, 0x46, 7, 0x88, 9, 10, 11, 12, 13, 14, 15}};

/* Legend: the form, what is filled in, what becomes of it, and where the fault is. */
static const struct {
    const WordForm *form;
    const char *json;
    int r;
    const char *path;
} cases[] = {
    {&form_ask,
     "{\"product_id\":\"" ID "\",\"owner\":\"Police\","
     "\"question\":\"May I ring?\",\"name\":\"J. Oduya\"}",
     0, ""},
    {&form_ask,
     "{\"product_id\":\"" ID "\",\"owner\":\"Police\",\"question\":\" \","
     "\"name\":\"J\"}",
     REFUSE_missing_field, "question"},
    {&form_ask,
     "{\"product_id\":\"" ID "\",\"owner\":\"Police\","
     "\"question\":\"May I?\"}",
     REFUSE_missing_field, "asker"},
    {&form_ask,
     "{\"owner\":\"Police\",\"question\":\"May I?\",\"name\":\"J\"}",
     REFUSE_missing_field, "product_id"},
    {&form_ask,
     "{\"product_id\":\"CANARY\",\"question\":\"May I?\"}",
     REFUSE_argument_wrong, "product_id"},
    {&form_ask, "{\"product_id\":\"" ID "\",\"CANARY\":\"x\"}", REFUSE_field_unknown, ""},
    {&form_ask,
     "{\"product_id\":\"" ID "\",\"question\":[\"CANARY\"]}",
     REFUSE_wrong_type, "question"},
    {&form_ask, "[\"CANARY\"]", REFUSE_wrong_type, ""},
    {&form_ask, "{\"product_id\":\"CANARY", REFUSE_wrong_type, ""},
    {&form_reply,
     "{\"question_id\":\"" ID "\",\"outcome\":\"answered\",\"reply\":\"Do.\","
     "\"told\":{\"any\":1}}",
     0, ""},
    {&form_reply,
     "{\"question_id\":\"" ID "\",\"outcome\":\"refused\","
     "\"reason\":\"detriment\"}",
     0, ""},
    {&form_reply,
     "{\"question_id\":\"" ID "\",\"outcome\":\"CANARY\"}",
     REFUSE_code_unknown, "outcome"},
    {&form_reply, "{\"question_id\":\"" ID "\",\"outcome\":\"\"}", REFUSE_missing_field, "outcome"},
    {&form_confirm,
     "{\"recall_id\":\"" ID "\",\"done\":\"removed\",\"name\":\"J. Oduya\","
     "\"told\":null}",
     0, ""},
    {&form_confirm, "{\"recall_id\":\"" ID "\",\"done\":\"removed\"}", 0, ""},
    {&form_confirm, "{\"recall_id\":\"" ID "\",\"done\":\"CANARY\"}", REFUSE_code_unknown, "done"},
    {&form_correct,
     "{\"message_id\":\"" ID "\",\"class\":\"health\",\"kind\":\"corrected\","
     "\"text\":\"It was so.\"}",
     0, ""},
    {&form_correct, "{\"message_id\":\"" ID "\",\"kind\":\"withdrawn\"}", 0, ""},
    {&form_correct, "{\"message_id\":\"" ID "\",\"kind\":\"CANARY\"}", REFUSE_code_unknown, "kind"},
};

Test(words, each_form_becomes_its_message) {
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
        Value *v = NULL;
        Fault fault;
        int r = word_read(a, cases[i].form, &about, str_bytes(str_z(cases[i].json)), KIT_NOW_MS, &v,
                          &fault);
        cr_expect(r == cases[i].r, "case %zu: %d", i, r);
        cr_expect((v != NULL) == (r == 0), "case %zu", i);
        cr_expect_str_eq(fault.path, cases[i].path, "case %zu: %s", i, fault.path);
        cr_expect(!strstr(fault.path, "CANARY"), "case %zu", i);
        if (r == 0) cr_expect(schema_check(cases[i].form->kind, v, &fault) == 0, "case %zu", i);
    }
}

Test(words, a_question_has_the_id_that_is_minted_for_it) {
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
    Value *v = NULL;
    Fault fault;
    Id id;
    cr_assert(word_read(a, &form_ask, &about, str_bytes(str_z(cases[0].json)), KIT_NOW_MS, &v,
                        &fault) == 0);
    cr_expect(value_id(v, F_signpost_question_question_id, &id) && id_eq(id, about));
    cr_expect(str_is(value_text(v, F_signpost_question_asked_at), "2026-11-22T14:00:00.000Z"));
    const Value *asker = value_get(v, F_signpost_question_asker);
    cr_expect(str_is(value_text(asker, F_contact_name), "J. Oduya"));
}

Test(words, a_blank_form_is_known_and_refused_as_it_lies) {
    static const WordForm *const forms[] = {&form_ask, &form_reply, &form_confirm};
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
        Value *v = NULL;
        Fault fault;
        json_t *told = json_pack("{s:s}", "any", "thing");
        Str blank = word_blank(a, forms[i], about, STR("Police"), told);
        _cleanup_(json_freep) json_t *form = form_load(str_bytes(blank));
        cr_assert(form, "form %zu", i);
        for (size_t k = 0; k < COUNT_OF(forms); k++) cr_expect(word_is(forms[k], form) == (i == k));
        cr_expect(word_read(a, forms[i], &about, str_bytes(blank), KIT_NOW_MS, &v, &fault) > 0);
        cr_expect(contains(blank, ID));
    }
}
