/* A signpost followed: the professional's question on its way to the owner, and the owner's reply
 * on its way back. See contact.h. */
#include "broker/hub/contact.h"
#include "broker/hub/work.h"

#include "schemas/codec.h"

/* ---- both ways ------------------------------------------------------------------------------- */

/* Those whom this agency mentioned itself, in front. */
static size_t own_first(HubPerson *persons, size_t count, Str agency) {
    size_t own = 0;
    for (size_t i = 0; i < count; i++) {
        HubPerson one = persons[i];
        if (!str_eq(one.agency, agency)) continue;
        persons[i] = persons[own];
        persons[own++] = one;
    }
    return own;
}

int about_load(Hub *h, Arena *a, Id enquiry, const Id *person, Str writer,
               const AgencyEntry *reader, Subject *subject, About *ret) {
    HubPerson *persons = NULL;
    NetWord *words = NULL;
    size_t count = 0, word_count = 0;
    int r = persons_open(h, a, enquiry, &persons, &count);
    if (r) return r;
    size_t own = own_first(persons, count, writer);
    r = forbidden_words(a, persons, own, person, 1, (Between){0}, &words,
                        &word_count);
    if (r) return r;
    if (persons_unread(persons, own, (Str){0})) return REFUSE_question_names;
    Known known = {.at = persons, .count = count};
    Addressee to = {reader->code, reader->type, &writer, 1};
    if (!subject_choose(a, &known, *person, &to, subject)) {
        return REFUSE_not_found;
    }
    *ret = (About){.subjects = subject,
                   .subject_count = 1,
                   .words = words,
                   .word_count = word_count};
    return arena_failed(a) ? ERR_MEMORY : 0;
}

static int agency_need(const AgencyEntry *agencies, size_t count, Str code,
                       const AgencyEntry **ret) {
    *ret = agency_find(agencies, count, code);
    return *ret ? 0 : REFUSE_not_found;
}

/* ---- the question ---------------------------------------------------------------------------- */

/* What the hub knows of the product that a question is about. */
typedef struct Basis {
    Id enquiry, person;
    Str answer_by;
    const AgencyEntry *asker, *owner;
} Basis;

/* The shared version, as it was sealed, is asked for the signpost: no column could add one. */
static int signpost_stands(Hub *h, Arena *a, Id product, Bytes sealed, Str owner_name) {
    VaultThing thing = {.id = product, .use = STR("product")};
    const Value *shared = NULL;
    Fault fault;
    int r = vault_open(h, a, &thing, &sealed, 1);
    if (r) return r;
    if (!thing.plain.at) return REFUSE_not_found; /* it was erased */
    if (codec_decode(a, thing.plain, &shared, &fault) != 0) return ERR_BROKEN;
    for (size_t i = 0; i < value_count(shared, F_product_content_signpost); i++) {
        if (str_eq(value_item_text(shared, F_product_content_signpost, i), owner_name)) return 0;
    }
    return REFUSE_not_found;
}

static int basis_agencies(Hub *h, Arena *a, const Work *w, Str owner_name, Basis *ret) {
    AgencyEntry *agencies = NULL;
    size_t count = 0;
    int r = agencies_load(h, a, &agencies, &count);
    if (r == 0) r = agency_need(agencies, count, w->agency, &ret->asker);
    if (r) return r;
    for (size_t i = 0; i < count; i++) {
        if (!str_eq(agencies[i].name, owner_name)) continue;
        if (ret->owner) return REFUSE_not_found; /* two of one name: which, nobody can tell */
        ret->owner = &agencies[i];
    }
    return ret->owner ? 0 : REFUSE_not_found;
}

static int basis_load(Hub *h, Arena *a, const Work *w, Id product, Str owner_name, Basis *ret) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    int r = STORE_CALL(h->store, &rows,
                       "SELECT enquiry_id, person_id, answer_by, shared "
                       "FROM door.hub_signpost_basis($1, $2)",
                       p_text(w->agency), p_id(product));
    if (r) return r;
    if (rows_count(rows) == 0) return REFUSE_not_found;
    ret->enquiry = row_id(rows, 0, 0);
    ret->person = row_id(rows, 0, 1);
    ret->answer_by = arena_str(a, row_text(rows, 0, 2));
    r = signpost_stands(h, a, product, row_bytes(rows, 0, 3), owner_name);
    return r ? r : basis_agencies(h, a, w, owner_name, ret);
}

