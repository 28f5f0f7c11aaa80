/* A check: the hub's question to an agency about an enquiry. The letter carries minimum identity,
 * the gateway, the threshold and whether the family was told; never what another agency said, and
 * no name that must not be named. The question's words are kept, sealed; its leaf commits to them.
 */
#include "broker/hub/commands.h"
#include "broker/hub/policies.h"

enum { SUBJECTS_MAX = 32 };

/* What a check must state, in the order in which a person is told that it is missing (S3, S20). */
static const struct {
    const char *argument;
    int missing;
    CodeList list;
} stated[] = {
    {"gateway", REFUSE_gateway_missing, LIST_gateway},
    {"threshold", REFUSE_threshold_missing, LIST_threshold},
    {"family", REFUSE_family_missing, LIST_family_informed},
};
enum { GATEWAY, THRESHOLD, FAMILY };

typedef struct Draft {
    Id enquiry;
    int64_t token;
    Str agency, agency_name, agency_type, question, answer_by;
    Str stated[COUNT_OF(stated)];
    Subject subjects[SUBJECTS_MAX];
    Id about[SUBJECTS_MAX]; /* beside each */
    size_t subject_count;
    NetWord *words;
    size_t word_count;
} Draft;

static int draft_stated(Call *c, Draft *d) {
    for (size_t i = 0; i < COUNT_OF(stated); i++) {
        d->stated[i] = call_text(c, stated[i].argument);
        if (d->stated[i].len == 0) return stated[i].missing;
        if (code_known(stated[i].list, d->stated[i])) continue;
        call_say(c, "\"%s\" is a code from the list %s.", stated[i].argument,
                 code_list_name(stated[i].list));
        return REFUSE_argument_wrong;
    }
    return 0;
}

static int draft_agency(Call *c, Draft *d) {
    AgencyEntry *agencies = NULL;
    size_t count = 0;
    int r = call_need(c, "agency", &d->agency);
    if (r == 0) r = agencies_load(c->hub, c->arena, &agencies, &count);
    if (r) return r;
    const AgencyEntry *one = agency_find(agencies, count, d->agency);
    if (!one) {
        call_say(c, "\"agency\" is the code of no agency here; `agreements` lists them.");
        return REFUSE_argument_wrong;
    }
    d->agency_name = one->name;
    d->agency_type = one->type;
    return 0;
}

/* "1 3" or "1,3"; nothing means every child of the enquiry. */
static bool subject_wanted(Str list, int64_t number) {
    bool any = false;
    while (list.len) {
        size_t len = 0;
        while (len < list.len && list.at[len] != ',' && list.at[len] != ' ') len++;
        uint64_t one = 0;
        if (str_u64((Str){.at = list.at, .len = len}, &one) && (int64_t)one == number) return true;
        any = any || len > 0;
        list.at += len < list.len ? len + 1 : len;
        list.len -= len < list.len ? len + 1 : len;
    }
    return !any;
}

static int draft_subjects(Call *c, Draft *d, const HubPerson *persons, size_t count) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    int r = STORE_CALL(c->hub->store, &rows, "SELECT number, person_id FROM door.hub_subjects($1)",
                       p_id(d->enquiry));
    if (r) return r;
    Known known = {.at = persons, .count = count};
    Addressee to = {.agency = d->agency, .type = d->agency_type};
    for (size_t i = 0; i < rows_count(rows) && d->subject_count < SUBJECTS_MAX; i++) {
        if (!subject_wanted(call_text(c, "subjects"), row_number(rows, i, 0))) continue;
        if (!persons_subject(persons, count, row_id(rows, i, 1))) continue;
        d->about[d->subject_count] = row_id(rows, i, 1);
        d->subject_count += subject_choose(c->arena, &known, row_id(rows, i, 1), &to,
                                           &d->subjects[d->subject_count]);
    }
    if (d->subject_count) return 0;
    call_say(c, "No child of this enquiry has that number.");
    return REFUSE_argument_wrong;
}

/* Who is asked about, and who must not be named in the question. */
static int draft_persons(Call *c, Draft *d) {
    HubPerson *persons = NULL;
    size_t count = 0;
    int r = persons_open(c->hub, c->arena, d->enquiry, &persons, &count);
    if (r == 0) r = draft_subjects(c, d, persons, count);
    if (r) return r;
    if (persons_unread(persons, count, (Str){0})) {
        call_say(c, "Somebody mentioned in this enquiry cannot be read, so no question can be "
                    "searched for the name; ask by telephone.");
        return REFUSE_question_names;
    }
    return forbidden_words(c->arena, persons, count, d->about, d->subject_count, (Between){0},
                           &d->words,
                           &d->word_count);
}

static int draft_make(Call *c, Draft *d) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    int r = call_need_enquiry(c, &d->enquiry);
    if (r == 0) r = call_need_token(c, &d->token);
    if (r == 0) r = draft_agency(c, d);
    if (r == 0) r = draft_stated(c, d);
    if (r == 0) r = call_need(c, "question", &d->question);
    if (r == 0) r = draft_persons(c, d);
    if (r == 0) {
        r = STORE_CALL(c->hub->store, &rows, "SELECT answer_by FROM door.hub_enquiry($1)",
                       p_id(d->enquiry));
    }
    if (r) return r;
    d->answer_by = arena_str(c->arena, row_text(rows, 0, 0));
    return 0;
}

static int draft_send(Call *c, const Draft *d, Id check) {
    const Shareable *shareable = NULL;
    const Sealed *sealed = NULL;
    Id letter;
    CheckRequest request = {
        .check_id = check,
        .agency = d->agency,
        .agency_name = d->agency_name,
        .gateway = d->stated[GATEWAY],
        .threshold = d->stated[THRESHOLD],
        .family_informed = d->stated[FAMILY],
        .question = d->question,
        .answer_by = d->answer_by,
        .subjects = d->subjects,
        .subject_count = d->subject_count,
        .words = d->words,
        .word_count = d->word_count,
    };
    Words words;
    int r = check_shareable(c->arena, &request, &shareable);
    if (r == 0) r = words_seal(c, STR("check"), str_bytes(d->question), &words);
    if (r == 0) r = id_random(&letter);
    if (r == 0) r = letter_put(c->hub, c->arena, shareable, &letter, &sealed);
    if (r == REFUSE_key_unknown) call_say(c, "The agency has no letter key in force.");
    if (r) return r;
    return STORE_CALL(
        c->hub->store, NULL,
        "SELECT door.hub_check($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        p_text(call_staff(c)), p_id(d->enquiry), p_number(d->token), p_id(check), p_text(d->agency),
        p_text(d->stated[GATEWAY]), p_text(d->stated[THRESHOLD]), p_text(d->stated[FAMILY]),
        p_text(d->answer_by), p_id(words.id), p_bytes(sealed_bytes(words.sealed)),
        p_bytes(BYTES_OF(words.commitment.at)), p_id(letter), p_bytes(sealed_bytes(sealed)));
}

int cmd_check(Call *c) {
    Draft d = {0};
    Id check;
    int r = draft_make(c, &d);
    if (r == 0) r = id_random(&check);
    if (r == 0) r = draft_send(c, &d, check);
    if (r == REFUSE_state_wrong) {
        call_say(c, "No check can be asked now: the enquiry is decided. Claim it again, and ask.");
    }
    if (r) return r;
    json_object_set_new(c->result, "check", json_id(check));
    json_object_set_new(c->result, "agency", json_str(d.agency));
    json_object_set_new(c->result, "answer_by", json_str(d.answer_by));
    json_object_set_new(c->result, "subjects", json_integer((json_int_t)d.subject_count));
    return 0;
}
