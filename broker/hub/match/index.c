/* A chain of records a key; see index.h. A chain that is too long is not made longer. */
#include "broker/hub/match/index.h"

#include "broker/base/err.h"

typedef struct Posting {
    uint32_t record, next; /* `next` counted from 1 */
} Posting;

struct Index {
    Table *heads; /* value: how many in the upper half, the first posting in the lower, from 1 */
    Posting *postings;
    size_t used, cap;
    uint32_t *seen, *found; /* by record: the look-up that met it last */
    size_t records, room;
    uint32_t look;
    uint64_t too_common[BLOCK_COUNT];
};

Index *index_new(void) {
    _cleanup_(index_freep) Index *x = calloc(1, sizeof(*x));
    if (!x) return NULL;
    x->heads = table_new();
    return x->heads ? TAKE(x) : NULL;
}

void index_free(Index *x) {
    if (x->heads) table_free(x->heads);
    free(x->postings);
    free(x->seen);
    free(x->found);
    free(x);
}

/* The array, larger when it has to be; NULL: no memory, and it stays as it was. */
static void *roomy(void *array, size_t *cap, size_t need, size_t size) {
    if (array && need <= *cap) return array;
    size_t more = *cap ? *cap * 2 : 1024;
    while (more < need) more *= 2;
    void *bigger = reallocarray(array, more, size);
    if (bigger) *cap = more;
    return bigger;
}

static int records_grow(Index *x) {
    size_t room = x->room;
    uint32_t *found = roomy(x->found, &room, x->records + 1, sizeof(uint32_t));
    if (!found) return ERR_MEMORY;
    x->found = found;
    uint32_t *seen = roomy(x->seen, &x->room, x->records + 1, sizeof(uint32_t));
    if (!seen) return ERR_MEMORY;
    x->seen = seen;
    x->seen[x->records] = 0;
    return 0;
}

int index_add(Index *x, const BlockKey *keys, size_t count) {
    if (records_grow(x) < 0) return ERR_MEMORY;
    Posting *postings = roomy(x->postings, &x->cap, x->used + count, sizeof(Posting));
    if (!postings) return ERR_MEMORY;
    x->postings = postings;
    for (size_t i = 0; i < count; i++) {
        uint64_t *head = table_at(x->heads, keys[i].hash);
        if (!head) return ERR_MEMORY;
        uint64_t many = *head >> 32, first = *head & UINT32_MAX;
        if (many > block_most(keys[i].kind)) continue;
        x->postings[x->used++] = (Posting){.record = (uint32_t)x->records, .next = (uint32_t)first};
        *head = (many + 1) << 32 | (uint32_t)x->used;
    }
    x->records++;
    return 0;
}

int index_find(Index *x, const BlockKey *keys, size_t count, const uint32_t **ret,
               size_t *ret_count) {
    size_t found = 0;
    x->look++;
    for (size_t i = 0; i < count; i++) table_expect(x->heads, keys[i].hash);
    for (size_t i = 0; i < count; i++) {
        uint64_t head = table_get(x->heads, keys[i].hash);
        if (head >> 32 > block_most(keys[i].kind)) {
            x->too_common[keys[i].kind]++;
            continue;
        }
        for (uint32_t at = (uint32_t)head; at; at = x->postings[at - 1].next) {
            uint32_t record = x->postings[at - 1].record;
            if (x->seen[record] == x->look) continue;
            x->seen[record] = x->look;
            x->found[found++] = record;
        }
    }
    *ret = x->found;
    *ret_count = found;
    return 0;
}

uint64_t index_too_common(const Index *x, BlockKind kind) {
    return x->too_common[kind];
}
