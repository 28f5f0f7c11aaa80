/* See register.h. What the table says is believed only where the ledger says the same: the leaf
 * that recorded the enrolment must name this key, its digest, its owner and what it is for (R7,
 * R8). */
#include "broker/io/register.h"

#include "broker/io/clock.h"
#include "broker/io/people.h"
#include "schemas/leaf.h"

/* Crash-only: without memory the program ends, and its supervisor starts it again. */
#define uthash_fatal(message) exit(EXIT_FAILURE)
#include <uthash.h>

/* What a key is found by: its kind, then its id or its public half. */
typedef struct ById {
    KeyKind kind;
    char id[KEY_ID_LEN + 1];
} ById;
typedef struct ByPublic {
    KeyKind kind;
    uint8_t public[KEY_LEN];
} ByPublic;

typedef struct Held {
    RegisteredKey key;
    ById by_id;
    ByPublic by_public;
    UT_hash_handle hh_id, hh_public;
} Held;

struct Register {
    Held *at; /* in the order of enrolment */
    size_t count;
    Held *ids, *publics; /* the same, hashed */
    People people;
    Str realm;           /* {0}: people's keys are not wanted */
    Hash digest;         /* of the rows that it was made of */
    size_t bad;
    char version[96];    /* as the door told it, of these rows */
    int64_t loaded_ms;
};

/* However unchanged the register says it is, it is read again after this time. */
enum { RELOAD_MS = 60000 };

/* A leaf begins with realm and time, so that its text sorts by time. */
static const char register_sql[] =
    "SELECT key_id, agency, agency_type, kind, public, usable, array_to_string(roles, '+'), "
    "valid_until, leaf "
    "FROM door.register() ORDER BY leaf COLLATE \"C\"";

enum {
    COL_id,
    COL_owner,
    COL_type,
    COL_kind,
    COL_public,
    COL_usable,
    COL_roles,
    COL_until,
    COL_leaf,
    REGISTER_COLUMNS
};

static const char *const kind_names[] = {
    [KEY_transport] = "transport", [KEY_origin] = "origin", [KEY_letter] = "letter",
    [KEY_witness] = "witness",     [KEY_people] = "people", [KEY_staff] = "staff",
};

int register_new(Register **ret, Str realm) {
    Register *r = calloc(1, sizeof(*r));
    if (!r) return ERR_MEMORY;
    r->realm = realm;
    *ret = r;
    return 0;
}

static void register_clear(Register *r) {
    HASH_CLEAR(hh_id, r->ids);
    HASH_CLEAR(hh_public, r->publics);
    free(r->people.at);
    free(r->at);
}

void register_free(Register *r) {
    if (!r) return;
    register_clear(r);
    free(r);
}

/* Copies a text of the database into a fixed field; false when it does not fit. */
static bool field_fill(char *out, size_t size, Str text) {
    if (text.len >= size) return false;
    if (text.len) memcpy(out, text.at, text.len);
    out[text.len] = '\0';
    return true;
}

static bool kind_known(Str name, KeyKind *ret) {
    for (size_t i = 0; i < COUNT_OF(kind_names); i++) {
        if (!str_is(name, kind_names[i])) continue;
        *ret = (KeyKind)i;
        return true;
    }
    return false;
}

static bool key_read(const Rows *rows, size_t row, RegisteredKey *ret) {
    Bytes public = row_bytes(rows, row, COL_public);
    Str roles = row_text(rows, row, COL_roles);
    RegisteredKey k = {.usable = row_yes(rows, row, COL_usable)};
    if (public.len != sizeof(k.public.at)) return false;
    memcpy(k.public.at, public.at, public.len);
    if (!kind_known(row_text(rows, row, COL_kind), &k.kind)) return false;
    if (!field_fill(k.id, sizeof(k.id), row_text(rows, row, COL_id))) return false;
    if (!field_fill(k.owner, sizeof(k.owner), row_text(rows, row, COL_owner))) return false;
    if (!field_fill(k.agency_type, sizeof(k.agency_type), row_text(rows, row, COL_type))) {
        return false;
    }
    if (roles.len + 3 > sizeof(k.roles)) return false;
    if (roles.len) (void)snprintf(k.roles, sizeof(k.roles), "+%.*s+", STR_ARG(roles));
    *ret = k;
    return true;
}

