/* See window.h. */
#include "adapters/common/window.h"

enum { GATHER_MS = 500 };

/* ---- one flight ------------------------------------------------------------------------------ */

bool flight_is_held(const Flight *f) {
    return f->submission.count > 0;
}

bool flight_is_under_way(const Flight *f) {
    return flight_is_held(f) && !f->over;
}

void flight_clear(Flight *f) {
    Arena *arena = f->arena;
    arena_reset(arena);
    *f = (Flight){.arena = arena};
}

/* What left others behind though it had room for them is full: of bytes, or as it goes alone. */
void flight_gathers(Flight *f, size_t most, size_t waiting, int64_t now_ms) {
    size_t count = f->submission.count;
    bool full = count == LIMIT_ENTRIES || (count < most && waiting);
    f->gathers_ms = full ? 0 : now_ms + GATHER_MS;
}

/* ---- all of them ----------------------------------------------------------------------------- */

size_t window_held(const Window *w) {
    size_t messages = 0;
    for (size_t i = 0; i < FLIGHTS; i++) messages += w->flights[i].submission.count;
    return messages;
}

size_t window_places(const Window *w, int64_t places[CREDIT_MOST]) {
    size_t count = 0;
    for (size_t i = 0; i < FLIGHTS; i++) {
        const Flight *f = &w->flights[i];
        for (size_t n = 0; n < f->submission.count; n++) places[count++] = f->places[n];
    }
    return count;
}

size_t window_under_way(const Window *w) {
    size_t messages = 0;
    for (size_t i = 0; i < FLIGHTS; i++) {
        const Flight *f = &w->flights[i];
        if (flight_is_under_way(f)) messages += f->submission.count;
    }
    return messages;
}

Flight *window_find(Window *w, Id submission_id) {
    for (size_t i = 0; i < FLIGHTS; i++) {
        Flight *f = &w->flights[i];
        if (flight_is_under_way(f) && id_eq(f->submission.submission_id, submission_id)) return f;
    }
    return NULL;
}

/* ---- how much more may go -------------------------------------------------------------------- */

void window_credit(Window *w, bool said, int64_t credit) {
    if (said && credit == 0) credit = 1;
    w->credit = credit < CREDIT_MOST ? credit : CREDIT_MOST;
}

/* While no credit is told, one submission goes at a time. */
static size_t credit_room(const Window *w) {
    size_t used = window_under_way(w), credit = (size_t)w->credit;
    if (!credit) return used ? 0 : LIMIT_ENTRIES;
    if (used >= credit) return 0;
    return credit - used < LIMIT_ENTRIES ? credit - used : LIMIT_ENTRIES;
}

size_t window_room(Window *w, bool immediate, size_t waiting, int64_t now_ms, Flight **ret) {
    size_t held = 0, same = 0, room = credit_room(w);
    bool busy = false, gathers = false;
    for (size_t i = 0; i < FLIGHTS; i++) {
        Flight *f = &w->flights[FLIGHTS - 1 - i];
        if (!flight_is_held(f)) *ret = f; /* in the end the first that is free */
        if (flight_is_held(f)) held++;
        if (!flight_is_under_way(f) || f->immediate != immediate) continue;
        same++;
        busy = busy || f->busy;
        gathers = gathers || now_ms < f->gathers_ms;
    }
    if (!waiting || held == FLIGHTS) return 0;
    if (immediate) return same ? room : LIMIT_ENTRIES;
    if (busy || held == FLIGHTS - 1) return 0;
    bool fills = room == LIMIT_ENTRIES && waiting >= LIMIT_ENTRIES;
    return gathers && !fills ? 0 : room;
}
