/* The staff's door of a running hub, knocked at by hand: what mashctl would never send, and keys
 * that do not belong there. MASH_E2E_HUB_ENDPOINT and MASH_E2E_HUB_PUBLIC name it. */
#include "tests/e2e/client.h"

#include "broker/io/clock.h"

#include <criterion/criterion.h>

typedef struct Desk {
    Arena *arena;
    void *zmq, *socket;
} Desk;

static Str file_word(const char *path, Arena *a) {
    char line[300];
    _cleanup_(file_closep) FILE *f = fopen(path, "r");
    cr_assert(f && fgets(line, sizeof(line), f), "cannot read %s", path);
    return arena_str(a, str_trim(str_z(line)));
}

/* With any CURVE key file below MASH_E2E_KEYS. */
static void desk_open(Desk *d, const char *key_file) {
    char path[512];
    Key secret, hub;
    d->arena = arena_new(1 << 20);
    d->zmq = zmq_ctx_new();
    (void)snprintf(path, sizeof(path), "%s/%s", e2e_env("MASH_E2E_KEYS"), key_file);
    cr_assert_eq(keyfile_load(path, "curve-secret", &secret), 0, "cannot load %s", path);
    cr_assert_eq(keyfile_load(e2e_env("MASH_E2E_HUB_PUBLIC"), "curve-public", &hub), 0);
    Str endpoint = file_word(e2e_env("MASH_E2E_HUB_ENDPOINT"), d->arena);
    cr_assert_eq(wire_dial(d->zmq, endpoint.at, &secret, &hub, &d->socket), 0);
}

static void desk_close(Desk *d) {
    cr_assert_eq(zmq_close(d->socket), 0);
    cr_assert_eq(zmq_ctx_term(d->zmq), 0);
    arena_free(d->arena);
}

/* The answer's reason; "silence" when none comes in time. */
static Str desk_ask(Desk *d, StructKind kind, const char *realm, const char *name, int64_t ms) {
    Value *head = head_new(d->arena, kind);
    Id request;
    Bytes part;
    Frames f;
    cr_assert_eq(id_random(&request), 0);
    value_set_text(d->arena, head, F_command_realm, str_z(realm));
    value_set_id(d->arena, head, F_command_request, &request);
    value_set_text(d->arena, head, F_command_name, str_z(name));
    cr_assert_eq(codec_encode(d->arena, head, &part), 0);
    cr_assert_eq(wire_put(d->socket, (Bytes){0}, &part, 1), 0);
    zmq_pollitem_t item = {.socket = d->socket, .events = ZMQ_POLLIN};
    if (zmq_poll(&item, 1, ms) != 1) return STR("silence");
    cr_assert_eq(wire_take(d->socket, false, &f), 0);
    const Value *result = NULL;
    StructKind got = STRUCT_none;
    Fault fault;
    cr_assert_eq(head_decode(d->arena, arena_copy(d->arena, frame(&f, 0)), &got, &result, &fault),
                 0);
    frames_clear(&f);
    cr_assert_eq(got, STRUCT_result);
    return value_text(result, F_result_reason);
}

static const char *realm(void) {
    return e2e_env("MASH_E2E_REALM");
}

Test(staff, answers_a_member_of_staff) {
    Desk d;
    desk_open(&d, "staff/triage.officer/staff.curve-secret");
    cr_expect(desk_ask(&d, STRUCT_command, realm(), "whoami", PATIENCE_MS).len == 0);
    desk_close(&d);
}

Test(staff, refuses_a_command_that_does_not_exist) {
    Desk d;
    desk_open(&d, "staff/triage.officer/staff.curve-secret");
    cr_expect(str_is(desk_ask(&d, STRUCT_command, realm(), "drop-everything", PATIENCE_MS),
                     "command_unknown"));
    desk_close(&d);
}

Test(staff, refuses_the_other_realm) {
    Desk d;
    desk_open(&d, "staff/triage.officer/staff.curve-secret");
    cr_expect(
        str_is(desk_ask(&d, STRUCT_command, "live", "whoami", PATIENCE_MS), "realm_mismatch"));
    desk_close(&d);
}

Test(staff, refuses_a_command_to_a_role_that_may_not) {
    Desk d;
    desk_open(&d, "staff/triage.officer/staff.curve-secret");
    cr_expect(str_is(desk_ask(&d, STRUCT_command, realm(), "policy-load", PATIENCE_MS),
                     "role_missing"));
    desk_close(&d);
}

/* An agency's key is known to the register, and is no key of this door: it never gets in, while a
 * colleague who asked later has long been answered. */
Test(staff, does_not_hear_an_agency) {
    Desk agency, colleague;
    desk_open(&agency, "police/transport.curve-secret");
    desk_open(&colleague, "staff/decision.maker/staff.curve-secret");
    cr_expect(desk_ask(&colleague, STRUCT_command, realm(), "whoami", PATIENCE_MS).len == 0);
    cr_expect(str_is(desk_ask(&agency, STRUCT_command, realm(), "queue", 2000), "silence"));
    desk_close(&agency);
    desk_close(&colleague);
}
