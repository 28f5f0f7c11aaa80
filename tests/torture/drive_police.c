/* Drives mash-police through its scenario with its n-th call failing, for each n that is read from
 * standard input, in the hub's folder, beside a healthy intake:
 *
 *   1. a notice lies in the adapter's folder; the adapter starts, takes it, has it acknowledged
 *   2. SIGTERM, and how it ended
 *   3. unless it was acknowledged: the same adapter once more, with nothing failing
 *
 * In the end the notice is acknowledged exactly once (R1, R2). Usage as drive_intake.c. */
#include "broker/io/clock.h"
#include "tests/torture/process.h"

#include <ftw.h>
#include <poll.h>
#include <sqlite3.h>
#include <sys/stat.h>

enum { PATIENCE_MS = 15000, LOOK_MS = 10 };

static const char folder[] = "agencies/tortured", inbox[] = "agencies/tortured/in",
                  rejects[] = "agencies/tortured/rejects", spool[] = "spool/tortured.db";

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at) {
    (void)st;
    (void)type;
    (void)at;
    return remove(path);
}

static void afresh(long n) {
    char path[200];
    uint8_t noise[8];
    char name[2 * sizeof(noise) + 1];
    static const char *const endings[] = {"", "-wal", "-shm", "-journal"};
    (void)nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    for (size_t i = 0; i < COUNT_OF(endings); i++) {
        (void)snprintf(path, sizeof(path), "%s%s", spool, endings[i]);
        (void)unlink(path);
    }
    NEEDED(mkdir(folder, 0700) == 0 && mkdir(inbox, 0700) == 0);
    NEEDED(random_bytes(noise, sizeof(noise)) == 0);
    hex_encode(BYTES_OF(noise), name);
    (void)snprintf(path, sizeof(path), "%s/%s.json", inbox, name);
    FILE *f = fopen(path, "we");
    NEEDED(f);
    (void)fprintf(f,
                  "[{\"notice_ref\": \"PPN/%ld/%s\", \"force_code\": \"05\", "
                  "\"incident_datetime\": \"2026-11-20T20:15:00+00:00\", "
                  "\"incident_type\": \"Neglect\", \"dash_risk\": \"medium\", "
                  "\"circumstances\": \"Torture %ld.\", \"persons\": [{\"role\": \"child\", "
                  "\"surname\": \"Example\", \"forenames\": \"Sam\", \"dob\": \"2018-05-05\"}], "
                  "\"officer\": {\"collar\": \"PC1\", \"team\": \"A\"}, \"gpms\": \"OFFICIAL\"}]\n",
                  n, name, n);
    NEEDED(fclose(f) == 0);
}

typedef struct Seen {
    int messages, acknowledged, others; /* others: neither queued nor acknowledged */
    char id[ID_TEXT];
    long long leaf;
} Seen;

/* What the spool says; nothing while there is none, or it is being written. */
static Seen look(void) {
    static const char sql[] = "SELECT state, message_id, leaf_index FROM outbound";
    Seen seen = {0};
    sqlite3 *db = NULL;
    sqlite3_stmt *q = NULL;
    if (sqlite3_open_v2(spool, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
        sqlite3_prepare_v2(db, sql, -1, &q, NULL) == SQLITE_OK) {
        while (sqlite3_step(q) == SQLITE_ROW) {
            Str state = str_z((const char *)sqlite3_column_text(q, 0));
            Id id = {{0}};
            seen.messages++;
            if (str_is(state, "acknowledged")) {
                seen.acknowledged++;
                memcpy(id.at, sqlite3_column_blob(q, 1), sizeof(id.at));
                id_text(id, seen.id);
                seen.leaf = sqlite3_column_int64(q, 2);
            } else if (!str_is(state, "queued")) {
                seen.others++;
            }
        }
    }
    (void)sqlite3_finalize(q);
    (void)sqlite3_close(db);
    return seen;
}

/* Until it is acknowledged, or whoever should have it acknowledged is gone, or patience is. */
static void watch(Process *p) {
    int64_t until = clock_mono_ms() + PATIENCE_MS;
    while (!look().acknowledged && !process_gone(p)) {
        struct pollfd gone = {.fd = p->pidfd, .events = POLLIN};
        if (clock_mono_ms() > until) {
            wrong(p, "neither has it acknowledged nor ends");
            return;
        }
        (void)poll(&gone, 1, LOOK_MS); /* a row cannot be waited for */
    }
}

static Seen run_once(Process *p, long n, int *ret_status) {
    process_start(p, n);
    if (process_ready(p)) watch(p);
    *ret_status = process_end(p);
    return look();
}

static void one(Process *p, FILE *acks, long n) {
    int status = 0, again = 0;
    p->wrong[0] = '\0';
    afresh(n);
    Seen seen = run_once(p, n, &status);
    int answered = seen.acknowledged;
    if (seen.acknowledged) (void)fprintf(acks, "%s %lld\n", seen.id, seen.leaf);
    if (!seen.acknowledged && !p->wrong[0]) seen = run_once(p, -1, &again);
    if (again) wrong(p, "afterwards: status %d", again);
    if (seen.messages != 1 || seen.acknowledged != 1) {
        wrong(p, "%d messages, %d acknowledged, %d otherwise", seen.messages, seen.acknowledged,
              seen.others);
    }
    if (rmdir(rejects) != 0) wrong(p, "the notice was set aside");
    process_tell(p, n, status, (size_t)answered);
    (void)fflush(acks);
}

int main(int argc, char **argv) {
    NEEDED(argc == 3);
    Process p = {.program = argv[1], .settings = argv[2]};
    FILE *acks = fopen("run/torture.acks", "ae");
    char line[32];
    NEEDED(acks);
    while (fgets(line, sizeof(line), stdin)) one(&p, acks, atol(line));
    (void)fclose(acks);
    return 0;
}
