/* See letters_text.h. */
#include "adapters/common/letters_text.h"

#include "schemas/codec.h"

#include <jansson.h>

/* A code as its meaning in words. */
static Str code_words(CodeList list, Str value) {
    CodeList at_list;
    const char *at_value, *doc;
    for (size_t i = 0; code_at(i, &at_list, &at_value, &doc); i++) {
        if (at_list == list && str_is(value, at_value)) return doc[0] ? str_z(doc) : value;
    }
    return value;
}

static Str subject_line(Arena *a, const Value *subject) {
    Str born = value_text(subject, F_subject_birth_date);
    Str line = arena_printf(a, "  %.*s%s%.*s\n", STR_ARG(value_text(subject, F_subject_name)),
                            born.len ? ", born " : "", STR_ARG(born));
    for (size_t i = 0; i < value_count(subject, F_subject_identifier); i++) {
        const Value *id = value_item(subject, F_subject_identifier, i);
        line = arena_printf(a, "%.*s    %.*s %.*s\n", STR_ARG(line),
                            STR_ARG(value_text(id, F_identifier_scheme)),
                            STR_ARG(value_text(id, F_identifier_value)));
    }
    return line;
}

Str check_text(Arena *a, const Value *check) {
    char id[ID_TEXT] = "";
    Id check_id;
    Str subjects = STR("");
    if (value_id(check, F_check_check_id, &check_id)) id_text(check_id, id);
    for (size_t i = 0; i < value_count(check, F_check_subject); i++) {
        Str line = subject_line(a, value_item(check, F_check_subject, i));
        subjects = arena_printf(a, "%.*s%.*s", STR_ARG(subjects), STR_ARG(line));
    }
    return arena_printf(
        a,
        "A question from the safeguarding hub\n\n"
        "Reference: %s\nAnswer by: %.*s\n\nAbout\n%.*s\nQuestion\n  %.*s\n\n"
        "Lawful gateway: %.*s\nThreshold: %.*s\nFamily told: %.*s\n\n"
        "To answer, fill in %s.json and put it into the folder \"reply\" beside this one.\n"
        "An answer may be: answered, nil_return (nothing relevant is known), or refused with a\n"
        "reason. Say for each piece of information what it is and how far it may go.\n",
        id, STR_ARG(value_text(check, F_check_answer_by)), STR_ARG(subjects),
        STR_ARG(value_text(check, F_check_question)),
        STR_ARG(code_words(LIST_gateway, value_text(check, F_check_gateway))),
        STR_ARG(code_words(LIST_threshold, value_text(check, F_check_threshold))),
        STR_ARG(code_words(LIST_family_informed, value_text(check, F_check_family_informed))), id);
}

Str authorise_text(Arena *a, const Value *asked) {
    char id[ID_TEXT] = "";
    Id request;
    if (value_id(asked, F_authorise_request_id, &request)) id_text(request, id);
    return arena_printf(
        a,
        "%.*s\nNothing of this leaves unless a named person of your agency agrees to it, as it "
        "stands.\nOn the machine that has your people key, with the adapter's program:\n\n"
        "  mash-... authorise %s.json --key YOUR_KEY\n"
        "  mash-... authorise %s.json --key YOUR_KEY --refuse REASON\n\n"
        "A grant may be taken back in the second way at any time. Reasons: detriment,\n"
        "source_at_risk, live_operation, court_order, privilege, not_accurate, not_necessary,\n"
        "adoption.\n",
        STR_ARG(value_text(asked, F_authorise_text)), id, id);
}

/* The form is refused as it stands: its outcome is still empty. */
static json_t *form_make(const char *id, Str question) {
    return json_pack("{s:o?, s:s, s:s, s:s, s:s, s:[{s:s, s:s, s:s, s:s}], s:[]}", "question",
                     json_loadb(question.at ? question.at : "", question.len, 0, NULL), "check_id",
                     id, "outcome", "", "reason", "", "answered_by", "", "items", "class", "",
                     "text", "", "summary", "", "tier", "signpost", "risk_factors");
}

Str check_form(Arena *a, const Value *check) {
    char id[ID_TEXT] = "";
    Id check_id;
    if (value_id(check, F_check_check_id, &check_id)) id_text(check_id, id);
    json_t *form = form_make(id, codec_json(a, STRUCT_check, check));
    char *text = form ? json_dumps(form, JSON_INDENT(2)) : NULL;
    Str copy = text ? arena_printf(a, "%s\n", text) : (Str){0};
    free(text);
    json_decref(form);
    return copy;
}
