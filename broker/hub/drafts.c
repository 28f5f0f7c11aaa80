/* What a message as a whole says, as drafts; what it says of each person: drafts_person.c. */
#include "broker/hub/drafts_of.h"

#include "broker/base/err.h"

Str meaning_of(CodeList list, Str code) {
    CodeList l;
    const char *value, *meaning;
    for (size_t i = 0; code_at(i, &l, &value, &meaning); i++) {
        if (l == list && str_is(code, value)) return meaning[0] ? str_z(meaning) : code;
    }
    return code;
}

Str joined(Arena *a, Str have, const char *between, Str more) {
    if (more.len == 0) return have;
    if (have.len == 0) return more;
    return arena_printf(a, "%.*s%s%.*s", STR_ARG(have), between, STR_ARG(more));
}

/* Hundreds of names or lines make a longer sentence than an item may be; the mention keeps all. */
static Str bounded(Arena *a, Str text) {
    const Str more = STR(" (and more)");
    size_t most = schema_field(STRUCT_item_content, F_item_content_text)->max;
    if (text.len <= most) return text;
    text.len = most - more.len;
    while (text.len && ((unsigned char)text.at[text.len] & 0xc0) == 0x80) text.len--;
    return joined(a, text, "", more);
}

static Draft *draft_new(Drafts *d, InfoClass class, Tier tier, bool free_text, Str text) {
    if (text.len == 0) return NULL;
    if (d->count == d->cap) {
        size_t cap = d->cap ? 2 * d->cap : 32;
        Draft *at = arena_array(d->a, cap, sizeof(*at));
        if (!at) return NULL;
        if (d->count) memcpy(at, d->at, d->count * sizeof(*at));
        d->at = at;
        d->cap = cap;
    }
    Draft *made = &d->at[d->count++];
    *made = (Draft){.class = class, .tier = tier, .free_text = free_text};
    made->content = value_map(d->a);
    value_set_text(d->a, made->content, F_item_content_text, bounded(d->a, text));
    value_set_text(d->a, made->content, F_item_content_class, str_z(class_name(class)));
    if (tier != TIER_none) {
        value_set_text(d->a, made->content, F_item_content_tier, str_z(tier_name(tier)));
    }
    value_set_yes(d->a, made->content, F_item_content_free_text, free_text);
    return made;
}

/* Who told is silent whatever the class's default may become. */
void fact_add(Drafts *d, InfoClass class, Str about, Str text) {
    Tier tier = class == CLASS_source_identity ? TIER_silent : TIER_none;
    Draft *made = draft_new(d, class, tier, false, text);
    if (made) value_add_text(d->a, made->content, F_item_content_about, about);
}

static void words_add(Drafts *d, InfoClass class, Str about, Str text) {
    Draft *made = draft_new(d, class, TIER_none, true, text);
    if (made) value_add_text(d->a, made->content, F_item_content_about, about);
}

/* A class that this hub does not know must have had a reason: such a piece stays silent. */
static void narrative_add(Drafts *d, const Value *narrative) {
    InfoClass class = class_by_name(value_text(narrative, F_narrative_class));
    Tier tier = tier_by_name(value_text(narrative, F_narrative_tier));
    if (class == CLASS_none) tier = TIER_silent;
    if (class == CLASS_none) class = CLASS_concern;
    Draft *made = draft_new(d, class, tier, true, value_text(narrative, F_narrative_text));
    if (!made) return;
    value_set_text(d->a, made->content, F_item_content_summary,
                   value_text(narrative, F_narrative_summary));
    for (size_t i = 0; i < value_count(narrative, F_narrative_about); i++) {
        value_add_text(d->a, made->content, F_item_content_about,
                       value_item_text(narrative, F_narrative_about, i));
    }
}

static void narratives_add(Drafts *d, const Value *message, uint32_t key) {
    for (size_t i = 0; i < value_count(message, key); i++) {
        narrative_add(d, value_item(message, key, i));
    }
}

static void risk_factors_add(Drafts *d, const Value *message, uint32_t key) {
    for (size_t i = 0; i < value_count(message, key); i++) {
        const Value *factor = value_item(message, key, i);
        Str about = value_text(factor, F_risk_factor_person);
        Str meaning = meaning_of(LIST_risk_factor, value_text(factor, F_risk_factor_code));
        Str certainty = value_text(factor, F_risk_factor_certainty);
        fact_add(d, CLASS_risk_factor, about,
                 arena_printf(d->a, "%.*s (%.*s)", STR_ARG(meaning), STR_ARG(certainty)));
        words_add(d, CLASS_risk_factor, about, value_text(factor, F_risk_factor_source_text));
    }
}

static void risk_assessments_add(Drafts *d, const Value *referral) {
    for (size_t i = 0; i < value_count(referral, F_referral_risk_assessment); i++) {
        const Value *v = value_item(referral, F_referral_risk_assessment, i);
        Str text = value_text(v, F_risk_assessment_tool);
        text = joined(d->a, text, ": ", value_text(v, F_risk_assessment_rating));
        text = joined(d->a, text, ", score ", value_text(v, F_risk_assessment_score));
        text = joined(d->a, text, ", assessed ", value_text(v, F_risk_assessment_assessed_at));
        fact_add(d, CLASS_risk_assessment, (Str){0}, text);
    }
}

static void concern_add(Drafts *d, const Value *referral) {
    Str text = meaning_of(LIST_category, value_text(referral, F_referral_category));
    const char *between = "; category of abuse: ";
    for (size_t i = 0; i < value_count(referral, F_referral_concern); i++) {
        Str concern = value_item_text(referral, F_referral_concern, i);
        text = joined(d->a, text, between, meaning_of(LIST_concern, concern));
        between = ", ";
    }
    fact_add(d, CLASS_concern, (Str){0}, text);
}

