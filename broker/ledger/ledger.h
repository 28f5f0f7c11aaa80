/* The ledger, as its readers know it: RFC 6962 tree hashing and proofs, C2SP signed notes. Pure:
 * no database, no clock, no log. The tree is *written* in SQL (sql/functions/30_tree.sql); this is
 * the independent other side, used by the notary, mash-verify and the adapters' witness (R14-R18).
 *
 * A leaf is text, readable by a person, never re-serialised: "mash-leaf/1\n" then "key value\n"
 * lines in a fixed order (see sql/README.md). Its hash is SHA-256(0x00 || bytes). */
#ifndef MASH_LEDGER_H
#define MASH_LEDGER_H

#include "broker/base/arena.h"
#include "broker/base/crypto.h"

/* ---- merkle.c ------------------------------------------------------------------------------- */

enum { TREE_LEVELS = 64 };

int leaf_hash(Bytes leaf, Hash *ret) _must_check_;
int node_hash(const Hash *left, const Hash *right, Hash *ret) _must_check_;

/* The right edge of a growing tree: all that is needed to append and to know the root. */
typedef struct Frontier {
    uint64_t size;
    Hash level[TREE_LEVELS]; /* level[i] is set when bit i of size is */
} Frontier;

int frontier_append(Frontier *f, const Hash *leaf) _must_check_;
int frontier_root(const Frontier *f, Hash *ret) _must_check_; /* of size 0: SHA-256 of nothing */

/* RFC 6962 section 2.1.1 and 2.1.2, verification as in RFC 9162 section 2.1.3/2.1.4. False unless
 * the proof has exactly the right length and gives the root(s). Everything follows from the empty
 * tree: with old_size 0 the path must be empty and old_root is not looked at. */
bool inclusion_holds(uint64_t index, uint64_t size, const Hash *leaf, const Hash *path,
                     size_t count, const Hash *root);
bool consistency_holds(uint64_t old_size, const Hash *old_root, uint64_t new_size,
                       const Hash *new_root, const Hash *path, size_t count);

/* ---- checkpoint.c --------------------------------------------------------------------------- */

/* C2SP tlog-checkpoint: origin, decimal size, base64 root, blank line, signature lines. The origin
 * names the realm: "mash.example/<hub>/<realm>". */
typedef struct Checkpoint {
    Str origin;
    uint64_t size;
    Hash root;
} Checkpoint;

/* The note's body (three lines), and the whole note with the log's Ed25519 signature line
 * ("\xe2\x80\x94 <name> base64(key hash || signature)\n", key name = origin, algorithm 0x01). */
Str checkpoint_body(Arena *a, const Checkpoint *c);
int checkpoint_sign(Arena *a, const Checkpoint *c, const KeyPair *log_key, Str *ret_note)
    _must_check_;
/* False unless well formed, of that origin, and signed by the log's key. */
bool checkpoint_open(Arena *a, Str note, Str origin, const Key *log_public, Checkpoint *ret);

/* C2SP tlog-cosignature/v1 (algorithm 0x04): a witness's line over "cosignature/v1\ntime <t>\n" and
 * the body. `name` is the witness's key name, e.g. "mash.example/witness/police"; names and origins
 * are visible ASCII without "+" (ERR_CONFIG). A line carries its newline, made and read. */
int cosignature_make(Arena *a, const Checkpoint *c, Str name, const KeyPair *witness,
                     int64_t unix_s, Str *ret_line) _must_check_;
bool cosignature_holds(Arena *a, const Checkpoint *c, Str line, Str name, const Key *witness);

#endif
