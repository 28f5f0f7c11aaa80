/* See client.h. */
#include "tests/e2e/client.h"

#include "broker/io/clock.h"
#include "tests/unit/sample.h"

#include <criterion/criterion.h>
#include <stdarg.h>

enum { PEER_ARENA = 256 * 1024 * 1024 };

const char *e2e_env(const char *name) {
    const char *value = getenv(name);
    cr_assert_not_null(value, "%s is not set; tests/e2e/run sets it", name);
    return value;
}

static Key key_file(const char *kind, const char *format, ...) {
    char path[512];
    Key key;
    va_list args;
    va_start(args, format);
    (void)vsnprintf(path, sizeof(path), format, args);
    va_end(args);
    cr_assert_eq(keyfile_load(path, kind, &key), 0, "no key in %s", path);
    return key;
}

static Str endpoint_read(Peer *p) {
    char line[ENDPOINT_MAX] = "";
    _cleanup_(file_closep) FILE *f = fopen(e2e_env("MASH_E2E_INTAKE_ENDPOINT"), "re");
    cr_assert(f && fgets(line, sizeof(line), f), "the endpoint file cannot be read");
    return arena_str(p->arena, str_trim(str_z(line)));
}

void peer_open_as(Peer *p, const char *agency, const Key *transport) {
    Key origin_public;
    *p = (Peer){.arena = arena_new(PEER_ARENA),
                .zmq = zmq_ctx_new(),
                .agency = str_z(agency),
                .realm = str_z(e2e_env("MASH_E2E_REALM")),
                .transport = *transport};
    p->origin =
        key_file("ed25519-secret", "%s/%s/origin.ed25519-secret", e2e_env("MASH_E2E_KEYS"), agency);
    p->server_public = key_file("curve-public", "%s", e2e_env("MASH_E2E_INTAKE_PUBLIC"));
    p->ack_public = key_file("ed25519-public", "%s", e2e_env("MASH_E2E_ACK_PUBLIC"));
    cr_assert_eq(ed25519_public(&p->origin, &origin_public), 0);
    cr_assert_eq(key_id(&origin_public, p->origin_id), 0);
    cr_assert_eq(
        wire_dial(p->zmq, endpoint_read(p).at, &p->transport, &p->server_public, &p->socket), 0);
}

void peer_open(Peer *p, const char *agency) {
    Key transport =
        key_file("curve-secret", "%s/%s/transport.curve-secret", e2e_env("MASH_E2E_KEYS"), agency);
    peer_open_as(p, agency, &transport);
}

void peer_close(Peer *p) {
    (void)zmq_close(p->socket);
    (void)zmq_ctx_term(p->zmq);
    arena_free(p->arena);
}

Draft draft_new(Peer *p) {
    Draft d = {.head = head_new(p->arena, STRUCT_submission)};
    char *now = arena_alloc(p->arena, CLOCK_TEXT);
    clock_text(clock_ms(), now);
    cr_assert_eq(id_v7(clock_ms(), &d.submission_id), 0);
    value_set_id(p->arena, d.head, F_submission_submission_id, &d.submission_id);
    value_set_text(p->arena, d.head, F_submission_realm, p->realm);
    value_set_text(p->arena, d.head, F_submission_agency, p->agency);
    value_set_text(p->arena, d.head, F_submission_origin_key, str_z(p->origin_id));
    value_set_text(p->arena, d.head, F_submission_sent_at, str_z(now));
    return d;
}

void draft_add_frame(Peer *p, Draft *d, Id message_id, Bytes whole) {
    Hash commitment;
    Value *entry = value_add_map(p->arena, d->head, F_submission_entry);
    cr_assert_eq(content_commit(whole, &commitment), 0);
    value_set_id(p->arena, entry, F_entry_message_id, &message_id);
    value_set_text(p->arena, entry, F_entry_content, STR("referral"));
    value_set_text(p->arena, entry, F_entry_lane, STR("routine"));
    value_set_hash(p->arena, entry, F_entry_commitment, &commitment);
    d->contents[d->count] = whole;
    d->message_ids[d->count++] = message_id;
}

void draft_add(Peer *p, Draft *d, Bytes content) {
    uint8_t *whole = arena_alloc(p->arena, SALT_LEN + content.len);
    Id id;
    cr_assert_not_null(whole);
    cr_assert_eq(random_bytes(whole, SALT_LEN), 0);
    memcpy(whole + SALT_LEN, content.at, content.len);
    cr_assert_eq(id_v7(clock_ms(), &id), 0);
    draft_add_frame(p, d, id, bytes_of(whole, SALT_LEN + content.len));
}

Bytes draft_referral(Peer *p) {
    Bytes bytes;
    uint8_t noise[8];
    char *reference = arena_alloc(p->arena, 2 * sizeof(noise) + 1);
    Value *referral = sample_tree(p->arena, STRUCT_referral, false);
    cr_assert_eq(random_bytes(noise, sizeof(noise)), 0);
    hex_encode(BYTES_OF(noise), reference);
    Value *list = referral->map.at[1].value; /* native_reference, required and so always second */
    value_set_text(p->arena, list->list.at[0], F_reference_value, str_z(reference));
    cr_assert_eq(codec_encode(p->arena, referral, &bytes), 0);
    return bytes;
}

