/* The quarantine: what could not be taken, kept sealed for the hub manager to look at, to put
 * through again when it can be read now, or to leave out with a reason. Nothing is ever removed. */
#include "broker/hub/commands.h"

#include "schemas/envelope.h"

#include <endian.h>

static const Column columns[] = {
    {"id", COLUMN_id},
    {"agency", COLUMN_text},
    {"message", COLUMN_id},
    {"reason", COLUMN_text},
    {"path", COLUMN_text},
    {"content", COLUMN_text},
    {"received_at", COLUMN_text},
    {"act", COLUMN_text},
    {"by", COLUMN_text},
};

/* Of door.hub_quarantine_view; the first are those of `columns`. */
enum { COL_id, COL_agency, COL_message, COL_content = 5, COL_words_id = 9, COL_words, COL_sealed };

int cmd_quarantine(Call *c) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    int r = STORE_CALL(c->hub->store, &rows,
                       "SELECT quarantine_id, agency, message_id, reason, path, content, "
                       "received_at, act, by FROM door.hub_quarantine($1, $2)",
                       p_text(call_staff(c)), p_yes(str_is(call_text(c, "all"), "yes")));
    if (r) return r;
    json_object_set_new(c->result, "quarantine", json_rows(rows, columns, COUNT_OF(columns)));
    return 0;
}

static int need_id(Call *c, Id *ret) {
    Str text;
    int r = call_need(c, "id", &text);
    if (r) return r;
    return id_parse(text, ret) ? 0 : REFUSE_argument_wrong;
}

/* The row, with its look recorded; and the plain frame, {0} when it does not open. */
static int open_one(Call *c, Id id, Rows **ret_rows, Bytes *ret_plain) {
    Key key;
    int r = STORE_CALL(c->hub->store, ret_rows,
                       "SELECT quarantine_id, agency, message_id, reason, path, content, "
                       "received_at, act, by, words_id, words, sealed "
                       "FROM door.hub_quarantine_view($1, $2)",
                       p_text(call_staff(c)), p_id(id));
    if (r) return r;
    const Rows *rows = *ret_rows;
    bool raw = row_null(rows, 0, COL_content); /* a whole submission, sealed under the row's id */
    SealFor purpose = {.realm = c->hub->realm,
                       .use = raw ? STR("refused") : STR("message"),
                       .agency = row_text(rows, 0, COL_agency),
                       .id = row_id(rows, 0, raw ? COL_id : COL_message)};
    *ret_plain = (Bytes){0};
    bool ok = intake_open(c->arena, &c->hub->intake, purpose, row_bytes(rows, 0, COL_sealed), &key,
                          ret_plain);
    key_wipe(&key);
    if (!ok) *ret_plain = (Bytes){0};
    return 0;
}

/* 0 when the content can be taken by the schemas of today. */
static int content_readable(Call *c, Str kind, Bytes whole) {
    const Referral *referral = NULL;
    const Answer *answer = NULL;
    Fault fault = {0};
    if (whole.len <= SALT_LEN) return REFUSE_frames_wrong;
    Bytes content = bytes_of(whole.at + SALT_LEN, whole.len - SALT_LEN);
    bool is_answer = str_is(kind, "answer");
    int r = is_answer ? answer_decode(c->arena, content, &answer, &fault)
                      : referral_decode(c->arena, content, &referral, &fault);
    if (r > 0 && fault.path[0]) call_say(c, "At \"%s\".", fault.path);
    return r;
}

/* As far as it can be read: by its fields, or else as hex digits. NULL when the arena failed. */
static json_t *bytes_show(Call *c, StructKind as, Bytes bytes) {
    const Value *v = NULL;
    Fault fault;
    if (codec_decode(c->arena, bytes, &v, &fault) == 0) {
        Str text = codec_json(c->arena, as, v);
        return text.at ? json_loadb(text.at, text.len, 0, NULL) : NULL;
    }
    char *hex = arena_alloc(c->arena, 2 * bytes.len + 1);
    if (!hex) return NULL;
    hex_encode(bytes, hex);
    return json_string(hex);
}

