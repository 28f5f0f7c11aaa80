/* See accept.h. */
#include "broker/intake/accept.h"

enum { PARAMS = 17 };

/* Columns of the answer: one row a message, in the order given. */
enum { COL_outcome, COL_leaf_index, COL_leaf, COL_reason, COL_path };

static const char accept_sql[] =
    "SELECT outcome, leaf_index, leaf, reason, path FROM door.intake_accept("
    "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)";

static size_t count_messages(const Submission *at, size_t count) {
    size_t n = 0;
    for (size_t i = 0; i < count; i++) n += at[i].count;
    return n;
}

/* The door's first five arrays, and the last. */
static void submission_params(Arena *a, const Submission *at, size_t count, Param out[PARAMS]) {
    Str *agency = arena_array(a, count, sizeof(*agency));
    Str *key = arena_array(a, count, sizeof(*key));
    Id *id = arena_array(a, count, sizeof(*id));
    Bytes *head = arena_array(a, count, sizeof(*head));
    Bytes *signature = arena_array(a, count, sizeof(*signature));
    int64_t *wait_ms = arena_array(a, count, sizeof(*wait_ms));
    if (arena_failed(a)) return;
    for (size_t i = 0; i < count; i++) {
        agency[i] = at[i].agency;
        id[i] = at[i].id;
        key[i] = at[i].origin_key;
        head[i] = at[i].head;
        signature[i] = at[i].signature;
        wait_ms[i] = at[i].wait_ms;
    }
    out[0] = p_text_list(a, agency, count);
    out[1] = p_id_list(a, id, count);
    out[2] = p_text_list(a, key, count);
    out[3] = p_bytes_list(a, head, count);
    out[4] = p_bytes_list(a, signature, count);
    out[16] = p_number_list(a, wait_ms, count);
}

/* Their messages as the other eleven. */
static void message_params(Arena *a, const Submission *at, size_t count, Reason fault,
                           Param out[PARAMS]) {
    size_t all = count_messages(at, count), n = 0;
    int64_t *sub = arena_array(a, all, sizeof(*sub));
    int64_t *reserved = arena_array(a, all, sizeof(*reserved));
    Id *id = arena_array(a, all, sizeof(*id)), *quarantine = arena_array(a, all, sizeof(*id));
    Str *content = arena_array(a, all, sizeof(Str)), *lane = arena_array(a, all, sizeof(Str));
    Str *reason = arena_array(a, all, sizeof(Str)), *path = arena_array(a, all, sizeof(Str));
    Str *trace = arena_array(a, all, sizeof(Str));
    Bytes *commitment = arena_array(a, all, sizeof(Bytes));
    Bytes *sealed = arena_array(a, all, sizeof(Bytes));
    if (arena_failed(a)) return;
    for (size_t s = 0; s < count; s++) {
        for (size_t i = 0; i < at[s].count; i++, n++) {
            const Entry *e = &at[s].entries[i];
            Reason why = e->reason ? e->reason : fault;
            sub[n] = (int64_t)s + 1;
            id[n] = e->message_id;
            quarantine[n] = e->quarantine_id;
            content[n] = e->content;
            lane[n] = e->lane;
            reason[n] = why ? str_z(reason_name((int)why)) : (Str){0};
            path[n] = e->path;
            trace[n] = e->traceparent.len ? e->traceparent : (Str){0};
            reserved[n] = e->reserved;
            commitment[n] = e->commitment;
            sealed[n] = sealed_bytes(e->sealed);
        }
    }
    out[5] = p_number_list(a, sub, n);
    out[6] = p_id_list(a, id, n);
    out[7] = p_text_list(a, content, n);
    out[8] = p_text_list(a, lane, n);
    out[9] = p_bytes_list(a, commitment, n);
    out[10] = p_bytes_list(a, sealed, n);
    out[11] = p_text_list(a, reason, n);
    out[12] = p_text_list(a, path, n);
    out[13] = p_id_list(a, quarantine, n);
    out[14] = p_text_list(a, trace, n);
    out[15] = p_number_list(a, reserved, n);
}

int accept_send(Store *s, Arena *a, const Submission *at, size_t count, Reason fault) {
    Param params[PARAMS];
    submission_params(a, at, count, params);
    message_params(a, at, count, fault, params);
    if (arena_failed(a)) return ERR_MEMORY;
    return store_send_kept(s, accept_sql, params, PARAMS);
}

int accept_outcomes(Arena *a, const Rows *rows, const Submission *at, size_t count,
                    Outcome **ret) {
    size_t all = count_messages(at, count);
    Outcome *outcomes = arena_array(a, all, sizeof(*outcomes));
    if (!outcomes) return ERR_MEMORY;
    if (rows_count(rows) != all) return ERR_BROKEN;
    for (size_t i = 0; i < all; i++) {
        outcomes[i] = (Outcome){
            .outcome = row_text(rows, i, COL_outcome),
            .leaf_index = row_number(rows, i, COL_leaf_index),
            .leaf = row_bytes(rows, i, COL_leaf),
            .reason = row_text(rows, i, COL_reason),
            .path = row_text(rows, i, COL_path),
        };
    }
    *ret = outcomes;
    return 0;
}
