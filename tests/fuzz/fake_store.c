/* See fake_store.h. Answers never fail for want of a connection: tests/torture does that. */
#include "tests/fuzz/fake_store.h"

#include "tests/fuzz/frames.h"
#include "tests/fuzz/fuzz.h"

enum { COLUMNS_MAX = 16, KEYS_MAX = 16, TEXT_MAX = 800 };

struct Store {
    Bytes script;
    bool in_flight;
};

struct Rows {
    size_t count, columns;
    Bytes (*cells)[COLUMNS_MAX];
};

static Store the_store;

Store *fake_store(void) {
    return &the_store;
}

void fake_store_answers(Bytes script) {
    the_store.script = script;
}

/* ---- the register ---------------------------------------------------------------------------- */

static const struct {
    CastKey key;
    const char *kind, *owner, *type, *roles;
    bool usable;
} enrolled[] = {
    {CAST_transport, "transport", "police", "police", "", true},
    {CAST_revoked, "transport", "police", "police", "", false},
    {CAST_origin, "origin", "police", "police", "", true},
    {CAST_revoked_origin, "origin", "police", "police", "", false},
    {CAST_letter, "letter", "police", "police", "", true},
    {CAST_witness, "witness", "police", "police", "", true},
    {CAST_health, "origin", "health", "health", "", true},
    {CAST_staff, "staff", "amina", "",
     "triage_officer+decision_maker+social_work_manager+hub_manager", true},
};

static Bytes cells[COUNT_OF(enrolled)][COLUMNS_MAX];

static void register_row(size_t i) {
    static char ids[COUNT_OF(enrolled)][KEY_ID_LEN + 1], leaves[COUNT_OF(enrolled)][TEXT_MAX];
    static Key keys[COUNT_OF(enrolled)];
    static const char yes = 1, no = 0, until[] = "2027-11-22T00:00:00Z";
    char hex[2 * HASH_LEN + 1];
    Hash digest;
    keys[i] = cast_key(enrolled[i].key);
    Bytes public = BYTES_OF(keys[i].at);
    MUST(sha256(&public, 1, &digest) == 0);
    hex_encode(BYTES_OF(digest.at), hex);
    cast_id(enrolled[i].key, ids[i]);
    bool staff = str_is(str_z(enrolled[i].kind), "staff");
    (void)snprintf(leaves[i], TEXT_MAX,
                   "mash-leaf/1\nact key\n%s %s\nkey %s\nkind %s\ndigest %s\nvalid_until %s\n"
                   "roles %s\n",
                   staff ? "staff" : "agency", enrolled[i].owner, ids[i], enrolled[i].kind, hex,
                   until, enrolled[i].roles);
    Bytes row[] = {str_bytes(str_z(ids[i])),
                   str_bytes(str_z(enrolled[i].owner)),
                   str_bytes(str_z(enrolled[i].type)),
                   str_bytes(str_z(enrolled[i].kind)),
                   public,
                   bytes_of(enrolled[i].usable ? &yes : &no, 1),
                   str_bytes(str_z(enrolled[i].roles)),
                   str_bytes(str_z(until)),
                   str_bytes(str_z(leaves[i]))};
    memcpy(cells[i], row, sizeof(row));
}

static int register_answer(Rows **ret) {
    for (size_t i = 0; i < COUNT_OF(enrolled); i++) register_row(i);
    Rows *rows = calloc(1, sizeof(*rows));
    MUST(rows);
    *rows = (Rows){.count = COUNT_OF(enrolled), .columns = COLUMNS_MAX, .cells = cells};
    *ret = rows;
    return 0;
}

Register *fake_register(void) {
    Register *r = NULL;
    size_t bad = 0;
    MUST(register_new(&r, (Str){0}) == 0 && register_load(r, &the_store, &bad) == 0);
    MUST(bad == 0);
    return r;
}