static json_t *content_show(Call *c, Str kind, Bytes whole) {
    if (whole.len <= SALT_LEN) return bytes_show(c, STRUCT_referral, whole);
    Bytes content = bytes_of(whole.at + SALT_LEN, whole.len - SALT_LEN);
    return bytes_show(c, str_is(kind, "answer") ? STRUCT_answer : STRUCT_referral, content);
}

/* Frames one after the other, each behind its length: the head, the signature, then contents. */
static json_t *frames_show(Call *c, Bytes all) {
    json_t *list = json_array();
    for (size_t i = 0; all.len >= sizeof(uint32_t); i++) {
        uint32_t wire;
        memcpy(&wire, all.at, sizeof(wire));
        size_t len = be32toh(wire);
        all = bytes_of(all.at + sizeof(wire), all.len - sizeof(wire));
        if (len > all.len) break;
        Bytes part = bytes_of(all.at, len);
        json_array_append_new(list, i < 2 ? bytes_show(c, STRUCT_submission, part)
                                          : content_show(c, STR("referral"), part));
        all = bytes_of(all.at + len, all.len - len);
    }
    return list;
}

int cmd_quarantine_show(Call *c) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    Bytes plain = {0}, words = {0};
    Id id;
    int r = need_id(c, &id);
    if (r == 0) r = open_one(c, id, &rows, &plain);
    if (r) return r;
    json_t *entry = json_row(rows, 0, columns, COUNT_OF(columns));
    json_object_set_new(c->result, "quarantine", entry);
    json_object_set_new(entry, "opens", json_boolean(plain.at != NULL));
    if (!row_null(rows, 0, COL_words_id)) {
        r = words_open(c, STR("quarantine"), row_id(rows, 0, COL_words_id),
                       row_bytes(rows, 0, COL_words), &words);
        json_object_set_new(entry, "rejected_because", json_str(bytes_str(words)));
    }
    if (r || !plain.at) return r;
    bool raw = row_null(rows, 0, COL_content);
    json_object_set_new(c->result, raw ? "frames" : "told",
                        raw ? frames_show(c, plain)
                            : content_show(c, row_text(rows, 0, COL_content), plain));
    return arena_failed(c->arena) ? ERR_MEMORY : 0;
}

int cmd_quarantine_replay(Call *c) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    Bytes plain = {0};
    Id id;
    int r = need_id(c, &id);
    if (r == 0) r = open_one(c, id, &rows, &plain);
    if (r) return r;
    if (!plain.at || row_null(rows, 0, COL_content)) {
        call_say(c, "It cannot be read as a message. Ask the agency to send it again.");
        return REFUSE_state_wrong;
    }
    r = content_readable(c, row_text(rows, 0, COL_content), plain);
    if (r == 0) {
        r = STORE_CALL(c->hub->store, NULL, "SELECT door.hub_quarantine_replay($1, $2)",
                       p_text(call_staff(c)), p_id(id));
    }
    if (r) return r;
    json_object_set_new(c->result, "message", json_id(row_id(rows, 0, COL_message)));
    return 0;
}

int cmd_quarantine_reject(Call *c) {
    Str reason;
    Words words;
    Id id;
    int r = need_id(c, &id);
    if (r == 0) r = call_need(c, "reason", &reason);
    if (r == 0) r = words_seal(c, STR("quarantine"), str_bytes(reason), &words);
    if (r) return r;
    return STORE_CALL(c->hub->store, NULL, "SELECT door.hub_quarantine_reject($1, $2, $3, $4, $5)",
                      p_text(call_staff(c)), p_id(id), p_id(words.id),
                      p_bytes(sealed_bytes(words.sealed)), p_bytes(BYTES_OF(words.commitment.at)));
}
