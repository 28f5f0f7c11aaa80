/* The maker of an owner's reply to the professional who asked it: the outcome and the owner's own
 * words for this one person, under the same net as all that leaves. */
#include "broker/release/contact.h"
#include "broker/release/shareable.h"

static Value *reply_value(Arena *a, const ReplyRequest *q, const Shareable *s) {
    Value *v = value_map(a);
    value_set_id(a, v, F_replied_question_id, &q->question_id);
    value_set_id(a, v, F_replied_product_id, &q->product_id);
    value_set_text(a, v, F_replied_owner_name, q->owner_name);
    value_set_text(a, v, F_replied_outcome, q->outcome);
    value_set_text(a, v, F_replied_reason, q->reason);
    value_set_text(a, v, F_replied_reply, q->reply);
    renderings_value(a, v, s, F_replied_text, F_replied_html);
    return v;
}

/* Legend: outcome; whether it has words, and a reason. */
static const struct {
    const char *outcome;
    bool words, reason;
} outcomes[] = {
    {"answered", true, false},
    {"met", false, false},
    {"refused", false, true},
};

static int reply_whole(const ReplyRequest *q) {
    for (size_t i = 0; i < COUNT_OF(outcomes); i++) {
        if (!str_is(q->outcome, outcomes[i].outcome)) continue;
        bool words = str_trim(q->reply).len > 0, reason = q->reason.len > 0;
        if (words < outcomes[i].words || reason < outcomes[i].reason) return REFUSE_missing_field;
        return words > outcomes[i].words || reason > outcomes[i].reason ? REFUSE_argument_wrong : 0;
    }
    return REFUSE_code_unknown;
}

int reply_shareable(Arena *a, const ReplyRequest *q, const Shareable **ret) {
    int r = reply_whole(q);
    if (r) return r;
    if (text_hides(a, q->reply, q->about.subjects, q->about.subject_count, q->about.words,
                   q->about.word_count)) {
        return arena_failed(a) ? ERR_MEMORY : REFUSE_reply_names;
    }
    Shareable *s = arena_alloc(a, sizeof(*s));
    if (!s) return ERR_MEMORY;
    char product[ID_TEXT];
    id_text(q->product_id, product);
    *s = (Shareable){
        .kind = F_letter_signpost_reply,
        .title = "Reply to your question",
        .id = q->question_id,
        .recipient = q->asking,
        .recipient_name = q->asking_name,
        .head = {{"From", q->owner_name},
                 {"About the product", arena_str(a, str_z(product))},
                 {"Outcome", str_z(code_meaning(LIST_signpost_outcome, q->outcome))},
                 {"Reason", str_z(code_meaning(LIST_refusal_reason, q->reason))}},
        .blocks = {{"Reply", q->reply}},
    };
    shareable_render(a, s);
    r = shareable_finish(a, s, reply_value(a, q, s));
    if (r == 0) *ret = s;
    return r;
}
