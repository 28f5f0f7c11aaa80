/* The people of agencies: who speaks for each, and the acts that change it. The hub takes an act
 * only with the signatures that it needs (broker/io/people.h), and signs nothing itself. */
#include "broker/hub/speak.h"

/* ---- signatures ------------------------------------------------------------------------------ */

int call_signers(Call *c, Str lines, Signer ret[SIGNERS_MAX], size_t *ret_count) {
    int r = signers_read(c->arena, lines, ret, ret_count);
    if (r > 0) call_say(c, "signatures: each line is a key id, a space and 128 hex digits.");
    return r;
}

Str signers_text(Call *c, Str ids) {
    Str id, said = {0};
    while (str_split(&ids, ' ', &id)) {
        const RegisteredKey *k = register_by_id(c->hub->keys, KEY_people, id);
        said = arena_printf(c->arena, "%.*s%s%s (%s)", STR_ARG(said), said.len ? ", " : "",
                            k ? k->holder : "nobody known", k ? k->owner : "?");
    }
    return said;
}

/* ---- an act ---------------------------------------------------------------------------------- */

typedef struct Change {
    PeopleAct act;
    Key public;
    Signer signers[SIGNERS_MAX];
    size_t count;
    Str signed_lines;
} Change;

/* Where each word of an act comes from: the argument of the same name. */
static int change_words(Call *c, PeopleAct *act) {
    static const char *const names[] = {"agency",   "act",    "key",  "public", "holder", "until",
                                        "replaces", "reason", "lead", "number"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        *people_word(act, str_z(names[i])) = str_trim(call_text(c, names[i]));
    }
    if (act->public.len) act->public = public_hex(act->public);
    const char *fault = people_fault(act);
    if (!fault) return 0;
    call_say(c, "\"%s\" is missing, wrong, or not for this act.", fault);
    return REFUSE_argument_wrong;
}

/* Those who may, as of now: what each said stands in the rows one line a person. */
static int change_need_signed(Call *c, Change *n) {
    const Register *keys = c->hub->keys;
    Str now = {0}, owner = n->act.agency;
    Str message = people_message(c->arena, c->hub->realm, &n->act);
    if (!message.at) return ERR_MEMORY;
    n->count = signers_keep(keys, owner, now, message, n->signers, n->count);
    if (!signers_may(keys, say_of(n->act.act), owner, now, n->signers, n->count)) {
        call_say(c, "%zu of those who may have signed exactly this.", n->count);
        return REFUSE_people_unsigned;
    }
    for (size_t i = 0; i < n->count; i++) {
        char hex[2 * SIG_LEN + 1];
        hex_encode(n->signers[i].signature, hex);
        n->signed_lines = arena_printf(c->arena, "%.*s%.*s %s\n", STR_ARG(n->signed_lines),
                                       STR_ARG(n->signers[i].key_id), hex);
    }
    return arena_failed(c->arena) ? ERR_MEMORY : 0;
}

/* The lead must be somebody: a mistyped post would sign nothing, for ever. */
static int change_need_lead(Call *c, const PeopleAct *act) {
    if (!act->lead.len || register_holds(c->hub->keys, act->lead, act->holder)) return 0;
    call_say(c, "The lead's agency has no such person in force.");
    return REFUSE_not_found;
}

static int change_store(Call *c, const Change *n) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    const PeopleAct *act = &n->act;
    Str ids[SIGNERS_MAX];
    for (size_t i = 0; i < n->count; i++) ids[i] = n->signers[i].key_id;
    Param public = act->public.len ? p_bytes(BYTES_OF(n->public.at)) : p_null();
    int r = STORE_CALL(c->hub->store, &rows,
                       "SELECT door.hub_people_change($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, "
                       "$11, $12, $13)",
                       p_text(call_staff(c)), p_text(act->agency), p_text(act->act),
                       p_text(act->key), public, p_text(act->holder), p_text(act->until),
                       p_text(act->replaces), p_text(act->reason), p_text(act->lead),
                       p_text(act->number), p_text_list(c->arena, ids, n->count),
                       p_text(n->signed_lines));
    if (r == REFUSE_state_wrong) {
        call_say(c, "The key or the number is not the next: see `mashctl people` and sign anew.");
    }
    if (r) return r;
    json_object_set_new(c->result, "agency", json_str(act->agency));
    json_object_set_new(c->result, "act", json_str(act->act));
    json_object_set_new(c->result, "leaf", json_integer(row_number(rows, 0, 0)));
    call_say(c, "It is done, and stands in the ledger as leaf %lld.",
             (long long)row_number(rows, 0, 0));
    return 0;
}

