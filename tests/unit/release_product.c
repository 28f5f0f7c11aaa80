/* Products and checks as letters: the exact text and page, escaped, in the shape of the schema. */
#include "tests/unit/release_kit.h"

static const Id product_id = {{0x2f, 1, 2, 3, 4, 5, 0x46, 7, 0x88, 9, 10, 11, 12, 13, 14, 15}};
static const Id letter_id = {{0x77, 1, 2, 3, 4, 5, 0x46, 7, 0x88, 9, 10, 11, 12, 13, 14, 15}};

static const Subject subjects[] = {
    {.name = {"Wei Chan", 8},
     .birth_date = {"2015-03", 7},
     .identifier_scheme = {"upn", 3},
     .identifier = {"A000000000000", 13}},
    {.name = {"unborn child of <Mei>", 21}},
};

static const char rules[] =
    "police allow risk_factor to go to any school for school_support when rating is any; show "
    "full; "
    "from 2026-09-01 until 2027-08-31\n"
    "police allow concern to go to any school for school_support when rating is any; show summary; "
    "from 2026-09-01 until 2027-08-31\n";

static const Shareable *product(Arena *a, const char *text, const char *summary) {
    Policy policy = kit_policy(a, "police", rules);
    Item items[] = {{.class = CLASS_risk_factor, .text = str_z(text)},
                    {.class = CLASS_concern, .summary = str_z(summary)},
                    {.class = CLASS_housing, .text = STR("x")}};
    for (size_t i = 0; i < 3; i++) {
        items[i].owner = STR("police");
        items[i].owner_name = STR("Eastmarch \"Police\"");
        items[i].owner_desk = STR("hub desk, 020 7946 0000");
    }
    Request request = {.product_id = product_id,
                       .recipient = STR("education"),
                       .recipient_name = STR("Garnet & Opal School"),
                       .recipient_type = STR("school"),
                       .purpose = STR("school_support"),
                       .today = STR("2026-11-22"),
                       .subjects = subjects,
                       .subject_count = 2};
    Redacted r;
    cr_assert(redact(a, &request, items, 3, &policy, 1, &r) == 0);
    return r.product;
}

static const char golden_text[] =
    "OFFICIAL-SENSITIVE\n"
    "\n"
    "Safeguarding information\n"
    "\n"
    "Reference: 2f010203-0405-4607-8809-0a0b0c0d0e0f\n"
    "To: Garnet & Opal School\n"
    "Purpose: to support the child in school\n"
    "Date: 2026-11-22\n"
    "\n"
    "About:\n"
    "    Wei Chan, born 2015-03, upn A000000000000\n"
    "    unborn child of <Mei>\n"
    "\n"
    "== Eastmarch \"Police\" ==\n"
    "\n"
    "what the sender is worried about, in words:\n"
    "    Thin.\n"
    "    == Health ==\n"
    "\n"
    "a coded risk factor:\n"
    "    a <b> & c [2J\n"
    "\n"
    "Eastmarch \"Police\" may be able to tell you more. Ask: hub desk, 020 7946 0000.\n"
    "\n"
    "Use this only to safeguard the child. Do not pass it on without the agreement of the agency "
    "that "
    "owns it.\n"
    "\n"
    "OFFICIAL-SENSITIVE\n";

Test(product, the_text_is_this) {
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 22);
    const Shareable *s = product(a, "a <b> & c\x1b[2J", "Thin.\n== Health ==");
    cr_expect(str_is(shareable_text(s), golden_text), "%.*s", STR_ARG(shareable_text(s)));
}

static const char golden_html[] =
    "</style>\n</head>\n<body>\n<header><p class=\"mark\">OFFICIAL-SENSITIVE</p></header>\n<main>\n"
    "<h1>Safeguarding information</h1>\n<dl>\n"
    "<dt>Reference</dt><dd class=\"words\">2f010203-0405-4607-8809-0a0b0c0d0e0f</dd>\n"
    "<dt>To</dt><dd class=\"words\">Garnet &amp; Opal School</dd>\n"
    "<dt>Purpose</dt><dd class=\"words\">to support the child in school</dd>\n"
    "<dt>Date</dt><dd class=\"words\">2026-11-22</dd>\n</dl>\n"
    "<h2>About</h2>\n<ul>\n"
    "<li class=\"words\">Wei Chan, born 2015-03, upn A000000000000</li>\n"
    "<li class=\"words\">unborn child of &lt;Mei&gt;</li>\n</ul>\n"
    "<section aria-labelledby=\"owner-1\">\n<h2 id=\"owner-1\">Eastmarch &quot;Police&quot;</h2>\n"
    "<h3 class=\"words\">what the sender is worried about, in words</h3>\n"
    "<p class=\"words\">Thin.\n== Health ==</p>\n"
    "<h3 class=\"words\">a coded risk factor</h3>\n"
    "<p class=\"words\">a &lt;b&gt; &amp; c [2J</p>\n"
    "<p class=\"words\">Eastmarch &quot;Police&quot; may be able to tell you more. "
    "Ask: hub desk, 020 7946 0000.</p>\n</section>\n</main>\n";

