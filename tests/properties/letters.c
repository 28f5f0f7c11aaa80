/* The properties of every other letter (R10, R12), on random requests:
 *
 *   1 two requests that differ only in who must not be named, in the words as in the list, end
 *     alike: the same refusal, or the same bytes
 *   2 whoever must not be named is heard in none of them, in whatever encoding
 *   3 an owner who is asked for its word is asked the same whatever others hold, are asked, and
 *     told of people */
#include "broker/release/contact.h"
#include "tests/properties/world.h"

/* Words that hold no canary but, now and then, the name of somebody who must not be named. */
static Str words_new(Arena *a, Dice *d, const World *w) {
    static const char *const said[] = {
        "Has she been seen since Monday?", "<b>&amp;\"'", "a\nb", "{\"x\":1}", "MSH|^~\\&|", ""};
    Str text = str_z(said[dice(d, COUNT_OF(said))]);
    if (dice(d, 4)) return text;
    Str name = w->names[dice(d, NAMES - 2)].text;
    return arena_printf(a, "%.*s %.*s", STR_ARG(text), STR_ARG(name));
}

static Id id_new(Dice *d) {
    Id id;
    for (size_t i = 0; i < sizeof(id.at); i++) id.at[i] = (uint8_t)dice(d, 256);
    return id;
}

static About about(const World *w) {
    return (About){&w->subject, 1, w->names, NAMES};
}

/* ---- the makers: each makes its request out of the same dice and another world's words ------- */

static int check(Arena *a, Dice *d, const World *w, const Shareable **ret) {
    CheckRequest q = {.check_id = id_new(d),
                      .agency = w->request.recipient,
                      .agency_name = w->request.recipient_name,
                      .gateway = STR("ca1989_s17"),
                      .threshold = STR("s17"),
                      .family_informed = STR("no_delay"),
                      .question = words_new(a, d, w),
                      .answer_by = STR("2026-11-23T18:00:00Z"),
                      .subjects = &w->subject,
                      .subject_count = 1,
                      .words = w->names,
                      .word_count = NAMES};
    return check_shareable(a, &q, ret);
}

static int question(Arena *a, Dice *d, const World *w, const Shareable **ret) {
    QuestionRequest q = {.question_id = id_new(d),
                         .owner = STR("police"),
                         .owner_name = STR("Eastmarch Police"),
                         .asking_name = w->request.recipient_name,
                         .name = words_new(a, d, w),
                         .role = words_new(a, d, w),
                         .phone = STR("01632 960103"),
                         .email = words_new(a, d, w),
                         .question = words_new(a, d, w),
                         .answer_by = STR("2026-11-23T18:00:00Z"),
                         .about = about(w)};
    return question_shareable(a, &q, ret);
}

static int reply(Arena *a, Dice *d, const World *w, const Shareable **ret) {
    ReplyRequest q = {.question_id = id_new(d),
                      .product_id = id_new(d),
                      .asking = w->request.recipient,
                      .asking_name = w->request.recipient_name,
                      .owner_name = STR("Eastmarch Police"),
                      .outcome = STR("answered"),
                      .reply = words_new(a, d, w),
                      .about = about(w)};
    return reply_shareable(a, &q, ret);
}

static int recall(Arena *a, Dice *d, const World *w, const Shareable **ret) {
    RecallRequest q = {.recall_id = id_new(d),
                       .product_id = id_new(d),
                       .agency = w->request.recipient,
                       .agency_name = w->request.recipient_name,
                       .owner_name = STR("Eastmarch Police"),
                       .kind = STR("corrected"),
                       .class = CLASS_incident,
                       .old = words_new(a, d, w),
                       .new = words_new(a, d, w),
                       .confirm_by = STR("2026-11-24T18:00:00Z"),
                       .about = about(w)};
    return recall_shareable(a, &q, ret);
}

