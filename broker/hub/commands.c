/* The hub's counter: one message from a member of staff in, one answer out. Who asks is the CURVE
 * key's owner, looked up anew for every message, so that a revoked key stops at once. Deny by
 * default: a command that is not in the table, or not for the asker's roles, is refused, and every
 * refusal is a leaf. It must never log or record what an argument says. */
#include "broker/hub/commands.h"

#include "broker/io/clock.h"
#include "broker/io/log.h"
#include "schemas/envelope.h"

#include <inttypes.h>
#include <malloc.h>
#include <openssl/crypto.h>
#include <stdarg.h>

/* A release of 21,000 items takes 140 MB, and an emergency may begin anew when something arrives in
 * between. Taken only at need. */
enum {
    COMMAND_MEMORY = 512 * 1024 * 1024,
    RESULT_JSON = 1000 * 1000, /* as fields.def says */
};

/* ---- the table ------------------------------------------------------------------------------- */

static const Command table[] = {
#define COMMAND(name, handler, roles, usage, doc) {name, roles, cmd_##handler, usage, doc},
#include "schemas/commands.def"
#undef COMMAND
    {0},
};

const Command *command_table(void) {
    return table;
}

static const Command *command_find(Str name) {
    for (const Command *k = table; k->name; k++) {
        if (str_is(name, k->name)) return k;
    }
    return NULL;
}

/* ---- what handlers use ----------------------------------------------------------------------- */

Str call_text(const Call *c, const char *argument) {
    for (size_t i = 0; i < value_count(c->command, F_command_argument); i++) {
        const Value *one = value_item(c->command, F_command_argument, i);
        if (str_is(value_text(one, F_argument_name), argument)) {
            return value_text(one, F_argument_value);
        }
    }
    return (Str){0};
}

int call_need(Call *c, const char *argument, Str *ret) {
    *ret = str_trim(call_text(c, argument));
    if (ret->len) return 0;
    call_say(c, "\"%s\" is needed.", argument);
    return REFUSE_argument_missing;
}

int call_may_id(Call *c, const char *argument, Id *ret, bool *ret_given) {
    Str text = str_trim(call_text(c, argument));
    *ret_given = text.len > 0;
    if (!*ret_given || id_parse(text, ret)) return 0;
    call_say(c, "\"%s\" is an id, all of it as it was printed.", argument);
    return REFUSE_argument_wrong;
}

int call_need_id(Call *c, const char *argument, Id *ret) {
    Str text;
    bool given;
    int r = call_need(c, argument, &text);
    return r ? r : call_may_id(c, argument, ret, &given);
}

int call_need_number(Call *c, const char *argument, int64_t *ret) {
    Str text;
    uint64_t number = 0;
    int r = call_need(c, argument, &text);
    if (r) return r;
    if (!str_u64(text, &number) || number > INT64_MAX) {
        call_say(c, "\"%s\" is a number.", argument);
        return REFUSE_argument_wrong;
    }
    *ret = (int64_t)number;
    return 0;
}

int call_need_token(Call *c, int64_t *ret) {
    return call_text(c, "token").len ? call_need_number(c, "token", ret) : REFUSE_not_claimed;
}

int call_need_enquiry(Call *c, Id *ret) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    Str ref;
    int r = call_need(c, "ref", &ref);
    if (r == 0) {
        r = STORE_CALL(c->hub->store, &rows, "SELECT door.hub_find($1)", p_text(ref));
    }
    if (r) return r;
    if (row_null(rows, 0, 0)) return REFUSE_not_found;
    *ret = c->enquiry = row_id(rows, 0, 0);
    return 0;
}

Str call_staff(const Call *c) {
    return str_z(c->who->owner);
}

void call_say(Call *c, const char *format, ...) {
    va_list args;
    va_start(args, format);
    (void)vsnprintf(c->sentence, sizeof(c->sentence), format, args);
    va_end(args);
}

json_t *json_str(Str s) {
    return json_stringn(s.at ? s.at : "", s.len);
}

json_t *json_id(Id id) {
    char text[ID_TEXT];
    id_text(id, text);
    return json_string(text);
}

static json_t *json_cell(const Rows *rows, size_t row, int at, ColumnKind kind) {
    switch (kind) {
    case COLUMN_text: return json_str(row_text(rows, row, at));
    case COLUMN_number: return json_integer(row_number(rows, row, at));
    case COLUMN_yes: return json_boolean(row_yes(rows, row, at));
    case COLUMN_id: return json_id(row_id(rows, row, at));
    }
    return NULL;
}

json_t *json_row(const Rows *rows, size_t row, const Column *columns, size_t count) {
    json_t *object = json_object();
    for (int k = 0; k < (int)count; k++) {
        if (row_null(rows, row, k)) continue;
        json_object_set_new(object, columns[k].name, json_cell(rows, row, k, columns[k].kind));
    }
    return object;
}

