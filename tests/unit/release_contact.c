/* Questions, replies, recalls and notices as letters: in the shape of the schema, with all that
 * belongs in them and nothing of what does not, whoever must not be named. */
#include "tests/unit/release_kit.h"

static const Id first_id = {{0x2f, 1, 2, 3, 4, 5, 0x46, 7, 0x88, 9, 10, 11, 12, 13, 14, 15}};
static const Id second_id = {{0x77, 1, 2, 3, 4, 5, 0x46, 7, 0x88, 9, 10, 11, 12, 13, 14, 15}};
static const Id letter_id = {{0x55, 1, 2, 3, 4, 5, 0x46, 7, 0x88, 9, 10, 11, 12, 13, 14, 15}};

static const Subject subject = {.name = {"Wei Chan", 8}, .birth_date = {"2015-03", 7}};
static const NetWord hidden[] = {{{"Zarathene Vexmoor", 17}, NET_name, true, false},
                                 {{"07700900123", 11}, NET_telephone, true, false},
                                 {{"Chan", 4}, NET_name, true, false}};
static const About about = {
    .subjects = &subject, .subject_count = 1, .words = hidden, .word_count = COUNT_OF(hidden)};

static const QuestionRequest question = {
    .question_id = first_id,
    .owner = {"police", 6},
    .owner_name = {"Example Constabulary", 20},
    .asking_name = {"Garnet & Opal School", 20},
    .name = {"J. Oduya", 8},
    .role = {"Safeguarding lead", 17},
    .phone = {"01632 960103", 12},
    .email = {"j.oduya@example.org", 19},
    .question = {"May I ring <about> his evenings?", 32},
    .answer_by = {"2026-11-23T18:00:00Z", 20},
    .about = about,
};
static const ReplyRequest reply = {
    .question_id = first_id,
    .product_id = second_id,
    .asking = {"education", 9},
    .asking_name = {"Garnet & Opal School", 20},
    .owner_name = {"Example Constabulary", 20},
    .outcome = {"answered", 8},
    .reply = {"Please ring before he goes home.", 32},
    .about = about,
};
static const RecallRequest recall = {
    .recall_id = first_id,
    .product_id = second_id,
    .agency = {"education", 9},
    .agency_name = {"Garnet & Opal School", 20},
    .owner_name = {"Example Constabulary", 20},
    .kind = {"corrected", 9},
    .class = CLASS_incident,
    .old = {"There was a fight on 3 May.", 27},
    .new = {"There was a fight on 3 June.", 28},
    .confirm_by = {"2026-11-24T18:00:00Z", 20},
    .about = about,
};
static const NoticeRequest notice = {
    .notice_id = first_id,
    .message_id = second_id,
    .agency = {"health", 6},
    .agency_name = {"Example General Hospital", 24},
    .outcome = {"assessment_s17", 14},
    .decided_at = {"2026-11-22T18:00:00Z", 20},
};

/* Legend: kind, its field, whom it goes to, and what must be read in it. */
static const struct {
    const char *kind;
    uint32_t field;
    const char *recipient, *says[8];
} kinds[] = {
    {"signpost_question", F_letter_signpost_question, "police",
     {"Garnet & Opal School", "J. Oduya", "Safeguarding lead", "01632 960103",
      "j.oduya@example.org", "Wei Chan, born 2015-03", "May I ring <about> his evenings?",
      "2026-11-23T18:00:00Z"}},
    {"signpost_reply", F_letter_signpost_reply, "education",
     {"Example Constabulary", "the owner replies in words of its own",
      "Please ring before he goes home.", "77010203-0405-4607-8809-0a0b0c0d0e0f"}},
    {"recall", F_letter_recall, "education",
     {"Example Constabulary", "77010203-0405-4607-8809-0a0b0c0d0e0f",
      "There was a fight on 3 May.", "There was a fight on 3 June.", "2026-11-24T18:00:00Z",
      "the new words take the place of the old", "an event reported to or attended by the owner"}},
    {"notice", F_letter_notice, "health",
     {"77010203-0405-4607-8809-0a0b0c0d0e0f", "child in need assessment",
      "2026-11-22T18:00:00Z"}},
};

