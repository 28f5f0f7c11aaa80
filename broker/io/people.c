/* See people.h. */
#include "broker/io/people.h"

#include "schemas/leaf.h"

/* ---- a moment and a term -------------------------------------------------------------------- */

/* Times are UTC in one form, so that the earlier one sorts first; beyond milliseconds they are
 * written differently, and nothing here depends on it. */
static int moments(Str a, const char *b) {
    return a.len < MOMENT_LEN ? -1 : memcmp(a.at, b, MOMENT_LEN);
}

static bool moment_fill(char out[MOMENT_LEN + 1], Str text) {
    if (text.len < MOMENT_LEN) return false;
    memcpy(out, text.at, MOMENT_LEN);
    return true;
}

bool term_holds(const Term *t, Str moment) {
    if (t->voided) return false;
    if (moment.len == 0) return t->current;
    /* It may have signed its own end. */
    bool going = !t->ended[0] || moments(moment, t->ended) <= 0;
    return going && moments(moment, t->since) >= 0 && moments(moment, t->until) < 0;
}

/* ---- who may -------------------------------------------------------------------------------- */

const Delegation *delegation_at(const Register *r, Str agency, Str moment) {
    const People *p = register_people(r);
    for (size_t i = p->count; i > 0; i--) {
        const Delegation *d = &p->at[i - 1];
        bool begun = moment.len == 0 || moments(moment, d->term.since) >= 0;
        if (!begun || !str_is(agency, d->agency)) continue;
        return term_holds(&d->term, moment) ? d : NULL;
    }
    return NULL;
}

typedef enum Part { PART_none, PART_own, PART_lead, PART_colleague, PART_COUNT } Part;

/* As what this key speaks for `owner` at that moment. */
static Part part_of(const Register *r, Str owner, Str moment, const RegisteredKey *k) {
    if (!k || !k->holder[0] || !term_holds(&k->term, moment)) return PART_none;
    if (str_is(owner, k->owner)) return PART_own;
    const Delegation *d = delegation_at(r, owner, moment);
    if (!d || strcmp(d->lead, k->owner) != 0) return PART_none;
    return strcmp(d->holder, k->holder) == 0 ? PART_lead : PART_colleague;
}

static const RegisteredKey *key_of(const Register *r, const Signer *s) {
    return register_by_id(r, KEY_people, s->key_id);
}

static bool same_person(const RegisteredKey *a, const RegisteredKey *b) {
    return strcmp(a->owner, b->owner) == 0 && strcmp(a->holder, b->holder) == 0;
}

size_t signers_keep(const Register *r, Str owner, Str moment, Str message, Signer *signers,
                    size_t count) {
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        const RegisteredKey *k = key_of(r, &signers[i]);
        bool good = part_of(r, owner, moment, k) != PART_none &&
                    signers[i].signature.len == SIG_LEN &&
                    ed25519_verify(&k->public, str_bytes(message), signers[i].signature);
        for (size_t before = 0; good && before < kept; before++) {
            good = !same_person(key_of(r, &signers[before]), k);
        }
        if (good) signers[kept++] = signers[i];
    }
    return kept;
}

Say say_of(Str act) {
    if (str_is(act, "delegate")) return SAY_delegate;
    return str_is(act, "withdraw") ? SAY_withdraw : SAY_people;
}

bool signers_may(const Register *r, Say say, Str owner, Str moment, const Signer *signers,
                 size_t count) {
    size_t n[PART_COUNT] = {0};
    bool alone = false;
    for (size_t i = 0; i < count; i++) {
        const RegisteredKey *k = key_of(r, &signers[i]);
        Part part = part_of(r, owner, moment, k);
        n[part]++;
        alone = alone || (part == PART_own && register_alone(r, k, moment));
    }
    size_t own = n[PART_own], lead = n[PART_lead];
    switch (say) {
    case SAY_policy: return own >= 2 || (lead && own + lead + n[PART_colleague] >= 2);
    case SAY_people: return own >= 2 || (own && lead);
    case SAY_delegate: return own >= 2 || alone;
    case SAY_withdraw: return own >= 1;
    }
    return false;
}

int signers_read(Arena *a, Str lines, Signer ret[SIGNERS_MAX], size_t *ret_count) {
    Str line;
    size_t n = 0;
    while (str_split(&lines, '\n', &line)) {
        Str rest = str_trim(line), id = {0};
        if (rest.len == 0) continue;
        uint8_t *raw = arena_alloc(a, SIG_LEN);
        if (!raw) return ERR_MEMORY;
        bool ok = str_split(&rest, ' ', &id) && rest.at && hex_decode(rest, raw, SIG_LEN);
        if (!ok || n == SIGNERS_MAX) return REFUSE_argument_wrong;
        ret[n++] = (Signer){id, bytes_of(raw, SIG_LEN)};
    }
    *ret_count = n;
    return 0;
}

/* ---- proving -------------------------------------------------------------------------------- */

