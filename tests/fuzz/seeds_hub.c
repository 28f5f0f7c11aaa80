/* Seeds of what agencies and staff send to the hub. */
#include "tests/fuzz/seeds.h"

#include "schemas/envelope.h"

/* ---- to intake ------------------------------------------------------------------------------- */

static Bytes content_frame(Seeds *s, StructKind kind, bool full) {
    Bytes content = sample_bytes(s->arena, kind, full);
    uint8_t *at = arena_alloc(s->arena, SALT_LEN + content.len);
    if (!at) abort();
    memset(at, 'z', SALT_LEN);
    memcpy(at + SALT_LEN, content.at, content.len);
    return bytes_of(at, SALT_LEN + content.len);
}

static void entry_add(Seeds *s, Value *head, uint8_t nth, bool answer, bool immediate,
                      Bytes frame) {
    Value *entry = value_add_map(s->arena, head, F_submission_entry);
    Id *id = arena_alloc(s->arena, sizeof(*id));
    Hash *commitment = arena_alloc(s->arena, sizeof(*commitment));
    if (!id || !commitment || content_commit(frame, commitment) != 0) abort();
    *id = (Id){{1, 0x97, nth}};
    value_set_id(s->arena, entry, F_entry_message_id, id);
    value_set_text(s->arena, entry, F_entry_content, answer ? STR("answer") : STR("referral"));
    value_set_text(s->arena, entry, F_entry_lane, immediate ? STR("immediate") : STR("routine"));
    value_set_hash(s->arena, entry, F_entry_commitment, commitment);
    value_set_text(s->arena, entry, F_entry_traceparent,
                   STR("00-0197000000007000800000000000000a-0123456789abcdef-01"));
}

static void submission(Seeds *s, const char *name, uint8_t first, CastKey origin, size_t answers,
                       size_t referrals, bool full) {
    Bytes parts[2 + 8];
    Value *head = head_new(s->arena, STRUCT_submission);
    Id *id = arena_alloc(s->arena, sizeof(*id));
    char *origin_id = arena_alloc(s->arena, KEY_ID_LEN + 1);
    size_t count = 2;
    if (!id || !origin_id) abort();
    *id = (Id){{1, 0x97}};
    cast_id(origin, origin_id);
    value_set_id(s->arena, head, F_submission_submission_id, id);
    value_set_text(s->arena, head, F_submission_realm, FUZZ_REALM);
    value_set_text(s->arena, head, F_submission_agency, FUZZ_AGENCY);
    value_set_text(s->arena, head, F_submission_origin_key, str_z(origin_id));
    value_set_text(s->arena, head, F_submission_sent_at, STR("2026-11-22T14:00:00Z"));
    for (size_t i = 0; i < answers + referrals; i++) {
        bool answer = i < answers;
        parts[count] = content_frame(s, answer ? STRUCT_answer : STRUCT_referral, full);
        entry_add(s, head, (uint8_t)count, answer, i == 1, parts[count]);
        count++;
    }
    parts[0] = seed_encode(s, head);
    parts[1] = seed_signature(s);
    seed_frames(s, name, first, parts, count);
}

void seeds_envelope(Seeds *s) {
    submission(s, "referral-least", 0, CAST_origin, 0, 1, false);
    submission(s, "referral-full", 4, CAST_origin, 0, 1, true);
    submission(s, "answer-full", 4, CAST_origin, 1, 0, true);
    submission(s, "three-reserved", 16 + 4, CAST_origin, 1, 2, false);
    submission(s, "peer-revoked", 1, CAST_origin, 0, 1, false);
    submission(s, "too-many-frames", 8, CAST_origin, 0, 1, false);
    submission(s, "origin-revoked", 0, CAST_revoked_origin, 0, 1, false);
    submission(s, "origin-of-another", 0, CAST_health, 0, 1, false);
    submission(s, "no-entry", 0, CAST_origin, 0, 0, false);
}

/* ---- to the courier -------------------------------------------------------------------------- */