int cmd_people_change(Call *c) {
    Change n = {0};
    Str lines;
    int r = change_words(c, &n.act);
    if (r == 0) r = call_need(c, "signatures", &lines);
    if (r == 0) r = call_signers(c, lines, n.signers, &n.count);
    if (r == 0 && n.act.public.len && !hex_decode(n.act.public, n.public.at, KEY_LEN)) {
        r = REFUSE_argument_wrong;
    }
    if (r == 0) r = change_need_lead(c, &n.act);
    if (r == 0) r = change_need_signed(c, &n);
    if (r == 0) r = change_store(c, &n);
    return r ? r : server_refresh(&c->hub->server);
}

/* ---- who they are ---------------------------------------------------------------------------- */

/* What the rows say and the register does not obey is told apart. */
static void people_judge(const Register *keys, const Rows *rows, json_t *list) {
    size_t i;
    json_t *row;
    json_array_foreach(list, i, row) {
        const RegisteredKey *k = register_by_id(keys, KEY_people, row_text(rows, i, 0));
        bool obeyed = k && k->term.since[0];
        if (!obeyed) json_object_set_new(row, "state", json_string("not obeyed"));
    }
}

static void delegations_judge(const Register *keys, const Rows *rows, json_t *list) {
    size_t i;
    json_t *row;
    json_array_foreach(list, i, row) {
        const Delegation *d = delegation_at(keys, row_text(rows, i, 0), row_text(rows, i, 4));
        bool withdrawn = str_starts(row_text(rows, i, 6), STR("withdrawn"));
        bool obeyed = withdrawn || (d && str_is(row_text(rows, i, 3), d->holder));
        if (!obeyed) json_object_set_new(row, "state", json_string("not obeyed"));
    }
}

int cmd_people(Call *c) {
    static const Column columns[] = {
        {"key", COLUMN_text},   {"agency", COLUMN_text}, {"holder", COLUMN_text},
        {"since", COLUMN_text}, {"until", COLUMN_text},  {"state", COLUMN_text},
        {"by", COLUMN_text},
    };
    static const Column leads[] = {
        {"agency", COLUMN_text}, {"number", COLUMN_number}, {"lead", COLUMN_text},
        {"holder", COLUMN_text}, {"since", COLUMN_text},    {"until", COLUMN_text},
        {"state", COLUMN_text},  {"by", COLUMN_text},
    };
    _cleanup_(rows_freep) Rows *rows = NULL;
    _cleanup_(rows_freep) Rows *delegations = NULL;
    Param agency = p_text(str_trim(call_text(c, "agency"))); /* NULL: of all */
    int r = STORE_CALL(c->hub->store, &rows,
                       "SELECT key_id, agency, holder, since, until, state, by "
                       "FROM door.hub_people_list($1)",
                       agency);
    if (r == 0) {
        r = STORE_CALL(c->hub->store, &delegations,
                       "SELECT agency, number, lead, holder, since, until, state, by "
                       "FROM door.hub_delegations($1)",
                       agency);
    }
    if (r) return r;
    json_t *list = json_rows(rows, columns, COUNT_OF(columns));
    people_judge(c->hub->keys, rows, list);
    json_object_set_new(c->result, "people", list);
    list = json_rows(delegations, leads, COUNT_OF(leads));
    delegations_judge(c->hub->keys, delegations, list);
    json_object_set_new(c->result, "delegations", list);
    return 0;
}
