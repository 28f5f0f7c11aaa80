/* Jaro-Winkler with a bit per place, and a banded edit distance; see alike.h. */
#include "broker/hub/match/alike.h"

enum { PREFIX_MOST = 4, BOOST_FROM = 700, PREFIX_PART = 10 };

static Str beginning(Str s) {
    return (Str){.at = s.at, .len = s.len < ALIKE_MOST ? s.len : ALIKE_MOST};
}

/* The lowest `count` bits. */
static uint64_t low_bits(size_t count) {
    return count >= 64 ? UINT64_MAX : (UINT64_C(1) << count) - 1;
}

/* Which letters of `a` have a partner in `b` not further away than `reach`, and which of `b` are
 * taken. Places of a byte in `b` are found by its own word of bits. */
static int partners(Str a, Str b, size_t reach, uint64_t *ret_a, uint64_t *ret_b) {
    uint64_t places[256];
    int count = 0;
    *ret_a = *ret_b = 0;
    for (size_t i = 0; i < a.len; i++) places[(uint8_t)a.at[i]] = 0;
    for (size_t i = 0; i < b.len; i++) places[(uint8_t)b.at[i]] = 0;
    for (size_t i = 0; i < b.len; i++) places[(uint8_t)b.at[i]] |= UINT64_C(1) << i;
    for (size_t i = 0; i < a.len; i++) {
        uint64_t window = low_bits(i + reach + 1) & ~(i > reach ? low_bits(i - reach) : 0);
        uint64_t free = places[(uint8_t)a.at[i]] & window & ~*ret_b;
        if (!free) continue;
        *ret_b |= free & -free;
        *ret_a |= UINT64_C(1) << i;
        count++;
    }
    return count;
}

/* Partners that do not stand in the same order. */
static int out_of_order(Str a, Str b, uint64_t in_a, uint64_t in_b) {
    int count = 0;
    for (; in_a; in_a &= in_a - 1, in_b &= in_b - 1) {
        count += a.at[__builtin_ctzll(in_a)] != b.at[__builtin_ctzll(in_b)];
    }
    return count;
}

int jaro_winkler(Str a, Str b) {
    uint64_t in_a, in_b;
    a = beginning(a);
    b = beginning(b);
    if (a.len == 0 || b.len == 0) return 0;
    size_t longer = a.len > b.len ? a.len : b.len;
    int met = partners(a, b, longer < 4 ? 0 : longer / 2 - 1, &in_a, &in_b);
    if (met == 0) return 0;
    int moved = out_of_order(a, b, in_a, in_b) / 2;
    int jaro = (1000 * met / (int)a.len + 1000 * met / (int)b.len + 1000 * (met - moved) / met) / 3;
    if (str_eq(a, b)) return 1000;
    int same = 0;
    size_t shorter = a.len < b.len ? a.len : b.len;
    while (same < PREFIX_MOST && (size_t)same < shorter && a.at[same] == b.at[same]) same++;
    return jaro < BOOST_FROM ? jaro : jaro + (1000 - jaro) * same / PREFIX_PART;
}

static int least_of(int a, int b) {
    return a < b ? a : b;
}

/* What both begin and end with needs no edit. */
static void strip(Str *a, Str *b) {
    while (a->len && b->len && a->at[0] == b->at[0]) {
        *a = (Str){.at = a->at + 1, .len = a->len - 1};
        *b = (Str){.at = b->at + 1, .len = b->len - 1};
    }
    while (a->len && b->len && a->at[a->len - 1] == b->at[b->len - 1]) {
        a->len--;
        b->len--;
    }
}

/* Of what is left, one edit is at most one letter on each side, or two exchanged. */
static int one_edit(Str a, Str b) {
    bool crossed = a.len == 2 && b.len == 2 && a.at[0] == b.at[1] && a.at[1] == b.at[0];
    if (a.len == 0 && b.len == 0) return 0;
    return crossed || (a.len <= 1 && b.len <= 1) ? 1 : 2;
}

/* Optimal string alignment, three rows; a row without a place within `most` ends it. */
int edits(Str a, Str b, int most) {
    int rows[3][ALIKE_MOST + 1];
    int *before = rows[0], *last = rows[1], *now = rows[2];
    a = beginning(a);
    b = beginning(b);
    strip(&a, &b);
    if ((int)a.len - (int)b.len > most || (int)b.len - (int)a.len > most) return most + 1;
    if (most == 1) return one_edit(a, b);
    for (int j = 0; j <= (int)b.len; j++) last[j] = before[j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        int least = now[0] = (int)i;
        for (size_t j = 1; j <= b.len; j++) {
            bool same = a.at[i - 1] == b.at[j - 1];
            now[j] = least_of(last[j - 1] + !same, least_of(last[j], now[j - 1]) + 1);
            bool crossed =
                i > 1 && j > 1 && a.at[i - 1] == b.at[j - 2] && a.at[i - 2] == b.at[j - 1];
            if (crossed) now[j] = least_of(now[j], before[j - 2] + 1);
            least = least_of(least, now[j]);
        }
        if (least > most) return most + 1;
        int *spare = before;
        before = last;
        last = now;
        now = spare;
    }
    return last[b.len] > most ? most + 1 : last[b.len];
}
