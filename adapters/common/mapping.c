/* See mapping.h. */
#include "adapters/common/mapping.h"

#include "broker/base/fold.h"
#include "broker/io/clock.h"

#include <ctype.h>

enum { NARRATIVE_MOST = 20000, RAW_MOST = 65536 };

int draft_open(Arena *a, const Identity *self, Str profile, Bytes native, int64_t now_ms,
               Draft *ret) {
    char *now = arena_alloc(a, CLOCK_TEXT);
    Hash digest;
    *ret = (Draft){.arena = a, .self = self, .referral = value_map(a), .content = native};
    int r = sha256(&native, 1, &digest);
    if (r < 0 || !now) return r < 0 ? r : ERR_MEMORY;
    clock_text(now_ms, now);
    Value *v = ret->referral;
    value_set_text(a, v, F_referral_category, STR("referral"));
    value_set_text(a, v, F_referral_priority, STR("routine"));
    value_set_text(a, v, F_referral_parents_aware, STR("unknown"));
    value_set_text(a, v, F_referral_mapping_profile, profile);
    value_set_text(a, v, F_referral_received_at, str_z(now));
    value_set_hash(a, v, F_referral_raw_digest, &digest);
    if (native.len <= RAW_MOST) {
        value_set_bytes(a, v, F_referral_raw, native);
    } else {
        draft_warn(ret, "raw_left_out", "raw", "The native message is too long to travel along.");
    }
    return 0;
}

void draft_code(Draft *d, uint32_t key, Str code) {
    Value *v = d->referral;
    for (size_t i = 0; v && i < v->map.count; i++) {
        if (v->map.at[i].key != key) continue;
        v->map.at[i].value->text = code;
        return;
    }
    value_set_text(d->arena, v, key, code);
}

void draft_reference(Draft *d, Str scheme, Str value) {
    if (value.len == 0) return;
    Value *reference = value_add_map(d->arena, d->referral, F_referral_native_reference);
    value_set_text(d->arena, reference, F_reference_scheme, scheme);
    value_set_text(d->arena, reference, F_reference_value, value);
    if (d->native.len == 0) {
        d->native = arena_printf(d->arena, "%.*s\n%.*s", STR_ARG(scheme), STR_ARG(value));
    }
}

void draft_times(Draft *d, Str authored, Str occurred, const char *path) {
    value_set_text(d->arena, d->referral, F_referral_occurred_from, occurred);
    if (authored.len == 0) {
        authored = value_text(d->referral, F_referral_received_at);
        draft_warn(d, "time_unusable", path,
                   "The time was not understood; that of receipt stands.");
    }
    value_set_text(d->arena, d->referral, F_referral_authored_at, authored);
}

void draft_source_agency(Draft *d, Str scheme, Str code) {
    Value *o = value_set_map(d->arena, d->referral, F_referral_source_agency);
    value_set_text(d->arena, o, F_organisation_scheme, code.len ? scheme : d->self->org_scheme);
    value_set_text(d->arena, o, F_organisation_code, code.len ? code : d->self->org_code);
    value_set_text(d->arena, o, F_organisation_name, d->self->name);
}

void draft_referrer(Draft *d, Str name, Str role, Str identifier) {
    if (name.len + role.len + identifier.len == 0) return;
    Value *c = value_set_map(d->arena, d->referral, F_referral_referrer);
    value_set_text(d->arena, c, F_contact_name, name);
    value_set_text(d->arena, c, F_contact_role, role);
    value_set_text(d->arena, c, F_contact_identifier, identifier);
}

void draft_warn(Draft *d, const char *code, const char *path, const char *sentence) {
    if (value_count(d->referral, F_referral_warning) >= LIMIT_LIST) return;
    Value *w = value_add_map(d->arena, d->referral, F_referral_warning);
    value_set_text(d->arena, w, F_warning_code, str_z(code));
    value_set_text(d->arena, w, F_warning_path, arena_str(d->arena, str_z(path)));
    value_set_text(d->arena, w, F_warning_sentence, str_z(sentence));
}

void draft_risk(Draft *d, Str code, Str certainty, Str source_text) {
    if (value_count(d->referral, F_referral_risk_factor) >= LIMIT_LIST) return;
    for (size_t i = 0; i < value_count(d->referral, F_referral_risk_factor); i++) {
        const Value *known = value_item(d->referral, F_referral_risk_factor, i);
        if (str_eq(value_text(known, F_risk_factor_code), code)) return;
    }
    Value *r = value_add_map(d->arena, d->referral, F_referral_risk_factor);
    value_set_text(d->arena, r, F_risk_factor_code, code);
    value_set_text(d->arena, r, F_risk_factor_certainty, certainty);
    value_set_text(d->arena, r, F_risk_factor_source_text, source_text);
}

