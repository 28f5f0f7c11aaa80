/* Loading, checking and showing policies; see policies.h. A text becomes a version only with the
 * signatures of two people of the agency that owns it; the hub signs nothing here. */
#include "broker/hub/policies.h"

#include "broker/hub/speak.h"
#include "broker/io/log.h"
#include "broker/io/people.h"
#include "broker/release/findings.h"
#include "broker/release/rule.h"
#include "schemas/envelope.h"
#include "schemas/leaf.h"

/* Type, name and desk are what was enrolled: the type decides what may leave, the desk is where a
 * signpost leads. */
static bool agency_agrees(const AgencyEntry *e, Str leaf) {
    Bytes parts[] = {str_bytes(e->name), str_bytes(STR("\n")), str_bytes(e->desk)};
    Hash digest;
    char hex[2 * HASH_LEN + 1];
    if (sha256(parts, COUNT_OF(parts), &digest) < 0) return false;
    hex_encode(BYTES_OF(digest.at), hex);
    return leaf_says(leaf, "change", STR("agency")) && leaf_says(leaf, "agency", e->code) &&
           leaf_says(leaf, "type", e->type) && leaf_says(leaf, "digest", str_z(hex));
}

int agencies_load(Hub *h, Arena *a, AgencyEntry **ret, size_t *ret_count) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    int r = store_call(h->store, "SELECT agency, name, type, desk, leaf FROM door.hub_agencies()",
                       NULL, 0, &rows);
    if (r) return r;
    size_t count = 0;
    AgencyEntry *at = arena_array(a, rows_count(rows), sizeof(*at));
    for (size_t i = 0; at && i < rows_count(rows); i++) {
        at[count] = (AgencyEntry){.code = arena_str(a, row_text(rows, i, 0)),
                                  .name = arena_str(a, row_text(rows, i, 1)),
                                  .type = arena_str(a, row_text(rows, i, 2)),
                                  .desk = arena_str(a, row_text(rows, i, 3))};
        bool agrees = agency_agrees(&at[count], row_text(rows, i, 4));
        /* By its place, not its code: nobody vouches for what stands in the row. */
        if (!agrees) log_event(LOG_error, "agency_not_obeyed", "row=%zu", i + 1);
        count += agrees;
    }
    *ret = at;
    *ret_count = count;
    return arena_failed(a) ? ERR_MEMORY : 0;
}

const AgencyEntry *agency_find(const AgencyEntry *agencies, size_t count, Str code) {
    for (size_t i = 0; i < count; i++) {
        if (str_eq(agencies[i].code, code)) return &agencies[i];
    }
    return NULL;
}

static int parse(Arena *a, Str text, Str owner, const AgencyEntry *agencies, size_t count,
                 Rule **ret, size_t *ret_count, PolicyFault *fault) {
    Str *codes = arena_array(a, count, sizeof(*codes));
    for (size_t i = 0; codes && i < count; i++) codes[i] = agencies[i].code;
    if (!codes) return ERR_MEMORY;
    return policy_parse(a, text, owner, codes, count, ret, ret_count, fault);
}

static const char policies_sql[] =
    "SELECT owner, version, policy, valid_from, key_id, signature, leaves, leaf, today "
    "FROM door.hub_policies_in_force()";
enum { POLICY_owner, POLICY_version, POLICY_text, POLICY_from, POLICY_key, POLICY_signature,
       POLICY_leaves, POLICY_leaf, POLICY_today };

/* The ledger has a leaf for every version there ever was. When the last of those that have begun
 * is another one than the row's, or for another text or day, an old version was brought back, or
 * the next one before its time. */
static bool policy_is_last(const Rows *rows, size_t row, const Hash *digest) {
    char hex[2 * HASH_LEN + 1], number[24];
    Str leaf = row_text(rows, row, POLICY_leaf);
    int64_t version = row_number(rows, row, POLICY_version);
    hex_encode(BYTES_OF(digest->at), hex);
    (void)snprintf(number, sizeof(number), "%lld", (long long)version);
    return version == row_number(rows, row, POLICY_leaves) &&
           leaf_says(leaf, "owner", row_text(rows, row, POLICY_owner)) &&
           leaf_says(leaf, "version", str_z(number)) && leaf_says(leaf, "digest", str_z(hex)) &&
           str_eq(leaf_word(leaf, "from"), row_text(rows, row, POLICY_from));
}