Draft draft_referrals(Peer *p, size_t count) {
    Draft d = draft_new(p);
    for (size_t i = 0; i < count; i++) draft_add(p, &d, draft_referral(p));
    return d;
}

Parts parts_sign(Peer *p, Bytes head, const Draft *d) {
    Signature *signature = arena_alloc(p->arena, sizeof(*signature));
    Parts parts = {.count = d->count + 2};
    cr_assert_eq(head_sign(p->arena, &p->origin, STRUCT_submission, head, signature), 0);
    parts.at[0] = head;
    parts.at[1] = BYTES_OF(signature->at);
    for (size_t i = 0; i < d->count; i++) parts.at[i + 2] = d->contents[i];
    return parts;
}

Parts draft_sign(Peer *p, const Draft *d) {
    Bytes head;
    cr_assert_eq(codec_encode(p->arena, d->head, &head), 0);
    return parts_sign(p, head, d);
}

void peer_put(Peer *p, const Parts *parts) {
    cr_assert_eq(wire_put(p->socket, (Bytes){0}, parts->at, parts->count), 0);
}

Reply peer_take(Peer *p, int64_t ms) {
    zmq_pollitem_t item = {.socket = p->socket, .events = ZMQ_POLLIN};
    Reply reply = {0};
    Fault fault;
    Frames f;
    (void)zmq_poll(&item, 1, (long)ms);
    if (wire_take(p->socket, false, &f) != 0) return reply;
    Bytes head = arena_copy(p->arena, frame(&f, 0));
    Bytes signature = arena_copy(p->arena, frame(&f, 1));
    cr_expect_eq(f.count, 2);
    frames_clear(&f);
    cr_assert_eq(head_decode(p->arena, head, &reply.kind, &reply.head, &fault), 0, "%s at %s",
                 reason_name((int)fault.reason), fault.path);
    cr_assert(head_verify(p->arena, &p->ack_public, reply.kind, head, signature));
    bool ack = reply.kind == STRUCT_acknowledgement;
    cr_assert(ack || reply.kind == STRUCT_refusal);
    uint32_t realm = ack ? (uint32_t)F_acknowledgement_realm : (uint32_t)F_refusal_realm;
    cr_assert(str_eq(value_text(reply.head, realm), p->realm));
    return reply;
}

/* Told `busy`, it waits as long as it was told (nothing else is to come) and asks again. */
Reply peer_ask(Peer *p, const Parts *parts) {
    for (;;) {
        peer_put(p, parts);
        Reply reply = peer_take(p, PATIENCE_MS);
        cr_assert_neq(reply.kind, STRUCT_none, "no answer came");
        if (!str_is(reply_reason(reply), "busy")) return reply;
        (void)peer_take(p, value_number(reply.head, F_refusal_retry_ms));
    }
}

Str reply_reason(Reply r) {
    return r.kind == STRUCT_refusal ? value_text(r.head, F_refusal_reason) : (Str){0};
}

static const Value *reply_entry(Reply r, size_t i) {
    cr_assert_eq(r.kind, STRUCT_acknowledgement, "refused: %.*s at %.*s", STR_ARG(reply_reason(r)),
                 STR_ARG(value_text(r.head, F_refusal_path)));
    return value_item(r.head, F_acknowledgement_entry, i);
}

Str reply_outcome(Reply r, size_t i) {
    return value_text(reply_entry(r, i), F_ack_entry_outcome);
}

Str reply_entry_reason(Reply r, size_t i) {
    return value_text(reply_entry(r, i), F_ack_entry_reason);
}

int64_t reply_leaf_index(Reply r, size_t i) {
    return value_number(reply_entry(r, i), F_ack_entry_leaf_index);
}

Bytes reply_leaf(Reply r, size_t i) {
    return value_bytes(reply_entry(r, i), F_ack_entry_leaf);
}

bool leaf_line(Bytes leaf, const char *name, const char *value) {
    Str rest = bytes_str(leaf), line, word;
    while (str_split(&rest, '\n', &line)) {
        if (str_split(&line, ' ', &word) && str_is(word, name) && str_is(line, value)) return true;
    }
    return false;
}

Store *look_open(const char *variable) {
    Store *s = NULL;
    cr_assert_eq(store_open(e2e_env(variable), "e2e", PATIENCE_MS, &s), 0);
    return s;
}

int64_t look_number(Store *s, const char *sql, const Param *params, size_t count) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    cr_assert_eq(store_call(s, sql, params, count, &rows), 0, "%s", sql);
    cr_assert_eq(rows_count(rows), 1, "%s", sql);
    return row_number(rows, 0, 0);
}
