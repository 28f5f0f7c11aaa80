/* An owner's word on its section of a product, by message: obeyed when it is on a request that was
 * put to this very agency, is signed by a person of it whose key is in force, and comes in time. */
#include "broker/hub/grants.h"
#include "broker/hub/word.h"

static int terms_answer(const Value *word, AuthorisationTerms *t) {
    t->verdict = value_text(word, F_authorisation_verdict);
    t->reason = value_text(word, F_authorisation_reason);
    bool refused = str_is(t->verdict, "refused");
    if (refused == (t->reason.len > 0)) return 0;
    return refused ? REFUSE_missing_field : REFUSE_argument_wrong;
}

int word_authorisation(Hub *h, Arena *a, const Work *w) {
    const Value *by = value_get(w->value, F_authorisation_endorsement);
    Str key_id = value_text(by, F_endorsement_key);
    Bytes signature = value_bytes(by, F_endorsement_signature);
    Asked asked;
    Id request;
    if (!value_id(w->value, F_authorisation_request_id, &request)) return REFUSE_missing_field;
    int r = asked_load(h, a, request, &asked);
    if (r == 0 && !str_eq(asked.terms.owner, w->agency)) r = REFUSE_not_found;
    if (r == 0) r = terms_answer(w->value, &asked.terms);
    if (r == 0) r = asked_verify(h, a, &asked.terms, key_id, signature);
    if (r) return r;
    return STORE_CALL(h->store, NULL, "SELECT door.hub_authorisation($1, $2, $3, $4, $5, $6, $7)",
                      p_text(w->agency), p_id(w->id), p_id(request), p_text(asked.terms.verdict),
                      p_text(asked.terms.reason), p_text(key_id), p_bytes(signature));
}