/* By those who could speak for the owner when it was loaded. */
static bool policy_is_signed(const Hub *h, Arena *a, const Rows *rows, size_t first, size_t count,
                             Str owner, Str text) {
    Signer signers[SIGNERS_MAX];
    size_t n = 0;
    for (size_t row = first; row < first + count && n < SIGNERS_MAX; row++) {
        signers[n++] =
            (Signer){row_text(rows, row, POLICY_key), row_bytes(rows, row, POLICY_signature)};
    }
    int64_t version = row_number(rows, first, POLICY_version);
    Str message =
        policy_message(a, h->realm, owner, version, row_text(rows, first, POLICY_from), text);
    Str loaded_at = leaf_word(row_text(rows, first, POLICY_leaf), "at");
    if (!message.at || !loaded_at.len) return false;
    n = signers_keep(h->keys, owner, loaded_at, message, signers, n);
    return signers_may(h->keys, SAY_policy, owner, loaded_at, signers, n);
}

/* One owner's rows, from `first` on; the number of rows that are his goes to ret_rows. */
static int policy_take(Hub *h, Arena *a, const Rows *rows, size_t first,
                       const AgencyEntry *agencies, size_t count, Policies *p, size_t *ret_rows) {
    Str owner = arena_str(a, row_text(rows, first, POLICY_owner)),
        text = arena_str(a, row_text(rows, first, POLICY_text));
    size_t row = first;
    while (row < rows_count(rows) && str_eq(row_text(rows, row, POLICY_owner), owner)) row++;
    *ret_rows = row - first;
    Policy policy = {.owner = owner};
    PolicyFault fault;
    Rule *rules = NULL;
    Bytes whole = str_bytes(text);
    int r = sha256(&whole, 1, &policy.digest);
    if (r < 0) return r;
    r = parse(a, text, owner, agencies, count, &rules, &policy.count, &fault);
    if (r < 0) return r;
    if (r > 0 || !policy_is_last(rows, first, &policy.digest) ||
        !policy_is_signed(h, a, rows, first, *ret_rows, owner, text)) {
        log_event(LOG_error, "policy_not_obeyed", "owner=%.*s version=%lld", STR_ARG(owner),
                  (long long)row_number(rows, first, POLICY_version));
        return 0;
    }
    policy.rules = rules;
    p->version[p->count] = row_number(rows, first, POLICY_version);
    p->at[p->count++] = policy;
    return 0;
}

int policies_load(Hub *h, Arena *a, const AgencyEntry *agencies, size_t count, Policies *ret) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    int r = store_call(h->store, policies_sql, NULL, 0, &rows);
    if (r) return r;
    Policies p = {.at = arena_array(a, rows_count(rows), sizeof(*p.at)),
                  .version = arena_array(a, rows_count(rows), sizeof(*p.version))};
    if (!p.at || !p.version) return ERR_MEMORY;
    p.day = arena_str(a, row_text(rows, 0, POLICY_today));
    bool none = row_null(rows, 0, POLICY_owner); /* the one row tells the day alone */
    for (size_t row = none ? 1 : 0, taken = 0; row < rows_count(rows); row += taken) {
        r = policy_take(h, a, rows, row, agencies, count, &p, &taken);
        if (r < 0) return r;
    }
    Bytes *digests = arena_array(a, p.count, sizeof(*digests));
    for (size_t i = 0; digests && i < p.count; i++) digests[i] = BYTES_OF(p.at[i].digest.at);
    r = digests ? sha256(digests, p.count, &p.digest) : ERR_MEMORY;
    *ret = p;
    return r;
}

int64_t policies_version(const Policies *p, Str owner) {
    for (size_t i = 0; i < p->count; i++) {
        if (str_eq(p->at[i].owner, owner)) return p->version[i];
    }
    return 0;
}

