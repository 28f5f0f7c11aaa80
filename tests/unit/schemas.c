/* The schema: checks and their paths, times, the tables' own sanity, heads and signatures. The
 * codec has a file of its own, schemas_codec.c. */
#include "tests/unit/sample.h"

#include <criterion/criterion.h>

static Arena *arena;

static void setup(void) {
    arena = arena_new(1 << 22);
}

static void teardown(void) {
    arena_free(arena);
}

TestSuite(schema, .init = setup, .fini = teardown);
TestSuite(envelope, .init = setup, .fini = teardown);

/* ---- checks --------------------------------------------------------------------------------- */

/* What is put in the place of a right value. */
typedef enum Harm {
    HARM_none,     /* nothing: the field is taken away */
    HARM_number,   /* 7 */
    HARM_negative, /* -1 */
    HARM_huge,     /* 2^53 */
    HARM_yes,
    HARM_empty, /* "" */
    HARM_word,  /* "nonsense" */
    HARM_long,  /* 300 KiB of text */
    HARM_short, /* three bytes */
    HARM_wide,  /* 300 KiB of bytes */
    HARM_no_list,
    HARM_long_list, /* 257 elements, each as the first was */
    HARM_65         /* 65 elements */
} Harm;

static const struct {
    StructKind kind;
    const char *path;
    Harm harm;
    Reason reason;
} harms[] = {
    {STRUCT_referral, "category", HARM_none, REFUSE_missing_field},
    {STRUCT_referral, "category", HARM_word, REFUSE_code_unknown},
    {STRUCT_referral, "category", HARM_empty, REFUSE_code_unknown},
    {STRUCT_referral, "category", HARM_yes, REFUSE_wrong_type},
    {STRUCT_referral, "native_reference", HARM_none, REFUSE_missing_field},
    {STRUCT_referral, "native_reference", HARM_no_list, REFUSE_missing_field},
    {STRUCT_referral, "native_reference", HARM_long_list, REFUSE_too_many},
    {STRUCT_referral, "native_reference", HARM_word, REFUSE_wrong_type},
    {STRUCT_referral, "native_reference[1].value", HARM_long, REFUSE_too_long},
    {STRUCT_referral, "native_reference[0].scheme", HARM_empty, REFUSE_missing_field},
    {STRUCT_referral, "concern", HARM_long_list, REFUSE_too_many},
    {STRUCT_referral, "concern[0]", HARM_word, REFUSE_code_unknown},
    {STRUCT_referral, "concern[1]", HARM_number, REFUSE_wrong_type},
    {STRUCT_referral, "authored_at", HARM_word, REFUSE_bad_time},
    {STRUCT_referral, "authored_at", HARM_number, REFUSE_wrong_type},
    {STRUCT_referral, "raw_digest", HARM_short, REFUSE_wrong_type},
    {STRUCT_referral, "raw", HARM_wide, REFUSE_too_long},
    {STRUCT_referral, "raw", HARM_word, REFUSE_wrong_type},
    {STRUCT_referral, "source_agency.code", HARM_none, REFUSE_missing_field},
    {STRUCT_referral, "source_agency", HARM_yes, REFUSE_wrong_type},
    {STRUCT_referral, "person[0].ref", HARM_none, REFUSE_missing_field},
    {STRUCT_referral, "person[0].birth_date", HARM_word, REFUSE_bad_time},
    {STRUCT_referral, "person[0].name[0].family", HARM_long, REFUSE_too_long},
    {STRUCT_referral, "person[0].address[0].line[1]", HARM_number, REFUSE_wrong_type},
    {STRUCT_referral, "person[0].looked_after", HARM_word, REFUSE_wrong_type},
    {STRUCT_referral, "immediate_safety.at_risk", HARM_number, REFUSE_wrong_type},
    {STRUCT_submission, "submission_id", HARM_short, REFUSE_wrong_type},
    {STRUCT_submission, "entry", HARM_65, REFUSE_too_many},
    {STRUCT_submission, "entry[1].commitment", HARM_none, REFUSE_missing_field},
    {STRUCT_submission, "version", HARM_word, REFUSE_wrong_type},
    {STRUCT_receipt, "outcome", HARM_word, REFUSE_code_unknown},
    {STRUCT_collect, "tree_size", HARM_huge, REFUSE_wrong_type},
    {STRUCT_collect, "tree_size", HARM_negative, REFUSE_wrong_type},
    {STRUCT_letter, "product.section[0].line[1].text", HARM_none, REFUSE_missing_field},
    {STRUCT_answer, "check_id", HARM_word, REFUSE_wrong_type},
};

