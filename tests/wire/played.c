/* See played.h. */
#include "tests/wire/played.h"

#include "broker/base/seal.h"
#include "broker/io/clock.h"
#include "tests/properties/world.h"

#define REALM STR("demonstration")

enum { PATIENCE_MS = 60000 };

static Key key_at(const char *path, const char *kind) {
    Key key;
    if (keyfile_load(path, kind, &key) < 0) give_up("no key in %s", path);
    return key;
}

static void *dial(void *zmq, const char *endpoint_file, const Key *own, const char *public_file) {
    char endpoint[ENDPOINT_MAX];
    Key server = key_at(public_file, "curve-public");
    void *socket = NULL;
    endpoint_of(endpoint_file, endpoint);
    NEEDED(wire_dial(zmq, endpoint, own, &server, &socket) == 0);
    return socket;
}

/* ---- an agency ------------------------------------------------------------------------------- */

void agency_open(Agency *g, void *zmq, const char *code) {
    char path[128];
    party_load(&g->party, code);
    (void)snprintf(path, sizeof(path), "keys/%s/letter.x25519-secret", code);
    g->letter_key.secret = key_at(path, "x25519-secret");
    NEEDED(x25519_public(&g->letter_key.secret, &g->letter_key.public) == 0);
    g->letter_sign_public = key_at("keys/public/letter-sign.ed25519-public", "ed25519-public");
    g->intake =
        dial(zmq, "run/intake.endpoint", &g->party.transport, "keys/public/intake.curve-public");
    g->courier =
        dial(zmq, "run/courier.endpoint", &g->party.transport, "keys/public/courier.curve-public");
}

void agency_close(Agency *g) {
    (void)zmq_close(g->intake);
    (void)zmq_close(g->courier);
}

static void put(void *socket, const Bytes *parts, size_t count) {
    NEEDED(wire_put(socket, (Bytes){0}, parts, count) == 0);
}

static void put_head(void *socket, Arena *a, const Value *head) {
    Bytes bytes;
    NEEDED(codec_encode(a, head, &bytes) == 0);
    put(socket, &bytes, 1);
}

/* Every message promised; anything else ends the campaign. */
static void promised(const Value *ack, size_t count) {
    NEEDED(value_count(ack, F_acknowledgement_entry) == count);
    for (size_t i = 0; i < count; i++) {
        const Value *entry = value_item(ack, F_acknowledgement_entry, i);
        Str outcome = value_text(entry, F_ack_entry_outcome);
        if (str_is(outcome, "accepted")) continue;
        give_up("a message was not accepted: %.*s %.*s", STR_ARG(outcome),
                STR_ARG(value_text(entry, F_ack_entry_path)));
    }
}

void agency_send(Agency *g, Arena *a, const SubmissionEntry *entries, size_t count) {
    Submission s;
    Sender by = {.realm = REALM,
                 .agency = str_z(g->party.agency),
                 .origin_id = str_z(g->party.origin_id),
                 .origin = &g->party.origin};
    if (count == 0) return;
    NEEDED(submission_make(a, &by, clock_ms(), entries, count, &s) == 0);
    for (;;) {
        put(g->intake, s.parts, s.part_count);
        NEEDED(told_wait(g->intake, -1, PATIENCE_MS));
        Told told = told_take(a, &g->party, g->intake);
        if (told.kind == STRUCT_acknowledgement) return promised(told.head, count);
        if (!str_is(told.reason, "busy")) give_up("refused: %.*s", STR_ARG(told.reason));
        (void)told_wait(g->intake, -1, value_number(told.head, F_refusal_retry_ms));
    }
}

Bytes content_frame(Arena *a, StructKind kind, const Value *content) {
    const Value *checked;
    Fault fault = {0};
    Bytes bytes;
    NEEDED(codec_encode(a, content, &bytes) == 0);
    if (content_decode(a, kind, bytes, &checked, &fault) != 0) {
        give_up("no good content: %s at %s", reason_name((int)fault.reason), fault.path);
    }
    uint8_t *whole = arena_alloc(a, SALT_LEN + bytes.len);
    NEEDED(whole && random_bytes(whole, SALT_LEN) == 0);
    memcpy(whole + SALT_LEN, bytes.at, bytes.len);
    return bytes_of(whole, SALT_LEN + bytes.len);
}

/* ---- its letters -------------------------------------------------------------------------------
 */

static void receipt_send(Agency *g, Arena *a, Id letter_id, Bytes sealed) {
    Value *head = head_new(a, STRUCT_receipt);
    Signature *signature = arena_alloc(a, sizeof(*signature));
    Bytes parts[2];
    Hash digest;
    char now[CLOCK_TEXT];
    NEEDED(signature && sha256(&sealed, 1, &digest) == 0);
    clock_text(clock_ms(), now);
    value_set_text(a, head, F_receipt_realm, REALM);
    value_set_text(a, head, F_receipt_agency, str_z(g->party.agency));
    value_set_id(a, head, F_receipt_letter_id, &letter_id);
    value_set_text(a, head, F_receipt_outcome, STR("delivered"));
    value_set_hash(a, head, F_receipt_digest, &digest);
    value_set_text(a, head, F_receipt_received_at, str_z(now));
    value_set_text(a, head, F_receipt_origin_key, str_z(g->party.origin_id));
    NEEDED(codec_encode(a, head, &parts[0]) == 0);
    NEEDED(head_sign(a, &g->party.origin, STRUCT_receipt, parts[0], signature) == 0);
    parts[1] = BYTES_OF(signature->at);
    put(g->courier, parts, 2);
}

