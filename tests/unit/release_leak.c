/* Non-interference (R10): what leaves is a function of what was released and of one signpost an
 * owner. Tried on 20000 random pairs of worlds that agree in that and differ in all else. */
#include "tests/unit/release_bench.h"

enum { POOL = 300, ITEMS = 12, ROUNDS = 200, PAIRS_A_ROUND = 100 };

static const char *const words[] = {"Leah",   "slept", "CANARY", "late",
                                    "Okafor", "said",  "2026",   "<b>"};

static Str random_text(Arena *a, Random *random) {
    Str text = {.at = ""};
    for (size_t i = random_below(random, 6); i; i--) {
        const char *word = words[random_below(random, COUNT_OF(words))];
        text = arena_printf(a, "%.*s%s ", STR_ARG(text), word);
    }
    return text;
}

static Item random_item(Arena *a, Random *random) {
    static const InfoClass some[] = {
        CLASS_incident,        CLASS_risk_factor,    CLASS_concern,      CLASS_offence,
        CLASS_missing_episode, CLASS_domestic_abuse, CLASS_intelligence, CLASS_health,
        CLASS_sexual_health,   CLASS_housing};
    static const struct {
        Str code, name, desk;
    } owners[] = {{{"police", 6}, {"Eastmarch Police", 16}, {"desk one", 8}},
                  {{"health", 6}, {"Eastmarch Hospital", 18}, {"", 0}},
                  {{"education", 9}, {"Garnet Primary", 14}, {"desk three", 10}},
                  {{"stranger", 8}, {"No Policy Here", 14}, {"desk four", 9}}};
    size_t owner = random_below(random, COUNT_OF(owners));
    Item item = {.owner = owners[owner].code,
                 .owner_name = owners[owner].name,
                 .owner_desk = owners[owner].desk};
    item.class = some[random_below(random, COUNT_OF(some))];
    item.tier = random_below(random, 3) ? TIER_none : (Tier)random_below(random, 5);
    item.free_text = random_below(random, 4) == 0;
    item.text = random_text(a, random);
    item.summary = random_text(a, random);
    for (size_t i = 0; i < 16; i++) item.id.at[i] = (uint8_t)random_below(random, 256);
    return item;
}

/* The same released values: what is not shown of a released item may be anything. */
static Item released_again(Arena *a, Random *random, Item item, VerdictKind kind) {
    item.id.at[3] = (uint8_t)random_below(random, 256);
    if (kind == VERDICT_summary || kind == VERDICT_fact) item.text = random_text(a, random);
    if (kind == VERDICT_full || kind == VERDICT_fact) item.summary = random_text(a, random);
    return item;
}

static bool signposts(const Item *items, const Cut *cuts, size_t count, Str owner) {
    for (size_t i = 0; i < count; i++) {
        if (cuts[i].kind == VERDICT_signpost && str_eq(items[i].owner, owner)) return true;
    }
    return false;
}

/* Other items that agree with `items` in all that is released and in who has a signpost. */
static size_t other_world(Arena *a, Random *random, const Item *items, const Cut *cuts,
                          const Item *pool, const VerdictKind *pool_kinds, Item *ret) {
    size_t count = 0;
    for (size_t i = 0; i < ITEMS; i++) {
        if (cuts[i].kind > VERDICT_signpost) {
            ret[count++] = released_again(a, random, items[i], cuts[i].kind);
        } else if (cuts[i].kind == VERDICT_signpost && !signposts(items, cuts, i, items[i].owner)) {
            ret[count] = items[i]; /* one for each owner; what it says may be anything */
            ret[count].tier = TIER_signpost;
            ret[count++].text = random_text(a, random);
        }
    }
    for (size_t k = random_below(random, ITEMS); k; k--) {
        size_t i = random_below(random, POOL);
        bool free =
            pool_kinds[i] == VERDICT_silent ||
            (pool_kinds[i] == VERDICT_signpost && signposts(items, cuts, ITEMS, pool[i].owner));
        if (free) ret[count++] = pool[i];
    }
    for (size_t i = count; i > 1; i--) {
        size_t k = random_below(random, i);
        Item held = ret[i - 1];
        ret[i - 1] = ret[k], ret[k] = held;
    }
    return count;
}

typedef struct Outbound {
    int outcome;
    Str text, html;
    Bytes letter;
    Hash digest;
} Outbound;

/* With `granted`, every owner that is asked agrees. */
static int run(Bench *b, const Item *items, size_t count, bool granted) {
    b->request.grant_count = 0;
    int r = bench_run(b, items, count);
    return granted ? bench_grant(b, items, count) : r;
}

static Outbound outbound(Bench *b, const Item *items, size_t count, bool granted) {
    static const Id letter_id = {{9, 9, 9}};
    Outbound o = {.outcome = run(b, items, count, granted)};
    if (o.outcome) return o;
    o.text = shareable_text(b->shareable);
    o.html = shareable_html(b->shareable);
    cr_assert(shareable_digest(b->shareable, &o.digest));
    Value *letter = shareable_letter(b->arena, b->shareable, &letter_id, STR("demonstration"));
    cr_assert(codec_encode(b->arena, letter, &o.letter) == 0);
    return o;
}

