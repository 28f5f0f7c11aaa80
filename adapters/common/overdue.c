/* See overdue.h. */
#include "adapters/common/overdue.h"

#include "adapters/common/alarm.h"
#include "adapters/common/files.h"
#include "broker/base/err.h"
#include "broker/io/clock.h"
#include "broker/io/log.h"

enum { LISTED_MOST = 1000, LIST_ARENA = 2 * 1024 * 1024, SENTENCE = 500 };

/* Each goes on after "Since <time> ". */
static const char unsent_words[] =
    "something waits here that the hub has not acknowledged. If a child may be in danger, "
    "telephone the hub now. Then have the network, the hub's address and this adapter's log looked "
    "at. What waits is listed in unsent/still-unsent.txt; it goes by itself once the hub answers.";
static const char no_proof_words[] =
    "the hub owes the proof that a message which it acknowledged is in its ledger. The adapter "
    "keeps asking. Ask the hub why; if no proof comes, tell your SIRO.";
static const char no_checkpoint_words[] =
    "a message is acknowledged and no checkpoint of the hub's ledger has come that reaches it, so "
    "that it cannot be proven. Ask the hub whether its notary and courier run; if no checkpoint "
    "comes, tell your SIRO.";

static const char list_name[] = "still-unsent.txt";

/* `since_ms` 0: nothing waits. */
static void alarm_set(const Identity *self, const char *name, bool overdue, int64_t since_ms,
                      const char *words) {
    char since[CLOCK_TEXT], sentence[SENTENCE];
    if (!overdue) {
        alarm_clear(self->dir, name);
        return;
    }
    clock_text(since_ms, since);
    (void)snprintf(sentence, sizeof(sentence), "Since %s %s", since, words);
    alarm_raise(self->dir, name, sentence);
}

/* ---- the list -------------------------------------------------------------------------------- */

static int list_print(FILE *f, size_t queued, const SpoolUnsent *unsent, size_t count) {
    fprintf(f, "Not at the hub yet: %zu. Receipts and the control ids of AA name messages.\n\n",
            queued);
    for (size_t i = 0; i < count; i++) {
        char at[CLOCK_TEXT], id[ID_TEXT];
        clock_text(unsent[i].stored_ms, at);
        id_text(unsent[i].message_id, id);
        fprintf(f, "%s  stored %s  %.*s%s\n", id, at, STR_ARG(unsent[i].content),
                unsent[i].immediate ? ", immediate" : "");
    }
    if (count < queued) fprintf(f, "and %zu more\n", queued - count);
    return ferror(f) ? ERR_MEMORY : 0;
}

static int list_write(const char *dir, Spool *spool) {
    _cleanup_(arena_freep) Arena *a = arena_new(LIST_ARENA);
    SpoolUnsent *unsent = a ? arena_array(a, LISTED_MOST, sizeof(*unsent)) : NULL;
    size_t count = 0, len = 0;
    char *text = NULL;
    int r = unsent ? spool_unsent(spool, a, LISTED_MOST, unsent, &count) : ERR_MEMORY;
    if (r < 0) return r;
    FILE *f = open_memstream(&text, &len);
    if (!f) return ERR_MEMORY;
    r = list_print(f, spool_queued(spool), unsent, count);
    if (fclose(f) != 0) r = ERR_MEMORY;
    if (r == 0) r = file_write(dir, list_name, bytes_of(text, len));
    free(text);
    return r;
}

static int list_keep(const Identity *self, Spool *spool, bool overdue) {
    char dir[PATH_LEN];
    int r = path_join(dir, self->dir, "unsent");
    if (r < 0) return r;
    if (overdue) return list_write(dir, spool);
    return file_exists(dir, list_name) ? file_remove(dir, list_name) : 0;
}

/* ---- the check ------------------------------------------------------------------------------- */

static int overdue_look(const Identity *self, Spool *spool, int64_t now_ms, int64_t patience_ms) {
    SpoolWaiting w;
    SpoolHead head;
    int r = spool_waiting(spool, &w);
    if (r == 0) r = spool_head(spool, &head);
    if (r < 0) return r;
    bool unsent = w.queued_ms && now_ms - w.queued_ms > patience_ms;
    bool unproven = w.unproven_ms && now_ms - w.unproven_ms > patience_ms;
    bool reached = w.unproven_index < head.size;
    alarm_set(self, "unsent", unsent, w.queued_ms, unsent_words);
    alarm_set(self, "no_proof", unproven && reached, w.unproven_ms, no_proof_words);
    alarm_set(self, "no_checkpoint", unproven && !reached, w.unproven_ms, no_checkpoint_words);
    return list_keep(self, spool, unsent);
}

void overdue_check(const Identity *self, Spool *spool, int64_t now_ms, int64_t patience_ms) {
    int r = overdue_look(self, spool, now_ms, patience_ms);
    if (r < 0) log_event(LOG_error, "overdue_unknown", "why=\"%s\"", err_name(r));
}
