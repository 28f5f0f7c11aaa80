/* The maker of checks: the hub's question to an agency, with minimum identity, the gateway, the
 * threshold and whether the family was told; never what another agency said. */
#include "broker/release/shareable.h"

static Value *check_value(Arena *a, const CheckRequest *check) {
    Value *v = value_map(a);
    value_set_id(a, v, F_check_check_id, &check->check_id);
    value_set_text(a, v, F_check_gateway, check->gateway);
    value_set_text(a, v, F_check_threshold, check->threshold);
    value_set_text(a, v, F_check_family_informed, check->family_informed);
    subjects_value(a, v, F_check_subject, check->subjects, check->subject_count);
    value_set_text(a, v, F_check_question, check->question);
    value_set_text(a, v, F_check_answer_by, check->answer_by);
    return v;
}

int check_shareable(Arena *a, const CheckRequest *check, const Shareable **ret) {
    if (!code_known(LIST_gateway, check->gateway)) return REFUSE_gateway_missing;
    if (!code_known(LIST_threshold, check->threshold)) return REFUSE_threshold_missing;
    if (!code_known(LIST_family_informed, check->family_informed)) return REFUSE_family_missing;
    if (text_hides(a, check->question, check->subjects, check->subject_count, check->words,
                   check->word_count)) {
        return arena_failed(a) ? ERR_MEMORY : REFUSE_question_names;
    }
    Shareable *s = arena_alloc(a, sizeof(*s));
    if (!s) return ERR_MEMORY;
    *s = (Shareable){
        .kind = F_letter_check,
        .title = "Safeguarding check",
        .id = check->check_id,
        .recipient = check->agency,
        .recipient_name = check->agency_name,
        .head = {{"Gateway", str_z(code_meaning(LIST_gateway, check->gateway))},
                 {"Threshold", str_z(code_meaning(LIST_threshold, check->threshold))},
                 {"Family told",
                  str_z(code_meaning(LIST_family_informed, check->family_informed))}},
        .subjects = check->subjects,
        .subject_count = check->subject_count,
        .blocks = {{"Question", check->question}, {"Answer by", check->answer_by}},
    };
    shareable_render(a, s);
    int r = shareable_finish(a, s, check_value(a, check));
    if (r == 0) *ret = s;
    return r;
}
