/* See sender.h. */
#include "tests/torture/sender.h"

#include "broker/io/clock.h"
#include "tests/unit/sample.h"

#include <errno.h>
#include <stdarg.h>

noreturn void give_up(const char *format, ...) {
    va_list args;
    va_start(args, format);
    (void)vfprintf(stderr, format, args);
    va_end(args);
    (void)fputc('\n', stderr);
    exit(2);
}

static Key key_of(const char *whose, const char *use, const char *kind) {
    char path[512];
    Key key;
    (void)snprintf(path, sizeof(path), "keys/%s/%s.%s", whose, use, kind);
    if (keyfile_load(path, kind, &key) < 0) give_up("no key in %s", path);
    return key;
}

static void hub_keys(Party *p) {
    p->server_public = key_of("public", "intake", "curve-public");
    p->ack_public = key_of("public", "ack", "ed25519-public");
}

void party_load(Party *p, const char *agency) {
    Key public;
    (void)snprintf(p->agency, sizeof(p->agency), "%s", agency);
    p->transport = key_of(agency, "transport", "curve-secret");
    p->origin = key_of(agency, "origin", "ed25519-secret");
    hub_keys(p);
    NEEDED(ed25519_public(&p->origin, &public) == 0 && key_id(&public, p->origin_id) == 0);
}

void party_make(Party *p, const char *agency) {
    KeyPair transport, origin;
    (void)snprintf(p->agency, sizeof(p->agency), "%s", agency);
    NEEDED(wire_pair(&transport) == 0 && ed25519_pair(&origin) == 0);
    p->transport = transport.secret;
    p->origin = origin.secret;
    hub_keys(p);
    NEEDED(key_id(&origin.public, p->origin_id) == 0);
}

void endpoint_of(const char *file, char ret[ENDPOINT_MAX]) {
    _cleanup_(file_closep) FILE *f = fopen(file, "re");
    if (!f || !fgets(ret, ENDPOINT_MAX, f)) give_up("no endpoint in %s", file);
    ret[strcspn(ret, "\n")] = '\0';
}

void *party_dial(const Party *p, void *zmq, const char *endpoint) {
    void *socket = NULL;
    NEEDED(wire_dial(zmq, endpoint, &p->transport, &p->server_public, &socket) == 0);
    return socket;
}

Bytes referral_make(Arena *a, bool bad) {
    Bytes content;
    uint8_t noise[8];
    char *reference = arena_alloc(a, 2 * sizeof(noise) + 1);
    Value *referral = sample_tree(a, STRUCT_referral, false);
    NEEDED(reference && random_bytes(noise, sizeof(noise)) == 0);
    hex_encode(BYTES_OF(noise), reference);
    Value *list = referral->map.at[1].value; /* native_reference, required and so always second */
    value_set_text(a, list->list.at[0], F_reference_value, str_z(reference));
    if (bad) value_set_text(a, referral, F_referral_category, STR("no such category"));
    NEEDED(codec_encode(a, referral, &content) == 0);
    uint8_t *whole = arena_alloc(a, SALT_LEN + content.len);
    NEEDED(whole && random_bytes(whole, SALT_LEN) == 0);
    memcpy(whole + SALT_LEN, content.at, content.len);
    return bytes_of(whole, SALT_LEN + content.len);
}

void submission_fill(Arena *a, const Party *p, size_t count, bool immediate, bool bad,
                     Submission *ret) {
    SubmissionEntry *entries = arena_array(a, count, sizeof(*entries));
    Sender by = {.realm = STR("demonstration"),
                 .agency = str_z(p->agency),
                 .origin_id = str_z(p->origin_id),
                 .origin = &p->origin};
    NEEDED(entries);
    for (size_t i = 0; i < count; i++) {
        entries[i] = (SubmissionEntry){.content = STR("referral"),
                                       .immediate = immediate,
                                       .frame = referral_make(a, bad)};
        NEEDED(id_v7(clock_ms(), &entries[i].message_id) == 0);
    }
    NEEDED(submission_make(a, &by, clock_ms(), entries, count, ret) == 0);
}

Told told_take(Arena *a, const Party *p, void *socket) {
    Told t = {0};
    Fault fault;
    Frames f;
    if (wire_take(socket, false, &f) != 0) return t;
    NEEDED(f.count == 2);
    Bytes head = arena_copy(a, frame(&f, 0)), signature = arena_copy(a, frame(&f, 1));
    frames_clear(&f);
    NEEDED(head_decode(a, head, &t.kind, &t.head, &fault) == 0);
    NEEDED(head_verify(a, &p->ack_public, t.kind, head, signature));
    bool ack = t.kind == STRUCT_acknowledgement;
    NEEDED(ack || t.kind == STRUCT_refusal);
    uint32_t key = ack ? (uint32_t)F_acknowledgement_submission_id
                       : (uint32_t)F_refusal_submission_id;
    (void)value_id(t.head, key, &t.submission); /* a refusal may not know it */
    if (!ack) t.reason = value_text(t.head, F_refusal_reason);
    return t;
}

bool told_wait(void *socket, int other, int64_t ms) {
    zmq_pollitem_t items[] = {{.socket = socket, .events = ZMQ_POLLIN},
                              {.fd = other, .events = ZMQ_POLLIN}};
    int r = zmq_poll(items, other < 0 ? 1 : 2, (long)ms);
    NEEDED(r >= 0 || errno == EINTR);
    return items[0].revents != 0;
}
