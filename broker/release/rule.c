/* Days and the soundness of a rule; see rule.h. A rule may also come from a database row that
 * something has damaged: what is not sound here is never obeyed (R25). */
#include "broker/release/rule.h"

static const char *const rating_names[] = {"any", "green", "amber", "red"};
static const char *const show_names[] = {NULL, "full", "summary", "fact"};

bool agency_code_valid(Str code) {
    if (code.len == 0 || code.len > 32 || code.at[0] < 'a' || code.at[0] > 'z') return false;
    for (size_t i = 0; i < code.len; i++) {
        char c = code.at[i];
        bool good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
        if (!good) return false;
    }
    return true;
}

bool day_valid(Str day) {
    return day.len == 10 && date_valid(day);
}

bool day_before(Str a, Str b) {
    return memcmp(a.at, b.at, 10) < 0; /* ISO days sort as they read */
}

static long number(Str day, size_t at, size_t count) {
    long value = 0;
    for (size_t i = at; i < at + count; i++) value = value * 10 + (day.at[i] - '0');
    return value;
}

/* Days since the first of March of year 0, so that a leap day is the last of its year. */
static long day_number(Str day) {
    long month = (number(day, 5, 2) + 9) % 12;
    long year = number(day, 0, 4) - (month >= 10);
    return 365 * year + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 +
           number(day, 8, 2) - 1;
}

long days_between(Str from, Str to) {
    return day_number(to) - day_number(from);
}

bool day_within_year(Str from, Str until) {
    long years = number(until, 0, 4) - number(from, 0, 4);
    return years < 1 || (years == 1 && memcmp(until.at + 5, from.at + 5, 5) < 0);
}

/* The inverse of day_number. */
Str day_plus(Arena *a, Str day, long days) {
    long n = day_number(day) + days, era = n / 146097, of_era = n % 146097;
    long year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    long of_year = of_era - (365 * year + year / 4 - year / 100);
    long month = (5 * of_year + 2) / 153;
    long date = of_year - (153 * month + 2) / 5 + 1;
    year += era * 400 + (month >= 10);
    if (year < 1800 || year > 9999) return (Str){0};
    return arena_printf(a, "%04ld-%02ld-%02ld", year, month < 10 ? month + 3 : month - 9, date);
}

const char *rating_name(Rating r) {
    return (size_t)r < COUNT_OF(rating_names) ? rating_names[r] : NULL;
}

Rating rating_by_name(Str name) {
    Rating r = RATING_red;
    while (r > RATING_none && !str_is(name, rating_names[r])) r--;
    return r;
}

const char *show_name(Show s) {
    return (size_t)s < COUNT_OF(show_names) ? show_names[s] : NULL;
}

static bool recipient_sound(const Rule *r) {
    switch (r->recipient_kind) {
    case RECIPIENT_anyone: return r->never && r->recipient.len == 0;
    case RECIPIENT_type: return code_known(LIST_agency_type, r->recipient);
    case RECIPIENT_agency: return r->recipient.len > 0;
    }
    return false;
}

static bool never_sound(const Rule *r) {
    bool plain = r->least == RATING_none && r->show == SHOW_none && !r->owner_authorises;
    bool purpose = r->purpose.len == 0 || code_known(LIST_purpose, r->purpose);
    return plain && purpose && (r->from.len == 0 || day_valid(r->from)) && r->until.len == 0;
}

static bool allow_sound(const Rule *r) {
    if (!code_known(LIST_purpose, r->purpose)) return false;
    if (!rating_name(r->least) || !show_name(r->show)) return false;
    if (!day_valid(r->from) || !day_valid(r->until)) return false;
    return !day_before(r->until, r->from) && day_within_year(r->from, r->until);
}

bool rule_sound(const Rule *r) {
    bool class = r->class > CLASS_none && r->class < CLASS_COUNT;
    if (r->owner.len == 0 || !class || !recipient_sound(r)) return false;
    return r->never ? never_sound(r) : allow_sound(r);
}
