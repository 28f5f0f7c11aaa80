/* Letters to everybody who received what counts no more: the old words as they were received, and
 * of the new ones what the owner's rules let this recipient have for the purpose of its product.
 * See contact.h. */
#include "broker/hub/contact.h"
#include "broker/hub/draft.h"

#include "broker/base/mark.h"
#include "broker/release/rule.h"
#include "schemas/codec.h"

/* All that is the same for each of them. */
typedef struct Round {
    Hub *hub;
    Arena *a;
    const Cause *cause;
    AgencyEntry *agencies;
    size_t agency_count;
    const AgencyEntry *owner;
    Policies policies;
    HubPerson *persons;
    size_t person_count;
} Round;

/* One item in one product: what door.hub_left answers. */
typedef struct Left {
    Id product, person;
    const HubItem *item;
    const AgencyEntry *recipient;
    Str purpose, verdict;
    Str shared; /* the product as it was rendered and sealed; {0} when it was erased */
} Left;

static int round_load(Round *r) {
    int e = agencies_load(r->hub, r->a, &r->agencies, &r->agency_count);
    if (e == 0) e = policies_load(r->hub, r->a, r->agencies, r->agency_count, &r->policies);
    if (e == 0) {
        e = persons_open(r->hub, r->a, r->cause->enquiry, &r->persons, &r->person_count);
    }
    if (e) return e;
    r->owner = agency_find(r->agencies, r->agency_count, r->cause->owner);
    return r->owner ? 0 : ERR_BROKEN;
}

static const HubItem *item_named(const Cause *cause, Id id) {
    for (size_t i = 0; i < cause->item_count; i++) {
        if (id_eq(cause->items[i].item.id, id)) return &cause->items[i];
    }
    return NULL;
}

/* Whether the recipient has read all of these words: each line, marks blanked as every rendering
 * blanks them, stands in what was sealed. */
static bool was_read(Arena *a, Str shared, Str words) {
    Str line;
    size_t at;
    words = marks_replaced(a, words, ' ');
    if (words.len == 0) return false;
    while (str_split(&words, '\n', &line)) {
        if (line.len && !str_find(shared, line, &at)) return false;
    }
    return true;
}

/* The old words as they were received, names cut out; {0} when the product has not these. */
static Str received(Arena *a, const Left *l, const About *about) {
    const Item *item = &l->item->item;
    Str words = str_trim(str_is(l->verdict, "summary") ? item->summary : item->text);
    if (str_is(l->verdict, "fact")) words = fact_text(a, item->class);
    const Net *net =
        net_new(a, about->words, about->word_count, about->subjects, about->subject_count);
    const Span *spans = NULL;
    size_t count = 0;
    if (!net_find(net, a, words, &spans, &count)) return (Str){0};
    words = text_cut(a, words, spans, count);
    return was_read(a, l->shared, words) ? words : (Str){0};
}

/* The new words, through the same gate as any product: {0} when nothing of them may go. */
static int now_let_out(const Round *r, const Left *l, const RecallRequest *q, Str *ret) {
    const Cause *cause = r->cause;
    Request request = {.product_id = q->recall_id,
                       .recipient = l->recipient->code,
                       .recipient_name = l->recipient->name,
                       .recipient_type = l->recipient->type,
                       .purpose = l->purpose,
                       .rating = rating_by_name(cause->rating),
                       .today = cause->today,
                       .subjects = q->about.subjects,
                       .subject_count = q->about.subject_count,
                       .words = q->about.words,
                       .word_count = q->about.word_count};
    Item item = *cause->now;
    Redacted redacted;
    StructKind kind;
    *ret = (Str){0};
    item.owner_name = r->owner->name;
    item.owner_desk = r->owner->desk;
    int e = redact(r->a, &request, &item, 1, r->policies.at, r->policies.count, &redacted);
    if (e == REFUSE_nothing_to_share) return 0;
    if (e) return e;
    const Value *product = shareable_value(redacted.product, &kind);
    const Value *line = value_item(value_item(product, F_product_section, 0), F_section_line, 0);
    *ret = value_text(line, F_product_line_text);
    return 0;
}

