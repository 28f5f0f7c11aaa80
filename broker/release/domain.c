/* Which cases there are; see domain.h. What no rule names behaves as any other that no rule names,
 * and nothing changes between two days on which no rule begins or ends: one of each stands for
 * all, which is what makes the domain finite. */
#include "broker/release/domain.h"

#include "broker/release/rule.h"
#include "broker/release/words.h"

/* ---- recipients ------------------------------------------------------------------------------ */

typedef struct Recipients {
    Recipient *at;
    size_t count;
    Words types;
} Recipients;

static void recipient_add(Recipients *r, Str agency, Str type) {
    for (size_t i = 0; i < r->count; i++) {
        if (str_eq(r->at[i].agency, agency) && str_eq(r->at[i].type, type)) return;
    }
    r->at[r->count++] = (Recipient){agency, type};
}

static void named_add(Recipients *r, Str agency, const AgencyKnown *known, size_t known_count) {
    const AgencyKnown *its = NULL;
    for (size_t i = 0; i < known_count; i++) {
        if (str_eq(known[i].code, agency)) its = &known[i];
    }
    if (its) recipient_add(r, agency, its->type);
    for (size_t i = 0; !its && i < r->types.count; i++) recipient_add(r, agency, r->types.at[i]);
}

static bool names_agency(const Rule *r) {
    return r->recipient_kind == RECIPIENT_agency;
}

/* How many different agencies the rules name: no room is taken for what is named again. */
static size_t named_count(const Policy *policies, size_t count) {
    size_t named = 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < policies[i].count; k++) {
            const Rule *r = &policies[i].rules[k];
            bool again = !names_agency(r);
            for (size_t b = 0; b < k && !again; b++) {
                const Rule *other = &policies[i].rules[b];
                again = names_agency(other) && str_eq(other->recipient, r->recipient);
            }
            named += !again;
        }
    }
    return named;
}

static int recipients_of(Arena *a, const Policy *policies, size_t count, const AgencyKnown *known,
                         size_t known_count, Domain *ret) {
    Recipients r = {.types = words_codes(a, LIST_agency_type, "a type of agency")};
    r.at = arena_array(a, (named_count(policies, count) + 1) * r.types.count, sizeof(*r.at));
    if (!r.at) return ERR_MEMORY;
    for (size_t i = 0; i < r.types.count; i++) recipient_add(&r, STR(UNNAMED), r.types.at[i]);
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < policies[i].count; k++) {
            const Rule *rule = &policies[i].rules[k];
            if (names_agency(rule)) named_add(&r, rule->recipient, known, known_count);
        }
    }
    ret->recipients = r.at;
    ret->recipient_count = r.count;
    return 0;
}

/* ---- days ------------------------------------------------------------------------------------ */

static int day_order(const void *left, const void *right) {
    const Str *a = left, *b = right;
    return memcmp(a->at, b->at, 10);
}

/* The days on which a rule begins, or has just ended; in order, each once. */
static size_t borders_of(Arena *a, const Policy *policies, size_t count, Str *at) {
    size_t found = 0, kept = 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < policies[i].count; k++) {
            const Rule *r = &policies[i].rules[k];
            Str after = r->until.len ? day_plus(a, r->until, 1) : (Str){0};
            if (r->from.len) at[found++] = r->from;
            if (after.len) at[found++] = after;
        }
    }
    qsort(at, found, sizeof(*at), day_order);
    for (size_t i = 0; i < found; i++) {
        if (kept == 0 || !str_eq(at[kept - 1], at[i])) at[kept++] = at[i];
    }
    return kept;
}

static int days_of(Arena *a, const Policy *policies, size_t count, Domain *ret) {
    size_t rules = 0;
    for (size_t i = 0; i < count; i++) rules += policies[i].count;
    Str *at = arena_array(a, 2 * rules + 1, sizeof(*at));
    if (!at) return ERR_MEMORY;
    size_t borders = borders_of(a, policies, count, at + 1);
    at[0] = borders ? day_plus(a, at[1], -1) : STR("2000-01-01");
    bool first = at[0].len > 0; /* nothing is before the first day of the calendar */
    ret->days = first ? at : at + 1;
    ret->day_count = borders + first;
    return arena_failed(a) ? ERR_MEMORY : 0;
}

Str domain_day_until(Arena *a, const Domain *d, size_t day) {
    return day + 1 < d->day_count ? day_plus(a, d->days[day + 1], -1) : (Str){0};
}

/* ---- the whole ------------------------------------------------------------------------------- */

int domain_of(Arena *a, const Policy *policies, size_t count, const AgencyKnown *known,
              size_t known_count, Domain *ret) {
    Words purposes = words_codes(a, LIST_purpose, "a purpose");
    *ret = (Domain){.owner = count ? policies[0].owner : (Str){0},
                    .purposes = purposes.at,
                    .purpose_count = purposes.count};
    int r = recipients_of(a, policies, count, known, known_count, ret);
    return r ? r : days_of(a, policies, count, ret);
}

size_t domain_settings(const Domain *d) {
    return d->recipient_count * d->purpose_count * RATING_COUNT * d->day_count;
}

uint64_t domain_cases(const Domain *d) {
    return (uint64_t)domain_settings(d) * CASES_OF_SETTING;
}

Question domain_setting(const Domain *d, size_t i) {
    Question q = {.owner = d->owner};
    q.today = d->days[i % d->day_count];
    i /= d->day_count;
    q.rating = (Rating)(i % RATING_COUNT);
    i /= RATING_COUNT;
    q.purpose = d->purposes[i % d->purpose_count];
    i /= d->purpose_count;
    q.recipient = d->recipients[i].agency;
    q.recipient_type = d->recipients[i].type;
    return q;
}