static void mail(Seeds *s, StructKind kind, uint32_t origin_field) {
    Value *head = seed_head(s, kind);
    char *origin_id = arena_alloc(s->arena, KEY_ID_LEN + 1);
    if (!origin_id) abort();
    cast_id(CAST_origin, origin_id);
    if (origin_field) value_set_text(s->arena, head, origin_field, str_z(origin_id));
    /* The frames, then what the database answers: one row of three cells. */
    static const uint8_t rows[] = {5, 1, 0, 1, 64, 0, 'h'};
    Bytes parts[] = {seed_encode(s, head), seed_signature(s), BYTES_OF(rows)};
    seed_frames(s, schema_struct_name(kind), 0, parts, COUNT_OF(parts));
}

void seeds_mail(Seeds *s) {
    mail(s, STRUCT_collect, 0);
    mail(s, STRUCT_receipt, F_receipt_origin_key);
    mail(s, STRUCT_cosignature, 0);
    mail(s, STRUCT_prove, 0);
    mail(s, STRUCT_submission, F_submission_origin_key);
}

/* ---- to the hub ------------------------------------------------------------------------------ */

static void command(Seeds *s, const char *name, const char *usage) {
    static const Id request = {{1, 2, 3}};
    Value *head = head_new(s->arena, STRUCT_command);
    Str rest = str_z(usage), word;
    value_set_text(s->arena, head, F_command_realm, FUZZ_REALM);
    value_set_id(s->arena, head, F_command_request, &request);
    value_set_text(s->arena, head, F_command_name, str_z(name));
    while (str_split(&rest, ' ', &word)) {
        while (word.len && strchr("[.", word.at[0])) word = (Str){word.at + 1, word.len - 1};
        while (word.len && strchr("].", word.at[word.len - 1])) word.len--;
        if (!word.len) continue;
        Value *argument = value_add_map(s->arena, head, F_command_argument);
        value_set_text(s->arena, argument, F_argument_name, word);
        value_set_text(s->arena, argument, F_argument_value,
                       str_is(word, "ref") ? STR("7K3M-QX2P") : STR("1"));
    }
    static const uint8_t rows[] = {5, 16, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    Bytes parts[] = {seed_encode(s, head), BYTES_OF(rows)};
    seed_frames(s, name, 0, parts, COUNT_OF(parts));
}

void seeds_command(Seeds *s) {
#define COMMAND(name, handler, roles, usage, doc) command(s, name, usage);
#include "schemas/commands.def"
#undef COMMAND
}

/* ---- as ZeroMQ gives it ---------------------------------------------------------------------- */

void seeds_frames(Seeds *s) {
    Bytes few[] = {str_bytes(STR("route")), str_bytes(STR("head")), str_bytes(STR("signature"))};
    Bytes many[FRAMES_MAX + 2];
    for (size_t i = 0; i < COUNT_OF(many); i++) many[i] = str_bytes(STR("x"));
    seed_frames(s, "few", 1, few, COUNT_OF(few));
    seed_frames(s, "few-dealer", 0, few, COUNT_OF(few));
    seed_frames(s, "many", 1, many, COUNT_OF(many));
    seed_frames(s, "most", 1, many, FRAMES_MAX - 1);
    seed_frames(s, "none", 1, few, 1);
}

void seeds_zap(Seeds *s) {
    Key *key = arena_alloc(s->arena, sizeof(*key)), *stranger = arena_alloc(s->arena, sizeof(*key));
    if (!key || !stranger) abort();
    *key = cast_key(CAST_transport);
    *stranger = cast_key(CAST_hub);
    Bytes parts[] = {
        str_bytes(STR("1.0")),       str_bytes(STR("1")), str_bytes(STR("mash")),
        str_bytes(STR("127.0.0.1")), (Bytes){0},          str_bytes(STR("CURVE")),
        BYTES_OF(key->at),
    };
    seed_frames(s, "known", 0, parts, COUNT_OF(parts));
    parts[6] = BYTES_OF(stranger->at);
    seed_frames(s, "stranger", 0, parts, COUNT_OF(parts));
    parts[5] = str_bytes(STR("NULL"));
    seed_frames(s, "plain", 0, parts, COUNT_OF(parts) - 1);
}
