/* See intake_folder.h. The order is what makes a crash harmless: spool, receipt, then the file
 * goes; a file that is read twice gives the same message ids. */
#include "adapters/common/intake_folder.h"

#include "adapters/common/folder.h"
#include "broker/base/err.h"
#include "broker/io/clock.h"
#include "broker/io/fault.h"
#include "broker/io/log.h"

enum { RECORD_ARENA = 32 * 1024 * 1024 };

struct IntakeFolder {
    Adapter *adapter;
    const BatchFormat *formats;
    Folder *folder;
    char in[PATH_LEN], receipts[PATH_LEN], rejects[PATH_LEN];
};

int batch_reject(Batch *b, Str reference, size_t position, const Fault *fault) {
    json_t *j =
        json_pack("{s:s%, s:i, s:s, s:s, s:s}", "reference", reference.at ? reference.at : "",
                  reference.len, "position", (int)position, "path", fault->path, "reason",
                  reason_name((int)fault->reason), "sentence", reason_sentence((int)fault->reason));
    int r = json_array_append_new(b->rejected, j) == 0 ? 0 : ERR_MEMORY;
    arena_reset(b->arena);
    return r;
}

int batch_keep(Batch *b, Draft *d, Str reference, size_t position) {
    char id[ID_TEXT];
    Fault fault;
    Kept kept;
    int r = keep_referral(b->adapter->spool, d, b->now_ms, &kept, &fault);
    if (r > 0) return batch_reject(b, reference, position, &fault);
    if (r < 0) return r;
    id_text(kept.message_id, id);
    json_t *j = json_pack("{s:s%, s:s, s:s}", "reference", reference.at, reference.len,
                          "message_id", id, "state", kept_word(kept.as));
    r = json_array_append_new(b->stored, j) == 0 ? 0 : ERR_MEMORY;
    arena_reset(b->arena);
    return r;
}

/* ---- one file -------------------------------------------------------------------------------- */

static const BatchFormat *format_of(const IntakeFolder *f, const char *name) {
    size_t n = strlen(name);
    for (const BatchFormat *at = f->formats; at->ending; at++) {
        size_t e = strlen(at->ending);
        if (n > e && strcmp(name + n - e, at->ending) == 0) return at;
    }
    return NULL;
}

static int file_reject(const IntakeFolder *f, const char *name, const Fault *fault) {
    int r = form_reason(f->rejects, name, ".reason.json", fault);
    if (r == 0) r = file_move(f->in, name, f->rejects);
    log_event(LOG_warn, "file_rejected", "reason=%s", reason_name((int)fault->reason));
    return r;
}

static int file_done(const IntakeFolder *f, const Batch *b) {
    char at[CLOCK_TEXT];
    size_t stored = json_array_size(b->stored), rejected = json_array_size(b->rejected);
    clock_text(b->now_ms, at);
    FAULT_POINT(batch_before_receipt);
    int r = form_write(f->receipts, b->name, ".receipt.json",
                       json_pack("{s:s, s:s, s:O, s:O}", "file", b->name, "read_at", at, "stored",
                                 b->stored, "rejected", b->rejected));
    FAULT_POINT(batch_after_receipt);
    if (r == 0) {
        r = rejected ? file_move(f->in, b->name, f->rejects) : file_remove(f->in, b->name);
    }
    if (r == 0) log_event(LOG_info, "file", "stored=%zu rejected=%zu", stored, rejected);
    return r;
}

static int batch_read(const IntakeFolder *f, const char *name, Bytes content, Fault *fault) {
    _cleanup_(arena_freep) Arena *a = arena_new(RECORD_ARENA);
    _cleanup_(json_freep) json_t *stored = json_array(), *rejected = json_array();
    const BatchFormat *format = format_of(f, name);
    if (!a || !stored || !rejected) return ERR_MEMORY;
    if (!format) return form_fault(fault, REFUSE_message_not_allowed, "%s", "");
    Batch b = {.adapter = f->adapter,
               .name = name,
               .arena = a,
               .now_ms = clock_ms(),
               .stored = stored,
               .rejected = rejected,
               .receipts = f->receipts};
    int r = format->read(&b, content, fault);
    return r == 0 ? file_done(f, &b) : r;
}

static int file_take(void *context, Arena *a, const char *name, Bytes content, bool too_large) {
    IntakeFolder *f = context;
    Fault fault = {0};
    (void)a; /* the content lies there */
    int r = too_large ? form_fault(&fault, REFUSE_too_large, "%s", "")
                      : batch_read(f, name, content, &fault);
    return r > 0 ? file_reject(f, name, &fault) : r;
}

int intake_folder_open(Adapter *adapter, const BatchFormat *formats, IntakeFolder **ret) {
    _cleanup_(intake_folder_closep) IntakeFolder *f = calloc(1, sizeof(*f));
    if (!f) return ERR_MEMORY;
    f->adapter = adapter;
    f->formats = formats;
    int r = path_join(f->in, adapter->self.dir, "in");
    if (r == 0) r = path_join(f->receipts, adapter->self.dir, "receipts");
    if (r == 0) r = path_join(f->rejects, adapter->self.dir, "rejects");
    if (r == 0) r = dir_make(f->receipts);
    if (r == 0) r = dir_make(f->rejects);
    if (r == 0) r = folder_open(adapter->loop, f->in, NULL, file_take, f, &f->folder);
    if (r < 0) return r;
    *ret = TAKE(f);
    return 0;
}

void intake_folder_close(IntakeFolder *f) {
    if (!f) return;
    folder_close(f->folder);
    free(f);
}

void intake_folder_scan(IntakeFolder *f) {
    folder_scan(f->folder);
}