static bool leaf_agrees(const RegisteredKey *k, const Hash *digest, Str until, Str leaf) {
    char hex[2 * HASH_LEN + 1];
    Str owner = str_z(k->owner), roles = str_z(k->roles);
    hex_encode(BYTES_OF(digest->at), hex);
    if (memcmp(hex, k->id, KEY_ID_LEN) != 0) return false;
    if (!leaf_says(leaf, "act", STR("key"))) return false;
    if (!leaf_says(leaf, "key", str_z(k->id))) return false;
    if (!leaf_says(leaf, "digest", str_z(hex))) return false;
    if (k->kind != KEY_staff) {
        return leaf_says(leaf, "kind", str_z(kind_names[k->kind])) &&
               leaf_says(leaf, "agency", owner) && leaf_says(leaf, "valid_until", until);
    }
    if (!leaf_says(leaf, "staff", owner)) return false;
    if (roles.len == 0) return true;
    return leaf_says(leaf, "roles", (Str){.at = roles.at + 1, .len = roles.len - 2});
}

/* Two seconds later it is nearly always the same: then nothing is verified anew. Each value is
 * hashed after its length. */
static int rows_digest(const Rows *rows, size_t columns, Hash *ret) {
    size_t count = rows_count(rows) * columns, n = 0;
    _cleanup_(mem_freep) Bytes *parts = calloc(2 * count + 1, sizeof(*parts));
    _cleanup_(mem_freep) size_t *lengths = calloc(count + 1, sizeof(*lengths));
    if (!parts || !lengths) return ERR_MEMORY;
    for (size_t row = 0; row < rows_count(rows); row++) {
        for (int c = 0; c < (int)columns; c++, n++) {
            Bytes value = row_bytes(rows, row, c);
            lengths[n] = value.len;
            parts[2 * n] = bytes_of(&lengths[n], sizeof(lengths[n]));
            parts[2 * n + 1] = value;
        }
    }
    return sha256(parts, 2 * count, ret);
}

static void held_index(Register *r) {
    for (size_t i = 0; i < r->count; i++) {
        Held *h = &r->at[i], *same;
        h->by_id.kind = h->by_public.kind = h->key.kind;
        memcpy(h->by_id.id, h->key.id, sizeof(h->by_id.id));
        memcpy(h->by_public.public, h->key.public.at, sizeof(h->by_public.public));
        HASH_FIND(hh_id, r->ids, &h->by_id, sizeof(h->by_id), same);
        if (!same) HASH_ADD(hh_id, r->ids, by_id, sizeof(h->by_id), h);
        HASH_FIND(hh_public, r->publics, &h->by_public, sizeof(h->by_public), same);
        if (!same) HASH_ADD(hh_public, r->publics, by_public, sizeof(h->by_public), h);
    }
}

static Held *held_find(const Register *r, KeyKind kind, Str id) {
    ById wanted;
    Held *h;
    memset(&wanted, 0, sizeof(wanted)); /* compared byte by byte, its padding too */
    wanted.kind = kind;
    if (id.len >= sizeof(wanted.id)) return NULL;
    if (id.len) memcpy(wanted.id, id.at, id.len);
    HASH_FIND(hh_id, r->ids, &wanted, sizeof(wanted), h);
    return h;
}

static RegisteredKey *person_at(const Register *r, Str id) {
    Held *h = held_find(r, KEY_people, id);
    return h ? &h->key : NULL;
}

static int keys_fill(Register *r, const Rows *rows) {
    size_t all = rows_count(rows);
    r->at = calloc(all + 1, sizeof(*r->at));
    if (!r->at) return ERR_MEMORY;
    for (size_t row = 0; row < all; row++) {
        RegisteredKey *k = &r->at[r->count].key;
        Bytes public = BYTES_OF(k->public.at);
        Hash digest;
        if (!key_read(rows, row, k)) continue;
        int e = sha256(&public, 1, &digest);
        if (e < 0) return e; /* our trouble, and no reason to disobey a key */
        Str until = row_text(rows, row, COL_until), leaf = row_text(rows, row, COL_leaf);
        if (!field_fill(k->holder, sizeof(k->holder), leaf_word(leaf, "holder"))) continue;
        if (leaf_agrees(k, &digest, until, leaf)) r->count++;
    }
    memset(&r->at[r->count], 0, sizeof(*r->at)); /* what was read last and not obeyed */
    r->bad = all - r->count;
    held_index(r);
    return 0;
}

