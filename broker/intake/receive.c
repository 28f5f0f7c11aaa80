/* Frames to sealed submissions; see receive.h. Nothing here logs, waits or stores: what is in clear
 * lives in the frames and the scratch arena, which the caller wipes. */
#include "broker/intake/receive.h"

#include "broker/io/clock.h"

#include <arpa/inet.h>

enum { FRAME_head, FRAME_signature, FRAME_content };

struct Envelope {
    const Frames *frames;
    const Value *head;
    Id id;
    Str agency, origin_key;
};

static int refuse(Refused *why, int reason, const char *path) {
    why->reason = (Reason)reason;
    why->path = path;
    return reason;
}

static int check_peer(const Gate *g, const Frames *f, Refused *why) {
    const RegisteredKey *k = register_by_id(g->keys, KEY_transport, str_z(f->user));
    if (!k) return refuse(why, REFUSE_key_unknown, "");
    if (!k->usable) return refuse(why, REFUSE_key_revoked, "");
    why->from = k;
    return 0;
}

static int check_size(const Frames *f, Refused *why) {
    if (frames_bytes(f) > LIMIT_SUBMISSION) return refuse(why, REFUSE_too_large, "");
    why->keep = true;
    return 0;
}

static int read_head(Arena *a, Bytes bytes, Envelope *e, Refused *why) {
    StructKind kind = STRUCT_none;
    if (bytes.len > LIMIT_HEAD) return refuse(why, REFUSE_too_large, "head");
    int r = head_decode(a, bytes, &kind, &e->head, &why->fault);
    if (r < 0) return r;
    if (r > 0) return refuse(why, r, why->fault.path);
    if (kind != STRUCT_submission) return refuse(why, REFUSE_message_not_allowed, "message");
    why->read = value_id(e->head, F_submission_submission_id, &e->id);
    why->submission_id = e->id;
    e->agency = value_text(e->head, F_submission_agency);
    e->origin_key = value_text(e->head, F_submission_origin_key);
    return 0;
}

/* Who the head says it is from, against who the connection is and who signed. */
static int check_sender(const Gate *g, Arena *a, const Envelope *e, Refused *why) {
    if (!str_is(e->agency, why->from->owner)) return refuse(why, REFUSE_agency_mismatch, "agency");
    if (!str_eq(value_text(e->head, F_submission_realm), g->realm)) {
        return refuse(why, REFUSE_realm_mismatch, "realm");
    }
    const RegisteredKey *k = register_by_id(g->keys, KEY_origin, e->origin_key);
    if (!k || !str_is(e->agency, k->owner)) return refuse(why, REFUSE_key_unknown, "origin_key");
    if (!k->usable) return refuse(why, REFUSE_key_revoked, "origin_key");
    bool signed_by_it = head_verify(a, &k->public, STRUCT_submission, frame(e->frames, FRAME_head),
                                    frame(e->frames, FRAME_signature));
    if (!signed_by_it && arena_failed(a)) return ERR_MEMORY;
    return signed_by_it ? 0 : refuse(why, REFUSE_signature_wrong, "");
}

/* A content that does not fit what was signed for it is nobody's word: it must not be kept under
 * that commitment, or the right one would later pass for known. So the whole is refused. */
static int check_commitments(const Envelope *e, Refused *why) {
    size_t count = value_count(e->head, F_submission_entry);
    if (e->frames->count != count + FRAME_content) return refuse(why, REFUSE_frames_wrong, "");
    for (size_t i = 0; i < count; i++) {
        const Value *entry = value_item(e->head, F_submission_entry, i);
        Hash promised, found;
        int r = content_commit(frame(e->frames, FRAME_content + i), &found);
        if (r < 0) return r;
        if (!value_hash(entry, F_entry_commitment, &promised) || !hash_eq(&promised, &found)) {
            return refuse(why, REFUSE_commitment_wrong, "entry");
        }
    }
    return 0;
}

int receive_look(const Gate *g, Arena *a, const Frames *f, int taken, Look *ret,
                 Refused *ret_refused) {
    Envelope e = {.frames = f};
    *ret_refused = (Refused){.path = ""};
    *ret = (Look){0};
    int r = check_peer(g, f, ret_refused);
    ret->from = ret_refused->from;
    if (r == 0 && taken) r = refuse(ret_refused, taken, "");
    if (r == 0) r = check_size(f, ret_refused);
    if (r == 0) r = read_head(a, frame(f, FRAME_head), &e, ret_refused);
    if (r) return r;
    ret->submission_id = e.id;
    ret->messages = value_count(e.head, F_submission_entry);
    for (size_t i = 0; i < f->count; i++) ret->bytes += frame(f, i).len;
    for (size_t i = 0; i < ret->messages && !ret->immediate; i++) {
        const Value *entry = value_item(e.head, F_submission_entry, i);
        ret->immediate = str_is(value_text(entry, F_entry_lane), "immediate");
    }
    return 0;
}