static void expect_same(const Outbound *a, const Outbound *b, uint64_t seed, int round) {
    cr_assert(a->outcome == b->outcome, "seed %llu round %d: %d and %d", (unsigned long long)seed,
              round, a->outcome, b->outcome);
    cr_assert(str_eq(a->text, b->text), "seed %llu round %d:\n%.*s\n%.*s", (unsigned long long)seed,
              round, STR_ARG(a->text), STR_ARG(b->text));
    cr_assert(str_eq(a->html, b->html) && bytes_eq(a->letter, b->letter));
    cr_assert(hash_eq(&a->digest, &b->digest));
}

Test(redact, what_leaves_does_not_depend_on_what_stays, .timeout = 300) {
    Random random = random_new("what_leaves_does_not_depend_on_what_stays");
    size_t released = 0, differing = 0;
    for (int round = 0; round < ROUNDS; round++) {
        _cleanup_(arena_freep) Arena *a = arena_new(64 << 20);
        _cleanup_(arena_freep) Arena *each = arena_new(64 << 20);
        Bench b = bench_new(a);
        NetWord hidden = {STR("Okafor"), NET_name, true};
        b.request.words = &hidden;
        b.request.word_count = random_below(&random, 2);
        b.request.rating = (Rating)random_below(&random, 4);
        if (random_below(&random, 4) == 0) b.request.recipient_type = STR("police");
        Item pool[POOL], items[ITEMS], other[2 * ITEMS];
        for (size_t i = 0; i < POOL; i++) pool[i] = random_item(a, &random);
        b.request.product_id.at[0] = (uint8_t)round;
        bool granted = random_yes(&random);
        b.arena = each;
        VerdictKind pool_kinds[POOL]; /* of each by itself */
        for (size_t i = 0; i < POOL; i++) {
            (void)run(&b, &pool[i], 1, granted);
            pool_kinds[i] = b.cuts[0].kind;
            arena_reset(each);
        }
        for (int pair = 0; pair < PAIRS_A_ROUND; pair++) {
            for (size_t i = 0; i < ITEMS; i++) items[i] = pool[random_below(&random, POOL)];
            Outbound one = outbound(&b, items, ITEMS, granted);
            size_t count = other_world(each, &random, items, b.cuts, pool, pool_kinds, other);
            Outbound two = outbound(&b, other, count, granted);
            expect_same(&one, &two, random.seed, round);
            released += one.outcome == 0;
            differing += count != ITEMS;
            arena_reset(each);
        }
    }
    cr_expect(released > ROUNDS * PAIRS_A_ROUND / 2, "%zu products", released);
    cr_expect(differing > ROUNDS * PAIRS_A_ROUND / 2, "%zu other worlds", differing);
}

Test(redact, one_more_silent_item_changes_nothing) {
    Random random = random_new("one_more_silent_item_changes_nothing");
    for (int round = 0; round < 2000; round++) {
        _cleanup_(arena_freep) Arena *a = arena_new(16 << 20);
        Bench b = bench_new(a);
        Item items[ITEMS];
        for (size_t i = 0; i < ITEMS; i++) items[i] = random_item(a, &random);
        items[ITEMS - 1].tier = TIER_silent;
        bool granted = random_yes(&random);
        Outbound with = outbound(&b, items, ITEMS, granted),
                 without = outbound(&b, items, ITEMS - 1, granted);
        expect_same(&with, &without, random.seed, round);
    }
}

/* Every text and summary carries a word of its own, which shows where it may and nowhere else. */
Test(redact, no_canary_of_what_stays_is_heard_outside) {
    Random random = random_new("no_canary_of_what_stays_is_heard_outside");
    size_t heard = 0;
    for (int round = 0; round < 1000; round++) {
        _cleanup_(arena_freep) Arena *a = arena_new(16 << 20);
        Bench b = bench_new(a);
        Item items[ITEMS];
        for (size_t i = 0; i < ITEMS; i++) {
            items[i] = random_item(a, &random);
            items[i].text = arena_printf(a, "canary-text-%zu.", i);
            items[i].summary = arena_printf(a, "canary-summary-%zu.", i);
        }
        Outbound o = outbound(&b, items, ITEMS, random_yes(&random));
        Str letter = bytes_str(o.letter);
        for (size_t i = 0; o.outcome == 0 && i < ITEMS; i++) {
            size_t at;
            bool text = b.cuts[i].kind == VERDICT_full, summary = b.cuts[i].kind == VERDICT_summary;
            cr_assert(str_find(letter, items[i].text, &at) == text, "round %d item %zu", round, i);
            cr_assert(str_find(letter, items[i].summary, &at) == summary, "round %d item %zu",
                      round, i);
            cr_assert(str_find(o.html, items[i].text, &at) == text);
            cr_assert(str_find(o.text, items[i].summary, &at) == summary);
            heard += text || summary;
        }
    }
    cr_expect(heard > 500);
}
