/* The maker of notices to referrers: what was decided, and when, about what they themselves told.
 * No name, and nothing that anybody said: the outcome is a code, in its list's words. */
#include "broker/release/contact.h"
#include "broker/release/shareable.h"

static Value *notice_value(Arena *a, const NoticeRequest *q, const Shareable *s) {
    Value *v = value_map(a);
    value_set_id(a, v, F_notice_notice_id, &q->notice_id);
    value_set_id(a, v, F_notice_message_id, &q->message_id);
    value_set_text(a, v, F_notice_outcome, q->outcome);
    value_set_text(a, v, F_notice_decided_at, q->decided_at);
    renderings_value(a, v, s, F_notice_text, F_notice_html);
    return v;
}

int notice_shareable(Arena *a, const NoticeRequest *q, const Shareable **ret) {
    Shareable *s = arena_alloc(a, sizeof(*s));
    char message[ID_TEXT];
    if (!s) return ERR_MEMORY;
    id_text(q->message_id, message);
    *s = (Shareable){
        .kind = F_letter_notice,
        .title = "What was decided about your referral",
        .id = q->notice_id,
        .recipient = q->agency,
        .recipient_name = q->agency_name,
        .head = {{"Your message", arena_str(a, str_z(message))},
                 {"Decided", q->decided_at},
                 {"Outcome", str_z(code_meaning(LIST_outcome, q->outcome))}},
    };
    shareable_render(a, s);
    int r = shareable_finish(a, s, notice_value(a, q, s));
    if (r == 0) *ret = s;
    return r;
}