static bool key_of(StructKind kind, Str name, uint32_t *ret_key) {
    for (uint32_t key = 0; key <= FIELD_KEY_MAX; key++) {
        const Field *f = schema_field(kind, key);
        if (f && str_is(name, f->name)) {
            *ret_key = key;
            return true;
        }
    }
    return false;
}

/* The map that holds the last step of `path`, its key there, and the place of the value. */
static Value **place_of(Value *map, StructKind kind, const char *path, Value **ret_map,
                        uint32_t *ret_key) {
    Value **place = NULL;
    Str rest = str_z(path), step;
    while (str_split(&rest, '.', &step)) {
        Str name;
        uint64_t index = 0;
        bool listed = memchr(step.at, '[', step.len);
        if (place) map = *place;
        cr_assert(str_split(&step, '[', &name) && key_of(kind, name, ret_key), "%s", path);
        *ret_map = map;
        place = NULL;
        for (size_t i = 0; i < map->map.count; i++) {
            if (map->map.at[i].key == *ret_key) place = &map->map.at[i].value;
        }
        cr_assert(place, "%s", path);
        if (listed) {
            cr_assert(str_u64((Str){step.at, step.len - 1}, &index), "%s", path);
            place = &(*place)->list.at[index];
        }
        kind = schema_field(kind, *ret_key)->of;
    }
    return place;
}

static Value *repeated(Value *list, size_t count) {
    Value *v = arena_alloc(arena, sizeof(*v));
    v->kind = VALUE_list;
    v->list.at = arena_array(arena, count, sizeof(Value *));
    while (v->list.count < count) v->list.at[v->list.count++] = list->list.at[0];
    return v;
}

static Value *harmful(Harm harm, Value *old) {
    static char much[300 * 1024];
    memset(much, 'x', sizeof(much));
    Value *v = arena_alloc(arena, sizeof(*v));
    switch (harm) {
    case HARM_none: return NULL;
    case HARM_number: *v = (Value){VALUE_number, .number = 7}; return v;
    case HARM_negative: *v = (Value){VALUE_number, .number = -1}; return v;
    case HARM_huge: *v = (Value){VALUE_number, .number = INT64_C(1) << 53}; return v;
    case HARM_yes: *v = (Value){VALUE_yes, .yes = true}; return v;
    case HARM_empty: *v = (Value){VALUE_text, .text = STR("")}; return v;
    case HARM_word: *v = (Value){VALUE_text, .text = STR("nonsense")}; return v;
    case HARM_long: *v = (Value){VALUE_text, .text = {much, sizeof(much)}}; return v;
    case HARM_short: *v = (Value){VALUE_bytes, .bytes = bytes_of("abc", 3)}; return v;
    case HARM_wide: *v = (Value){VALUE_bytes, .bytes = bytes_of(much, sizeof(much))}; return v;
    case HARM_no_list: *v = (Value){VALUE_list, .list = {0}}; return v;
    case HARM_long_list: return repeated(old, LIMIT_LIST + 1);
    case HARM_65: return repeated(old, LIMIT_ENTRIES + 1);
    }
    return NULL;
}

static void take_away(Value *map, uint32_t key) {
    size_t kept = 0;
    for (size_t i = 0; i < map->map.count; i++) {
        if (map->map.at[i].key != key) map->map.at[kept++] = map->map.at[i];
    }
    map->map.count = kept;
}

