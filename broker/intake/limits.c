/* See limits.h. The door answers sorted by agency, the default (the empty agency) first, so that
 * each agency starts from the default and the list is searched by halves. */
#include "broker/intake/limits.h"

typedef struct Own {
    char agency[32];
    Allowance may;
} Own;

struct Limits {
    Allowance usual;
    Own *own;
    size_t count;
};

static const Allowance built_in = {
    .immediate_per_minute = IMMEDIATE_PER_MINUTE, .waiting = WAITING, .credit = CREDIT};

int limits_new(Limits **ret) {
    Limits *l = calloc(1, sizeof(*l));
    if (!l) return ERR_MEMORY;
    l->usual = built_in;
    *ret = l;
    return 0;
}

void limits_free(Limits *l) {
    if (!l) return;
    free(l->own);
    free(l);
}

/* A name that this version does not know is of a newer one, and no business of ours. */
static void allowance_set(Allowance *may, Str name, int64_t value) {
    const struct {
        const char *name;
        int64_t *at;
    } names[] = {
        {"immediate_per_minute", &may->immediate_per_minute},
        {"waiting", &may->waiting},
        {"credit", &may->credit},
    };
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (str_is(name, names[i].name)) *names[i].at = value;
    }
}

/* `ret->own` has room for a row each. */
static void limits_read(const Rows *rows, Limits *ret) {
    for (size_t i = 0; i < rows_count(rows); i++) {
        Str agency = row_text(rows, i, 0);
        Allowance *may = &ret->usual;
        if (agency.len > 0) {
            bool more = ret->count > 0 && str_is(agency, ret->own[ret->count - 1].agency);
            Own *own = more ? &ret->own[ret->count - 1] : &ret->own[ret->count++];
            if (!more) own->may = ret->usual;
            (void)snprintf(own->agency, sizeof(own->agency), "%.*s", STR_ARG(agency));
            may = &own->may;
        }
        allowance_set(may, row_text(rows, i, 1), row_number(rows, i, 2));
    }
}

int limits_load(Limits *l, Store *store) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    int r = store_call(store, "SELECT agency, name, value FROM door.intake_limits()", NULL, 0,
                       &rows);
    if (r) return r < 0 ? r : ERR_STORE;
    Limits fresh = {.usual = built_in, .own = calloc(rows_count(rows) + 1, sizeof(Own))};
    if (!fresh.own) return ERR_MEMORY;
    limits_read(rows, &fresh);
    free(l->own);
    *l = fresh;
    return 0;
}

static int own_compare(const void *agency, const void *own) {
    const Str *key = agency;
    const char *have = ((const Own *)own)->agency;
    size_t len = strlen(have), least = key->len < len ? key->len : len;
    int r = memcmp(key->at, have, least);
    return r ? r : (key->len > len) - (key->len < len);
}

Allowance limits_of(const Limits *l, Str agency) {
    const Own *own = l->count == 0 || agency.len == 0
                         ? NULL
                         : bsearch(&agency, l->own, l->count, sizeof(Own), own_compare);
    return own ? own->may : l->usual;
}