json_t *json_rows(const Rows *rows, const Column *columns, size_t count) {
    json_t *list = json_array();
    for (size_t i = 0; i < rows_count(rows); i++) {
        json_array_append_new(list, json_row(rows, i, columns, count));
    }
    return list;
}

int words_seal(Call *c, Str use, Bytes content, Words *ret) {
    uint8_t *frame = arena_alloc(c->arena, SALT_LEN + content.len);
    if (!frame) return ERR_MEMORY;
    int r = random_bytes(frame, SALT_LEN);
    if (r == 0) r = id_v7(clock_ms(), &ret->id);
    if (r) return r;
    memcpy(frame + SALT_LEN, content.at, content.len);
    VaultThing t = {.id = ret->id, .use = use, .plain = bytes_of(frame, SALT_LEN + content.len)};
    r = content_commit(t.plain, &ret->commitment);
    if (r == 0) r = vault_seal(c->hub, c->arena, &t);
    if (r == 0) r = vault_put(c->hub, c->arena, &t, 1);
    ret->sealed = t.sealed;
    return r;
}

int words_open(Call *c, Str use, Id id, Bytes sealed, Bytes *ret_content) {
    VaultThing t = {.id = id, .use = use};
    *ret_content = (Bytes){0};
    int r = vault_open(c->hub, c->arena, &t, &sealed, 1);
    if (r || t.plain.len < SALT_LEN) return r;
    *ret_content = bytes_of(t.plain.at + SALT_LEN, t.plain.len - SALT_LEN);
    return 0;
}

static bool result_fits(const Call *c) {
    return json_dumpb(c->result, NULL, 0, JSON_COMPACT) <= RESULT_JSON;
}

int call_purpose(Call *c, Str *ret) {
    bool decides =
        staff_has_role(c->who, "decision_maker") || staff_has_role(c->who, "social_work_manager");
    *ret = str_trim(call_text(c, "purpose"));
    if (ret->len == 0) *ret = str_z(decides ? "decision" : "triage");
    if (code_known(LIST_reveal, *ret)) return 0;
    call_say(c, "\"purpose\" is triage, check, decision or oversight.");
    return REFUSE_argument_wrong;
}

int call_reveal(Call *c, const char *what, int (*read)(Call *c)) {
    Store *s = c->hub->store;
    Str purpose;
    int r = call_purpose(c, &purpose);
    if (r == 0) r = store_begin(s);
    if (r) return r;
    r = read(c);
    if (r == 0 && !result_fits(c)) r = REFUSE_too_large;
    if (r == 0) {
        r = STORE_CALL(s, NULL, "SELECT door.hub_view($1, $2, $3, $4)", p_text(call_staff(c)),
                       p_id(c->enquiry), p_z(what), p_text(purpose));
    }
    if (r == 0) return store_commit(s);
    store_rollback(s);
    return r;
}

/* ---- one message ----------------------------------------------------------------------------- */

static bool role_allows(const Command *k, const RegisteredKey *who) {
    Str rest = str_z(k->roles), role;
    if (str_is(rest, "any")) return true;
    while (str_split(&rest, '+', &role)) {
        char name[64];
        int len = snprintf(name, sizeof(name), "%.*s", STR_ARG(role));
        if (len > 0 && (size_t)len < sizeof(name) && staff_has_role(who, name)) return true;
    }
    return false;
}

static void roles_say(Call *c, const Command *k) {
    Str rest = str_z(k->roles), role, said = {0};
    while (str_split(&rest, '+', &role)) {
        said = arena_printf(c->arena, "%.*s%s%.*s", STR_ARG(said), said.len ? " or " : "",
                            STR_ARG(role));
    }
    call_say(c, "\"%s\" is for the role %.*s.", k->name, STR_ARG(said));
}

/* The head: exactly one frame, a command, of this realm. */
static int command_read(Call *c, const Frames *f) {
    StructKind kind = STRUCT_none;
    const Value *head = NULL;
    Fault fault;
    if (f->count != 1) return REFUSE_frames_wrong;
    if (frame(f, 0).len > LIMIT_COMMAND) return REFUSE_too_large;
    int r = head_decode(c->arena, frame(f, 0), &kind, &head, &fault);
    if (r > 0 && fault.path[0]) call_say(c, "At \"%s\".", fault.path);
    if (r) return r;
    if (kind != STRUCT_command) return REFUSE_message_not_allowed;
    c->command = head;
    return str_eq(value_text(head, F_command_realm), c->hub->realm) ? 0 : REFUSE_realm_mismatch;
}

static int command_run(Call *c, const Frames *f, const Command **ret_command) {
    int r = command_read(c, f);
    if (r) return r;
    if (!c->who || !c->who->usable) return REFUSE_not_signed_in;
    r = STORE_CALL(c->hub->store, NULL, "SELECT door.hub_sign_in($1)", p_z(c->who->id));
    if (r) return r;
    const Command *k = command_find(value_text(c->command, F_command_name));
    if (!k) return REFUSE_command_unknown;
    *ret_command = k;
    if (role_allows(k, c->who)) return k->run(c);
    roles_say(c, k);
    return REFUSE_role_missing;
}