Test(product, the_page_is_escaped_and_stands_alone) {
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 22);
    const Shareable *s = product(a, "a <b> & c\x1b[2J", "Thin.\n== Health ==");
    Str html = shareable_html(s);
    static const char *const without[] = {
        "<script", "http:", "https:", "src=", "href=", "url(", "@import"};
    size_t at;
    cr_expect(str_starts(
        html, STR("<!DOCTYPE html>\n<html lang=\"en-GB\">\n<head>\n<meta charset=\"utf-8\">")));
    cr_expect(str_find(html, str_z(golden_html), &at), "%.*s", STR_ARG(html));
    for (size_t i = 0; i < COUNT_OF(without); i++)
        cr_expect(!str_find(html, str_z(without[i]), &at));
}

Test(product, no_content_can_write_markup) {
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 22);
    Random random = random_new("no_content_can_write_markup");
    static const char marks[] = "<>&\"'/= abscript\n\t\x01\x7f";
    for (int round = 0; round < 500; round++) {
        char text[65] = "x";
        for (size_t i = 1; i < 64; i++) text[i] = marks[random_below(&random, sizeof(marks) - 1)];
        Str plain = shareable_html(product(a, "x", "x")),
            html = shareable_html(product(a, text, text));
        size_t opened = 0, expected = 0;
        for (size_t i = 0; i < html.len; i++) {
            opened += html.at[i] == '<' || html.at[i] == '>';
            cr_assert(html.at[i] == '\n' || html.at[i] == '\t' || (unsigned char)html.at[i] >= ' ');
            cr_assert(html.at[i] != 0x7f);
        }
        for (size_t i = 0; i < plain.len; i++) expected += plain.at[i] == '<' || plain.at[i] == '>';
        cr_assert(opened == expected);
        arena_reset(a);
    }
}

Test(product, the_letter_is_what_the_schema_says) {
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 22);
    const Shareable *s = product(a, "one", "two");
    Value *letter = shareable_letter(a, s, &letter_id, STR("demonstration"));
    Fault fault;
    Bytes bytes;
    const Value *back;
    cr_assert(schema_check(STRUCT_letter, letter, &fault) == 0, "%s", fault.path);
    cr_expect(!fault.unknown_fields);
    cr_assert(codec_encode(a, letter, &bytes) == 0 && codec_decode(a, bytes, &back, &fault) == 0);
    const Value *p = value_get(back, F_letter_product);
    Id id;
    cr_expect(value_id(back, F_letter_letter_id, &id) && id_eq(id, letter_id));
    cr_expect(value_id(p, F_product_product_id, &id) && id_eq(id, product_id));
    cr_expect(str_is(value_text(back, F_letter_agency), "education"));
    cr_expect(str_is(value_text(back, F_letter_kind), "product"));
    cr_expect(str_is(value_text(p, F_product_marking), "OFFICIAL-SENSITIVE"));
    cr_expect(str_is(value_text(p, F_product_purpose), "school_support"));
    cr_expect(str_eq(value_text(p, F_product_text), shareable_text(s)));
    cr_expect(str_eq(value_text(p, F_product_html), shareable_html(s)));
    const Value *section = value_item(p, F_product_section, 0);
    cr_expect(value_count(p, F_product_section) == 1 && value_count(section, F_section_line) == 2);
    cr_expect(value_text(section, F_section_signpost).len > 0);
    const Value *subject = value_item(p, F_product_subject, 0);
    const Value *upn = value_item(subject, F_subject_identifier, 0);
    cr_expect(str_is(value_text(upn, F_identifier_check), "ok"));
    cr_expect(value_count(value_item(p, F_product_subject, 1), F_subject_identifier) == 0);
    cr_expect(str_is(shareable_recipient(s), "education"));
}

Test(product, the_digest_covers_every_word) {
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 22);
    Hash one, same, other;
    cr_assert(shareable_digest(product(a, "one", "two"), &one));
    cr_assert(shareable_digest(product(a, "one", "two"), &same));
    cr_assert(shareable_digest(product(a, "one", "two."), &other));
    cr_expect(hash_eq(&one, &same) && !hash_eq(&one, &other));
}

/* ---- checks ---------------------------------------------------------------------------------- */

static const CheckRequest sound = {
    .check_id = {{1, 2, 3}},
    .agency = {"health", 6},
    .agency_name = {"Example General Hospital", 24},
    .gateway = {"ca1989_s47", 10},
    .threshold = {"s47", 3},
    .family_informed = {"no_risk", 7},
    .question = {"Any attendance <since> March?", 29},
    .answer_by = {"2026-11-22T18:00:00Z", 20},
    .subjects = subjects,
    .subject_count = 1,
};