/* `signed`: the lines of signatures that stand beside the act; none in the key ceremony. */
const char people_sql[] =
    "SELECT key_id, leaf, signed, rank, ended, voided, current FROM door.hub_people()";
enum { COL_key, COL_leaf, COL_signed, COL_rank, COL_ended, COL_voided, COL_current };
enum { CEREMONY = 2 /* so many people of an agency the ceremony enrols */, ACT_MEMORY = 65536 };

static bool term_read(const Rows *rows, size_t row, Term *ret) {
    Str leaf = row_text(rows, row, COL_leaf), ended = row_text(rows, row, COL_ended);
    *ret = (Term){.voided = row_yes(rows, row, COL_voided),
                  .current = row_yes(rows, row, COL_current)};
    return moment_fill(ret->since, leaf_word(leaf, "at")) &&
           moment_fill(ret->until, leaf_word(leaf, "valid_until")) &&
           (ended.len == 0 || moment_fill(ret->ended, ended));
}

/* What was signed, as the leaf tells it: nothing else of the act is believed. */
static PeopleAct act_read(Str leaf, Str public) {
    Str until = leaf_word(leaf, "valid_until");
    PeopleAct act = {.agency = leaf_word(leaf, public.len ? "agency" : "owner"),
                     .holder = leaf_word(leaf, "holder"),
                     .until = (Str){until.at, until.len < 10 ? 0 : 10},
                     .lead = leaf_word(leaf, "lead"),
                     .number = leaf_word(leaf, "number"),
                     .replaces = leaf_word(leaf, "replaces"),
                     .public = public};
    act.act = public.len == 0 ? STR("delegate") : act.replaces.len ? STR("rotate") : STR("enrol");
    return act;
}

static int proven(const Register *r, Arena *a, Str realm, const PeopleAct *act, Str leaf, Str lines,
                  bool *ret) {
    Signer signers[SIGNERS_MAX];
    Str moment = leaf_word(leaf, "at");
    size_t count = 0;
    *ret = false;
    if (people_fault(act)) return 0;
    Str message = people_message(a, realm, act);
    int e = message.at ? signers_read(a, lines, signers, &count) : ERR_MEMORY;
    if (e) return e < 0 ? e : 0;
    count = signers_keep(r, act->agency, moment, message, signers, count);
    *ret = signers_may(r, say_of(act->act), act->agency, moment, signers, count);
    return 0;
}

static int person_fill(const Register *r, Arena *a, Str realm, const Rows *rows, size_t row,
                       RegisteredKey *k) {
    char hex[2 * KEY_LEN + 1];
    Str leaf = row_text(rows, row, COL_leaf), lines = row_text(rows, row, COL_signed);
    Term term;
    hex_encode(BYTES_OF(k->public.at), hex);
    if (!term_read(rows, row, &term)) return 0;
    PeopleAct act = act_read(leaf, str_z(hex));
    bool good = lines.len == 0 && row_number(rows, row, COL_rank) <= CEREMONY;
    int e = good ? 0 : proven(r, a, realm, &act, leaf, lines, &good);
    if (e < 0 || !good) return e;
    k->term = term;
    k->usable = term_holds(&term, (Str){0});
    return 0;
}

static int delegation_fill(const Register *r, People *p, Arena *a, Str realm, const Rows *rows,
                           size_t row) {
    Delegation d = {0};
    Str leaf = row_text(rows, row, COL_leaf);
    PeopleAct act = act_read(leaf, (Str){0});
    uint64_t number = 0;
    bool good = str_u64(act.number, &number) && (int64_t)number == row_number(rows, row, COL_rank);
    good = good && term_read(rows, row, &d.term) && act.agency.len < sizeof(d.agency) &&
           act.lead.len < sizeof(d.lead) && act.holder.len < sizeof(d.holder);
    int e = good ? proven(r, a, realm, &act, leaf, row_text(rows, row, COL_signed), &good) : 0;
    if (e < 0 || !good) return e;
    memcpy(d.agency, act.agency.at, act.agency.len);
    memcpy(d.lead, act.lead.at, act.lead.len);
    memcpy(d.holder, act.holder.at, act.holder.len);
    p->at[p->count++] = d;
    return 0;
}

/* What an act stands on has its own row before it. */
int people_fill(const Register *r, People *p, Str realm, const Rows *rows,
                RegisteredKey *(*key_at)(const Register *r, Str id)) {
    _cleanup_(arena_freep) Arena *a = arena_new(ACT_MEMORY);
    p->at = calloc(rows_count(rows) + 1, sizeof(*p->at));
    int e = a && p->at ? 0 : ERR_MEMORY;
    for (size_t row = 0; row < rows_count(rows) && e == 0; row++) {
        bool delegation = row_null(rows, row, COL_key);
        RegisteredKey *k = delegation ? NULL : key_at(r, row_text(rows, row, COL_key));
        if (delegation) e = delegation_fill(r, p, a, realm, rows, row);
        if (k) e = person_fill(r, a, realm, rows, row, k);
        arena_reset(a);
    }
    return e;
}