static int make(Arena *a, size_t kind, About who, const Shareable **ret) {
    QuestionRequest q = question;
    ReplyRequest p = reply;
    RecallRequest l = recall;
    q.about = p.about = l.about = who;
    *ret = NULL;
    switch (kind) {
    case 0: return question_shareable(a, &q, ret);
    case 1: return reply_shareable(a, &p, ret);
    case 2: return recall_shareable(a, &l, ret);
    default: return notice_shareable(a, &notice, ret);
    }
}

static const Value *letter_of(Arena *a, const Shareable *s, Bytes *ret) {
    const Value *letter = shareable_letter(a, s, &letter_id, STR("live"));
    cr_assert(letter && codec_encode(a, letter, ret) == 0);
    return letter;
}

Test(contact, each_is_a_letter_of_its_kind) {
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
        const Shareable *s = NULL;
        Fault fault;
        Bytes bytes;
        size_t at;
        cr_assert(make(a, i, about, &s) == 0, "%s", kinds[i].kind);
        const Value *letter = letter_of(a, s, &bytes);
        cr_expect(schema_check(STRUCT_letter, letter, &fault) == 0, "%s", fault.path);
        cr_expect(str_is(value_text(letter, F_letter_kind), kinds[i].kind));
        cr_expect(str_is(shareable_recipient(s), kinds[i].recipient));
        cr_expect(value_get(letter, kinds[i].field) != NULL);
        for (size_t k = 0; k < COUNT_OF(kinds[i].says) && kinds[i].says[k]; k++) {
            cr_expect(str_find(shareable_text(s), str_z(kinds[i].says[k]), &at), "%s: %s",
                      kinds[i].kind, kinds[i].says[k]);
        }
    }
}

/* Legend: kind, field of its value, what stands there. */
static const struct {
    size_t kind;
    uint32_t field;
    const char *words;
} fields[] = {
    {0, F_asked_recipient_name, "Garnet & Opal School"},
    {0, F_asked_question, "May I ring <about> his evenings?"},
    {0, F_asked_answer_by, "2026-11-23T18:00:00Z"},
    {1, F_replied_owner_name, "Example Constabulary"},
    {1, F_replied_outcome, "answered"},
    {1, F_replied_reply, "Please ring before he goes home."},
    {2, F_recall_owner_name, "Example Constabulary"},
    {2, F_recall_kind, "corrected"},
    {2, F_recall_heading, "an event reported to or attended by the owner"},
    {2, F_recall_old, "There was a fight on 3 May."},
    {2, F_recall_new, "There was a fight on 3 June."},
    {2, F_recall_confirm_by, "2026-11-24T18:00:00Z"},
    {3, F_notice_outcome, "assessment_s17"},
    {3, F_notice_decided_at, "2026-11-22T18:00:00Z"},
};
static const struct {
    size_t kind;
    uint32_t field;
    const Id *id;
} ids[] = {
    {0, F_asked_question_id, &first_id},    {1, F_replied_question_id, &first_id},
    {1, F_replied_product_id, &second_id},  {2, F_recall_recall_id, &first_id},
    {2, F_recall_product_id, &second_id},   {3, F_notice_notice_id, &first_id},
    {3, F_notice_message_id, &second_id},
};

/* A system reads the value, and not the text. */
Test(contact, each_has_every_field_of_its_own) {
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
    const Value *at[COUNT_OF(kinds)];
    StructKind kind;
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        const Shareable *s = NULL;
        cr_assert(make(a, i, about, &s) == 0);
        at[i] = shareable_value(s, &kind);
    }
    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        Str words = value_text(at[fields[i].kind], fields[i].field);
        cr_expect(str_is(words, fields[i].words), "%s: %.*s", fields[i].words, STR_ARG(words));
    }
    for (size_t i = 0; i < COUNT_OF(ids); i++) {
        Id id;
        cr_expect(value_id(at[ids[i].kind], ids[i].field, &id) && id_eq(id, *ids[i].id), "id %zu",
                  i);
    }
    const Value *asker = value_get(at[0], F_asked_asker);
    cr_expect(str_eq(value_text(asker, F_contact_name), question.name));
    cr_expect(str_eq(value_text(asker, F_contact_role), question.role));
    cr_expect(str_eq(value_text(asker, F_contact_phone), question.phone));
    cr_expect(str_eq(value_text(asker, F_contact_email), question.email));
    cr_assert(value_count(at[0], F_asked_subject) == 1);
    const Value *child = value_item(at[0], F_asked_subject, 0);
    cr_expect(str_eq(value_text(child, F_subject_name), subject.name));
    cr_expect(str_eq(value_text(child, F_subject_birth_date), subject.birth_date));
}