/* Whoever cannot be read cannot be searched for: then no words go, neither old nor new (R25). */
static int recall_words(const Round *r, const Left *l, RecallRequest *q, Subject *subject) {
    NetWord *words = NULL;
    size_t count = 0;
    if (persons_unread(r->persons, r->person_count, (Str){0})) return 0;
    int e = forbidden_words(r->a, r->persons, r->person_count, &l->person, 1, (Between){0},
                            &words, &count);
    if (e == REFUSE_too_many_names) return 0;
    if (e) return e;
    Known known = {.at = r->persons, .count = r->person_count};
    Addressee to = {l->recipient->code, l->recipient->type, &r->cause->owner, 1};
    if (!subject_choose(r->a, &known, l->person, &to, subject)) {
        return 0;
    }
    q->about = (About){.subjects = subject,
                       .subject_count = 1,
                       .words = words,
                       .word_count = count};
    q->old = received(r->a, l, &q->about);
    return r->cause->now ? now_let_out(r, l, q, &q->new) : 0;
}

static int recall_put(const Round *r, const Left *l, Recalls *ret) {
    const Cause *cause = r->cause;
    size_t i = ret->count;
    const Shareable *letter = NULL;
    const Sealed *sealed = NULL;
    Subject subject;
    RecallRequest q = {.product_id = l->product,
                       .agency = l->recipient->code,
                       .agency_name = l->recipient->name,
                       .owner_name = r->owner->name,
                       .kind = cause->kind,
                       .class = l->item->item.class,
                       .confirm_by = cause->confirm_by};
    int e = id_random(&q.recall_id);
    if (e == 0) e = id_random(&ret->letter[i]);
    if (e == 0) e = recall_words(r, l, &q, &subject);
    if (e == 0) e = recall_shareable(r->a, &q, &letter);
    if (e == 0) e = letter_put(r->hub, r->a, letter, &ret->letter[i], &sealed);
    if (e) return e;
    ret->recall[i] = q.recall_id;
    ret->product[i] = l->product;
    ret->item[i] = l->item->item.id;
    ret->agency[i] = l->recipient->code;
    ret->class[i] = str_z(class_name(l->item->item.class));
    ret->sealed[i] = sealed_bytes(sealed);
    ret->count++;
    return 0;
}

static int recalls_room(Arena *a, size_t most, Recalls *ret) {
    *ret = (Recalls){.recall = arena_array(a, most, sizeof(Id)),
                     .product = arena_array(a, most, sizeof(Id)),
                     .item = arena_array(a, most, sizeof(Id)),
                     .letter = arena_array(a, most, sizeof(Id)),
                     .agency = arena_array(a, most, sizeof(Str)),
                     .class = arena_array(a, most, sizeof(Str)),
                     .sealed = arena_array(a, most, sizeof(Bytes))};
    return arena_failed(a) ? ERR_MEMORY : 0;
}

/* The rows' products, opened: the same one for each of its items. */
static int shared_open(const Round *r, Id product, Bytes sealed, Str *ret) {
    VaultThing thing = {.id = product, .use = STR("product")};
    const Value *shared = NULL;
    Fault fault;
    int e = vault_open(r->hub, r->a, &thing, &sealed, 1);
    if (e || !thing.plain.at) return e;
    if (codec_decode(r->a, thing.plain, &shared, &fault) != 0) return ERR_BROKEN;
    *ret = value_text(shared, F_product_content_text);
    return 0;
}

int recalls_make(Hub *h, Arena *a, const Cause *cause, Recalls *ret) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    Round round = {.hub = h, .a = a, .cause = cause};
    Id *ids = arena_array(a, cause->item_count + 1, sizeof(*ids));
    if (!ids) return ERR_MEMORY;
    for (size_t i = 0; i < cause->item_count; i++) ids[i] = cause->items[i].item.id;
    int r = STORE_CALL(h->store, &rows,
                       "SELECT product_id, person_id, item_id, recipient, purpose, verdict, shared "
                       "FROM door.hub_left($1, $2)",
                       p_id(cause->enquiry), p_id_list(a, ids, cause->item_count));
    if (r == 0) r = recalls_room(a, rows_count(rows) + 1, ret);
    if (r == 0 && rows_count(rows) > 0) r = round_load(&round);
    for (size_t i = 0; r == 0 && i < rows_count(rows); i++) {
        Str recipient = row_text(rows, i, 3);
        Left l = {.product = row_id(rows, i, 0),
                  .person = row_id(rows, i, 1),
                  .item = item_named(cause, row_id(rows, i, 2)),
                  .recipient = agency_find(round.agencies, round.agency_count, recipient),
                  .purpose = arena_str(a, row_text(rows, i, 4)),
                  .verdict = arena_str(a, row_text(rows, i, 5))};
        if (!l.item || !l.recipient) return ERR_BROKEN;
        r = shared_open(&round, l.product, row_bytes(rows, i, 6), &l.shared);
        if (r == 0) r = recall_put(&round, &l, ret);
    }
    return r;
}
