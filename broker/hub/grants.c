/* See grants.h. */
#include "broker/hub/grants.h"

#include "broker/io/log.h"
#include "schemas/leaf.h"

enum {
    COL_owner,
    COL_recipient,
    COL_purpose,
    COL_template,
    COL_section,
    COL_expires,
    COL_leaf,
    COL_enquiry,
    COL_kept
};

static void not_obeyed(Id request, const char *why) {
    char id[ID_TEXT];
    id_text(request, id);
    log_event(LOG_error, "authorisation_not_obeyed", "request=%s why=%s", id, why);
}

static bool leaf_asked(const AuthorisationTerms *t, Str leaf) {
    char id[ID_TEXT], section[2 * HASH_LEN + 1];
    id_text(t->request, id);
    hex_encode(BYTES_OF(t->section.at), section);
    return leaf_says(leaf, "act", STR("authorise")) && leaf_says(leaf, "agency", t->owner) &&
           leaf_says(leaf, "request", str_z(id)) && leaf_says(leaf, "recipient", t->recipient) &&
           leaf_says(leaf, "purpose", t->purpose) && leaf_says(leaf, "template", t->template) &&
           leaf_says(leaf, "section", str_z(section)) &&
           leaf_says(leaf, "expires_on", t->expires_on);
}

int asked_load(Hub *h, Arena *a, Id request, Asked *ret) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    int r = STORE_CALL(h->store, &rows,
                       "SELECT owner, recipient, purpose, template, section, expires_on, leaf, "
                       "enquiry_id, kept FROM door.hub_authorise_asked($1)",
                       p_id(request));
    if (r) return r;
    if (rows_count(rows) != 1) return REFUSE_not_found;
    Bytes section = row_bytes(rows, 0, COL_section);
    AuthorisationTerms t = {
        .realm = h->realm,
        .owner = arena_str(a, row_text(rows, 0, COL_owner)),
        .request = request,
        .recipient = arena_str(a, row_text(rows, 0, COL_recipient)),
        .purpose = arena_str(a, row_text(rows, 0, COL_purpose)),
        .template = arena_str(a, row_text(rows, 0, COL_template)),
        .expires_on = arena_str(a, row_text(rows, 0, COL_expires)),
    };
    if (section.len == HASH_LEN) memcpy(t.section.at, section.at, HASH_LEN);
    *ret = (Asked){.terms = t,
                   .enquiry = row_id(rows, 0, COL_enquiry),
                   .kept = arena_copy(a, row_bytes(rows, 0, COL_kept))};
    if (arena_failed(a)) return ERR_MEMORY;
    if (leaf_asked(&t, row_text(rows, 0, COL_leaf))) return 0;
    not_obeyed(request, "asked_otherwise");
    return REFUSE_not_found;
}

int asked_verify(const Hub *h, Arena *a, const AuthorisationTerms *t, Str key_id, Bytes signature) {
    const RegisteredKey *k = register_by_id(h->keys, KEY_people, key_id);
    if (!k || !k->holder[0] || !str_is(t->owner, k->owner)) return REFUSE_key_unknown;
    if (!k->usable) return REFUSE_key_revoked;
    Str message = authorisation_message(a, t);
    if (!message.at) return ERR_MEMORY;
    bool holds =
        signature.len == SIG_LEN && ed25519_verify(&k->public, str_bytes(message), signature);
    return holds ? 0 : REFUSE_signature_wrong;
}

static bool leaf_granted(Arena *a, Id request, Str owner, Str key_id, Bytes signature, Str leaf) {
    char id[ID_TEXT], *hex = arena_alloc(a, 2 * signature.len + 1);
    if (!hex) return false;
    id_text(request, id);
    hex_encode(signature, hex);
    return leaf_says(leaf, "act", STR("authorisation")) && leaf_says(leaf, "agency", owner) &&
           leaf_says(leaf, "request", str_z(id)) && leaf_says(leaf, "verdict", STR("granted")) &&
           leaf_says(leaf, "key", key_id) && leaf_says(leaf, "signature", str_z(hex));
}

static bool day_passed(Str day, Str today) {
    return day.len != today.len || memcmp(day.at, today.at, day.len) < 0;
}

/* One row of door.hub_grants. 0, or why it does not count. */
static int grant_check(Hub *h, Arena *a, const Rows *rows, size_t row, Str today, Grant *ret) {
    Id request = row_id(rows, row, 0);
    Str key_id = row_text(rows, row, 1);
    Bytes signature = row_bytes(rows, row, 2);
    Asked asked;
    int r = asked_load(h, a, request, &asked);
    if (r) return r;
    AuthorisationTerms *t = &asked.terms;
    if (day_passed(t->expires_on, today)) return REFUSE_word_too_late;
    if (!leaf_granted(a, request, t->owner, key_id, signature, row_text(rows, row, 3))) {
        return arena_failed(a) ? ERR_MEMORY : REFUSE_not_found;
    }
    t->verdict = STR("granted");
    r = asked_verify(h, a, t, key_id, signature);
    if (r == 0) *ret = (Grant){.owner = t->owner, .section = t->section};
    return r;
}

int grants_load(Hub *h, Arena *a, Id enquiry, Str recipient, Str purpose, Str today, Grant **ret,
                size_t *ret_count) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    int r =
        STORE_CALL(h->store, &rows,
                   "SELECT request_id, key_id, signature, said FROM door.hub_grants($1, $2, $3)",
                   p_id(enquiry), p_text(recipient), p_text(purpose));
    if (r) return r;
    Grant *at = arena_array(a, rows_count(rows) + 1, sizeof(*at));
    size_t count = 0;
    for (size_t i = 0; at && i < rows_count(rows); i++) {
        r = grant_check(h, a, rows, i, today, &at[count]);
        if (r < 0) return r;
        if (r == 0) count++;
        if (r > 0 && r != REFUSE_word_too_late) not_obeyed(row_id(rows, i, 0), reason_name(r));
    }
    *ret = at;
    *ret_count = count;
    return at ? 0 : ERR_MEMORY;
}
