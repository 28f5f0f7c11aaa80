/* See choice.h. */
#include "schemas/choice.h"

static int fault_set(Fault *fault, Reason reason, const char *path) {
    fault->reason = reason;
    (void)snprintf(fault->path, sizeof(fault->path), "%s", path);
    return (int)reason;
}

bool choice_is_grave(const Value *choice) {
    return value_yes(choice, F_choice_held_at_source) ||
           tier_by_name(value_text(choice, F_choice_tier)) == TIER_silent;
}

int choice_check(const Value *choice, Fault *ret_fault) {
    bool grave = choice_is_grave(choice);
    bool withholds = grave || tier_by_name(value_text(choice, F_choice_tier)) == TIER_signpost;
    Str class = value_text(choice, F_choice_class);
    *ret_fault = (Fault){0};
    if (class.len && class_by_name(class) == CLASS_none) {
        return fault_set(ret_fault, REFUSE_code_unknown, "class");
    }
    if (withholds && value_text(choice, F_choice_reason).len == 0) {
        return fault_set(ret_fault, REFUSE_missing_field, "reason");
    }
    if (grave && value_text(choice, F_choice_review_on).len == 0) {
        return fault_set(ret_fault, REFUSE_missing_field, "review_on");
    }
    if (grave && value_count(choice, F_choice_endorsement) < CHOICE_ENDORSERS) {
        return fault_set(ret_fault, REFUSE_unendorsed, "endorsement");
    }
    return 0;
}

static Str word_or(Str word, const char *otherwise) {
    return word.len ? word : str_z(otherwise);
}

Str choice_message(Arena *a, Str realm, Str owner, const Value *choice) {
    char message[ID_TEXT] = "";
    Id id;
    if (value_id(choice, F_choice_message_id, &id)) id_text(id, message);
    Str class = word_or(value_text(choice, F_choice_class), "all");
    Str tier = word_or(value_text(choice, F_choice_tier), "default");
    Str reason = word_or(value_text(choice, F_choice_reason), "none");
    Str review = word_or(value_text(choice, F_choice_review_on), "none");
    Str at = value_text(choice, F_choice_chosen_at);
    return arena_printf(a,
                        "mash/1 choice\n%.*s\n%.*s\n%s\nclass %.*s\ntier %.*s\n"
                        "held_at_source %s\nreason %.*s\nreview_on %.*s\nchosen_at %.*s\n",
                        STR_ARG(realm), STR_ARG(owner), message, STR_ARG(class), STR_ARG(tier),
                        value_yes(choice, F_choice_held_at_source) ? "yes" : "no",
                        STR_ARG(reason), STR_ARG(review), STR_ARG(at));
}
