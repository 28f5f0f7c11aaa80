/* See keep.h. */
#include "adapters/common/keep.h"

#include "broker/base/err.h"
#include "broker/io/log.h"

/* What is stored under one native reference and content. */
typedef struct Keeping {
    Str native;
    Bytes content;
    StructKind kind;
    bool immediate;
} Keeping;

static void kept_log(const Keeping *k, const Kept *kept) {
    char id[ID_TEXT];
    id_text(kept->message_id, id);
    log_event(LOG_info, "kept", "message=%s content=%s lane=%s as=%s", id,
              schema_struct_name(k->kind), k->immediate ? "immediate" : "routine",
              kept_word(kept->as));
}

static int keep_new(Spool *spool, Arena *a, const Keeping *k, const Value *v, int64_t now_ms,
                    Kept *kept, Fault *fault) {
    Bytes bytes;
    if (arena_failed(a)) return ERR_MEMORY;
    int r = schema_check(k->kind, v, fault);
    if (r == 0) r = codec_encode(a, v, &bytes);
    if (r) return r;
    if (bytes.len > LIMIT_CONTENT - SALT_LEN) {
        fault->reason = REFUSE_too_large;
        return REFUSE_too_large;
    }
    r = id_v7(now_ms, &kept->message_id);
    if (r < 0) return r;
    SpoolEntry entry = {.message_id = kept->message_id,
                        .content = str_z(schema_struct_name(k->kind)),
                        .immediate = k->immediate};
    kept->stored_ms = now_ms;
    return spool_put(spool, a, k->native, k->content, &entry, bytes, now_ms);
}

static int keep_look(Spool *spool, const Keeping *k, Kept *kept) {
    SpoolKnown known;
    int r = spool_look(spool, k->native, k->content, &known, &kept->message_id, &kept->stored_ms);
    if (r < 0) return r;
    kept->as = known == SPOOL_new ? KEPT_new : known == SPOOL_again ? KEPT_again : KEPT_update;
    return 0;
}

int keep_referral(Spool *spool, Draft *d, int64_t now_ms, Kept *ret, Fault *ret_fault) {
    Keeping k = {.native = d->native,
                 .content = d->content,
                 .kind = STRUCT_referral,
                 .immediate = d->immediate};
    *ret_fault = (Fault){0};
    int r = arena_failed(d->arena) ? ERR_MEMORY : keep_look(spool, &k, ret);
    if (r == 0 && ret->as != KEPT_again) {
        bool withdrawal = str_is(value_text(d->referral, F_referral_category), "withdrawal");
        if (ret->as == KEPT_update && !withdrawal) {
            draft_code(d, F_referral_category, STR("update"));
        }
        draft_fit(d);
        r = keep_new(spool, d->arena, &k, d->referral, now_ms, ret, ret_fault);
    }
    if (r == 0) kept_log(&k, ret);
    return r;
}

int keep_content(Spool *spool, Arena *a, StructKind kind, Str native, Bytes content,
                 const Value *v, int64_t now_ms, Kept *ret, Fault *ret_fault) {
    Keeping k = {.native = native, .content = content, .kind = kind};
    *ret_fault = (Fault){0};
    int r = keep_look(spool, &k, ret);
    if (r == 0 && ret->as != KEPT_again) {
        r = keep_new(spool, a, &k, v, now_ms, ret, ret_fault);
    }
    if (r == 0) kept_log(&k, ret);
    return r;
}

const char *kept_word(KeptAs as) {
    switch (as) {
    case KEPT_new: return "stored";
    case KEPT_again: return "known";
    case KEPT_update: return "update";
    }
    return "stored";
}
