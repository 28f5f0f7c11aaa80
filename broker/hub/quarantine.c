/* The quarantine: what could not be taken, kept sealed for the hub manager to look at, to put
 * through (quarantine_put.c), or to leave out with a reason. Nothing is ever removed. */
#include "broker/hub/quarantine.h"

#include <endian.h>

/* ---- what waits ------------------------------------------------------------------------------ */

static const Column columns[] = {
    {"id", COLUMN_id},           {"agency", COLUMN_text},  {"message", COLUMN_id},
    {"reason", COLUMN_text},     {"path", COLUMN_text},    {"content", COLUMN_text},
    {"received_at", COLUMN_text}, {"age", COLUMN_text},    {"act", COLUMN_text},
    {"by", COLUMN_text},         {"at", COLUMN_text},      {"mended_as", COLUMN_id},
    {"enquiry", COLUMN_text},
};

/* {0}, which is NULL to a door, also when it is empty. */
static Str given(const Call *c, const char *argument) {
    Str text = str_trim(call_text(c, argument));
    return text.len ? text : (Str){0};
}

/* A day begins at midnight UTC, as the ledger counts. */
static int since_take(Call *c, Str at, Str *ret) {
    *ret = at;
    if (at.len == 0) return 0;
    bool day = at.len == sizeof("2026-11-22") - 1 && date_valid(at);
    if (day) *ret = arena_printf(c->arena, "%.*sT00:00:00Z", STR_ARG(at));
    if (day || time_valid(at)) return ret->at ? 0 : ERR_MEMORY;
    call_say(c, "\"since\" is a day (2026-11-22) or a time with its offset.");
    return REFUSE_argument_wrong;
}

int quarantine_narrow(Call *c, Narrow *ret) {
    *ret = (Narrow){.agency = given(c, "agency"), .reason = given(c, "reason")};
    if (ret->reason.len && reason_by_name(ret->reason) == REFUSE_none) {
        call_say(c, "\"reason\" is the word that the list shows.");
        return REFUSE_argument_wrong;
    }
    return since_take(c, given(c, "since"), &ret->since);
}

int cmd_quarantine(Call *c) {
    _cleanup_(rows_freep) Rows *rows = NULL;
    Narrow n;
    int r = quarantine_narrow(c, &n);
    if (r) return r;
    r = STORE_CALL(c->hub->store, &rows,
                   "SELECT quarantine_id, agency, message_id, reason, path, content, received_at, "
                   "age, act, by, at, mended_as, enquiry, matching "
                   "FROM door.hub_quarantine($1, $2, $3, $4, $5)",
                   p_text(call_staff(c)), p_yes(str_is(call_text(c, "all"), "yes")),
                   p_text(n.agency), p_text(n.reason), p_text(n.since));
    if (r) return r;
    int64_t count = rows_count(rows) ? row_number(rows, 0, COUNT_OF(columns)) : 0;
    json_object_set_new(c->result, "quarantine", json_rows(rows, columns, COUNT_OF(columns)));
    json_object_set_new(c->result, "count", json_integer(count));
    return 0;
}

/* ---- one of them ----------------------------------------------------------------------------- */

/* Of door.hub_quarantine_view; its first columns are those of `columns`, without the enquiry. */
enum { COL_id, COL_agency, COL_message, COL_content = 5, COL_act = 8, COL_words_id = 12, COL_words,
       COL_sealed };

bool quarantine_unseal(const Hub *h, Arena *a, const Kept *k, Bytes sealed, Bytes *ret_plain) {
    bool raw = k->content.len == 0; /* a whole submission, sealed under the row's id */
    SealFor purpose = {.realm = h->realm,
                       .use = raw ? STR("refused") : STR("message"),
                       .agency = k->agency,
                       .id = raw ? k->id : k->message};
    Key key;
    bool ok = intake_open(a, &h->intake, purpose, sealed, &key, ret_plain);
    key_wipe(&key);
    if (!ok) *ret_plain = (Bytes){0};
    return ok;
}

int quarantine_open(Call *c, Kept *ret) {
    Id id;
    int r = call_need_id(c, "id", &id);
    if (r) return r;
    r = STORE_CALL(c->hub->store, &ret->rows,
                   "SELECT quarantine_id, agency, message_id, reason, path, content, received_at, "
                   "age, act, by, at, mended_as, words_id, words, sealed "
                   "FROM door.hub_quarantine_view($1, $2)",
                   p_text(call_staff(c)), p_id(id));
    if (r) return r;
    const Rows *rows = ret->rows;
    ret->id = id;
    ret->message = row_id(rows, 0, COL_message);
    ret->agency = row_text(rows, 0, COL_agency);
    ret->content = row_text(rows, 0, COL_content);
    ret->waits = row_null(rows, 0, COL_act);
    (void)quarantine_unseal(c->hub, c->arena, ret, row_bytes(rows, 0, COL_sealed), &ret->plain);
    return 0;
}

StructKind quarantine_kind(Str content) {
    StructKind kind = content_kind(content);
    return kind == STRUCT_none ? STRUCT_referral : kind;
}

int quarantine_readable(Arena *a, Str content, Bytes plain, Fault *ret_fault) {
    const Value *value = NULL;
    *ret_fault = (Fault){0};
    if (plain.len <= SALT_LEN) return REFUSE_frames_wrong;
    Bytes words = bytes_of(plain.at + SALT_LEN, plain.len - SALT_LEN);
    return content_decode(a, quarantine_kind(content), words, &value, ret_fault);
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
    return bytes_show(c, quarantine_kind(kind), content);
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
    Kept k = {0};
    int r = quarantine_open(c, &k);
    _cleanup_(rows_freep) Rows *rows = k.rows;
    if (r) return r;
    json_t *entry = json_row(rows, 0, columns, COUNT_OF(columns) - 1);
    json_object_set_new(c->result, "quarantine", entry);
    json_object_set_new(entry, "opens", json_boolean(k.plain.at != NULL));
    if (!row_null(rows, 0, COL_words_id)) {
        Bytes words = {0};
        r = words_open(c, STR("quarantine"), row_id(rows, 0, COL_words_id),
                       row_bytes(rows, 0, COL_words), &words);
        json_object_set_new(entry, "because", json_str(bytes_str(words)));
    }
    if (r || !k.plain.at) return r;
    bool raw = k.content.len == 0;
    json_object_set_new(c->result, raw ? "frames" : "told",
                        raw ? frames_show(c, k.plain) : content_show(c, k.content, k.plain));
    return arena_failed(c->arena) ? ERR_MEMORY : 0;
}

/* ---- left out -------------------------------------------------------------------------------- */

int cmd_quarantine_reject(Call *c) {
    Str reason;
    Words words;
    Id id;
    int r = call_need_id(c, "id", &id);
    if (r == 0) r = call_need(c, "reason", &reason);
    if (r == 0) r = words_seal(c, STR("quarantine"), str_bytes(reason), &words);
    if (r) return r;
    return STORE_CALL(c->hub->store, NULL, "SELECT door.hub_quarantine_reject($1, $2, $3, $4, $5)",
                      p_text(call_staff(c)), p_id(id), p_id(words.id),
                      p_bytes(sealed_bytes(words.sealed)), p_bytes(BYTES_OF(words.commitment.at)));
}
