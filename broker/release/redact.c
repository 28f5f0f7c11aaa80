/* Items and rules in, a Shareable and the list of cuts out. The one way from inside to outside, so
 * it is built to forget: what is withheld becomes a Cut and, at most, one bit of its owner's
 * section (a signpost is due). The Shareable is made from the released lines and those bits alone
 * (R10).
 *
 * All is done twice, without the owner's authorisation (`plain`) and with it (`whole`); the grants
 * choose, owner by owner, at the end. */
#include "broker/release/outcome.h"
#include "broker/release/persons.h"
#include "broker/release/section.h"

#include <stdlib.h>

enum {
    SCRATCH = 64 << 20, /* at most: a text of NET_MOST, its letters and spans */
    NETS_BYTES = 512 << 20, /* at most */
    NETS_KEEP = 8 << 20     /* more is let go before the next owner's are made */
};

/* What one owner's items come to. */
typedef struct Part {
    Str owner;
    const Item *first;
    const Verdicts *verdicts;
    size_t items;
    bool asked;     /* its word may let more out */
    bool more;      /* and would, of what it is shown */
    const View *view;
    Section plain, whole;
    Section seen; /* the whole, as its owner is shown it; see outcome.h */
    bool granted;   /* the whole leaves, else the plain */
    bool too_large; /* neither: it is too much for one letter */
} Part;

typedef struct Redaction {
    Scales scales;
    Arena *arena, *net_arena;
    Request request;
    const Policy *policies;
    size_t policy_count;
    const Item *items;
    size_t item_count;
    Judged *judged;     /* beside each item */
    Cut *plain, *whole; /* beside each item */
    Part *parts;        /* one an owner, at first in order of arrival */
    size_t part_count;
    Wanted *wanted;
    size_t wanted_count;
} Redaction;

/* ---- the owners ------------------------------------------------------------------------------ */

static Part *part_find(const Redaction *r, Str owner) {
    for (size_t i = 0; i < r->part_count; i++) {
        if (str_eq(r->parts[i].owner, owner)) return &r->parts[i];
    }
    return NULL;
}

static const Verdicts *verdicts_of(const Redaction *r, Str owner) {
    const Request *q = &r->request;
    Question base = {.owner = owner,
                     .recipient = q->recipient,
                     .recipient_type = q->recipient_type,
                     .purpose = q->purpose,
                     .rating = q->rating,
                     .today = q->today};
    return verdicts_compile(r->arena, r->policies, r->policy_count, &base);
}

static Part *part_of(Redaction *r, const Item *item) {
    Part *p = part_find(r, item->owner);
    if (p) return p;
    p = &r->parts[r->part_count++];
    *p = (Part){.owner = item->owner, .first = item, .verdicts = verdicts_of(r, item->owner)};
    return p;
}

static const View *view_of(const Request *q, Str owner) {
    for (size_t i = 0; i < q->view_count; i++) {
        if (str_eq(q->views[i].owner, owner)) return &q->views[i];
    }
    return NULL;
}

static bool part_begin(Redaction *r, Part *p) {
    Section *const all[] = {&p->plain, &p->whole, &p->seen};
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        if (!section_new(r->arena, p->first, p->items, all[i])) return false;
    }
    p->view = view_of(&r->request, p->owner);
    return true;
}

/* One for each owner, with room for all of its lines. One owner has one name and one desk: else a
 * withheld item could choose its section's words. They are the register's, the same whatever is
 * withheld, and nobody is looked for in them: else who called an informant by an agency's name
 * would silence that agency. */
