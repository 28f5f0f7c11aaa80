/* See pairs.h. What the pair shares is thrown once; what stays in is thrown for each of the two,
 * and every word of it begins as a canary does. The policies are those of the demonstration: what
 * they let out of a class, and for whom, is in the tables below. */
#include "tests/wire/pairs.h"

#include "broker/io/clock.h"
#include "schemas/choice.h"

const char *const side_code[SIDES] = {"police", "health", "social-care", "education"};

enum { SHOWN_MOST = 3, HIDDEN_MOST = 5 };

/* What leaves as its owner's summary when it is asked for an assessment: always, or on red. */
static const struct {
    Side side;
    const char *class;
    bool red;
} shown[] = {
    {SIDE_police, "incident", false},        {SIDE_police, "domestic_abuse", false},
    {SIDE_police, "missing_episode", false}, {SIDE_health, "health", true},
    {SIDE_health, "concern", true},
};

/* What stays in for everybody here, with no trace or behind a signpost that is due anyhow. */
static const struct {
    Side side;
    const char *class, *tier;
} hidden[] = {
    {SIDE_police, "intelligence", NULL},         {SIDE_police, "offence", NULL},
    {SIDE_police, "incident", "silent"},         {SIDE_police, "source_identity", NULL},
    {SIDE_police, "domestic_abuse", "signpost"}, {SIDE_health, "mental_health", NULL},
    {SIDE_health, "sexual_health", NULL},        {SIDE_health, "health", "silent"},
    {SIDE_health, "concern", "signpost"},
};

/* ---- words ------------------------------------------------------------------------------------
 */

static Str words(Arena *a, Dice *d, bool leaves, size_t most) {
    static const char *const said[] = {"the",  "child", "was",    "seen",    "at",      "home",
                                       "with", "an",    "injury", "and",     "nothing", "else",
                                       "on",   "two",   "later",  "visits.", "Nobody",  "came"};
    size_t count = 4 + dice(d, most), used = 0;
    char *at = arena_alloc(a, 16 * count);
    NEEDED(at);
    for (size_t i = 0; i < count; i++) {
        char canary[8];
        for (size_t k = 0; k < 7; k++) canary[k] = "bcdfghjklmnpqrstvwxz"[dice(d, 20)];
        used += (size_t)(leaves || i % 4 ? sprintf(at + used, "%s ", said[dice(d, COUNT_OF(said))])
                                         : sprintf(at + used, "%s%.7s ", CANARY, canary));
    }
    return (Str){.at = at, .len = used - 1};
}

/* Six or eight letters that nothing else here says. */
static Str name(Arena *a, uint64_t number, size_t letters) {
    char *at = arena_alloc(a, letters + 1);
    NEEDED(at);
    for (size_t i = 0; i < letters; i++, number /= 5) {
        at[i] = i % 2 ? "aeiou"[number % 5] : "zvkjq"[number % 5];
    }
    at[0] = (char)(at[0] - 'a' + 'A');
    return (Str){.at = at, .len = letters};
}

/* ---- one message --------------------------------------------------------------------------------
 */

static Value *referral_new(Arena *a, Side side, Str reference) {
    static const char *const source[SIDES] = {"6", "3E", "5A", "2A"};
    Hash *raw = arena_alloc(a, sizeof(*raw));
    Bytes digested = str_bytes(reference);
    Value *r = value_map(a);
    NEEDED(raw && sha256(&digested, 1, raw) == 0);
    value_set_text(a, r, F_referral_category, STR("referral"));
    Value *native = value_add_map(a, r, F_referral_native_reference);
    value_set_text(a, native, F_reference_scheme, STR("wire"));
    value_set_text(a, native, F_reference_value, reference);
    value_set_text(a, r, F_referral_authored_at, STR("2026-11-22T08:55:00Z"));
    value_set_text(a, r, F_referral_priority, STR("routine"));
    value_set_text(a, r, F_referral_source, str_z(source[side]));
    Value *agency = value_set_map(a, r, F_referral_source_agency);
    value_set_text(a, agency, F_organisation_scheme, STR("wire"));
    value_set_text(a, agency, F_organisation_code, str_z(side_code[side]));
    value_set_text(a, r, F_referral_parents_aware, STR("no"));
    value_set_text(a, r, F_referral_mapping_profile, STR("wire/1"));
    value_set_text(a, r, F_referral_received_at, STR("2026-11-22T08:56:00Z"));
    value_set_hash(a, r, F_referral_raw_digest, raw);
    return r;
}

static Value *person_add(Arena *a, Value *r, const char *ref, const char *role, Str given,
                         Str family, const char *born) {
    Value *who = value_add_map(a, r, F_referral_person);
    value_set_text(a, who, F_person_ref, str_z(ref));
    value_add_text(a, who, F_person_role, str_z(role));
    Value *called = value_add_map(a, who, F_person_name);
    value_set_text(a, called, F_name_use, STR("official"));
    value_set_text(a, called, F_name_family, family);
    value_set_text(a, called, F_name_given, given);
    value_set_text(a, who, F_person_birth_date, str_z(born));
    return who;
}

static void narrative_add(Arena *a, Value *r, const char *class, const char *tier, Str text,
                          Str summary) {
    Value *n = value_add_map(a, r, F_referral_narrative);
    value_set_text(a, n, F_narrative_class, str_z(class));
    value_set_text(a, n, F_narrative_text, text);
    value_set_text(a, n, F_narrative_summary, summary);
    if (tier) value_set_text(a, n, F_narrative_tier, str_z(tier));
    value_add_text(a, n, F_narrative_about, STR("c1"));
}

