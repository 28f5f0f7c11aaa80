/* Items and rules in, a Shareable and the list of cuts out. The one way from inside to outside, so
 * it is built to forget: what is withheld becomes a Cut and, at most, one bit of its owner's
 * section (a signpost is due). The Shareable is made from the released lines and those bits alone
 * (R10).
 *
 * All is done twice, without the owner's authorisation (`plain`) and with it (`whole`); the grants
 * choose, owner by owner, at the end. */
#include "broker/release/forms.h"
#include "broker/release/section.h"

#include <stdlib.h>

enum { SCRATCH = 64 * 1024 * 1024 }; /* at most: a text of NET_MOST, its letters and spans */

/* What keeps an item in beside the rules: the word that is kept of it, and what staff are told. */
static const struct {
    const char *name, *reason;
} kept_words[KEPT_COUNT] = {
    [KEPT_not] = {"", NULL},
    [KEPT_words] = {"words", NULL},
    [KEPT_held] = {"held", "Its owner holds it at source."},
    [KEPT_corrected] = {"corrected", "Staff of the hub wrote this in quarantine: it is not its "
                                     "owner's word."},
    [KEPT_replaced] = {"replaced", "Its owner has said it anew or taken it back since."},
    [KEPT_own] = {"own", "It is the recipient's own: it has it already."},
    [KEPT_too_large] = {"too_large",
                        "Too much of this owner's would leave for one letter: ask it."},
    [KEPT_unread] = {"unread", "The rules could not be asked."},
};

const char *kept_name(KeptBy kept) {
    return kept_words[kept].name;
}

KeptBy kept_by_name(Str name) {
    KeptBy k = KEPT_not;
    while (k < KEPT_unread && !str_is(name, kept_words[k].name)) k++;
    return k;
}

bool kept_always(KeptBy kept) {
    return kept > KEPT_words;
}

/* What one owner's items come to. */
typedef struct Part {
    Str owner;
    const Item *first;
    size_t items;
    Section plain, whole;
    bool granted;   /* the whole leaves, else the plain */
    bool too_large; /* neither: it is too much for one letter */
} Part;

/* What became of one item, the words of it that leave, and whether its rule asks for a signpost
 * beside them. */
typedef struct Outcome {
    Cut cut;
    Str text;
    bool signposts;
} Outcome;

typedef struct Redaction {
    Arena *arena;
    Arena *scratch; /* for detection, which folds much text; wiped after each text */
    const Request *request;
    const Policy *policies;
    size_t policy_count;
    const Net *net; /* of the request's words; NULL finds everything */
    const Item *items;
    size_t item_count;
    Cut *plain, *whole; /* beside each item */
    Part *parts;        /* one an owner, at first in order of arrival */
    size_t part_count;
    Wanted *wanted;
    size_t wanted_count;
} Redaction;

/* ---- one item -------------------------------------------------------------------------------- */

static bool released(const Outcome *o) {
    return o->cut.kind > VERDICT_signpost;
}

static const Verdict *item_ask(Redaction *r, const Item *item, bool authorised) {
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
        .authorised = authorised,
        .has_desk = item->owner_desk.len > 0,
    };
    return policy_ask(r->arena, r->policies, r->policy_count, &q);
}

/* What the rules let out of the item, in the fullest form whose words may be told. */
static Outcome item_shown(Forms *f, const Verdict *v) {
    Outcome o = {.cut = {.item = f->item->id,
                         .kind = verdict_kind(v),
                         .rule = verdict_rule(v),
                         .reason = verdict_reason(v)}};
    if (!released(&o)) return o;
    const char *why;
    const Words *words = forms_fullest(f, &o.cut.kind, &why);
    if (why) {
        o.cut.reason = why;
        o.cut.kept = KEPT_words;
    }
    if (!words) {
        o.cut.kind = verdict_withheld(v);
        return o;
    }
    o.text = words->text;
    o.signposts = verdict_signposts(v);
    o.cut.spans = words->spans;
    o.cut.span_count = words->span_count;
    o.cut.warnings = words->warnings;
    o.cut.warning_count = words->warning_count;
    return o;
}

static bool verdicts_same(const Verdict *a, const Verdict *b) {
    return verdict_kind(a) == verdict_kind(b) && verdict_rule(a) == verdict_rule(b) &&
           verdict_reason(a) == verdict_reason(b);
}

/* What keeps all of the item in whatever the rules say; KEPT_not when it is theirs to say. */
static KeptBy item_kept(const Redaction *r, const Item *item) {
    if (item->held) return KEPT_held;
    if (item->corrected) return KEPT_corrected;
    if (item->replaced) return KEPT_replaced;
    return str_eq(item->owner, r->request->recipient) ? KEPT_own : KEPT_not;
}

