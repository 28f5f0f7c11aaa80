/* See submission.h. */
#include "adapters/common/submission.h"

#include "broker/base/err.h"
#include "broker/io/clock.h"
#include "schemas/envelope.h"

#include <stdio.h>

enum { PARENT_LEN = 8 };

void traceparent_text(Id message_id, const Hash *commitment, char out[TRACEPARENT_LEN + 1]) {
    char *at = out;
    memcpy(at, "00-", 3);
    hex_encode(id_bytes(&message_id), at += 3);
    at += 2 * sizeof(message_id.at);
    *at++ = '-';
    hex_encode(bytes_of(commitment->at, PARENT_LEN), at);
    memcpy(at + 2 * PARENT_LEN, "-01", sizeof("-01"));
}

static int entry_add(Arena *a, Value *head, const SubmissionEntry *e, Hash *ret_commitment) {
    int r = content_commit(e->frame, ret_commitment);
    char *trace = r < 0 ? NULL : arena_alloc(a, TRACEPARENT_LEN + 1);
    if (!trace) return r < 0 ? r : ERR_MEMORY;
    traceparent_text(e->message_id, ret_commitment, trace);
    Value *entry = value_add_map(a, head, F_submission_entry);
    value_set_id(a, entry, F_entry_message_id, &e->message_id);
    value_set_text(a, entry, F_entry_content, e->content);
    value_set_text(a, entry, F_entry_lane, e->immediate ? STR("immediate") : STR("routine"));
    value_set_hash(a, entry, F_entry_commitment, ret_commitment);
    value_set_text(a, entry, F_entry_traceparent, (Str){.at = trace, .len = TRACEPARENT_LEN});
    return 0;
}

static int head_make(Arena *a, const Sender *by, int64_t now_ms, const SubmissionEntry *entries,
                     Submission *s, Bytes *ret) {
    Value *head = head_new(a, STRUCT_submission);
    char *now = arena_alloc(a, CLOCK_TEXT);
    if (!now) return ERR_MEMORY;
    clock_text(now_ms, now);
    value_set_id(a, head, F_submission_submission_id, &s->submission_id);
    value_set_text(a, head, F_submission_realm, by->realm);
    value_set_text(a, head, F_submission_agency, by->agency);
    value_set_text(a, head, F_submission_origin_key, by->origin_id);
    value_set_text(a, head, F_submission_sent_at, str_z(now));
    for (size_t i = 0; i < s->count; i++) {
        int r = entry_add(a, head, &entries[i], &s->commitments[i]);
        if (r < 0) return r;
    }
    return arena_failed(a) ? ERR_MEMORY : codec_encode(a, head, ret);
}

int submission_make(Arena *a, const Sender *by, int64_t now_ms, const SubmissionEntry *entries,
                    size_t count, Submission *ret) {
    if (count == 0 || count > LIMIT_ENTRIES) return ERR_BROKEN;
    Signature *signature = arena_alloc(a, sizeof(*signature));
    Bytes head;
    if (!signature) return ERR_MEMORY;
    ret->count = count;
    ret->part_count = count + 2;
    int r = id_v7(now_ms, &ret->submission_id);
    if (r == 0) r = head_make(a, by, now_ms, entries, ret, &head);
    if (r == 0) r = head_sign(a, by->origin, STRUCT_submission, head, signature);
    if (r < 0) return r;
    ret->parts[0] = head;
    ret->parts[1] = BYTES_OF(signature->at);
    for (size_t i = 0; i < count; i++) ret->parts[i + 2] = entries[i].frame;
    return 0;
}