void draft_concern(Draft *d, Str code) {
    for (size_t i = 0; i < value_count(d->referral, F_referral_concern); i++) {
        if (str_eq(value_item_text(d->referral, F_referral_concern, i), code)) return;
    }
    value_add_text(d->arena, d->referral, F_referral_concern, code);
}

void draft_flag(Draft *d, Str scheme, Str code) {
    Value *f = value_add_map(d->arena, d->referral, F_referral_flag);
    value_set_text(d->arena, f, F_flag_scheme, scheme);
    value_set_text(d->arena, f, F_flag_code, code);
}

void draft_assessment(Draft *d, Str tool, Str rating) {
    if (rating.len == 0) return;
    Value *r = value_add_map(d->arena, d->referral, F_referral_risk_assessment);
    value_set_text(d->arena, r, F_risk_assessment_tool, tool);
    value_set_text(d->arena, r, F_risk_assessment_rating, rating);
}

/* The longest beginning within `most` bytes that ends between characters. */
static size_t whole_chars(Str s, size_t most) {
    if (s.len <= most) return s.len;
    while (most && ((unsigned char)s.at[most] & 0xc0) == 0x80) most--;
    return most;
}

Value *draft_narrative(Draft *d, Str info_class, Str text, Str summary, Str tier) {
    Value *first = NULL;
    if (tier.len == 0 && summary.len) tier = d->self->summary_tier;
    while (text.len && value_count(d->referral, F_referral_narrative) < LIMIT_LIST) {
        size_t len = whole_chars(text, NARRATIVE_MOST);
        Value *n = value_add_map(d->arena, d->referral, F_referral_narrative);
        value_set_text(d->arena, n, F_narrative_class, info_class);
        value_set_text(d->arena, n, F_narrative_text, (Str){.at = text.at, .len = len});
        if (!first) value_set_text(d->arena, n, F_narrative_summary, summary);
        value_set_text(d->arena, n, F_narrative_tier, tier);
        if (!first) first = n;
        text = (Str){.at = text.at + len, .len = text.len - len};
    }
    return first;
}

Value *draft_person(Draft *d, Str role) {
    Value *p = value_add_map(d->arena, d->referral, F_referral_person);
    value_set_text(d->arena, p, F_person_ref, arena_printf(d->arena, "p%u", ++d->persons));
    value_add_text(d->arena, p, F_person_role, role);
    return p;
}

void person_name(Draft *d, Value *person, Str family, Str given) {
    if (family.len + given.len == 0) return;
    Value *n = value_add_map(d->arena, person, F_person_name);
    value_set_text(d->arena, n, F_name_use, STR("official"));
    value_set_text(d->arena, n, F_name_family, family);
    value_set_text(d->arena, n, F_name_given, given);
}

static Str identifier_check(Str scheme, Str value) {
    if (str_is(scheme, "nhs_number")) return nhs_number_valid(value) ? STR("ok") : STR("bad");
    if (str_is(scheme, "upn") || str_is(scheme, "former_upn")) {
        return upn_valid(value) ? STR("ok") : STR("bad");
    }
    return STR("none");
}

void person_identifier(Draft *d, Value *person, Str scheme, Str value, Str issuer,
                       const char *path) {
    value = str_trim(value);
    if (value.len == 0) return;
    Str check = identifier_check(scheme, value);
    Value *i = value_add_map(d->arena, person, F_person_identifier);
    value_set_text(d->arena, i, F_identifier_scheme, scheme);
    value_set_text(d->arena, i, F_identifier_value, value);
    value_set_text(d->arena, i, F_identifier_check, check);
    value_set_text(d->arena, i, F_identifier_issuer, issuer);
    if (str_is(check, "bad")) {
        draft_warn(d, "check_digit_wrong", path,
                   "The identifier's check digit is wrong; it is kept and not matched on.");
    }
}

void person_birth(Draft *d, Value *person, Str sent, Str iso, const char *path) {
    if (sent.len == 0) return;
    if (iso.len == 0 || !date_valid(iso)) {
        draft_warn(d, "birth_date_unusable", path, "The birth date was not understood.");
        return;
    }
    Str accuracy = iso.len == 10 ? STR("exact") : iso.len == 7 ? STR("month") : STR("year");
    value_set_text(d->arena, person, F_person_birth_date, iso);
    value_set_text(d->arena, person, F_person_birth_date_accuracy, accuracy);
}

