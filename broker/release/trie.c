/* The patterns as a tree of letters; then, breadth first, a full table of steps. See trie.h. */
#include "broker/release/trie.h"

enum { NODES_LEAST = 256, NODES_MOST = 1 << 22 };

Trie *trie_new(Arena *a) {
    Trie *t = arena_alloc(a, sizeof(*t));
    if (!t) return NULL;
    *t = (Trie){.arena = a, .count = 1, .cap = NODES_LEAST, .width = 1};
    t->nodes = arena_array(a, t->cap, sizeof(TrieNode));
    return t->nodes ? t : NULL;
}

static bool room_for_one(Trie *t) {
    if (t->count < t->cap) return true;
    if (t->cap >= NODES_MOST) return false;
    TrieNode *more = arena_array(t->arena, 2 * (size_t)t->cap, sizeof(TrieNode));
    if (!more) return false;
    memcpy(more, t->nodes, t->count * sizeof(TrieNode));
    t->nodes = more;
    t->cap *= 2;
    return true;
}

/* The child of `node` by `letter`, made when missing; 0 when there is no room. */
static uint32_t child_of(Trie *t, uint32_t node, uint8_t letter) {
    for (uint32_t c = t->nodes[node].child; c; c = t->nodes[c].sibling) {
        if (t->nodes[c].letter == letter) return c;
    }
    if (!room_for_one(t)) return 0;
    if (t->column[letter] == 0) t->column[letter] = (uint8_t)t->width++;
    t->nodes[t->count] = (TrieNode){.letter = letter, .sibling = t->nodes[node].child};
    t->nodes[node].child = t->count;
    return t->count++;
}

void **trie_add(Trie *t, const uint8_t *letters, size_t count) {
    uint32_t node = 0;
    for (size_t i = 0; i < count; i++) {
        node = child_of(t, node, letters[i]);
        if (node == 0) return NULL;
    }
    return node ? &t->nodes[node].thing : NULL;
}

/* One node's row: where `fail` goes, but for its own children. */
static void row_fill(Trie *t, uint32_t node, uint32_t *queue, uint32_t *queued) {
    uint32_t *row = t->next + (size_t)node * t->width;
    const TrieNode *n = &t->nodes[node];
    const uint32_t *other = t->next + (size_t)n->fail * t->width;
    if (node) memcpy(row, other, t->width * sizeof(*row));
    for (uint32_t c = n->child; c; c = t->nodes[c].sibling) {
        uint8_t column = t->column[t->nodes[c].letter];
        t->nodes[c].fail = node ? row[column] / t->width : 0;
        row[column] = c * t->width;
        queue[(*queued)++] = c;
    }
}

/* A node's failure is nearer to the root, so its row and its `ends` are there before. */
bool trie_finish(Trie *t) {
    uint32_t *queue = arena_array(t->arena, t->count, sizeof(*queue)), queued = 1;
    t->next = arena_array(t->arena, (size_t)t->count * t->width, sizeof(*t->next));
    t->ending = arena_array(t->arena, t->count, 1);
    if (!queue || !t->next || !t->ending) return false;
    for (uint32_t i = 0; i < queued; i++) {
        uint32_t node = queue[i];
        TrieNode *n = &t->nodes[node];
        row_fill(t, node, queue, &queued);
        n->ends = n->thing ? node : t->nodes[n->fail].ends;
        t->ending[node] = n->ends != 0;
    }
    return true;
}

void *trie_thing(const Trie *t, uint32_t *state) {
    uint32_t node = t->nodes[*state / t->width].ends;
    if (!node) return NULL;
    *state = t->nodes[node].fail * t->width;
    return t->nodes[node].thing;
}
