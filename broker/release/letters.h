/* What may leave, and its makers. A Shareable is a whole letter, rendered and checked: nothing else
 * can be sealed for an agency. Each kind of letter has one maker in a file of its own:
 *
 *   product.c    product: what the owners' rules let one recipient have, by way of redact.h
 *   check.c      check: a question, with minimum identity
 *   authorise.c  authorise: an owner is asked for its word on its own section
 *
 * and those of contact.h.
 *
 * A new kind is a field of the letter in schemas/fields.def, a code of the list `letter`, and a
 * maker as short as check.c; shareable.h says how. */
#ifndef MASH_LETTERS_H
#define MASH_LETTERS_H

#include "broker/release/detect.h"
#include "schemas/codec.h"

/* ---- shareable.c ---------------------------------------------------------------------------- */

typedef struct Shareable Shareable;

Str shareable_recipient(const Shareable *s); /* agency code */
Str shareable_text(const Shareable *s);
Str shareable_html(const Shareable *s); /* one complete page, no script, no outside reference */
/* The same for clinical systems: a FHIR R4 document, one JSON object (render_fhir.c). {0} when the
 * arena failed. */
Str shareable_fhir(Arena *a, const Shareable *s);
/* The value of its kind, as the letter holds it, and of which structure that is. */
const Value *shareable_value(const Shareable *s, StructKind *ret_kind);
bool shareable_digest(const Shareable *s, Hash *ret); /* SHA-256 of its canonical value */
/* The `letter` value for the courier. NULL when the arena failed. */
Value *shareable_letter(Arena *a, const Shareable *s, const Id *letter_id, Str realm);

/* The one scheme of number that agencies of this type use themselves ("upn"); {0}: none. No other
 * number of a subject leaves. */
Str identifier_scheme(Str agency_type);

/* ---- check.c -------------------------------------------------------------------------------- */

typedef struct CheckRequest {
    Id check_id; /* random */
    Str agency, agency_name; /* it goes to */
    Str gateway, threshold, family_informed, question, answer_by;
    const Subject *subjects;
    size_t subject_count;
    const NetWord *words; /* of everybody in the enquiry; see forbidden_words */
    size_t word_count;
} CheckRequest;

/* REFUSE_gateway_missing, REFUSE_threshold_missing, REFUSE_family_missing, REFUSE_question_names
 * when the question holds what hides, or schema_check's. */
int check_shareable(Arena *a, const CheckRequest *check, const Shareable **ret) _must_check_;

#endif
