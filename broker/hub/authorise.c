/* The owner's word, as staff see it: asking for it, what became of it, and the owner's own
 * representative at the hub, who reads her agency's section here and brings what she signed with
 * her agency's key on her own device. Nothing that staff can do stands for an owner's signature. */
#include "broker/hub/draft.h"
#include "broker/hub/grants.h"

enum { LIST_MOST = 500 };

/* ---- asking ---------------------------------------------------------------------------------- */

typedef struct Asking {
    Str expires_on, answer_by;
    json_t *rows;
    size_t asked;
} Asking;

static int asking_clock(Call *c, const Draft *d, Asking *ret) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    int r = STORE_CALL(c->hub->store, &rows,
                       "SELECT expires_on, answer_by FROM door.hub_authorise_clock($1)",
                       p_id(d->enquiry));
    if (r) return r;
    if (rows_count(rows) != 1) return REFUSE_not_found;
    ret->expires_on = arena_str(c->arena, row_text(rows, 0, 0));
    ret->answer_by = arena_str(c->arena, row_text(rows, 0, 1));
    return ret->answer_by.at ? 0 : ERR_MEMORY;
}

/* As the owner has it once opened, for its representative: under a key of its own in the vault. */
static int letter_keep(Call *c, const Shareable *s, Id request, const Id *letter,
                       const Sealed **ret) {
    VaultThing t = {.id = request, .use = STR("authorise")};
    int r = codec_encode(c->arena, shareable_letter(c->arena, s, letter, c->hub->realm), &t.plain);
    if (r == 0) r = vault_seal(c->hub, c->arena, &t);
    if (r == 0) r = vault_put(c->hub, c->arena, &t, 1);
    *ret = t.sealed;
    return r;
}

static int asking_put(Call *c, const Draft *d, const Asking *k, const AuthoriseRequest *q,
                      Id *ret_stands) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    const Wanted *w = q->wanted;
    const Shareable *shareable = NULL;
    const Sealed *sealed = NULL, *kept = NULL;
    Id letter;
    int r = authorise_shareable(c->arena, q, &shareable);
    if (r == 0) r = id_random(&letter);
    if (r == 0) r = letter_put(c->hub, c->arena, shareable, &letter, &sealed);
    if (r == REFUSE_key_unknown) {
        call_say(c, "%.*s has no letter key in force.", STR_ARG(w->owner));
    }
    if (r == 0) r = letter_keep(c, shareable, q->request_id, &letter, &kept);
    if (r) return r;
    r = STORE_CALL(c->hub->store, &rows,
                   "SELECT door.hub_authorise_ask($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, "
                   "$12, $13, $14)",
                   p_text(call_staff(c)), p_id(q->request_id), p_id(d->enquiry), p_id(d->decision),
                   p_text(w->owner), p_text(d->recipient->code), p_text(d->purpose),
                   p_text(value_text(w->rendering, F_rendering_template)),
                   p_bytes(BYTES_OF(w->digest.at)), p_text(k->expires_on), p_text(k->answer_by),
                   p_bytes(sealed_bytes(kept)), p_id(letter), p_bytes(sealed_bytes(sealed)));
    if (r == 0) *ret_stands = row_id(rows, 0, 0);
    return r;
}

static int owner_ask(Call *c, const Draft *d, Asking *k, const Wanted *w) {
    AuthoriseRequest q = {.wanted = w,
                          .recipient_name = d->recipient->name,
                          .expires_on = k->expires_on,
                          .answer_by = k->answer_by};
    Id stands;
    int r = id_random(&q.request_id);
    if (r == 0) r = asking_put(c, d, k, &q, &stands);
    if (r) return r;
    bool asked = id_eq(stands, q.request_id);
    json_t *row = json_object();
    json_object_set_new(row, "request", json_id(stands));
    json_object_set_new(row, "owner", json_str(w->owner));
    json_object_set_new(row, "asked", json_boolean(asked));
    json_array_append_new(k->rows, row);
    k->asked += asked;
    return 0;
}