static int notice(Arena *a, Dice *d, const World *w, const Shareable **ret) {
    NoticeRequest q = {.notice_id = id_new(d),
                       .message_id = id_new(d),
                       .agency = w->request.recipient,
                       .agency_name = w->request.recipient_name,
                       .outcome = STR("assessment_s17"),
                       .decided_at = STR("2026-11-22T18:00:00Z")};
    (void)a;
    return notice_shareable(a, &q, ret);
}

static const struct {
    const char *kind;
    int (*make)(Arena *a, Dice *d, const World *w, const Shareable **ret);
} makers[] = {{"a check", check},
              {"a question", question},
              {"a reply", reply},
              {"a recall", recall},
              {"a notice", notice}};

/* ---- the properties -------------------------------------------------------------------------- */

static const char *fault_of(const char *kind, const char *what) {
    static char said[120];
    (void)snprintf(said, sizeof(said), "%s: %s", kind, what);
    return said;
}

static bool same(const Outbound *one, const Outbound *two) {
    if (one->outcome != two->outcome) return false;
    for (size_t i = 0; i < FORMS; i++) {
        if (!str_eq(one->form[i], two->form[i])) return false;
    }
    return bytes_eq(one->letter, two->letter);
}

static bool heard(const Outbound *o) {
    for (size_t i = 0; i < FORMS; i++) {
        size_t plain = 0;
        if (canary_encoded(o->form[i], &plain) || plain) return true;
    }
    return false;
}

static Outbound made(Arena *a, size_t maker, Dice d, const World *w) {
    const Shareable *s = NULL;
    int r = makers[maker].make(a, &d, w, &s);
    return r ? (Outbound){.outcome = r} : outbound(a, s);
}

static const char *try_maker(Arena *a, Dice *d, size_t maker, const World *w, Tally *t) {
    World other = *w;
    world_rename(a, &other, (Str){0});
    Dice own = {dice(d, SIZE_MAX)};
    Outbound one = made(a, maker, own, w), two = made(a, maker, own, &other);
    t->letters++;
    t->letters_refused += one.outcome > 0;
    if (one.outcome < 0) return fault_of(makers[maker].kind, "it failed");
    if (!same(&one, &two)) return fault_of(makers[maker].kind, "who is not named shows");
    return heard(&one) ? fault_of(makers[maker].kind, "who must not be named is heard") : NULL;
}

static Outbound asked(Arena *a, const Redacted *r, Str owner) {
    static const Id id = {{7, 7, 7}};
    for (size_t i = 0; i < r->wanted_count; i++) {
        if (!str_eq(r->wanted[i].owner, owner)) continue;
        const Shareable *s = NULL;
        AuthoriseRequest q = {id, STR("Garnet Primary"), STR("2026-12-22"),
                              STR("2026-11-23T18:00:00Z"), &r->wanted[i]};
        int failed = authorise_shareable(a, &q, &s);
        return failed ? (Outbound){.outcome = failed} : outbound(a, s);
    }
    return (Outbound){.outcome = REFUSE_nothing_to_share};
}

static const char *try_asked(Arena *a, Dice *d, const World *w, Tally *t) {
    World here = *w;
    Outbound mine = world_out(a, &here);
    for (size_t i = 0; i < mine.redacted.wanted_count; i++) {
        Str owner = mine.redacted.wanted[i].owner;
        if (!world_mentions(w, owner)) continue; /* is told her name as who is asked about her */
        World other = world_others(a, d, w, owner);
        Outbound theirs = world_out(a, &other);
        Outbound one = asked(a, &mine.redacted, owner), two = asked(a, &theirs.redacted, owner);
        t->asked++;
        if (!same(&one, &two)) return "an owner is asked by what another holds";
    }
    return NULL;
}

const char *letters_try(Arena *a, Dice *d, const World *w, Tally *t) {
    const char *fault = NULL;
    for (size_t i = 0; !fault && i < COUNT_OF(makers); i++) fault = try_maker(a, d, i, w, t);
    return fault ? fault : try_asked(a, d, w, t);
}
