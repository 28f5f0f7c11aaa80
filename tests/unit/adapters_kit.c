/* See adapters_kit.h. */
#include "tests/unit/adapters_kit.h"

#include "broker/base/seal.h"

#include <criterion/criterion.h>
#include <dirent.h>

static void identity_make(Kit *k) {
    Identity *self = &k->adapter.self;
    Key origin_public;
    *self = (Identity){
        .realm = STR("demonstration"),
        .agency = STR("police"),
        .name = STR("Example Police"),
        .type = STR("police"),
        .org_scheme = STR("mash"),
        .org_code = STR("police"),
        .summary_tier = STR("sanitise"),
        .dir = k->dir,
        .log_origin = STR("mash.example/hub/demonstration"),
        .witness_name = "mash.example/witness/police",
    };
    KeyPair origin;
    cr_assert(ed25519_pair(&origin) == 0 && ed25519_pair(&self->witness) == 0);
    cr_assert(x25519_pair(&self->letter) == 0);
    cr_assert(random_bytes(&self->spool, sizeof(self->spool)) == 0);
    cr_assert(ed25519_pair(&k->ack) == 0 && ed25519_pair(&k->letter_sign) == 0);
    cr_assert(ed25519_pair(&k->log) == 0);
    self->origin = origin.secret;
    origin_public = origin.public;
    cr_assert(key_id(&origin_public, self->origin_id) == 0);
    self->ack_public = k->ack.public;
    self->letter_sign_public = k->letter_sign.public;
    self->log_public = k->log.public;
}

static void spool_at(Kit *k) {
    Identity *self = &k->adapter.self;
    cr_assert(
        spool_open(k->spool_path, &self->spool, self->realm, self->agency, &k->adapter.spool) == 0);
}

void kit_open(Kit *k) {
    *k = (Kit){0};
    (void)snprintf(k->dir, sizeof(k->dir), "/tmp/mash-adapters-XXXXXX");
    cr_assert(mkdtemp(k->dir) != NULL);
    (void)snprintf(k->spool_path, sizeof(k->spool_path), "%s/spool.db", k->dir);
    k->arena = arena_new(64 * 1024 * 1024);
    cr_assert(k->arena != NULL);
    identity_make(k);
    spool_at(k);
    k->stored = json_array();
    k->rejected = json_array();
    k->batch = (Batch){.adapter = &k->adapter,
                       .name = "file",
                       .arena = arena_new(32 * 1024 * 1024),
                       .now_ms = KIT_NOW_MS,
                       .stored = k->stored,
                       .rejected = k->rejected,
                       .receipts = k->dir};
}

void kit_reopen_spool(Kit *k) {
    spool_close(k->adapter.spool);
    k->adapter.spool = NULL;
    spool_at(k);
}

void kit_close(Kit *k) {
    char command[100];
    spool_close(k->adapter.spool);
    json_decref(k->stored);
    json_decref(k->rejected);
    arena_free(k->batch.arena);
    arena_free(k->arena);
    (void)snprintf(command, sizeof(command), "rm -rf '%s'", k->dir);
    cr_assert(system(command) == 0);
}

Bytes kit_sample(Arena *a, const char *path) {
    Bytes b = {0};
    cr_assert(file_read(a, path, &b) == 0, "sample %s", path);
    return b;
}

size_t kit_next(Kit *k, SpoolEntry entries[2 * LIMIT_ENTRIES]) {
    SpoolAsk ask = {.immediate = true, .most = LIMIT_ENTRIES, .most_bytes = 200000};
    size_t first = 0, second = 0;
    cr_assert(spool_next(k->adapter.spool, k->arena, &ask, entries, &first) == 0);
    ask.immediate = false;
    cr_assert(spool_next(k->adapter.spool, k->arena, &ask, entries + first, &second) == 0);
    return first + second;
}

const Value *kit_queued(Kit *k, size_t nth) {
    SpoolEntry entries[2 * LIMIT_ENTRIES];
    size_t count = kit_next(k, entries);
    Fault fault;
    const Value *referral = NULL;
    cr_assert(nth < count, "%zu of %zu", nth, count);
    Bytes frame = entries[nth].frame;
    Bytes content = bytes_of(frame.at + SALT_LEN, frame.len - SALT_LEN);
    cr_assert(content_decode(k->arena, STRUCT_referral, content, &referral, &fault) == 0, "%s",
              fault.path);
    return referral;
}

Str kit_json(Kit *k, const Value *referral) {
    return codec_json(k->arena, STRUCT_referral, referral);
}

bool contains(Str text, const char *needle) {
    size_t at;
    return str_find(text, str_z(needle), &at);
}

Str kit_file(Kit *k, const char *dir, const char *part) {
    char folder[PATH_LEN], path[2 * PATH_LEN];
    Bytes content = {0};
    (void)snprintf(folder, sizeof(folder), "%s/%s", k->dir, dir);
    DIR *d = opendir(folder);
    if (!d) return (Str){0};
    for (struct dirent *e = readdir(d); e && !content.at; e = readdir(d)) {
        if (!strstr(e->d_name, part)) continue;
        (void)snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
        cr_assert(file_read(k->arena, path, &content) == 0);
    }
    closedir(d);
    return bytes_str(content);
}