/* The page says the same; what would not fit into a letter leaves as text alone. */
Test(contact, each_has_a_page_where_that_has_room) {
    static const uint32_t pages[] = {F_asked_html, F_replied_html, F_recall_html, F_notice_html};
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
        const Shareable *s = NULL;
        Bytes bytes;
        cr_assert(make(a, i, about, &s) == 0, "%s", kinds[i].kind);
        const Value *v = value_get(letter_of(a, s, &bytes), kinds[i].field);
        cr_expect(str_eq(value_text(v, pages[i]), shareable_html(s)), "%s", kinds[i].kind);
        cr_expect(shareable_html(s).len > shareable_text(s).len);
    }
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 22);
    const Shareable *s = NULL;
    char quotes[20000];
    RecallRequest q = recall;
    Bytes bytes;
    memset(quotes, '"', sizeof(quotes));
    q.old = (Str){.at = quotes, .len = sizeof(quotes)};
    cr_assert(recall_shareable(a, &q, &s) == 0);
    const Value *v = value_get(letter_of(a, s, &bytes), F_letter_recall);
    cr_expect(value_text(v, F_recall_html).len == 0 && value_text(v, F_recall_text).len > 20000);
}

/* R10: whoever must not be named shows in no byte, as long as nobody names them. */
Test(contact, who_must_not_be_named_changes_no_byte) {
    Random random = random_new("contact");
    for (size_t i = 0; i < 500 * COUNT_OF(kinds); i++) {
        _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
        const Shareable *one = NULL, *other = NULL;
        Bytes one_bytes, other_bytes;
        About who = about;
        NetWord some[4];
        who.words = some;
        who.word_count = random_below(&random, COUNT_OF(some));
        for (size_t k = 0; k < who.word_count; k++) {
            Str name = arena_printf(a, "Canary%zuZ%zu", random_below(&random, 1000), k);
            some[k] = (NetWord){.text = name, .kind = NET_name, .hides = true};
        }
        cr_assert(make(a, i % COUNT_OF(kinds), about, &one) == 0);
        cr_assert(make(a, i % COUNT_OF(kinds), who, &other) == 0);
        (void)letter_of(a, one, &one_bytes);
        (void)letter_of(a, other, &other_bytes);
        cr_assert(bytes_eq(one_bytes, other_bytes), "MASH_SEED=%llu case %zu",
                  (unsigned long long)random.seed, i);
        cr_assert(str_eq(shareable_html(one), shareable_html(other)));
    }
}

static const char *const naming[] = {"Has Zarathene Vexmoor rung?", "VEXMOOR, Zarathene",
                                     "It was Vexmoor's idea.", "077 0090 0123"};

Test(contact, a_question_names_nobody_wherever_it_would) {
    for (size_t i = 0; i < COUNT_OF(naming); i++) {
        for (size_t place = 0; place < 5; place++) {
            _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
            const Shareable *s = NULL;
            QuestionRequest q = question;
            Str *at[] = {&q.question, &q.name, &q.role, &q.phone, &q.email};
            *at[place] = str_z(naming[i]);
            cr_expect(question_shareable(a, &q, &s) == REFUSE_question_names && !s, "%s at %zu",
                      naming[i], place);
        }
    }
}

Test(contact, nor_does_a_reply) {
    for (size_t i = 0; i < COUNT_OF(naming); i++) {
        _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
        const Shareable *s = NULL;
        ReplyRequest q = reply;
        q.reply = str_z(naming[i]);
        cr_expect(reply_shareable(a, &q, &s) == REFUSE_reply_names && !s, "%s", naming[i]);
    }
}

Test(contact, the_child_may_be_named) {
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
    const Shareable *s = NULL;
    QuestionRequest q = question;
    q.question = STR("How is Wei Chan?");
    cr_expect(question_shareable(a, &q, &s) == 0);
}

