/* The two tables of nicknames, searched by their order; see alike.h. */
#include "broker/hub/match/alike.h"

#include "broker/base/cleanup.h"

typedef struct Nick {
    const char *name, *called; /* `called`: with spaces between */
} Nick;

#define NICK(name, called) {name, called},
static const Nick british[] = {
#include "broker/release/nicknames.def"
};
static const Nick american[] = {
#include "broker/hub/match/nicknames.def"
};
#undef NICK

static uint16_t row_find(const Nick *rows, size_t count, Str name) {
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (str_order(str_z(rows[middle].name), name) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < count && str_is(name, rows[low].name) ? (uint16_t)(low + 1) : 0;
}

static bool row_has(const Nick *rows, uint16_t row, Str name) {
    if (row == 0) return false;
    Str rest = str_z(rows[row - 1].called), word;
    while (str_split(&rest, ' ', &word)) {
        if (str_eq(word, name)) return true;
    }
    return false;
}

NickRows nick_rows(Str name) {
    return (NickRows){.british = row_find(british, COUNT_OF(british), name),
                      .american = row_find(american, COUNT_OF(american), name)};
}

bool nick_of(Str a, NickRows rows_a, Str b, NickRows rows_b) {
    return row_has(british, rows_a.british, b) || row_has(british, rows_b.british, a) ||
           row_has(american, rows_a.american, b) || row_has(american, rows_b.american, a);
}