int policies_note(Call *c, const Policies *p) {
    Str *owners = arena_array(c->arena, p->count, sizeof(*owners));
    for (size_t i = 0; owners && i < p->count; i++) owners[i] = p->at[i].owner;
    if (!owners) return ERR_MEMORY;
    return STORE_CALL(c->hub->store, NULL, "SELECT door.hub_policy_set($1, $2, $3)",
                      p_bytes(BYTES_OF(p->digest.at)), p_text_list(c->arena, owners, p->count),
                      p_number_list(c->arena, p->version, p->count));
}

int policies_told(Call *c, Bytes digest, Str owners, json_t *to) {
    static const Column columns[] = {
        {"owner", COLUMN_text}, {"version", COLUMN_number}, {"digest", COLUMN_text}};
    _cleanup_(rows_freep) Rows *rows = NULL;
    char hex[2 * HASH_LEN + 1];
    if (digest.len != HASH_LEN) return 0; /* an act from before digests were kept */
    hex_encode(digest, hex);
    int r = STORE_CALL(c->hub->store, &rows,
                       "SELECT owner, version, digest FROM door.hub_policies_of($1, $2)",
                       p_bytes(digest), p_text(owners));
    if (r) return r;
    json_object_set_new(to, "policy", json_string(hex));
    json_object_set_new(to, "policies", json_rows(rows, columns, COUNT_OF(columns)));
    return 0;
}

int policy_read(Call *c, Str text, Str owner, const AgencyEntry *agencies, size_t count,
                Rule **ret, size_t *ret_count) {
    PolicyFault fault = {0};
    int r = parse(c->arena, text, owner, agencies, count, ret, ret_count, &fault);
    if (r > 0) {
        size_t len = strlen(fault.sentence);
        bool asks = len && fault.sentence[len - 1] == '?';
        call_say(c, "%s%s", fault.sentence, asks ? "" : ".");
    }
    return r;
}

/* The rules as columns, one array each, in the order of door.hub_policy_load. */
typedef struct RuleColumns {
    int64_t *line;
    Str *text[ROW_COLUMNS];
} RuleColumns;

static int rule_columns(Arena *a, const Rule *rules, size_t count, RuleColumns *ret) {
    ret->line = arena_array(a, count, sizeof(*ret->line));
    for (size_t i = 0; i < COUNT_OF(ret->text); i++) {
        ret->text[i] = arena_array(a, count, sizeof(Str));
    }
    if (arena_failed(a)) return ERR_MEMORY;
    for (size_t i = 0; i < count; i++) {
        RuleRow row;
        rule_to_row(&rules[i], &row);
        ret->line[i] = (int64_t)row.line;
        for (size_t k = 0; k < ROW_COLUMNS; k++) ret->text[k][i] = row.text[k];
    }
    return 0;
}

typedef struct NewPolicy {
    Str owner, text;
    int64_t version; /* the one that it becomes */
    Str from;        /* the day on which it begins; {0}: at once */
    Signer signers[SIGNERS_MAX];
    size_t signer_count;
    const Rule *rules;
    size_t count;
    const AgencyEntry *agencies;
    size_t agency_count;
} NewPolicy;

/* As `mashctl policy check` says it on paper, with the types of the agencies that are here. */
static int policy_findings_told(Call *c, const NewPolicy *n, size_t *ret_count) {
    AgencyKnown *known = arena_array(c->arena, n->agency_count, sizeof(*known));
    Policy policy = {.owner = n->owner, .rules = n->rules, .count = n->count};
    json_t *list = json_array();
    Policies in_force = {0}; /* for the day that it is in the hub */
    Finding *at = NULL;
    json_object_set_new(c->result, "worth_a_look", list);
    for (size_t i = 0; known && i < n->agency_count; i++) {
        known[i] = (AgencyKnown){n->agencies[i].code, n->agencies[i].type};
    }
    int r = known ? policies_load(c->hub, c->arena, n->agencies, n->agency_count, &in_force)
                  : ERR_MEMORY;
    Str today = n->from.len ? n->from : in_force.day;
    if (r == 0) {
        r = policy_findings(c->arena, &policy, known, n->agency_count, today, &at, ret_count);
    }
    for (size_t i = 0; r == 0 && i < *ret_count; i++) {
        json_array_append_new(list, json_str(finding_text(c->arena, &at[i], today)));
    }
    return r;
}