static Outcome outcome_kept(const Item *item, KeptBy kept) {
    return (Outcome){.cut = {.item = item->id,
                             .kind = VERDICT_silent,
                             .kept = kept,
                             .reason = kept_words[kept].reason}};
}

/* An item whose rule waits for its owner's word shows nothing, not even a signpost, and never gives
 * one by itself: what is not answered looks like what is not held. It does not fall to a lesser
 * form either: the rule gives none of them before the word is there. Prose that a rule shows in
 * full is another matter: what is asked is leave for these very words, so less than them leaves. */
static void item_weigh(Redaction *r, const Item *item, Outcome *plain, Outcome *whole) {
    KeptBy kept = item_kept(r, item);
    *plain = *whole = outcome_kept(item, kept ? kept : KEPT_unread);
    if (kept) return;
    const Verdict *without = item_ask(r, item, false), *with = item_ask(r, item, true);
    if (!without || !with) return;
    Forms forms = {.arena = r->arena, .scratch = r->scratch, .net = r->net, .item = item};
    *plain = *whole = item_shown(&forms, without);
    if (verdicts_same(without, with)) return;
    *whole = item_shown(&forms, with);
    if (verdict_kind(without) <= VERDICT_signpost) plain->cut.kind = VERDICT_silent;
    if (!released(whole)) whole->cut.kind = plain->cut.kind;
}

/* ---- the owners ------------------------------------------------------------------------------ */

static Part *part_find(const Redaction *r, Str owner) {
    for (size_t i = 0; i < r->part_count; i++) {
        if (str_eq(r->parts[i].owner, owner)) return &r->parts[i];
    }
    return NULL;
}

static Part *part_of(Redaction *r, const Item *item) {
    Part *p = part_find(r, item->owner);
    if (p) return p;
    p = &r->parts[r->part_count++];
    *p = (Part){.owner = item->owner, .first = item};
    return p;
}

/* One for each owner, with room for all of its lines. One owner has one name and one desk: else a
 * withheld item could choose its section's words. They are the register's, the same whatever is
 * withheld, and nobody is looked for in them: else who called an informant by an agency's name
 * would silence that agency. */
static int parts_make(Redaction *r) {
    for (size_t i = 0; i < r->item_count; i++) {
        const Item *item = &r->items[i];
        Part *p = part_of(r, item);
        if (!str_eq(p->first->owner_name, item->owner_name)) return ERR_BROKEN;
        if (!str_eq(p->first->owner_desk, item->owner_desk)) return ERR_BROKEN;
        p->items++;
    }
    for (size_t i = 0; i < r->part_count; i++) {
        Part *p = &r->parts[i];
        if (!section_new(r->arena, p->first, p->items, &p->plain)) return ERR_MEMORY;
        if (!section_new(r->arena, p->first, p->items, &p->whole)) return ERR_MEMORY;
    }
    return 0;
}

static int part_order(const void *left, const void *right) {
    const Part *a = left, *b = right;
    return str_order(a->owner, b->owner);
}

static bool grant_given(const Request *q, Str owner, const Hash *section) {
    for (size_t i = 0; i < q->grant_count; i++) {
        if (str_eq(q->grants[i].owner, owner) && hash_eq(&q->grants[i].section, section)) {
            return true;
        }
    }
    return false;
}

