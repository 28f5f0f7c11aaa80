/* Inside the release room only: Aho and Corasick's automaton. However many patterns there are, one
 * step a letter finds all that end there. */
#ifndef MASH_TRIE_H
#define MASH_TRIE_H

#include "broker/base/arena.h"

typedef struct Trie Trie;

Trie *trie_new(Arena *a); /* NULL: the arena failed */

/* Where a pattern ends: to hold what the caller keeps there. NULL: the arena failed. */
void **trie_add(Trie *t, const uint8_t *letters, size_t count);

/* After the last pattern, before the first step. */
bool trie_finish(Trie *t) _must_check_;

/* The state after one more letter; 0 is where every text begins. */
static inline uint32_t trie_step(const Trie *t, uint32_t state, uint8_t letter);
/* Whether any pattern ends in `state`; then its thing, the longest pattern first, and the next
 * state to ask; NULL when there are no more. */
static inline bool trie_ends(const Trie *t, uint32_t state);
void *trie_thing(const Trie *t, uint32_t *state);

/* ---- within --------------------------------------------------------------------------------- */

typedef struct TrieNode {
    uint32_t child, sibling; /* 0: none */
    uint32_t fail;           /* the longest other pattern's begin that ends alike */
    uint32_t ends;           /* this or the nearest by `fail` where a pattern ends; 0: none */
    uint8_t letter;
    void *thing;
} TrieNode;

struct Trie {
    Arena *arena;
    TrieNode *nodes; /* the first is the root */
    uint32_t count, cap;
    uint32_t width;      /* letters that occur in patterns, and one for all the others */
    uint8_t column[256]; /* of a letter */
    uint32_t *next;      /* count * width states, each already multiplied by width */
    uint8_t *ending;     /* of each state */
};

static inline uint32_t trie_step(const Trie *t, uint32_t state, uint8_t letter) {
    return t->next[state + t->column[letter]];
}

static inline bool trie_ends(const Trie *t, uint32_t state) {
    return t->ending[state / t->width];
}

#endif
