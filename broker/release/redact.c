/* Items and rules in, a Shareable and the list of cuts out. The one way from inside to outside, so
 * it is built to forget: what is withheld becomes a Cut and, at most, one bit of its owner's
 * section (a signpost is due). The Shareable is made from the released lines and those bits alone
 * (R10). */
#include "broker/base/fold.h"
#include "broker/release/shareable.h"

#include <stdlib.h>

enum { SCRATCH = 64 * 1024 * 1024 };

static const char reason_empty[] = "There is nothing to show: the text is empty.";
static const char reason_named[] = "It names somebody or something that must not be named outside.";
static const char reason_owner_named[] = "The owner's own name or desk may not be named outside.";
static const char reason_recipient[] = "It is the recipient's own: it has it already.";
static const char reason_replaced[] = "A later message of its owner says it anew.";
static const char reason_corrected[] =
    "Staff of the hub wrote this in quarantine: it is not its owner's word.";
static const char reason_memory[] = "The rules could not be asked.";

typedef struct Redaction {
    Arena *arena;
    Arena *scratch; /* for detection, which folds much text; wiped after each item */
    const Request *request;
    const Policy *policies;
    size_t policy_count;
    const Str *forbidden; /* the request's, without what only names a subject */
    size_t forbidden_count;
    Section *sections; /* one an owner, at first in order of arrival */
    size_t section_count;
} Redaction;

/* ---- one item -------------------------------------------------------------------------------- */

static bool forbidden_in(Redaction *r, Str text) {
    bool found = detect_any(r->scratch, text, r->forbidden, r->forbidden_count);
    arena_reset(r->scratch);
    return found;
}

static const Verdict *item_ask(Redaction *r, const Item *item) {
    Question q = {
        .owner = item->owner,
        .class = item->class,
        .tier = item->tier,
        .recipient = r->request->recipient,
        .recipient_type = r->request->recipient_type,
        .purpose = r->request->purpose,
        .rating = r->request->rating,
        .today = r->request->today,
        .has_summary = str_trim(item->summary).len > 0,
        .free_text = item->free_text,
        .authorised = item->authorised,
    };
    return policy_ask(r->arena, r->policies, r->policy_count, &q);
}

static Str item_text(Arena *a, const Item *item, VerdictKind kind) {
    switch (kind) {
    case VERDICT_silent:
    case VERDICT_signpost: return (Str){0};
    case VERDICT_fact:
        return arena_printf(a, "The owner holds information of this kind: %s.",
                            class_doc(item->class));
    case VERDICT_summary: return str_trim(item->summary);
    case VERDICT_full: return str_trim(item->text);
    }
    return (Str){0};
}

/* What the rules let out may still hold what nobody may name: then all of the item stays in. */
static Cut item_cut(Redaction *r, const Item *item, Str *ret_text) {
    Cut cut = {.item = item->id, .kind = VERDICT_silent, .reason = reason_memory};
    if (str_eq(item->owner, r->request->recipient)) cut.reason = reason_recipient;
    if (item->replaced) cut.reason = reason_replaced;
    if (item->corrected) cut.reason = reason_corrected;
    if (cut.reason != reason_memory) return cut;
    const Verdict *v = item_ask(r, item);
    if (!v) return cut;
    cut.kind = verdict_kind(v);
    cut.rule = verdict_rule(v);
    cut.reason = verdict_reason(v);
    bool out = cut.kind > VERDICT_signpost;
    *ret_text = item_text(r->arena, item, cut.kind);
    if (out && (ret_text->len == 0 || forbidden_in(r, *ret_text))) {
        cut.reason = ret_text->len ? reason_named : reason_empty;
        cut.kind = verdict_withheld(v);
    }
    if (cut.kind > VERDICT_silent &&
        (forbidden_in(r, item->owner_name) || forbidden_in(r, item->owner_desk))) {
        cut.reason = reason_owner_named;
        cut.kind = VERDICT_silent;
    }
    return cut;
}

/* ---- the sections ---------------------------------------------------------------------------- */

/* The owner's section, made at need; its room for lines is the number of all items. */
static Section *section_of(Redaction *r, const Item *item, size_t item_count) {
    for (size_t i = 0; i < r->section_count; i++) {
        if (str_eq(r->sections[i].owner, item->owner)) return &r->sections[i];
    }
    Section *s = &r->sections[r->section_count++];
    *s = (Section){.owner = item->owner, .owner_name = item->owner_name};
    s->lines = arena_array(r->arena, item_count, sizeof(Line));
    return s->lines ? s : NULL;
}

static Str signpost_text(Arena *a, const Item *item) {
    Str desk = item->owner_desk.len ? item->owner_desk : item->owner_name;
    return arena_printf(a, "%.*s may be able to tell you more. Ask: %.*s.",
                        STR_ARG(item->owner_name), STR_ARG(desk));
}

static int section_add(Redaction *r, const Item *item, size_t item_count, VerdictKind kind,
                       Str text) {
    if (kind == VERDICT_silent) return 0;
    Section *s = section_of(r, item, item_count);
    if (!s) return ERR_MEMORY;
    if (kind == VERDICT_signpost) {
        s->signpost = signpost_text(r->arena, item);
    } else {
        s->lines[s->line_count++] = (Line){.class = item->class, .text = text};
    }
    return 0;
}

