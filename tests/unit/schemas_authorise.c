/* An owner's word, offline: the file as it came is read and signed; an altered one is not; what is
 * signed is the text that PROTOCOL.md gives, and every part of it matters. */
#include "schemas/authorise.h"
#include "tests/unit/sample.h"

#include <criterion/criterion.h>

static Arena *arena;

static void open_arena(void) {
    arena = arena_new(4 << 20);
}
static void close_arena(void) {
    arena_free(arena);
}
TestSuite(authorise, .init = open_arena, .fini = close_arena);

static AuthorisationTerms terms(void) {
    AuthorisationTerms t = {.realm = STR("demonstration"),
                            .owner = STR("police"),
                            .verdict = STR("refused"),
                            .reason = STR("source_at_risk"),
                            .recipient = STR("education"),
                            .purpose = STR("safeguarding_assessment"),
                            .template = STR("product/1"),
                            .expires_on = STR("2026-12-06")};
    cr_assert(id_parse(STR("0f0e0d0c-0b0a-4908-8706-050403020100"), &t.request));
    cr_assert(sha256(NULL, 0, &t.section) == 0);
    return t;
}

Test(authorise, what_is_signed_is_the_protocols_example) {
    AuthorisationTerms t = terms();
    Str message = authorisation_message(arena, &t);
    cr_expect(str_is(message,
                     "mash/1 authorisation\ndemonstration\npolice\n"
                     "0f0e0d0c-0b0a-4908-8706-050403020100\nrefused source_at_risk\n"
                     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\neducation\n"
                     "safeguarding_assessment\nproduct/1\n2026-12-06\n"),
              "%.*s", STR_ARG(message));
}

Test(authorise, every_part_of_it_matters) {
    enum { PARTS = 10 };
    AuthorisationTerms t[PARTS + 1];
    for (size_t i = 0; i <= PARTS; i++) t[i] = terms();
    t[1].realm = STR("live");
    t[2].owner = STR("health");
    t[3].request.at[0] ^= 1;
    t[4].verdict = STR("granted");
    t[5].reason = STR("detriment");
    t[6].section.at[31] ^= 1;
    t[7].recipient = STR("health");
    t[8].purpose = STR("early_help");
    t[9].template = STR("product/2");
    t[10].expires_on = STR("2026-12-07");
    for (size_t i = 0; i <= PARTS; i++) {
        for (size_t k = 0; k < i; k++) {
            cr_expect(
                !str_eq(authorisation_message(arena, &t[i]), authorisation_message(arena, &t[k])),
                "%zu and %zu", i, k);
        }
    }
}

/* ---- the file -------------------------------------------------------------------------------- */

static Value *rendering(const char *words) {
    Value *r = value_map(arena);
    value_set_text(arena, r, F_rendering_template, STR("product/1"));
    value_set_text(arena, r, F_rendering_recipient, STR("education"));
    value_set_text(arena, r, F_rendering_purpose, STR("safeguarding_assessment"));
    Value *subject = value_add_map(arena, r, F_rendering_subject);
    value_set_text(arena, subject, F_subject_name, STR("Mei Chan"));
    Value *section = value_set_map(arena, r, F_rendering_section);
    value_set_text(arena, section, F_section_owner, STR("Example Constabulary"));
    Value *line = value_add_map(arena, section, F_section_line);
    value_set_text(arena, line, F_product_line_heading, STR("An offence"));
    value_set_text(arena, line, F_product_line_text, str_z(words));
    return r;
}

