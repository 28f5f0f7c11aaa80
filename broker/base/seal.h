/* Sealing: how content becomes unreadable before it touches a disk or a wire. Four uses, each with
 * the row's identity and the realm as associated data, so that a sealed thing moved elsewhere does
 * not open. A `Sealed` has this file as its one maker; doors and spools accept nothing else.
 *
 *   Box     one key, one content: items, wrapped keys, spools.
 *   Sealer  intake's way: an X25519 epoch (at most 60 s) against the hub's public intake key, a
 *           random key per message wrapped under it. Who seals cannot open afterwards.
 *   Letter  HPKE base mode (RFC 9180: X25519, HKDF-SHA256, AES-256-GCM) to one recipient's key,
 *           padded first, so that length tells nothing but a size class. */
#ifndef MASH_SEAL_H
#define MASH_SEAL_H

#include "broker/base/arena.h"
#include "broker/base/crypto.h"
#include "broker/base/id.h"

typedef struct Sealed Sealed; /* lives in the arena that it was made in */
Bytes sealed_bytes(const Sealed *s);

/* What a seal is bound to. `use` is a fixed word ("item", "message", "key", "letter", "spool"). */
typedef struct SealFor {
    Str realm;
    Str use;
    Str agency; /* owner or recipient; may be empty */
    Id id;
} SealFor;

/* Boxes: nonce, ciphertext, tag. `box_open` is false when key, purpose or any byte differs. */
int box_seal(Arena *a, const Key *key, SealFor purpose, Bytes plain, const Sealed **ret)
    _must_check_;
bool box_open(Arena *a, const Key *key, SealFor purpose, Bytes sealed, Bytes *ret_plain);

/* Intake's side. */
typedef struct Sealer Sealer;
int sealer_new(const Key *hub_public, Sealer **ret) _must_check_;
void sealer_free(Sealer *s); /* wipes the epoch */
int sealer_seal(Sealer *s, Arena *a, int64_t now_ms, SealFor purpose, Bytes plain,
                const Sealed **ret) _must_check_;
DEFINE_FREEP(Sealer, sealer_free)

/* The hub's side. `ret_key` is the message's own key, to be wrapped anew under the storage key so
 * that the intake pair can be destroyed. */
bool intake_open(Arena *a, const KeyPair *hub, SealFor purpose, Bytes sealed, Key *ret_key,
                 Bytes *ret_plain);
/* The same for many: remembers the keys of the last epochs, of which each costs as much as opening
 * twenty messages. */
typedef struct Opener Opener;
int opener_new(const KeyPair *hub, Opener **ret) _must_check_;
void opener_free(Opener *o); /* wipes all of them */
bool opener_open(Opener *o, Arena *a, SealFor purpose, Bytes sealed, Key *ret_key,
                 Bytes *ret_plain);
DEFINE_FREEP(Opener, opener_free)
/* The same content later, by its own key. */
bool intake_reopen(Arena *a, const Key *message_key, SealFor purpose, Bytes sealed,
                   Bytes *ret_plain);

/* Letters. Size classes 1, 4, 16, 64, 256 KiB; ERR_BROKEN when larger than the last. */
int letter_seal(Arena *a, const Key *recipient_public, SealFor purpose, Bytes plain,
                const Sealed **ret) _must_check_;
bool letter_open(Arena *a, const KeyPair *recipient, SealFor purpose, Bytes sealed,
                 Bytes *ret_plain);

/* `head` in clear before `box`, as one Sealed: how a letter carries its wrapped key. */
int sealed_prefix(Arena *a, Bytes head, const Sealed *box, const Sealed **ret) _must_check_;

/* HPKE itself, single shot, exposed for the RFC's vectors. `enc` is 32 bytes, `out` takes
 * plain.len + TAG_LEN. `ephemeral` NULL for a fresh one (always, outside a vector test). */
int hpke_seal(const Key *recipient_public, Bytes info, Bytes aad, Bytes plain,
              const KeyPair *ephemeral, uint8_t enc[KEY_LEN], uint8_t *out) _must_check_;
bool hpke_open(const KeyPair *recipient, const uint8_t enc[KEY_LEN], Bytes info, Bytes aad,
               Bytes boxed, uint8_t *out);

#endif