Test(schema, says_what_is_wrong_and_where) {
    for (size_t i = 0; i < COUNT_OF(harms); i++) {
        Value *tree = sample_tree(arena, harms[i].kind, true), *map = NULL;
        uint32_t key = 0;
        Value **place = place_of(tree, harms[i].kind, harms[i].path, &map, &key);
        Value *bad = harmful(harms[i].harm, *place);
        if (bad) *place = bad;
        else take_away(map, key);
        Fault fault;
        int r = schema_check(harms[i].kind, tree, &fault);
        cr_expect(r == (int)harms[i].reason, "%zu %s: %s", i, harms[i].path, reason_name(r));
        cr_expect(fault.reason == harms[i].reason, "%zu", i);
        cr_expect_str_eq(fault.path, harms[i].path, "%zu: %s", i, fault.path);
        arena_reset(arena);
    }
}

Test(schema, refuses_what_is_no_map_at_all) {
    const Value number = {VALUE_number, .number = 1};
    Fault fault;
    cr_expect(schema_check(STRUCT_referral, &number, &fault) == REFUSE_wrong_type);
    cr_expect_str_eq(fault.path, "");
}

Test(schema, a_list_may_be_full) {
    Value *tree = sample_tree(arena, STRUCT_referral, true), *map;
    uint32_t key;
    Fault fault;
    Value **place = place_of(tree, STRUCT_referral, "native_reference", &map, &key);
    *place = repeated(*place, LIMIT_LIST);
    cr_expect(schema_check(STRUCT_referral, tree, &fault) == 0);
}

Test(schema, takes_fields_of_a_later_minor_version) {
    Value *tree = sample_tree(arena, STRUCT_referral, false);
    Fault fault;
    Bytes out;
    const Value *back = NULL;
    value_set_text(arena, tree, 30, STR("from the future"));
    value_set_text(arena, tree, 70000, STR("from farther"));
    value_set_text(arena, value_add_map(arena, tree, 31), 1, STR("in a shape of its own"));
    cr_expect(schema_check(STRUCT_referral, tree, &fault) == 0 && fault.unknown_fields);
    cr_assert(codec_encode(arena, tree, &out) == 0);
    cr_assert(codec_decode(arena, out, &back, &fault) == 0);
    cr_expect(str_is(value_text(back, 70000), "from farther"), "unknown fields are kept");
}

static const struct {
    const char *text;
    bool date, time;
} moments[] = {
    {"2019", true, false},
    {"2019-02", true, false},
    {"2019-02-28", true, false},
    {"2020-02-29", true, false},
    {"2000-02-29", true, false},
    {"2019-02-29", false, false},
    {"1900-02-29", false, false},
    {"2019-13", false, false},
    {"2019-00", false, false},
    {"2019-04-31", false, false},
    {"2019-04-00", false, false},
    {"1799", false, false},
    {"19", false, false},
    {"2019-4-1", false, false},
    {"2019/04/01", false, false},
    {"2019-04-1x", false, false},
    {"", false, false},
    {"2019-04-30T00:00:00Z", false, true},
    {"2019-04-30T23:59:60Z", false, true},
    {"2019-04-30T12:30:59.123456789+14:00", false, true},
    {"2019-04-30T12:30:59-00:30", false, true},
    {"2019-04-30T12:30:59.1234567890Z", false, false},
    {"2019-04-30T12:30:59.Z", false, false},
    {"2019-04-30T12:30:59", false, false},
    {"2019-04-30T12:30Z", false, false},
    {"2019-04-30 12:30:59Z", false, false},
    {"2019-04-30T24:00:00Z", false, false},
    {"2019-04-30T12:60:00Z", false, false},
    {"2019-04-30T12:30:61Z", false, false},
    {"2019-04-31T12:30:59Z", false, false},
    {"2019-04-30T12:30:59+15:00", false, false},
    {"2019-04-30T12:30:59+01:60", false, false},
    {"2019-04-30T12:30:59+0100", false, false},
    {"2019-04-30T12:30:59+01", false, false},
    {"2019-04-30T12:30:59ZZ", false, false},
    {"2019-04-30T12:30:59.5", false, false},
};

Test(schema, knows_real_days_and_times_only) {
    for (size_t i = 0; i < COUNT_OF(moments); i++) {
        Str text = str_z(moments[i].text);
        cr_expect(date_valid(text) == moments[i].date, "date %s", moments[i].text);
        cr_expect(time_valid(text) == moments[i].time, "time %s", moments[i].text);
    }
}

