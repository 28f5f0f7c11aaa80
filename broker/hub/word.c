/* Which file obeys which word; see word.h. */
#include "broker/hub/word.h"

#include "broker/hub/contact.h"
#include "broker/hub/origin.h"

typedef int (*Handler)(Hub *h, Arena *a, const Work *w);

/* Legend: kind of content, who obeys it. */
static const struct {
    StructKind kind;
    Handler obey;
} handlers[] = {
    {STRUCT_authorisation, word_authorisation},
    {STRUCT_choice, word_choice},
    {STRUCT_signpost_question, signpost_question_take},
    {STRUCT_signpost_reply, signpost_reply_take},
    {STRUCT_correction, correction_take},
    {STRUCT_confirmation, confirmation_take},
};

/* The message's own key, so that it opens when intake's pair is gone. */
static int key_keep(Hub *h, Arena *a, const Work *w) {
    Id id;
    Bytes wrapped;
    int r = vault_message_id(w->agency, w->id, &id);
    if (r == 0) r = vault_wrap(h, a, id, &w->key, &wrapped);
    return r == 0 ? vault_put_wrapped(h, a, &id, &wrapped, 1) : r;
}

int word_take(Hub *h, Arena *a, Work *w) {
    for (size_t i = 0; i < COUNT_OF(handlers); i++) {
        if (handlers[i].kind != w->kind) continue;
        int r = origin_proved(h, a, w);
        if (r == 0) r = key_keep(h, a, w);
        if (r == 0) r = handlers[i].obey(h, a, w);
        if (r == 0) w->treatment = w->content;
        return r;
    }
    return REFUSE_message_not_allowed;
}
