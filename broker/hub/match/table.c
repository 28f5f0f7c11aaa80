/* Open addressing, linear probing; the keys are hashes already. See table.h. */
#include "broker/hub/match/table.h"

enum { SIZE_LEAST = 1024 };

Table *table_new(void) {
    _cleanup_(table_freep) Table *t = calloc(1, sizeof(*t));
    if (!t) return NULL;
    t->size = SIZE_LEAST;
    t->slots = calloc(t->size, sizeof(Slot));
    return t->slots ? TAKE(t) : NULL;
}

void table_free(Table *t) {
    free(t->slots);
    free(t);
}

/* Where it is, or the free place where it belongs. */
static Slot *slot_of(const Table *t, uint64_t key) {
    size_t at = (size_t)(key ^ key >> 32) & (t->size - 1);
    while (t->slots[at].key && t->slots[at].key != key) at = (at + 1) & (t->size - 1);
    return &t->slots[at];
}

static int grow(Table *t) {
    Table bigger = {.size = 2 * t->size, .used = t->used};
    bigger.slots = calloc(bigger.size, sizeof(Slot));
    if (!bigger.slots) return -1;
    for (size_t i = 0; i < t->size; i++) {
        if (t->slots[i].key) *slot_of(&bigger, t->slots[i].key) = t->slots[i];
    }
    free(t->slots);
    *t = bigger;
    return 0;
}

uint64_t *table_at(Table *t, uint64_t key) {
    if (key == 0) key = 1;
    Slot *slot = slot_of(t, key);
    if (slot->key) return &slot->value;
    if (t->used >= t->size / 8 * 5) {
        if (grow(t) < 0) return NULL;
        slot = slot_of(t, key);
    }
    t->used++;
    slot->key = key;
    return &slot->value;
}

uint64_t table_get(const Table *t, uint64_t key) {
    return slot_of(t, key ? key : 1)->value;
}

void table_expect(const Table *t, uint64_t key) {
    __builtin_prefetch(&t->slots[(size_t)(key ^ key >> 32) & (t->size - 1)]);
}