/* ---- the tables themselves ------------------------------------------------------------------ */

static void check_field(StructKind kind, uint32_t key, const Field *f) {
    const char *where = schema_struct_name(kind);
    bool bounded = f->type == TYPE_text || f->type == TYPE_bytes;
    cr_expect(key >= 1 && key <= FIELD_KEY_MAX, "%s.%s", where, f->name);
    cr_expect(f->type != TYPE_none, "%s.%s", where, f->name);
    cr_expect((f->max > 0) == bounded, "%s.%s: texts and bytes have a bound", where, f->name);
    cr_expect((f->of != STRUCT_none) == (f->type == TYPE_map), "%s.%s", where, f->name);
    cr_expect((f->list != LIST_none) == (f->type == TYPE_code), "%s.%s", where, f->name);
    for (uint32_t other = key + 1; other <= FIELD_KEY_MAX; other++) {
        const Field *g = schema_field(kind, other);
        cr_expect(!g || strcmp(f->name, g->name) != 0, "%s.%s twice", where, f->name);
    }
}

Test(schema, fields_are_named_once_bounded_and_typed) {
    for (int k = STRUCT_none + 1; k < STRUCT_COUNT; k++) {
        size_t count = 0;
        for (uint32_t key = 0; key <= FIELD_KEY_MAX; key++) {
            const Field *f = schema_field((StructKind)k, key);
            if (!f) continue;
            count++;
            check_field((StructKind)k, key, f);
        }
        cr_expect(count > 0, "%s", schema_struct_name((StructKind)k));
    }
    cr_expect_null(schema_field(STRUCT_none, 1));
    cr_expect_null(schema_field(STRUCT_referral, FIELD_KEY_MAX + 1));
    cr_expect_null(schema_field(STRUCT_COUNT, 1));
}

Test(schema, codes_are_unique_in_their_list_and_no_list_is_empty) {
    CodeList list, other;
    const char *value, *doc, *value2, *doc2;
    bool seen[LIST_COUNT] = {false};
    for (size_t i = 0; code_at(i, &list, &value, &doc); i++) {
        seen[list] = true;
        cr_expect(code_known(list, str_z(value)), "%s", value);
        for (size_t k = i + 1; code_at(k, &other, &value2, &doc2); k++) {
            cr_expect(list != other || strcmp(value, value2) != 0, "%s %s twice",
                      code_list_name(list), value);
        }
    }
    for (int i = LIST_none + 1; i < LIST_COUNT; i++) {
        cr_expect(seen[i], "%s", code_list_name((CodeList)i));
    }
    cr_expect(!code_known(LIST_realm, STR("liv")) && !code_known(LIST_realm, STR("live ")));
    cr_expect(!code_known(LIST_none, STR("live")) && !code_known(LIST_sex, STR("live")));
}

Test(schema, reasons_have_a_word_and_a_sentence) {
    for (int i = REFUSE_none + 1; i < REASON_COUNT; i++) {
        Str sentence = str_z(reason_sentence(i));
        cr_expect(reason_by_name(str_z(reason_name(i))) == (Reason)i, "%s", reason_name(i));
        cr_expect(sentence.len > 20 && sentence.at[sentence.len - 1] == '.', "%s", reason_name(i));
    }
    cr_expect(reason_by_name(STR("nonsense")) == REFUSE_none);
    cr_expect_str_eq(reason_name(-1), "hub_failed");
    cr_expect_str_eq(reason_sentence(REASON_COUNT), reason_sentence(REFUSE_hub_failed));
}