static int parts_make(Redaction *r) {
    for (size_t i = 0; i < r->item_count; i++) {
        const Item *item = &r->items[i];
        Part *p = part_of(r, item);
        if (!p->verdicts) return ERR_MEMORY;
        if (!str_eq(p->first->owner_name, item->owner_name)) return ERR_BROKEN;
        if (!str_eq(p->first->owner_desk, item->owner_desk)) return ERR_BROKEN;
        p->items++;
        r->judged[i] = item_judge(&r->scales, p->verdicts, item);
        p->asked = p->asked || judged_waits(&r->judged[i]);
    }
    for (size_t i = 0; i < r->part_count; i++) {
        if (!part_begin(r, &r->parts[i])) return ERR_MEMORY;
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

/* The owner's word is asked for where, of some item as it is shown that, it would let more out:
 * even where another item says the same already, which may have to stay in for another's sake. */
static int part_settle(Redaction *r, Part *p) {
    section_settle(&p->plain);
    section_settle(&p->whole);
    if (!p->more) return 0;
    section_settle(&p->seen);
    Wanted w = {.owner = p->owner, .section = &p->seen};
    w.rendering = rendering_value(r->arena, &r->request, p->view, &p->seen);
    int e = rendering_digest(r->arena, w.rendering, &w.digest);
    if (e) return e;
    p->granted = grant_given(&r->request, p->owner, &w.digest);
    if (!p->granted) r->wanted[r->wanted_count++] = w;
    return 0;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static void part_add(Redaction *r, Section *s, const Item *item, const Outcome *o) {
    section_add(r->arena, s, item, o->cut.kind, o->text);
    if (o->signposts) section_add(r->arena, s, item, VERDICT_signpost, (Str){0});
}

/* For an owner's words; for what it is shown of them, where it is asked. One that could not be made
 * is NULL, and finds everything. */
typedef struct Nets {
    const Net *words, *own;
} Nets;

static Nets nets_make(const Redaction *r, const Part *p) {
    const Request *q = &r->request;
    const View *v = p->view;
    Nets n = {0};
    if (!v) {
        const Subject *told = subjects_for(r->net_arena, q->subjects, q->subject_count,
                                           identifier_scheme(q->recipient_type));
        n.words = n.own = net_new(r->net_arena, q->words, q->word_count, told, q->subject_count);
        return n;
    }
    n.words = net_new(r->net_arena, v->words, v->word_count, v->named, v->named_count);
    if (p->asked) n.own = net_new(r->net_arena, v->own, v->own_count, v->named, v->named_count);
    return n;
}

static void part_weigh(Redaction *r, Part *p, size_t at, const Nets *nets) {
    const Item *item = &r->items[at];
    Weighed w;
    item_weigh(&r->scales, item, &r->judged[at], p->asked, nets->words, nets->own, &w);
    part_add(r, &p->plain, item, &w.plain);
    part_add(r, &p->whole, item, &w.whole);
    r->plain[at] = w.plain.cut;
    r->whole[at] = w.whole.cut;
    if (!p->asked) return;
    part_add(r, &p->seen, item, &w.seen);
    p->more = p->more || w.more;
}

/* Owner by owner: where one agency has thousands of names searched for, there is room for the nets
 * of one. What is little stays: to give memory back and to fetch it again takes longer. */
static int redact_items(Redaction *r) {
    for (size_t i = 0; i < r->part_count; i++) {
        Part *p = &r->parts[i];
        Nets nets = nets_make(r, p);
        if (arena_failed(r->net_arena)) return ERR_MEMORY;
        for (size_t k = 0; k < r->item_count; k++) {
            if (str_eq(r->items[k].owner, p->owner)) part_weigh(r, p, k, &nets);
        }
        if (arena_used(r->net_arena) > NETS_KEEP) arena_reset(r->net_arena);
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

static const Section *part_section(const Part *p) {
    return p->granted ? &p->whole : &p->plain;
}

/* Who tells something; where nobody does, who gives a signpost. The child is called as they do. */
static int redact_speakers(Redaction *r, Redacted *ret) {
    Str *at = arena_array(r->arena, r->part_count, sizeof(*at));
    if (!at) return ERR_MEMORY;
    for (int told = 1; told >= 0 && ret->speaker_count == 0; told--) {
        for (size_t i = 0; i < r->part_count; i++) {
            const Section *s = part_section(&r->parts[i]);
            bool speaks = told ? s->line_count > 0 : !section_empty(s);
            if (speaks) at[ret->speaker_count++] = r->parts[i].owner;
        }
    }
    ret->speakers = at;
    if (!r->request.known) return 0;
    return heading_make(r->arena, &r->request, at, ret->speaker_count);
}

/* What leaves of each owner, as far as a letter has room; an owner with nothing does not show. */
static int sections_choose(Redaction *r, Section *sections, size_t *count) {
    Room room;
    size_t kept = 0;
    int e = product_room(r->arena, &r->request, &room);
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
                 .reason = kept_reason(KEPT_too_large)};
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
    int e = sections ? redact_speakers(r, ret) : ERR_MEMORY;
    if (e == 0) e = sections_choose(r, sections, &count);
    if (e) return e;
    cuts_choose(r);
    ret->cuts = r->plain;
    ret->wanted = r->wanted;
    ret->wanted_count = r->wanted_count;
    if (count) return product_shareable(r->arena, &r->request, sections, count, &ret->product);
    for (size_t i = 0; i < r->part_count; i++) {
        if (r->parts[i].too_large) return REFUSE_too_large;
    }
    return REFUSE_nothing_to_share;
}

int redact(Arena *a, const Request *request, const Item *items, size_t item_count,
           const Policy *policies, size_t policy_count, Redacted *ret) {
    _cleanup_(arena_freep) Arena *scratch = arena_new(SCRATCH), *net_arena = arena_new(NETS_BYTES);
    Redaction r = {
        .arena = a,
        .net_arena = net_arena,
        .scales = {a, scratch, request->recipient},
        .request = *request,
        .policies = policies,
        .policy_count = policy_count,
        .items = items,
        .item_count = item_count,
        .judged = arena_array(a, item_count, sizeof(Judged)),
        .plain = arena_array(a, item_count, sizeof(Cut)),
        .whole = arena_array(a, item_count, sizeof(Cut)),
        .parts = arena_array(a, item_count, sizeof(Part)),
        .wanted = arena_array(a, item_count, sizeof(Wanted)),
    };
    *ret = (Redacted){0};
    if (!scratch || !net_arena || arena_failed(a)) return ERR_MEMORY;
    int e = parts_make(&r);
    if (e == 0) e = redact_items(&r);
    if (e == 0) e = redact_parts(&r);
    return e ? e : redact_product(&r, ret);
}
