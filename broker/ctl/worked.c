/* See worked.h. */
#include "broker/ctl/worked.h"

#include "broker/base/err.h"
#include "schemas/leaf.h"
#include "schemas/schema.h"

#include <stdlib.h>
#include <time.h>

/* "2026-11-22T14:00:00.123456Z" to the second; 0, long ago, when it is no time. */
static int64_t seconds(Str at) {
    static const struct {
        size_t from, len;
    } part[] = {{0, 4}, {5, 2}, {8, 2}, {11, 2}, {14, 2}, {17, 2}};
    uint64_t v[COUNT_OF(part)];
    if (at.len < 20) return 0;
    for (size_t i = 0; i < COUNT_OF(part); i++) {
        if (!str_u64((Str){.at = at.at + part[i].from, .len = part[i].len}, &v[i])) return 0;
    }
    struct tm tm = {.tm_year = (int)v[0] - 1900,
                    .tm_mon = (int)v[1] - 1,
                    .tm_mday = (int)v[2],
                    .tm_hour = (int)v[3],
                    .tm_min = (int)v[4],
                    .tm_sec = (int)v[5]};
    return timegm(&tm);
}

/* A quarantine by intake is of another content under the same id: it ends nothing. */
static bool ends(Str act, Str actor) {
    return str_is(act, "process") || code_known(LIST_content, act) ||
           (str_is(act, "quarantine") && str_is(actor, "hub"));
}

static Passed *step_new(Steps *s) {
    if (s->count == s->room) {
        size_t room = s->room ? 2 * s->room : 1024;
        Passed *step = reallocarray(s->step, room, sizeof(*step));
        if (!step) return NULL;
        s->step = step;
        s->room = room;
    }
    return &s->step[s->count++];
}

int steps_add(Steps *s, uint64_t idx, Str leaf) {
    Str act = leaf_word(leaf, "act"), agency = leaf_word(leaf, "agency");
    bool taken = str_is(act, "accept") || str_is(act, "replay") || str_is(act, "mend");
    Passed now = {.idx = idx, .at_s = seconds(leaf_word(leaf, "at")), .taken = taken};
    if (now.at_s > s->newest_s) s->newest_s = now.at_s;
    if (!taken && !ends(act, leaf_word(leaf, "actor"))) return 0;
    if (!id_parse(leaf_word(leaf, "message"), &now.message)) return 0;
    for (size_t i = 0; i < agency.len && i < AGENCY_MAX - 1; i++) now.agency[i] = agency.at[i];
    Passed *step = step_new(s);
    if (!step) return ERR_MEMORY;
    *step = now;
    return 0;
}

static int by_message(const Passed *a, const Passed *b) {
    int apart = memcmp(a->message.at, b->message.at, sizeof(a->message.at));
    return apart ? apart : memcmp(a->agency, b->agency, sizeof(a->agency));
}

static int by_message_and_row(const void *a, const void *b) {
    const Passed *x = a, *y = b;
    int apart = by_message(x, y);
    return apart ? apart : (x->idx > y->idx) - (x->idx < y->idx);
}

void steps_sort(Steps *s) {
    if (s->count) qsort(s->step, s->count, sizeof(*s->step), by_message_and_row);
}

const Passed *steps_open(const Steps *s, size_t *at) {
    while (*at < s->count) {
        const Passed *step = &s->step[(*at)++];
        bool last = *at == s->count || by_message(step, step + 1) != 0;
        if (last && step->taken && step->at_s < s->newest_s - WORKED_WITHIN_S) return step;
    }
    return NULL;
}

void steps_clear(Steps *s) {
    free(s->step);
    *s = (Steps){0};
}
