/* See uktime.h. */
#include "adapters/common/uktime.h"

#include "schemas/codec.h"

#include <ctype.h>

static bool number(Str s, size_t at, size_t count, int *ret) {
    if (at + count > s.len) return false;
    *ret = 0;
    for (size_t i = at; i < at + count; i++) {
        if (!isdigit((unsigned char)s.at[i])) return false;
        *ret = *ret * 10 + (s.at[i] - '0');
    }
    return true;
}

/* 0 is Sunday (Sakamoto's method). */
static int weekday(int year, int month, int day) {
    static const int shift[] = {0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4};
    if (month < 3) year--;
    return (year + year / 4 - year / 100 + year / 400 + shift[month - 1] + day) % 7;
}

static bool summer(int year, int month, int day, int hour) {
    if (month < 3 || month > 10) return false;
    if (month > 3 && month < 10) return true;
    int change = 31 - weekday(year, month, 31);
    if (day != change) return (month == 3) == (day > change);
    return month == 3 ? hour >= 1 : hour < 2;
}

static Str checked_time(Str text) {
    return time_valid(text) ? text : (Str){0};
}

static Str local_time(Arena *a, Str iso_date, int hour, int minute, int second) {
    int year, month, day;
    if (!number(iso_date, 0, 4, &year) || !number(iso_date, 5, 2, &month) ||
        !number(iso_date, 8, 2, &day)) {
        return (Str){0};
    }
    const char *offset = summer(year, month, day, hour) ? "+01:00" : "+00:00";
    return checked_time(
        arena_printf(a, "%.*sT%02d:%02d:%02d%s", STR_ARG(iso_date), hour, minute, second, offset));
}

Str uk_date(Arena *a, Str s) {
    int day, month, year;
    bool ok = s.len == 10 && s.at[2] == '/' && s.at[5] == '/' && number(s, 0, 2, &day) &&
              number(s, 3, 2, &month) && number(s, 6, 4, &year);
    if (!ok) return (Str){0};
    Str iso = arena_printf(a, "%04d-%02d-%02d", year, month, day);
    return date_valid(iso) ? iso : (Str){0};
}

Str uk_time(Arena *a, Str date, Str time) {
    int hour = 0, minute = 0;
    Str iso = uk_date(a, date);
    if (iso.len == 0) return (Str){0};
    bool ok = time.len == 0 || (time.len >= 5 && time.at[2] == ':' && number(time, 0, 2, &hour) &&
                                number(time, 3, 2, &minute));
    return ok ? local_time(a, iso, hour, minute, 0) : (Str){0};
}

Str hl7_date(Arena *a, Str s) {
    int n;
    size_t most = s.len < 8 ? s.len : 8;
    if (!number(s, 0, most, &n) || (most != 4 && most != 6 && most != 8)) return (Str){0};
    Str iso = most == 4   ? arena_str(a, (Str){.at = s.at, .len = 4})
              : most == 6 ? arena_printf(a, "%.4s-%.2s", s.at, s.at + 4)
                          : arena_printf(a, "%.4s-%.2s-%.2s", s.at, s.at + 4, s.at + 6);
    return date_valid(iso) ? iso : (Str){0};
}

/* "+0100" at the end, taken off; {0} when there is none. */
static Str hl7_offset(Arena *a, Str *s) {
    int n;
    if (s->len < 13) return (Str){0};
    const char *at = s->at + s->len - 5;
    if ((*at != '+' && *at != '-') || !number(*s, s->len - 4, 4, &n)) return (Str){0};
    s->len -= 5;
    return arena_printf(a, "%c%.2s:%.2s", *at, at + 1, at + 3);
}

Str hl7_time(Arena *a, Str s) {
    int hour = 0, minute = 0, second = 0;
    Str offset = hl7_offset(a, &s);
    Str iso = s.len >= 8 ? hl7_date(a, s) : (Str){0};
    if (iso.len == 0) return (Str){0};
    bool hours = s.len == 8 || (number(s, 8, 2, &hour) && number(s, 10, 2, &minute));
    bool seconds = s.len <= 12 || number(s, 12, 2, &second);
    bool rest = s.len <= 14 || s.at[14] == '.';
    if (!hours || !seconds || !rest) return (Str){0};
    if (offset.len == 0) return local_time(a, iso, hour, minute, second);
    return checked_time(arena_printf(a, "%.*sT%02d:%02d:%02d%.*s", STR_ARG(iso), hour, minute,
                                     second, STR_ARG(offset)));
}

Str words_time(Arena *a, Str t) {
    static const char *const months[] = {"January",   "February", "March",    "April",
                                         "May",       "June",     "July",     "August",
                                         "September", "October",  "November", "December"};
    int month, day;
    if (!time_valid(t) || !number(t, 5, 2, &month) || !number(t, 8, 2, &day)) return (Str){0};
    return arena_printf(a, "%d %s %.4s at %.5s", day, months[month - 1], t.at, t.at + 11);
}