/* A letter that asks about the words `of`, and holds the words `held`. */
static Str letter(const char *of, const char *held) {
    Value *v = value_map(arena), *asked;
    Id id = terms().request;
    Bytes bytes;
    Hash section;
    cr_assert(codec_encode(arena, rendering(of), &bytes) == 0 && sha256(&bytes, 1, &section) == 0);
    value_set_number(arena, v, F_letter_version, PROTOCOL_VERSION);
    value_set_id(arena, v, F_letter_letter_id, &id);
    value_set_text(arena, v, F_letter_realm, STR("demonstration"));
    value_set_text(arena, v, F_letter_agency, STR("police"));
    value_set_text(arena, v, F_letter_kind, STR("authorise"));
    asked = value_set_map(arena, v, F_letter_authorise);
    value_set_id(arena, asked, F_authorise_request_id, &id);
    value_set_text(arena, asked, F_authorise_recipient_name, STR("Example Primary School"));
    value_set_hash(arena, asked, F_authorise_section, &section);
    value_set(arena, asked, F_authorise_rendering, rendering(held));
    value_set_text(arena, asked, F_authorise_expires_on, STR("2026-12-06"));
    value_set_text(arena, asked, F_authorise_answer_by, STR("2026-11-24T18:00:00Z"));
    value_set_text(arena, asked, F_authorise_text, STR("Something else entirely."));
    return codec_json(arena, STRUCT_letter, v);
}

static bool holds(Str words, const char *needle) {
    size_t at;
    return str_find(words, str_z(needle), &at);
}

Test(authorise, a_person_reads_what_she_signs_and_nothing_beside_it) {
    AuthoriseAsked asked;
    Fault fault;
    cr_assert(authorise_read(arena, letter("ALPHA", "ALPHA"), &asked, &fault) == 0);
    cr_expect(holds(asked.words, "ALPHA") && holds(asked.words, "Mei Chan"));
    cr_expect(holds(asked.words, "go to: education (the hub names it Example Primary School)"),
              "the name is no part of what she signs");
    cr_expect(!holds(asked.words, "Something else"));
    const char *steering = "A\x1b[2Jx\u202ey\u061cz";
    cr_assert(authorise_read(arena, letter(steering, steering), &asked, &fault) == 0);
    cr_expect(holds(asked.words, "A?[2Jx?y?z") && !holds(asked.words, "\x1b"),
              "no terminal is steered");
}

Test(authorise, a_file_that_is_not_as_it_came_is_not_read) {
    AuthoriseAsked asked;
    Fault fault;
    cr_expect(authorise_read(arena, letter("ALPHA", "BRAVO"), &asked, &fault) ==
              REFUSE_commitment_wrong);
    cr_expect(authorise_read(arena, STR("{}"), &asked, &fault) == REFUSE_missing_field);
    cr_expect(authorise_read(arena, STR("words"), &asked, &fault) > 0);
}

Test(authorise, the_answer_is_signed_by_who_gives_it) {
    AuthoriseAsked asked;
    Fault fault;
    KeyPair pair;
    const Value *word = NULL;
    cr_assert(ed25519_pair(&pair) == 0);
    cr_assert(authorise_read(arena, letter("ALPHA", "ALPHA"), &asked, &fault) == 0);
    Str now = STR("2026-11-24T12:00:00Z"), id = STR("0123456789abcdef");
    cr_expect(authorise_answer(arena, &asked, STR("because"), &pair.secret, id, now, &word) ==
              REFUSE_code_unknown);
    for (int refused = 0; refused < 2; refused++) {
        AuthorisationTerms t = asked.terms;
        t.verdict = refused ? STR("refused") : STR("granted");
        t.reason = refused ? STR("detriment") : (Str){0};
        cr_assert(authorise_answer(arena, &asked, t.reason, &pair.secret, id, now, &word) == 0);
        cr_assert(schema_check(STRUCT_authorisation, word, &fault) == 0, "%s", fault.path);
        cr_expect(str_eq(value_text(word, F_authorisation_verdict), t.verdict));
        Bytes signature =
            value_bytes(value_get(word, F_authorisation_endorsement), F_endorsement_signature);
        Str message = authorisation_message(arena, &t);
        cr_expect(ed25519_verify(&pair.public, str_bytes(message), signature));
        t.recipient = STR("health");
        message = authorisation_message(arena, &t);
        cr_expect(!ed25519_verify(&pair.public, str_bytes(message), signature));
    }
}