Test(schema, classes_withhold_by_default_what_could_hurt) {
    for (int i = CLASS_none + 1; i < CLASS_COUNT; i++) {
        InfoClass c = (InfoClass)i;
        cr_expect(class_by_name(str_z(class_name(c))) == c);
        cr_expect(class_default_tier(c) >= TIER_signpost, "%s never leaves by default",
                  class_name(c));
        cr_expect((class_sensitivity(c) == K4) == (class_default_tier(c) == TIER_silent), "%s",
                  class_name(c));
        cr_expect(*class_doc(c) && *class_example(c), "%s", class_name(c));
    }
    cr_expect(class_by_name(STR("nonsense")) == CLASS_none);
    cr_expect(class_default_tier(CLASS_none) == TIER_silent && class_sensitivity(CLASS_none) == K4);
    cr_expect(class_default_tier(CLASS_COUNT) == TIER_silent);
    for (int i = TIER_share; i <= TIER_silent; i++) {
        cr_expect(tier_by_name(str_z(tier_name((Tier)i))) == (Tier)i);
        cr_expect(code_known(LIST_tier, str_z(tier_name((Tier)i))));
    }
}

Test(schema, lifecycle_is_a_function_and_every_state_is_reached) {
    Step s, t;
    for (size_t i = 0; lifecycle_step(i, &s); i++) {
        bool reached = strcmp(s.from, "none") == 0;
        for (size_t k = 0; lifecycle_step(k, &t); k++) {
            bool same = strcmp(s.machine, t.machine) == 0;
            bool clash = same && strcmp(s.from, t.from) == 0 && strcmp(s.event, t.event) == 0;
            cr_expect(k == i || !clash, "%s %s %s", s.machine, s.from, s.event);
            reached = reached || (same && strcmp(s.from, t.to) == 0);
        }
        cr_expect(reached, "%s %s", s.machine, s.from);
    }
}

/* ---- heads ---------------------------------------------------------------------------------- */

Test(envelope, decodes_every_head_by_its_name) {
    MessageKind m;
    for (size_t i = 0; message_kind(i, &m); i++) {
        StructKind kind = STRUCT_none;
        const Value *head = NULL;
        Fault fault;
        Bytes frame = sample_bytes(arena, m.head, true);
        cr_expect(head_decode(arena, frame, &kind, &head, &fault) == 0, "%s: %s", m.name,
                  fault.path);
        cr_expect(kind == m.head && value_number(head, KEY_HEAD_VERSION) == PROTOCOL_VERSION);
        Value *made = head_new(arena, m.head);
        cr_expect(str_is(value_text(made, KEY_HEAD_MESSAGE), m.name));
    }
}

static int head_with(int64_t version, const char *message, size_t padding, Fault *fault) {
    Value *tree = sample_tree(arena, STRUCT_collect, true);
    value_set_number(arena, tree, KEY_HEAD_VERSION, version);
    value_set_text(arena, tree, KEY_HEAD_MESSAGE, str_z(message));
    char *text = arena_alloc(arena, padding + 1);
    memset(text, 'x', padding);
    value_set_text(arena, tree, 1000, (Str){text, padding});
    Bytes frame;
    StructKind kind;
    const Value *head;
    cr_assert(codec_encode(arena, tree, &frame) == 0);
    return head_decode(arena, frame, &kind, &head, fault);
}

Test(envelope, refuses_other_versions_messages_and_sizes) {
    Fault fault;
    cr_expect(head_with(PROTOCOL_VERSION, "collect", 0, &fault) == 0 && !fault.unknown_fields);
    cr_expect(head_with(PROTOCOL_VERSION + 99, "collect", 9, &fault) == 0 && fault.unknown_fields);
    cr_expect(head_with(PROTOCOL_VERSION + 100, "collect", 0, &fault) == REFUSE_version_unknown);
    cr_expect_str_eq(fault.path, "version");
    cr_expect(head_with(0, "collect", 0, &fault) == REFUSE_version_unknown);
    cr_expect(head_with(PROTOCOL_VERSION, "collekt", 0, &fault) == REFUSE_message_not_allowed);
    cr_expect(head_with(PROTOCOL_VERSION, "referral", 0, &fault) == REFUSE_message_not_allowed);
    cr_expect_str_eq(fault.path, "message");
    cr_expect(head_with(PROTOCOL_VERSION, "collect", LIMIT_HEAD, &fault) == REFUSE_too_large);
    cr_expect(head_with(PROTOCOL_VERSION, "prove", 0, &fault) == REFUSE_missing_field);
}

