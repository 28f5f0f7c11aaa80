/* Referrers are told what was decided about a child whom they told the hub of: the outcome, and
 * nothing that others said. See contact.h. */
#include "broker/hub/contact.h"

/* One for each referring agency, beside each other for the door. */
typedef struct Notices {
    Id *notice, *message, *letter;
    Str *agency;
    Bytes *sealed;
    size_t count;
} Notices;

static int notice_put(Call *c, const NoticeRequest *q, Notices *ret) {
    size_t i = ret->count;
    const Shareable *letter = NULL;
    const Sealed *sealed = NULL;
    int r = id_random(&ret->letter[i]);
    if (r == 0) r = notice_shareable(c->arena, q, &letter);
    if (r == 0) r = letter_put(c->hub, c->arena, letter, &ret->letter[i], &sealed);
    if (r == REFUSE_key_unknown) return 0; /* it cannot be written to, and nothing waits for that */
    if (r) return r;
    ret->notice[i] = q->notice_id;
    ret->message[i] = q->message_id;
    ret->agency[i] = q->agency;
    ret->sealed[i] = sealed_bytes(sealed);
    ret->count++;
    return 0;
}

static int notices_make(Call *c, const Rows *rows, Notices *ret) {
    Arena *a = c->arena;
    AgencyEntry *agencies = NULL;
    size_t agency_count = 0, most = rows_count(rows) + 1;
    *ret = (Notices){.notice = arena_array(a, most, sizeof(Id)),
                     .message = arena_array(a, most, sizeof(Id)),
                     .letter = arena_array(a, most, sizeof(Id)),
                     .agency = arena_array(a, most, sizeof(Str)),
                     .sealed = arena_array(a, most, sizeof(Bytes))};
    if (arena_failed(a)) return ERR_MEMORY;
    int r = rows_count(rows) ? agencies_load(c->hub, a, &agencies, &agency_count) : 0;
    for (size_t i = 0; r == 0 && i < rows_count(rows); i++) {
        const AgencyEntry *one = agency_find(agencies, agency_count, row_text(rows, i, 0));
        if (!one) continue; /* its row is not obeyed */
        NoticeRequest q = {.message_id = row_id(rows, i, 1),
                           .agency = one->code,
                           .agency_name = one->name,
                           .outcome = row_text(rows, i, 2),
                           .decided_at = row_text(rows, i, 3)};
        r = id_random(&q.notice_id);
        if (r == 0) r = notice_put(c, &q, ret);
    }
    return r;
}

int notices_send(Call *c, Id decision) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    Arena *a = c->arena;
    Notices n;
    int r = STORE_CALL(c->hub->store, &rows,
                       "SELECT agency, message_id, outcome, decided_at "
                       "FROM door.hub_referrers($1)",
                       p_id(decision));
    if (r == 0) r = notices_make(c, rows, &n);
    if (r || n.count == 0) return r;
    return STORE_CALL(c->hub->store, NULL, "SELECT door.hub_notify($1, $2, $3, $4, $5, $6, $7)",
                      p_text(call_staff(c)), p_id(decision), p_id_list(a, n.notice, n.count),
                      p_text_list(a, n.agency, n.count), p_id_list(a, n.message, n.count),
                      p_id_list(a, n.letter, n.count), p_bytes_list(a, n.sealed, n.count));
}