static int policy_store(Call *c, const NewPolicy *n) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    Arena *a = c->arena;
    RuleColumns col = {0};
    Str ids[SIGNERS_MAX];
    Bytes signatures[SIGNERS_MAX], whole = str_bytes(n->text);
    Hash digest;
    for (size_t i = 0; i < n->signer_count; i++) {
        ids[i] = n->signers[i].key_id;
        signatures[i] = n->signers[i].signature;
    }
    size_t found = 0;
    int r = policy_findings_told(c, n, &found);
    if (r == 0) r = rule_columns(a, n->rules, n->count, &col);
    if (r == 0) r = sha256(&whole, 1, &digest);
    if (r < 0) return r;
    Param p[20] = {p_text(call_staff(c)),
                   p_text(n->owner),
                   p_number(n->version),
                   p_bytes(BYTES_OF(digest.at)),
                   p_text(n->text),
                   p_text_list(a, ids, n->signer_count),
                   p_bytes_list(a, signatures, n->signer_count),
                   p_number_list(a, col.line, n->count)};
    for (size_t i = 0; i < COUNT_OF(col.text); i++) {
        p[8 + i] = p_text_list(a, col.text[i], n->count);
    }
    p[19] = p_text(n->from);
    r = store_call(c->hub->store,
                   "SELECT door.hub_policy_load($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, "
                   "$13, $14, $15, $16, $17, $18, $19, $20)",
                   p, COUNT_OF(p), &rows);
    if (r) return r;
    json_object_set_new(c->result, "owner", json_str(n->owner));
    json_object_set_new(c->result, "version", json_integer(row_number(rows, 0, 0)));
    json_object_set_new(c->result, "rules", json_integer((json_int_t)n->count));
    call_say(c, "Version %lld of %.*s is in force%s%.*s: %zu rule%s, %zu worth a look.",
             (long long)row_number(rows, 0, 0), STR_ARG(n->owner), n->from.len ? " from " : "",
             STR_ARG(n->from), n->count, n->count == 1 ? "" : "s", found);
    return 0;
}

/* Two people must have signed this very text as the version that comes next, to begin on this very
 * day. */
static int policy_need_signed(Call *c, NewPolicy *n) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    int r = STORE_CALL(c->hub->store, &rows, "SELECT door.hub_policy_next($1)", p_text(n->owner));
    if (r) return r;
    n->version = row_number(rows, 0, 0);
    Str message =
        policy_message(c->arena, c->hub->realm, n->owner, n->version, n->from, n->text);
    if (!message.at) return ERR_MEMORY;
    const Register *keys = c->hub->keys;
    Str now = {0};
    size_t count = signers_keep(keys, n->owner, now, message, n->signers, n->signer_count);
    n->signer_count = count;
    if (signers_may(keys, SAY_policy, n->owner, now, n->signers, count)) return 0;
    call_say(c, "Sign it as version %lld%s%.*s: %zu of its owner's people did.",
             (long long)n->version, n->from.len ? " from " : "", STR_ARG(n->from),
             n->signer_count);
    return REFUSE_policy_unsigned;
}

/* `n` has its owner and text. */
static int policy_take_new(Call *c, NewPolicy *n) {
    Str lines;
    AgencyEntry *agencies = NULL;
    Rule *rules = NULL;
    size_t agency_count = 0;
    n->from = str_trim(call_text(c, "from"));
    if (n->from.len && !day_valid(n->from)) {
        call_say(c, "\"from\" is a day of the calendar, written YYYY-MM-DD.");
        return REFUSE_argument_wrong;
    }
    int r = call_need(c, "signatures", &lines);
    if (r == 0) r = call_signers(c, lines, n->signers, &n->signer_count);
    if (r == 0) r = agencies_load(c->hub, c->arena, &agencies, &agency_count);
    if (r) return r;
    if (!agency_find(agencies, agency_count, n->owner)) return REFUSE_not_found;
    r = policy_read(c, n->text, n->owner, agencies, agency_count, &rules, &n->count);
    if (r) return r;
    n->rules = rules;
    n->agencies = agencies;
    n->agency_count = agency_count;
    r = policy_need_signed(c, n);
    return r ? r : policy_store(c, n);
}