static int question_send(Hub *h, Arena *a, const Work *w, const QuestionRequest *q, Id product) {
    const Shareable *letter = NULL;
    const Sealed *sealed = NULL;
    Id letter_id;
    int r = question_shareable(a, q, &letter);
    if (r == 0) r = id_random(&letter_id);
    if (r == 0) r = letter_put(h, a, letter, &letter_id, &sealed);
    if (r) return r;
    return STORE_CALL(h->store, NULL,
                      "SELECT door.hub_signpost_ask($1, $2, $3, $4, $5, $6, $7, $8)",
                      p_text(w->agency), p_id(w->id), p_id(q->question_id), p_id(product),
                      p_text(q->owner), p_text(q->answer_by), p_id(letter_id),
                      p_bytes(sealed_bytes(sealed)));
}

int signpost_question_take(Hub *h, Arena *a, const Work *w) {
    const Value *v = w->value;
    const Value *asker = value_get(v, F_signpost_question_asker);
    Str owner_name = value_text(v, F_signpost_question_owner);
    Basis b = {0};
    Subject subject;
    Id product;
    QuestionRequest q = {0};
    if (!value_id(v, F_signpost_question_question_id, &q.question_id) ||
        !value_id(v, F_signpost_question_product_id, &product)) {
        return REFUSE_missing_field;
    }
    int r = basis_load(h, a, w, product, owner_name, &b);
    if (r == 0) r = about_load(h, a, b.enquiry, &b.person, w->agency, b.owner, &subject, &q.about);
    if (r) return r;
    q.owner = b.owner->code;
    q.owner_name = b.owner->name;
    q.asking_name = b.asker->name;
    q.name = value_text(asker, F_contact_name);
    q.role = value_text(asker, F_contact_role);
    q.phone = value_text(asker, F_contact_phone);
    q.email = value_text(asker, F_contact_email);
    q.question = value_text(v, F_signpost_question_question);
    q.answer_by = b.answer_by;
    return question_send(h, a, w, &q, product);
}

/* ---- the reply ------------------------------------------------------------------------------- */

static int reply_send(Hub *h, Arena *a, const Work *w, const ReplyRequest *q) {
    const Shareable *letter = NULL;
    const Sealed *sealed = NULL;
    Id letter_id;
    int r = reply_shareable(a, q, &letter);
    if (r == 0) r = id_random(&letter_id);
    if (r == 0) r = letter_put(h, a, letter, &letter_id, &sealed);
    if (r) return r;
    return STORE_CALL(h->store, NULL,
                      "SELECT door.hub_signpost_reply($1, $2, $3, $4, $5, $6, $7)",
                      p_text(w->agency), p_id(w->id), p_id(q->question_id), p_text(q->outcome),
                      p_text(q->asking), p_id(letter_id), p_bytes(sealed_bytes(sealed)));
}

int signpost_reply_take(Hub *h, Arena *a, const Work *w) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    const AgencyEntry *asker = NULL, *owner = NULL;
    AgencyEntry *agencies = NULL;
    size_t count = 0;
    Subject subject;
    ReplyRequest q = {.outcome = value_text(w->value, F_signpost_reply_outcome),
                      .reason = value_text(w->value, F_signpost_reply_reason),
                      .reply = value_text(w->value, F_signpost_reply_reply)};
    if (!value_id(w->value, F_signpost_reply_question_id, &q.question_id)) {
        return REFUSE_missing_field;
    }
    int r = STORE_CALL(h->store, &rows,
                       "SELECT asker, product_id, enquiry_id, person_id "
                       "FROM door.hub_signpost_asked($1, $2)",
                       p_text(w->agency), p_id(q.question_id));
    if (r) return r;
    if (rows_count(rows) == 0) return REFUSE_not_found;
    Id enquiry = row_id(rows, 0, 2), person = row_id(rows, 0, 3);
    q.product_id = row_id(rows, 0, 1);
    r = agencies_load(h, a, &agencies, &count);
    if (r == 0) r = agency_need(agencies, count, row_text(rows, 0, 0), &asker);
    if (r == 0) r = agency_need(agencies, count, w->agency, &owner);
    if (r == 0) r = about_load(h, a, enquiry, &person, w->agency, asker, &subject, &q.about);
    if (r == REFUSE_question_names) r = REFUSE_reply_names;
    if (r) return r;
    q.asking = asker->code;
    q.asking_name = asker->name;
    q.owner_name = owner->name;
    return reply_send(h, a, w, &q);
}
