/* The maker of questions to the owner behind a signpost: who asks, about whom, what, and until
 * when. Nothing of the product but whom it is about; nothing that anybody said. */
#include "broker/release/contact.h"
#include "broker/release/shareable.h"

static Value *question_value(Arena *a, const QuestionRequest *q, const Shareable *s) {
    Value *v = value_map(a);
    value_set_id(a, v, F_asked_question_id, &q->question_id);
    value_set_text(a, v, F_asked_recipient_name, q->asking_name);
    Value *asker = value_set_map(a, v, F_asked_asker);
    value_set_text(a, asker, F_contact_name, q->name);
    value_set_text(a, asker, F_contact_role, q->role);
    value_set_text(a, asker, F_contact_phone, q->phone);
    value_set_text(a, asker, F_contact_email, q->email);
    subjects_value(a, v, F_asked_subject, q->about.subjects, q->about.subject_count);
    value_set_text(a, v, F_asked_question, q->question);
    value_set_text(a, v, F_asked_answer_by, q->answer_by);
    renderings_value(a, v, s, F_asked_text, F_asked_html);
    return v;
}

/* Everything that the asker wrote. */
static bool question_named(Arena *a, const QuestionRequest *q) {
    const Str written[] = {q->question, q->name, q->role, q->phone, q->email};
    for (size_t i = 0; i < COUNT_OF(written); i++) {
        if (text_hides(a, written[i], q->about.subjects, q->about.subject_count, q->about.words,
                       q->about.word_count)) {
            return true;
        }
    }
    return false;
}

int question_shareable(Arena *a, const QuestionRequest *q, const Shareable **ret) {
    if (question_named(a, q)) return arena_failed(a) ? ERR_MEMORY : REFUSE_question_names;
    Shareable *s = arena_alloc(a, sizeof(*s));
    if (!s) return ERR_MEMORY;
    *s = (Shareable){
        .kind = F_letter_signpost_question,
        .title = "A professional asks you",
        .id = q->question_id,
        .recipient = q->owner,
        .recipient_name = q->owner_name,
        .head = {{"From", q->asking_name},
                 {"Name", q->name},
                 {"Role", q->role},
                 {"Telephone", q->phone},
                 {"E-mail", q->email}},
        .subjects = q->about.subjects,
        .subject_count = q->about.subject_count,
        .blocks = {{"Question", q->question}, {"Answer by", q->answer_by}},
    };
    shareable_render(a, s);
    int r = shareable_finish(a, s, question_value(a, q, s));
    if (r == 0) *ret = s;
    return r;
}