void person_phone(Draft *d, Value *person, Str number) {
    if (number.len == 0) return;
    Value *t = value_add_map(d->arena, person, F_person_telecom);
    value_set_text(d->arena, t, F_telecom_system, STR("phone"));
    value_set_text(d->arena, t, F_telecom_value, number);
}

/* "zz993vz" -> "ZZ99 3VZ": the last three are the inward part. */
static Str postcode_form(Arena *a, Str s) {
    char out[12];
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.at[i];
        if (c == ' ') continue;
        if (!isalnum(c) || n == 7) return s;
        out[n++] = (char)toupper(c);
    }
    if (n < 5) return s;
    return arena_printf(a, "%.*s %.3s", (int)(n - 3), out, out + n - 3);
}

void person_address(Draft *d, Value *person, Str line, Str town, Str postcode, Str uprn) {
    if (line.len + town.len + postcode.len + uprn.len == 0) return;
    Value *v = value_add_map(d->arena, person, F_person_address);
    value_add_text(d->arena, v, F_address_line, line);
    value_set_text(d->arena, v, F_address_town, town);
    value_set_text(d->arena, v, F_address_postcode, postcode_form(d->arena, postcode));
    value_set_text(d->arena, v, F_address_uprn, uprn);
}

/* ---- fitting --------------------------------------------------------------------------------- */

static void fit_struct(Draft *d, StructKind kind, Value *v, const char *path);

static void fit_value(Draft *d, const Field *f, Value *v, const char *path) {
    if (f->type == TYPE_map) fit_struct(d, f->of, v, path);
    if (f->type != TYPE_text || v->kind != VALUE_text || v->text.len <= f->max) return;
    v->text.len = whole_chars(v->text, f->max);
    draft_warn(d, "text_cut", path, "The text was longer than the field holds and was cut.");
}

static void fit_field(Draft *d, const Field *f, Value *v, const char *path) {
    char place[200];
    if (v->kind != VALUE_list) {
        fit_value(d, f, v, path);
        return;
    }
    if (v->list.count > LIMIT_LIST) {
        v->list.count = LIMIT_LIST;
        draft_warn(d, "list_cut", path, "There were more entries than the field holds.");
    }
    for (size_t i = 0; i < v->list.count; i++) {
        (void)snprintf(place, sizeof(place), "%.170s[%zu]", path, i);
        fit_value(d, f, v->list.at[i], place);
    }
}

static void fit_struct(Draft *d, StructKind kind, Value *v, const char *path) {
    char place[200];
    if (!v || v->kind != VALUE_map) return;
    for (size_t i = 0; i < v->map.count; i++) {
        const Field *f = schema_field(kind, v->map.at[i].key);
        if (!f || (kind == STRUCT_referral && v->map.at[i].key == F_referral_warning)) continue;
        (void)snprintf(place, sizeof(place), "%.120s%s%.60s", path, path[0] ? "." : "", f->name);
        fit_field(d, f, v->map.at[i].value, place);
    }
}

void draft_fit(Draft *d) {
    fit_struct(d, STRUCT_referral, d->referral, "");
}

/* ---- texts ----------------------------------------------------------------------------------- */

Str text_utf8(Arena *a, Bytes b, bool *ret_guessed) {
    if (utf8_valid(b)) return bytes_str(b);
    *ret_guessed = true;
    char *out = arena_alloc(a, 2 * b.len + 1);
    size_t n = 0;
    if (!out) return (Str){0};
    for (size_t i = 0; i < b.len; i++) {
        uint8_t c = b.at[i];
        if (c >= 0x80) out[n++] = (char)(0xc0 | c >> 6);
        out[n++] = (char)(c >= 0x80 ? 0x80 | (c & 0x3f) : c ? c : ' ');
    }
    return (Str){.at = out, .len = n};
}

Str text_name(Arena *a, Str s) {
    for (size_t i = 0; i < s.len; i++) {
        if (islower((unsigned char)s.at[i]) || (unsigned char)s.at[i] >= 0x80) return s;
    }
    char *out = arena_alloc(a, s.len + 1);
    if (!out) return (Str){0};
    for (size_t i = 0; i < s.len; i++) {
        bool inside = i && isalpha((unsigned char)s.at[i - 1]);
        out[i] = (char)(inside ? tolower((unsigned char)s.at[i]) : s.at[i]);
    }
    return (Str){.at = out, .len = s.len};
}
