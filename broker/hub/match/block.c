/* The keys of one person; see block.h and blocks.def. */
#include "broker/hub/match/block.h"

enum { SOUNDS_MOST = VALUES_MOST * (PARTS_MOST + 1), SOUND_PART_LEAST = 3 };

typedef struct Kind {
    uint32_t most;
    const char *what;
} Kind;

static const Kind kinds[] = {
#define BLOCK(kind, most, what) {most, what},
#include "broker/hub/match/blocks.def"
#undef BLOCK
};

typedef struct Keys {
    BlockKey *at;
    size_t count;
} Keys;

/* What a name sounds like, in parts and as a whole. */
typedef struct Sounds {
    uint32_t at[SOUNDS_MOST];
    size_t count;
} Sounds;

uint32_t block_most(BlockKind kind) {
    return kinds[kind].most;
}

const char *block_what(BlockKind kind) {
    return kinds[kind].what;
}

static void key_add(Keys *k, BlockKind kind, uint64_t first, uint64_t second) {
    BlockKey key = {.hash = hash_join(hash_join(kind + 1, first), second), .kind = kind};
    if (k->count == BLOCK_KEYS_MOST) return;
    for (size_t i = k->count; i-- > 0;) {
        if (k->at[i].hash == key.hash) return;
    }
    k->at[k->count++] = key;
}

static void sound_add(Sounds *s, uint32_t sound) {
    if (sound == 0) return;
    for (size_t i = 0; i < s->count; i++) {
        if (s->at[i] == sound) return;
    }
    s->at[s->count++] = sound;
}

static void sounds_of(const Name *names, size_t count, Sounds *ret) {
    ret->count = 0;
    for (size_t i = 0; i < count; i++) {
        const Name *n = &names[i];
        sound_add(ret, n->sound[PARTS_MOST]);
        for (int part = 0; n->parts > 1 && part < n->parts; part++) {
            if (name_part(n, part).len >= SOUND_PART_LEAST) sound_add(ret, n->sound[part]);
        }
    }
}

static uint64_t initial(const Name *n) {
    return (uint8_t)n->whole.text.at[0];
}

/* Day and month are exchanged by half of the world. */
static uint64_t day_month(const Birth *b) {
    int low = b->day < b->month ? b->day : b->month, high = b->day + b->month - low;
    return (uint64_t)(low * 100 + high);
}

/* The same in either order. */
static uint64_t pair(uint64_t a, uint64_t b) {
    return a < b ? hash_join(a, b) : hash_join(b, a);
}

static void birth_keys(Keys *k, const Identity *p, const Birth *b, const Sounds *given,
                       const Sounds *family) {
    uint64_t day = day_month(b), year = (uint64_t)b->year;
    for (size_t i = 0; i < given->count; i++) {
        key_add(k, BLOCK_forename_year, year, given->at[i]);
    }
    for (size_t i = 0; i < family->count; i++) {
        key_add(k, BLOCK_surname_year, year, family->at[i]);
    }
    if (b->month == 0) return;
    for (size_t i = 0; i < family->count; i++) {
        key_add(k, BLOCK_birth_surname, b->hash, family->at[i]);
    }
    for (size_t i = 0; i < given->count; i++) {
        key_add(k, BLOCK_birth_forename, b->hash, given->at[i]);
    }
    for (int i = 0; i < p->count[TRAIT_postcode]; i++) {
        key_add(k, BLOCK_birth_postcode, b->hash, p->postcode[i].hash);
    }
    for (int i = 0; i < p->count[TRAIT_forename]; i++) {
        key_add(k, BLOCK_date_initial, hash_join(year, day), initial(&p->forename[i]));
    }
    key_add(k, BLOCK_birth, b->hash, 0);
}

static void name_keys(Keys *k, const Identity *p, const Sounds *given, const Sounds *family) {
    for (size_t i = 0; i < given->count; i++) {
        for (size_t j = 0; j < family->count; j++) {
            uint64_t both = pair(given->at[i], family->at[j]);
            for (int b = 0; b < p->count[TRAIT_birth]; b++) {
                key_add(k, BLOCK_sounds_year, both, (uint64_t)p->birth[b].year);
                if (p->birth[b].month == 0) continue;
                key_add(k, BLOCK_sounds_day, both, day_month(&p->birth[b]));
            }
            key_add(k, BLOCK_sounds, both, 0);
        }
    }
    for (int i = 0; i < p->count[TRAIT_surname]; i++) {
        for (int j = 0; j < p->count[TRAIT_forename]; j++) {
            key_add(k, BLOCK_full_name, p->forename[j].whole.hash, p->surname[i].whole.hash);
        }
        key_add(k, BLOCK_surname, p->surname[i].whole.hash, 0);
    }
}

static void place_keys(Keys *k, const Identity *p, const Sounds *given, const Sounds *family) {
    for (int i = 0; i < p->count[TRAIT_postcode]; i++) {
        uint64_t postcode = p->postcode[i].hash;
        for (int j = 0; j < p->count[TRAIT_forename]; j++) {
            key_add(k, BLOCK_postcode_initial, postcode, initial(&p->forename[j]));
        }
        for (size_t j = 0; j < family->count; j++) {
            key_add(k, BLOCK_postcode_surname, postcode, family->at[j]);
        }
        key_add(k, BLOCK_postcode, postcode, 0);
    }
    for (int i = 0; i < p->count[TRAIT_address]; i++) {
        const Address *address = &p->address[i];
        for (size_t j = 0; address->street && j < given->count; j++) {
            key_add(k, BLOCK_street_forename, address->street, given->at[j]);
        }
        key_add(k, BLOCK_address, address->whole.hash, 0);
    }
}

size_t block_keys(const Identity *p, BlockKey ret[BLOCK_KEYS_MOST]) {
    Keys k = {.at = ret};
    Sounds given, family;
    sounds_of(p->forename, p->count[TRAIT_forename], &given);
    sounds_of(p->surname, p->count[TRAIT_surname], &family);
    for (int i = 0; i < p->count[TRAIT_nhs]; i++) key_add(&k, BLOCK_nhs, p->nhs[i].hash, 0);
    for (int i = 0; i < p->count[TRAIT_upn]; i++) key_add(&k, BLOCK_upn, p->upn[i].hash, 0);
    for (int i = 0; i < p->count[TRAIT_birth]; i++) {
        birth_keys(&k, p, &p->birth[i], &given, &family);
    }
    name_keys(&k, p, &given, &family);
    place_keys(&k, p, &given, &family);
    return k.count;
}