/* ---- what the two say
 * ----------------------------------------------------------------------------- */

/* Which pieces of a side leave, and under which words: the same for both of a pair. */
typedef struct Shared {
    size_t count, which[SHOWN_MOST];
    Str summary[SHOWN_MOST];
} Shared;

static Shared shared_new(Arena *a, Dice *d, Side side, bool red) {
    Shared s = {0};
    for (size_t i = 0; i < COUNT_OF(shown) && s.count < SHOWN_MOST; i++) {
        if (shown[i].side != side || (shown[i].red && !red) || dice(d, 3) == 0) continue;
        s.summary[s.count] = words(a, d, true, 120);
        s.which[s.count++] = i;
    }
    return s;
}

static void hidden_add(Arena *a, Dice *d, Value *r, Side side) {
    for (size_t n = 1 + dice(d, HIDDEN_MOST); n; n--) {
        size_t i = dice(d, COUNT_OF(hidden));
        if (hidden[i].side != side) continue;
        narrative_add(a, r, hidden[i].class, hidden[i].tier, words(a, d, false, 150),
                      dice(d, 2) ? words(a, d, false, 60) : (Str){0});
    }
}

static SubmissionEntry entry_of(Arena *a, const char *content, StructKind kind, const Value *v) {
    SubmissionEntry e = {.content = str_z(content), .frame = content_frame(a, kind, v)};
    NEEDED(id_v7(clock_ms(), &e.message_id) == 0);
    return e;
}

/* A silent narrative of its own makes sure that there is one. */
static SubmissionEntry message_new(Arena *a, Dice *d, Side side, const Case *c, const Shared *s,
                                   uint64_t number) {
    Value *r = referral_new(a, side, arena_printf(a, "W/%llu", (unsigned long long)number));
    for (size_t i = 0; i < s->count; i++) {
        narrative_add(a, r, shown[s->which[i]].class, NULL, words(a, d, false, 200), s->summary[i]);
    }
    narrative_add(a, r, "warning_marker", NULL, words(a, d, false, 80), (Str){0});
    hidden_add(a, d, r, side);
    person_add(a, r, "c1", "child", c->given, c->family, "2016-04-02");
    for (size_t n = dice(d, 3); n; n--) {
        person_add(a, r, n == 1 ? "p1" : "p2", "parent", name(a, number * 8 + n, 7),
                   name(a, number * 8 + n, 9), "1984-02-03");
    }
    return entry_of(a, "referral", STRUCT_referral, r);
}

static SubmissionEntry silence_new(Arena *a, const Endorsers *e, Id message) {
    Value *choice = value_map(a);
    char *now = arena_alloc(a, CLOCK_TEXT);
    NEEDED(now);
    clock_text(clock_ms(), now);
    value_set_id(a, choice, F_choice_message_id, &message);
    value_set_text(a, choice, F_choice_tier, STR("silent"));
    value_set_text(a, choice, F_choice_reason, STR("live_operation"));
    value_set_text(a, choice, F_choice_review_on, STR("2027-03-01"));
    value_set_text(a, choice, F_choice_chosen_at, str_z(now));
    Str text = choice_message(a, STR("demonstration"), str_z(side_code[SIDE_social_care]), choice);
    for (size_t i = 0; i < COUNT_OF(e->secret); i++) {
        Signature *signature = arena_alloc(a, sizeof(*signature));
        NEEDED(signature && ed25519_sign(&e->secret[i], str_bytes(text), signature) == 0);
        Value *one = value_add_map(a, choice, F_choice_endorsement);
        value_set_text(a, one, F_endorsement_key, str_z(e->id[i]));
        value_set_bytes(a, one, F_endorsement_signature, BYTES_OF(signature->at));
    }
    return entry_of(a, "choice", STRUCT_choice, choice);
}

Pair pair_new(Arena *a, Dice *d, uint64_t number, const Endorsers *e) {
    static const Shared nothing;
    bool red = dice(d, 2);
    Pair p = {.rating = red ? STR("red") : STR("amber"),
              .purpose = dice(d, 5) ? STR("safeguarding_assessment") : STR("school_support")};
    Shared said[2] = {shared_new(a, d, SIDE_police, red), shared_new(a, d, SIDE_health, red)};
    bool health = dice(d, 2);
    for (size_t i = 0; i < 2; i++) {
        Case *c = &p.at[i];
        uint64_t child = 2 * number + i;
        c->given = name(a, child, 8);
        c->family = name(a, child * 7 + 1, 10);
        c->said[SIDE_police] = message_new(a, d, SIDE_police, c, &said[0], child);
        if (health) c->said[SIDE_health] = message_new(a, d, SIDE_health, c, &said[1], child);
        c->silent_side = dice(d, 4) == 0;
        if (!c->silent_side) continue;
        c->said[SIDE_social_care] = message_new(a, d, SIDE_social_care, c, &nothing, child);
        c->silenced = silence_new(a, e, c->said[SIDE_social_care].message_id);
    }
    return p;
}

void endorsers_load(Endorsers *e) {
    static const char *const who[] = {"siro", "dpo"};
    for (size_t i = 0; i < COUNT_OF(who); i++) {
        char path[128];
        Key public;
        (void)snprintf(path, sizeof(path), "keys/people/%s-%s.ed25519-secret",
                       side_code[SIDE_social_care], who[i]);
        NEEDED(keyfile_load(path, "ed25519-secret", &e->secret[i]) == 0);
        NEEDED(ed25519_public(&e->secret[i], &public) == 0 && key_id(&public, e->id[i]) == 0);
    }
}