/* ---- what the bytes say ---------------------------------------------------------------------- */

static int scripted(Rows **ret) {
    static const Reason refusals[] = {REFUSE_not_found, REFUSE_not_claimed, REFUSE_items_changed};
    Bytes *s = &the_store.script;
    uint8_t what = 1;
    if (s->len) {
        what = s->at[0];
        *s = bytes_of(s->at + 1, s->len - 1);
    }
    if (what >= 250) return (int)refusals[what % COUNT_OF(refusals)];
    if (!ret) return 0;
    Rows *rows = calloc(1, sizeof(*rows));
    MUST(rows);
    rows->count = what % 4;
    if (rows->count) rows->cells = calloc(rows->count, sizeof(*rows->cells));
    for (size_t i = 0; i < rows->count; i++) {
        for (size_t k = 0; k < COLUMNS_MAX && s->len && what >= 4; k++) {
            rows->cells[i][k] = part_cut(s);
        }
    }
    *ret = rows;
    return 0;
}

int store_call(Store *s, const char *sql, const Param *params, size_t count, Rows **ret) {
    for (size_t i = 0; i < count; i++) MUST(!params[i].broken);
    if (ret) *ret = NULL;
    MUST(s == &the_store);
    return strstr(sql, "door.register()") ? register_answer(ret) : scripted(ret);
}

/* One statement in flight, as in the real one. */
int store_send(Store *s, const char *sql, const Param *params, size_t count) {
    for (size_t i = 0; i < count; i++) MUST(!params[i].broken);
    MUST(s == &the_store && sql && !s->in_flight);
    s->in_flight = true;
    return 0;
}

int store_ready(Store *s, bool *ret_ready) {
    *ret_ready = s->in_flight;
    return 0;
}

int store_result(Store *s, Rows **ret) {
    MUST(s->in_flight);
    s->in_flight = false;
    if (ret) *ret = NULL;
    return scripted(ret);
}

int store_begin(Store *s) {
    MUST(s == &the_store);
    return 0;
}

int store_commit(Store *s) {
    MUST(s == &the_store);
    return 0;
}

void store_rollback(Store *s) {
    MUST(s == &the_store);
}

StoreBlame store_blame(const Store *s) {
    (void)s;
    return STORE_unclear;
}

bool store_fault_in_data(const Store *s) {
    MUST(s == &the_store);
    return true;
}

bool store_notified(Store *s) {
    MUST(s == &the_store);
    return false;
}

/* ---- never called by what is tried ----------------------------------------------------------- */

int store_open(const char *conninfo, const char *program, int64_t wait_ms, Store **ret) {
    (void)conninfo;
    (void)program;
    (void)wait_ms;
    *ret = &the_store;
    return 0;
}

void store_close(Store *s) {
    (void)s;
}

int store_fd(const Store *s) {
    (void)s;
    return -1;
}

int store_listen(Store *s, const char *channel) {
    (void)s;
    (void)channel;
    return 0;
}

/* ---- rows ------------------------------------------------------------------------------------ */

size_t rows_count(const Rows *r) {
    return r->count;
}

Bytes row_bytes(const Rows *r, size_t row, int column) {
    if (row >= r->count || column >= COLUMNS_MAX) return (Bytes){0};
    return r->cells[row][column];
}

bool row_null(const Rows *r, size_t row, int column) {
    return row_bytes(r, row, column).at == NULL;
}

/* As PostgreSQL: no text that is not UTF-8. */
Str __real_row_text(const Rows *r, size_t row, int column);
Str __wrap_row_text(const Rows *r, size_t row, int column);
Str __wrap_row_text(const Rows *r, size_t row, int column) {
    Str text = __real_row_text(r, row, column);
    return utf8_valid(str_bytes(text)) ? text : (Str){0};
}

void rows_free(Rows *r) {
    if (!r) return;
    if (r->cells != cells) free(r->cells);
    free(r);
}
