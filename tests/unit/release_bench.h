/* A bench to redact on: three owners' policies, one request from a school, short ways to make
 * items. */
#ifndef MASH_RELEASE_BENCH_H
#define MASH_RELEASE_BENCH_H

#include "tests/unit/release_kit.h"

#define WHEN "for safeguarding_assessment when rating is any; show "
#define YEAR "; from 2026-09-01 until 2027-08-31\n"

static const char police_text[] =
    "police allow incident to go to any school " WHEN "summary" YEAR
    "police allow risk_factor to go to any school " WHEN "full" YEAR
    "police allow concern to go to any school " WHEN "full" YEAR
    "police allow missing_episode to go to any school " WHEN "fact" YEAR
    "police allow offence to go to any school " WHEN "full; owner authorises" YEAR
    "police never allow domestic_abuse to go to any school; signpost\n"
    "police never allow intelligence to go to anyone\n";
static const char health_text[] = "health allow health to go to any school " WHEN "summary" YEAR
                                  "health allow risk_factor to go to any school " WHEN "full" YEAR
                                  "health never allow sexual_health to go to anyone\n";
static const char education_text[] =
    "education allow concern to go to any police " WHEN "full" YEAR;

static const Subject leah = {
    .name = {"Leah Pryce-Jones", 16},
    .birth_date = {"2016-04-02", 10},
    .identifier_scheme = {"upn", 3},
    .identifier = {"T123456789012", 13},
};

/* One hub with three owners' policies, one request, a few items; the outcome stands here too. */
typedef struct Bench {
    Arena *arena;
    Policy policies[3];
    Request request;
    const Shareable *shareable;
    Cut *cuts;
    const Wanted *wanted;
    size_t wanted_count;
    int outcome;
} Bench;

static inline Bench bench_new(Arena *a) {
    Bench b = {.arena = a};
    b.policies[0] = kit_policy(a, "police", police_text);
    b.policies[1] = kit_policy(a, "health", health_text);
    b.policies[2] = kit_policy(a, "education", education_text);
    b.request = (Request){
        .product_id = {{0x2f, 1, 2, 3, 4, 5, 0x46, 7, 0x88, 9, 10, 11, 12, 13, 14, 15}},
        .recipient = STR("education"),
        .recipient_name = STR("Garnet Primary School"),
        .recipient_type = STR("school"),
        .purpose = STR("safeguarding_assessment"),
        .rating = RATING_amber,
        .today = STR("2026-11-22"),
        .subjects = &leah,
        .subject_count = 1,
    };
    return b;
}

static inline int bench_run(Bench *b, const Item *items, size_t count) {
    Redacted r;
    b->outcome = redact(b->arena, &b->request, items, count, b->policies, 3, &r);
    b->shareable = r.product;
    b->cuts = r.cuts;
    b->wanted = r.wanted;
    b->wanted_count = r.wanted_count;
    return b->outcome;
}

/* Every owner that was asked has agreed to exactly what it was asked. */
static inline int bench_grant(Bench *b, const Item *items, size_t count) {
    Grant *grants = arena_array(b->arena, b->wanted_count, sizeof(*grants));
    for (size_t i = 0; i < b->wanted_count; i++) {
        grants[i] = (Grant){b->wanted[i].owner, b->wanted[i].digest};
    }
    b->request.grants = grants;
    b->request.grant_count = b->wanted_count;
    return bench_run(b, items, count);
}

static inline bool shows(const Bench *b, const char *needle) {
    size_t at;
    bool text = str_find(shareable_text(b->shareable), str_z(needle), &at);
    cr_expect(text == str_find(shareable_html(b->shareable), str_z(needle), &at),
              "only one of the two forms shows it");
    return text;
}

static inline Item police(InfoClass class, const char *text) {
    return (Item){.owner = STR("police"),
                  .owner_name = STR("Eastmarch Police"),
                  .owner_desk = STR("the safeguarding desk"),
                  .class = class,
                  .text = str_z(text)};
}

static inline Item health(InfoClass class, const char *text) {
    return (Item){.owner = STR("health"),
                  .owner_name = STR("Eastmarch Hospital"),
                  .owner_desk = STR("named nurse"),
                  .class = class,
                  .text = str_z(text)};
}

#endif
