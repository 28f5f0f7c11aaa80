/* A key of its own for every thing that is kept, wrapped under the storage key and held in the
 * vault, so that one thing can be erased for good (R21). See hub.h. */
#include "broker/hub/hub.h"

#include "broker/io/fault.h"

static SealFor thing_purpose(const Hub *h, const VaultThing *t) {
    return (SealFor){.realm = h->realm, .use = t->use, .agency = t->agency, .id = t->id};
}

static SealFor key_purpose(const Hub *h, Id id) {
    return (SealFor){.realm = h->realm, .use = STR("key"), .id = id};
}

int vault_message_id(Str agency, Id message, Id *ret) {
    Bytes parts[] = {str_bytes(STR("message ")), str_bytes(agency), str_bytes(STR(" ")),
                     id_bytes(&message)};
    Hash h;
    int r = sha256(parts, COUNT_OF(parts), &h);
    if (r == 0) memcpy(ret->at, h.at, sizeof(ret->at));
    return r;
}

int vault_wrap(const Hub *h, Arena *a, Id id, const Key *key, Bytes *ret_wrapped) {
    const Sealed *box = NULL;
    int r = box_seal(a, &h->storage, key_purpose(h, id), BYTES_OF(key->at), &box);
    if (r == 0) *ret_wrapped = sealed_bytes(box);
    return r;
}

int vault_seal(const Hub *h, Arena *a, VaultThing *t) {
    Key key;
    int r = random_bytes(key.at, sizeof(key.at));
    if (r == 0) r = box_seal(a, &key, thing_purpose(h, t), t->plain, &t->sealed);
    if (r == 0) r = vault_wrap(h, a, t->id, &key, &t->wrapped);
    key_wipe(&key);
    return r;
}

int vault_send(Hub *h, Arena *a, const Id *ids, const Bytes *wrapped, size_t count) {
    Param p[] = {p_id_list(a, ids, count), p_bytes_list(a, wrapped, count)};
    FAULT_POINT(vault_before_put);
    return store_send(h->vault, "SELECT vault.put($1, $2)", p, COUNT_OF(p));
}

int vault_sent(Hub *h) {
    int r = store_result(h->vault, NULL);
    FAULT_POINT(vault_after_put);
    return r;
}

int vault_put_wrapped(Hub *h, Arena *a, const Id *ids, const Bytes *wrapped, size_t count) {
    int r = vault_send(h, a, ids, wrapped, count);
    return r < 0 ? r : vault_sent(h);
}

int vault_put(Hub *h, Arena *a, const VaultThing *things, size_t count) {
    Id *ids = arena_array(a, count, sizeof(*ids));
    Bytes *wrapped = arena_array(a, count, sizeof(*wrapped));
    if (!ids || !wrapped) return ERR_MEMORY;
    for (size_t i = 0; i < count; i++) {
        ids[i] = things[i].id;
        wrapped[i] = things[i].wrapped;
    }
    return vault_put_wrapped(h, a, ids, wrapped, count);
}

static void thing_open(const Hub *h, Arena *a, VaultThing *t, Bytes sealed, Bytes wrapped) {
    Bytes raw = {0};
    Key key;
    t->broken = true;
    if (!box_open(a, &h->storage, key_purpose(h, t->id), wrapped, &raw)) return;
    if (raw.len != sizeof(key.at)) return;
    memcpy(key.at, raw.at, sizeof(key.at));
    bool ok = box_open(a, &key, thing_purpose(h, t), sealed, &t->plain);
    if (!ok) t->plain = (Bytes){0};
    t->broken = !ok;
    key_wipe(&key);
}

int vault_open(Hub *h, Arena *a, VaultThing *things, const Bytes *sealed, size_t count) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    Id *ids = arena_array(a, count, sizeof(*ids));
    if (!ids) return ERR_MEMORY;
    for (size_t i = 0; i < count; i++) ids[i] = things[i].id;
    int r = STORE_CALL(h->vault, &rows, "SELECT id, wrapped FROM vault.get($1)",
                       p_id_list(a, ids, count));
    if (r) return r;
    const IdAt *keys = rows_by_id(a, rows, 0);
    if (!keys) return ERR_MEMORY;
    for (size_t i = 0, row; i < count; i++) {
        things[i].plain = (Bytes){0};
        things[i].broken = false;
        if (!ids_find(keys, rows_count(rows), things[i].id, &row)) continue;
        thing_open(h, a, &things[i], sealed[i], row_bytes(rows, row, 1));
    }
    return arena_failed(a) ? ERR_MEMORY : 0;
}