/* What was received cannot be unsaid, but it is not said again. */
Test(contact, a_recall_repeats_no_forbidden_name) {
    for (size_t i = 0; i < COUNT_OF(naming); i++) {
        _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
        const Shareable *s = NULL;
        StructKind kind;
        RecallRequest q = recall;
        q.old = q.new = str_z(naming[i]);
        cr_assert(recall_shareable(a, &q, &s) == 0, "%s", naming[i]);
        const Value *v = shareable_value(s, &kind);
        cr_expect(kind == STRUCT_recall);
        cr_expect(str_is(value_text(v, F_recall_old),
                         "What you received from this owner under this heading."));
        cr_expect(value_text(v, F_recall_new).len == 0);
        const Net *net = net_new(a, hidden, COUNT_OF(hidden), &subject, 1);
        cr_expect(!net_hides(net, a, shareable_text(s)));
        cr_expect(!net_hides(net, a, shareable_html(s)));
    }
}

Test(contact, a_withdrawal_has_no_new_words) {
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
    const Shareable *s = NULL;
    RecallRequest q = recall;
    size_t at;
    q.kind = STR("withdrawn");
    q.new = (Str){0};
    cr_assert(recall_shareable(a, &q, &s) == 0);
    cr_expect(!str_find(shareable_text(s), STR("What takes its place"), &at));
    cr_expect(str_find(shareable_text(s), STR("it is taken back"), &at));
    StructKind kind;
    cr_expect(str_is(value_text(shareable_value(s, &kind), F_recall_kind), "withdrawn"));
}

/* Legend: outcome, whether with a reason and with words, what becomes of it. */
static const struct {
    const char *outcome, *reason, *words;
    int r;
} replies[] = {
    {"answered", "", "Words.", 0},
    {"answered", "", " ", REFUSE_missing_field},
    {"answered", "detriment", "Words.", REFUSE_argument_wrong},
    {"met", "", "", 0},
    {"met", "", "Words.", REFUSE_argument_wrong},
    {"refused", "detriment", "", 0},
    {"refused", "", "", REFUSE_missing_field},
    {"refused", "detriment", "Words.", REFUSE_argument_wrong},
    {"refused", "because", "", REFUSE_code_unknown},
    {"maybe", "", "", REFUSE_code_unknown},
};

Test(contact, a_reply_is_whole) {
    for (size_t i = 0; i < COUNT_OF(replies); i++) {
        _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
        const Shareable *s = NULL;
        ReplyRequest q = reply;
        q.outcome = str_z(replies[i].outcome);
        q.reason = str_z(replies[i].reason);
        q.reply = str_z(replies[i].words);
        cr_expect(reply_shareable(a, &q, &s) == replies[i].r, "case %zu", i);
        cr_expect((s != NULL) == (replies[i].r == 0));
    }
}

Test(contact, a_refusal_says_why) {
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
    const Shareable *s = NULL;
    StructKind kind;
    ReplyRequest q = reply;
    size_t at;
    q.outcome = STR("refused");
    q.reason = STR("detriment");
    q.reply = (Str){0};
    cr_assert(reply_shareable(a, &q, &s) == 0);
    cr_expect(str_is(value_text(shareable_value(s, &kind), F_replied_reason), "detriment"));
    cr_expect(str_find(shareable_text(s), STR("more detrimental to the child"), &at));
}

Test(contact, what_is_said_cannot_pass_for_the_hub) {
    _cleanup_(arena_freep) Arena *a = arena_new(1 << 20);
    const Shareable *s = NULL;
    ReplyRequest q = reply;
    size_t at;
    q.reply = STR("Fine.\nOutcome: it was wrong\x1b[2J");
    cr_assert(reply_shareable(a, &q, &s) == 0);
    cr_expect(!str_find(shareable_text(s), STR("\nOutcome: it was wrong"), &at));
    cr_expect(!str_find(shareable_text(s), STR("\x1b"), &at));
}

Test(contact, without_memory_there_is_no_letter) {
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        _cleanup_(arena_freep) Arena *small = arena_new(512);
        const Shareable *s = NULL;
        cr_expect(make(small, i, about, &s) == ERR_MEMORY, "%s", kinds[i].kind);
        cr_expect(!s);
    }
}