static Str wanted_owners(Arena *a, const Draft *d) {
    Str all = {0};
    for (size_t i = 0; i < d->wanted_count; i++) {
        all = arena_printf(a, "%.*s%s%.*s", STR_ARG(all), i ? ", " : "",
                           STR_ARG(d->wanted[i].owner));
    }
    return all;
}

int cmd_authorise_ask(Call *c) {
    Draft d = {0};
    Asking k = {.rows = json_array()};
    Str only = str_trim(call_text(c, "owner"));
    json_object_set_new(c->result, "requests", k.rows);
    int r = id_random(&d.product);
    if (r == 0) r = draft_make(c, &d);
    if (r == REFUSE_nothing_to_share && d.wanted_count) r = 0; /* that is why they are asked */
    if (r == 0) r = asking_clock(c, &d, &k);
    for (size_t i = 0; r == 0 && i < d.wanted_count; i++) {
        if (only.len == 0 || str_eq(only, d.wanted[i].owner))
            r = owner_ask(c, &d, &k, &d.wanted[i]);
    }
    if (r) return r;
    size_t all = json_array_size(k.rows);
    if (all == 0 && d.wanted_count) {
        call_say(c,
                 "Nobody was asked: the word of \"%.*s\" would let no more of this out. That of "
                 "these would: %.*s.",
                 STR_ARG(only), STR_ARG(wanted_owners(c->arena, &d)));
    } else if (all == 0) {
        call_say(c, "Nobody was asked: no owner's word would let more of this out.");
    } else if (k.asked < all) {
        call_say(c,
                 "%zu asked; %zu had been asked for these very words before, and nothing new "
                 "was sent to them.",
                 k.asked, all - k.asked);
    } else {
        call_say(c,
                 "%zu asked, each for its own section. Nothing waits for them: share what may "
                 "leave, and again when they have answered.",
                 k.asked);
    }
    return 0;
}

/* ---- what became of it ----------------------------------------------------------------------- */

static const Column columns[] = {
    {"request", COLUMN_id},       {"reference", COLUMN_text},    {"owner", COLUMN_text},
    {"recipient", COLUMN_text},   {"purpose", COLUMN_text},      {"state", COLUMN_text},
    {"climbed_to", COLUMN_text},  {"asked_by", COLUMN_text},     {"asked_at", COLUMN_text},
    {"answer_by", COLUMN_text},   {"expires_on", COLUMN_text},   {"reason", COLUMN_text},
    {"answered_at", COLUMN_text}, {"supplementary", COLUMN_yes},
};

int cmd_authorisations(Call *c) {
    static const char *const states[] = {"asked",   "late",    "granted",
                                         "refused", "expired", "void"};
    _cleanup_(rows_freep) Rows *rows = NULL;
    Str state = str_trim(call_text(c, "state"));
    Id enquiry = {{0}};
    bool one = call_text(c, "ref").len > 0, known = state.len == 0;
    for (size_t i = 0; i < COUNT_OF(states); i++) known = known || str_is(state, states[i]);
    if (!known) {
        call_say(c, "\"state\" is asked, late, granted, refused, expired or void.");
        return REFUSE_argument_wrong;
    }
    int r = one ? call_need_enquiry(c, &enquiry) : 0;
    if (r) return r;
    r = STORE_CALL(c->hub->store, &rows,
                   "SELECT request_id, reference, owner, recipient, purpose, state, climbed_to, "
                   "asked_by, asked_at, answer_by, expires_on, reason, answered_at, supplementary "
                   "FROM door.hub_authorisations($1, $2::uuid, $3, $4)",
                   p_text(call_staff(c)), one ? p_id(enquiry) : p_null(),
                   p_text(state.len ? state : (Str){0}), p_number(LIST_MOST));
    if (r) return r;
    json_object_set_new(c->result, "authorisations", json_rows(rows, columns, COUNT_OF(columns)));
    return 0;
}

