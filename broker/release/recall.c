/* The maker of recalls: what was received and counts no more, what takes its place as far as the
 * owner's rules let it out to this recipient, and by when to confirm. */
#include "broker/release/contact.h"
#include "broker/release/shareable.h"

static const char old_unsaid[] = "What you received from this owner under this heading.";

static Value *recall_value(Arena *a, const RecallRequest *q, const Shareable *s) {
    Value *v = value_map(a);
    value_set_id(a, v, F_recall_recall_id, &q->recall_id);
    value_set_id(a, v, F_recall_product_id, &q->product_id);
    value_set_text(a, v, F_recall_owner_name, q->owner_name);
    value_set_text(a, v, F_recall_kind, q->kind);
    value_set_text(a, v, F_recall_heading, str_z(class_doc(q->class)));
    value_set_text(a, v, F_recall_old, s->blocks[0].words);
    value_set_text(a, v, F_recall_new, s->blocks[1].words);
    value_set_text(a, v, F_recall_confirm_by, q->confirm_by);
    renderings_value(a, v, s, F_recall_text, F_recall_html);
    return v;
}

static bool named(Arena *a, const RecallRequest *q, Str words) {
    return text_hides(a, words, q->about.subjects, q->about.subject_count, q->about.words,
                      q->about.word_count);
}

int recall_shareable(Arena *a, const RecallRequest *q, const Shareable **ret) {
    Shareable *s = arena_alloc(a, sizeof(*s));
    char product[ID_TEXT];
    id_text(q->product_id, product);
    Str old = q->old.len == 0 || named(a, q, q->old) ? str_z(old_unsaid) : q->old;
    Str new = named(a, q, q->new) ? (Str){0} : q->new;
    if (!s || arena_failed(a)) return ERR_MEMORY;
    *s = (Shareable){
        .kind = F_letter_recall,
        .title = "Information that you received counts no more",
        .id = q->recall_id,
        .recipient = q->agency,
        .recipient_name = q->agency_name,
        .head = {{"From", q->owner_name},
                 {"It was in the product", arena_str(a, str_z(product))},
                 {"What happened", str_z(code_meaning(LIST_correction, q->kind))},
                 {"Under the heading", str_z(class_doc(q->class))}},
        .blocks = {{"What you received", old},
                   {"What takes its place", new},
                   {"Correct your record, and confirm by", q->confirm_by}},
    };
    shareable_render(a, s);
    int r = shareable_finish(a, s, recall_value(a, q, s));
    if (r == 0) *ret = s;
    return r;
}