Test(check, says_gateway_threshold_and_whether_the_family_was_told) {
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
    const Shareable *s = NULL;
    cr_assert(check_shareable(a, &sound, &s) == 0);
    static const char *const parts[] = {"Example General Hospital",
                                        "Children Act 1989 section 47",
                                        "significant harm",
                                        "not told: it would put somebody at risk",
                                        "Wei Chan",
                                        "born 2015-03",
                                        "2026-11-22T18:00:00Z"};
    size_t at;
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        cr_expect(str_find(shareable_text(s), str_z(parts[i]), &at), "%s", parts[i]);
        cr_expect(str_find(shareable_html(s), str_z(parts[i]), &at), "%s", parts[i]);
    }
    cr_expect(str_find(shareable_html(s), STR("Any attendance &lt;since&gt; March?"), &at));
    Value *letter = shareable_letter(a, s, &letter_id, STR("live"));
    Fault fault;
    cr_expect(schema_check(STRUCT_letter, letter, &fault) == 0, "%s", fault.path);
    const Value *check = value_get(letter, F_letter_check);
    cr_expect(str_is(value_text(letter, F_letter_kind), "check") &&
              !value_get(letter, F_letter_product));
    cr_expect(str_eq(value_text(check, F_check_question), sound.question));
    cr_expect(str_eq(value_text(check, F_check_gateway), sound.gateway));
    cr_expect(str_eq(value_text(check, F_check_threshold), sound.threshold));
    cr_expect(str_eq(value_text(check, F_check_family_informed), sound.family_informed));
    cr_expect(str_eq(value_text(check, F_check_answer_by), sound.answer_by));
    cr_assert(value_count(check, F_check_subject) == 1);
    cr_expect(str_eq(value_text(value_item(check, F_check_subject, 0), F_subject_name),
                     subjects[0].name));
    cr_expect(str_is(shareable_recipient(s), "health"));
}

static const int refusals[] = {
    REFUSE_gateway_missing,   REFUSE_gateway_missing, REFUSE_threshold_missing,
    REFUSE_threshold_missing, REFUSE_family_missing,  REFUSE_family_missing,
    REFUSE_missing_field,     REFUSE_bad_time,        REFUSE_missing_field};

Test(check, refuses_without_any_of_them) {
    for (size_t i = 0; i < COUNT_OF(refusals); i++) {
        _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
        CheckRequest c = sound;
        const Shareable *s = NULL;
        if (i == 0) c.gateway = (Str){0};
        if (i == 1) c.gateway = STR("because");
        if (i == 2) c.threshold = (Str){0};
        if (i == 3) c.threshold = STR("s99");
        if (i == 4) c.family_informed = (Str){0};
        if (i == 5) c.family_informed = STR("perhaps");
        if (i == 6) c.question = (Str){0};
        if (i == 7) c.answer_by = STR("soon");
        if (i == 8) c.subject_count = 0;
        cr_expect(check_shareable(a, &c, &s) == refusals[i], "case %zu", i);
        cr_expect(s == NULL);
    }
}

static const struct {
    const char *question;
    int outcome;
} cases_question[] = {
    {"Any attendance since March?", 0},
    {"Has Zarathene Vexmoor rung you?", REFUSE_question_names},
    {"Has VEXMOOR, Zarathene rung you?", REFUSE_question_names},
    {"Does 077 0090 0123 ring often?", REFUSE_question_names},
    {"How is Wei Chan at school?", 0},
    {"What is known of the Chan family?", 0},
    {"Does Mei Chan fetch her?", REFUSE_question_names},
    {"Is Wing Lam registered with you?", 0},
};

Test(check, asks_without_naming_who_must_not_be_named) {
    static const NetWord words[] = {{{"Vexmoor, Zarathene", 18}, NET_name, true, false},
                                    {{"07700900123", 11}, NET_telephone, true, false},
                                    {{"Chan, Mei", 9}, NET_name, true, false},
                                    {{"Lam, Wing", 9}, NET_name, false, false}};
    for (size_t i = 0; i < COUNT_OF(cases_question); i++) {
        _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
        CheckRequest c = sound;
        const Shareable *s = NULL;
        c.question = str_z(cases_question[i].question);
        c.words = words;
        c.word_count = COUNT_OF(words);
        int r = check_shareable(a, &c, &s);
        cr_expect(r == cases_question[i].outcome, "%s: %d", cases_question[i].question, r);
        cr_expect((s != NULL) == (r == 0));
    }
}

Test(product, without_memory_there_is_no_letter) {
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
    _cleanup_(arena_freep) Arena *small = arena_new(64);
    const Shareable *s = NULL;
    cr_assert(check_shareable(a, &sound, &s) == 0);
    cr_expect(shareable_letter(small, s, &letter_id, STR("live")) == NULL);
    arena_reset(small);
    cr_expect(check_shareable(small, &sound, &s) == ERR_MEMORY);
}