int receive_envelope(const Gate *g, Arena *a, const Frames *f, const Envelope **ret,
                     Refused *ret_refused) {
    Envelope *e = arena_alloc(a, sizeof(*e));
    *ret_refused = (Refused){.path = ""};
    if (!e) return ERR_MEMORY;
    e->frames = f;
    int r = check_peer(g, f, ret_refused);
    if (r == 0) r = check_size(f, ret_refused);
    if (r == 0) r = read_head(a, frame(f, FRAME_head), e, ret_refused);
    if (r == 0) r = check_sender(g, a, e, ret_refused);
    if (r == 0) r = check_commitments(e, ret_refused);
    if (r == 0) *ret = e;
    return r;
}

/* 0, or what is wrong with the content. */
static int check_content(Arena *a, Str kind, Bytes whole, Fault *fault) {
    const Value *value;
    *fault = (Fault){0};
    if (whole.len < SALT_LEN) return REFUSE_not_msgpack;
    Bytes content = bytes_of(whole.at + SALT_LEN, whole.len - SALT_LEN);
    return content_decode(a, content_kind(kind), content, &value, fault);
}

/* W3C trace context, version 00, in its one form; anything else is left out, for a trace is no
 * reason to turn a concern away. */
static bool trace_well_formed(Str t) {
    static const char form[] = "00-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-xxxxxxxxxxxxxxxx-xx";
    if (t.len != sizeof(form) - 1) return false;
    for (size_t i = 0; i < t.len; i++) {
        bool hex = strchr("0123456789abcdef", t.at[i]) != NULL;
        if (form[i] == 'x' ? !hex || !t.at[i] : t.at[i] != form[i]) return false;
    }
    return true;
}

static int make_entry(const Gate *g, Arena *scratch, Arena *keep, Str agency, const Value *entry,
                      Bytes whole, Entry *ret) {
    Fault fault;
    int64_t now = clock_ms();
    Str kind = value_text(entry, F_entry_content), trace = value_text(entry, F_entry_traceparent);
    int r = check_content(scratch, kind, whole, &fault);
    if (r < 0) return r;
    *ret = (Entry){
        .content = arena_str(keep, kind),
        .lane = arena_str(keep, value_text(entry, F_entry_lane)),
        .commitment = arena_copy(keep, value_bytes(entry, F_entry_commitment)),
        .reason = (Reason)r,
        .path = r ? arena_str(keep, str_z(fault.path)) : (Str){0},
        .traceparent = trace_well_formed(trace) ? arena_str(keep, trace) : (Str){0},
    };
    if (!value_id(entry, F_entry_message_id, &ret->message_id)) return ERR_BROKEN;
    r = id_v7(now, &ret->quarantine_id);
    if (r < 0) return r;
    SealFor purpose = {
        .realm = g->realm, .use = STR("message"), .agency = agency, .id = ret->message_id};
    return sealer_seal(g->sealer, keep, now, purpose, whole, &ret->sealed);
}

int receive_submission(const Gate *g, Arena *scratch, Arena *keep, const Envelope *e,
                       bool reserved, Submission *ret) {
    const Frames *f = e->frames;
    size_t count = value_count(e->head, F_submission_entry);
    Entry *entries = arena_array(keep, count, sizeof(*entries));
    Submission s = {
        .id = e->id,
        .agency = arena_str(keep, e->agency),
        .origin_key = arena_str(keep, e->origin_key),
        .head = arena_copy(keep, frame(f, FRAME_head)),
        .signature = arena_copy(keep, frame(f, FRAME_signature)),
        .routing = arena_copy(keep, bytes_of(f->routing, f->routing_len)),
        .entries = entries,
        .count = count,
    };
    if (!entries) return ERR_MEMORY;
    for (size_t i = 0; i < count; i++) {
        int r = make_entry(g, scratch, keep, s.agency, value_item(e->head, F_submission_entry, i),
                           frame(f, FRAME_content + i), &entries[i]);
        if (r < 0) return r;
        entries[i].reserved = reserved;
    }
    if (arena_failed(keep)) return ERR_MEMORY;
    *ret = s;
    return 0;
}

int receive_refused(const Gate *g, Arena *a, const Frames *f, Str agency, Id quarantine_id,
                    Hash *ret_digest, const Sealed **ret) {
    size_t len = 0;
    for (size_t i = 0; i < f->count; i++) len += sizeof(uint32_t) + frame(f, i).len;
    uint8_t *all = arena_alloc(a, len), *at = all;
    if (!all) return ERR_MEMORY;
    for (size_t i = 0; i < f->count; i++) {
        Bytes part = frame(f, i);
        uint32_t wire = htonl((uint32_t)part.len);
        memcpy(at, &wire, sizeof(wire));
        if (part.len) memcpy(at + sizeof(wire), part.at, part.len);
        at += sizeof(wire) + part.len;
    }
    Bytes whole = bytes_of(all, len);
    int r = sha256(&whole, 1, ret_digest);
    if (r < 0) return r;
    SealFor purpose = {
        .realm = g->realm, .use = STR("refused"), .agency = agency, .id = quarantine_id};
    return sealer_seal(g->sealer, a, clock_ms(), purpose, whole, ret);
}