/* Every refusal is a leaf. A command's name is recorded only when it is one of ours: anything else
 * is somebody's text. */
static int refusal_record(const Call *c, const Command *k, int reason) {
    static const Id none = {{0}};
    bool about = !id_eq(c->enquiry, none);
    return STORE_CALL(c->hub->store, NULL, "SELECT door.hub_refusal($1, $2, $3, $4::uuid)",
                      p_z(c->who ? c->who->owner : "unknown"), p_z(k ? k->name : "unknown"),
                      p_z(reason_name(reason)), about ? p_id(c->enquiry) : p_null());
}

/* Of these the command's own sentence, where there is one, says what happened and what to do: the
 * reason's would say less, or something else. */
static bool says_all(int r) {
    return r == REFUSE_argument_wrong || r == REFUSE_policy_wrong || r == REFUSE_state_wrong ||
           r == REFUSE_question_names;
}

/* The result's bytes; `r` 0 with its JSON, or a refusal. */
static int result_encode(const Call *c, int r, Bytes *ret) {
    Value *head = head_new(c->arena, STRUCT_result);
    Id request = {{0}};
    (void)value_id(c->command, F_command_request, &request); /* zeros when none could be read */
    value_set_id(c->arena, head, F_result_request, &request);
    Str sentence = str_z(c->sentence);
    if (r) value_set_text(c->arena, head, F_result_reason, str_z(reason_name(r)));
    if (r && !(c->sentence[0] && says_all(r))) {
        sentence = arena_printf(c->arena, "%s%s%s", c->sentence, c->sentence[0] ? " " : "",
                                reason_sentence(r));
    }
    value_set_text(c->arena, head, F_result_sentence, sentence);
    if (r == 0) {
        size_t len = json_dumpb(c->result, NULL, 0, JSON_COMPACT);
        char *at = len <= RESULT_JSON ? arena_alloc(c->arena, len + 1) : NULL;
        if (!at) return len > RESULT_JSON ? REFUSE_too_large : ERR_MEMORY;
        if (json_dumpb(c->result, at, len, JSON_COMPACT) != len) return ERR_BROKEN;
        value_set_text(c->arena, head, F_result_json, (Str){.at = at, .len = len});
    }
    return codec_encode(c->arena, head, ret);
}

/* 1 when the asker is gone: what was done stays done, and the ledger tells. */
static int result_put(Call *c, const Frames *f, int r) {
    Bytes bytes = {0};
    int e = result_encode(c, r < 0 ? REFUSE_hub_failed : r, &bytes);
    if (e > 0) e = result_encode(c, e, &bytes);
    return e ? e : wire_put(c->hub->server.router, bytes_of(f->routing, f->routing_len), &bytes, 1);
}

/* JSON holds what items say: its memory is wiped as an arena's is (R26). */
static void wiped_free(void *p) {
    if (p) OPENSSL_cleanse(p, malloc_usable_size(p));
    free(p);
}

static void command_log(const Call *c, const Command *k, int r, int64_t began) {
    const char *outcome = r == 0 ? "done" : (r > 0 ? reason_name(r) : err_name(r));
    log_event(r < 0 ? LOG_error : LOG_info, "command", "name=%s key=%s outcome=%s ms=%" PRId64,
              k ? k->name : "unknown", c->who ? c->who->id : "unknown", outcome,
              clock_mono_ms() - began);
}

int commands_serve(void *hub) {
    Hub *h = hub;
    _cleanup_(frames_clear) Frames f = {0};
    _cleanup_(arena_freep) Arena *arena = arena_new(COMMAND_MEMORY);
    json_set_alloc_funcs(malloc, wiped_free);
    _cleanup_(json_decrefp) json_t *result = json_object();
    if (!arena || !result) return ERR_MEMORY;
    int r = wire_take(h->server.router, true, &f);
    if (r == 1) return 0;
    if (r < 0) return r;
    Call c = {.hub = h, .arena = arena, .result = result};
    const Command *k = NULL;
    int64_t began = clock_mono_ms();
    c.who = register_by_id(h->keys, KEY_staff, str_z(f.user));
    if (r == 0) r = command_run(&c, &f, &k);
    if (r > 0 && refusal_record(&c, k, r) != 0) r = ERR_STORE;
    if (r == ERR_STORE && store_fault_in_data(h->store)) store_rollback(h->store);
    command_log(&c, k, r, began);
    int sent = result_put(&c, &f, r);
    if (sent) log_event(LOG_warn, "result_not_sent", "outcome=%d", sent);
    /* Crash-only: what became of the connection is not known, unless the server said so. */
    if (r == ERR_STORE && !store_fault_in_data(h->store)) return r;
    return sent == ERR_WIRE ? sent : 0;
}
