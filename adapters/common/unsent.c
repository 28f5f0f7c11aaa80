/* See unsent.h. */
#include "adapters/common/unsent.h"

#include "broker/base/err.h"
#include "broker/io/log.h"
#include "schemas/schema.h"

enum { NAME_LEN = ID_TEXT + 8 };

static void name_of(Id message_id, char out[NAME_LEN]) {
    char id[ID_TEXT];
    id_text(message_id, id);
    (void)snprintf(out, NAME_LEN, "%s.json", id);
}

int unsent_open(const char *dir, Unsent *ret) {
    int r = path_join(ret->dir, dir, "unsent");
    return r < 0 ? r : dir_make(ret->dir);
}

void unsent_forget(const Unsent *u, Id message_id) {
    char name[NAME_LEN];
    name_of(message_id, name);
    if (!file_exists(u->dir, name)) return;
    int r = file_remove(u->dir, name);
    if (r < 0) log_event(LOG_warn, "unsent_file_stays", "why=\"%s\"", err_name(r));
}

static void unsent_write(const Unsent *u, Id message_id, const char *state, const char *reason,
                         const char *sentence) {
    char id[ID_TEXT], name[NAME_LEN], line[900];
    id_text(message_id, id);
    name_of(message_id, name);
    int n = snprintf(line, sizeof(line),
                     "{\"message_id\": \"%s\", \"state\": \"%s\", \"reason\": \"%s\", "
                     "\"sentence\": \"%s\"}\n",
                     id, state, reason, sentence);
    bool fits = n > 0 && n < (int)sizeof(line);
    int r = fits ? file_write(u->dir, name, bytes_of(line, (size_t)n)) : ERR_BROKEN;
    log_event(LOG_error, "message_not_taken", "message=%s state=%s reason=%s file=%s", id, state,
              reason, r < 0 ? err_name(r) : "written");
}

void unsent_put(const Unsent *u, Id message_id, const char *state, Str reason) {
    int known = (int)reason_by_name(reason);
    unsent_write(u, message_id, state, known ? reason_name(known) : "unknown",
                 known ? reason_sentence(known) : "The hub gave a reason that is not known.");
}

void unsent_damaged(const Unsent *u, Id message_id, const char *sentence) {
    unsent_write(u, message_id, "damaged", "not_opened", sentence);
}