/* A people's key is nobody's until its enrolment is proven. */
static int people_prove(Register *r, const Rows *rows) {
    for (size_t i = 0; i < r->count; i++) {
        RegisteredKey *k = &r->at[i].key;
        k->term.voided = true;
        if (k->kind == KEY_people) k->usable = false;
    }
    int e = rows ? people_fill(r, &r->people, r->realm, rows, person_at) : 0;
    for (size_t i = 0; rows && i < r->count; i++) {
        const RegisteredKey *k = &r->at[i].key;
        r->bad += k->kind == KEY_people && !k->term.since[0];
    }
    return e;
}

static int register_fill(Register *r, const Rows *rows, const Rows *people) {
    int e = keys_fill(r, rows);
    return e < 0 ? e : people_prove(r, people);
}

static int load(Register *r, Store *s) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    _cleanup_(rows_freep) Rows *people = NULL;
    Register fresh = {.realm = r->realm};
    Hash digest[2] = {0};
    Bytes both = bytes_of(digest, sizeof(digest));
    int e = store_call(s, register_sql, NULL, 0, &rows);
    if (e == 0 && r->realm.len) e = store_call(s, people_sql, NULL, 0, &people);
    if (e) return e < 0 ? e : ERR_STORE;
    e = rows_digest(rows, REGISTER_COLUMNS, &digest[0]);
    if (e == 0 && people) e = rows_digest(people, PEOPLE_COLUMNS, &digest[1]);
    if (e == 0) e = sha256(&both, 1, &fresh.digest);
    if (e < 0) return e;
    r->loaded_ms = clock_mono_ms();
    if (r->at && hash_eq(&r->digest, &fresh.digest)) return 0;
    e = register_fill(&fresh, rows, people);
    if (e < 0) register_clear(&fresh);
    if (e < 0) return e;
    fresh.loaded_ms = r->loaded_ms;
    register_clear(r);
    *r = fresh;
    return 0;
}

/* The version is asked first: what changes in between is seen the next time. */
int register_load(Register *r, Store *s, size_t *ret_bad) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    int e = store_call(s, "SELECT door.register_version()", NULL, 0, &rows);
    if (e) return e < 0 ? e : ERR_STORE;
    Str version = row_text(rows, 0, 0);
    bool same = r->at && str_is(version, r->version);
    if (!same || clock_mono_ms() - r->loaded_ms > RELOAD_MS) {
        e = load(r, s);
        if (e < 0) return e;
        (void)snprintf(r->version, sizeof(r->version), "%.*s", STR_ARG(version));
    }
    *ret_bad = r->bad;
    return 0;
}

const RegisteredKey *register_by_id(const Register *r, KeyKind kind, Str id) {
    const Held *h = held_find(r, kind, id);
    return h ? &h->key : NULL;
}

const RegisteredKey *register_by_public(const Register *r, KeyKind kind, const Key *public) {
    ByPublic wanted = {.kind = kind};
    const Held *h;
    memcpy(wanted.public, public->at, sizeof(wanted.public));
    HASH_FIND(hh_public, r->publics, &wanted, sizeof(wanted), h);
    return h ? &h->key : NULL;
}

const RegisteredKey *register_current(const Register *r, KeyKind kind, Str owner) {
    for (size_t i = r->count; i > 0; i--) {
        const RegisteredKey *k = &r->at[i - 1].key;
        if (k->kind == kind && k->usable && str_is(owner, k->owner)) return k;
    }
    return NULL;
}

const People *register_people(const Register *r) {
    return &r->people;
}

bool register_alone(const Register *r, const RegisteredKey *k, Str moment) {
    for (size_t i = 0; i < r->count; i++) {
        const RegisteredKey *other = &r->at[i].key;
        bool same = strcmp(other->holder, k->holder) == 0;
        if (other->kind != KEY_people || same || strcmp(other->owner, k->owner) != 0) continue;
        if (term_holds(&other->term, moment)) return false;
    }
    return true;
}

bool register_holds(const Register *r, Str agency, Str holder) {
    for (size_t i = 0; i < r->count; i++) {
        const RegisteredKey *k = &r->at[i].key;
        bool theirs = k->kind == KEY_people && k->usable && str_is(agency, k->owner);
        if (theirs && str_is(holder, k->holder)) return true;
    }
    return false;
}

bool staff_has_role(const RegisteredKey *k, const char *role) {
    char wanted[sizeof(k->roles)];
    size_t at;
    int len = snprintf(wanted, sizeof(wanted), "+%s+", role);
    if (k->kind != KEY_staff || len < 3 || (size_t)len >= sizeof(wanted)) return false;
    return str_find(str_z(k->roles), str_z(wanted), &at);
}