static int str_order(Str a, Str b) {
    size_t both = a.len < b.len ? a.len : b.len;
    int order = both ? memcmp(a.at, b.at, both) : 0;
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

static int line_order(const void *left, const void *right) {
    const Line *a = left, *b = right;
    int order = (a->class > b->class) - (a->class < b->class);
    return order ? order : str_order(a->text, b->text);
}

static int section_order(const void *left, const void *right) {
    const Section *a = left, *b = right;
    return str_order(a->owner, b->owner);
}

/* The order of arrival and the number of sayings are gone after this. */
static void section_settle(Section *s) {
    if (s->line_count == 0) return;
    qsort(s->lines, s->line_count, sizeof(Line), line_order);
    size_t kept = 1;
    for (size_t i = 1; i < s->line_count; i++) {
        if (line_order(&s->lines[kept - 1], &s->lines[i]) != 0) s->lines[kept++] = s->lines[i];
    }
    s->line_count = kept;
}

/* ---- the whole ------------------------------------------------------------------------------- */

/* One owner has one name and one desk: else a withheld item could choose its section's words. */
static bool owners_consistent(const Item *items, size_t count) {
    for (size_t i = 1; i < count; i++) {
        size_t k = 0;
        while (!str_eq(items[k].owner, items[i].owner)) k++;
        if (!str_eq(items[k].owner_name, items[i].owner_name)) return false;
        if (!str_eq(items[k].owner_desk, items[i].owner_desk)) return false;
    }
    return true;
}

static int redact_items(Redaction *r, const Item *items, size_t count, Cut *cuts) {
    for (size_t i = 0; i < count; i++) {
        Str text = {0};
        cuts[i] = item_cut(r, &items[i], &text);
        int e = section_add(r, &items[i], count, cuts[i].kind, text);
        if (e) return e;
    }
    for (size_t i = 0; i < r->section_count; i++) section_settle(&r->sections[i]);
    qsort(r->sections, r->section_count, sizeof(Section), section_order);
    return arena_failed(r->arena) ? ERR_MEMORY : 0;
}

/* Which identifier a type of agency itself uses. The others see none. */
static const struct {
    const char *type, *scheme;
} identifier_used[] = {
    {"police", "pnc"},
    {"ambulance", "nhs_number"},
    {"health_acute", "nhs_number"},
    {"health_primary", "nhs_number"},
    {"health_community", "nhs_number"},
    {"mental_health", "nhs_number"},
    {"childrens_social_care", "nhs_number"},
    {"school", "upn"},
    {"education_service", "upn"},
};

Str identifier_scheme(Str agency_type) {
    for (size_t i = 0; i < COUNT_OF(identifier_used); i++) {
        if (str_is(agency_type, identifier_used[i].type)) return str_z(identifier_used[i].scheme);
    }
    return (Str){0};
}

static const Subject *subjects_for(Arena *a, const Request *q) {
    Subject *at = arena_array(a, q->subject_count, sizeof(*at));
    for (size_t i = 0; at && i < q->subject_count; i++) {
        at[i] = q->subjects[i];
        if (str_eq(at[i].identifier_scheme, identifier_scheme(q->recipient_type))) continue;
        at[i].identifier_scheme = at[i].identifier = (Str){0};
    }
    return at;
}

int redact(Arena *a, const Request *request, const Item *items, size_t item_count,
           const Policy *policies, size_t policy_count, const Shareable **ret, Cut **ret_cuts) {
    _cleanup_(arena_freep) Arena *scratch = arena_new(SCRATCH);
    Redaction r = {.arena = a,
                   .scratch = scratch,
                   .request = request,
                   .policies = policies,
                   .policy_count = policy_count};
    if (!owners_consistent(items, item_count)) return ERR_BROKEN;
    Cut *cuts = arena_array(a, item_count, sizeof(*cuts));
    Shareable *s = arena_alloc(a, sizeof(*s));
    r.sections = arena_array(a, item_count, sizeof(Section));
    r.forbidden_count = request->forbidden_count;
    r.forbidden = detect_words(a, request->subjects, request->subject_count, request->forbidden,
                               &r.forbidden_count);
    if (!scratch || arena_failed(a)) return ERR_MEMORY;
    int e = redact_items(&r, items, item_count, cuts);
    if (e) return e;
    *ret_cuts = cuts;
    if (r.section_count == 0) return REFUSE_nothing_to_share;
    *s = (Shareable){
        .kind = STR("product"),
        .recipient = request->recipient,
        .recipient_name = request->recipient_name,
        .purpose = request->purpose,
        .today = request->today,
        .id = request->product_id,
        .subjects = subjects_for(a, request),
        .subject_count = request->subject_count,
        .sections = r.sections,
        .section_count = r.section_count,
    };
    if (arena_failed(a)) return ERR_MEMORY;
    e = shareable_finish(a, s);
    if (e == 0) *ret = s;
    return e;
}