Str authorisations_say(Call *c) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    int r = store_call(c->hub->store,
                       "SELECT late, supplementary FROM door.hub_authorisations_waiting()", NULL, 0,
                       &rows);
    if (r || rows_count(rows) != 1) return (Str){0}; /* a queue all the same */
    int64_t late = row_number(rows, 0, 0), more = row_number(rows, 0, 1);
    Str said = {0};
    if (late) {
        said = arena_printf(c->arena, "Owners' words that are late: %lld (authorisations).",
                            (long long)late);
    }
    if (more) {
        said = arena_printf(c->arena,
                            "%.*s%sGranted since a product left: %lld; a supplementary product can "
                            "be made (authorisations state=granted).",
                            STR_ARG(said), said.len ? " " : "", (long long)more);
    }
    return said;
}

/* ---- the owner's representative -------------------------------------------------------------- */

static int letter_show(Call *c, const Asked *asked) {
    VaultThing t = {.id = asked->terms.request, .use = STR("authorise")};
    const Value *letter = NULL;
    Fault fault;
    int r = vault_open(c->hub, c->arena, &t, &asked->kept, 1);
    if (r) return r;
    if (!t.plain.at || codec_decode(c->arena, t.plain, &letter, &fault) != 0) {
        return REFUSE_not_found; /* its key was erased */
    }
    Str json = codec_json(c->arena, STRUCT_letter, letter);
    if (arena_failed(c->arena)) return ERR_MEMORY;
    json_object_set_new(c->result, "letter", json_loadb(json.at, json.len, 0, NULL));
    return 0;
}

/* The look is recorded before anything is opened. */
int cmd_authorise_show(Call *c) {
    Asked asked;
    Id request;
    int r = call_need_id(c, "request", &request);
    if (r == 0) {
        r = STORE_CALL(c->hub->store, NULL, "SELECT door.hub_authorise_view($1, $2)",
                       p_text(call_staff(c)), p_id(request));
    }
    if (r == 0) r = asked_load(c->hub, c->arena, request, &asked);
    return r ? r : letter_show(c, &asked);
}

/* Verdict, reason and signature. */
static int word_take_here(Call *c, AuthorisationTerms *t, Bytes *ret_signature) {
    Str hex;
    uint8_t *at = arena_alloc(c->arena, SIG_LEN);
    int r = call_need(c, "verdict", &t->verdict);
    if (r == 0) r = call_need(c, "signature", &hex);
    if (r) return r;
    if (!at) return ERR_MEMORY;
    Str reason = str_trim(call_text(c, "reason"));
    bool refused = str_is(t->verdict, "refused");
    t->reason = refused ? reason : (Str){0};
    bool good = refused ? code_known(LIST_refusal_reason, reason)
                        : str_is(t->verdict, "granted") && reason.len == 0;
    *ret_signature = bytes_of(at, SIG_LEN);
    if (good && hex_decode(hex, at, SIG_LEN)) return 0;
    call_say(c, "verdict, reason and signature are what authorise-sign printed.");
    return REFUSE_argument_wrong;
}

int cmd_authorise(Call *c) {
    Asked asked;
    Id request;
    Str key;
    Bytes signature;
    int r = call_need_id(c, "request", &request);
    if (r == 0) r = call_need(c, "key", &key);
    if (r == 0) r = asked_load(c->hub, c->arena, request, &asked);
    if (r == 0) r = word_take_here(c, &asked.terms, &signature);
    if (r == 0) r = asked_verify(c->hub, c->arena, &asked.terms, key, signature);
    if (r) return r;
    r = STORE_CALL(c->hub->store, NULL, "SELECT door.hub_authorise_here($1, $2, $3, $4, $5, $6)",
                   p_text(call_staff(c)), p_id(request), p_text(asked.terms.verdict),
                   p_text(asked.terms.reason), p_text(key), p_bytes(signature));
    if (r == 0) json_object_set_new(c->result, "verdict", json_str(asked.terms.verdict));
    return r;
}
