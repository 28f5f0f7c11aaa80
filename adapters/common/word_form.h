/* The forms by which people at the agency's desk say something about what is at the hub already,
 * and the blank ones that are laid beside what it is about. JSON, flat, every name known: what a
 * form says becomes one message (schemas/fields.def), checked as intake will check it. Pure. */
#ifndef MASH_WORD_FORM_H
#define MASH_WORD_FORM_H

#include "adapters/common/form.h"

typedef struct FormField FormField;

typedef struct WordForm {
    StructKind kind;
    const FormField *fields; /* ends where the name is NULL */
    uint32_t subject;        /* the field with the id that the form is about */
    uint32_t minted;         /* the field with an id of its own, or 0 */
    uint32_t at;             /* the field with the time */
    uint32_t person;         /* the field with the contact, or 0 */
} WordForm;

/* Ask an owner whom a signpost named: product_id, owner, question, name, role, phone, email. */
extern const WordForm form_ask;
/* Reply to such a question: question_id, outcome, reason, reply. */
extern const WordForm form_reply;
/* Confirm a recall: recall_id, done, name. */
extern const WordForm form_confirm;
/* Correct or withdraw what was said: message_id, class, kind, text, summary. */
extern const WordForm form_correct;

/* The form as its message. `id` is the minted one; NULL where there is none. 0, or a REFUSE_* with
 * the field's place in ret_fault, never what was written there. */
int word_read(Arena *a, const WordForm *f, const Id *id, Bytes content, int64_t now_ms, Value **ret,
              Fault *ret_fault) _must_check_;

/* An empty one about `id`; `told` is put beside it for a person to read (taken over, may be NULL).
 * `owner`: of form_ask. {0} when memory failed. */
Str word_blank(Arena *a, const WordForm *f, Id id, Str owner, json_t *told);
/* Whether a blank form is of this kind. */
bool word_is(const WordForm *f, const json_t *blank);

#endif
