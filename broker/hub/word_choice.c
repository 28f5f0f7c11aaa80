/* An owner chooses what may become of what it said: a tier, or held at source. Narrower or wider,
 * its newest word counts; the sender is the owner, and the door looks that it speaks of its own. */
#include "broker/hub/word.h"

#include "broker/io/people.h"
#include "schemas/choice.h"

/* The owner's own alone: whoever leads its policy for it does not keep its silence. */
static bool of_owner(const Hub *h, Str owner, Str key_id) {
    const RegisteredKey *k = register_by_id(h->keys, KEY_people, key_id);
    return k && str_is(owner, k->owner);
}

/* The ids of the people's keys whose signatures hold, "+" between; none where none are needed. */
static int endorsers(Hub *h, Arena *a, const Work *w, Str *ret) {
    size_t count = value_count(w->value, F_choice_endorsement), own = 0;
    Signer signers[SIGNERS_MAX];
    *ret = (Str){0};
    if (!choice_is_grave(w->value)) return 0;
    if (count > SIGNERS_MAX) return REFUSE_too_many;
    for (size_t i = 0; i < count; i++) {
        const Value *e = value_item(w->value, F_choice_endorsement, i);
        signers[i] = (Signer){value_text(e, F_endorsement_key),
                              value_bytes(e, F_endorsement_signature)};
    }
    Str message = choice_message(a, h->realm, w->agency, w->value), now = {0};
    if (!message.at) return ERR_MEMORY;
    size_t kept = signers_keep(h->keys, w->agency, now, message, signers, count);
    for (size_t i = 0; i < kept; i++) {
        if (!of_owner(h, w->agency, signers[i].key_id)) continue;
        *ret = arena_printf(a, "%.*s%s%.*s", STR_ARG(*ret), own++ ? "+" : "",
                            STR_ARG(signers[i].key_id));
    }
    return own >= CHOICE_ENDORSERS ? 0 : REFUSE_unendorsed;
}

int word_choice(Hub *h, Arena *a, const Work *w) {
    Fault fault;
    Id of;
    Str keys;
    int r = choice_check(w->value, &fault);
    if (r == 0 && !value_id(w->value, F_choice_message_id, &of)) r = REFUSE_missing_field;
    if (r == 0) r = endorsers(h, a, w, &keys);
    if (r) return r;
    return STORE_CALL(
        h->store, NULL,
        "SELECT door.hub_choice($1, $2, $3, $4, $5, $6::boolean, $7, $8::date, $9::timestamptz, "
        "$10)",
        p_text(w->agency), p_id(w->id), p_id(of),
        p_text(value_text(w->value, F_choice_class)),
        p_text(value_text(w->value, F_choice_tier)),
        p_z(value_yes(w->value, F_choice_held_at_source) ? "true" : "false"),
        p_text(value_text(w->value, F_choice_reason)),
        p_text(value_text(w->value, F_choice_review_on)),
        p_text(value_text(w->value, F_choice_chosen_at)), p_text(keys));
}