int cmd_policy_load(Call *c) {
    NewPolicy n = {0};
    int r = call_need(c, "owner", &n.owner);
    if (r == 0) r = call_need(c, "text", &n.text);
    if (r == 0) n.text = call_text(c, "text"); /* untrimmed: every byte of it was signed */
    return r ? r : policy_take_new(c, &n);
}

/* `version` {0}: the one in force. ret_version may be NULL. */
static int policy_kept(Call *c, Str owner, Str version, Str *ret, int64_t *ret_version) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    int64_t number = 0;
    int r = version.len ? call_need_number(c, "version", &number) : 0;
    if (r) return r;
    r = STORE_CALL(c->hub->store, &rows,
                   "SELECT version, policy FROM door.hub_policy_text($1, $2::bigint)",
                   p_text(owner), version.len ? p_number(number) : p_null());
    if (r) return r;
    if (rows_count(rows) == 0) return REFUSE_not_found;
    *ret = arena_str(c->arena, row_text(rows, 0, 1));
    if (ret_version) *ret_version = row_number(rows, 0, 0);
    return arena_failed(c->arena) ? ERR_MEMORY : 0;
}

/* Going back is going on: the text that held before becomes the version that comes next, and two of
 * the owner's people sign it as that. Their old signatures bring nothing back. */
int cmd_policy_roll_back(Call *c) {
    NewPolicy n = {0};
    Str version;
    int r = call_need(c, "owner", &n.owner);
    if (r == 0) r = call_need(c, "version", &version);
    if (r == 0) r = policy_kept(c, n.owner, version, &n.text, NULL);
    return r ? r : policy_take_new(c, &n);
}

/* What the table has in force, and the hub does not obey, is told apart: all that is its owner's is
 * withheld. */
static Str policy_state(const Policies *p, Str owner, int64_t version, Str state) {
    bool obeyed = policies_version(p, owner) == version;
    return str_is(state, "in force") && !obeyed ? STR("not obeyed") : state;
}

int cmd_policy_list(Call *c) {
    static const Column columns[] = {
        {"owner", COLUMN_text},     {"version", COLUMN_number}, {"state", COLUMN_text},
        {"from", COLUMN_text},      {"rules", COLUMN_number},   {"loaded_by", COLUMN_text},
        {"loaded_at", COLUMN_text}, {"signed_by", COLUMN_text}, {"digest", COLUMN_text},
    };
    enum { LIST_owner, LIST_version, LIST_state, LIST_keys = 7 };
    _cleanup_(rows_freep) Rows *rows = NULL;
    AgencyEntry *agencies = NULL;
    size_t count = 0;
    Policies p = {0};
    int r = store_call(c->hub->store,
                       "SELECT owner, version, state, valid_from, rules, loaded_by, loaded_at, "
                       "keys, digest FROM door.hub_policy_list()",
                       NULL, 0, &rows);
    if (r == 0) r = agencies_load(c->hub, c->arena, &agencies, &count);
    if (r == 0) r = policies_load(c->hub, c->arena, agencies, count, &p);
    if (r) return r;
    json_t *list = json_rows(rows, columns, COUNT_OF(columns));
    for (size_t i = 0; i < rows_count(rows); i++) {
        json_t *row = json_array_get(list, i);
        Str state = policy_state(&p, row_text(rows, i, LIST_owner),
                                 row_number(rows, i, LIST_version), row_text(rows, i, LIST_state));
        json_object_set_new(row, "state", json_str(state));
        json_object_set_new(row, "signed_by",
                            json_str(signers_text(c, row_text(rows, i, LIST_keys))));
    }
    json_object_set_new(c->result, "policies", list);
    return 0;
}

int cmd_policy_text(Call *c) {
    Str owner, text;
    int64_t version = 0;
    int r = call_need(c, "owner", &owner);
    if (r == 0) r = policy_kept(c, owner, call_text(c, "version"), &text, &version);
    if (r) return r;
    json_object_set_new(c->result, "owner", json_str(owner));
    json_object_set_new(c->result, "version", json_integer(version));
    json_object_set_new(c->result, "text", json_str(text));
    return 0;
}
