/* See choices.h. */
#include "adapters/common/choices.h"

#include "adapters/common/form.h"
#include "broker/base/err.h"
#include "broker/io/clock.h"
#include "broker/io/log.h"
#include "schemas/choice.h"
#include "schemas/json_read.h"

struct ChoiceDesk {
    Spool *spool;
    Folder *folder;
    char choices[PATH_LEN], rejected[PATH_LEN];
};

static int choice_reject(const ChoiceDesk *d, const char *name, const Fault *fault) {
    int r = form_reason(d->rejected, name, ".reason", fault);
    if (r == 0) r = file_move(d->choices, name, d->rejected);
    log_event(LOG_warn, "choice_rejected", "reason=%s path=%s", reason_name((int)fault->reason),
              fault->path);
    return r;
}

static int choice_receipt(const ChoiceDesk *d, const char *name, const Kept *kept) {
    char message[ID_TEXT], at[CLOCK_TEXT];
    id_text(kept->message_id, message);
    clock_text(kept->stored_ms, at);
    return form_write(d->choices, name, ".receipt",
                      json_pack("{s:s, s:s, s:s}", "message_id", message, "stored_at", at, "state",
                                kept_word(kept->as)));
}

/* Each file's content is a word of its own: the same again is the same word. */
static int choice_keep(ChoiceDesk *d, Arena *a, Bytes content, Kept *kept, Fault *fault) {
    const Value *choice = NULL;
    int r = json_read(a, STRUCT_choice, bytes_str(content), &choice, fault);
    if (r == 0) r = choice_check(choice, fault);
    if (r) return r;
    Hash digest;
    char hex[2 * HASH_LEN + 1];
    r = sha256(&content, 1, &digest);
    if (r < 0) return r;
    hex_encode(BYTES_OF(digest.at), hex);
    return keep_content(d->spool, a, STRUCT_choice, arena_printf(a, "choice\n%s", hex), content,
                        choice, clock_ms(), kept, fault);
}

static int choice_take(void *context, Arena *a, const char *name, Bytes content, bool too_large) {
    ChoiceDesk *d = context;
    Fault fault = {0};
    Kept kept;
    int r = too_large ? form_fault(&fault, REFUSE_too_large, "%s", "")
                      : choice_keep(d, a, content, &kept, &fault);
    if (r > 0) {
        fault.reason = (Reason)r;
        return choice_reject(d, name, &fault);
    }
    if (r == 0) r = choice_receipt(d, name, &kept);
    return r < 0 ? r : file_remove(d->choices, name);
}

int choice_desk_open(Loop *l, const Identity *self, Spool *spool, ChoiceDesk **ret) {
    _cleanup_(choice_desk_closep) ChoiceDesk *d = calloc(1, sizeof(*d));
    if (!d) return ERR_MEMORY;
    d->spool = spool;
    int r = path_join(d->choices, self->dir, "desk/choices");
    if (r == 0) r = path_join(d->rejected, self->dir, "desk/choices/rejected");
    if (r == 0) r = dir_make(d->rejected);
    if (r == 0) r = folder_open(l, d->choices, ".json", choice_take, d, &d->folder);
    if (r < 0) return r;
    *ret = TAKE(d);
    return 0;
}

void choice_desk_close(ChoiceDesk *d) {
    if (!d) return;
    folder_close(d->folder);
    free(d);
}

void choice_desk_scan(ChoiceDesk *d) {
    folder_scan(d->folder);
}
