/* The notary: signs what happened and sees no content. It reads leaf hashes, keeps its own right
 * edge of the tree, and signs a head only when the database's tree and its own agree; what it
 * signed it has remembered, synced, before anybody else can see it (R15, R16).
 *
 * ERR_BROKEN means that the database contradicts what was signed: an older state was restored, or
 * leaves were rewritten. Nothing is signed again until a person has acted. */
#ifndef MASH_NOTARY_H
#define MASH_NOTARY_H

#include "broker/io/store.h"
#include "broker/ledger/ledger.h"

enum { NOTE_MAX = 1024 };

/* The last state signed: never newer and never older than the last note that left. */
typedef struct Memory {
    Frontier frontier;
    char note[NOTE_MAX];
    size_t note_len;
} Memory;

static inline Str memory_note(const Memory *m) {
    return (Str){.at = m->note, .len = m->note_len};
}

/* ---- remember.c: the state file -------------------------------------------------------------- */

/* 1 when there is no file, ERR_FILE when it cannot be read, ERR_BROKEN when it is damaged. */
int memory_load(const char *path, Memory *ret) _must_check_;
/* On disk when it returns: a new file, synced, renamed over the old one, the folder synced. */
int memory_store(const char *path, const Memory *m) _must_check_;

/* ---- sign.c: the work ------------------------------------------------------------------------ */

typedef struct Notary {
    Store *store;
    Str origin;
    const char *state; /* path */
    KeyPair key;
    Memory memory;
    int64_t signed_ms; /* clock_mono_ms of the last signature */
} Notary;

/* Compares the memory with the database, and publishes the last note again in case that a crash
 * came between remembering and publishing. Without a memory it begins at nothing, unless heads were
 * published before: then only with `adopt`, a person's word, and only from a head of our own key.
 */
int notary_open(Notary *n, bool adopt) _must_check_;
/* Signs what has grown; at most once a second unless `now`. */
int notary_sign(Notary *n, bool now) _must_check_;

#endif