/* The owner's word is asked for only where it would let more out. */
static int part_settle(Redaction *r, Part *p) {
    section_settle(&p->plain);
    section_settle(&p->whole);
    if (!section_adds(&p->plain, &p->whole)) return 0;
    Wanted w = {.owner = p->owner, .section = &p->whole};
    w.rendering = rendering_value(r->arena, r->request, &p->whole);
    int e = rendering_digest(r->arena, w.rendering, &w.digest);
    if (e) return e;
    p->granted = grant_given(r->request, p->owner, &w.digest);
    if (!p->granted) r->wanted[r->wanted_count++] = w;
    return 0;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static void part_add(Redaction *r, Section *s, const Item *item, const Outcome *o) {
    section_add(r->arena, s, item, o->cut.kind, o->text);
    if (o->signposts) section_add(r->arena, s, item, VERDICT_signpost, (Str){0});
}

static int redact_items(Redaction *r) {
    for (size_t i = 0; i < r->item_count; i++) {
        const Item *item = &r->items[i];
        Outcome plain, whole;
        Part *p = part_find(r, item->owner);
        item_weigh(r, item, &plain, &whole);
        part_add(r, &p->plain, item, &plain);
        part_add(r, &p->whole, item, &whole);
        r->plain[i] = plain.cut;
        r->whole[i] = whole.cut;
    }
    return arena_failed(r->arena) ? ERR_MEMORY : 0;
}

static int redact_parts(Redaction *r) {
    qsort(r->parts, r->part_count, sizeof(Part), part_order);
    for (size_t i = 0; i < r->part_count; i++) {
        int e = part_settle(r, &r->parts[i]);
        if (e) return e;
    }
    return arena_failed(r->arena) ? ERR_MEMORY : 0;
}

static bool part_tells(const Part *p, int how) {
    if (how == 0) return p->plain.line_count > 0;
    return how == 1 ? !section_empty(&p->plain) : !section_empty(&p->whole);
}

static void redact_speakers(const Redaction *r, Redacted *ret) {
    Str *at = arena_array(r->arena, r->part_count, sizeof(*at));
    for (int how = 0; at && how < 3 && ret->speaker_count == 0; how++) {
        for (size_t i = 0; i < r->part_count; i++) {
            if (part_tells(&r->parts[i], how)) at[ret->speaker_count++] = r->parts[i].owner;
        }
    }
    ret->speakers = at;
}

static const Section *part_section(const Part *p) {
    return p->granted ? &p->whole : &p->plain;
}

/* What leaves of each owner, as far as a letter has room; an owner with nothing does not show. */
static int sections_choose(Redaction *r, Section *sections, size_t *count) {
    Room room;
    size_t kept = 0;
    int e = product_room(r->arena, r->request, &room);
    if (e) return e;
    for (size_t i = 0; i < r->part_count; i++) sections[i] = *part_section(&r->parts[i]);
    sections_fit(room, sections, r->part_count);
    for (size_t i = 0; i < r->part_count; i++) {
        Part *p = &r->parts[i];
        p->too_large = sections[i].line_count < part_section(p)->line_count;
        if (!section_empty(&sections[i])) sections[kept++] = sections[i];
    }
    *count = kept;
    return 0;
}

static void cut_too_large(Cut *cut, const Section *s) {
    if (cut->kind <= VERDICT_signpost) return;
    bool shown = s->signpost.len || s->instead.len;
    *cut = (Cut){.item = cut->item,
                 .kind = shown ? VERDICT_signpost : VERDICT_silent,
                 .kept = KEPT_too_large,
                 .reason = kept_words[KEPT_too_large].reason};
}

static void cuts_choose(Redaction *r) {
    for (size_t i = 0; i < r->item_count; i++) {
        const Part *p = part_find(r, r->items[i].owner);
        if (p->granted) r->plain[i] = r->whole[i];
        r->plain[i].authorised = p->granted;
        if (p->too_large) cut_too_large(&r->plain[i], part_section(p));
    }
}

static int redact_product(Redaction *r, Redacted *ret) {
    Section *sections = arena_array(r->arena, r->part_count, sizeof(*sections));
    size_t count = 0;
    int e = sections ? sections_choose(r, sections, &count) : ERR_MEMORY;
    if (e) return e;
    cuts_choose(r);
    ret->cuts = r->plain;
    ret->wanted = r->wanted;
    ret->wanted_count = r->wanted_count;
    redact_speakers(r, ret);
    if (count) return product_shareable(r->arena, r->request, sections, count, &ret->product);
    for (size_t i = 0; i < r->part_count; i++) {
        if (r->parts[i].too_large) return REFUSE_too_large;
    }
    return REFUSE_nothing_to_share;
}

int redact(Arena *a, const Request *request, const Item *items, size_t item_count,
           const Policy *policies, size_t policy_count, Redacted *ret) {
    _cleanup_(arena_freep) Arena *scratch = arena_new(SCRATCH);
    Redaction r = {
        .arena = a,
        .scratch = scratch,
        .request = request,
        .policies = policies,
        .policy_count = policy_count,
        .items = items,
        .item_count = item_count,
        .plain = arena_array(a, item_count, sizeof(Cut)),
        .whole = arena_array(a, item_count, sizeof(Cut)),
        .parts = arena_array(a, item_count, sizeof(Part)),
        .wanted = arena_array(a, item_count, sizeof(Wanted)),
    };
    *ret = (Redacted){0};
    if (!scratch || arena_failed(a)) return ERR_MEMORY;
    int e = parts_make(&r);
    if (e) return e;
    r.net = net_new(a, request->words, request->word_count,
                    subjects_for(a, request, identifier_scheme(request->recipient_type)),
                    request->subject_count);
    e = redact_items(&r);
    if (e == 0) e = redact_parts(&r);
    return e ? e : redact_product(&r, ret);
}