static void safety_add(Drafts *d, const Value *referral) {
    const Value *safety = value_get(referral, F_referral_immediate_safety);
    if (value_yes(safety, F_immediate_safety_at_risk)) {
        fact_add(d, CLASS_concern, (Str){0}, STR("A child is in danger now"));
    }
    if (value_yes(safety, F_immediate_safety_police_protection)) {
        fact_add(d, CLASS_police_protection, (Str){0},
                 STR("Police protection was used (section 46 Children Act 1989)"));
    }
    if (value_yes(safety, F_immediate_safety_section_47)) {
        fact_add(d, CLASS_care_status, (Str){0}, STR("A section 47 investigation is under way"));
    }
    words_add(d, CLASS_concern, (Str){0}, value_text(safety, F_immediate_safety_action_taken));
}

static void consent_add(Drafts *d, const Value *referral) {
    const Value *consent = value_get(referral, F_referral_consent);
    Str aware = meaning_of(LIST_parents_aware, value_text(referral, F_referral_parents_aware));
    Str status = meaning_of(LIST_consent_status, value_text(consent, F_consent_status));
    Str text = arena_printf(d->a, "Parents aware: %.*s", STR_ARG(aware));
    fact_add(d, CLASS_consent, (Str){0}, joined(d->a, text, "; consent: ", status));
    words_add(d, CLASS_consent, (Str){0}, value_text(consent, F_consent_reason));
}

/* What a flag is about; any other is about the care of a child. */
static const struct {
    const char *scheme;
    InfoClass class;
} flag_classes[] = {
    {"CP-IS", CLASS_care_status},        {"FGM", CLASS_honour_based_abuse},
    {"MARAC", CLASS_domestic_abuse},     {"MAPPA", CLASS_offence},
    {"encompass", CLASS_domestic_abuse},
};

static void flags_add(Drafts *d, const Value *referral) {
    for (size_t i = 0; i < value_count(referral, F_referral_flag); i++) {
        const Value *flag = value_item(referral, F_referral_flag, i);
        Str scheme = value_text(flag, F_flag_scheme);
        InfoClass class = CLASS_care_status;
        for (size_t k = 0; k < COUNT_OF(flag_classes); k++) {
            if (str_is(scheme, flag_classes[k].scheme)) class = flag_classes[k].class;
        }
        Str text = joined(d->a, scheme, ": ", value_text(flag, F_flag_code));
        text = joined(d->a, text, ", from ", value_text(flag, F_flag_from));
        text = joined(d->a, text, ", until ", value_text(flag, F_flag_to));
        fact_add(d, class, (Str){0}, text);
    }
}

/* A member of the public who refers is a source; 1A-1D and 9 are the census's codes for them. */
static bool source_private(Str source) {
    return str_is(source, "9") || (source.len == 2 && source.at[0] == '1' && source.at[1] >= 'A');
}

static void referrer_add(Drafts *d, const Value *referral) {
    const Value *referrer = value_get(referral, F_referral_referrer);
    bool hidden = value_yes(referrer, F_contact_protected) ||
                  source_private(value_text(referral, F_referral_source));
    Str text = joined(d->a, value_text(referrer, F_contact_name), ", ",
                      value_text(referrer, F_contact_role));
    text = joined(d->a, text, ", ", value_text(referrer, F_contact_identifier));
    text = joined(d->a, text, ", ", value_text(referrer, F_contact_phone));
    text = joined(d->a, text, ", ", value_text(referrer, F_contact_email));
    if (text.len == 0) return;
    text = arena_printf(d->a, "Referred by %.*s", STR_ARG(text));
    fact_add(d, hidden ? CLASS_source_identity : CLASS_professional, (Str){0}, text);
}

static void referral_add(Drafts *d, const Value *referral) {
    concern_add(d, referral);
    safety_add(d, referral);
    narratives_add(d, referral, F_referral_narrative);
    words_add(d, CLASS_voice_of_child, (Str){0}, value_text(referral, F_referral_voice_of_child));
    risk_factors_add(d, referral, F_referral_risk_factor);
    risk_assessments_add(d, referral);
    places_learn(d, referral);
    for (size_t i = 0; i < value_count(referral, F_referral_person); i++) {
        person_add(d, referral, value_item(referral, F_referral_person, i));
    }
    flags_add(d, referral);
    consent_add(d, referral);
    referrer_add(d, referral);
}

/* That there was an answer is a fact of its own: nothing known is something known. */
static void answer_add(Drafts *d, const Value *answer) {
    Str outcome = value_text(answer, F_answer_outcome);
    fact_add(d, CLASS_check_outcome, (Str){0}, meaning_of(LIST_answer_outcome, outcome));
    Str reason = value_text(answer, F_answer_reason);
    fact_add(d, CLASS_check_outcome, (Str){0}, meaning_of(LIST_refusal_reason, reason));
    narratives_add(d, answer, F_answer_narrative);
    risk_factors_add(d, answer, F_answer_risk_factor);
}

int drafts_make(Arena *a, StructKind kind, const Value *message, Draft **ret, size_t *ret_count) {
    Drafts d = {.a = a};
    if (kind == STRUCT_referral)
        referral_add(&d, message);
    else
        answer_add(&d, message);
    *ret = d.at;
    *ret_count = d.count;
    return arena_failed(a) ? ERR_MEMORY : 0;
}