/* Sealed lie the hub's signature and then the letter. */
static const Value *opened(Agency *g, Arena *a, Id letter_id, Bytes sealed) {
    SealFor purpose = {
        .realm = REALM, .use = STR("letter"), .agency = str_z(g->party.agency), .id = letter_id};
    const Value *letter = NULL;
    Bytes plain;
    Fault fault;
    NEEDED(letter_open(a, &g->letter_key, purpose, sealed, &plain) && plain.len > SIG_LEN);
    Bytes body = bytes_of(plain.at + SIG_LEN, plain.len - SIG_LEN);
    NEEDED(
        head_verify(a, &g->letter_sign_public, STRUCT_letter, body, bytes_of(plain.at, SIG_LEN)));
    NEEDED(codec_decode(a, body, &letter, &fault) == 0);
    NEEDED(schema_check(STRUCT_letter, letter, &fault) == 0);
    return letter;
}

/* False when the message was no parcel (a checkpoint). */
static bool arrived_take(Agency *g, Arena *a, Frames *f, Arrived *ret) {
    StructKind kind;
    const Value *head;
    Fault fault;
    Bytes bytes = arena_copy(a, frame(f, 0)), sealed = arena_copy(a, frame(f, 1));
    *ret = (Arrived){.frames = f->count};
    for (size_t i = 0; i < f->count && i < COUNT_OF(ret->lengths); i++) {
        ret->lengths[i] = frame(f, i).len;
    }
    frames_clear(f);
    NEEDED(head_decode(a, bytes, &kind, &head, &fault) == 0);
    if (kind != STRUCT_parcel) return false;
    NEEDED(value_id(head, F_parcel_letter_id, &ret->letter_id));
    ret->letter = opened(g, a, ret->letter_id, sealed);
    receipt_send(g, a, ret->letter_id, sealed);
    return true;
}

size_t agency_collect(Agency *g, Arena *a, Arrived *at, size_t most) {
    enum { QUIET_MS = 20 };
    size_t count = 0;
    Value *head = head_new(a, STRUCT_collect);
    Frames f;
    value_set_text(a, head, F_collect_realm, REALM);
    value_set_text(a, head, F_collect_agency, str_z(g->party.agency));
    value_set_number(a, head, F_collect_tree_size, 0);
    put_head(g->courier, a, head);
    while (told_wait(g->courier, -1, QUIET_MS)) {
        if (wire_take(g->courier, false, &f) != 0) break;
        NEEDED(count < most);
        count += arrived_take(g, a, &f, &at[count]);
    }
    return count;
}

/* ---- a member of staff ------------------------------------------------------------------------
 */

void staff_open(Staff *s, void *zmq, const char *who) {
    char path[128];
    (void)snprintf(path, sizeof(path), "keys/staff/%s/staff.curve-secret", who);
    Key own = key_at(path, "curve-secret");
    s->socket = dial(zmq, "run/hub.endpoint", &own, "keys/public/hub.curve-public");
}

void staff_close(Staff *s) {
    (void)zmq_close(s->socket);
}

json_t *staff_ask(Staff *s, Arena *a, const char *command, const Word *words, size_t count,
                  Str *ret_reason) {
    Value *head = head_new(a, STRUCT_command);
    const Value *result = NULL;
    StructKind kind;
    Fault fault;
    Frames f;
    Id request;
    NEEDED(id_random(&request) == 0);
    value_set_text(a, head, F_command_realm, REALM);
    value_set_id(a, head, F_command_request, &request);
    value_set_text(a, head, F_command_name, str_z(command));
    for (size_t i = 0; i < count; i++) {
        Value *argument = value_add_map(a, head, F_command_argument);
        value_set_text(a, argument, F_argument_name, str_z(words[i].name));
        value_set_text(a, argument, F_argument_value, words[i].value);
    }
    put_head(s->socket, a, head);
    if (!told_wait(s->socket, -1, PATIENCE_MS)) give_up("the hub does not answer %s", command);
    NEEDED(wire_take(s->socket, false, &f) == 0);
    Bytes bytes = arena_copy(a, frame(&f, 0));
    frames_clear(&f);
    NEEDED(head_decode(a, bytes, &kind, &result, &fault) == 0 && kind == STRUCT_result);
    *ret_reason = value_text(result, F_result_reason);
    const char *heard = ret_reason->len ? canary_heard(bytes_str(bytes)) : NULL;
    if (heard) give_up("the refusal of %s says a word that stays in (%s): %.*s", command, heard,
                       STR_ARG(value_text(result, F_result_sentence)));
    if (ret_reason->len) return NULL;
    Str json = value_text(result, F_result_json);
    json_t *body = json_loadb(json.at, json.len, 0, NULL);
    return body ? body : json_object();
}
