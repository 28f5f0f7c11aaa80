/* An owner's choice: what it must say, and what two people sign. */
#include "schemas/choice.h"

#include <criterion/criterion.h>

static const Id message = {{1}};

typedef struct Case {
    const char *what, *class, *tier, *reason, *review;
    bool held;
    int endorsers, reason_expected;
    const char *path;
} Case;

static const Case cases[] = {
    {"share, of all", "", "share", "", "", false, 0, 0, ""},
    {"the default again", "incident", "", "", "", false, 0, 0, ""},
    {"sanitise", "incident", "sanitise", "", "", false, 0, 0, ""},
    {"a class that there is not", "gossip", "share", "", "", false, 0, REFUSE_code_unknown,
     "class"},
    {"signpost", "", "signpost", "detriment", "", false, 0, 0, ""},
    {"signpost, and not why", "", "signpost", "", "", false, 0, REFUSE_missing_field, "reason"},
    {"silent", "", "silent", "detriment", "2027-03-01", false, 2, 0, ""},
    {"silent, and not why", "", "silent", "", "2027-03-01", false, 2, REFUSE_missing_field,
     "reason"},
    {"silent for ever", "", "silent", "detriment", "", false, 2, REFUSE_missing_field, "review_on"},
    {"silent, by one", "", "silent", "detriment", "2027-03-01", false, 1, REFUSE_unendorsed,
     "endorsement"},
    {"held", "", "", "detriment", "2027-03-01", true, 2, 0, ""},
    {"held, by one", "", "", "detriment", "2027-03-01", true, 1, REFUSE_unendorsed, "endorsement"},
    {"held, whatever the tier", "", "share", "", "2027-03-01", true, 2, REFUSE_missing_field,
     "reason"},
};

static Value *choice(Arena *a, const Case *k) {
    Value *v = value_map(a);
    value_set_id(a, v, F_choice_message_id, &message);
    value_set_text(a, v, F_choice_class, str_z(k->class));
    value_set_text(a, v, F_choice_tier, str_z(k->tier));
    if (k->held) value_set_yes(a, v, F_choice_held_at_source, true);
    value_set_text(a, v, F_choice_reason, str_z(k->reason));
    value_set_text(a, v, F_choice_review_on, str_z(k->review));
    for (int i = 0; i < k->endorsers; i++) (void)value_add_map(a, v, F_choice_endorsement);
    value_set_text(a, v, F_choice_chosen_at, STR("2026-11-29T10:00:00Z"));
    return v;
}

Test(choice, withholding_needs_a_reason_and_leaving_no_trace_two_people_and_a_day) {
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        _cleanup_(arena_freep) Arena *a = arena_new(1 << 16);
        Fault fault;
        int r = choice_check(choice(a, &cases[i]), &fault);
        cr_expect(r == cases[i].reason_expected, "%s: %s", cases[i].what, reason_name(r));
        cr_expect_str_eq(fault.path, cases[i].path, "%s", cases[i].what);
    }
}

Test(choice, what_is_signed_is_every_word_of_it) {
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 16);
    const Case k = {"", "incident", "silent", "detriment", "2027-03-01", false, 0, 0, ""};
    Str text = choice_message(a, STR("live"), STR("police"), choice(a, &k));
    cr_expect(str_is(text, "mash/1 choice\nlive\npolice\n01000000-0000-0000-0000-000000000000\n"
                           "class incident\ntier silent\nheld_at_source no\nreason detriment\n"
                           "review_on 2027-03-01\nchosen_at 2026-11-29T10:00:00Z\n"));
    const Case bare = {"", "", "", "", "", true, 0, 0, ""};
    text = choice_message(a, STR("live"), STR("police"), choice(a, &bare));
    cr_expect(str_is(text, "mash/1 choice\nlive\npolice\n01000000-0000-0000-0000-000000000000\n"
                           "class all\ntier default\nheld_at_source yes\nreason none\n"
                           "review_on none\nchosen_at 2026-11-29T10:00:00Z\n"));
}