Test(envelope, an_acknowledgement_of_64_full_entries_is_taken) {
    Value *tree = sample_tree(arena, STRUCT_acknowledgement, true);
    Value *list = arena_alloc(arena, sizeof(*list));
    *list = *repeated((Value *)(uintptr_t)value_get(tree, F_acknowledgement_entry), LIMIT_ENTRIES);
    uint8_t *leaf = arena_alloc(arena, 2048);
    value_set_bytes(arena, list->list.at[0], F_ack_entry_leaf, bytes_of(leaf, 2048));
    value_set(arena, tree, F_acknowledgement_entry, list);
    Bytes frame;
    StructKind kind;
    const Value *head;
    Fault fault;
    cr_assert(codec_encode(arena, tree, &frame) == 0 && frame.len > 64 * 2048);
    cr_expect(head_decode(arena, frame, &kind, &head, &fault) == 0, "%zu bytes", frame.len);
}

Test(envelope, signs_a_head_for_its_kind_only) {
    KeyPair pair, other;
    Signature s;
    Bytes head = sample_bytes(arena, STRUCT_receipt, true);
    cr_assert(ed25519_pair(&pair) == 0 && ed25519_pair(&other) == 0);
    cr_assert(head_sign(arena, &pair.secret, STRUCT_receipt, head, &s) == 0);
    Bytes signature = BYTES_OF(s.at);
    cr_expect(head_verify(arena, &pair.public, STRUCT_receipt, head, signature));
    cr_expect(!head_verify(arena, &pair.public, STRUCT_submission, head, signature));
    cr_expect(!head_verify(arena, &other.public, STRUCT_receipt, head, signature));
    cr_expect(!head_verify(arena, &pair.public, STRUCT_receipt, head, bytes_of(s.at, 63)));
    cr_expect(!head_verify(arena, &pair.public, STRUCT_receipt, head, (Bytes){0}));
    Bytes cut = bytes_of(head.at, head.len - 1);
    cr_expect(!head_verify(arena, &pair.public, STRUCT_receipt, cut, signature));
    /* What PROTOCOL.md promises to adapter authors, byte for byte. */
    Str domain = STR("mash/1 receipt\n");
    uint8_t *whole = arena_alloc(arena, domain.len + head.len);
    memcpy(whole, domain.at, domain.len);
    memcpy(whole + domain.len, head.at, head.len);
    cr_expect(ed25519_verify(&pair.public, bytes_of(whole, domain.len + head.len), signature));
}

Test(envelope, content_is_checked_before_it_has_a_type) {
    const Value *referral = NULL, *answer = NULL;
    Fault fault;
    Bytes good = sample_bytes(arena, STRUCT_referral, true);
    Bytes reply = sample_bytes(arena, STRUCT_answer, false);
    cr_assert(content_decode(arena, STRUCT_referral, good, &referral, &fault) == 0);
    cr_expect(str_is(value_text(referral, F_referral_category), "contact"));
    cr_assert(content_decode(arena, STRUCT_answer, reply, &answer, &fault) == 0);
    cr_expect(value_get(answer, F_answer_check_id) != NULL);
    referral = NULL;
    cr_expect(content_decode(arena, STRUCT_referral, reply, &referral, &fault) > 0 && !referral);
    Bytes cut = bytes_of(good.at, good.len - 1);
    cr_expect(content_decode(arena, STRUCT_referral, cut, &referral, &fault) == REFUSE_not_msgpack);
    cr_expect(!referral);
    uint8_t *much = arena_alloc(arena, LIMIT_CONTENT + 1);
    Bytes large = bytes_of(much, LIMIT_CONTENT + 1);
    cr_expect(content_decode(arena, STRUCT_referral, large, &referral, &fault) == REFUSE_too_large);
    cr_expect(!referral);
}

Test(envelope, commitment_covers_salt_and_content) {
    uint8_t content[] = {1, 2, 3};
    Hash a, b;
    cr_assert(content_commit(BYTES_OF(content), &a) == 0);
    content[0] = 9;
    cr_assert(content_commit(BYTES_OF(content), &b) == 0);
    cr_expect(!hash_eq(&a, &b));
}
