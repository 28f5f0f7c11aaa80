/* RFC 6962 hashing and the verification of its proofs, as RFC 9162 section 2.1 writes it down. Only
 * verifies: proofs are made in SQL (sql/functions/30_tree.sql), so that writer and reader share no
 * code and a mistake in one is found by the other (R17). */
#include "broker/ledger/ledger.h"

static const uint8_t leaf_mark = 0x00, node_mark = 0x01; /* so that no node passes for a leaf */

int leaf_hash(Bytes leaf, Hash *ret) {
    const Bytes parts[] = {bytes_of(&leaf_mark, 1), leaf};
    return sha256(parts, COUNT_OF(parts), ret);
}

int node_hash(const Hash *left, const Hash *right, Hash *ret) {
    const Bytes parts[] = {bytes_of(&node_mark, 1), BYTES_OF(left->at), BYTES_OF(right->at)};
    return sha256(parts, COUNT_OF(parts), ret);
}

static bool odd(uint64_t n) {
    return n & 1;
}

/* Like adding one to a binary number: every complete subtree met on the way is a carry. */
int frontier_append(Frontier *f, const Hash *leaf) {
    if (f->size == UINT64_MAX) return ERR_BROKEN;
    Hash carry = *leaf;
    size_t level = 0;
    for (uint64_t n = f->size; odd(n); n >>= 1, level++) {
        int r = node_hash(&f->level[level], &carry, &carry);
        if (r < 0) return r;
    }
    f->level[level] = carry;
    f->size++;
    return 0;
}

int frontier_root(const Frontier *f, Hash *ret) {
    if (f->size == 0) return sha256(NULL, 0, ret);
    bool begun = false;
    Hash root = {{0}};
    for (size_t level = 0; level < TREE_LEVELS; level++) {
        if (!odd(f->size >> level)) continue;
        int r = begun ? node_hash(&f->level[level], &root, &root) : 0;
        if (r < 0) return r;
        if (!begun) root = f->level[level];
        begun = true;
    }
    *ret = root;
    return 0;
}

/* Where a verification stands: a node on its way up, and the last node of its level. */
typedef struct Climb {
    uint64_t at, last;
} Climb;

static void climb(Climb *c) {
    c->at >>= 1;
    c->last >>= 1;
}

/* True when the next hash of the path is a left neighbour. Then the levels on which the node has no
 * neighbour at all are left behind too. */
static bool climb_left(Climb *c) {
    bool left = odd(c->at) || c->at == c->last;
    while (left && !odd(c->at) && c->at != 0) climb(c);
    climb(c);
    return left;
}

bool inclusion_holds(uint64_t index, uint64_t size, const Hash *leaf, const Hash *path,
                     size_t count, const Hash *root) {
    if (index >= size) return false;
    Climb c = {.at = index, .last = size - 1};
    Hash up = *leaf;
    for (size_t i = 0; i < count; i++) {
        if (c.last == 0) return false;
        int r = climb_left(&c) ? node_hash(&path[i], &up, &up) : node_hash(&up, &path[i], &up);
        if (r < 0) return false;
    }
    return c.last == 0 && hash_eq(&up, root);
}

bool consistency_holds(uint64_t old_size, const Hash *old_root, uint64_t new_size,
                       const Hash *new_root, const Hash *path, size_t count) {
    if (old_size > new_size) return false;
    if (old_size == 0) return count == 0;
    if (old_size == new_size) return count == 0 && hash_eq(old_root, new_root);
    Climb c = {.at = old_size - 1, .last = new_size - 1};
    while (odd(c.at)) climb(&c);
    bool whole =
        c.at == 0; /* the old tree is itself a node of the new one: it is not in the path */
    if (!whole && count == 0) return false;
    Hash old_up = whole ? *old_root : path[0], new_up = old_up;
    for (size_t i = whole ? 0 : 1; i < count; i++) {
        if (c.last == 0) return false;
        int r = 0;
        if (climb_left(&c)) {
            r = node_hash(&path[i], &old_up, &old_up);
            if (r == 0) r = node_hash(&path[i], &new_up, &new_up);
        } else {
            r = node_hash(&new_up, &path[i], &new_up);
        }
        if (r < 0) return false;
    }
    return c.last == 0 && hash_eq(&old_up, old_root) && hash_eq(&new_up, new_root);
}
