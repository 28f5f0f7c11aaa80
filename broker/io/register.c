/* See register.h. What the table says is believed only where the ledger says the same: the leaf
 * that recorded the enrolment must name this key, its digest, its owner and what it is for (R7,
 * R8). */
#include "broker/io/register.h"

#include "schemas/leaf.h"

struct Register {
    RegisteredKey *at; /* in the order of enrolment */
    size_t count;
};

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
    COL_leaf
};

static const char *const kind_names[] = {
    [KEY_transport] = "transport", [KEY_origin] = "origin", [KEY_letter] = "letter",
    [KEY_witness] = "witness",     [KEY_people] = "people", [KEY_staff] = "staff",
};

int register_new(Register **ret) {
    Register *r = calloc(1, sizeof(*r));
    if (!r) return ERR_MEMORY;
    *ret = r;
    return 0;
}

void register_free(Register *r) {
    if (!r) return;
    free(r->at);
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

static bool leaf_agrees(const RegisteredKey *k, Str until, Str leaf) {
    Hash digest;
    char hex[2 * HASH_LEN + 1];
    Bytes public = BYTES_OF(k->public.at);
    Str owner = str_z(k->owner), roles = str_z(k->roles);
    if (sha256(&public, 1, &digest) < 0) return false;
    hex_encode(BYTES_OF(digest.at), hex);
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

int register_load(Register *r, Store *s, size_t *ret_bad) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    int e = store_call(s, register_sql, NULL, 0, &rows);
    if (e) return e < 0 ? e : ERR_STORE;
    size_t all = rows_count(rows), count = 0;
    RegisteredKey *keys = calloc(all + 1, sizeof(*keys));
    if (!keys) return ERR_MEMORY;
    for (size_t row = 0; row < all; row++) {
        if (!key_read(rows, row, &keys[count])) continue;
        Str until = row_text(rows, row, COL_until), leaf = row_text(rows, row, COL_leaf);
        RegisteredKey *k = &keys[count];
        if (!field_fill(k->holder, sizeof(k->holder), leaf_word(leaf, "holder"))) continue;
        if (leaf_agrees(k, until, leaf)) count++;
    }
    free(r->at);
    *r = (Register){.at = keys, .count = count};
    *ret_bad = all - count;
    return 0;
}

const RegisteredKey *register_by_id(const Register *r, KeyKind kind, Str id) {
    for (size_t i = 0; i < r->count; i++) {
        if (r->at[i].kind == kind && str_is(id, r->at[i].id)) return &r->at[i];
    }
    return NULL;
}

const RegisteredKey *register_by_public(const Register *r, KeyKind kind, const Key *public) {
    for (size_t i = 0; i < r->count; i++) {
        const RegisteredKey *k = &r->at[i];
        if (k->kind == kind && memcmp(k->public.at, public->at, sizeof(public->at)) == 0) return k;
    }
    return NULL;
}

const RegisteredKey *register_current(const Register *r, KeyKind kind, Str owner) {
    for (size_t i = r->count; i > 0; i--) {
        const RegisteredKey *k = &r->at[i - 1];
        if (k->kind == kind && k->usable && str_is(owner, k->owner)) return k;
    }
    return NULL;
}

bool staff_has_role(const RegisteredKey *k, const char *role) {
    char wanted[sizeof(k->roles)];
    size_t at;
    int len = snprintf(wanted, sizeof(wanted), "+%s+", role);
    if (k->kind != KEY_staff || len < 3 || (size_t)len >= sizeof(wanted)) return false;
    return str_find(str_z(k->roles), str_z(wanted), &at);
}
